# helpt: `make` lists what can be done. Every target sets up all it needs by itself, in .venv.
# For options after a target: make run ARGS="--hashtag hasselthelpt", make test ARGS="-k store"

SHELL := /bin/sh
.DEFAULT_GOAL := help

# The first of these that is Python 3.11 or newer is used; choose with: make PYTHON=/path/to/python3
PYTHON := python3.13 python3.12 python3.11 python3.14 python3 python
ARGS :=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
INSTALL := $(PIP) install -c constraints.txt --build-constraint constraints.txt
SAY_OFFLINE := { echo "Set-up failed (see above). It needs the internet once; after that helpt runs without." >&2; exit 1; }
NETWORKS := tests/networks
PINS := pyproject.toml constraints.txt

# A virtual environment whose Python has gone (an upgrade, a moved folder) is made anew.
ifneq ($(shell test -x $(BIN)/python && echo there),there)
.PHONY: $(VENV)/pyvenv.cfg
endif

# pip is not safe beside itself in one environment.
.NOTPARALLEL:

.PHONY: help run test test-networks check bench format wheel clean

help: ## List what can be done (this)
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: $(VENV)/.run ## Show the board; with no settings it replays the demo night
	$(BIN)/helpt run $(ARGS)

test: $(VENV)/.test $(VENV)/.browser ## Run the tests
	$(BIN)/pytest -n auto --dist worksteal $(ARGS)

test-networks: $(VENV)/.networks ## Run the tests against a real Bluesky network on this machine (Linux)
	$(BIN)/pytest -m networks $(NETWORKS) $(ARGS)

check: $(VENV)/.check $(VENV)/.browser ## Before a change goes in: format, lint, types, all tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	@$(MAKE) --no-print-directory test ARGS="-m 'not networks' $(ARGS)"

bench: $(VENV)/.bench $(VENV)/.browser ## Measure truth and speed, against peers on the same file
	$(BIN)/python -m benchmarks $(ARGS)

format: $(VENV)/.check ## Put the code in the house's form
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

wheel: $(VENV)/.run ## Build the wheel into dist/
	$(PIP) wheel --no-deps --build-constraint constraints.txt --wheel-dir dist .

clean: ## Take away what make has set up and built (never a store)
	rm -rf $(VENV) $(NETWORKS)/node_modules build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Below: the set-up. Each stamp stands for a set of packages, and is renewed when the pins change.

$(VENV)/pyvenv.cfg:
	@found=; \
	for python in $(PYTHON); do \
	    "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue; \
	    found="$$python"; \
	    "$$python" -c 'import ensurepip, venv' >/dev/null 2>&1 || continue; \
	    echo "Setting up $(VENV) with $$python: a few minutes, once."; \
	    exec "$$python" -m venv --clear $(VENV); \
	done; \
	if [ -n "$$found" ]; then \
	    echo "$$found cannot make a virtual environment: install its venv package (Debian, Ubuntu: apt install $$found-venv)." >&2; \
	else \
	    echo "helpt needs Python 3.11 or newer and found none: install it, or say where it is: make PYTHON=/path/to/python3" >&2; \
	fi; \
	exit 1

$(VENV)/.pip: $(VENV)/pyvenv.cfg constraints.txt
	@$(PIP) install -c constraints.txt --upgrade pip || $(SAY_OFFLINE)
	@touch $@

$(VENV)/.run: $(VENV)/.pip $(PINS)
	@$(INSTALL) -e . || $(SAY_OFFLINE)
	@touch $@

$(VENV)/.test: $(VENV)/.pip $(PINS)
	@$(INSTALL) -e '.[shared]' --group test || $(SAY_OFFLINE)
	@touch $@ $(VENV)/.bench $(VENV)/.run

$(VENV)/.check: $(VENV)/.pip $(PINS)
	@$(INSTALL) -e '.[shared]' --group check || $(SAY_OFFLINE)
	@touch $@ $(VENV)/.test $(VENV)/.bench $(VENV)/.run

$(VENV)/.bench: $(VENV)/.pip $(PINS)
	@$(INSTALL) -e '.[shared]' --group bench || $(SAY_OFFLINE)
	@touch $@ $(VENV)/.run

# Tried once, and never a failure: without a browser the tests that need one say so.
$(VENV)/.browser: $(VENV)/.pip constraints.txt
	@$(BIN)/python -m tests.support.browser
	@touch $@

# What is missing is said in a sentence. In CI that is the end; elsewhere the tests are skipped, and it is tried again next time.
$(VENV)/.networks: $(VENV)/.pip $(PINS) $(NETWORKS)/package-lock.json
	@$(INSTALL) -e '.[shared]' --group networks || $(SAY_OFFLINE)
	@touch $(VENV)/.test $(VENV)/.bench $(VENV)/.run
	@if $(BIN)/python -m tests.support.bluesky_network; then touch $@; else [ -z "$$CI" ]; fi
