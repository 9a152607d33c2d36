# make demo    the whole loop on this machine        make test    everything that CI runs
# make setup   install the product                   make check   lint, types, layers
# make dev     install it with its tools             make unit    the quick tests

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
JOBS ?= 2
BIN := .venv/bin
VENV := $(BIN)/python
PRODUCT := .venv/.installed
TOOLS := .venv/.installed-dev
PIP := $(VENV) -m pip --disable-pip-version-check install --quiet
# By file: the tests of one file share its fixtures, the examples of one document its names.
PYTEST := $(BIN)/pytest -n $(JOBS) --dist loadfile

# One file of benchmarks/ each.
BENCHES := triage certified_coverage guarantees estimation card planner slices duplicates demo_all confidence server \
  engine faults ui ui_images

.PHONY: help setup dev demo test check format unit pytest vitest browser web npm openapi openapi-check \
  screenshots bench $(BENCHES:%=bench-%) figures lock wheel clean

help:
	@sed -n '1,3p' Makefile

# ---------------------------------------------------------------- install

$(VENV):
	@command -v $(PYTHON) >/dev/null || { echo "error: '$(PYTHON)' was not found; say which to use: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "error: Labelwright needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1). Say which to use: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { \
	  echo "error: '$(PYTHON) -m venv' failed; on Debian install the package python3-venv" >&2; rm -rf .venv; exit 1; }

# The bundle comes first: the editable install's build hook then finds it fresh.
$(PRODUCT): $(VENV) requirements.lock pyproject.toml tools/hatch_build.py | web
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps -e .
	@touch $@

$(TOOLS): $(PRODUCT) requirements-dev.lock
	$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

setup: web $(PRODUCT)
	@$(VENV) -m compileall -q src/labelwright

dev: setup $(TOOLS) npm

web:
	@$(PYTHON) tools/web_bundle.py

npm:
	@$(PYTHON) tools/web_bundle.py install

# ---------------------------------------------------------------- use

demo: setup
	@$(BIN)/labelwright demo $(ARGS)

# ---------------------------------------------------------------- test

# pytest comes last: its closing line says how many tests passed.
test: dev check vitest browser pytest

check: dev openapi-check
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright
	$(BIN)/lint-imports --no-cache
	$(VENV) tools/readme_figures.py --check
	cd web && npm run --silent lint && npm run --silent types

format: dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	cd web && npm run --silent format

unit: dev
	$(BIN)/pytest -q tests/unit

pytest: dev
	$(PYTEST) $(ARGS)

vitest: dev
	cd web && npm run --silent test

browser: dev
	@$(VENV) -m tests.browser.chromium

# ---------------------------------------------------------------- generated files

openapi: dev
	$(VENV) -m labelwright.server.openapi
	cd web && npm run --silent openapi

openapi-check: dev
	$(VENV) -m labelwright.server.openapi --check
	cd web && npm run --silent openapi -- --check

screenshots: dev browser
	$(VENV) tools/screenshots.py

lock:
	$(PYTHON) tools/lock.py

# ---------------------------------------------------------------- measure

bench: $(BENCHES:%=bench-%) figures

$(BENCHES:%=bench-%): bench-%: dev
	$(VENV) benchmarks/$*.py $(ARGS)

bench-ui bench-ui_images: browser

# The README's tables come from what the benchmarks wrote.
figures: dev
	$(VENV) tools/readme_figures.py

# ---------------------------------------------------------------- ship

wheel: dev
	$(VENV) -m pip wheel --quiet --no-deps --wheel-dir dist .

clean:
	rm -rf .venv .cache dist build web/node_modules src/labelwright/server/static
	rm -rf .hypothesis .import_linter_cache .pytest_cache .ruff_cache
	find src tests tools benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
