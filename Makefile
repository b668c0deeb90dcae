# Two commands: `make demo` (set-up and the main job) and `make test` (set-up and tests).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

.PHONY: demo test check bench crash security fmt setup system test-parts clean

setup: system $(STAMP)

system:
	@sh scripts/system.sh

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "harness needs Python 3.11 or newer; this is $$($(PYTHON) -V). Set PYTHON=python3.12 (say) and run make again."; exit 4; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $(STAMP)

demo: setup
	$(BIN)/python examples/demo/run.py

test: setup test-parts
	$(BIN)/python -m pytest

test-parts: $(STAMP)
	@sh scripts/test_parts.sh

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/test_layers.py tests/core/test_words.py

fmt: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup
	$(BIN)/python -m benchmarks

crash: setup test-parts
	HARNESS_CRASH_SEEDS=100 $(BIN)/python -m pytest tests/crash

clean:
	rm -rf $(VENV) .parts .mypy_cache .ruff_cache .pytest_cache
