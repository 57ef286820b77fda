# Fuzzing with libFuzzer on the stable toolchain; docs/FUZZING.md has the targets and their rules.
#
#   make fuzz                                  every target, ten minutes each, one after the other
#   make fuzz FUZZ_TARGET=query FUZZ_SECONDS=60
#   make fuzz-small                            corpora without what tells nothing more

FUZZ_SECONDS ?= 600
FUZZ_TARGET ?= activity conversation day delta packed query requests settings visitor
FUZZ_FOUND := target/fuzz
FUZZ := target/debug/examples/podium-fuzz

.PHONY: fuzz fuzz-build fuzz-small

# Only the crate that is tried is built with what libFuzzer needs; the others are those of the tests.
fuzz-build: cargo-there
	RUSTC_WORKSPACE_WRAPPER=$(abspath fuzz/instrument) $(CARGO) build --locked \
	  --workspace --features podium-fuzz/run --example podium-fuzz

# Inputs that tell something new are kept apart, so that the corpus grows only by choice.
fuzz: fuzz-build
	@set -e; for target in $(FUZZ_TARGET); do \
	  mkdir -p $(FUZZ_FOUND)/$$target/new $(FUZZ_FOUND)/$$target/broken; \
	  echo "$$target for $(FUZZ_SECONDS) s; what breaks a rule is in $(FUZZ_FOUND)/$$target/broken"; \
	  FUZZ_TARGET=$$target nice -n 19 $(FUZZ) -max_total_time=$(FUZZ_SECONDS) -timeout=30 \
	    -rss_limit_mb=2048 -max_len=16384 -print_final_stats=1 -dict=fuzz/words.dict \
	    -artifact_prefix=$(FUZZ_FOUND)/$$target/broken/ \
	    $(FUZZ_FOUND)/$$target/new fuzz/corpus/$$target; \
	done

# The new inputs that reach what the corpus does not, as few and small as can be, into the corpus.
fuzz-small: fuzz-build
	@set -e; for target in $(FUZZ_TARGET); do \
	  FUZZ_TARGET=$$target nice -n 19 $(FUZZ) -merge=1 -timeout=30 -max_len=4096 \
	    fuzz/corpus/$$target $(FUZZ_FOUND)/$$target/new; \
	done
