# SPDX-License-Identifier: Apache-2.0
# What `make bench` runs, beside the project's own artefacts.

BENCH_PROGRAMS := $(addprefix build/bench/,packet forward flood fill watch)
BENCH_OBJECTS := $(addprefix build/bench/,wrapper.bpf.o lru.bpf.o live.bpf.o)
BENCH_SHARED := $(addprefix bench/,director.c site.c counts.c object.c measured.c) native/listeners.c
BENCH_TRAFFIC := bench/traffic.c bench/generator.c

.PHONY: bench-artefacts
bench-artefacts: $(BENCH_PROGRAMS) $(BENCH_OBJECTS) build/bench/census before

build/bench/packet: bench/packet.c bench/packet_options.c bench/packet_report.c bench/contestant.c
build/bench/packet: $(BENCH_TRAFFIC) $(BENCH_SHARED)
build/bench/flood: bench/flood.c $(BENCH_TRAFFIC) $(BENCH_SHARED)
build/bench/fill: bench/fill.c $(BENCH_TRAFFIC) $(BENCH_SHARED)
build/bench/watch: bench/watch.c bench/object.c
build/bench/forward: $(addprefix bench/forward,.c _check.c _report.c) $(BENCH_SHARED)
build/bench/forward: $(addprefix bench/,lane.c receiver.c distance.c conntrack.c)

$(BENCH_PROGRAMS): $(wildcard bench/*.h bpf/*.h native/listeners.h)
	@mkdir -p $(@D)
	$(CC) -std=gnu11 $(CFLAGS) $(WARNINGS) $(filter %.c,$^) -o $@ -lbpf

build/bench/%.bpf.o: bench/%.bpf.c $(wildcard bench/*.h bpf/*.[ch])
	@mkdir -p $(@D)
	$(COMPILE_BPF) -c $< -o $@

# The packet program of the last commit before NAT and IPv6, out of the history, to be measured beside today's.
BEFORE := 4ceac8f

.PHONY: before
before:
	@if git cat-file -e $(BEFORE)^{commit} 2>/dev/null; then $(MAKE) --no-print-directory build/before/director.bpf.o; \
	else rm -rf build/before; echo "bench: commit $(BEFORE) is not in this copy's history: its packet program is left out"; fi

build/before/director.bpf.o:
	@mkdir -p $(@D)
	git archive $(BEFORE) bpf | tar -x -C $(@D)
	$(COMPILE_BPF) -c $(@D)/bpf/director.bpf.c -o $@
