# Two commands for a newcomer: `make demo` and `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Suites, cheapest first, so that a fault shows soonest. The first use all cores, one after the other; those of whole stacks wait
# more than they compute and run two at a time, the longest first. A new suite is one word here and one job in .github/workflows/ci.yml.
NAMED := component attack property province
QUICK := unit contract $(NAMED)
STACKS := failure integration upgrade delivery browser
export PATH := $(CURDIR)/$(BIN):$(PATH)
# A stack is many processes of the same modules: compiled once, not by each of them.
unexport PYTHONDONTWRITEBYTECODE

PIP_INSTALL := python -m pip install --quiet --disable-pip-version-check
# Installs what a lock names, hashes checked. Where uv cannot be had or has no way to the packages, pip does it.
define install
	@$(BIN)/$(PIP_INSTALL) --require-hashes -r requirements-installer.lock \
	  && $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1) \
	  || { echo "==> not by uv: installing with pip, which takes minutes"; $(BIN)/$(PIP_INSTALL) --require-hashes -r $(1); }
endef

.DEFAULT_GOAL := help
.PHONY: help demo test check format lint types imports prepare $(QUICK) $(STACKS) coverage bench generate lock pins sbom down clean

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/bin/python:
	@echo "==> creating $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (PYTHON=/path/to/python3.11 make ...)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing: install it (Debian: python3-venv)"; exit 1; }

$(VENV)/.runtime: requirements.lock requirements-installer.lock pyproject.toml | $(VENV)/bin/python
	@echo "==> installing the locked packages (hashes checked)"
	$(call install,requirements.lock)
	@$(BIN)/$(PIP_INSTALL) --no-build-isolation --no-deps -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@echo "==> installing what the tests need (hashes checked)"
	$(call install,requirements-dev.lock)
	@touch $@

demo: $(VENV)/.runtime  ## start everything, load the 2023 province, print computed beside published
	@$(BIN)/khopso demo

down: $(VENV)/.runtime  ## stop what `make demo` left running
	@$(BIN)/khopso down

test: prepare  ## everything, on both brokers; `make unit`, `make component` … run one suite
	@$(MAKE) --no-print-directory --keep-going $(QUICK); quick=$$?; \
	  $(MAKE) --no-print-directory --keep-going --jobs=2 --output-sync=target $(STACKS) && exit $$quick

prepare: $(VENV)/.dev
	@$(BIN)/python -m tests.support.prepare

check: $(VENV)/.dev  ## the fast lane, under two minutes
	@$(MAKE) --no-print-directory -j2 --output-sync=target lint types imports unit contract

format: $(VENV)/.dev  ## format and fix what can be fixed
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lint: $(VENV)/.dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/python -m tools.commits

types: $(VENV)/.dev
	@$(BIN)/mypy

imports: $(VENV)/.dev
	@$(BIN)/lint-imports

unit: $(VENV)/.dev
	@$(BIN)/python -m tests.support.suite unit architecture

contract: $(VENV)/.dev
	@$(BIN)/python -m tools.generate --check
	@$(BIN)/python -m tests.support.suite contract

$(NAMED): $(VENV)/.dev
	@$(BIN)/python -m tests.support.suite $@

$(STACKS): prepare
	@$(BIN)/python -m tests.support.suite $@

coverage: $(VENV)/.dev  ## what the last runs with KHOPSO_COVERAGE=1 covered; fails below the floor of pyproject.toml
	@$(BIN)/python -m tests.support.covering
	@$(BIN)/python -m coverage combine --quiet
	@$(BIN)/python -m coverage report

bench: prepare  ## measure, print a table of ratios, gate nothing
	@$(BIN)/python -m tests.bench

generate: $(VENV)/.dev  ## write schemas, AsyncAPI, OpenAPI and the generated docs anew
	@$(BIN)/python -m tools.generate

lock:  ## compile the locked requirements (hashes, no index lines); needs uv
	@for name in requirements requirements-dev requirements-installer; do \
	  uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate $$name.in -o $$name.lock; done

pins: $(VENV)/.runtime  ## write down the digests of Kafka's jars anew, after a change of deploy/kafka/pom.xml
	@$(BIN)/python -c 'from deploy.kafka.jars import pin; pin()'

sbom: $(VENV)/.dev  ## write the bill of materials (CycloneDX, JSON) of what the lock installs to build/sbom.cdx.json
	@mkdir -p build
	@$(BIN)/python -W ignore::UserWarning -m cyclonedx_py requirements requirements.lock --pyproject pyproject.toml \
	  --output-format JSON --output-reproducible --output-file build/sbom.cdx.json
	@echo "build/sbom.cdx.json"

clean:
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
