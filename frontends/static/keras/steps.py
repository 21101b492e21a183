"""What one step of a model's training or testing runs: losses, metrics, and the optimizer's operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import float32
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from ..operations.placeholders import placeholder
from ..operations.reductions import reduced
from . import backend, losses, metrics
from .feeding import Batch, own_part
from .loss_classes import Loss, reduced_losses


@dataclass(frozen=True, slots=True)
class Step:
    """Placeholders, what is fetched from them under which names, and what is run beside."""

    inputs: list[Tensor]
    weights: list[Tensor]
    labels: list[str]
    fetches: list[Tensor]
    updates: list[Any]
    learns: bool
    strategy: Any

    def run(self, batch: Batch) -> dict[str, float]:
        """The losses and metrics of a batch, by name."""
        batch = own_part(batch, self.strategy)
        fed = dict(zip([*self.inputs, *self.weights], [*batch.inputs, *batch.targets, *batch.weights], strict=True))
        values, _ = run([self.fetches, self.updates], fed, self.learns)
        return dict(zip(self.labels, map(float, values), strict=True))


def run(fetches: Any, fed: dict[Any, Any], learns: bool) -> Any:
    """The values of tensors in the session of keras, while it learns or not."""
    phase = backend.learning_phase()
    if isinstance(phase, Tensor):
        fed = {**fed, phase: learns}
    return backend.get_session().run(fetches, feed_dict=fed)


def step_of(model: Any, batch: Batch, *, learns: bool) -> Step:
    """The step of a compiled model for batches like one."""
    return model._strategy.extended.call_for_each_replica(_made, (model, batch), {"learns": learns})


def _made(model: Any, batch: Batch, *, learns: bool) -> Step:
    compiled, names, outputs = model._compiled, model.output_names, model.outputs
    with name_scope("loss" if learns else "test"):
        targets = [
            placeholder(output.dtype.base_dtype, shape=[None] * each.ndim, name=f"{name}_target")
            for name, output, each in zip(names, outputs, batch.targets, strict=True)
        ]
        weights = [placeholder(float32, shape=[None], name=f"{name}_sample_weights") for name in names]
        functions = for_outputs(compiled["loss"], names)
        factors = for_outputs(compiled["weights"], names, 1.0)
        parts: dict[str, Tensor] = {}
        total: Any = 0.0
        for name, output, target, weight, function, factor in zip(
            names, outputs, targets, weights, functions, factors, strict=True
        ):
            if function is not None:
                loss = losses.get(function)
                if isinstance(loss, Loss):
                    part = loss(target, output, weight)
                else:
                    part = reduced_losses(loss(target, output), weight)
                parts[f"{name}_loss"] = part
                total = total + factor * part if factor != 1.0 else total + part
        for extra in model.losses:
            total = total + convert_to_tensor(extra)
        total = convert_to_tensor(total)
    found = {"loss": total, **(parts if len(outputs) > 1 else {}), **_metrics(model, targets, batch)}
    updates: list[Any] = []
    if learns:
        with name_scope("training"):
            updates = [*model.optimizer.get_updates(total, model.trainable_weights), *model.updates]
    return Step([*model.inputs, *targets], weights, list(found), list(found.values()), updates, learns, model._strategy)


def _metrics(model: Any, targets: Sequence[Tensor], batch: Batch) -> dict[str, Tensor]:
    names = model.output_names
    found: dict[str, Tensor] = {}
    for output, name, target, array, wanted in zip(
        model.outputs, names, targets, batch.targets, metrics_for(model._compiled["metrics"], names), strict=True
    ):
        for each in wanted:
            if each in ("accuracy", "acc"):
                compute, label = metrics.accuracy_for(array.shape, output.shape.as_list()), "acc"
            else:
                compute = metrics.get(each)
                label = getattr(compute, "name", None) or compute.__name__
            value = reduced("Mean", convert_to_tensor(compute(target, output)), None, False, None)
            found[label if len(names) == 1 else f"{name}_{label}"] = value
    return found


def for_outputs(given: Any, names: Sequence[str], default: Any = None) -> list[Any]:
    """What is said for all outputs, for each in a list, or by their names. Raises ValueError."""
    if given is None:
        return [default] * len(names)
    if isinstance(given, Mapping):
        unknown = set(given) - set(names)
        if unknown:
            raise ValueError(
                f"Unknown entries in loss dictionary: {sorted(unknown)}. Only expected following keys: {list(names)}"
            )
        return [given.get(name, default) for name in names]
    if isinstance(given, list | tuple):
        if len(given) != len(names):
            raise ValueError(
                "When passing a list as loss, it should have one entry per model outputs. The model has "
                f"{len(names)} outputs, but you passed loss={given}"
            )
        return list(given)
    return [given] * len(names)


def metrics_for(given: Any, names: Sequence[str]) -> list[list[Any]]:
    """The metrics of each output: of a list for all, of a list of lists, or by the outputs' names."""
    if isinstance(given, Mapping):
        found = [given.get(name, ()) for name in names]
    elif len(names) > 1 and any(isinstance(each, list | tuple) for each in given or ()):
        found = list(given)
    else:
        found = [given or ()] * len(names)
    return [list(each) if isinstance(each, list | tuple) else [each] for each in found]


class Totals:
    """Means over batches, each as large as it is; all alike for the losses of several outputs."""

    def __init__(self) -> None:
        self._sums: dict[str, float] = {}
        self._counts: dict[str, int] = {}

    def add(self, found: Mapping[str, float], count: int) -> None:
        """Adds what a batch of `count` examples gave."""
        for name, value in found.items():
            weight = 1 if name.endswith("_loss") else count
            self._sums[name] = self._sums.get(name, 0.0) + value * weight
            self._counts[name] = self._counts.get(name, 0) + weight

    def means(self) -> dict[str, float]:
        """The means over all so far."""
        return {name: total / max(self._counts[name], 1) for name, total in self._sums.items()}
