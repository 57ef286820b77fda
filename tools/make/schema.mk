# Everything that openapi.json says, asked of demos by schemathesis.

SCHEMA := target/schema

.PHONY: test-schema

$(SCHEMA)/requirements.txt: tools/schema/requirements.txt | python-there
	$(python-environment)

# With tests, as for the browser: both have the same binary. SCHEMA_OPTIONS are schemathesis's own, such as
# `--seed 1 --max-examples 500` for other and more questions.
test-schema: cargo-there $(SCHEMA)/requirements.txt
	$(CARGO) build --locked --workspace --bins --tests
	$(SCHEMA)/bin/python tools/schema/run.py $(abspath target/debug/podium) $(SCHEMA_OPTIONS)
