"""TF_CONFIG: the environment variable that says which processes there are, and which of them this one is."""

from __future__ import annotations

import json
import os
from typing import Any, NamedTuple

from ...running.launch import is_address

CHIEF, WORKER, EVALUATOR = "chief", "worker", "evaluator"
_KINDS = (CHIEF, WORKER, EVALUATOR, "ps")


def read() -> dict[str, Any]:
    """What the variable holds; nothing where it is not set. Raises ValueError where it is no JSON of an object."""
    text = os.environ.get("TF_CONFIG", "")
    try:
        found = json.loads(text or "{}")
    except json.JSONDecodeError as error:
        raise ValueError(f"TF_CONFIG is not JSON: {error}") from None
    for name, value in (("TF_CONFIG", found), *((f'"{key}" in TF_CONFIG', found[key]) for key in _objects(found))):
        if not isinstance(value, dict):
            raise ValueError(f"{name} is {json.dumps(value)} but must be an object")
    return found


def _objects(found: Any) -> list[str]:
    return [key for key in ("cluster", "task") if key in found] if isinstance(found, dict) else []


class Task(NamedTuple):
    """One of the processes that compute together. `addresses`: HOST:PORT of each, that of rank 0 first. `kind` and
    `index` are its type and number in the cluster."""

    kind: str
    index: int
    addresses: tuple[str, ...]
    rank: int


def task() -> Task | None:
    """This process, as TF_CONFIG says. Raises as `task_of`."""
    return task_of(read(), "TF_CONFIG")


def task_of(found: dict[str, Any], where: str) -> Task | None:
    """This process, of a `cluster` and a `task` that stand in `where`: the chief is the first, the workers follow. None
    where there is no cluster, and for an evaluator, which computes alone. Raises ValueError for what makes no sense."""
    cluster = found.get("cluster")
    if not cluster:
        return None
    spec = {kind: _addresses(kind, given, where) for kind, given in cluster.items()}
    unknown = [kind for kind in spec if kind not in _KINDS]
    if unknown:
        raise ValueError(f'"cluster" in {where} has {unknown[0]!r} but must have some of {", ".join(_KINDS)}')
    if len(spec.get(CHIEF, ())) > 1:
        raise ValueError("There must be at most one 'chief' job.")
    own = found.get("task", {})
    if own.get("type") is None or own.get("index") is None:
        raise ValueError(f'"task" in {where} must have "type" and "index", beside "cluster"')
    kind, index = own["type"], _index(own["index"], where)
    if kind == EVALUATOR:
        return None
    if kind not in spec:
        raise ValueError(f"`task_type` {kind!r} not found in cluster_spec.")
    if index >= len(spec[kind]):
        raise ValueError(f"The `task_id` {index} exceeds the maximum id of {kind}.")
    if kind == "ps":
        raise ValueError(f'"type" in {where} is "ps", but workers share each batch and need no parameter servers')
    chief = spec.get(CHIEF, ())
    addresses = (*chief, *spec.get(WORKER, ()))
    return Task(kind, index, addresses, index if kind == CHIEF else len(chief) + index)


def _addresses(kind: str, given: Any, where: str) -> tuple[str, ...]:
    if not isinstance(given, list) or not all(isinstance(each, str) and is_address(each) for each in given):
        raise ValueError(f'"{kind}" in {where} is {json.dumps(given)} but must be a list of "HOST:PORT"')
    return tuple(given)


def _index(given: Any, where: str) -> int:
    try:
        found = int(given)
    except (TypeError, ValueError):
        found = -1
    if found < 0 or isinstance(given, bool | float):
        raise ValueError(f'"index" in {where} is {json.dumps(given)} but must be a whole number, 0 or more')
    return found
