# One command for each thing a person does. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help setup run up test faults check quality compose-test bench model lock clean

# The first Python of at least 3.11 that really runs.
PYTHON ?= $(firstword $(foreach p,python3 python3.14 python3.13 python3.12 python3.11 python,\
  $(shell $(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $(p))))
VENV := .venv
BIN := $(VENV)/bin
INBOX ?= seeds
WINER ?= ../shared/ner/winer-fr

help: ## List these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

setup: $(VENV)/.complete ## Make .venv from the pinned requirements

$(VENV)/.complete: requirements/dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Rotative needs Python 3.11 or later; none was found on PATH."; exit 1; }
	@echo "Setting up $(VENV) with $$($(PYTHON) --version) (a minute, once) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: setup ## Take every file of seeds/ (or INBOX=dir) through the whole chain and show what was stored
	@$(BIN)/rotative ingest $(INBOX)

up: setup ## The whole stack in the foreground: services, intake, workers, Flower
	@$(BIN)/rotative up

test: setup ## All tests, on a real Postgres and a real Redis
	@$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder  # or the longest are left for last

faults: setup ## Everything that may break, broken on real processes; prints what became of every file
	@ROTATIVE_FAULTS=all ROTATIVE_CRASH_POINTS=docs/crash-points.md $(BIN)/pytest tests/faults

check: setup ## Lint, types, and known faults of the pinned packages
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m tests.audit requirements/*.txt

quality: setup ## The figures of clean and enrich on their gold, held against their floors
	@$(BIN)/pytest tests/quality

compose-test: setup ## The docker-compose stack, started, fed and read (needs a Docker engine)
	@$(BIN)/pytest -m compose tests/compose

bench: setup ## What the chain costs, step by step, beside the limit and the last table
	@$(BIN)/python -m bench.overhead

model: setup ## Train the French recogniser again, on WINER=dir and training/ner/data (half an hour)
	@$(BIN)/python -m training.ner.train --winer $(WINER) --out worker/core/enrich/data/fr

lock: setup ## Compile requirements/*.txt again from pyproject.toml
	@UV=$(BIN)/uv; OPTIONS="--universal --generate-hashes --no-header --quiet"; \
	$$UV pip compile $$OPTIONS pyproject.toml -o requirements/base.txt; \
	$$UV pip compile $$OPTIONS pyproject.toml --all-extras -c requirements/base.txt -o requirements/dev.txt

clean: ## Remove everything that was made here, the stored corpus of .rotative included
	rm -rf $(VENV) .rotative build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
