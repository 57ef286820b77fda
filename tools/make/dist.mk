# What is published: archive, Debian package, chart, manifests, bill of materials, sums.
#
#   make dist                                     of a release build
#   make dist DIST_BINARY=target/debug/podium     of a program that is there already

DIST := target/dist
PACKAGING := target/packaging
PACKAGING_NEEDS := deploy/tests/requirements.txt deploy/tests/kustomize.txt

.PHONY: dist test-packages test-packing packaging-there

ifeq ($(origin DIST_BINARY),undefined)
DIST_BINARY := $(RELEASE)
DIST_BUILD := build
endif

# Licences of the page's packages are read where npm puts them.
dist: $(DIST_BUILD) npm-there ui/node_modules/.package-lock.json packaging-there
	tools/dist/build $(DIST_BINARY) $(DIST)

packaging-there:
	@tools/bring packaging

$(PACKAGING)/requirements.txt: $(PACKAGING_NEEDS) | python-there
	python3 -m venv --clear $(PACKAGING)
	$(PACKAGING)/bin/pip install --quiet --disable-pip-version-check --requirement deploy/tests/requirements.txt
	$(PACKAGING)/bin/pip install --quiet --disable-pip-version-check --ignore-requires-python \
	  --requirement deploy/tests/kustomize.txt
	@cat $(PACKAGING_NEEDS) > $@

# After `make dist`. Installing and containers want root; as somebody else they are left out, and said so.
test-packages: packaging-there $(PACKAGING)/requirements.txt
	@test -e $(DIST)/SHA256SUMS || { echo 'Nothing is packed yet: make dist'; exit 1; }
	deploy/tests/lint $(DIST)/image/podium $(PACKAGING)/bin
	$(PACKAGING)/bin/python deploy/tests/manifests.py $(DIST)/image/podium
	deploy/tests/dist $(DIST_BINARY) $(DIST) $(PACKAGING)/bin/python
	@if test "$$(id -u)" = 0; then \
	  deploy/tests/debian $(DIST)/podium_*.deb && deploy/tests/image $(DIST)/image; \
	else echo 'Not root, so the Debian package is not installed and the image not built.'; fi

# Both, of the program that the tests have built: a release build takes minutes more and packs the same.
test-packing: cargo-there
	$(CARGO) build --locked --workspace --bins --tests
	$(MAKE) --no-print-directory dist test-packages DIST_BINARY=target/debug/podium DIST=target/dist-of-tests
