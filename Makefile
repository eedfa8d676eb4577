# Two commands matter: `make demo` and `make test`. Everything is installed into .venv.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=

# Compiled modules are kept whatever the shell says: the tests' processes would compile the service again and again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test check bench faults fuzz clients toy screenshots sdk lock clean

demo: $(VENV)/run.ok
	@exec $(BIN)/symphony-connect demo $(ARGS)

test: $(VENV)/test.ok
	@$(BIN)/python -m tests.tools.prepare
	@$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

# Every line of trouble at full strength, and the table of what was found.
faults: $(VENV)/test.ok
	@$(BIN)/python -m tests.tools.prepare
	@FAULTS=full $(BIN)/python -m pytest -n auto --dist worksteal tests/faults tests/renewal tests/properties tests/proxy \
		tests/platforms/*/test_platform_renewal.py $(ARGS)

# Many requests made from the API's own description, for minutes.
fuzz: $(VENV)/test.ok
	@FUZZ=full $(BIN)/python -m pytest -n 0 tests/api/test_fuzzing.py $(ARGS)

# Generators that only npm has; make test does without npm, and these come from the network.
clients: $(VENV)/test.ok
	@command -v npm >/dev/null || { echo "npm is missing. Debian/Ubuntu: apt-get install npm; macOS: brew install node"; exit 1; }
	@cd tests/tools/clients && npm ci --no-audit --no-fund
	@$(BIN)/python -m tests.tools.prepare
	@$(BIN)/python -m pytest -n 0 tests/api/test_npm_clients.py $(ARGS)

# A platform dropped into a copy of the tree as two folders: every suite passes there without an edit.
toy: $(VENV)/test.ok
	@$(BIN)/python -m tests.tools.prepare
	@FAULTS=full $(BIN)/python -m pytest -n auto --dist worksteal tests/toy_platform $(ARGS)

bench: $(VENV)/test.ok
	@$(BIN)/python -m bench $(ARGS)

check: $(VENV)/check.ok
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is missing. Debian/Ubuntu: apt-get install python3 python3-venv; macOS: brew install python"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed, $$($(PYTHON) --version) was found. Name another with: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python's venv module is missing. Debian/Ubuntu: apt-get install python3-venv"; exit 1; }

$(VENV)/run.ok: requirements/run.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the service needs into $(VENV) …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/test.ok: requirements/test.lock $(VENV)/run.ok
	@echo "Installing what the tests need into $(VENV) …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/test.lock
	@touch $@

# Without the tests' own parts: style and types need a hundredth of them.
$(VENV)/check.ok: requirements/check.lock $(VENV)/run.ok
	@echo "Installing what the checks need into $(VENV) …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/check.lock
	@touch $@

screenshots: $(VENV)/test.ok
	@$(BIN)/python -m tests.tools.screenshots $(ARGS)
	@$(BIN)/python -m tests.tools.sandbox_screenshots
	@$(BIN)/python -m tests.tools.dashboard_screenshots
	@$(BIN)/python -m tests.tools.demo_screenshots

sdk:
	@command -v npm >/dev/null || { echo "npm is missing; nothing but changing the SDK needs it. Debian/Ubuntu: apt-get install npm; macOS: brew install node"; exit 1; }
	cd sdk && npm ci && npm run build

lock:
	$(PYTHON) -m venv build/lock && build/lock/bin/pip install --quiet uv
	build/lock/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header requirements/run.in -o requirements/run.lock
	build/lock/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --override requirements/overrides.txt -c requirements/run.lock requirements/test.in -o requirements/test.lock
	build/lock/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -c requirements/test.lock requirements/check.in -o requirements/check.lock

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache
