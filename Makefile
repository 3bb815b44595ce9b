# Two commands on a fresh machine with Python 3.11+ and make: "make study", then "make test".
PYTHON ?= python3
BIN := .venv/bin

.PHONY: env study test lint lab planner bench notebooks messages proofs proof-recovery proof-kills proof-saved proof-treatment-centre durations pins clean

study: env  ## the headline study: policies compared, a brief in results/
	$(BIN)/kinerja study

env: .venv/installed  ## the environment alone, in .venv, from pinned requirements

.venv/installed: requirements.txt pyproject.toml
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || \
		{ echo "Python 3.11 or later is needed; this is $$($(PYTHON) --version). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

test: env lint  ## the whole suite: style, types, tests, notebooks
	$(BIN)/python -m pytest

lint: env
	$(BIN)/ruff check src tests benchmarks validation
	$(BIN)/ruff format --check src tests benchmarks validation
	$(BIN)/mypy

lab: env  ## JupyterLab, opened where to start; Indonesian under Settings > Language
	$(BIN)/jupyter lab --LabApp.default_url=/lab/tree/notebooks/00-start.ipynb

planner: env  ## sliders for planners, in the browser
	$(BIN)/kinerja planner

bench: env  ## side by side with peers, as ratios
	$(BIN)/python -m benchmarks

notebooks: env  ## run every notebook again and keep the outputs
	$(BIN)/jupyter nbconvert --to notebook --execute --inplace notebooks/*.ipynb

messages: env  ## find every text and bring the Indonesian catalogue up to date
	$(BIN)/python -m sim.language.extract

proofs: proof-recovery proof-kills proof-saved proof-treatment-centre  ## all long proofs; each goes on where it was interrupted

proof-recovery: env  ## do 95 % intervals cover the truth? 1,000 data sets a case, into docs/inference.md and docs/evaluation.md
	$(BIN)/python -m validation recovery

proof-kills: env  ## 30 kills of a study, 300 of one of arithmetic, 10 of Dask workers, into docs/reliability.md
	$(BIN)/python -m validation kills

proof-saved: env  ## the studies that notebooks read, run again into data/saved
	$(BIN)/python -m validation saved

proof-treatment-centre: env  ## the treatment centre of Nelson (2013) as an agency, against plain SimPy, into docs/verification.md
	$(BIN)/python -m validation treatment-centre

durations: env  ## measure how long each file of tests takes, by which the suite is shared out
	$(BIN)/python -m pytest --write-durations

pins: env  ## take new pins for the whole environment (needs uv on the path)
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 -c constraints.txt \
		--no-annotate --no-header --no-emit-index-url --upgrade -o requirements.txt

clean:
	rm -rf .venv results
