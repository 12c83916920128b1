PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SEARCH := $(wildcard solver/*.py solver/*/*.py)
PLAYBOOKS := $(shell find ansible \( -path ansible/collections -o -name __pycache__ \) -prune -o -print)
CHECKED := base solver swarm results fleet provision drill operations chat serve tui lab tests benchmarks packaging ansible setup.py
# All hashes of each release, for every platform, so also those of the sources that a Pi builds.
PIN := build/lock/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	--fork-strategy fewest --custom-compile-command 'make lock' $(UPGRADE)
PLATFORM ?= linux/arm64
# Set up again once what was missing then has been installed, a compiler above all.
GAINED := $(shell test ! -s $(VENV)/.missing || PYTHON='$(PYTHON)' packaging/system-packages run --list \
	| cmp -s - $(VENV)/.missing || echo gained)
export PYTHON
# Tests start some hundred squarms: none is to compile all of itself anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run setup lab drill soak check quick test suite test-arm test-systems image fuzz lint format bench lock picture clean $(GAINED)
.DELETE_ON_ERROR:

help: ## Say what can be made
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

run: setup ## Set everything up and open the console
	@$(BIN)/squarm

setup: $(VENV)/.run ## Make .venv/bin/squarm, with the compiled solver

$(VENV)/.run: pyproject.toml setup.py requirements/run.txt $(SEARCH) $(wildcard packaging/*) $(GAINED)
	@packaging/system-packages run
	@echo "Setting up squarm in $(VENV) ..."
	@packaging/install-locked $(VENV) requirements/run.txt
	@rm -rf build solver/*/*.so solver/*.so ./*__mypyc*.so
	@PYTHONWARNINGS=ignore $(BIN)/pip --quiet install --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m provision.runs.fetch_collections
	@$(BIN)/python -c "import solver; print('Solver:', 'compiled.' if solver.compiled() else solver.HOW_TO_COMPILE)"
	@$(BIN)/squarm completion install >/dev/null || echo "Shells do not complete squarm yet: squarm completion install."
	@packaging/system-packages run --list >$(VENV)/.missing
	@touch $@

$(VENV)/.tools: $(VENV)/.run requirements/test.txt
	@packaging/system-packages tools
	@packaging/install-locked $(VENV) requirements/test.txt
	@touch $@

$(VENV)/.test: $(VENV)/.tools
	@packaging/system-packages test
	@touch $@

check: $(VENV)/.tools ## Check the code, and run the tests that need no root, lab or daemon
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target lint quick

# Three a core: many wait, for a Pi or for Slack, but each more has all of the tests to import.
quick: $(VENV)/.tools
	@$(BIN)/python -m pytest -n 6 --dist worksteal --hypothesis-profile=quick -m "not docker and not lab and not slow"

# The checks go on beside the tests, which wait for much of their time.
test: $(VENV)/.test ## Set everything up and run all tests but test-systems
	@$(MAKE) --no-print-directory --jobs=2 lint suite

# With a lab one a core: the processor bounds them. Those with daemons, and more so the others, wait
# for much of their time.
suite: $(VENV)/.test
	@$(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder --durations=20 -m "lab and not systems"; \
	  labs=$$?; \
	  $(BIN)/python -m pytest -n 3 --dist worksteal --durations=15 -m "docker and not lab and not systems"; \
	  daemons=$$?; \
	  $(BIN)/python -m pytest -n 6 --dist loadscope --no-loadscope-reorder --durations=15 -m "not docker and not lab" && \
	  [ $$labs = 0 ] && [ $$daemons = 0 ]

fuzz: $(VENV)/.test ## Try every parser on lies, type random keys, live random lives, for hours
	@packaging/install-locked $(VENV) requirements/fuzz.txt
	@$(BIN)/python -m tests.fuzz.guided --seconds $(or $(SECONDS),300)
	@$(BIN)/python -m tests.fuzz.keys --seconds $(or $(KEYS),600)
	@$(BIN)/python -m pytest --hypothesis-profile=fuzz tests/fuzz tests/tui/console/machines/test_identity.py

image: $(VENV)/.test ## Build the solver's image for a Pi here: PLATFORM=linux/arm64 or linux/arm/v7
	@$(BIN)/python -m tests.arm.image $(PLATFORM) build/image-$(subst /,-,$(PLATFORM))

test-arm: $(VENV)/.test ## Build the solver and its image for Pis, and try them under QEMU
	@$(BIN)/python -m pytest tests/solver/test_arm.py tests/arm

test-systems: $(VENV)/.test ## Provision every kind of system that the lab has, in one run (needs root)
	@$(BIN)/python -m pytest -m systems

lab: $(VENV)/.test ## Try squarm on virtual Pis: a master and three fresh ones (needs root)
	@$(BIN)/python -m lab status >/dev/null 2>&1 || $(BIN)/python -m lab up 3 --master
	@$(BIN)/python -m lab console
	@echo "The lab is still up; remove it with: $(BIN)/python -m lab down"

lint: $(VENV)/.tools $(VENV)/.playbooks-linted ## Check style, types, imports between rooms, the Dockerfile, the playbooks, the workflows
	@$(BIN)/ruff format --check $(CHECKED)
	@$(BIN)/ruff check $(CHECKED)
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python packaging/import_cycles.py
	@$(BIN)/hadolint Dockerfile.solver
	@$(BIN)/zizmor --offline --quiet .github/workflows
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml

# Half of what lint costs, as each playbook and role starts an ansible-playbook: only after a change.
$(VENV)/.playbooks-linted: $(VENV)/.tools $(PLAYBOOKS)
	@cd ansible && PATH="$(CURDIR)/$(BIN):$$PATH" ansible-lint -q
	@touch $@

format: $(VENV)/.tools ## Format the code
	@$(BIN)/ruff format $(CHECKED)
	@$(BIN)/ruff check --fix $(CHECKED)

drill: $(VENV)/.test ## Make virtual Pis fail in every way during jobs, and score it (needs root; SYSTEM=bookworm, docker-28 or ubuntu)
	@$(BIN)/python -m tests.drill.prepare $(SYSTEM)
	@$(BIN)/squarm drill all --lab 0 --yes --report build/drill.md; \
	  status=$$?; $(BIN)/python -m lab down; exit $$status

soak: $(VENV)/.test ## An hour of jobs on virtual Pis with faults at random (needs root; MINUTES=20)
	@$(BIN)/python -m tests.drill.prepare $(SYSTEM)
	@$(BIN)/python -m tests.drill.soak $(or $(MINUTES),60) build/soak.md; \
	  status=$$?; $(BIN)/python -m lab down; exit $$status

bench: $(VENV)/.test ## Measure solver, console and fleet, side by side with the yardsticks
	@$(BIN)/python -m benchmarks

lock: ## Pin anew, with hashes, what is installed; UPGRADE=--upgrade takes the newest of all
	@test -x build/lock/bin/uv || $(PYTHON) -m venv build/lock
	@build/lock/bin/pip --quiet install --upgrade uv
	@$(PYTHON) -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' >build/lock/build.in
	@$(PIN) build/lock/build.in --output-file requirements/build.txt
	@$(PIN) build/lock/build.in pyproject.toml --output-file requirements/run.txt
	@$(PIN) build/lock/build.in pyproject.toml --group dev --output-file requirements/test.txt
	@$(PIN) --group collections --no-deps --output-file requirements/collections.txt
	@$(PIN) --group fuzz --no-deps --output-file requirements/fuzz.txt

picture: $(VENV)/.run ## Draw docs/console.svg, the picture of the screen in the README
	@$(BIN)/python -m benchmarks.picture docs/console.svg

clean: ## Remove what make made here
	rm -rf $(VENV) build ansible/collections ./*.egg-info solver/*/*.so solver/*.so ./*__mypyc*.so
