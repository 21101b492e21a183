"""An evaluator that TF_CONFIG names: it evaluates what others train, until they have done."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import diptych.static as tf
import pytest
from diptych.static.estimators import checkpoint_evaluation


def _model_fn(features: Any, labels: Any, mode: str) -> Any:
    weight = tf.get_variable("weight", initializer=0.0)
    loss = tf.reduce_mean((weight * features - labels) ** 2)
    train = tf.train.GradientDescentOptimizer(0.1).minimize(loss, tf.train.get_or_create_global_step())
    return tf.estimator.EstimatorSpec(mode, loss=loss, train_op=train)


def _rows() -> Any:
    return tf.data.Dataset.from_tensor_slices(([1.0, 2.0], [2.0, 4.0])).repeat(4).batch(2)


def test_an_evaluator_goes_on_until_all_steps_are_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    cluster = {"chief": ["a:1"], "worker": ["b:2"]}
    monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": cluster, "task": {"type": "evaluator", "index": 0}}))
    made = tf.estimator.Estimator(_model_fn, config=tf.estimator.RunConfig(tmp_path))
    waited: list[float] = []

    def trained(seconds: float) -> None:  # while the evaluator waits
        waited.append(seconds)
        if len(waited) > 2:
            made.train(_rows, steps=2)

    monkeypatch.setattr(checkpoint_evaluation.time, "sleep", trained)
    spec = tf.estimator.EvalSpec(_rows, start_delay_secs=7, throttle_secs=60)
    with caplog.at_level(logging.WARNING, "tensorflow"):
        assert tf.estimator.train_and_evaluate(made, tf.estimator.TrainSpec(_rows, 4), spec) is None
    told = [each.getMessage() for each in caplog.records]
    assert sum(each.startswith("Estimator is not trained yet. Will start") for each in told) == 1
    assert waited[0] == 7 and len(waited) == 4 and all(59 < each <= 60 for each in waited[1:])
    assert len(list((tmp_path / "eval").glob("events.out.tfevents.*"))) == 1
