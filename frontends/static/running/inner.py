"""Sites of the parts of a run that lie in a context: what they take from outside becomes a parameter."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from diptych.ir import Function, Value

from ..graphs.contexts import Context
from ..graphs.knowledge import Knowledge, is_symbolic
from ..graphs.operation import Operation
from ..graphs.site import UnknownValue
from ..graphs.tensor import Tensor
from .schedule import needed, ordered, recomputed
from .site import LoweringSite, NeedsHost, StateKey, Undetermined, Unwritten


class InnerSite(LoweringSite):
    """The site of a context, which lies in the site `around`. `given` are tensors that are parameters, with a value of
    the type that each has, or Unwritten ones."""

    may_measure = False  # the host would have to go through what is around

    def __init__(self, around: LoweringSite, context: Context, name: str, given: Mapping[Tensor, Any]) -> None:
        super().__init__(around.b.nested(name))
        self.around = around
        self.context = context
        self.effects = around.effects
        self.may_fail = around.may_fail
        self._captured: dict[Value, Value] = {}  # by the value outside
        self._outside: dict[Value, Value] = {}  # the other way round
        self.roomy: set[Tensor] = set()  # flows of arrays that may grow, which have room for all that is written here
        self.given: list[Value] = []
        for tensor, like in given.items():
            if isinstance(like, Unwritten):
                self._values[tensor] = like
                continue
            self.given.append(Value(like.type, like.name))
            self._values[tensor] = self.given[-1]
        self.knowledge = Knowledge(self.b, self._known_outside)
        self._with_feeds = Knowledge(self.b, self._fed_outside, symbolic=False)
        self._recomputed = recomputed(context)

    def captures(self, outer: Value) -> Value:
        """The parameter that stands for a value outside."""
        found = self._captured.get(outer)
        if found is None:
            found = self._captured[outer] = Value(outer.type, outer.name)
            self._outside[found] = outer
        return found

    @property
    def captured(self) -> list[Value]:
        """The values outside that are taken."""
        return list(self._captured)

    def finish(
        self,
        constants: Sequence[Value],
        results: Sequence[Value],
        *,
        last: Sequence[Value] = (),
        carries: int | None = None,
    ) -> Function:
        """The function of (constants, what is given, last) to `results`, where `last` comes after as many of the given
        as `carries` says, where it does. The constants and the last are values outside, all that is captured and maybe
        more."""
        self._enter(None)
        given, state = self.given, list(map(self.captures, last))
        place = len(given) if carries is None else carries
        self.b.parameters[:] = [*map(self.captures, constants), *given[:place], *state, *given[place:]]
        return self.b.finish(results)

    # -- what no program can be ----

    def _undetermined(self, operation: Operation, value: Value, named: Iterable[tuple[Tensor, Any]]) -> Exception:
        outside = self.around._undetermined(operation, value, ())
        return outside if isinstance(outside, Undetermined) else self._for_host()

    def measured(self, value: Value) -> np.ndarray[Any, Any]:
        found = self.knowledge.of(value)
        if found is None or is_symbolic(found):
            raise self._for_host()
        return found

    def counted(self, made: Callable[[], Value]) -> np.ndarray[Any, Any]:
        raise self._for_host()

    def for_host(self, owner: Operation) -> NeedsHost:
        return self._for_host()

    def _for_host(self) -> NeedsHost:
        """The host goes through what is around this site, up to the whole run; inside of that there is a run for it."""
        return self.around.for_host(self.around.operation)

    # -- what stands outside ----

    def _outer(self, tensor: Tensor) -> Value:
        if tensor.op not in self._recomputed:
            outer = self.around.value(tensor)
            return outer if isinstance(outer, Unwritten) else self.captures(outer)
        reader = self.operation
        waits = needed([tensor], ())
        for operation in ordered(dict(_within(waits, self._recomputed))):
            if operation.outputs[0] not in self._values:
                self.lower(operation)
        self._enter(reader)
        return self._values[tensor]

    def is_fed(self, tensor: Tensor) -> bool:
        return self.around.is_fed(tensor)

    def _known_outside(self, parameter: Value) -> np.ndarray[Any, Any] | None:
        outer = self._outside.get(parameter)
        return None if outer is None else self.around.knowledge.of(outer)

    def known(self, value: Value) -> np.ndarray[Any, Any]:
        found = self.knowledge.of(value)
        if found is None or is_symbolic(found):
            found = self._with_feeds.of(value)
        if found is None:
            raise UnknownValue(value)
        return found

    def _fed_outside(self, parameter: Value) -> np.ndarray[Any, Any] | None:
        outer = self._outside.get(parameter)
        return None if outer is None else self.around.known(outer)

    def decided(self, value: Value) -> bool | None:
        outer = self._outside.get(value)
        if outer is not None:
            return self.around.decided(outer)
        found = self.knowledge.of(value)
        return None if found is None else bool(found)

    def _first(self, key: StateKey, reader: Operation | None) -> Value:
        return self.captures(self.around.state(key, reader))

    def is_initialized(self, slot: Operation) -> bool:
        return ("variable", slot) in self._state or self.around.is_initialized(slot)


def _within(
    waits: Mapping[Operation, list[Operation]], chosen: Collection[Operation]
) -> Iterable[tuple[Operation, list[Operation]]]:
    """Of what a run needs, those operations that are chosen."""
    for operation, before in waits.items():
        if operation in chosen:
            yield operation, [each for each in before if each in chosen]


def all_captured(sites: Iterable[InnerSite]) -> list[Value]:
    """The values outside that any of the sites takes."""
    return list(dict.fromkeys(outer for site in sites for outer in site.captured))


def all_written(sites: Iterable[InnerSite]) -> list[StateKey]:
    """The states that any of the sites writes."""
    return list(dict.fromkeys(key for site in sites for key in site.written))
