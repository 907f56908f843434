# SPDX-License-Identifier: Apache-2.0
# The flood's generator, clients from far away beside it, and the counting of a pinned connection table.

FLOOD_ARTEFACTS := build/test/flood build/test/handshakes build/test/flood.bpf.o build/bench/census
TEST_ARTEFACTS += $(FLOOD_ARTEFACTS)

.PHONY: flood-artefacts
flood-artefacts: $(FLOOD_ARTEFACTS)
	@:

build/test/flood build/test/handshakes: build/test/%: test/network/%.c bench/object.c bench/object.h bench/job.h
	@mkdir -p $(@D)
	$(CC) -std=gnu11 $(CFLAGS) $(WARNINGS) $(filter %.c,$^) -o $@ -lbpf

build/test/flood.bpf.o: test/network/flood.bpf.c bench/generate.h bench/job.h
	@mkdir -p $(@D)
	$(COMPILE_BPF) -c $< -o $@

build/bench/census: bench/census.c bench/object.c bench/object.h bpf/abi.h
	@mkdir -p $(@D)
	$(CC) -std=gnu11 $(CFLAGS) $(WARNINGS) $(filter %.c,$^) -o $@ -lbpf
