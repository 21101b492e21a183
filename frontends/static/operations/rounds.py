"""Rounds of a loop: what they run, and how they become an equation of a program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from diptych.ir import Unsupported, Value

from ..graphs.contexts import Context
from ..graphs.operation import Operation
from ..graphs.site import Refusal
from ..graphs.tensor import Tensor
from ..running.inner import InnerSite, all_captured
from ..running.site import LoweringSite


@dataclass(frozen=True, slots=True)
class Rounds:
    """What a loop runs: its context, in there the variables as a round gets them, whether it goes on, and the variables
    as the round leaves them. `bound` is how many rounds there are at most."""

    context: Context
    variables: tuple[Tensor, ...]
    condition: Tensor
    results: tuple[Tensor, ...]
    bound: Tensor | None


def condition_site(at: LoweringSite, made: Operation, rounds: Rounds, given: Mapping[Tensor, Any]) -> InnerSite:
    """The site of the condition for variables that are `given`. Raises Unsupported, Refusal."""
    site = InnerSite(at, rounds.context, "condition", given)
    site.lower_inside(rounds.context, [rounds.condition])
    goes_on = site.value(rounds.condition)
    if site.written:
        raise Unsupported(
            f"{made.name}: a loop whose condition changes state is not supported",
            location=made.location,
            hint="random numbers and assignments in the body",
        )
    if goes_on.rank:
        raise Refusal(f"The condition of a loop must be a scalar, but it has shape {list(goes_on.shape)}")
    return site


def looped(
    at: LoweringSite,
    condition: InnerSite,
    holds: Tensor,
    body: InnerSite,
    first: Sequence[Value],
    after: Sequence[Value],
    bound: int | None = None,
    *,
    commits: bool = True,
) -> Sequence[Value]:
    """The variables, `first` before a round and `after` it, when `holds` is no longer true. State that rounds write
    stays as it was unless the loop `commits`."""
    keys = body.written
    state = [at.state(key) for key in keys]
    constants = [outer for outer in all_captured((body, condition)) if outer not in set(state)]
    functions = [
        site.finish(constants, results, last=state)
        for site, results in (
            (condition, [condition.value(holds)]), (body, [*after, *(body.state(key) for key in keys)])
        )
    ]  # fmt: skip
    last = at.b.while_loop(
        *constants, *first, *state, condition=functions[0], body=functions[1], constants=len(constants), bound=bound
    )
    if commits:
        for key, value in zip(keys, last[len(first) :], strict=True):
            at.put(key, value)
    return last[: len(first)]


def repeated(
    at: LoweringSite, body: InnerSite, first: Sequence[Value], after: Sequence[Value], number: int
) -> Sequence[Value]:
    """The variables, `first` before a round and `after` it, when as many rounds have run as `number` says."""
    keys = body.written
    state = [at.state(key) for key in keys]
    constants = [outer for outer in body.captured if outer not in set(state)]
    function = body.finish(constants, [*after, *(body.state(key) for key in keys)], last=state)
    last = at.b.scan(
        *constants, *first, *state, body=function, length=number, constants=len(constants),
        carries=len(first) + len(keys),
    )  # fmt: skip
    for key, value in zip(keys, last[len(first) :], strict=True):
        at.put(key, value)
    return last[: len(first)]
