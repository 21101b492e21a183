"""tf.estimator.ModeKeys: what a model is made for."""

from __future__ import annotations

from ..exports import export


@export("estimator.ModeKeys")
class ModeKeys:
    """What a model_fn is called for."""

    TRAIN = "train"
    EVAL = "eval"
    PREDICT = "infer"


@export("contrib.learn.ModeKeys")
class LearnModeKeys:
    """The same by the names of tf.contrib.learn."""

    TRAIN = "train"
    EVAL = "eval"
    INFER = "infer"
