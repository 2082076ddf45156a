# Everything that people do with this repository. A fresh machine needs Rust, Go, a C compiler and make.

.DEFAULT_GOAL := help
.PHONY: help demo test test-exhaustive lint audit advisories generate bench image-check docs clean

SHELL := bash
.SHELLFLAGS := -euo pipefail -c

# What tests and lints see beside the operator as it is by default: the kubectl plugin, and traces.
FEATURES := plugin,otlp
TARGET := $(or $(CARGO_TARGET_DIR),target)
PROGRESS := tests/progress.sh
DENY_VERSION := 0.20.2
TOOLS := $(abspath $(TARGET)/tools)
CHART := user-invitation-operator
CHECKOV := $(TOOLS)/python/audit/bin/checkov --config-file tests/tools/audit/checkov.yaml

help: ## Show this text
	@echo "Usage: make TARGET"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: control-plane tools ## Tell the whole story on a real control plane; KEEP=1 leaves it running until Ctrl-C
	@$(PROGRESS) "build: operator, plugin, simulators, demo" cargo build --workspace --features plugin --bins
	@exec $(TARGET)/debug/demo --operator $(TARGET)/debug/user-invitation-operator --plugin $(TARGET)/debug/kubectl-invite $(if $(KEEP),--keep)

test: control-plane tools promtool ## Run every test: units, schema, vendors, then against a real API server with faults
	@$(PROGRESS) "test: build" cargo test --workspace --features $(FEATURES) --no-run
	@$(PROGRESS) "test: units" cargo test --workspace --features $(FEATURES) --lib --bins
	@# Most of these tests wait for something, so more of them run at once than there are cores.
	@$(PROGRESS) "test: programs below tests/" env RUST_TEST_THREADS=6 cargo test --workspace --features $(FEATURES) --test '*'
	@$(PROGRESS) "test: examples in the documentation" cargo test --workspace --features $(FEATURES) --doc
	@echo "test: everything passed"

test-exhaustive: export EXHAUSTIVE := 1
test-exhaustive: test ## Run every test, with the whole enumeration of faults

generate: ## Write everything that is generated: crds/, references in docs/, and parts of charts/
	@$(PROGRESS) "generate: crds/, docs/, charts/" env REWRITE_GENERATED=1 cargo test --test schema fresh::

bench: control-plane tools ## Measure what the operator costs and takes, or OPERATOR=FILE; results are in bench/ below the target folder
	@$(if $(OPERATOR),,$(PROGRESS) "build: operator (release)" cargo build --release --bin user-invitation-operator)
	@# Optimized, too: it shares the machine with what it measures, and is what the operator is compared with.
	@$(PROGRESS) "build: benchmark" cargo build --release -p test-rig --bin bench
	@exec $(TARGET)/release/bench --operator $(or $(OPERATOR),$(TARGET)/release/user-invitation-operator) --output $(TARGET)/bench

lint: cargo-deny tools ## Check format, lints, documentation, dependencies, the Go module and the workflows
	@cargo fmt --all --check
	@$(PROGRESS) "lint: clippy" cargo clippy --workspace --all-targets --features $(FEATURES) --locked -- -D warnings
	@RUSTDOCFLAGS="-D warnings" $(PROGRESS) "lint: documentation" cargo doc --workspace --features $(FEATURES) --no-deps --document-private-items
	@cd tests/control-plane && ../progress.sh "lint: go vet" go vet ./...
	@$(PROGRESS) "lint: dependencies" $(TOOLS)/bin/cargo-deny --workspace check bans licenses sources
	@$(PROGRESS) "lint: workflows" tests/tools/bin/actionlint .github/workflows/*.yaml

audit: tools $(TOOLS)/python/audit/installed ## Hold chart, Dockerfile and workflows against checkov's rules; needs Python 3.11
	@rm -rf $(TARGET)/audit && mkdir -p $(TARGET)/audit
	@tests/tools/bin/helm template $(CHART) charts/$(CHART) --namespace $(CHART) --values tests/tools/audit/values.yaml \
		> $(TARGET)/audit/everywhere.yaml
	@tests/tools/bin/helm template $(CHART) charts/$(CHART) --namespace $(CHART) --values tests/tools/audit/values.yaml \
		--set watchNamespaces='{team-a,team-b}',clusterProviders.enabled=false > $(TARGET)/audit/two-namespaces.yaml
	@$(CHECKOV) --framework kubernetes --directory $(TARGET)/audit
	@$(CHECKOV) --framework dockerfile --file Dockerfile
	@$(CHECKOV) --framework github_actions --directory .github

advisories: cargo-deny ## Check the dependencies against RustSec's advisories, which are fetched from GitHub
	@$(PROGRESS) "advisories" $(TOOLS)/bin/cargo-deny --workspace check advisories

image-check: $(TOOLS)/python/image/installed ## Lint the Dockerfile and run its build without an engine; needs musl-tools and Python 3.11
	@$(PROGRESS) "image-check: hadolint" $(<D)/bin/hadolint Dockerfile
	@$(PROGRESS) "image-check: build" tests/image/build.py

docs: $(TOOLS)/python/docs/installed ## Build docs/ as a site, below the target folder; needs Python 3.11
	@$(PROGRESS) "docs" $(<D)/bin/mkdocs build --strict --site-dir $(abspath $(TARGET))/site

clean: ## Remove everything that was built
	cargo clean
	rm -rf tests/control-plane/bin tests/tools/bin

.PHONY: control-plane tools promtool
control-plane:
	@tests/control-plane/build.sh
tools:
	@tests/tools/build.sh
promtool:
	@tests/tools/build.sh promtool

.PHONY: cargo-deny
cargo-deny:
	@$(TOOLS)/bin/cargo-deny --version 2>/dev/null | grep -qF "$(DENY_VERSION)" || \
		$(PROGRESS) "install cargo-deny" cargo install --locked --debug --root $(TOOLS) cargo-deny@$(DENY_VERSION)

# Tools that come from PyPI, in an environment of their own for each list of pinned versions.
$(TOOLS)/python/%/installed: tests/tools/python/%.txt
	@rm -rf $(@D)
	@$(PROGRESS) "install $<" python3 -m venv $(@D)
	@$(PROGRESS) "install $<" $(@D)/bin/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@
