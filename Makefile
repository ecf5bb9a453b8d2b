# SPDX-License-Identifier: GPL-2.0-only
#
# Qnet for Linux. `make help` lists what there is.

SHELL	:= /bin/bash
KDIR	?= /lib/modules/$(shell uname -r)/build
PREFIX	?= /usr
BUILD	:= $(CURDIR)/build
STAGE	:= $(BUILD)/stage
LAB	:= $(CURDIR)/selftests/lab

# Kernels of the lab, by name
KERNELS	:= stock 6.12 debug

# What the module is made of, and a module of the tests
SOURCES	:= net include uapi selftests/module

# Options of the module's build, per kernel
MODFLAGS_debug := CONFIG_QNET_KUNIT=y KCOV_INSTRUMENT=y UBSAN_SANITIZE=y

.PHONY: all
all:
	@if [ -d "$(KDIR)" ]; then \
		$(MAKE) --no-print-directory modules; \
	else \
		echo "no headers of the running kernel ($(KDIR)): no module for it;"; \
		echo "  make modules KDIR=...   or, for the lab,   make module-stock"; \
	fi
	@$(MAKE) --no-print-directory user

# ---- The module -----------------------------------------------------------

# Each kernel has a copy of the sources: objects of one kernel are no use to
# another. Only sources are synchronised, so that a build is incremental.
# $(1): name, $(2): KDIR, $(3): more arguments
define build_module
	@mkdir -p $(BUILD)/$(1)
	@rsync -rlptR --delete --exclude='.*' --exclude='*.mod.c' --include='*/' \
		--include='*.[chS]' --include='Makefile' --include='Kbuild' \
		--include='Kconfig*' --exclude='*' \
		$(wildcard $(SOURCES)) $(BUILD)/$(1)/
	@$(MAKE) --no-print-directory -C "$(2)" M=$(BUILD)/$(1)/net/qnet \
		CONFIG_QNET=m $(MODFLAGS_$(1)) $(3) modules
endef

.PHONY: modules
modules:
	$(call build_module,host,$(KDIR))

# flock: two builds in one directory would spoil each other
module-%:
	@[[ " $(KERNELS) " == *" $* "* ]] || { echo "no such kernel: $*"; exit 1; }
	@dir=$$($(LAB)/kernel $*) && mkdir -p $(BUILD)/$* && \
		flock $(BUILD)/$*/.lock $(MAKE) --no-print-directory \
			module-build NAME=$* KDIR="$$dir/build"

.PHONY: module-build
module-build:
	$(call build_module,$(NAME),$(KDIR))
	@$(MAKE) --no-print-directory -C "$(KDIR)" \
		M=$(BUILD)/$(NAME)/selftests/module modules

# ---- The userland ---------------------------------------------------------

# The library first: the tools are linked with it
USERLAND = $(or $(wildcard userspace/Makefile),$(sort $(wildcard \
	userspace/libqnet/Makefile)) $(filter-out userspace/libqnet/Makefile, \
	$(wildcard userspace/*/Makefile)))

# $(1): BUILD, $(2): PREFIX, $(3): DESTDIR
build_userland = @set -e; for m in $(USERLAND); do \
	$(MAKE) --no-print-directory -C "$$(dirname "$$m")" \
		BUILD="$(1)/$$(basename "$$(dirname "$$m")")" \
		PREFIX="$(2)" DESTDIR="$(3)" install; done

.PHONY: user
user:
	$(call build_userland,$(BUILD)/user,$(STAGE),)

# ---- Commands -------------------------------------------------------------

.PHONY: install
install:
	@[ ! -d "$(KDIR)" ] || $(MAKE) --no-print-directory install-module
	$(call build_userland,$(BUILD)/user-install,$(PREFIX),$(DESTDIR))

.PHONY: install-module
install-module: modules
	@$(MAKE) --no-print-directory -C "$(KDIR)" M=$(BUILD)/host/net/qnet \
		$(if $(DESTDIR),INSTALL_MOD_PATH=$(DESTDIR)) modules_install

.PHONY: lint
lint:
	@$(LAB)/setup check
	@selftests/lint

.PHONY: check
check:
	@$(LAB)/setup check
	@selftests/check $(CHECK)

.PHONY: demo
demo:
	@$(LAB)/setup demo
	@selftests/demo/run

.PHONY: bench
bench:
	@$(LAB)/setup bench
	@selftests/bench/run

# What the scripts run in the lab: built here, for in there it takes long.
.PHONY: tests
tests: user ynl
	@$(MAKE) -s -C selftests/api
	@$(MAKE) -s -C selftests/vm
	@$(MAKE) -s -C selftests/fuzz
	@$(MAKE) -s -C selftests/matrix
	@$(MAKE) -s -C selftests/stream
	@$(MAKE) -s -C selftests/ends
	@$(MAKE) -s -C selftests/ynl

# The kernel's own netlink client; what needs it is skipped if it cannot be had.
.PHONY: ynl
ynl:
	@dir=$$($(LAB)/kernel ynl) && mkdir -p $(BUILD) && \
		ln -sfn "$$dir" $(BUILD)/ynl || :

# The header of the netlink family, after a change of its spec
.PHONY: uapi-header
uapi-header: ynl
	@selftests/unit/netlink-header write

.PHONY: qnx-programs
qnx-programs: module-stock user
	@selftests/qnx-programs/fetch
	@$(LAB)/lab -n 1 -t 600 selftests/qnx-programs/run.sh

.PHONY: soak
soak:
	@$(LAB)/setup check
	@selftests/soak/run

.PHONY: clean
clean:
	rm -rf $(BUILD)

.PHONY: help
help:
	@echo 'make                  the module for the running kernel (KDIR=$(KDIR)),'
	@echo '                      and the userland, into build/'
	@echo 'make modules KDIR=... the module for the kernel whose headers are in KDIR'
	@echo 'make module-stock     the module for the lab: Debian 12'"'"'s own kernel,'
	@echo 'make module-6.12      the one of its backports,'
	@echo 'make module-debug     one with KASAN, lockdep and KUnit'
	@echo 'make user             the userland, into build/stage'
	@echo 'make tests            the programs of the tests'
	@echo 'make install          into PREFIX=/usr, below DESTDIR='
	@echo 'make demo             two virtual machines on a cable: the story'
	@echo 'make check            all tests; the last line counts them'
	@echo '                      (CHECK="-k stock -t NAME": some of them)'
	@echo 'make lint             checkpatch, sparse, W=1, kernel-doc, cppcheck'
	@echo 'make bench            the benchmark, side by side with others'
	@echo 'make soak             the long tests'
	@echo 'make qnx-programs     public QNX programs, fetched, compiled unedited and run'
	@echo 'make clean            removes build/'
	@echo
	@echo 'Packages that are missing are named and installed (selftests/lab/setup).'
	@echo 'Kernels are kept in $${QNET_CACHE:-~/.cache/qnet}.'
