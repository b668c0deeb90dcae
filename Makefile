# Two commands: `make demo` (set-up and the main job) and `make test` (set-up and tests).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

.PHONY: demo test check bench honest reproof seeded signs real crash security lies fuzz fmt words format lint types layers setup system test-parts clean

setup: $(STAMP)

system:
	@PYTHON="$(PYTHON)" sh scripts/system.sh

$(STAMP): pyproject.toml | system
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "harness needs Python 3.11 or newer; this is $$($(PYTHON) -V). Set PYTHON=python3.12 (say) and run make again." >&2; exit 4; }
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	@echo "installing harness and what its tests need into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@$(BIN)/python -m compileall -q harness  # each command starts faster, also where nobody may write bytecode
	@touch $@

demo: system setup
	@$(BIN)/python examples/demo/run.py

# without a part the tests that stand against it fail by name; the others still run
test: system setup
	@sh scripts/test_parts.sh || true
	@sh scripts/sandbox_parts.sh || true
	@$(BIN)/python scripts/suites.py

test-parts: $(STAMP)
	@sh scripts/test_parts.sh
	@sh scripts/sandbox_parts.sh

# all four are tried, so that one run says everything that is wrong
check: $(STAMP)
	@$(MAKE) --no-print-directory --keep-going format lint types layers

format: $(STAMP)
	$(BIN)/ruff format --check .

lint: $(STAMP)
	$(BIN)/ruff check .

types: $(STAMP)
	$(BIN)/mypy

layers: $(STAMP)
	$(BIN)/python -m pytest --durations=1 tests/test_layers.py tests/test_dead.py tests/i18n

fmt: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# after an English sentence changed: every language is brought in line, what must be looked at marked
words: $(STAMP)
	$(BIN)/python scripts/words.py

bench: system setup
	@$(BIN)/python -m benchmarks

# HISTORIES: a folder with clones of the projects that benchmarks/honest_set.py names: sixty bug
# fixes proven, then twenty played through the gate (benchmarks/honest_commits.py)
honest: system setup
	@nice $(BIN)/python -m benchmarks.honest_proof --histories $(HISTORIES)
	@nice $(BIN)/python -m benchmarks.honest --histories $(HISTORIES)

# HISTORIES: the same; faults sown into twenty of those fixes
seeded: system setup
	@nice $(BIN)/python -m benchmarks.seeded --histories $(HISTORIES)

# HISTORIES: a folder with clones of any projects; how often honest fixes have each sign
signs: system setup
	@nice $(BIN)/python -m benchmarks.signs --histories $(HISTORIES)

# proofs of those commits made again in a fresh home, and forged ones; the same HISTORIES
reproof: system setup
	@nice $(BIN)/python -m benchmarks.reproof --histories $(HISTORIES)

# HISTORIES: a folder with clones of the projects that tests/real/chosen.py names
real: system setup
	@nice $(BIN)/python -m tests.real.table --histories $(HISTORIES) --page .real/table.md

crash: system setup
	@HARNESS_CRASH_SEEDS=100 $(BIN)/python -m pytest tests/crash

# the long form: a minute of fuzzing by chance for each parser
security: system setup
	@sh scripts/test_parts.sh || true
	@sh scripts/sandbox_parts.sh || true
	@HARNESS_FUZZ_SECONDS=60 HARNESS_FUZZ_SEED=0 $(BIN)/python scripts/suites.py security fuzz

# all lies and honest twins (`make test` plays a part), and the table of what became of each;
# docs/lies.md is written from those that were played under `policy.proof = "hold"`
lies: system setup
	@sh scripts/sandbox_parts.sh || true
	@HARNESS_LIES=all HARNESS_LIES_PAGE=docs/lies.md $(BIN)/python scripts/suites.py lies

# a minute for each parser, two at a time
fuzz: $(STAMP)
	@sh scripts/test_parts.sh fuzzer
	@nice $(BIN)/python -m tests.fuzz.run all $${HARNESS_FUZZ_SECONDS:-60}

clean:
	rm -rf $(VENV) .parts .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis
