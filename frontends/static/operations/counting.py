"""Counts the rounds of a loop that writes to arrays which grow, before the loop itself runs.

The run that counts carries nothing but what the condition and the places of the writes depend on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from diptych.ir import Value, dtypes

from ...functions.constants import scalar
from ..graphs.operation import Operation
from ..graphs.tensor import Tensor
from ..running.inner import InnerSite
from ..running.schedule import needed_inside
from ..running.site import LoweringSite, Unwritten
from .rounds import Rounds, condition_site, looped
from .tensor_arrays import may_grow, origin


def growing(rounds: Rounds) -> list[int]:
    """The places of the variables that are arrays which rounds make longer."""
    return [
        place
        for place, (variable, result) in enumerate(zip(rounds.variables, rounds.results, strict=True))
        if may_grow(variable) and origin(result) != (variable, [])
    ]


def count(at: LoweringSite, made: Operation, rounds: Rounds, start: Sequence[Any], places: Sequence[int]) -> Value:
    """How many rounds there are, then how many elements each array at `places` has after them, in one vector."""
    indices: list[list[Tensor]] = []
    for place in places:
        root, writes = origin(rounds.results[place])
        if root is not rounds.variables[place]:
            raise at.for_host(made)  # written to in a condition or another loop
        indices.append([write.inputs[0] for write in writes])
    carried = _behind(rounds, [rounds.condition, *(index for listed in indices for index in listed)])
    given = {rounds.variables[place]: start[place] for place in carried}
    condition = condition_site(at, made, rounds, given)
    body = InnerSite(at, rounds.context, "count", given)
    wanted = [rounds.results[place] for place in carried]
    body.lower_inside(rounds.context, [*wanted, *(index for listed in indices for index in listed)])
    following = [body.value(tensor) for tensor in wanted]
    first = [start[place] for place in carried]
    for before, after in zip(first, following, strict=True):
        if isinstance(before, Unwritten) or isinstance(after, Unwritten) or before.type != after.type:
            raise at.for_host(made)
    zero = scalar(at.b, 0, dtypes.i32)
    counts = [Value(zero.type) for _ in range(1 + len(places))]
    body.given.extend(counts)
    condition.given.extend(Value(zero.type) for _ in counts)
    one = scalar(body.b, 1, dtypes.i32)
    following.append(body.b.add(counts[0], one))
    for size, listed in zip(counts[1:], indices, strict=True):
        for index in listed:
            place = body.value(index)
            last = body.b.reduce_max(place, axes=(0,)) if place.rank else place
            size = body.b.max(size, body.b.add(last, one))
        following.append(size)
    last = looped(
        at, condition, rounds.condition, body, [*first, *(zero for _ in counts)], following, commits=False
    )  # fmt: skip
    return at.b.concatenate(*(at.b.reshape(value, shape=(1,)) for value in last[len(first) :]), axis=0)


def _behind(rounds: Rounds, targets: Iterable[Tensor]) -> list[int]:
    """The places of the variables that tensors of a round depend on, by way of earlier rounds too."""
    numbers = {variable: place for place, variable in enumerate(rounds.variables)}
    found: dict[int, None] = {}
    pending = list(targets)
    while pending:
        tensor = pending.pop()
        used = [tensor, *(given for each in needed_inside(rounds.context, [tensor]) for given in each.inputs)]
        for each in used:
            place = numbers.get(each)
            if place is not None and place not in found:
                found[place] = None
                pending.append(rounds.results[place])
    return sorted(found)
