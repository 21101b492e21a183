"""The state of a static front end's session, as a dict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from diptych.ir import DiptychError


def session_state(session: Any) -> dict[str, Any]:
    """The values of a session's variables and random streams, by name, as they lie on their devices."""
    with session._lock:
        return {f"{kind}:{operation.name}": array for (kind, operation), array in session._state.arrays.items()}


def restore_session(session: Any, state: Mapping[str, Any]) -> None:
    """Gives a session of the same graph what `session_state` told. Raises DiptychError for what the graph has not."""
    operations = session.graph._operations
    with session._lock:
        for name, array in state.items():
            kind, _, operation = name.partition(":")
            if operation not in operations:
                raise DiptychError(f"restore_session: the graph has no {operation}")
            session._state.put((kind, operations[operation]), array)
