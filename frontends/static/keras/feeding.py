"""The arrays that a model is trained on: in the order of its inputs and outputs, checked, cut into batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from diptych.backends.processes import random_words
from diptych.ir import Unsupported, user_location

from ..data.pipelines.batching import parts_of_batch
from ..graphs.errors import OutOfRangeError
from . import backend, losses
from .loss_classes import LossFunction

Arrays = list[np.ndarray]


class Batch(NamedTuple):
    """An array for each input, for each output, and the weights of the examples for each output."""

    inputs: Arrays
    targets: Arrays
    weights: Arrays

    @property
    def count(self) -> int:
        """How many examples there are."""
        return len(self.inputs[0])

    def rows(self, index: Any) -> Batch:
        """Some of the examples."""
        return Batch(*([each[index] for each in part] for part in self))


def arrays_of(given: Any, names: Sequence[str], shapes: Sequence[Any], what: str) -> Arrays:
    """An array for each of some names; `what` is said in errors: input or target. Raises ValueError where arrays are
    missing or have other shapes."""
    if isinstance(given, Mapping):
        missing = [name for name in names if name not in given]
        if missing:
            raise ValueError(f'No data provided for "{missing[0]}". Need data for each key in: {list(names)}')
        given = [given[name] for name in names]
    elif not isinstance(given, list | tuple) or (len(names) == 1 and not hasattr(given[0], "shape")):
        given = [given]
    found = [np.asarray(each) for each in given]
    found = [each[:, None] if each.ndim == 1 else each for each in found]
    if len(found) != len(names):
        raise ValueError(
            f"Error when checking model {what}: the list of Numpy arrays that you are passing to your model is not the "
            f"size the model expected. Expected to see {len(names)} array(s), but instead got the following list of "
            f"{len(found)} arrays: {str(found)[:200]}..."
        )
    for name, array, shape in zip(names, found, shapes, strict=True):
        if shape is None:
            continue
        if array.ndim != len(shape):
            raise ValueError(
                f"Error when checking {what}: expected {name} to have {len(shape)} dimensions, but got array with "
                f"shape {array.shape}"
            )
        if any(size not in (None, known) for size, known in zip(shape[1:], array.shape[1:], strict=True)):
            raise ValueError(
                f"Error when checking {what}: expected {name} to have shape {tuple(shape[1:])} but got array with "
                f"shape {array.shape[1:]}"
            )
    return found


def weights_of(targets: Arrays, sample_weight: Any, class_weight: Mapping[int, float] | None) -> Arrays:
    """The weight of every example for each output: ones, as given, times those of its class."""
    given = sample_weight if isinstance(sample_weight, list) else [sample_weight] * len(targets)
    weights = [
        np.ones(len(target), np.float32) if weight is None else np.asarray(weight, np.float32).reshape(-1)
        for target, weight in zip(targets, given, strict=True)
    ]
    if class_weight is not None:
        classes = targets[0].argmax(-1) if targets[0].shape[-1] > 1 else targets[0].reshape(-1).astype(int)
        weights[0] = weights[0] * np.array([class_weight[int(each)] for each in classes], np.float32)
    return weights


def check_counts(inputs: Arrays, targets: Arrays) -> None:
    """Raises ValueError where there are not as many targets as inputs."""
    for what, arrays in (("input", inputs), ("target", targets)):
        if len({len(each) for each in arrays}) > 1:
            raise ValueError(
                f"All {what} arrays (x) should have the same number of samples. Got array shapes: "
                f"{[each.shape for each in arrays]}"
            )
    if len(inputs[0]) != len(targets[0]):
        raise ValueError(
            "Input arrays should have the same number of samples as target arrays. Found "
            f"{len(inputs[0])} input samples and {len(targets[0])} target samples."
        )


def check_target(target: np.ndarray, shape: Sequence[int | None], loss: Any) -> None:
    """Raises ValueError for targets that a loss cannot take beside predictions of a shape."""
    compute = loss.compute if isinstance(loss, LossFunction) else loss
    if compute is losses.categorical_crossentropy and target.shape[-1] == 1:
        raise ValueError(
            f"You are passing a target array of shape {target.shape} while using as loss `categorical_crossentropy`. "
            "`categorical_crossentropy` expects targets to be binary matrices (1s and 0s) of shape (samples, classes). "
            "If your targets are integer classes, you can convert them to the expected format via:\n```\nfrom "
            "keras.utils import to_categorical\ny_binary = to_categorical(y_int)\n```\n\nAlternatively, you can use "
            "the loss function `sparse_categorical_crossentropy` instead, which does expect integer targets."
        )
    if compute not in (losses.mean_squared_error, losses.binary_crossentropy, losses.categorical_crossentropy):
        return
    if any(size not in (None, known) for known, size in zip(target.shape[1:], shape[1:], strict=False)):
        raise ValueError(
            f"A target array with shape {target.shape} was passed for an output of shape {tuple(shape)} while using as "
            f"loss `{compute.__name__}`. This loss expects targets to have the same shape as the output."
        )


def batches(whole: Batch, size: int, order: np.ndarray | None = None) -> Iterator[Batch]:
    """All examples, `size` at a time, in an order."""
    for start in range(0, whole.count, size):
        rows = slice(start, start + size)
        yield whole.rows(rows if order is None else order[rows])


def permutation(count: int, strategy: Any) -> np.ndarray:
    """An order of so many examples: the same in all processes, where several take parts of the same batches."""
    if strategy.extended.input_pipelines[0] == 1:
        return np.random.permutation(count)
    return np.random.default_rng(random_words(2, together=True)).permutation(count)


def own_part(batch: Batch, strategy: Any) -> Batch:
    """What this process feeds of a batch that all processes of a strategy have."""
    count, rank = strategy.extended.input_pipelines
    if count == 1:
        return batch
    parts = iter(parts_of_batch([each for part in batch for each in part], count, rank))
    return Batch(*(list(islice(parts, len(part))) for part in batch))


def elements(dataset: Any) -> Iterator[Any]:
    """The elements of a tf.data.Dataset as arrays, read in the session of keras; whole batches, also where a strategy
    shares them. Raises Unsupported for one of which no process has whole batches."""
    whole = getattr(dataset, "whole", dataset)
    if whole is None:
        raise Unsupported(
            "tf.keras.Model: a data set whose parts several processes make is not supported", location=user_location(),
            hint="strategy.experimental_distribute_dataset, or the data set itself, the same in all",
        )  # fmt: skip
    iterator = whole.make_initializable_iterator()
    session, following = backend.get_session(), iterator.get_next()
    session.run(iterator.initializer)
    while True:
        try:
            found = session.run(following)
        except OutOfRangeError:
            return
        yield found
