"""How optimizers change parameters: one recorded call for all that share settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

import numpy as np
from diptych.functions.arithmetic import scaled
from diptych.ir import Builder, Unsupported, Value

from ..dtypes import float64, get_default_dtype
from ..promotion import converted
from ..tapes.lazy import Lazy
from ..tapes.mode import enable_grad, mode
from ..tapes.operation import Operation
from ..tapes.recording import record_plain
from ..tapes.tape import tape
from ..tensors import views
from ..tensors.creation import zeros
from ..tensors.data import from_array
from ..tensors.tensor import Tensor
from .optimizer import Optimizer

Row = tuple[Tensor, ...]
Settings = dict[str, Any]
State = dict[str, Any]
Rule = Callable[..., tuple[Value, ...]]


class UpdateRule:
    """The formulas of a step: rule(b, settings, *values of one parameter and of what belongs to it) gives the new
    values of the first of them.

    Numbers among the settings come as scalars of the parameter's dtype. Complex values come in and go out as pairs of
    real ones along a last axis.
    """

    def __init__(self, rule: Rule, counts: Iterable[str] = ()) -> None:
        self._rule = rule
        self._operation = Operation(self._write, counts=frozenset(counts))
        self._operation.name = rule.__name__.strip("_")

    @classmethod
    def counting(cls, *names: str) -> Callable[[Rule], UpdateRule]:
        """A decorator for a rule of whose settings these numbers are others in each step."""
        return lambda rule: cls(rule, names)

    def _write(self, b: Builder, *given: Any) -> list[Value]:
        *operands, count, names, choices = given
        values, numbers = operands[: -len(names)], operands[-len(names) :]
        is_complex = values[0].dtype.is_complex
        dtype = values[0].dtype.real if is_complex else values[0].dtype
        settings = dict(choices)
        settings.update((name, converted(b, number, dtype)) for name, number in zip(names, numbers, strict=True))
        found: list[Value] = []
        width = len(values) // count
        for start in range(0, len(values), width):
            row = values[start : start + width]
            if is_complex:
                found.extend(_whole(b, each) for each in self._rule(b, settings, *(_parts(b, value) for value in row)))
            else:
                found.extend(self._rule(b, settings, *row))
        return found

    def __call__(self, rows: Sequence[Row], settings: Settings) -> list[list[Lazy]]:
        """The new values for each row of tensors, which have one dtype. At least one setting is a number."""
        numbers: dict[str, float] = {}
        choices: list[tuple[str, Any]] = []
        for name, value in settings.items():
            if type(value) in (int, float):
                numbers[name] = float(value)
            else:
                choices.append((name, value))
        attributes = len(rows), tuple(numbers), tuple(choices)
        made = record_plain(self._operation, [each for row in rows for each in row], numbers.values(), attributes)
        found = tape.results(made)
        each = len(found) // len(rows)
        return [found[start : start + each] for start in range(0, len(found), each)]


def _numbers(settings: Settings) -> dict[str, float]:
    return {name: float(value) for name, value in settings.items() if type(value) in (int, float)}


def _choices(settings: Settings) -> tuple[tuple[str, Any], ...]:
    return tuple([(name, value) for name, value in settings.items() if type(value) not in (int, float)])


def _parts(b: Builder, value: Value) -> Value:
    shape = (*value.shape, 1)
    real, imaginary = (b.reshape(part, shape=shape) for part in (b.real(value), b.imag(value)))
    return b.concatenate(real, imaginary, axis=value.rank)


def _whole(b: Builder, parts: Value) -> Value:
    shape = parts.shape[:-1]
    stride = (1,) * parts.rank
    real, imaginary = (
        b.slice(parts, start=(*(0,) * len(shape), place), limit=(*shape, place + 1), stride=stride) for place in (0, 1)
    )
    return b.complex(b.reshape(real, shape=shape), b.reshape(imaginary, shape=shape))


class Updates:
    """Rows that wait to be changed, by rule, settings and dtype: each such batch is one call. `noted`: the batches of
    all steps, while somebody wants to see them."""

    noted: ClassVar[list[tuple[Any, list[float], list[Row]]] | None] = None

    def __init__(self) -> None:
        self._batches: dict[Any, list[tuple[Row, Settings, State | None, Sequence[str]]]] = {}
        self._last: Settings = {}
        self._key: tuple[Any, ...] = ()  # of the last settings
        self._foretold: list[tuple[Settings, Callable[[], list[float]]]] = []

    def batches(self) -> list[tuple[Any, list[float], list[Row]]]:
        """For each batch what tells it from others, the numbers among its settings, and its rows, without the
        gradients at their ends."""
        return [
            (
                (rule, *_choices(settings)),
                list(_numbers(settings).values()),
                [row[:-1] for row, *_ in batch],
            )
            for (rule, *_), batch in self._batches.items()
            for settings in (batch[0][1],)
        ]

    def add(
        self, rule: UpdateRule, settings: Settings, row: Row, state: State | None = None, made: Sequence[str] = ()
    ) -> None:
        """Notes that the first tensors of `row` are to become what the rule makes of all of them. The last values that
        it gives become new tensors of the state, called as `made` says."""
        if settings is not self._last:
            self._last, self._key = settings, tuple(settings.values())
        first = row[0]
        lazy = first._storage.lazy if first._view is None else first._lazy()
        key = (rule, self._key, lazy.kind.dtype, lazy.kind.device)
        batch = self._batches.get(key)
        if batch is None:
            batch = self._batches[key] = []
        batch.append((row, settings, state, made))

    def foretell(
        self, settings: Settings, group: dict[str, Any], following: Callable[..., Settings], *arguments: Any
    ) -> None:
        """Says what will be there in place of `settings` in the next step: what `following` makes of the group as it
        will be then, and of `arguments`."""
        if not tape.ahead.rounds:  # nobody asks
            return

        def numbers() -> list[float]:
            if any(isinstance(value, Tensor) for value in group.values()):  # to read one may run what is recorded
                return []
            return list(_numbers(following(group, *arguments)).values())

        self._foretold.append((settings, numbers))

    def record(self) -> None:
        """Changes the tensors; gradients must not be noted."""
        with tape.lock:
            if tape.log is not None:
                tape.log.show_memory()  # now: it may run the tape, and nothing refers to what is recorded below yet
            if self.noted is not None:
                self.noted.extend(self.batches())
            for (rule, *_), batch in self._batches.items():
                found = rule([row for row, *_ in batch], batch[0][1])
                for known, numbers in self._foretold:
                    if known is batch[0][1]:
                        tape.foretold.append((tape.calls[-1], numbers))
                later: list[Row] = []  # written at last: memory that others see is written at once, which runs the tape
                for (row, _, state, made), fresh in zip(batch, found, strict=True):
                    count = len(fresh) - len(made)
                    later.extend(
                        [
                            (row[place], views.showing(fresh[place]))
                            for place in range(count)
                            if not views.show(row[place], fresh[place])
                        ]
                    )
                    if state is not None:
                        state.update(zip(made, map(views.showing, fresh[count:]), strict=True))
                for written, value in later:
                    views.write(written, value)


class UpdatingOptimizer(Optimizer):
    """An optimizer whose step changes each parameter by itself. `is_constant`: all that steps depend on is settings of
    groups and tensors of states, once these are there."""

    is_constant = False

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Changes every parameter that has a gradient. `closure` computes the loss anew first, and is returned."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        before, mode.enabled = mode.enabled, mode.dual
        try:
            for group in self.param_groups:
                updates = Updates()
                given = [each for each in group["params"] if each._meta is not None and each._meta.grad is not None]
                sparse = [each for each in given if each._meta.grad.is_sparse]
                if sparse:
                    self._update_sparse(sparse, group, updates)
                    given = [each for each in given if not each._meta.grad.is_sparse]
                self._update_all(given, group, updates)
                updates.record()
        finally:
            mode.enabled = before
        return loss

    def _update_all(self, parameters: list[Tensor], group: dict[str, Any], updates: Updates) -> None:
        """Notes the updates of parameters that have gradients."""
        for parameter in parameters:
            self._update(parameter, parameter.grad, group, updates)

    def _update_sparse(self, parameters: list[Tensor], group: dict[str, Any], updates: Updates) -> None:
        """Notes the updates of parameters whose gradients are sparse. Raises RuntimeError, as most optimizers do."""
        raise RuntimeError(f"{type(self).__name__} does not support sparse gradients")

    def _update(self, parameter: Tensor, gradient: Tensor, group: dict[str, Any], updates: Updates) -> None:
        """Notes the update of one parameter and its state."""
        raise NotImplementedError


# -- parts of rules ----


def directed(b: Builder, settings: Settings, parameter: Value, gradient: Value) -> Value:
    """The gradient, its sign turned to `maximize`, with `weight_decay` parameters added where that is no None."""
    if settings["maximize"]:
        gradient = b.neg(gradient)
    decay = settings["weight_decay"]
    return gradient if decay is None else b.add(gradient, scaled(b, parameter, decay))


def decayed(b: Builder, settings: Settings, parameter: Value) -> Value:
    """The parameter, of which weight decay that is decoupled from the gradient has left `kept`."""
    return parameter if settings["kept"] is None else scaled(b, parameter, settings["kept"])


# -- settings and states ----


def direction(group: dict[str, Any]) -> Settings:
    """The settings of a group that `directed` and `decayed` read: numbers that change nothing are None."""
    decay, maximize = float(group["weight_decay"]), bool(group["maximize"])
    if decay and group.get("decoupled_weight_decay"):
        return {"weight_decay": None, "kept": 1 - float(group["lr"]) * decay, "maximize": maximize}
    return {"weight_decay": decay or None, "kept": None, "maximize": maximize}


def started(state: State, parameter: Tensor, names: Iterable[str]) -> State:
    """The state of a parameter: before its first step the count of steps and, for each name, zeros like it."""
    if not state:
        state["step"] = count_of(0)
        state.update((name, zeros_of(parameter)) for name in names)
    return state


def zeros_of(like: Tensor, shape: Sequence[int] | None = None) -> Tensor:
    """Zeros for the state of a parameter, like that or of another shape. They are there at once, so that a first step
    is recorded as others are; on a mesh they are recorded, since it places what is."""
    sizes = like.shape if shape is None else shape
    if tape.mesh is not None:
        return zeros(sizes, dtype=like.dtype, device=like.device)
    return from_array(np.zeros(sizes, like.dtype.ir.numpy), like.device)


def counted(state: State) -> float:
    """The number of steps in `state`, with this one. It is made from a number: nothing is run to read it."""
    step = float(state["step"]) + 1
    state["step"] = count_of(step)
    return step


def count_of(number: float) -> Tensor:
    """A number that a state keeps, as a scalar: in single precision, unless the default dtype is double."""
    return from_array(np.array(number, np.float64 if get_default_dtype() is float64 else np.float32))


def checked_rate(name: str, value: Any) -> None:
    """Raises ValueError for a negative setting, and for a tensor that is no single number."""
    if isinstance(value, Tensor) and value.numel() != 1:
        raise ValueError("Tensor lr must be 1-element")
    if not value >= 0.0:
        raise ValueError(f"Invalid {name}: {value}")


def checked_betas(betas: Sequence[Any]) -> None:
    """Raises ValueError for decays outside of [0, 1)."""
    for place, beta in enumerate(betas):
        if not 0.0 <= beta < 1.0:
            raise ValueError(f"Invalid beta parameter at index {place}: {beta}")


def checked_implementation(
    name: str, differentiable: bool, foreach: bool | None = None, fused: bool | None = None
) -> None:
    """Options that choose how a step is computed: `foreach`, `fused` and `capturable` change nothing here, where a step
    is one program anyhow. Raises RuntimeError for options that exclude each other, Unsupported for steps that gradients
    flow through."""
    if fused and differentiable:
        raise RuntimeError("`fused` does not support `differentiable`")
    if foreach and fused:
        raise RuntimeError("`fused` and `foreach` cannot be `True` together.")
    if differentiable:
        raise Unsupported(f"optim.{name}: differentiable=True is not there", hint="differentiable=False")
