# One command on a bare machine: `make demo` or `make test`. Another build of torch: `make test TORCH=torch==2.13.0`.

PYTHON ?= python3
TORCH ?= torch
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed-$(subst /,_,$(TORCH))

.DEFAULT_GOAL := help
.PHONY: help demo install lint test slow notebooks bench docs pictures clean

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/:.*## /\t/' | expand -t 10

install: $(STAMP) ## make .venv with the package and its development tools

# torch goes first, so that the build a person picked is there when the package asks for any
$(STAMP): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet "$(TORCH)"
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	rm -f $(VENV)/.installed-*
	touch $@

# a person who only wants to see it needs none of the development tools
demo: $(VENV)/bin/thought ## install if need be, train on the small world, and show what came out (minutes)
	$(BIN)/thought demo

$(VENV)/bin/thought:
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV): torch is large, this takes a minute or more"
	$(BIN)/python -m pip install --quiet "$(TORCH)"
	$(BIN)/python -m pip install --quiet --editable .

lint: $(STAMP) ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: lint ## lint, all tests but the slow ones, the lesson once against what it has to reach, the notebooks
	$(BIN)/python -m pytest -m "not slow and not notebooks"
	$(BIN)/python -m pytest -m slow -k seed-1 tests/test_demo_lesson.py
	$(MAKE) notebooks

slow: $(STAMP) ## the slow tests
	$(BIN)/python -m pytest -m slow

notebooks: $(STAMP) ## run every notebook, shortened, each in a clean kernel
	$(BIN)/python -m pytest -m notebooks tests/test_notebooks.py

bench: $(STAMP) ## measure speed and memory on this machine
	$(BIN)/python tests/benchmarks/bench_training.py
	$(BIN)/python tests/benchmarks/bench_inference.py
	$(BIN)/python tests/benchmarks/bench_memory.py

docs: $(STAMP) ## write the documentation of all public names to build/docs/index.html
	PYTHONWARNINGS=error $(BIN)/pdoc --docformat numpy --no-math --output-directory build/docs \
		$$($(BIN)/python -c "import thought; print('thought', *map('thought.{}'.format, thought._MODULES))")

pictures: $(STAMP) ## draw the pictures of the README anew, from the run of the lesson
	test -d runs/demo/snapshots || $(BIN)/thought demo
	$(BIN)/python docs/pictures.py

clean: ## remove the environment and all caches; runs and data stay
	rm -rf $(VENV) build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find thought tests notebooks -name __pycache__ -type d -prune -exec rm -rf {} +
