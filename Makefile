.DEFAULT_GOAL := help
.PHONY: help run setup build check unit api e2e test clean-data

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: ## set up, build, and start Sluice with example data (SLUICE_ADDR=host:port)
	@scripts/run.sh

setup: ## only install what the build needs
	@scripts/setup.sh build

build: ## set up and build, without starting
	@scripts/setup.sh build && scripts/build.sh front server

test: ## everything that must pass before a change lands
	@scripts/test.sh check deny unit api e2e

check: ## formatting and lints
	@scripts/test.sh check

unit: ## Rust tests, with a throw-away PostgreSQL beside SQLite
	@scripts/test.sh unit

api: ## the API against its own document
	@scripts/test.sh api

e2e: ## browser tests
	@scripts/test.sh e2e

clean-data: ## delete ./data: the local database and all that is in it
	rm -rf data
