# Metrics as Prometheus itself takes them: Debian's, in front of a Podium that lives through a day.

.PHONY: test-prometheus prometheus-there

prometheus-there:
	@tools/bring prometheus

# Rules and an example configuration by promtool, then a real Prometheus that scrapes.
test-prometheus: cargo-there prometheus-there
	tools/prometheus-rules
	$(CARGO) test --workspace --locked --test it metrics::real -- --ignored --nocapture
