PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The lock pins what the application runs with, the build's own tools included.
export PIP_CONSTRAINT := $(CURDIR)/requirements.lock
export PIP_BUILD_CONSTRAINT := $(CURDIR)/requirements.lock
export PIP_DISABLE_PIP_VERSION_CHECK := 1
PIP := $(BIN)/python -m pip --quiet
SEARCH := $(wildcard solver/*.py solver/*/*.py)
CHECKED := base solver swarm results fleet provision operations chat daemon tui lab tests benchmarks packaging ansible setup.py

.PHONY: help run setup lab test lint format bench lock picture clean
.DELETE_ON_ERROR:

help: ## Say what can be made
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

run: setup ## Set everything up and open the console
	@$(BIN)/squarm

setup: $(VENV)/.run ## Make .venv/bin/squarm, with the compiled solver

$(VENV)/.run: pyproject.toml setup.py requirements.lock $(SEARCH) $(wildcard packaging/*)
	@packaging/system-packages run
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Setting up squarm in $(VENV) ..."
	@$(PIP) install pip
	@rm -rf build solver/*/*.so solver/*.so ./*__mypyc*.so
	@PYTHONWARNINGS=ignore $(PIP) install --editable .
	@$(BIN)/python packaging/fetch_collections.py
	@$(BIN)/python -c "import solver; print('Solver:', 'compiled.' if solver.compiled() else solver.HOW_TO_COMPILE)"
	@touch $@

$(VENV)/.test: $(VENV)/.run
	@packaging/system-packages test
	@$(PIP) install --group dev
	@touch $@

test: $(VENV)/.test lint ## Set everything up and run all tests
	@$(BIN)/python -m pytest

lab: $(VENV)/.test ## Try squarm on virtual Pis: a master and three fresh ones (needs root)
	@$(BIN)/python -m lab status >/dev/null 2>&1 || $(BIN)/python -m lab up 3 --master
	@$(BIN)/python -m lab console
	@echo "The lab is still up; remove it with: $(BIN)/python -m lab down"

lint: $(VENV)/.test ## Check style, types, imports between rooms, the Dockerfile, the playbooks
	@$(BIN)/ruff format --check $(CHECKED)
	@$(BIN)/ruff check $(CHECKED)
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/hadolint Dockerfile.solver
	@cd ansible && PATH="$(CURDIR)/$(BIN):$$PATH" ansible-lint -q

format: $(VENV)/.test ## Format the code
	@$(BIN)/ruff format $(CHECKED)
	@$(BIN)/ruff check --fix $(CHECKED)

bench: $(VENV)/.test ## Measure solver, console and fleet, side by side with the yardsticks
	@$(BIN)/python -m benchmarks

lock: ## Pin anew what the application, its build and its tests run with
	@rm -rf build/lock && $(PYTHON) -m venv build/lock
	@PIP_CONSTRAINT= build/lock/bin/pip install --quiet --upgrade pip setuptools
	@PIP_CONSTRAINT= PYTHONWARNINGS=ignore build/lock/bin/pip install --quiet --group dev --editable .
	@build/lock/bin/pip freeze --all --exclude-editable --exclude squarm > requirements.lock

picture: $(VENV)/.run ## Draw docs/console.svg, the picture of the screen in the README
	@$(BIN)/python -m benchmarks.picture docs/console.svg

clean: ## Remove what make made here
	rm -rf $(VENV) build ansible/collections ./*.egg-info solver/*/*.so solver/*.so ./*__mypyc*.so
