# The columns of exports in docs/BACKUP.md, written anew from the code; a test compares both.
.PHONY: backup-docs

backup-docs: cargo-there
	PODIUM_WRITE_DOCS=1 $(CARGO) test --workspace --lib --locked the_documentation_has_the_columns
