# Two commands do everything on a machine with python3 (3.11 or later), git and make: `make demo` and `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
DAY    := 01/09/2026
GRID   := rulesets/exemples/metropole-exemple.yaml

.PHONY: demo test quick bench lint wheel-check setup clean

demo: $(READY)  ## a small population, an example grid, checked, run, explained
	@$(BIN)/python tools/demo.py

test: $(READY)  ## all tests
	$(BIN)/python -m pytest -n 2

quick: $(READY)  ## the tests of a minute
	$(BIN)/python -m pytest -n 2 -m "not slow"

bench: $(READY)  ## the bars of the design, against work done by hand (a quarter of an hour, 2 GB of disk in .benchmarks)
	$(BIN)/python tests/benchmarks/bench.py --page docs/benchmarks.md
	$(BIN)/python tests/benchmarks/flux_bench.py --page docs/benchmarks.md

lint: $(READY)  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

wheel-check: $(READY)  ## the wheel, in an empty environment, runs the README's tour from another folder
	$(BIN)/python tools/wheel_check.py

setup: $(READY)

$(READY): requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "python3 3.11 or later is needed"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "python3 needs its venv module (on Debian: apt-get install python3-venv)"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q fluxrules  # as pip does of what it installs for good
	@touch $(READY)

clean:
	rm -rf $(VENV) demo dist
