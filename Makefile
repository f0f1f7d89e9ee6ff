# make run    install, prepare and run the site
# make test   install, prepare and run every test
# make bench  measure the site beside nginx, Granian and a stock Wagtail, and write it to docs/performance.md
# make lighthouse   what Lighthouse says of four pages on a phone; fails below 100
# make lint   style, types, import contract
# make messages   write what is to be translated into */locale/de, and compile what was
# make lock   compile requirements.txt and requirements-dev.txt from their .in files

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA_DIR ?= var
STATIC := $(DATA_DIR)/static/staticfiles.json
OUR_STATIC := $(shell find blog booking cms consent frontend -path '*/static/*' -type f)
POSTGRES ?= postgres://postgres@127.0.0.1:5432/postgres
# A file’s tests stay together: some of them share a database of Redis.
SIDE_BY_SIDE := --numprocesses auto --dist loadfile
SOURCES := bench blog booking cms consent frontend guard home outbox tests manage.py

.DEFAULT_GOAL := help
.PHONY: help run test lint format messages lock browser nginx bench lighthouse

help:
	@sed -n 's/^# make/make/p' Makefile

run: $(VENV)/.run $(STATIC)
	@exec $(BIN)/python manage.py serve

test: $(VENV)/.dev $(STATIC) browser nginx
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/pytest -m "not browser" $(SIDE_BY_SIDE)
	$(BIN)/pytest -m browser
	@if $(BIN)/python -c 'import psycopg, sys; psycopg.connect(sys.argv[1], connect_timeout=2)' $(POSTGRES) 2>/dev/null; \
	then echo "And on PostgreSQL:"; DATABASE_URL=$(POSTGRES) $(BIN)/pytest -m "not browser" $(SIDE_BY_SIDE); \
	else echo "PostgreSQL does not answer at $(POSTGRES): its run is left out."; fi

# QUICK=1 is a rehearsal of two minutes, which writes nothing.
bench: $(VENV)/.run nginx
	@command -v wrk >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get install -y -qq wrk; } || true
	@QUICK=$(QUICK) $(BIN)/python -m bench

# QUICK=1 runs each page once, not five times.
lighthouse: $(VENV)/.run browser
	@QUICK=$(QUICK) $(BIN)/python -m bench.lighthouse

lint: $(VENV)/.dev
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djhtml --check --tabwidth 2 $$(git ls-files '*/templates/*.html')
	SITE_URL=https://clinic.example NUM_PROXIES=1 $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file /dev/null

format: $(VENV)/.dev
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/djhtml --tabwidth 2 $$(git ls-files '*/templates/*.html')

messages: $(VENV)/.dev
	$(BIN)/python manage.py makemessages --locale de --no-obsolete --add-location file --ignore tests
	$(BIN)/python manage.py compilemessages --locale de --ignore $(VENV)

lock:
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/pip install --quiet uv
	for file in requirements requirements-dev; do \
	  $(VENV)-lock/bin/uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header \
	    --no-emit-index-url --no-emit-find-links --quiet --output-file $$file.txt $$file.in; \
	done

$(VENV)/.run: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make run PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --disable-pip-version-check --progress-bar off --require-hashes -r requirements.txt
	touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	$(BIN)/pip install --disable-pip-version-check --progress-bar off --require-hashes -r requirements-dev.txt
	touch $@

$(STATIC): $(VENV)/.run $(OUR_STATIC)
	@echo "Collecting and compressing static files"
	@$(BIN)/python manage.py collectstatic --noinput --clear --verbosity 0
	@touch $@

# The browser tests drive the system's Chromium. Where it can't be installed they say so and are skipped.
browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
	  || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq chromium; } \
	  || echo "No Chromium here and none could be installed: the browser tests will be skipped."

# What deploy/nginx.conf is tested with, and measured.
nginx:
	@test -x /usr/sbin/nginx || command -v nginx >/dev/null \
	  || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq \
	    && apt-get install -y -qq --no-install-recommends nginx libnginx-mod-http-brotli-static; } \
	  || echo "No nginx here and none could be installed: its tests will be skipped."
