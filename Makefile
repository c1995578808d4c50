# Every target makes what it needs from nothing but Python (3.11 or newer) and make.
# Another interpreter: make PYTHON=python3.13 test

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# What lies below tables, saving and the command line; all of it runs on the reference engine too.
BELOW := $(addprefix tests/,graph plan ops blocks layers models training) $(wildcard tests/test_*.py)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test test-all lint format types bench-import clean

help:  ## say what each target does
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

demo: $(VENV)/demo.stamp  ## train on a real table, compare, save, predict, and explain one row
	@work=$$(mktemp -d) && trap 'rm -rf "$$work"' EXIT && \
	  $(BIN)/glia train breast_cancer --out "$$work/breast_cancer.glia" && echo && \
	  $(BIN)/glia predict "$$work/breast_cancer.glia" breast_cancer --out "$$work/answers.csv" && \
	  head -n 4 "$$work/answers.csv" && echo && \
	  $(BIN)/glia explain "$$work/breast_cancer.glia" breast_cancer --row 3

test: $(VENV)/dev.stamp  ## the tests a change needs: under five minutes on two cores
	$(BIN)/python -m pytest -n 2 -m "not slow"

test-all: $(VENV)/parity.stamp  ## every test, PyTorch and Keras to compare with, and the reference engine
	$(BIN)/python -m pytest -n 2
	$(BIN)/python -m pytest -n 2 -m "not slow" --engine reference $(BELOW)

lint: $(VENV)/dev.stamp  ## ruff: rules and formatting
	$(BIN)/ruff check
	$(BIN)/ruff format --check

format: $(VENV)/dev.stamp  ## ruff: mend what it can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

types: $(VENV)/dev.stamp  ## mypy, strict
	$(BIN)/mypy

bench-import: $(VENV)/demo.stamp  ## what `import glia` costs beyond NumPy
	@$(BIN)/python benchmarks/import_time.py

clean:  ## remove the environment and the caches
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/made.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "glia needs Python 3.11 or newer, but $(PYTHON) is $$($(PYTHON) --version 2>&1): try make PYTHON=python3.13" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/demo.stamp: pyproject.toml | $(VENV)/made.stamp
	$(PIP) install --editable '.[data]'
	@touch $@

$(VENV)/dev.stamp: pyproject.toml | $(VENV)/made.stamp
	$(PIP) install --editable '.[dev,data]'
	@touch $@ $(VENV)/demo.stamp

$(VENV)/parity.stamp: pyproject.toml | $(VENV)/made.stamp
	$(PIP) install --editable '.[dev,data,parity]'
	@touch $@ $(VENV)/dev.stamp $(VENV)/demo.stamp
