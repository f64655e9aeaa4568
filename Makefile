# Every command a person needs. `make` alone lists them; each sets up what it needs, once.

PYTHON ?= python3
VENV := .venv
export PATH := $(CURDIR)/$(VENV)/bin:$(CURDIR)/node_modules/.bin:$(PATH)

PYTHON_TOOLS := $(VENV)/.installed
NODE_TOOLS := node_modules/.package-lock.json
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	--custom-compile-command 'make lock'
TYPED := src examples tests benchmarks app.py

.DEFAULT_GOAL := help
.PHONY: help setup demo down test test-templates test-deployed frameworks browser check format synth bench load shop adapter lock

# Where `serverless-patterns local` looks for it, too.
ADAPTER = $(shell $(VENV)/bin/python -c 'from serverless_patterns._cache import cache_folder; print(cache_folder())')/adapter
ADAPTER_VERSION := 0.9.1
RIE_VERSION := v0.0.0-20261030222936-bef5c4ba774d

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(PYTHON_TOOLS) $(NODE_TOOLS) ## Install the development environment into .venv and node_modules

demo: setup ## Deploy the bookstore to the local cloud and use it over HTTP
	@serverless-patterns local up
	@serverless-patterns local deploy Bookstore
	@python examples/bookstore/demo.py

down: setup ## Stop the local cloud that `make demo` started
	@serverless-patterns local down

test: setup ## Run the tests: templates, snapshots, cdk-nag, and deployed to the local cloud
	@echo "Two runs side by side; each tells what it found when it ends, the longer after some 15 minutes."
	@$(MAKE) --no-print-directory --jobs=2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target) \
		test-templates test-deployed

test-templates:
	@python -m pytest --ignore=tests/local

test-deployed:  # most of it waits for the emulator
	@python -m pytest tests/local

frameworks: adapter ## Run all seven web frameworks; installs Ruby, PHP, Rails and Laravel by apt, as root
	@tests/frameworks/install.sh
	@SERVERLESS_PATTERNS_REQUIRES_FRAMEWORKS=1 python -m pytest tests/frameworks

check: setup ## Check formatting, lint and types
	@ruff format --check .
	@ruff check .
	@mypy $(TYPED)

format: setup ## Format the code and apply the safe lint fixes
	@ruff format .
	@ruff check --fix .

synth: setup ## Synthesize every stack with the CDK CLI; cdk-nag refuses a violation
	@cdk synth '**' --quiet

bench: setup ## Measure what README claims, as ratios
	@python -m benchmarks

load: setup ## Send 2,000 orders from 20 buyers through the shop in the local cloud, and count
	@python -m benchmarks.shop

adapter: setup ## Build the Lambda Web Adapter and the Runtime Interface Emulator (needs cargo and go)
	@test -x $(ADAPTER)/bin/lambda-adapter || cargo install --quiet --locked --root $(ADAPTER) --version $(ADAPTER_VERSION) lambda_web_adapter
	@test -x $(ADAPTER)/bin/aws-lambda-rie || GOBIN=$(ADAPTER)/bin go install github.com/aws/aws-lambda-runtime-interface-emulator/cmd/aws-lambda-rie@$(RIE_VERSION)

shop: adapter browser ## Run the shop's tests at every step, in flight and in a browser: some 15 minutes
	@SERVERLESS_PATTERNS_SHOP=1 SERVERLESS_PATTERNS_REQUIRES_BROWSER=1 python -m pytest tests/local/test_shop.py tests/local/test_shop_in_flight.py tests/local/test_shop_office.py

browser: ## Install the Chromium that the shop-keeper's page is tested in (by apt, as root)
	@command -v chromium > /dev/null || apt-get install --quiet --yes --no-install-recommends chromium

lock: $(PYTHON_TOOLS) ## Resolve every locked environment again
	@$(COMPILE) --extra dev --output-file requirements-dev.txt pyproject.toml
	@echo uv | $(COMPILE) --constraint requirements-dev.txt --output-file requirements-uv.txt -
	@$(COMPILE) --output-file src/serverless_patterns/_adapters.txt src/serverless_patterns/_adapters.in
	@$(COMPILE) --output-file src/serverless_patterns/local/emulator.txt src/serverless_patterns/local/emulator.in
	@$(COMPILE) --output-file examples/bookstore/service/requirements.txt examples/bookstore/service/requirements.in
	@$(COMPILE) --output-file examples/fast_start/python/requirements.txt examples/fast_start/python/requirements.in
	@$(COMPILE) --output-file examples/shop/office/requirements.txt examples/shop/office/requirements.in
	@$(COMPILE) --output-file examples/shop/service/requirements.txt examples/shop/service/requirements.in
	@$(COMPILE) --output-file examples/warehouse/handlers/requirements.txt examples/warehouse/handlers/requirements.in
	@$(COMPILE) --output-file examples/web_frameworks/flask/requirements.txt examples/web_frameworks/flask/requirements.in
	@$(COMPILE) --output-file examples/web_frameworks/fastapi/requirements.txt examples/web_frameworks/fastapi/requirements.in
	@npm install --package-lock-only --ignore-scripts --silent
	@npm install --package-lock-only --ignore-scripts --silent --prefix examples/web_frameworks/express

$(PYTHON_TOOLS): requirements-uv.txt requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "serverless-patterns needs Python 3.11 or newer, got %d.%d: make PYTHON=python3.11 ..." % sys.version_info[:2])'
	@echo "Installing the development environment into $(VENV) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt
	@VIRTUAL_ENV=$(VENV) uv pip sync --quiet --require-hashes --compile-bytecode requirements-dev.txt
	@VIRTUAL_ENV=$(VENV) uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(NODE_TOOLS): package.json package-lock.json | $(PYTHON_TOOLS)
	@echo "Installing the CDK CLI into node_modules ..."
	@npm ci --ignore-scripts --silent
	@touch $@
