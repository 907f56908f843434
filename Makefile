# SPDX-License-Identifier: Apache-2.0
# Every target brings what it needs: `make demo` and `make test` work from a clean clone on Debian 12 with Node 20.

CLANG ?= clang
CFLAGS ?= -O2 -g
WARNINGS := -Wall -Wextra -Werror
MULTIARCH := $(shell $(CC) -print-multiarch 2>/dev/null)
COMPILE_BPF = $(CLANG) -O2 -g -target bpf -mcpu=v3 $(WARNINGS) -I/usr/include/$(MULTIARCH)
PIN_DIR ?= /sys/fs/bpf/xlvs
LAB ?= lab

TYPESCRIPT := $(shell find src test vagrant bench -name '*.ts' 2>/dev/null)
C_SOURCES := $(shell find bpf native vagrant bench test -name '*.[ch]' 2>/dev/null)
LAB_OBJECTS := $(patsubst vagrant/%.c,build/%.o,$(wildcard vagrant/*.bpf.c))
GENERATE_ABI := node build/js/src/abi/generate.js
ABI := build/director.bpf.o src/abi/layout.ts bpf/abi.h

# bpftool, ethtool and nft are no user's programs, so not on every PATH
export PATH := $(PATH):/usr/sbin:/sbin

.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

##@ Set-up and build

.PHONY: help
help: ## list the targets
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: packages ## install what is missing: Debian packages (as root) and npm dependencies
	@flock build/.lock sh vagrant/provision/setup.sh node-modules

.PHONY: packages
packages:
	@mkdir -p build
	@flock build/.lock sh vagrant/provision/setup.sh packages

.PHONY: build
build: setup ## compile the packet program, native code and TypeScript, and check the shared layout
	+@flock build/.lock $(MAKE) --no-print-directory artefacts

.PHONY: bpf
bpf: packages ## compile the packet program alone
	+@flock build/.lock $(MAKE) --no-print-directory build/director.bpf.o

.PHONY: artefacts
artefacts: build/director.bpf.o $(LAB_OBJECTS) build/libxlvs.so build/js/.compiled build/.abi-checked
	@:

build/%.bpf.o: bpf/%.bpf.c $(wildcard bpf/*.h)
	@mkdir -p $(@D)
	$(COMPILE_BPF) -c $< -o $@

# What tests and benchmarks are made of beside it; test/*/rules.mk adds to TEST_ARTEFACTS.
include $(wildcard bench/rules.mk test/*/rules.mk)

.PHONY: test-artefacts
test-artefacts: $(TEST_ARTEFACTS)
	@:

build/%.bpf.o: vagrant/%.bpf.c
	@mkdir -p $(@D)
	$(COMPILE_BPF) -c $< -o $@

build/libxlvs.so: $(wildcard native/*.c native/*.h bpf/abi.h bpf/clock.h bpf/hash.h)
	@mkdir -p $(@D)
	$(CC) -std=gnu11 $(CFLAGS) $(WARNINGS) -fPIC -shared $(filter %.c,$^) -o $@ -lbpf -lmnl

build/js/.compiled: $(TYPESCRIPT) tsconfig.json package.json
	@mkdir -p $(@D)
	node_modules/.bin/tsc -p .
	@touch $@

build/.abi-checked: build/director.bpf.o build/js/.compiled
	$(GENERATE_ABI) --check $(ABI)
	@touch $@

.PHONY: abi
abi: setup bpf ## write TypeScript's codecs anew from bpf/abi.h
	-node_modules/.bin/tsc -p .
	$(GENERATE_ABI) $(ABI)

##@ Run

.PHONY: load
load: build privileged ## attach and pin the program with empty tables: make load INTERFACES="eth0 eth1"
	@[ -n "$(INTERFACES)" ] || { echo 'make load: name the interfaces: make load INTERFACES="eth0 eth1"' >&2; exit 2; }
	bin/xlvsd load --interfaces "$(INTERFACES)" --pin-dir "$(PIN_DIR)"

.PHONY: unload
unload: build privileged ## detach the program and remove its maps
	bin/xlvsd unload --pin-dir "$(PIN_DIR)"

.PHONY: demo
demo: build privileged ## a director, three web servers and a client: watch it balance, change and survive
	@node build/js/vagrant/demo.js

.PHONY: lab
lab: build privileged ## leave the demo's network up for exploring
	@node build/js/vagrant/command.js up $(LAB)

.PHONY: lab-down
lab-down: build privileged ## remove every trace of it
	@node build/js/vagrant/command.js down $(LAB)

# bpffs is where programs, maps and links are pinned; systemd mounts it, a bare container does not.
.PHONY: privileged
privileged:
	@[ "$$(id -u)" = 0 ] || { echo "make: this target attaches programs and makes network namespaces: run it as root" >&2; exit 1; }
	@mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf

##@ Check

.PHONY: test
test: build privileged ## all three tiers: pure, packets, network (TIERS="pure packets" for some)
	+@flock build/.lock $(MAKE) --no-print-directory test-artefacts
	@node build/js/test/run.js $(TIERS)

.PHONY: bench
bench: build privileged ## nanoseconds a packet, packets a second, floods, and the controller's own times
	+@flock build/.lock $(MAKE) --no-print-directory bench-artefacts
	@node build/js/bench/main.js $(if $(QUICK),--quick)

.PHONY: flood
flood: build privileged ## long: 10 s of each flood beside real transfers, at two sizes of the table
	+@flock build/.lock $(MAKE) --no-print-directory flood-artefacts
	@node build/js/test/network/flood_command.js $(SECONDS)

.PHONY: soak
soak: build privileged ## long: a gigabyte each way by each family through NAT while weights change (MEGABYTES=1024)
	@node build/js/test/network/soak_command.js $(MEGABYTES)

.PHONY: lint
lint: build ## types, style, dead code; format and layout as committed
	node_modules/.bin/biome check --error-on-warnings .
	node build/js/test/runner/check_promises.js
	node_modules/.bin/knip
	clang-format --dry-run -Werror $(C_SOURCES)

.PHONY: format
format: setup ## rewrite every source file in the project's style
	node_modules/.bin/biome check --write .
	clang-format -i $(C_SOURCES)

.PHONY: matrix
matrix: build ## write the README's table of what is forwarded how anew
	@node build/js/test/network/matrix_command.js README.md

.PHONY: abi-check
abi-check: build ## fail if TypeScript's codecs are not what bpf/abi.h says
	@$(GENERATE_ABI) --check $(ABI)

.PHONY: clean
clean: ## remove what was built, not what was installed
	rm -rf build .tap
