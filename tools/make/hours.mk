# The tests at another time of day, since the days that they ask about begin and end by the clock.
#
#   make test-at AT='2026-12-01 00:03'     UTC: a few minutes into a day and a month
#   make test-at AT='23:58' HOURS=test-rust
#
# Only the clock of the day is set, and it goes on from there; what is measured in seconds is not touched.

AT ?= tomorrow 00:03
HOURS ?= test-rust test-browser
HOST = $(shell rustc -vV 2>/dev/null | sed -n 's/^host: //p' | tr 'a-z-' 'A-Z_')
FAKETIME_LIBRARY = $(firstword $(wildcard /usr/lib/*/faketime/libfaketimeMT.so.1))

.PHONY: test-at

# Programs are built by the true clock, or everything looks older than it is.
test-at: cargo-there faketime-there
	$(CARGO) build --locked --workspace --bins --tests
	@seconds=$$(($$(date -u -d '$(AT)' +%s) - $$(date +%s))); \
	clock="FAKETIME=$$(printf %+d $$seconds) FAKETIME_DONT_FAKE_MONOTONIC=1 LD_PRELOAD=$(FAKETIME_LIBRARY)"; \
	env "CARGO_TARGET_$(HOST)_RUNNER=env $$clock" "PODIUM_TESTS_CLOCK=$$clock" \
	  $(MAKE) --no-print-directory --keep-going $(HOURS)
