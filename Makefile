# Everything runs in .venv; `make run` and `make test` need nothing but Python 3.11 or newer.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test check bench format lint types help clean

all: check test  ## format check, lint, types, tests

run: .venv/app  ## install what the app needs and open it
	$(BIN)/python -m streamlit run app.py

test: .venv/dev  ## install and run every test
	$(BIN)/python -m pytest

check: .venv/dev  ## lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: .venv/dev  ## measure: beside a bare SDK, a class of thirty at once, ten thousand trials with faults
	$(BIN)/python -m tests.bench throughput
	$(BIN)/python -m tests.bench visitors
	$(BIN)/python -m tests.bench soak

format: .venv/dev  ## lay out the code and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

help:  ## this list
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/'

clean:  ## forget the virtual environment
	rm -rf .venv

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; name it with make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv

.venv/app: requirements.txt | .venv/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/dev: requirements.txt requirements-dev.txt | .venv/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements-dev.txt
	@touch $@ .venv/app
