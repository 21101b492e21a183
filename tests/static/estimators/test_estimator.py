"""tf.estimator: what it refuses, in TensorFlow 1.15's words, where later versions have others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import diptych.static as tf
import pytest

ESTIMATOR = tf.estimator


def model_fn(features: Any, labels: Any, mode: str) -> Any:
    return ESTIMATOR.EstimatorSpec(mode, predictions=features)


def moody(features: Any, mood: Any) -> None: ...


def featureless(labels: Any) -> None: ...


def input_fn() -> Any:
    return tf.data.Dataset.from_tensors(tf.ones([2, 1]))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: ESTIMATOR.Estimator(featureless), f"model_fn ({featureless}) must include features argument."),
        (lambda: ESTIMATOR.Estimator(moody), f"model_fn ({moody}) has following not expected args: ['mood']"),
        (lambda: ESTIMATOR.Estimator(model_fn, params={}),
         f"model_fn ({model_fn}) does not include params argument, but params ({{}}) is passed to Estimator."),
        (lambda: ESTIMATOR.Estimator(model_fn, "/nowhere/a", ESTIMATOR.RunConfig("/nowhere/b")),
         "`model_dir` are set both in constructor and `RunConfig`, but with different values. In constructor: "
         "'/nowhere/a', in `RunConfig`: '/nowhere/b' "),
        (lambda: ESTIMATOR.EstimatorSpec("infer", predictions=tf.constant(1.0), export_outputs={"a": 3}),
         "Values in export_outputs must be ExportOutput objects. Given: {'a': 3}"),
        (lambda: ESTIMATOR.Estimator(model_fn, "/nowhere/a").get_variable_names(),
         "Could not find trained model in model_dir: /nowhere/a."),
        (lambda: next(ESTIMATOR.Estimator(model_fn, "/nowhere/a").predict(input_fn, predict_keys=["a"])),
         "predict_keys argument is not valid in case of non-dict predictions."),
        (lambda: ESTIMATOR.EvalSpec(input_fn, start_delay_secs=-1), "Must specify start_delay_secs >= 0, given: -1"),
        (lambda: ESTIMATOR.EvalSpec(input_fn, throttle_secs=-1), "Must specify throttle_secs >= 0, given: -1"),
        (lambda: ESTIMATOR.DNNClassifier([2], [], optimizer="wrong").train(input_fn, steps=1),
         "Unsupported optimizer name: wrong. Supported names are: ('Adagrad', 'Adam', 'Ftrl', 'RMSProp', 'SGD')"),
    ],
    ids=map(str, range(10)),  # words hold addresses
)  # fmt: skip
def test_what_is_refused(wrong: Callable[[], Any], words: str) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        wrong()
    assert str(caught.value) == words


def test_members_are_not_overridden() -> None:
    class Other(ESTIMATOR.Estimator):
        def train(self) -> None: ...

    with pytest.raises(ValueError) as caught:
        Other(model_fn)
    assert str(caught.value) == (
        f"Subclasses of Estimator cannot override members of Estimator. {Other} does override ['train']"
    )


@pytest.mark.parametrize("name", ["export_saved_model", "export_savedmodel", "experimental_export_all_saved_models"])
def test_saved_models_are_not_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotImplementedError) as caught:
        getattr(ESTIMATOR.Estimator(model_fn, str(tmp_path)), name)("folder", input_fn)
    lines = str(caught.value).splitlines()
    assert lines[0] == f"Estimator.{name} is not supported: diptych writes no SavedModel"
    assert lines[-1] == "  try: the checkpoints in Estimator.model_dir"


def test_hooks_have_a_name_among_estimators() -> None:
    assert ESTIMATOR.StopAtStepHook is tf.train.StopAtStepHook
    assert ESTIMATOR.SessionRunHook is tf.train.SessionRunHook
