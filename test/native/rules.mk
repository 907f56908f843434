# SPDX-License-Identifier: Apache-2.0
# The C tests: with address and undefined-behaviour sanitizers, since a fault in them may be one of native/ or bpf/.

NATIVE_TESTS := $(addprefix build/test/,interleave stress table)
TEST_ARTEFACTS += $(NATIVE_TESTS)
# clang, for it builds bpf/ too, and that is what interleave runs in user space.
COMPILE_TEST := $(CLANG) -std=gnu11 -O1 -g $(WARNINGS) -fsanitize=address,undefined -fno-sanitize-recover=undefined

build/test/interleave: $(addprefix build/test/,interleave.o explore.o table_in_steps.o native_listeners.o)
build/test/stress: build/test/stress.o build/test/loaded.o build/test/native_table.o build/test/native_process.o
build/test/table: $(addprefix build/test/,table.o native_table.o native_process.o native_indices.o)

$(NATIVE_TESTS):
	$(COMPILE_TEST) $^ -o $@ -lbpf -lpthread

build/test/%.o: test/native/%.c $(wildcard test/native/*.h test/native/userspace/bpf/*.h native/table.h bpf/*)
	@mkdir -p $(@D)
	$(COMPILE_TEST) -c $< -o $@

build/test/interleave.o: COMPILE_TEST += -Itest/native/userspace

build/test/native_%.o: native/%.c native/table.h native/shim.h bpf/abi.h bpf/clock.h
	@mkdir -p $(@D)
	$(COMPILE_TEST) -c $< -o $@

build/test/table_in_steps.o: native/table.c native/table.h bpf/abi.h bpf/clock.h test/native/steps_table.h
	@mkdir -p $(@D)
	$(COMPILE_TEST) -include test/native/steps_table.h -c $< -o $@

# It goes from stack to stack, which the sanitizer takes for an accident.
build/test/explore.o: COMPILE_TEST := $(filter-out -fsanitize=address%,$(COMPILE_TEST)) -O2
