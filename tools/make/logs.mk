# Traces, read with OpenTelemetry's own classes in a virtual environment of their own.
COLLECTOR := target/collector

.PHONY: test-traces

$(COLLECTOR)/requirements.txt: crates/podium/tests/collector/requirements.txt | python-there
	$(python-environment)

test-traces: cargo-there $(COLLECTOR)/requirements.txt
	PODIUM_COLLECTOR_PYTHON=$(abspath $(COLLECTOR))/bin/python \
	  $(CARGO) test --workspace --locked --test process opentelemetry -- --ignored --nocapture
