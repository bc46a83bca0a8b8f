# Needs Python 3.11 to 3.14 and make, nothing else.
#   make run    trains the first recogniser, shows its scores, tags a sentence, writes report.html
#   make test   linter, formatter, type checker, tests
#   make bench  all measurements, one after the other, in hours (benchmarks/README.md); ELMAN_DATA names the folder of
#               the measuring data, ELMAN_VECTORS a file of word vectors
# PYTHON names the interpreter to build .venv with; it is looked for if not given.

VENV := .venv
BIN := $(VENV)/bin
NEEDS := $(VENV)/made pyproject.toml setup.py src/elman/decoding/_compiled.c constraints.txt
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt
# The first trains the models that some of the others judge; what begins with _ is no benchmark.
BENCHMARKS := benchmarks/conll2003.py $(filter-out benchmarks/conll2003.py,$(sort $(wildcard benchmarks/[a-z]*.py)))

.PHONY: run test bench clean

run: $(VENV)/run
	$(BIN)/elman quickstart

test: $(VENV)/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest --numprocesses=auto --dist=worksteal

bench: $(VENV)/test
	@failed=; \
	for benchmark in $(BENCHMARKS); do \
	  echo "== $$benchmark"; \
	  $(BIN)/python "$$benchmark" || failed="$$failed $$benchmark ($$?)"; \
	done; \
	if [ -n "$$failed" ]; then \
	  echo "error: these missed their bar or stopped (1), or could not run (2):$$failed" >&2; exit 1; \
	fi

clean:
	rm -rf $(VENV)

$(VENV)/run: $(NEEDS)
	@echo "installing Elman and PyTorch into $(VENV), which takes a few minutes"
	@$(PIP) --editable '.[train]'
	@touch $@

$(VENV)/test: $(NEEDS)
	@echo "installing Elman, PyTorch and the development tools into $(VENV), which takes a few minutes"
	@$(PIP) --editable '.[train,tensorboard,datasets,documents,onnx,plots,spacy,speech,subwords,synthesis,translation,tune,zstd,dev]'
	@touch $@ $(VENV)/run

$(VENV)/made:
	@missing=; \
	for python in $(or $(PYTHON),python3 python3.13 python3.12 python3.11 python3.14 python); do \
	  $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null || continue; \
	  if ! $$python -c 'import ensurepip, venv' 2>/dev/null; then missing="$$missing $$python"; continue; fi; \
	  echo "making $(VENV) with $$($$python --version)"; \
	  $$python -m venv --clear $(VENV) && touch $@; exit $$?; \
	done; \
	if [ -n "$$missing" ]; then \
	  echo "error:$$missing cannot make a virtual environment: the modules venv and ensurepip are missing." >&2; \
	  echo "Install them, on Debian and Ubuntu with: apt-get install python3-venv" >&2; \
	else \
	  echo "error: expected Python 3.11 to 3.14 as $(or $(PYTHON),python3); install it, or name it: make PYTHON=..." >&2; \
	fi; exit 2
