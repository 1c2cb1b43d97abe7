# Two commands do everything on a fresh machine with Python 3.11+ and make: `make demo` and `make test`.

PYTHON ?= python3
BIN := .venv/bin
METRICS ?= 127.0.0.1:9090
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help demo test unit check lint bench chaos fuzz load report monitor lock clean

help: ## list the targets
	@grep -E '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: .venv/run ## store, simulated platform, gateway and pushers; a spike and a campaign; ends with the audit
	$(BIN)/python run.py demo

test: .venv/dev ## all tests, on a real store and real processes
	$(BIN)/python -m pytest

unit: .venv/dev ## those that start no process of their own, in less than a minute
	$(BIN)/python -m pytest -m "not e2e"

check: lint test ## everything CI checks

lint: .venv/dev ## format, lint, types, direction of imports
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/dev ## the figures of docs/benchmarks.md, one JSON line each
	$(BIN)/python -m loadtests.bench

chaos: .venv/run ## faults under load, ended by the audit: make chaos SCENARIO=R3 (docs/chaos.md)
	$(BIN)/python -m loadtests.chaos $(or $(SCENARIO),mix) $(CHAOS_OPTIONS)

fuzz: .venv/dev ## hostile input at random for a while: make fuzz SECONDS=600 (docs/chaos.md, R12)
	$(BIN)/python -m tests.fuzz --seconds $(or $(SECONDS),600)

load: .venv/dev ## a Locust scenario (make load SCENARIO=callback_spike); ends with the audit; docs/load-testing.md
	$(BIN)/python -m loadtests.load $(or $(SCENARIO),callback_spike) $(LOAD)

report: .venv/dev ## the standard run as a page in loadtests/results/; INCLUDE="FILE …" adds other results
	$(BIN)/python -m loadtests.report --picture docs/picture.svg $(addprefix --include ,$(INCLUDE))

monitor: ## Prometheus with our alerts against a local serve, METRICS=HOST:PORT if it is not 127.0.0.1:9090; docs/monitoring.md
	@command -v prometheus >/dev/null || { echo "prometheus is not installed (Debian: apt-get install prometheus)"; exit 1; }
	@mkdir -p .prometheus
	@sed -e 's|127.0.0.1:9090|$(METRICS)|' -e 's|alerts/|$(CURDIR)/monitoring/alerts/|' monitoring/prometheus.yml > .prometheus/prometheus.yml
	@echo "Look at http://127.0.0.1:9091/alerts and http://127.0.0.1:9091/graph; Ctrl-C ends it, its data stays in .prometheus"
	@prometheus --config.file=.prometheus/prometheus.yml --storage.tsdb.path=.prometheus/data \
		--web.listen-address=127.0.0.1:9091 --log.level=warn

lock: ## resolve the dependencies anew (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade \
		--extra embedded pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade \
		--extra embedded --extra load --extra tracing --group dev pyproject.toml -o requirements-dev.lock

clean: ## remove what make made
	rm -rf .venv .tidegate .prometheus .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Tidegate needs Python 3.11 or newer; try make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv

# What running needs, and (dev) what working on it needs; each is installed anew when its lock changes.
.venv/run: requirements.lock | .venv/bin/python
	$(PIP) --require-hashes -r requirements.lock
	@touch $@

.venv/dev: requirements-dev.lock pyproject.toml | .venv/bin/python
	$(PIP) --require-hashes -r requirements-dev.lock
	$(PIP) --no-build-isolation --no-deps -e .
	@touch $@ .venv/run
