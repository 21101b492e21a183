"""tf.estimator.export: what a model gives where it is served."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..exports import export
from ..graphs.dtypes import string
from ..graphs.tensor import Tensor

DEFAULT_SERVING_SIGNATURE_DEF_KEY = "serving_default"


@export("estimator.export.ExportOutput")
class ExportOutput:
    """One way to ask a model."""


@export("estimator.export.ClassificationOutput")
class ClassificationOutput(ExportOutput):
    """Scores [batch, classes] and the classes' names. Raises ValueError."""

    def __init__(self, scores: Any = None, classes: Any = None) -> None:
        if scores is not None and not (isinstance(scores, Tensor) and scores.dtype.is_floating):
            raise ValueError(f"Classification scores must be a float32 Tensor; got {scores}")
        if classes is not None and not (isinstance(classes, Tensor) and classes.dtype.base_dtype is string):
            raise ValueError(f"Classification classes must be a string Tensor; got {classes}")
        if scores is None and classes is None:
            raise ValueError("At least one of scores and classes must be set.")
        self._scores = scores
        self._classes = classes

    @property
    def scores(self) -> Tensor | None:
        return self._scores

    @property
    def classes(self) -> Tensor | None:
        return self._classes


@export("estimator.export.RegressionOutput")
class RegressionOutput(ExportOutput):
    """A number for each example. Raises ValueError."""

    def __init__(self, value: Any) -> None:
        if not (isinstance(value, Tensor) and value.dtype.is_floating):
            raise ValueError(f"Regression output value must be a float32 Tensor; got {value}")
        self._value = value

    @property
    def value(self) -> Tensor:
        return self._value


@export("estimator.export.PredictOutput")
class PredictOutput(ExportOutput):
    """Tensors by name; one alone is called output. Raises ValueError."""

    def __init__(self, outputs: Any) -> None:
        named = outputs if isinstance(outputs, Mapping) else {"output": outputs}
        self._outputs: dict[str, Tensor] = {}
        for key, value in named.items():
            name = "/".join(key) if isinstance(key, tuple) else key
            if not isinstance(name, str):
                raise ValueError(f"Prediction output key must be a string; got {key}.")
            if not isinstance(value, Tensor):
                raise ValueError(f"Prediction output value must be a Tensor; got {value}.")
            self._outputs[name] = value

    @property
    def outputs(self) -> dict[str, Tensor]:
        return self._outputs


def checked_outputs(export_outputs: Any, predictions: Any) -> dict[str, ExportOutput]:
    """The ways to ask a model, with a default one; of None its predictions. Raises TypeError and ValueError."""
    default = DEFAULT_SERVING_SIGNATURE_DEF_KEY
    if export_outputs is None:
        export_outputs = {default: PredictOutput(predictions)}
    if not isinstance(export_outputs, dict):
        raise TypeError(f"export_outputs must be dict, given: {export_outputs}")
    for value in export_outputs.values():
        if not isinstance(value, ExportOutput):
            raise TypeError(f"Values in export_outputs must be ExportOutput objects. Given: {export_outputs}")
    if len(export_outputs) == 1:
        export_outputs.setdefault(default, next(iter(export_outputs.values())))
    elif default not in export_outputs:
        raise ValueError(
            "Multiple export_outputs were provided, but none of them is specified as the default.  Do this by naming "
            "one of them with signature_constants.DEFAULT_SERVING_SIGNATURE_DEF_KEY."
        )
    return export_outputs
