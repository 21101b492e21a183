PYTHON ?= python3
# One BLAS thread: on a busy machine two are far slower for small products.
export OPENBLAS_NUM_THREADS = 1

.PHONY: demo test test-jax lint bench clean

demo: .venv-demo/ready
	.venv-demo/bin/python examples/demo.py

test: .venv/ready
	.venv/bin/python -m pytest -n 2

# The front ends' tests once more, with every program on jax. XLA compiles so many that it takes half an hour.
test-jax: .venv/ready
	DIPTYCH_BACKEND=jax .venv/bin/python -m pytest -n 2 \
		tests/static tests/eager tests/test_front_ends_agree.py tests/test_properties.py

lint: .venv-lint/ready
	.venv-lint/bin/ruff format --check .
	.venv-lint/bin/ruff check .
	.venv-lint/bin/pyright --pythonpath .venv-lint/bin/python

# PEERS may name the Pythons of other frameworks: PEERS="torch=... tensorflow=..."; jax is in our own environment.
bench: .venv/ready
	.venv/bin/python -m benchmarks $(if $(PEERS),--python $(PEERS))

clean:
	rm -rf .venv .venv-demo .venv-lint build dist *.egg-info

.venv-demo/ready: pyproject.toml
	$(PYTHON) -m venv .venv-demo
	.venv-demo/bin/python -m pip install --quiet '.[demo]'
	touch $@

.venv/ready: pyproject.toml
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet -e '.[test]'
	touch $@

# The strict editable mode lays out the package as pyright finds it.
.venv-lint/ready: pyproject.toml
	$(PYTHON) -m venv .venv-lint
	.venv-lint/bin/python -m pip install --quiet -e '.[dev]' --config-settings editable_mode=strict
	touch $@
