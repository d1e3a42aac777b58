# Two commands that do all their own set-up: `make demo` and `make test`.
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
ENVIRONMENTS ?= html,react
# What else the demo's programs run in. One that cannot be had here is left out, and the report says so.
ALSO := vue streamlit pygame
ROOT := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.PHONY: demo test test-docker check setup also lock clean

demo: setup also
	$(BIN)/agent-judge demo

# Where CI is set, as CI services do, sandboxes in a real Docker daemon are tested too.
test: ENVIRONMENTS = all
test: setup
	@[ -z "$$CI" ] || tests/set_up_backends.sh
	$(BIN)/python -m pytest -n auto tests; code=$$?; tests/set_up_backends.sh --end; exit $$code

# Sandboxes in a real Docker daemon, which is installed and started here if need be: Debian or Ubuntu, as root.
test-docker: ENVIRONMENTS = all
test-docker: setup
	@tests/set_up_backends.sh
	$(BIN)/python -m pytest -n auto tests/backends; code=$$?; tests/set_up_backends.sh --end; exit $$code

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

setup: $(READY)
	@echo "looking for what the environments need ($(ENVIRONMENTS)), and installing what is missing"
	@$(BIN)/agent-judge setup --environments $(ENVIRONMENTS)

also: setup
	@[ -e $(VENV)/.also ] || { lacking=; for name in $(ALSO); do \
	  $(BIN)/agent-judge setup --environments $$name || { echo "the demo leaves out its program in $$name" >&2; lacking=1; }; \
	done; [ -n "$$lacking" ] || touch $(VENV)/.also; }

# The newest suitable Python; Debian and Ubuntu keep its venv module in a package of its own.
$(READY): pyproject.toml requirements.lock
	@set -e; python=; \
	for candidate in $(PYTHON) python3.13 python3.12 python3.11 python3; do \
	  if "$$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then \
	    python=$$candidate; break; fi; done; \
	[ -n "$$python" ] || { echo "Python 3.11, 3.12 or 3.13 is needed: $(ROOT) apt-get install -y python3 python3-venv" >&2; exit 3; }; \
	echo "making $(VENV) with $$($$python --version)"; \
	rm -rf $(VENV); \
	"$$python" -m venv $(VENV) >/dev/null 2>&1 || { \
	  command -v apt-get >/dev/null && { $(ROOT) apt-get update -qq; $(ROOT) apt-get install -y -qq python3-venv; }; \
	  "$$python" -m venv $(VENV); }
	@echo "installing the Python packages of requirements.lock into $(VENV): the first time takes some minutes"
	@$(BIN)/python -m pip install --quiet --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

lock:
	$(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --extra dev --no-header --no-annotate \
	  --no-emit-index-url --no-emit-find-links --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) build dist
