# Every target brings what is missing, or says how to get it.

CARGO ?= cargo
NPM ?= npm
RELEASE := target/release/podium
READERS := target/readers
PAGE := ui/dist/index.html
PAGE_SOURCES := $(shell find ui/src ui/index.html ui/package-lock.json ui/vite.config.ts -type f 2>/dev/null)

.PHONY: help demo run build page test test-tools test-rust test-page test-browser test-readers test-sign-on \
  test-leaks test-instructions valgrind-there test-long test-real lint fmt bench openapi cargo-there npm-there browser-there python-there

help:
	@echo 'make demo       a simulated gateway and Podium in one process, nothing to configure'
	@echo 'make run        Podium for the gateway in LITELLM_BASE_URL and LITELLM_API_KEY (or .env)'
	@echo 'make test       all tests: Rust, the page in a browser, files as Python and DuckDB read them,'
	@echo '                signing on at a real provider, metrics as Prometheus and traces as OpenTelemetry'
	@echo '                read them, every command of the documentation, the document of the API as'
	@echo '                schemathesis asks it, packages, and instructions of what every question goes through'
	@echo 'make test-long  the random histories, stores, kills and flipped bits, many more of them'
	@echo 'make test-at    Rust and browser tests as if it were a few minutes into tomorrow; AT=... is another time'
	@echo 'make test-leaks leaks planted in a copy of the sources: the canary test finds each'
	@echo 'make test-real  every figure against the real gateway in the same two variables'
	@echo 'make fuzz       whatever strangers send, made up by libFuzzer, ten minutes each target'
	@echo 'make lint       formatting, lints, types, dependencies, scripts'
	@echo 'make fmt        format the source'
	@echo 'make audit      known faults in dependencies'
	@echo 'make dist       what is published, in target/dist; make test-packages tries it'
	@echo 'make bench      latency and throughput, as ratios to a static answer'
	@echo 'make openapi    write openapi.json and the page'"'"'s types of it anew'
	@echo 'make settings   write the tables of settings anew; make screenshots, make book: pictures, pages'

# What is missing is brought where that is allowed; otherwise the one command for it is said.
cargo-there:
	@tools/bring rust cc

npm-there:
	@tools/bring node

browser-there:
	@tools/bring chromium

python-there:
	@tools/bring python

# Without Node.js Podium is built all the same; its page then says how to get the real one.
page:
	@if tools/bring node; then $(MAKE) --no-print-directory $(PAGE); else \
	  echo 'Node.js is missing, so the page is left out (https://nodejs.org).'; fi

ui/node_modules/.package-lock.json: ui/package-lock.json
	cd ui && $(NPM) ci --no-audit --no-fund

$(PAGE): ui/node_modules/.package-lock.json $(PAGE_SOURCES)
	cd ui && $(NPM) run build
	@touch $@

build: cargo-there page
	$(CARGO) build --release --locked --bin podium

demo: build
	$(RELEASE) demo

run: build
	$(RELEASE) serve

test: test-tools test-rust test-page test-browser test-readers test-docs test-sign-on test-traces \
  test-prometheus test-schema test-packing test-instructions

test-tools:
	tools/bring.test

test-rust: cargo-there page
	@if $(CARGO) nextest --version >/dev/null 2>&1; then \
	  $(CARGO) nextest run --workspace --locked --no-fail-fast; \
	else \
	  echo 'cargo-nextest is not installed (cargo install cargo-nextest --locked); using cargo test'; \
	  $(CARGO) test --workspace --locked --no-fail-fast; \
	fi

test-page: npm-there ui/node_modules/.package-lock.json
	cd ui && $(NPM) run check && $(NPM) run types:check

e2e/node_modules/.package-lock.json: e2e/package-lock.json
	cd e2e && $(NPM) ci --no-audit --no-fund

# With tests, since these want more of some libraries: without, most would be built once more.
test-browser: cargo-there npm-there browser-there $(PAGE) e2e/node_modules/.package-lock.json
	$(CARGO) build --locked --workspace --bins --tests
	cd e2e && PODIUM_BIN=../target/debug/podium env $(PODIUM_TESTS_CLOCK) $(NPM) test

# A virtual environment beside its list of packages, made anew where that changes.
define python-environment
python3 -m venv --clear $(@D)
$(@D)/bin/pip install --quiet --disable-pip-version-check $(PIP_OPTIONS) --requirement $<
@cp $< $@
endef

# pyarrow, pandas, polars and DuckDB in a virtual environment of their own.
$(READERS)/requirements.txt: crates/podium/tests/readers/requirements.txt | python-there
	$(python-environment)

test-readers: cargo-there $(READERS)/requirements.txt
	PODIUM_READERS_PYTHON=$(abspath $(READERS))/bin/python \
	  $(CARGO) test --workspace --locked --test process readers -- --ignored --nocapture

# Signing on at a provider that people use, which needs Node.js alone and no browser.
test-sign-on: cargo-there npm-there e2e/node_modules/.package-lock.json
	$(CARGO) test --workspace --locked --test it sign_on::real -- --ignored --nocapture

valgrind-there:
	@tools/bring valgrind

# Instructions of the paths that every question goes through, beside those that are written down. Podium
# is optimised as in a release, and what it stands on is as the tests have built it: that saves minutes,
# and the counts are the same to a fiftieth.
OPTIMISED := $(foreach setting,opt-level=3 debug-assertions=false overflow-checks=false,\
  --config profile.dev.package.podium.$(setting))

test-instructions: cargo-there valgrind-there
	$(CARGO) $(OPTIMISED) bench --workspace --locked --bench instructions --profile dev

# Some minutes: each leak is built, and asked everything.
test-leaks: cargo-there
	tools/leaks

test-long: cargo-there
	PODIUM_HISTORIES=10000 $(CARGO) test -p podium --locked --test it histories
	PODIUM_KILLS=200 $(CARGO) test -p podium --locked --test process survival
	PODIUM_LOAD=1 $(CARGO) test -p podium --locked --release --test process load -- --nocapture
	PODIUM_FLIPS=1000 $(CARGO) test -p podium --locked --lib flip_tests
	PODIUM_CONFORMANCE=50 $(CARGO) test -p podium --locked --release --lib conformance
	PODIUM_EXPORT_ROWS=10000000 $(CARGO) test -p podium --locked --release --lib files_of_any_length \
	  -- --nocapture

# One test after the other: signing in makes and deletes teams, by which figures are compared.
test-real: cargo-there
	@test -n "$$LITELLM_BASE_URL" || { \
	  echo 'LITELLM_BASE_URL is missing: the URL of a real gateway, such as http://127.0.0.1:4000'; exit 1; }
	@test -n "$$LITELLM_API_KEY" || { \
	  echo 'LITELLM_API_KEY is missing: an admin key of that gateway'; exit 1; }
	$(CARGO) test -p podium --locked --test real -- --ignored --nocapture --test-threads=1

lint: cargo-there lint-dependencies lint-docs lint-page lint-scripts lint-python lint-forges
	@tools/bring rustfmt clippy
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings

fmt: cargo-there fmt-page fmt-python
	$(CARGO) fmt --all

# Without Python there is no DuckDB to compare with, and the bench goes on.
bench: cargo-there
	-@tools/bring python && $(MAKE) --no-print-directory $(READERS)/requirements.txt
	@if test -e $(READERS)/requirements.txt; then \
	  export PODIUM_BENCH_PYTHON=$(abspath $(READERS))/bin/python; fi; \
	$(CARGO) bench -p podium --locked --bench answers

openapi: cargo-there
	$(CARGO) run --quiet --locked --bin podium -- openapi > openapi.json
	@if test -d ui/node_modules; then cd ui && $(NPM) run types; fi

# Targets of packaging, documentation and upkeep, one file each.
include $(sort $(wildcard tools/make/*.mk))
