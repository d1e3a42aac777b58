# Two commands that do all their own set-up: `make demo` and `make test`.
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
ENVIRONMENTS ?= html,react
ROOT := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.PHONY: demo test check setup lock clean

demo: setup
	$(BIN)/agent-judge demo

test: ENVIRONMENTS = all
test: setup
	$(BIN)/python -m pytest -n auto tests

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

setup: $(READY)
	$(BIN)/agent-judge setup --environments $(ENVIRONMENTS)

# The newest suitable Python; Debian and Ubuntu keep its venv module in a package of its own.
$(READY): pyproject.toml requirements.lock
	@set -e; python=; \
	for candidate in $(PYTHON) python3.13 python3.12 python3.11 python3; do \
	  if "$$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then \
	    python=$$candidate; break; fi; done; \
	[ -n "$$python" ] || { echo "Python 3.11, 3.12 or 3.13 is needed: $(ROOT) apt-get install -y python3 python3-venv" >&2; exit 3; }; \
	rm -rf $(VENV); \
	"$$python" -m venv $(VENV) >/dev/null 2>&1 || { \
	  command -v apt-get >/dev/null && { $(ROOT) apt-get update -qq; $(ROOT) apt-get install -y -qq python3-venv; }; \
	  "$$python" -m venv $(VENV); }
	$(BIN)/python -m pip install --quiet --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

lock:
	$(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --extra dev --no-header --no-annotate \
	  --no-emit-index-url --no-emit-find-links --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) build dist
