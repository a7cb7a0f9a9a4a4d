# `make demo` and `make test` do all the set-up themselves. What they need on the machine: Python 3.11 or later, git and make.
#
# Another Python gets an environment of its own: make test PYTHON=python3.13 VENV=.venv-3.13

PYTHON ?= python3
VENV ?= .venv
PYTEST_ARGS ?=
BENCH_ARGS ?=
UPGRADE ?=

# uv trusts the certificates of this machine, as pip does.
export UV_SYSTEM_CERTS ?= 1

bin := $(VENV)/bin
# Touched when what the two files ask for is installed, so that nothing is installed twice.
installed := $(VENV)/.installed
lowest := .venv-lowest

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo install test check lint types layers docs bench constraints lowest format clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

demo: $(installed)  ## run the main job on real input, over a real server, and show what came out
	@$(bin)/python tools/demo.py

install: $(installed)  ## make the environment, $(VENV), if it is not there or not up to date

test: $(installed)  ## run the tests (PYTEST_ARGS: what else to tell pytest)
	$(bin)/python -m pytest --numprocesses auto --dist loadfile $(PYTEST_ARGS)

check: lint types layers docs test  ## all that continuous integration checks

lint: $(installed)  ## ruff's rules and formatting
	$(bin)/ruff check .
	$(bin)/ruff format --check .

format: $(installed)  ## mend what ruff can mend
	$(bin)/ruff check --fix .
	$(bin)/ruff format .

types: $(installed)  ## mypy, strict
	$(bin)/mypy

layers: $(installed)  ## imports go down the layers only
	$(bin)/lint-imports

docs: $(installed)  ## build the documentation into build/docs; links lead somewhere, decision records are whole
	$(bin)/sphinx-build --builder html --fail-on-warning --keep-going --quiet docs build/docs
	$(bin)/python tools/check_docs.py build/docs

bench: $(installed)  ## measure (BENCH_ARGS: see `python benchmarks/bake.py --help`)
	$(bin)/python benchmarks/startup.py
	$(bin)/python benchmarks/environments.py
	$(bin)/python benchmarks/planning.py
	$(bin)/python benchmarks/lint.py
	$(bin)/python benchmarks/describing.py
	$(bin)/python benchmarks/finding.py
	$(bin)/python benchmarks/filters.py
	$(bin)/python benchmarks/pgstac.py
	$(bin)/python benchmarks/bake.py $(BENCH_ARGS)

constraints: $(bin)/python  ## pin the newest versions that fit pyproject.toml (UPGRADE=--upgrade: also those pinned already)
	$(bin)/python -m pip install -qq uv
	$(bin)/python -m uv pip compile pyproject.toml --universal --python-version 3.11 --all-extras --group dev $(UPGRADE) \
		--no-annotate --quiet --custom-compile-command "make constraints" --output-file constraints.txt

# What old versions say of newer ones is no fault, and the documentation shows what today's versions print.
lowest:  ## run the tests on the oldest versions that pyproject.toml allows
	@$(MAKE) --no-print-directory $(installed)
	$(bin)/python -m venv --clear $(lowest)
	$(bin)/python -m uv pip install --quiet --python $(lowest) --resolution lowest-direct --editable '.[all]' --group test
	$(lowest)/bin/python -m pytest -W ignore::DeprecationWarning --ignore tests/docs $(PYTEST_ARGS)

clean:  ## remove what the targets made
	rm -rf $(VENV) $(lowest) build dist demo docs/reference/rules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(bin)/python:
	@command -v $(PYTHON) >/dev/null || { echo "there is no $(PYTHON); name a Python of 3.11 or later: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("$(PYTHON) is Python %d.%d, but 3.11 or later is needed; name one: make PYTHON=python3.12 …" % sys.version_info[:2])'
	$(PYTHON) -m venv $(VENV)

$(installed): $(bin)/python pyproject.toml constraints.txt
	@echo "Installing the package and its tools into $(VENV); the first time this takes a minute or two."
	@$(bin)/python -m pip --version >/dev/null 2>&1 || $(bin)/python -m ensurepip
	$(bin)/python -m pip install -qq --upgrade 'pip>=25.3'
	$(bin)/python -m pip install -qq --constraint constraints.txt --build-constraint constraints.txt --editable '.[all]' --group dev
	@touch $@
