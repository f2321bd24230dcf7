# Two commands matter: `make demo` shows a whole study, `make test` runs every test.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
CORES ?= $(shell getconf _NPROCESSORS_ONLN)
TESTERS ?= $(shell expr $(CORES) + 1)  # whole studies mostly wait for processes of theirs
# Of `make bench`: Pictologics needs Python 3.12 or later; BENCH_CASES="lung1 brain1" measures fewer.
PY312 ?= python3.12
BENCH ?= build/bench
BENCH_CASES ?=
BENCH_PARTS ?=
FUZZ_SECONDS ?= 1200
# Of `make wheelhouse`: WHEEL_PYTHON=3.12 WHEEL_SYSTEM=windows for another machine than this one.
WHEELHOUSE ?= build/wheelhouse
WHEEL_PYTHON ?=
WHEEL_SYSTEM ?= linux

unexport PYTHONPATH

.PHONY: help demo test test-slurm fuzz lint types contracts check env env-dev oracle cupy bench bench-document conformance segmentation stability tables constraints wheelhouse wheels-check clean
.DEFAULT_GOAL := help

help:  ## say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

demo: env  ## a whole study on a cohort that radpred makes itself
	$(BIN)/radpred demo demo --cores $(CORES)

test: env-dev  ## all tests
	$(BIN)/python -m pytest -n $(TESTERS) --dist loadfile --no-loadscope-reorder $(ARGS)

test-slurm: env-dev  ## studies on a real Slurm of two nodes, started from ../shared/slurm (root, Debian)
	PYTHON=$(abspath $(BIN))/python bash tests/slurm/on_slurm.sh $(ARGS)

fuzz: env-dev  ## hostile files for every reader, 20 minutes: FUZZ_SECONDS=1200
	$(BIN)/python tests/fuzz/parent.py $(FUZZ_SECONDS)

lint: env-dev  ## style of code and rules
	$(BIN)/ruff check radpred tests notebooks
	$(BIN)/ruff format --check radpred tests
	$(BIN)/snakefmt --check Snakefile workflow

types: env-dev  ## static types
	$(BIN)/mypy

contracts: env-dev  ## who may import whom
	$(BIN)/lint-imports

check: lint types contracts test  ## everything that CI runs

env: $(VENV)/.core  ## the environment of a user
env-dev: $(VENV)/.dev  ## the environment of a developer

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "radpred needs Python 3.11 or later; name one: make demo PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.core: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --use-pep517 -c constraints.txt -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.core
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --use-pep517 -c constraints.txt -e '.[dev]'
	@touch $@

oracle: env-dev  ## PyRadiomics itself, for the tests that hold radpred against it (builds from source)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --use-pep517 -c constraints.txt -e '.[pyradiomics]'

cupy: env-dev  ## CuPy without CUDA, for the test that holds the tests' stand-in against it (needs no card)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt 'cupy-cuda12x>=14.0.1,<15'

bench: env-dev  ## radpred beside its peers in one run (about half an hour): docs/performance.md
	cd tests && $(abspath $(BIN))/python -m benchmarks run --folder $(abspath $(BENCH)) --newer-python "$(PY312)" \
	  $(if $(BENCH_CASES),--cases $(BENCH_CASES)) $(if $(BENCH_PARTS),--parts $(BENCH_PARTS)) $(ARGS)
	$(MAKE) --no-print-directory bench-document

bench-document: env-dev  ## docs/performance.md again, from the measurements that were kept
	cd tests && $(abspath $(BIN))/python -m benchmarks document --folder $(abspath $(BENCH))

conformance: env-dev  ## which published values are reached, row by row: docs/conformance.md
	cd tests && $(abspath $(BIN))/python -m conformance

stability: env-dev  ## which features bear a mask that may be wrong, on real lesions (five minutes): docs/stability.md
	cd tests && $(abspath $(BIN))/python -m stability

segmentation: env-dev  ## how well each method outlines lesions: docs/segmentation.md
	cd tests && $(abspath $(BIN))/python -m segmentation

tables: env-dev  ## learning on 24 public tables, at new sites, and what it costs: docs/tables.md
	cd tests && $(abspath $(BIN))/python -m tables_bench $(ARGS)

constraints: env-dev  ## pin what is installed now
	$(BIN)/python -m pip freeze --exclude-editable > constraints.txt

wheelhouse: env-wheels  ## wheels for a machine without a network: WHEEL_PYTHON=3.12 WHEEL_SYSTEM=linux
	cd tests && $(abspath $(BIN))/python -m wheels house --folder $(abspath $(WHEELHOUSE)) \
	  $(if $(WHEEL_PYTHON),--python $(WHEEL_PYTHON) --system $(WHEEL_SYSTEM))

wheels-check: env-wheels  ## which needs have no wheel for Python 3.11 to 3.13 on Linux, macOS, Windows (minutes)
	cd tests && $(abspath $(BIN))/python -m wheels check

.PHONY: env-wheels
env-wheels: env
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --use-pep517 -c constraints.txt -e '.[slurm,s3]' packaging

clean:  ## remove what was made
	rm -rf demo $(VENV) .pytest_cache .mypy_cache .ruff_cache build dist
