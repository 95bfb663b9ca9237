# Everything starts here, with no more than Python 3.11 and pip: `make run`, `make test`.
# The first call makes .venv from requirements.lock, hash by hash; later ones find it ready.

PYTHON ?= python3
# uv if there is one, else one of our own in .uv: `pip --target` works where PEP 668 protects the system's packages.
UV := $(shell uv --version >/dev/null 2>&1 && echo uv || echo .uv/bin/uv)
READY := .venv/.ready
# The machine's own certificates, as pip uses them: a network that inspects TLS has its authority there.
export UV_SYSTEM_CERTS ?= 1

.DEFAULT_GOAL := help
.PHONY: help run test lint format bench openapi lock
.DELETE_ON_ERROR:

help: ## Show this list
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

run: $(READY) ## Run the service with demonstration data, on loopback
	.venv/bin/scrutiny serve --demo

test: $(READY) ## Run every test on a real PostgreSQL; TESTS="…" narrows, --postgres=15 takes an installed one
	.venv/bin/pytest -n auto --maxprocesses=4 --dist=loadfile --no-loadscope-reorder $(TESTS)

lint: $(READY) ## Check style, types and who imports whom
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo

format: $(READY) ## Put the sources into shape
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

bench: $(READY) ## Measure; results go to benchmarks/results
	.venv/bin/python -m benchmarks

openapi: $(READY) ## Write the OpenAPI document that is committed
	.venv/bin/scrutiny openapi > docs/openapi.json

# uv resolves into uv.lock, which names the index that it asked and is therefore not committed. What is committed are
# plain requirements with hashes, the same from every index. To update one package: uv lock --upgrade-package NAME.
lock: $(filter .uv/bin/uv,$(UV)) ## Resolve the dependencies of pyproject.toml anew
	$(UV) lock
	$(UV) export --frozen --no-emit-project --no-header --no-annotate --quiet --all-groups -o requirements.lock
	$(UV) export --frozen --no-emit-project --no-header --no-annotate --quiet --no-dev -o requirements-runtime.lock
	@! grep -nE '://' requirements.lock requirements-runtime.lock

$(READY): requirements.lock pyproject.toml $(filter .uv/bin/uv,$(UV))
	test -x .venv/bin/python || $(UV) venv --quiet --python $(PYTHON) .venv
	$(UV) pip sync --quiet --compile-bytecode --python .venv/bin/python --require-hashes requirements.lock
	$(UV) pip install --quiet --python .venv/bin/python --no-deps -e .
	touch $@

.uv/bin/uv:
	$(PYTHON) -m pip install --quiet --target .uv 'uv>=0.9'
