# Every target says what is missing and how to get it.

CARGO ?= cargo
RELEASE := target/release/podium

.PHONY: help demo run build test test-real lint fmt bench openapi cargo-there

help:
	@echo 'make demo       a simulated gateway and Podium in one process, nothing to configure'
	@echo 'make run        Podium for the gateway in LITELLM_BASE_URL and LITELLM_API_KEY (or .env)'
	@echo 'make test       all tests'
	@echo 'make test-real  every figure against the real gateway in the same two variables'
	@echo 'make lint       formatting and lints'
	@echo 'make fmt        format the source'
	@echo 'make bench      latency and throughput, as ratios to a static answer'
	@echo 'make openapi    write openapi.json anew'

cargo-there:
	@command -v $(CARGO) >/dev/null || { \
	  echo 'Rust is missing. Get it from https://rustup.rs, then open a new shell.'; exit 1; }
	@command -v cc >/dev/null || { \
	  echo 'A C compiler is missing (SQLite is built from source). On Debian: apt-get install gcc'; exit 1; }

build: cargo-there
	$(CARGO) build --release --locked --bin podium

demo: build
	$(RELEASE) demo

run: build
	$(RELEASE) serve

test: cargo-there
	@if $(CARGO) nextest --version >/dev/null 2>&1; then \
	  $(CARGO) nextest run --workspace --locked; \
	else \
	  echo 'cargo-nextest is not installed (cargo install cargo-nextest --locked); using cargo test'; \
	  $(CARGO) test --workspace --locked; \
	fi

test-real: cargo-there
	@test -n "$$LITELLM_BASE_URL" || { \
	  echo 'LITELLM_BASE_URL is missing: the URL of a real gateway, such as http://127.0.0.1:4000'; exit 1; }
	@test -n "$$LITELLM_API_KEY" || { \
	  echo 'LITELLM_API_KEY is missing: an admin key of that gateway'; exit 1; }
	$(CARGO) test -p podium --locked --test real -- --ignored --nocapture

lint: cargo-there
	@$(CARGO) fmt --version >/dev/null 2>&1 || { \
	  echo 'rustfmt is missing: rustup component add rustfmt'; exit 1; }
	@$(CARGO) clippy --version >/dev/null 2>&1 || { \
	  echo 'clippy is missing: rustup component add clippy'; exit 1; }
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings

fmt: cargo-there
	$(CARGO) fmt --all

bench: cargo-there
	$(CARGO) bench -p podium --locked --bench answers

openapi: cargo-there
	$(CARGO) run --quiet --locked --bin podium -- openapi > openapi.json
