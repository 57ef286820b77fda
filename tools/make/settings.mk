# The tables of settings in README.md and docs/CONFIGURATION.md, made of the code.

.PHONY: settings

settings: cargo-there
	PODIUM_SETTINGS=write $(CARGO) test --workspace --locked --lib --quiet config::registry::tables
