# The house in one word each. `make` alone lists them.
#
# Needs: Python 3.11 or newer with pip and venv, make, git. Everything else is installed into .venv by the first command,
# from requirements.lock, where every file is pinned by its hash.

# Of the Pythons here, those that parlib runs on (requires-python in pyproject.toml), the oldest first: .venv is made with
# the first one, make test-pythons runs the tests on the others.
SUITS := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))
FOUND = $(shell for name in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$name -c '$(SUITS)' 2>/dev/null && echo $$name; done)
PYTHON ?= $(firstword $(FOUND))
PYTHONS ?= $(filter-out $(PYTHON) python3,$(FOUND))
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
JOBS ?= 2

# Debian packages that the documents and their tests need, and a file of each that tells whether it is there.
# Reports as PDF need the first ones alone.
JAVA ?= openjdk-17-jre-headless
FOR_PDF := fonts-croscore libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
PACKAGES := $(FOR_PDF) chromium poppler-utils libreoffice-calc libreoffice-writer $(JAVA)

# Which tests make test runs, by their marks.
TESTS ?= not heavy and not long

# What reports are made in; make reports TO=html makes the pages alone.
TO ?= html,pdf,docx,xlsx,press,data

export UV_COMPILE_BYTECODE := 1
export UV_NO_PROGRESS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help reports test test-long test-all test-pythons test-again lint lab explore bench faults house system system-if-missing documents lock wheels clean

help:  ## list what make can do
	@sed -nE 's/^([a-z-]+):.*  ## (.*)/make \1|\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{printf "%-14s %s\n", $$1, $$2}'

reports: documents  ## render the yearly reports: ministries 2023, provinces 2023, PAPI 2024, and 2023 at a glance
	@$(BIN)/parlib batch 2023/ministry 2023/province 2024/papi --to $(TO)
	@$(BIN)/parlib batch 2023/province --notebook year_overview --to $(TO)

test: lint system-if-missing  ## check style and types, then run the tests (TESTS="not heavy": the long ones too)
	$(BIN)/pytest -n $(JOBS) --dist worksteal -m "$(TESTS)"

test-long: $(STAMP) system-if-missing  ## the tests that make test leaves out for time: whole reports in more formats, other programs at length
	$(BIN)/pytest -n $(JOBS) --dist worksteal -m "long and not heavy"

test-all: lint system-if-missing  ## every test, those too that take many minutes: whole matrices, long repeats
	$(BIN)/pytest -n $(JOBS) --dist worksteal -m ""

test-pythons:  ## make test on every other Python there is, each in an environment of its own (PYTHONS="python3.13")
	@if [ -z "$(strip $(PYTHONS))" ]; then echo "no other Python from 3.11 to 3.14 was found: PYTHONS=/path/to/python3.13"; fi
	@for python in $(PYTHONS); do \
		version=$$($$python -c 'import sys; print("%d.%d" % sys.version_info[:2])') || exit 1; \
		echo "Python $$version:"; \
		$(MAKE) --no-print-directory test-again PYTHON="$$python" VENV=".venv-$$version" || exit 1; \
	done

# The tests alone: style and types are those of make test.
test-again: $(STAMP)
	$(BIN)/pytest -n $(JOBS) --dist worksteal -m "$(TESTS)"

lint: $(STAMP)  ## check style and types only
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

lab: $(STAMP)  ## open JupyterLab: your own work in workbench/, everything else to read
	@$(BIN)/parlib lab

explore: $(STAMP)  ## open the page for exploring without code, on this machine alone; PAGE=what_if, PAGE=round_desk for the others
	@$(BIN)/parlib explore $(if $(PAGE),--page $(PAGE))

bench: $(STAMP)  ## measure the speed of the house against its targets (OLDER=folder: in turn with an older checkout)
	$(BIN)/python benchmarks/speed.py $(if $(OLDER),--older $(OLDER))

faults: $(STAMP)  ## put some 350 faults in on purpose (kill -9, damaged files, a full disk): what is published stays old or is new
	$(BIN)/python -W ignore benchmarks/faults.py --write

house:  ## print the files and lines of code by room, and what each may have
	@$(PYTHON) benchmarks/house.py

system:  ## install the Debian packages that documents and their tests need (asks for root)
	@if ! command -v apt-get >/dev/null; then \
		echo "make system knows Debian and Ubuntu only. Please install: $(PACKAGES)" >&2; exit 1; fi
	@if [ "$$(id -u)" = 0 ]; then run=""; elif command -v sudo >/dev/null; then run="sudo"; else \
		echo "make system needs root. Please run as root: apt-get install $(PACKAGES)" >&2; exit 1; fi; \
	$$run apt-get update -q && \
	$$run env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $(PACKAGES)

# What PDF needs, and nothing else.
documents: $(STAMP)
	@$(MAKE) --no-print-directory system-if-missing PACKAGES="$(FOR_PDF)"

# Nothing to do where all packages are there. Where they cannot be installed, the tests that need them say so and skip.
system-if-missing:
	@missing=""; for package in $(PACKAGES); do \
		dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q '^install ok installed' || missing="$$missing $$package"; \
	done; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	echo "not installed:$$missing"; \
	if command -v apt-get >/dev/null && { [ "$$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; then \
		$(MAKE) --no-print-directory system || echo "make system failed: what needs these packages is left out or fails" >&2; \
	else \
		echo "what needs these packages is left out or fails: run make system as root first" >&2; \
	fi

lock: $(STAMP)  ## choose the newest versions that pyproject.toml allows, write requirements.lock and environment.yml
	$(BIN)/uv lock
	$(BIN)/uv export --frozen --format requirements-txt --all-extras --group dev --no-emit-project --no-annotate --no-header --output-file requirements.lock -q
	rm uv.lock
	$(BIN)/python .ci/environment.py > environment.yml

wheels: $(STAMP)  ## download all packages into a folder, for machines without a network (FOR="--platform win_amd64 --python 3.13")
	$(BIN)/python .ci/wheels.py $(FOR)

clean:  ## remove rendered reports and caches (not the environment in .venv)
	find reports -mindepth 1 ! -name README.md -delete
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
	find parlib tests benchmarks notebooks -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

# uv is taken from the lock by its hash, and installs the rest in seconds; where it finds no package source (pip may be
# set up for one that uv does not know), pip does the same more slowly.
$(STAMP): requirements.lock pyproject.toml
	@"$(or $(PYTHON),none)" -c '$(SUITS)' 2>/dev/null || { \
		echo "parlib needs Python 3.11, 3.12, 3.13 or 3.14, and $(or $(PYTHON),python3) is none of them or not there." >&2; \
		echo "Install one (Debian, Ubuntu: apt-get install python3 python3-venv), or say where it is:" >&2; \
		echo "    make PYTHON=/path/to/python3.13" >&2; exit 1; }
	@echo "Setting up $(VENV): once, a minute or two ..."
	@test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV)
	@awk '/^[^ ]/ {keep = /^uv==/} keep' requirements.lock > $(VENV)/uv.txt
	@$(BIN)/python -m pip install -q --no-deps --require-hashes -r $(VENV)/uv.txt
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --require-hashes -r requirements.lock \
		|| $(BIN)/python -m pip install -q --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --no-deps --no-build-isolation --no-index -e .
	@touch $(STAMP)
