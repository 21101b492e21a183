"""Every test begins with an empty default graph, and leaves no session the default one."""

from __future__ import annotations

from collections.abc import Iterator

import diptych.static as tf
import pytest
from diptych.static.graphs import defaults


@pytest.fixture(autouse=True)
def fresh_graph() -> Iterator[None]:
    """An empty default graph."""
    tf.reset_default_graph()
    yield
    defaults._stacks.graphs.clear()
    defaults._stacks.sessions.clear()
