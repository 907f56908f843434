# SPDX-License-Identifier: Apache-2.0
# What `make bench` runs, beside the project's own artefacts.

BENCH_PROGRAMS := $(addprefix build/bench/,packet forward flood)
BENCH_OBJECTS := $(addprefix build/bench/,wrapper.bpf.o lru.bpf.o live.bpf.o)
BENCH_SHARED := $(addprefix bench/,director.c object.c measured.c) native/listeners.c
BENCH_TRAFFIC := bench/traffic.c bench/generator.c

.PHONY: bench-artefacts
bench-artefacts: $(BENCH_PROGRAMS) $(BENCH_OBJECTS)

build/bench/packet: bench/packet.c bench/packet_report.c $(BENCH_TRAFFIC) $(BENCH_SHARED)
build/bench/flood: bench/flood.c $(BENCH_TRAFFIC) $(BENCH_SHARED)
build/bench/forward: bench/forward.c bench/forward_report.c bench/lane.c bench/conntrack.c $(BENCH_SHARED)

$(BENCH_PROGRAMS): $(wildcard bench/*.h native/listeners.h bpf/*.h)
	@mkdir -p $(@D)
	$(CC) -std=gnu11 $(CFLAGS) $(WARNINGS) $(filter %.c,$^) -o $@ -lbpf

build/bench/%.bpf.o: bench/%.bpf.c $(wildcard bench/*.h bpf/*.[ch])
	@mkdir -p $(@D)
	$(COMPILE_BPF) -c $< -o $@
