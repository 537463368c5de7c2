# Everything one needs: `make run`, `make test`, `make check`. Needs Python 3.11+ and make.
.PHONY: run chat test test-long check bench build clean lock format runtime development
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv/bin/python
# One process for each core, four at most: each file of tests in one of them, in the files' order.
SIDE_BY_SIDE := --numprocesses=auto --maxprocesses=4 --dist=loadfile --no-loadscope-reorder

run: build ## start in development mode on http://localhost:3978 (PORT)
	@SWITCHROOM_ENV=development exec $(VENV) app.py

chat: runtime ## the Teams client emulator, talking to the bot of `make run`
	@$(VENV) tools/chat.py

test: development build ## every test, browser included
	@cd tabs && ../$(VENV) ../tools/node.py npm test
	@SWITCHROOM_NODE="$$($(VENV) tools/node.py --path)" $(VENV) -m pytest $(SIDE_BY_SIDE)

test-long: development ## generated cases of access, five times as many as in `make test`
	@ACCESS_CASES=10000 $(VENV) -m pytest tests/unit/dashboards/test_scopes.py \
		tests/unit/access/test_generated.py tests/integration/test_access_generated.py

check: development build ## style, types, import contracts, generated files, locks
	@$(VENV) tools/check.py

bench: development ## speed side by side with the alternatives; figures in docs/performance.md
	@$(VENV) -m bench
	@$(VENV) -m bench.turn

build: runtime ## the tab, when its sources changed
	@$(VENV) tools/tab.py

format: development ## rewrite the Python sources in the project's style
	@$(VENV) -m ruff format . && $(VENV) -m ruff check --fix .

lock: development ## resolve requirements*.in into hashed locks
	@$(VENV) tools/lock.py

clean: ## what was built and installed; .switchroom (the data) stays
	@rm -rf .build .venv tabs/dist tabs/node_modules tests/*/node_modules
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

runtime:
	@python="$$(sh tools/python.sh)" && "$$python" tools/environment.py runtime

development: runtime
	@$(VENV) tools/environment.py development
