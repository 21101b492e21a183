"""Parameters that are to be trained, and that no gradient reaches."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from ..tables import counts, listed
from .finding import Finding, by_line
from .looked import Looked
from .sessions import Noted

RULE = "untrained"


def untrained_parameters(looked: Looked) -> Iterator[Finding]:
    """Of PyTorch's optimizers those that never had a gradient when it made a step, where others had; of graphs the
    trainable variables that nothing has written since they began, where others are learned."""
    if looked.watched is None:
        return
    training = looked.watched.training
    names = training.names()
    for place, optimizers in by_line((steps.place, steps) for steps in training.optimizers.values()):
        had = {parameter: had for steps in optimizers for parameter, had in steps.parameters.items()}
        without = [parameter for parameter in had if not had[parameter]]
        if without and len(without) < len(had):
            what = [f"{names.get(each, 'a tensor')} {tuple(each.shape)}" for each in without]
            numbers, of = (sum(prod(each.shape) for each in group) for group in (without, had))
            yield Finding(
                RULE,
                place,
                f"{len(without)} of {len(had)} parameters, {numbers} of {of} numbers, never have a gradient here: "
                f"{listed(what)}",
                "let the loss depend on them, or leave them out: requires_grad_(False), or another list of parameters",
                len(without),
                {"parameters": what, "numbers": numbers},
            )
    for noted in looked.watched.sessions.graphs.values():
        if noted.learned:
            yield from _of_graph(noted)


def _of_graph(noted: Noted) -> Iterator[Finding]:
    from diptych.static.running.site import hint

    trainable = noted.graph.get_collection("trainable_variables")
    unchanged = [variable for variable in trainable if noted.written[hint(variable.op.name)] < 2]
    for place, variables in by_line((variable.op.location, variable) for variable in unchanged):
        what = [f"{variable.op.name} {variable.shape}" for variable in variables]
        numbers = sum(variable.shape.num_elements() or 0 for variable in variables)
        yield Finding(
            RULE,
            place,
            f"no run changes {len(what)} of {counts(len(trainable), 'trainable variable')}, {numbers} numbers: "
            f"{listed(what)}",
            "let the loss depend on them, or say trainable=False",
            len(what),
            {"parameters": what, "numbers": numbers},
        )
