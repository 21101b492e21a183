"""The names of the API."""

import importlib
import pathlib
import subprocess
import sys

import diptych
import diptych.static as tf
import pytest
from diptych.static.exports import NAMES, export

FOLDER = pathlib.Path(__file__).parents[2] / "frontends" / "static"


def test_names_have_several_places():
    assert tf.nn.relu is NAMES["nn.relu"] and tf.math.add is tf.add and tf.nn.sigmoid is tf.sigmoid
    assert tf.train.AdamOptimizer.__name__ == "AdamOptimizer" and tf.errors.OpError is tf.OpError
    assert tf.newaxis is None and tf.float32.name == "float32" and tf.GraphKeys.UPDATE_OPS == "update_ops"


def test_parts_are_modules():
    assert importlib.import_module("diptych.static.nn") is tf.nn
    from diptych.static.train import GradientDescentOptimizer

    assert GradientDescentOptimizer is tf.train.GradientDescentOptimizer


def test_a_name_is_declared_once():
    with pytest.raises(KeyError, match=r"the API name nn.relu is declared twice"):
        export("nn.relu")(None)


def test_a_missing_name_says_what_comes_near():
    assert not hasattr(tf, "reduce_men") and not hasattr(tf.nn, "softmx")
    for value, name in ((lambda: tf.reduce_men, "reduce_mean"), (lambda: tf.nn.softmx, "softmax")):
        with pytest.raises(AttributeError) as caught:
            value()
        assert not isinstance(caught.value, diptych.Unsupported)
        assert name in dir(caught.value.obj)  # among which Python's traceback finds what was meant


def test_a_name_that_tensorflow_has_is_said_to_be_missing(monkeypatch):
    monkeypatch.setattr("diptych.names.has_name", lambda module, name: True)
    with pytest.raises(diptych.Unsupported, match=r"^tensorflow.nn.softmaxes: is not there yet") as caught:
        _ = tf.nn.softmaxes
    assert isinstance(caught.value, AttributeError) and "try: tensorflow.nn.softmax" in str(caught.value)


def test_modules_of_the_implementation_are_no_names():
    for name in ("graphs", "operations", "running", "training", "variables", "session", "exports"):
        assert not hasattr(tf, name)


def test_every_module_is_imported_with_the_api():
    """Operations and names are declared where a module is imported: none may be forgotten."""
    for path in FOLDER.rglob("*.py"):
        relative = path.relative_to(FOLDER).with_suffix("")
        parts = relative.parts[:-1] if relative.name == "__init__" else relative.parts
        assert ".".join(("diptych", "static", *parts)) in sys.modules, path


def test_importing_loads_neither_jax_nor_pydantic():
    code = "import sys, diptych.static; print(sorted({'jax', 'pydantic', 'torch'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_everything_of_the_api_is_described():
    undescribed = [
        name
        for name, value in NAMES.items()
        if callable(value) and not isinstance(value, int) and not value.__doc__ and "absl" not in value.__module__
    ]
    assert undescribed == []
