"""tf.train.Server and its kin, which diptych does not have: it runs programs on one machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from diptych.ir import Unsupported, user_location

from ..exports import export


def _refused(name: str) -> NoReturn:
    raise Unsupported(
        f"tf.train.{name} is not supported: diptych runs programs on one machine",
        location=user_location(),
        hint="tf.Session without a target",
    )


@export("train.ClusterSpec")
class ClusterSpec:
    """Raises Unsupported."""

    def __init__(self, cluster: Any) -> None:
        _refused("ClusterSpec")


@export("train.Server")
class Server:
    """Raises Unsupported."""

    def __init__(self, *_: Any, **__: Any) -> None:
        _refused("Server")

    @staticmethod
    def create_local_server(config: Any = None, start: bool = True) -> NoReturn:
        """Raises Unsupported."""
        _refused("Server.create_local_server")


@export("train.replica_device_setter")
def replica_device_setter(ps_tasks: int = 0, *_: Any, cluster: Any = None, **__: Any) -> Callable[[Any], str] | None:
    """None where there are no parameter servers, as in TensorFlow; raises Unsupported where there are."""
    if ps_tasks or cluster is not None:
        _refused("replica_device_setter")
    return None
