"""Model.compile, fit, evaluate and predict, in a session of TensorFlow 1."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from diptych.backends.mesh import current as current_mesh
from diptych.ir import Unsupported, user_location

from ..data.dataset import Dataset
from ..graphs import nest
from ..graphs.dtypes import as_dtype
from ..graphs.tensor import Tensor
from ..operations.placeholders import placeholder
from ..running.together import check_together, is_shared
from ..strategies.contexts import get_strategy
from ..variables.variable import Variable
from . import backend, feeding, losses, optimizers, settings
from .callback_list import CallbackList
from .callbacks import History
from .feeding import Arrays, Batch, arrays_of, batches
from .predicting import all_rows, rows_to_predict
from .progress import Progbar
from .steps import Step, Totals, for_outputs, run, step_of


class Trained:
    """What a model has to be trained. Subclasses have `inputs`, `outputs`, their names, and layers."""

    name: str
    _compiled: dict[str, Any] | None = None

    def compile(
        self, optimizer: Any = "rmsprop", loss: Any = None, metrics: Any = None, loss_weights: Any = None,
        sample_weight_mode: Any = None, weighted_metrics: Any = None, target_tensors: Any = None,
    ) -> None:  # fmt: skip
        """Says how it is trained: an optimizer, a loss for each output, metrics. Raises ValueError for names that
        there are not, Unsupported for `sample_weight_mode`, `weighted_metrics` and `target_tensors`."""
        for option, given in (
            ("sample_weight_mode", sample_weight_mode), ("weighted_metrics", weighted_metrics),
            ("target_tensors", target_tensors),
        ):  # fmt: skip
            if given is not None:
                raise _unsupported(f"Model.compile: {option} is {given} but must be None", "metrics")
        self.optimizer = optimizers.get(optimizer)
        self.loss = loss
        self.__dict__["_compiled"] = {"loss": loss, "metrics": metrics, "weights": loss_weights}
        self.__dict__["_steps"] = {}
        self.__dict__["_strategy"] = get_strategy()
        for each in nest.flatten(loss) if loss is not None else []:
            losses.get(each)

    def _check_compiled(self) -> None:
        if self._compiled is None:
            raise RuntimeError(
                "You must compile your model before training/testing. Use `model.compile(optimizer, loss)`."
            )

    # -- training ----

    def fit(
        self, x: Any = None, y: Any = None, batch_size: int | None = None, epochs: int = 1, verbose: int = 1,
        callbacks: Any = None, validation_split: float = 0.0, validation_data: Any = None, shuffle: bool = True,
        class_weight: Any = None, sample_weight: Any = None, initial_epoch: int = 0,
        steps_per_epoch: int | None = None, validation_steps: int | None = None, validation_freq: int = 1,
        max_queue_size: int = 10, workers: int = 1, use_multiprocessing: bool = False,
    ) -> History:  # fmt: skip
        """Trains on arrays, `epochs` times through all in batches of 32 or so many, in random order unless told
        otherwise; or on what a generator or a tf.data.Dataset gives. Raises RuntimeError before `compile`, ValueError
        for arrays that do not fit."""
        if validation_freq != 1:
            raise _unsupported(f"Model.fit: validation_freq is {validation_freq} but must be 1", "a callback")
        if isinstance(x, Dataset) or hasattr(x, "__next__") or _is_sequence(x):
            return self.fit_generator(
                x, steps_per_epoch, epochs, verbose, callbacks, validation_data, validation_steps,
                class_weight=class_weight, initial_epoch=initial_epoch,
            )  # fmt: skip
        whole = self._batch(x, y, sample_weight, class_weight)
        size = batch_size or 32
        validation = None
        if validation_split and validation_data is None:
            cut = int(whole.count * (1.0 - validation_split))
            validation, whole = whole.rows(slice(cut, None)), whole.rows(slice(cut))
        elif validation_data is not None and not isinstance(validation_data, Dataset):
            validation = self._batch(*validation_data)
        if validation is not None:
            test: Any = lambda: self._tested(batches(validation, size))  # noqa: E731
        else:
            test = self._validation(validation_data, validation_steps)
        if verbose:
            more = f", validate on {validation.count} samples" if validation is not None else ""
            print(f"Train on {whole.count} samples{more}")

        def epoch() -> Iterator[Batch]:
            return batches(whole, size, feeding.permutation(whole.count, self._strategy) if shuffle else None)

        params = {"batch_size": size, "samples": whole.count, "epochs": epochs, "verbose": verbose}
        told = CallbackList(self, callbacks, params)
        return self._fitted(epoch, told, initial_epoch, whole.count, lambda batch: batch.count, test)

    def fit_generator(
        self, generator: Any, steps_per_epoch: int | None = None, epochs: int = 1, verbose: int = 1,
        callbacks: Any = None, validation_data: Any = None, validation_steps: int | None = None,
        validation_freq: int = 1, class_weight: Any = None, max_queue_size: int = 10, workers: int = 1,
        use_multiprocessing: bool = False, shuffle: bool = True, initial_epoch: int = 0,
    ) -> History:  # fmt: skip
        """Trains on what a generator, a Sequence or a dataset gives: (inputs, targets), or weights as well. Raises
        ValueError where nothing says how long an epoch is."""
        epoch = self._batches_of(generator, steps_per_epoch, class_weight, shuffle=shuffle)
        steps = steps_per_epoch or (len(generator) if _is_sequence(generator) else None)
        told = CallbackList(self, callbacks, {"steps": steps, "epochs": epochs, "verbose": verbose})
        test = self._validation(validation_data, validation_steps)
        return self._fitted(epoch, told, initial_epoch, steps, lambda _: 1, test)

    def _fitted(
        self, epoch_of: Callable[[], Iterable[Batch]], told: CallbackList, first: int, target: int | None,
        length: Callable[[Batch], int], test: Callable[[], dict[str, float]] | None,
    ) -> History:  # fmt: skip
        """Trains on the batches of `epoch_of`, which is called for each epoch; `target` is how long one is."""
        for epoch in told.epochs(first):
            bar, totals, done = told.bar(epoch, target), Totals(), 0
            for number, batch in enumerate(epoch_of()):
                told.tell("on_train_batch_begin", number, {"batch": number, "size": batch.count})
                found = self._step(batch, learns=True).run(batch)
                totals.add(found, batch.count)
                told.tell("on_train_batch_end", number, {"batch": number, "size": batch.count, **found})
                done += length(batch)
                if target is None or done < target:  # the end of it says the means
                    bar.update(done, list(found.items()))
                if self.stop_training:
                    break
            logs = totals.means()
            if test is not None:
                logs.update({f"val_{name}": value for name, value in test().items()})
            told.end_of_epoch(epoch, logs, bar)
        if self._strategy.extended.input_pipelines[0] > 1:
            check_together("what comes after Model.fit")  # what the first process has written is there then
        return told.finished()

    def train_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None, reset_metrics: bool = True
    ) -> Any:
        """One step on one batch: its loss, or with metrics a list of the loss and them."""
        batch = self._batch(x, y, sample_weight, class_weight)
        return _plain(self._step(batch, learns=True).run(batch))

    # -- testing ----

    def evaluate(
        self, x: Any = None, y: Any = None, batch_size: int | None = None, verbose: int = 1, sample_weight: Any = None,
        steps: int | None = None, callbacks: Any = None, max_queue_size: int = 10, workers: int = 1,
        use_multiprocessing: bool = False,
    ) -> Any:  # fmt: skip
        """The loss, or with metrics a list of the loss and them, over all of the arrays, or what a generator or a
        dataset gives."""
        if isinstance(x, Dataset) or hasattr(x, "__next__") or _is_sequence(x):
            return self.evaluate_generator(x, steps, verbose=verbose)
        whole = self._batch(x, y, sample_weight)
        found = self._tested(batches(whole, batch_size or 32))
        if verbose:
            Progbar(whole.count, verbose=verbose).finish(list(found.items()))
        return _plain(found)

    def evaluate_generator(
        self, generator: Any, steps: int | None = None, callbacks: Any = None, max_queue_size: int = 10,
        workers: int = 1, use_multiprocessing: bool = False, verbose: int = 0,
    ) -> Any:  # fmt: skip
        """The loss, or with metrics a list of the loss and them, over what a generator or a dataset gives."""
        return _plain(self._tested(self._batches_of(generator, steps)()))

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, reset_metrics: bool = True) -> Any:
        """The loss of one batch, or with metrics a list of the loss and them."""
        batch = self._batch(x, y, sample_weight)
        return _plain(self._step(batch, learns=False).run(batch))

    @property
    def metrics_names(self) -> list[str]:
        """The names of what `evaluate` gives, known once it was trained or tested."""
        made = next(iter(self._steps.values()), None)
        return made.labels if made is not None else ["loss"]

    # -- predicting ----

    def predict(
        self, x: Any, batch_size: int | None = None, verbose: int = 0, steps: int | None = None, callbacks: Any = None,
        max_queue_size: int = 10, workers: int = 1, use_multiprocessing: bool = False,
    ) -> Any:  # fmt: skip
        """What the model gives for arrays, computed in batches: an array, or a list of one for each output."""
        if isinstance(x, Dataset) or hasattr(x, "__next__") or _is_sequence(x):
            return self.predict_generator(x, steps)
        inputs, size = self._inputs_of(x), batch_size or 32
        return self._predicted(
            [each[start : start + size] for each in inputs] for start in range(0, max(len(inputs[0]), 1), size)
        )

    def predict_generator(
        self, generator: Any, steps: int | None = None, callbacks: Any = None, max_queue_size: int = 10,
        workers: int = 1, use_multiprocessing: bool = False, verbose: int = 0,
    ) -> Any:  # fmt: skip
        """What the model gives for the inputs that a generator or a dataset gives."""
        given = _limited(_elements(generator), _count(generator, steps))
        return self._predicted(self._inputs_of(each[0] if isinstance(each, tuple) else each) for each in given)

    def _predicted(self, given: Iterable[Arrays]) -> Any:
        parts = [self._outputs_of(each) for each in given]
        found = [np.concatenate([part[place] for part in parts]) for place in range(len(self.outputs))]
        return found[0] if len(found) == 1 else found

    def _outputs_of(self, inputs: Arrays) -> Arrays:
        """What the model gives for a batch, which all processes have that share its graph: each computes its rows."""
        graph = self.outputs[0].graph
        if not is_shared(graph):
            return run(self.outputs, dict(zip(self.inputs, inputs, strict=True)), False)
        own, rows = rows_to_predict(inputs, graph.mesh or current_mesh())
        found = run(self.outputs, dict(zip(self.inputs, own, strict=True)), False)
        return [all_rows(each, rows)[: len(inputs[0])] for each in found]

    def predict_on_batch(self, x: Any) -> Any:
        """What the model gives for one batch."""
        return self._predicted([self._inputs_of(x)])

    # -- what runs ----

    def _connect_to(self, arrays: Arrays) -> None:
        """Calls a model that has no inputs yet on placeholders like some arrays."""
        if self.inputs is not None:
            return
        given = [
            placeholder(
                as_dtype(settings.floatx() if each.dtype.kind == "f" else each.dtype), shape=[None, *each.shape[1:]],
                name=f"input_{number}",
            )
            for number, each in enumerate(arrays, 1)
        ]  # fmt: skip
        made = self(given[0] if len(given) == 1 else given)
        self.__dict__["inputs"] = given
        self.__dict__["outputs"] = nest.flatten(made)

    def _inputs_of(self, x: Any) -> Arrays:
        for each in nest.flatten(x):
            if each is None or isinstance(each, Tensor | Variable):
                raise _unsupported(
                    f"tf.keras.Model: x is {each} but must be an array", "arrays, a generator or a tf.data.Dataset"
                )
        if self.inputs is None:
            count = len(x) if isinstance(x, list | tuple) and hasattr(x[0], "shape") else 1
            self._connect_to(arrays_of(x, [f"input_{number + 1}" for number in range(count)], [None] * count, "input"))
        return arrays_of(x, self.input_names, [backend.int_shape(each) for each in self.inputs], "input")

    def _batch(self, x: Any, y: Any, sample_weight: Any = None, class_weight: Any = None) -> Batch:
        """The arrays for a step. Raises RuntimeError before `compile`, ValueError for arrays that do not fit."""
        self._check_compiled()
        inputs = self._inputs_of(x)
        targets = arrays_of(y, self.output_names, [None] * len(self.outputs), "target")
        feeding.check_counts(inputs, targets)
        functions = for_outputs(self._compiled["loss"], self.output_names)
        for target, output, function in zip(targets, self.outputs, functions, strict=True):
            if function is not None:
                feeding.check_target(target, backend.int_shape(output) or (), losses.get(function))
        return Batch(inputs, targets, feeding.weights_of(targets, sample_weight, class_weight))

    def _batches_of(
        self, source: Any, steps: int | None, class_weight: Any = None, *, shuffle: bool = False
    ) -> Callable[[], Iterator[Batch]]:
        """A function that gives the batches of an epoch: what follows in a generator, all of a Sequence or a dataset.
        Raises ValueError where nothing says how long it is."""
        self._check_compiled()
        count = _count(source, steps)
        if _is_sequence(source):
            return lambda: (
                self._batch(*_parts(source[place]), class_weight)
                for place in (feeding.permutation(count, self._strategy) if shuffle else range(count))
            )
        following = None if isinstance(source, Dataset) and steps is None else _elements(source)
        return lambda: (
            self._batch(*_parts(each), class_weight)
            for each in _limited(_elements(source) if following is None else following, count)
        )

    def _validation(self, given: Any, steps: int | None) -> Callable[[], dict[str, float]] | None:
        """A function that tests on arrays, or on what a generator or a dataset gives."""
        if given is None:
            return None
        if isinstance(given, list | tuple):
            whole = self._batch(*given)
            return lambda: self._tested(batches(whole, 32))
        epoch = self._batches_of(given, steps)
        return lambda: self._tested(epoch())

    def _tested(self, given: Iterable[Batch]) -> dict[str, float]:
        totals = Totals()
        for batch in given:
            totals.add(self._step(batch, learns=False).run(batch), batch.count)
        return totals.means()

    def _step(self, batch: Batch, *, learns: bool) -> Step:
        """What is run for a batch, made once for those like it."""
        key = learns, tuple(each.ndim for each in batch.targets)
        if key not in self._steps:
            self._steps[key] = step_of(self, batch, learns=learns)
        return self._steps[key]


def _is_sequence(x: Any) -> bool:
    """Whether batches are got by their number, as of a tf.keras.utils.Sequence."""
    is_array = isinstance(x, list | tuple | Mapping) or hasattr(x, "shape")
    return hasattr(x, "__getitem__") and hasattr(x, "__len__") and not is_array


def _elements(source: Any) -> Iterator[Any]:
    if isinstance(source, Dataset):
        return feeding.elements(source)
    return (source[place] for place in range(len(source))) if _is_sequence(source) else source


def _count(source: Any, steps: int | None) -> int | None:
    """How many batches make an epoch; None for all of a dataset. Raises ValueError for a generator without steps."""
    if steps is not None or isinstance(source, Dataset):
        return steps
    if _is_sequence(source):
        return len(source)
    raise ValueError(
        "`steps_per_epoch=None` is only valid for a generator based on the `keras.utils.Sequence` class. Please "
        "specify `steps_per_epoch` or use the `keras.utils.Sequence` class."
    )


def _limited(given: Iterator[Any], count: int | None) -> Iterator[Any]:
    return itertools.islice(given, count) if count is not None else given


def _parts(element: Any) -> tuple[Any, Any, Any]:
    """(inputs, targets, weights) of what a generator gives. Raises ValueError."""
    if not isinstance(element, tuple | list) or len(element) not in (2, 3):
        raise ValueError(
            "Output of generator should be a tuple `(x, y, sample_weight)` or `(x, y)`. Found: " + str(element)
        )
    return element[0], element[1], element[2] if len(element) == 3 else None


def _plain(found: Mapping[str, float]) -> Any:
    values = list(found.values())
    return values[0] if len(values) == 1 else values


def _unsupported(words: str, hint: str) -> Unsupported:
    return Unsupported(words, location=user_location(), hint=hint)
