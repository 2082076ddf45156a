# Everything that people do with this repository. A fresh machine needs Rust, Go, a C compiler and make.

.DEFAULT_GOAL := help
.PHONY: help demo test test-exhaustive lint generate bench clean

SHELL := bash
.SHELLFLAGS := -euo pipefail -c

TARGET := $(or $(CARGO_TARGET_DIR),target)
PROGRESS := tests/progress.sh
DENY_VERSION := 0.20.2
TOOLS := $(abspath $(TARGET)/tools)

help: ## Show this text
	@echo "Usage: make TARGET"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: control-plane tools ## Tell the whole story on a real control plane; KEEP=1 leaves it running until Ctrl-C
	@$(PROGRESS) "build: operator, simulators, demo" cargo build --workspace --bins
	@exec $(TARGET)/debug/demo --operator $(TARGET)/debug/user-invitation-operator $(if $(KEEP),--keep)

test: control-plane tools ## Run every test: units, schema, vendors, then against a real API server with faults
	@$(PROGRESS) "test: build" cargo test --workspace --no-run
	@$(PROGRESS) "test: units" cargo test --workspace --lib --bins
	@# Most of these tests wait for something, so more of them run at once than there are cores.
	@$(PROGRESS) "test: programs below tests/" env RUST_TEST_THREADS=6 cargo test --workspace --test '*'
	@$(PROGRESS) "test: examples in the documentation" cargo test --workspace --doc
	@echo "test: everything passed"

test-exhaustive: export EXHAUSTIVE := 1
test-exhaustive: test ## Run every test, with the whole enumeration of faults

generate: ## Write everything that is generated: crds/, docs/reasons.md, and parts of charts/
	@$(PROGRESS) "generate: crds/, docs/reasons.md, charts/" env REWRITE_GENERATED=1 cargo test --test schema fresh::

bench: control-plane tools ## Measure what the operator costs; writes bench/results.json below the target folder
	@$(PROGRESS) "build: operator (release)" cargo build --release --bin user-invitation-operator
	@$(PROGRESS) "build: benchmark" cargo build -p test-rig --bin bench
	@exec $(TARGET)/debug/bench --operator $(TARGET)/release/user-invitation-operator --output $(TARGET)/bench

lint: ## Check format, lints, documentation, dependencies and the Go module
	@cargo fmt --all --check
	@$(PROGRESS) "lint: clippy" cargo clippy --workspace --all-targets --locked -- -D warnings
	@RUSTDOCFLAGS="-D warnings" $(PROGRESS) "lint: documentation" cargo doc --workspace --no-deps --document-private-items
	@cd tests/control-plane && ../progress.sh "lint: go vet" go vet ./...
	@$(TOOLS)/bin/cargo-deny --version 2>/dev/null | grep -qF "$(DENY_VERSION)" || \
		$(PROGRESS) "lint: install cargo-deny" cargo install --locked --debug --root $(TOOLS) cargo-deny@$(DENY_VERSION)
	@$(PROGRESS) "lint: dependencies" $(TOOLS)/bin/cargo-deny --workspace check bans licenses sources

clean: ## Remove everything that was built
	cargo clean
	rm -rf tests/control-plane/bin tests/tools/bin

.PHONY: control-plane tools
control-plane:
	@tests/control-plane/build.sh
tools:
	@tests/tools/build.sh
