# Halley from a fresh machine: `make run` starts a gateway to play with, `make test` proves the tree.
# Both first install the Debian packages that are missing (sudo when not root) and then build; nothing else comes before.

.DEFAULT_GOAL := help

PYTEST := .build/venv/bin/python -m pytest Tests/Integration
RELEASE_BUILD := swift build -c release --static-swift-stdlib

# Sources that the formatter and the linter look at.
SWIFT_SOURCES := Sources Tests loadtest Package.swift

# A recipe with several lines stops at the first that fails, and so does make.
.PHONY: help
help:
	@echo 'make run          build and start a gateway for development: halleyd --dev'
	@echo 'make test         lint, unit tests, integration (twice) and the TLS findings'
	@echo 'make build        the release programs, in .build/release'
	@echo 'make integration  the integration suite against the release daemon'
	@echo 'make conformance  TLS and RFC 6455 judged by tools from outside (Autobahn wants root and a while)'
	@echo 'make sanitize     unit and integration tests under thread and address sanitizer'
	@echo 'make format       format the Swift sources;  make lint: check them'

# Release, as shipped; only the daemon and its tool, for the shortest way to the first chat.
.PHONY: run
run: dependencies-run
	$(RELEASE_BUILD) --product halleyctl
	$(RELEASE_BUILD) --product halleyd
	.build/release/halleyd --dev

# The whole suite. One debug build for the unit tests, one release build for everything that runs the daemon.
# The order is that of speed: what fails cheaply fails first.
.PHONY: test
test: dependencies-test
	$(MAKE) --no-print-directory lint
	$(MAKE) --no-print-directory unit
	$(MAKE) --no-print-directory integration
	Tests/Conformance/tls.sh

.PHONY: build
build: dependencies-run
	$(RELEASE_BUILD)

.PHONY: unit
unit: dependencies-run
	swift build --build-tests
	swift test --skip-build

# Once as this machine's cores would have it, once with several shards and workers whatever the cores: a rule that
# holds on one shard only is no rule.
.PHONY: integration
integration: dependencies-test build
	$(PYTEST)
	HALLEY_SERVER_SHARDS=3 HALLEY_SERVER_WORKERS=3 $(PYTEST)

# Each script starts its own program from .build/release, prints its findings and exits non-zero on any.
.PHONY: conformance
conformance: dependencies-test build
	Tests/Conformance/tls.sh
	SCHEMA_EXAMPLES=100 SCHEMA_SEED=$$(date +%s) $(PYTEST)/test_openapi.py
	$(if $(filter 0,$(shell id -u)),,sudo) Tests/Conformance/autobahn.sh

# Each sanitizer builds into a directory of its own, so that switching costs no rebuild. Thread first: it finds more here.
# BudgetTests measure the memory of a build that no sanitizer has swollen.
.PHONY: sanitize
sanitize: dependencies-test
	mkdir -p .build/tsan
	clang -shared -fPIC -O1 -Wall -Werror -o .build/tsan/mutex.so Tests/Sanitizers/mutex.c
	$(MAKE) --no-print-directory sanitize-one SANITIZER=thread SCRATCH=.build/tsan PRELOAD=$(CURDIR)/.build/tsan/mutex.so
	$(MAKE) --no-print-directory sanitize-one SANITIZER=address SCRATCH=.build/asan

.PHONY: sanitize-one
sanitize-one:
	swift build --build-tests --sanitize=$(SANITIZER) --scratch-path $(SCRATCH)
	LSAN_OPTIONS=suppressions=Tests/Sanitizers/leaks.txt LD_PRELOAD=$(PRELOAD) \
		swift test --skip-build --sanitize=$(SANITIZER) --scratch-path $(SCRATCH) --skip BudgetTests
	TEST_DEADLINE=60 DAEMON_PRELOAD=$(PRELOAD) HALLEYD=$(SCRATCH)/debug/halleyd \
		HALLEY_SERVER_SHARDS=3 HALLEY_SERVER_WORKERS=3 $(PYTEST)

.PHONY: format
format:
	swift format format --in-place --recursive $(SWIFT_SOURCES)

.PHONY: lint
lint:
	swift format lint --strict --recursive $(SWIFT_SOURCES)

.PHONY: dependencies-run dependencies-test
dependencies-run:
	@deploy/install-dependencies.sh --run
dependencies-test:
	@deploy/install-dependencies.sh --test
