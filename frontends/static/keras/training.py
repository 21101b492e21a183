"""Model.compile, fit, evaluate and predict, in a session of TensorFlow 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from diptych.ir import Unsupported, user_location

from ..graphs import nest
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import as_dtype
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from ..operations.placeholders import placeholder
from ..operations.reductions import reduced
from ..training.saver import Saver
from . import backend, losses, optimizers, settings
from .callbacks import Callback, History
from .progress import Progbar

Arrays = list[np.ndarray]


class Trained:
    """What a model has to be trained. Subclasses have `inputs`, `outputs` and layers."""

    name: str
    _compiled: dict[str, Any] | None = None

    def compile(
        self, optimizer: Any = "rmsprop", loss: Any = None, metrics: Any = None, loss_weights: Any = None,
        sample_weight_mode: Any = None, weighted_metrics: Any = None, target_tensors: Any = None, **_: Any,
    ) -> None:  # fmt: skip
        """Says how it is trained: an optimizer, a loss for each output, metrics. Raises ValueError."""
        self.optimizer = optimizers.get(optimizer)
        self.loss = loss
        self.__dict__["_compiled"] = {"loss": loss, "metrics": metrics, "weights": loss_weights}
        self.__dict__["_functions"] = {}
        for each in nest.flatten(loss) if loss is not None else []:
            if isinstance(each, str):
                losses.get(each)

    def _check_compiled(self) -> dict[str, Any]:
        if self._compiled is None:
            raise RuntimeError(
                "You must compile your model before training/testing. Use `model.compile(optimizer, loss)`."
            )
        return self._compiled

    # -- what runs ----

    def _connect_to(self, arrays: Arrays) -> None:
        """Calls a model that has no inputs yet on placeholders like some arrays."""
        if self.inputs is not None:
            return
        given = [
            placeholder(_element(each), shape=[None, *each.shape[1:]], name=f"input_{number}")
            for number, each in enumerate(arrays, 1)
        ]
        made = self(given[0] if len(given) == 1 else given)
        self.__dict__["inputs"] = given
        self.__dict__["outputs"] = nest.flatten(made)

    def _function(self, kind: str, targets: Arrays) -> _Run:
        """What a step of training or testing runs, made once for targets of such shapes."""
        key = kind, tuple((each.ndim, each.dtype.kind) for each in targets)
        if key not in self._functions:
            self._functions[key] = self._made(kind, targets)
        return self._functions[key]

    def _made(self, kind: str, targets: Arrays) -> _Run:
        compiled = self._check_compiled()
        names = self.output_names
        with name_scope("loss" if kind == "train" else "test"):
            places = [
                placeholder(_element(each), shape=[None] * each.ndim, name=f"{name}_target")
                for name, each in zip(names, targets, strict=True)
            ]
            weights = [placeholder(as_dtype("float32"), shape=[None], name=f"{name}_weights") for name in names]
            functions = _for_outputs(compiled["loss"], names)
            factors = _for_outputs(compiled["weights"], names, 1.0)
            parts: list[Tensor] = []
            total: Any = 0.0
            for output, place, weight, function, factor in zip(
                self.outputs, places, weights, functions, factors, strict=True
            ):
                if function is None:
                    continue
                part = _loss(losses.get(function), place, output, weight)
                parts.append(part)
                total = total + factor * part if factor != 1.0 else total + part
            for extra in self.losses:
                total = total + convert_to_tensor(extra)
            total = convert_to_tensor(total)
        labels = ["loss"]
        if len(self.outputs) > 1:
            labels += [f"{name}_loss" for name, function in zip(names, functions, strict=True) if function is not None]
        found = [total, *(parts if len(self.outputs) > 1 else [])]
        for label, value in self._metrics(places, targets):
            labels.append(label)
            found.append(value)
        updates: list[Any] = []
        if kind == "train":
            updates = [*self.optimizer.get_updates(total, self.trainable_weights), *self.updates]
        return _Run([*self.inputs, *places], weights, labels, found, updates, kind == "train")

    def _metrics(self, places: list[Tensor], targets: Arrays) -> list[tuple[str, Tensor]]:
        names = self.output_names
        given = _for_outputs(self._compiled["metrics"], names, None, many=True)
        found: list[tuple[str, Tensor]] = []
        for output, name, place, target, wanted in zip(self.outputs, names, places, targets, given, strict=True):
            for each in wanted or ():
                if each in ("accuracy", "acc"):
                    compute, label = losses.accuracy_for(target.shape, output.shape.as_list()), "acc"
                else:
                    compute = losses.metric(each)
                    label = getattr(compute, "name", None) or compute.__name__
                value = reduced("Mean", convert_to_tensor(compute(place, output)), None, False, None)
                found.append((label if len(names) == 1 else f"{name}_{label}", value))
        return found

    # -- training ----

    def fit(
        self, x: Any = None, y: Any = None, batch_size: int | None = None, epochs: int = 1, verbose: int = 1,
        callbacks: Any = None, validation_split: float = 0.0, validation_data: Any = None, shuffle: bool = True,
        class_weight: Any = None, sample_weight: Any = None, initial_epoch: int = 0,
        steps_per_epoch: int | None = None, validation_steps: int | None = None, **_: Any,
    ) -> History:  # fmt: skip
        """Trains on arrays, `epochs` times through all in batches of 32 or so many, in random order unless told
        otherwise. Raises RuntimeError before `compile`, ValueError for arrays that do not fit."""
        self._check_compiled()
        if not _are_arrays(x):
            if hasattr(x, "__next__"):
                return self.fit_generator(
                    x, steps_per_epoch, epochs, verbose, callbacks, validation_data, initial_epoch=initial_epoch
                )
            raise Unsupported(
                f"Model.fit: x is {type(x).__name__} but must be an array, a list or dictionary of arrays, or a "
                "generator", location=user_location(), hint="arrays, or the graph's own train_op",
            )  # fmt: skip
        inputs, targets, weights = self._standardized(x, y, sample_weight, class_weight)
        validation = None
        if validation_data is not None:
            parts = [*validation_data, None]
            validation = self._standardized(*parts[:2], parts[2], None)
        elif validation_split:
            cut = int(len(inputs[0]) * (1.0 - validation_split))
            validation = tuple([each[cut:] for each in part] for part in (inputs, targets, weights))
            inputs, targets, weights = ([each[:cut] for each in part] for part in (inputs, targets, weights))
        count = len(inputs[0])
        size = batch_size or 32
        if verbose:
            more = f", validate on {len(validation[0][0])} samples" if validation else ""
            print(f"Train on {count} samples{more}")
        told = _Callbacks(self, callbacks, {"epochs": epochs, "batch_size": size, "samples": count, "verbose": verbose})
        for epoch in told.epochs(initial_epoch, epochs):
            order = np.random.permutation(count) if shuffle else np.arange(count)
            bar = told.bar(epoch, epochs, count, verbose)
            totals = _Totals()
            for batch, start in enumerate(range(0, count, size)):
                rows = order[start : start + size]
                told.each("on_train_batch_begin", batch, {"batch": batch, "size": len(rows)})
                found = self._step("train", *([each[rows] for each in part] for part in (inputs, targets, weights)))
                totals.add(found, len(rows))
                told.each("on_train_batch_end", batch, {"batch": batch, "size": len(rows), **found})
                bar.update(min(start + size, count), list(found.items()))
                if self.stop_training:
                    break
            logs = totals.means()
            if validation is not None:
                tested = self._tested(*validation, size)
                logs.update({f"val_{name}": value for name, value in tested.items()})
            told.end_of_epoch(epoch, logs, bar)
        return told.finished()

    def fit_generator(
        self, generator: Any, steps_per_epoch: int | None = None, epochs: int = 1, verbose: int = 1,
        callbacks: Any = None, validation_data: Any = None, validation_steps: int | None = None, class_weight: Any = None,
        initial_epoch: int = 0, **_: Any,
    ) -> History:  # fmt: skip
        """Trains on what a generator gives: (inputs, targets), or weights as well. Raises ValueError."""
        if steps_per_epoch is None:
            steps_per_epoch = len(generator) if hasattr(generator, "__len__") else None
        if steps_per_epoch is None:
            raise ValueError(
                "`steps_per_epoch=None` is only valid for a generator based on the `keras.utils.Sequence` class."
            )
        told = _Callbacks(self, callbacks, {"epochs": epochs, "steps": steps_per_epoch, "verbose": verbose})
        for epoch in told.epochs(initial_epoch, epochs):
            bar = told.bar(epoch, epochs, steps_per_epoch, verbose)
            totals = _Totals()
            for batch in range(steps_per_epoch):
                given = generator[batch] if hasattr(generator, "__getitem__") else next(generator)
                parts = self._standardized(given[0], given[1], given[2] if len(given) > 2 else None, class_weight)
                found = self._step("train", *parts)
                totals.add(found, len(parts[0][0]))
                told.each("on_train_batch_end", batch, {"batch": batch, **found})
                bar.update(batch + 1, list(found.items()))
            logs = totals.means()
            if validation_data is not None and _are_arrays(validation_data[0]):
                tested = self._tested(*self._standardized(*validation_data[:2], None, None), 32)
                logs.update({f"val_{name}": value for name, value in tested.items()})
            told.end_of_epoch(epoch, logs, bar)
        return told.finished()

    def evaluate(
        self, x: Any = None, y: Any = None, batch_size: int | None = None, verbose: int = 1, sample_weight: Any = None,
        steps: int | None = None, **_: Any,
    ) -> Any:  # fmt: skip
        """The loss, or with metrics a list of the loss and them, over all of the arrays."""
        self._check_compiled()
        found = self._tested(*self._standardized(x, y, sample_weight, None), batch_size or 32)
        return _plain(found)

    def predict(
        self, x: Any, batch_size: int | None = None, verbose: int = 0, steps: int | None = None, **_: Any
    ) -> Any:
        """What the model gives for arrays, computed in batches: an array, or a list of one for each output."""
        inputs = self._inputs_of(x)
        self._connect_to(inputs)
        size = batch_size or 32
        parts = [
            _run(
                self.outputs,
                dict(zip(self.inputs, (each[start : start + size] for each in inputs), strict=True)),
                False,
            )
            for start in range(0, max(len(inputs[0]), 1), size)
        ]
        found = [np.concatenate([part[place] for part in parts]) for place in range(len(self.outputs))]
        return found[0] if len(found) == 1 else found

    def predict_on_batch(self, x: Any) -> Any:
        """What the model gives for one batch."""
        return self.predict(x, batch_size=max(len(self._inputs_of(x)[0]), 1))

    def predict_classes(self, x: Any, batch_size: int | None = None, verbose: int = 0) -> np.ndarray:
        """The class of each example."""
        found = self.predict(x, batch_size)
        return found.argmax(axis=-1) if found.shape[-1] > 1 else (found > 0.5).astype("int32")

    predict_proba = predict

    def train_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None, **_: Any
    ) -> Any:
        """One step on one batch: its loss, or with metrics a list of the loss and them."""
        self._check_compiled()
        return _plain(self._step("train", *self._standardized(x, y, sample_weight, class_weight)))

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, **_: Any) -> Any:
        """The loss of one batch, or with metrics a list of the loss and them."""
        self._check_compiled()
        return _plain(self._step("test", *self._standardized(x, y, sample_weight, None)))

    @property
    def metrics_names(self) -> list[str]:
        """The names of what `evaluate` gives, known once it was trained or tested."""
        made = next(iter(self._functions.values()), None)
        return made.labels if made is not None else ["loss"]

    def _step(self, kind: str, inputs: Arrays, targets: Arrays, weights: Arrays) -> dict[str, float]:
        run = self._function(kind, targets)
        fed = dict(zip([*run.inputs, *run.weights], [*inputs, *targets, *weights], strict=True))
        values, _ = _run([run.fetches, run.updates], fed, run.learns)
        return dict(zip(run.labels, map(float, values), strict=True))

    def _tested(self, inputs: Arrays, targets: Arrays, weights: Arrays, size: int) -> dict[str, float]:
        totals = _Totals()
        for start in range(0, len(inputs[0]), size):
            parts = [[each[start : start + size] for each in part] for part in (inputs, targets, weights)]
            totals.add(self._step("test", *parts), len(parts[0][0]))
        return totals.means()

    # -- arrays ----

    def _inputs_of(self, x: Any) -> Arrays:
        if isinstance(x, Mapping):
            x = [x[name] for name in self.input_names]
        found = [np.asarray(each) for each in (x if isinstance(x, list | tuple) else [x])]
        found = [each[:, None] if each.ndim == 1 else each for each in found]
        if self.inputs is not None and len(found) != len(self.inputs):
            raise ValueError(
                "Error when checking model input: the list of Numpy arrays that you are passing to your model is not "
                f"the size the model expected. Expected to see {len(self.inputs)} array(s), but instead got the "
                f"following list of {len(found)} arrays: {str(found)[:200]}..."
            )
        return found

    def _standardized(self, x: Any, y: Any, sample_weight: Any, class_weight: Any) -> tuple[Arrays, Arrays, Arrays]:
        """(inputs, targets, weights), one array for each input and output. Raises ValueError."""
        inputs = self._inputs_of(x)
        self._connect_to(inputs)
        if isinstance(y, Mapping):
            y = [y[name] for name in self.output_names]
        targets = [np.asarray(each) for each in (y if isinstance(y, list | tuple) else [y])]
        if len(self.outputs) == 1 and len(targets) > 1:
            targets = [np.asarray(y)]
        targets = [each[:, None] if each.ndim == 1 else each for each in targets]
        counts = {len(each) for each in inputs}
        if len(counts) != 1 or {len(each) for each in targets} != counts:
            raise ValueError(
                "Input arrays should have the same number of samples as target arrays. Found "
                f"{len(inputs[0])} input samples and {len(targets[0])} target samples."
            )
        given = sample_weight if isinstance(sample_weight, list) else [sample_weight] * len(targets)
        weights = [
            np.ones(len(target), np.float32) if weight is None else np.asarray(weight, np.float32).reshape(-1)
            for target, weight in zip(targets, given, strict=True)
        ]
        if class_weight is not None:
            classes = targets[0].argmax(-1) if targets[0].shape[-1] > 1 else targets[0].reshape(-1).astype(int)
            weights[0] = weights[0] * np.array([class_weight[int(each)] for each in classes], np.float32)
        return inputs, targets, weights

    # -- files ----

    def save_weights(self, filepath: Any, overwrite: bool = True, save_format: str | None = None) -> None:
        """Writes all variables into a checkpoint. Raises Unsupported for an HDF5 file."""
        _check_format(filepath, save_format, "save_weights")
        session = backend.get_session()
        Saver(self.weights, max_to_keep=None).save(session, str(filepath), write_meta_graph=False)

    def load_weights(self, filepath: Any, by_name: bool = False) -> None:
        """Reads all variables from a checkpoint. Raises Unsupported for an HDF5 file."""
        _check_format(filepath, None, "load_weights")
        session = backend.get_session()
        Saver(self.weights, max_to_keep=None).restore(session, str(filepath))

    def save(self, filepath: Any, *_: Any, **__: Any) -> None:
        """Raises Unsupported."""
        raise Unsupported(
            "Model.save is not supported: diptych writes no models", location=user_location(),
            hint="Model.save_weights",
        )  # fmt: skip


def _check_format(path: Any, save_format: Any, name: str) -> None:
    if str(path).endswith((".h5", ".hdf5", ".keras")) or save_format == "h5":
        raise Unsupported(
            f"Model.{name}: HDF5 files are not supported", location=user_location(),
            hint="a path without .h5, for a checkpoint",
        )  # fmt: skip


class _Run:
    """What a step runs, and what that is called."""

    def __init__(
        self, inputs: list[Tensor], weights: list[Tensor], labels: list[str], fetches: list[Tensor],
        updates: list[Any], learns: bool,
    ) -> None:  # fmt: skip
        self.inputs, self.weights, self.labels = inputs, weights, labels
        self.fetches, self.updates, self.learns = fetches, updates, learns


def _run(fetches: Any, fed: dict[Any, Any], learns: bool) -> Any:
    phase = backend.learning_phase()
    if isinstance(phase, Tensor):
        fed = {**fed, phase: learns}
    return backend.get_session().run(fetches, feed_dict=fed)


def _loss(function: Any, target: Tensor, output: Tensor, weight: Tensor) -> Tensor:
    """The weighed mean of a loss over a batch."""
    if isinstance(function, losses.LossFunction):
        return function(target, output, weight)
    found = convert_to_tensor(function(target, output))
    if (found.shape.ndims or 0) > 1:
        found = reduced("Mean", found, list(range(1, found.shape.ndims)), False, None)
    return losses.weighted_mean(found, weight if found.shape.ndims else None)


def _for_outputs(given: Any, names: Sequence[str], default: Any = None, *, many: bool = False) -> list[Any]:
    """What is said for all outputs, for each in a list, or by their names. Raises ValueError."""
    if given is None:
        return [default] * len(names)
    if isinstance(given, Mapping):
        unknown = set(given) - set(names)
        if unknown:
            raise ValueError(
                f"Unknown entries in loss dictionary: {sorted(unknown)}. Only expected following keys: {names}"
            )
        found = [given.get(name, default) for name in names]
        return [each if not many or isinstance(each, list | tuple | None) else [each] for each in found]
    if many:
        is_each = len(names) > 1 and any(isinstance(each, list | tuple) for each in given)
        return list(given) if is_each else [list(given)] * len(names)
    if isinstance(given, list | tuple):
        if len(given) != len(names):
            raise ValueError(
                "When passing a list as loss, it should have one entry per model outputs. The model has "
                f"{len(names)} outputs, but you passed loss={given}"
            )
        return list(given)
    return [given] * len(names)


def _element(array: np.ndarray) -> Any:
    """The type of a placeholder for an array: floats as keras has them."""
    return as_dtype(settings.floatx() if array.dtype.kind == "f" else array.dtype)


def _are_arrays(x: Any) -> bool:
    if isinstance(x, Mapping):
        return True
    return isinstance(x, np.ndarray | list | tuple)


def _plain(found: Mapping[str, float]) -> Any:
    values = list(found.values())
    return values[0] if len(values) == 1 else values


class _Totals:
    """Means over batches, each as large as it is."""

    def __init__(self) -> None:
        self._sums: dict[str, float] = {}
        self._count = 0

    def add(self, found: Mapping[str, float], count: int) -> None:
        """Adds what a batch of `count` examples gave."""
        self._count += count
        for name, value in found.items():
            self._sums[name] = self._sums.get(name, 0.0) + value * count

    def means(self) -> dict[str, float]:
        """The means over all examples so far."""
        return {name: total / max(self._count, 1) for name, total in self._sums.items()}


class _Callbacks:
    """All that is told of a training."""

    def __init__(self, model: Any, callbacks: Any, params: dict[str, Any]) -> None:
        self._model = model
        self._history = History()
        self._all: list[Callback] = [*(callbacks or ()), self._history]
        for each in self._all:
            each.set_model(model)
            each.set_params(params)
        model.stop_training = False
        model.history = self._history

    def each(self, method: str, *arguments: Any) -> None:
        """Calls a method of all."""
        for callback in self._all:
            getattr(callback, method)(*arguments)

    def epochs(self, first: int, count: int) -> Any:
        """The numbers of the epochs, until one asks for the end."""
        self.each("on_train_begin", {})
        for epoch in range(first, count):
            self.each("on_epoch_begin", epoch, {})
            yield epoch
            if self._model.stop_training:
                break

    def bar(self, epoch: int, epochs: int, target: int, verbose: int) -> Progbar:
        """What shows how far an epoch is."""
        if verbose:
            print(f"Epoch {epoch + 1}/{epochs}")
        return Progbar(target, verbose=verbose)

    def end_of_epoch(self, epoch: int, logs: dict[str, Any], bar: Progbar) -> None:
        """Tells the losses and metrics of an epoch."""
        bar.finish(list(logs.items()))
        self.each("on_epoch_end", epoch, logs)

    def finished(self) -> History:
        """Tells the end."""
        self.each("on_train_end", {})
        return self._history
