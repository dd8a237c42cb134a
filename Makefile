# Everything a newcomer needs: `make run` opens the coach, `make test` runs the tests. Both set up all they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run chat test check bench bench-understanding bench-delivery bench-mail bench-slack bench-wechat bench-broadcast bench-pages screens fuzz release crash crash-slack crash-broadcast soak bare-machine bench-peers format lock clean

run: $(VENV)/.installed
	$(BIN)/caucus serve

chat: $(VENV)/.installed
	$(BIN)/caucus chat

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest

check: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports
	$(BIN)/caucus knowledge check
	$(BIN)/python -m tests.lock_is_current

bench: $(VENV)/.installed-dev
	$(BIN)/python -m tests.bench.answers

# How well questions are understood, beside known techniques; --help lists the parts.
bench-understanding: $(VENV)/.installed-dev
	$(BIN)/python -m tests.bench.understanding

# The outbox under load; --help lists the parts.
bench-delivery: $(VENV)/.installed-dev
	$(BIN)/python -m tests.bench.delivery

# Copied mail from the port into the database, and the costliest mails.
bench-mail: $(VENV)/.installed-dev
	$(BIN)/python -m tests.bench.mail

# A callback of the official account, encryption included, against a bare route.
bench-wechat: $(VENV)/.installed-dev
	$(BIN)/python -m tests.bench.tencent

# New hostile inputs for every parser that strangers reach; what fails is to be kept in tests/data/fuzz.
fuzz: $(VENV)/.installed-dev
	HYPOTHESIS_PROFILE=default FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-20000} $(BIN)/python -m pytest tests/security/test_fuzz.py -n0

# What is given away: the wheel, its bill of materials, and the word that no dependency has a known fault. See docs/security.md.
release: check
	$(BIN)/python -m tests.release dist

# Pictures of every page in both languages, at two widths, light and dark, into var/screens; needs Debian's chromium.
screens: $(VENV)/.installed-dev
	$(BIN)/python -m tests.screens.run

# Seconds and bytes of every page of web chat and console, in a large house.
bench-pages: $(VENV)/.installed-dev
	$(BIN)/python -m tests.bench.pages

# SIGKILLs during sends to a recording vendor, on both databases (about five minutes); a short one runs with the tests.
crash: $(VENV)/.installed-dev
	$(BIN)/python -m tests.crash.run --database postgresql --workers 2 --kills 100 --sends 10000
	$(BIN)/python -m tests.crash.run --database sqlite --workers 1 --kills 20 --sends 2000

# The same while one broadcast is fanned out and sent to 10,000 people, fan-out included.
crash-broadcast: $(VENV)/.installed-dev
	$(BIN)/python -m tests.crash.broadcast_run --database postgresql --workers 2 --kills 30 --sends 10000
	$(BIN)/python -m tests.crash.broadcast_run --database sqlite --workers 1 --kills 10 --sends 2000

# A broadcast to a million: fan-out, memory, the engine's curve, progress, a pause, a nudge meanwhile (PostgreSQL).
bench-broadcast: $(VENV)/.installed-dev
	$(BIN)/python -m tests.bench.broadcast

# The same over Slack's channel, against a Slack of our own: half of it in a workspace that lets us look, half not.
crash-slack: $(VENV)/.installed-dev
	$(BIN)/python -m tests.crash.slack_run

# What a signed event costs until its 200, beside bare bolt with one row, in the same run.
bench-slack: $(VENV)/.installed-dev
	$(BIN)/python -m tests.bench.slack

# Ten minutes of mixed traffic on PostgreSQL while processes, database and platforms fail.
soak: $(VENV)/.installed-dev
	$(BIN)/python -m tests.soak.run --page docs/soak.html

# README, operators' guide, runbook and upgrades, typed into a bare Debian machine that boots (root, systemd-nspawn, twenty minutes).
bare-machine: $(VENV)/.installed-dev
	$(BIN)/python -m tests.operations.bare_machine.run

# The same questions put to ChatterBot, Errbot and rapidfuzz, each installed by pip below var/peers.
bench-peers: $(VENV)/.installed-dev
	$(BIN)/python -m tests.peers.run --page docs/side-by-side.md

format: $(VENV)/.installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Pins with hashes and no index address, for every platform and Python we support.
lock: $(VENV)/.installed-dev
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header pyproject.toml --group build -o requirements.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header pyproject.toml --group dev -o requirements-dev.lock

clean:
	rm -rf $(VENV) var .pytest_cache .ruff_cache .hypothesis .import_linter_cache

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# hatchling and editables build the project itself; they are pinned with the rest.
$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q bot adapters knowledge  # a second off the first start
	touch $@

$(VENV)/.installed-dev: requirements-dev.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q bot adapters knowledge
	touch $@ $(VENV)/.installed
