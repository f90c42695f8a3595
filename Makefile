# Which commands set this project up, run it and prove it?  `make help` lists them.

PYTHON ?= python3
VENV   ?= .venv
HOST   ?= 127.0.0.1
PORT   ?= 8000
# More arguments for pytest, for example: make test ARGS="-k quote"
ARGS   ?=
# Test workers: one a core. PostgreSQL is started once and shared by all of them.
WORKERS ?= auto

BIN     := $(VENV)/bin
PIP     := python -m pip --disable-pip-version-check --quiet install --require-hashes --only-binary :all:
PYTEST  := $(BIN)/python -m pytest
SOURCES := graphql_api models tests
FETCH   := $(BIN)/python -m graphql_api.graphiql.fetch

.DEFAULT_GOAL := help
.PHONY: help setup setup-tests setup-clients setup-benchmark explorer run test check test-clients benchmark coverage format schema requirements clean
# A stamp whose recipe failed half-way must not count as made.
.DELETE_ON_ERROR:

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  \1 \t\2/p' $(MAKEFILE_LIST) | expand -t 18

# ---- set-up: each stamp is newer than the requirements it stands for, so a second run does nothing

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] + "; name another one with: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt | $(BIN)/python
	$(BIN)/$(PIP) -r $<
	@touch $@

$(VENV)/.installed-tests: requirements-dev.txt $(VENV)/.installed
	$(BIN)/$(PIP) -r $<
	@touch $@

$(VENV)/.installed-clients: requirements-clients.txt $(VENV)/.installed-tests
	$(BIN)/$(PIP) -r $<
	@touch $@

setup: $(VENV)/.installed ## Make the virtual environment with the pinned dependencies

setup-tests: $(VENV)/.installed-tests

setup-clients: $(VENV)/.installed-clients explorer
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; } \
		|| { echo "Chromium is needed: install your system's chromium package and try again." >&2; exit 1; }
	@command -v chromium >/dev/null || { apt-get update -qq \
		&& DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium >/dev/null; }
	@if [ -f tests/clients/package.json ]; then cd tests/clients && "$(NPM_FOR_CLIENTS)" ci --silent --no-audit --no-fund; fi

# The clients' requirements bring a Node of their own, so that every machine tests with the same one.
NPM_FOR_CLIENTS = $(abspath $(BIN)/npm)
setup-clients: export PATH := $(abspath $(BIN)):$(PATH)

# The benchmark's peers: drivers for the Python ones, and PostGraphile with a Node of its own.
$(VENV)/.installed-benchmark: requirements-benchmark.txt $(VENV)/.installed-tests
	$(BIN)/$(PIP) -r $<
	@touch $@

tests/benchmark/peers/node_modules/.installed: tests/benchmark/peers/package-lock.json $(VENV)/.installed-benchmark
	cd $(@D)/.. && PATH="$(abspath $(BIN)):$$PATH" npm ci --silent --no-audit --no-fund
	@touch $@

setup-benchmark: tests/benchmark/peers/node_modules/.installed

# ---- GraphiQL: its four files are fetched once and checked against the sums in the repository

explorer: $(VENV)/.installed ## Fetch GraphiQL's files (once; needs the npm registry)
	@$(FETCH) --check || { command -v npm >/dev/null && $(FETCH); } || { \
		$(MAKE) --no-print-directory $(VENV)-explorer/bin/npm && PATH="$(abspath $(VENV)-explorer/bin):$$PATH" $(FETCH); }

# Where there is no npm (or one that fails), the one that comes as a Python package is taken.
$(VENV)-explorer/bin/npm: requirements-explorer.txt
	$(PYTHON) -m venv $(VENV)-explorer
	$(VENV)-explorer/bin/$(PIP) -r $<
	@touch $@

# ---- what people do

run: $(VENV)/.installed ## Serve the API and GraphiQL (HOST=127.0.0.1 PORT=8000)
	@$(MAKE) --no-print-directory explorer || echo "GraphiQL could not be fetched; the built-in page answers instead." >&2
	$(BIN)/python -m graphql_api serve --demo --host $(HOST) --port $(PORT)

test: $(VENV)/.installed-tests ## Run the tests on SQLite and PostgreSQL (ARGS="-k quote")
	$(PYTEST) -n $(WORKERS) $(ARGS)

check: $(VENV)/.installed-tests ## Run every check: format, lint, types, layers, schema, house rules
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m graphql_api schema --check
	$(PYTEST) -q -n $(WORKERS) tests/guards

test-clients: setup-clients ## Run real clients against a real server: gql, Node, GraphiQL in Chromium
	$(PYTEST) -m clients tests/clients $(ARGS)

benchmark: setup-benchmark ## Measure it beside its peers (ARGS="history --rounds 3"; takes half an hour)
	$(BIN)/python -m tests.benchmark $(ARGS)

coverage: $(VENV)/.installed-tests ## Run the tests and show which branches none of them takes
	$(BIN)/coverage erase
	$(BIN)/coverage run --parallel-mode -m pytest $(ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

format: $(VENV)/.installed-tests ## Put the code into its one format
	$(BIN)/ruff check --fix --select I $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

schema: $(VENV)/.installed ## Write schema.graphql
	$(BIN)/python -m graphql_api schema --write

# ---- pins: compiled from pyproject.toml for every platform and Python; they name no host

UV      = $(VENV)-requirements/bin/uv
COMPILE = $(UV) pip compile --universal --python-version 3.11 --generate-hashes --quiet \
	--no-config --no-annotate --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make requirements" $(UPGRADE)

requirements: ## Compile the pinned requirements again (UPGRADE=--upgrade takes the newest versions)
	@[ -x $(UV) ] || { $(PYTHON) -m venv $(VENV)-requirements && $(VENV)-requirements/bin/python -m pip --quiet install uv; }
	$(COMPILE) pyproject.toml --output-file requirements.txt
	$(COMPILE) pyproject.toml --extra test --extra check --constraint requirements.txt --output-file requirements-dev.txt
	$(COMPILE) pyproject.toml --extra test --extra clients --constraint requirements-dev.txt --output-file requirements-clients.txt
	$(COMPILE) --group explorer --constraint requirements-clients.txt --output-file requirements-explorer.txt
	$(COMPILE) --group benchmark --constraint requirements-clients.txt --output-file requirements-benchmark.txt

clean: ## Remove what the other commands made, but no data
	rm -rf $(VENV) $(VENV)-explorer $(VENV)-requirements .coverage .coverage.* .hypothesis .import_linter_cache \
		.mypy_cache .pytest_cache .ruff_cache build dist *.egg-info graphql_api/graphiql/vendor \
		tests/clients/node_modules tests/benchmark/peers/node_modules
	find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +
