"""Modules of the eager front end as functions of their arguments, with their weights as constants.

The module is called as it is, with tensors that have no values, on a tape that is not run. Python sees numbers for
sizes with names too: so it is called for several sets of them, and what it did is put together (`passes/opening.py`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from types import FrameType
from typing import Any

import numpy as np
from diptych.backends import run_once
from diptych.ir import (
    Builder,
    Constant,
    DiptychError,
    Function,
    Location,
    TensorType,
    Unsupported,
    Value,
    evaluate,
    user_location,
)
from diptych.passes.fitting import Fit, Sizes, described
from diptych.passes.opening import opened

from ..eager.autograd.function import FunctionCtx
from ..eager.func.elements import Elements, Output, Source
from ..eager.nn.module import Module
from ..eager.promotion import WIDEST
from ..eager.random import drawing_refused
from ..eager.tapes.lazy import UNTRACKED, Call, Lazy, Storage, kind_of
from ..eager.tapes.lowering import Lowering, line_of
from ..eager.tapes.mode import no_grad
from ..eager.tapes.tape import tape
from ..eager.tensors.tensor import Tensor
from .keeping import Kept, evaluating
from .results import definition_of, tensors_of
from .sizes import LARGE, SMALL, sets_of
from .smallest import smallest_sizes

_NUMBERS = "numbers in --input in place of names"


def function_of_module(module: Module, types: Sequence[TensorType]) -> tuple[Function, dict[str, int]]:
    """The module in evaluation mode as a function of arguments of these types, and the numbers from which on that is
    what it does, of names for sizes that must be more than 1. Its results are the tensors that it returns, in order, in
    which None stands for nothing. Raises Unsupported, with the operation and the line, for what cannot be a program by
    itself, or not with names for sizes, and DiptychError for what the module raises."""
    names = sorted({name for type in types for name in type.names()})
    noting = _Noting(module, types)
    with evaluating(module), tape.lock:
        if not names:
            return noting.function({}), {}
        sets, functions = _for_sets(noting, names)
        try:
            function = opened(functions, types, Fit(names, sets))
            return function, smallest_sizes(function, noting.function, sets[0])
        except Unsupported as refusal:
            problem = f"export: {refusal.message}"
            raise Unsupported(problem, location=refusal.location, hint=_NUMBERS) from refusal.__cause__


def _for_sets(noting: _Noting, names: Sequence[str]) -> tuple[list[Sizes], list[Function]]:
    """The module for sets of sizes: small ones, with a large one where it can do with that as well; or large ones
    alone, where it cannot do with small ones."""
    small, large = sets_of(names, SMALL), sets_of(names, LARGE)
    try:
        functions = [noting.function(sizes) for sizes in small]
    except DiptychError as error:
        if isinstance(error, Unsupported):
            raise
        try:
            return large, [noting.function(sizes) for sizes in large]
        except DiptychError:
            raise error from error.__cause__
    try:
        return [*small, large[-1]], [*functions, noting.function(large[-1])]
    except DiptychError:  # a table that ends, for instance
        return small, functions


def _read(place: Location | None) -> Unsupported:
    """What is said where Python wants a value."""
    return Unsupported(
        "export: Python reads a value that depends on the arguments, which have none yet",
        location=place,
        hint="operations on tensors, such as torch.where, in place of .item() and if",
    )


def _draws() -> Unsupported:
    """What is said where random numbers are drawn."""
    return Unsupported(
        "export: the model draws random numbers, and a file would draw the same ones every time",
        location=user_location(),
        hint="the numbers as an argument, or module.training as the condition of drawing",
    )


def _writes() -> Unsupported:
    """What is said where a tensor of the model's own is written."""
    return Unsupported(
        "export: the model writes into a tensor that it keeps, and files keep nothing",
        location=user_location(),
        hint="a result beside the others",
    )


def _innermost(error: BaseException) -> FrameType | None:
    """The frame that raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return None if trace is None else trace.tb_frame


class _Noting:
    """What a module does with arguments of some types."""

    def __init__(self, module: Module, types: Sequence[TensorType]) -> None:
        self.module, self.types = module, types
        self.constants: dict[Lazy, Constant] = {}  # of its own, for all sizes

    def function(self, sizes: Sizes) -> Function:
        """The module as a function, for these sizes."""
        arguments = _Arguments()
        concrete = [type.with_shape(evaluate(dim, sizes) for dim in type.shape) for type in self.types]
        kept = Kept(self.module)
        with ExitStack() as stack:
            stack.callback(kept.restore)
            for block in (arguments.at_work(), drawing_refused(_draws), no_grad()):
                stack.enter_context(block)
            given = [arguments.argument(type) for type in concrete]
            try:
                returned = self.module(*given)
            except Unsupported:
                raise
            except Exception as error:
                where, place = f" with {described(sizes)}" if sizes else "", user_location(_innermost(error))
                text = str(error)
                if isinstance(error, DiptychError):
                    text, place = error.message, error.location or place
                problem = f"export: the model{where}: {type(error).__name__}: {text}"
                raise DiptychError(problem, location=place) from error
            kept.check(definition_of(self.module))
            return self._written(arguments, [_lazy(each) for each in tensors_of(returned, self.module)])

    def _written(self, arguments: _Arguments, results: Sequence[Lazy]) -> Function:
        """What stands on the tape."""
        names = iter(_parameters(self.module, len(self.types)))

        def comes_in(b: Builder, lazy: Lazy) -> Value:
            if lazy in arguments.given:
                return b.parameter(lazy.kind.type, next(names))
            return b.constant(value=self._constant(arguments, lazy))

        return _written(_name(self.module), tape.leaves, tape.calls, comes_in, results)

    def _constant(self, arguments: _Arguments, lazy: Lazy) -> Constant:
        found = self.constants.get(lazy)
        if found is None:
            found = self.constants[lazy] = Constant(arguments.array_of(lazy))
        return found


def _written(
    name: str,
    leaves: Sequence[Lazy],
    calls: Sequence[Call],
    comes_in: Callable[[Builder, Lazy], Value],
    results: Sequence[Lazy],
) -> Function:
    """Calls on the tape as a function, of leaves that come in as they are told."""
    b = Builder(name, share=False)
    b.find_location = False
    lowering = Lowering(b, {position for call in calls for position in call.template.stops(call)})
    for lazy in leaves:
        lowering.put(lazy.position, comes_in(b, lazy), tracked=False)
    for call in calls:
        b.location = line_of(call)
        numbers = [b.constant(value=Constant(each, WIDEST[type(each)])) for each in call.scalars]
        for position, result in enumerate(lowering.results(call, numbers), call.prefix.start):
            lowering.put(position, result, tracked=call.tracked)
    b.location = None
    return b.finish([lowering.values[lazy.position] for lazy in results])


def _lazy(returned: Tensor) -> Lazy:
    """The value of a tensor that the module returns."""
    lazy = returned._lazy()
    if lazy.serial != tape.serial:
        tape.enter(lazy)
    return lazy


def _name(module: Module) -> str:
    name = type(module).__name__
    return name if name.isascii() else "model"


def _parameters(module: Module, count: int) -> list[str]:
    """What the arguments are called where the module is defined."""
    names = [
        each.name
        for each in inspect.signature(module.forward).parameters.values()
        if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD) and each.name.isascii()
    ]
    return [*names, *(f"input_{place}" for place in range(len(names), count))][:count]


class _Arguments(Elements):
    """A tape on which a module's calls are noted, of arguments that have no values."""

    def __init__(self) -> None:
        super().__init__(1, "same")
        self.given: set[Lazy] = set()

    def argument(self, type: TensorType) -> Tensor:
        """A tensor that stands for an argument."""
        kind = kind_of(type)
        made = Lazy(kind, None, None, 0, tape.serial, tape.at.count)
        tape.at = tape.at.following.get(kind) or tape.grown(kind, 1)
        tape.leaves.append(made)
        self.sources.append(Source(made, UNTRACKED, None, 0))
        self.given.add(made)
        self._batched[made] = True
        return Tensor._of(Storage(made, serial=tape.serial))

    def value(self, lazy: Lazy) -> Any:
        if lazy.array is None and self.is_batched(lazy):
            raise _read(user_location())
        if lazy.array is None:
            lazy.array = self._computed(lazy)
        return lazy.array

    def _computed(self, lazy: Lazy) -> Any:
        """A value of the model's own, such as a mask, which depends on no argument."""
        needed: set[Call] = set()
        leaves: dict[Lazy, None] = {}
        pending = [lazy]
        while pending:
            made = pending.pop()
            call = made.call
            if made.serial != tape.serial or call is None or call.serial != tape.serial:
                leaves.setdefault(made)
            elif call not in needed:
                needed.add(call)
                pending.extend(call.inputs)
        calls = [call for call in tape.calls if call in needed]
        function = _written(
            "own", list(leaves), calls, lambda b, leaf: b.constant(value=Constant(self.array_of(leaf))), [lazy]
        )
        (found,) = run_once(function, ())
        return found

    def array_of(self, lazy: Lazy) -> np.ndarray:
        """The array of a value from around."""
        with self.around():
            return np.asarray(tape.value(lazy))

    def writes(self, x: Tensor, lazy: Lazy) -> None:
        if x._storage.serial != tape.serial:
            raise _writes()

    def unread(self, text: str, kind: type[Exception]) -> Exception:
        return _read(user_location())

    def unwritten(self, text: str) -> Exception:
        return _writes()

    def applied(self, function: Any, arguments: tuple[Any, ...]) -> Any:
        return function._applied(FunctionCtx(), *arguments)

    def outside(self, outputs: Sequence[Output]) -> list[Tensor]:
        raise _read(user_location())
