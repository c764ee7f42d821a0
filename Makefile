# Everything runs in .venv; `make run` and `make test` need nothing but Python 3.11 or newer.
PYTHON ?= python3
BIN := .venv/bin
unexport PYTHONDONTWRITEBYTECODE  # an image that sets it has every process compile everything again

.PHONY: all run network test proofs browser-test postgres-test check audit bench mutants format constraints help clean

all: check test proofs browser-test postgres-test  ## format check, lint, types, tests

run: .venv/app  ## install what the page needs and serve it to this machine
	$(BIN)/python -m escape serve

network: .venv/app  ## the same, also to other devices in this network, as a class needs it
	$(BIN)/python -m escape serve --network

test: .venv/dev  ## install and run the tests that need no browser, on both cores; what fails is tried once more
	$(BIN)/python -m pytest -n 2 --dist loadgroup --ignore tests/browser -m "not proof" \
	  || $(BIN)/python -m pytest --ignore tests/browser -m "not proof" --last-failed --last-failed-no-failures none

proofs: .venv/dev  ## what takes seconds to prove: judges with known faults, rates in simulated time, forged runs; the same
	$(BIN)/python -m pytest -n 2 --dist loadgroup --ignore tests/browser -m proof \
	  || $(BIN)/python -m pytest --ignore tests/browser -m proof --last-failed --last-failed-no-failures none

WALKS = tests/browser --ignore tests/browser/test_class.py --ignore tests/browser/test_servers.py
browser-test: .venv/dev  ## the page as a person walks it, in three browsers; what fails is tried once more, alone
	$(BIN)/python -m pytest -n 3 --dist worksteal $(WALKS) \
	  || $(BIN)/python -m pytest $(WALKS) --last-failed --last-failed-no-failures none

STORED = tests/store tests/classes tests/runs/test_recording.py
LESSONS = tests/browser/test_class.py tests/browser/test_servers.py
postgres-test: .venv/dev  ## on a Postgres of their own: the store and classes, then every lesson in a browser; the same
	$(BIN)/python -m tests.postgres -k postgres $(STORED) \
	  || $(BIN)/python -m tests.postgres -k postgres $(STORED) --last-failed --last-failed-no-failures none
	$(BIN)/python -m tests.postgres -n 3 --dist worksteal $(LESSONS) \
	  || $(BIN)/python -m tests.postgres $(LESSONS) --last-failed --last-failed-no-failures none

check: .venv/dev  ## layout, lint, types, and no secret in any file
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	git ls-files -z | xargs -0 $(BIN)/detect-secrets-hook --exclude-secrets '^([0-9a-f]{16}|[0-9a-f]{64})$$'  # SHA-256, whole or shortened

audit: .venv/dev  ## are there known holes in what we depend on? asks PyPI's advisory service
	$(BIN)/pip-audit --strict -r requirements.txt

bench: .venv/dev  ## measure everything in a quarter of an hour; CONTRIBUTING.md says what each shows
	$(BIN)/python -m tools.bench

SINCE ?= HEAD
mutants: .venv/dev  ## make mutants FILES="escape/metrics.py" [SINCE=commit]: do the tests notice each changed line?
	$(BIN)/python -m tools.mutants $(FILES) --since $(SINCE)

format: .venv/dev  ## lay out the code and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

constraints: .venv/dev  ## write constraints.txt anew: the newest versions that the ranges allow
	head -1 constraints.txt > constraints.new
	grep -v '^-' requirements-dev.txt | $(BIN)/uv pip compile -q --universal --python-version 3.11 --all-extras --no-header \
	  --no-annotate pyproject.toml - >> constraints.new
	mv constraints.new constraints.txt

help:  ## this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/'

clean:  ## forget the virtual environment
	rm -rf .venv

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; name it with make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv

.venv/bin/uv: | .venv/bin/python  # installs the rest in seconds
	$(BIN)/python -m pip install -q --disable-pip-version-check uv

.venv/app: requirements.txt constraints.txt | .venv/bin/uv
	$(BIN)/uv pip install -q --python $(BIN)/python -r requirements.txt
	@touch $@

.venv/dev: requirements.txt constraints.txt requirements-dev.txt | .venv/bin/uv
	$(BIN)/uv pip install -q --python $(BIN)/python -r requirements-dev.txt
	@touch $@ .venv/app
