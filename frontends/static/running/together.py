"""Runs that several processes make together, on a mesh of the devices of all: what one says, all do, and where one has
come to its end the others hear of it, so that none waits for numbers that do not come."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from diptych.backends import joining
from diptych.backends.joining import all_told, told_end
from diptych.backends.mesh import current as current_mesh
from diptych.backends.processes import Left, process_count, process_rank
from diptych.ir import Unsupported, user_location

from ..graphs.errors import OutOfRangeError, UnavailableError
from ..graphs.graph import Graph


class EndedTogether(OutOfRangeError):
    """The end of the input of one process, of which all have heard."""


EndedTogether.__name__ = EndedTogether.__qualname__ = "OutOfRangeError"


def is_together() -> bool:
    """Whether programs that run now are those of several processes."""
    return process_count() > 1 and current_mesh() is not None


def is_shared(graph: Graph) -> bool:
    """Whether several processes run the programs of a graph together."""
    return process_count() > 1 and (graph.mesh or current_mesh()) is not None


def writes_files() -> bool:
    """Whether this process is the one that writes checkpoints and summaries."""
    return process_rank() == 0


def ended(error: OutOfRangeError) -> OutOfRangeError:
    """What to raise at the end of this process's input, when the others have heard of it."""
    if not is_together() or isinstance(error, EndedTogether):
        return error
    told_end("its input")
    return EndedTogether(error.node_def, error.op, error.message)


@contextmanager
def heard() -> Generator[None]:
    """A block in which processes do something together: UnavailableError is raised where one has come to its end."""
    try:
        yield
    except Left as error:
        raise UnavailableError(None, None, error.message) from error


def check_together(what: str) -> None:
    """Waits until all processes are about to do `what`: each calls it. Raises DiptychError where one is about to do
    something else, UnavailableError where one has come to the end of its script."""
    with heard():
        joining.check_together(what)


def as_the_first_says(what: str, value: Any) -> Any:
    """The value of process 0, which JSON can hold. All processes call it, where they are about to do `what`."""
    check_together(what)
    return json.loads(all_told(json.dumps(value))[0])


def refuse_shared(what: str, graph: Graph, hint: str) -> None:
    """Raises Unsupported for what threads of each process do by themselves, where all must run the same."""
    if is_shared(graph):
        raise Unsupported(
            f"{what} on a mesh of several processes is not supported", location=user_location(), hint=hint
        )
