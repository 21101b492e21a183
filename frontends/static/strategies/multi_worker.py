"""tf.distribute.experimental.MultiWorkerMirroredStrategy: the devices of several processes share each batch."""

from __future__ import annotations

import os
from typing import Any

from diptych.backends.joining import join
from diptych.backends.processes import process_count, process_rank
from diptych.backends.settings import settings
from diptych.ir import Unsupported, user_location

from ...meshes import join_processes
from ..exports import export
from . import tf_config
from .devices import canonical, own_device
from .extended import StrategyExtended
from .reductions import CollectiveCommunication
from .strategy import Strategy


class _Extended(StrategyExtended):
    experimental_between_graph = True


@export("distribute.experimental.MultiWorkerMirroredStrategy")
class MultiWorkerMirroredStrategy(Strategy):
    """As MirroredStrategy, with the devices of all processes that TF_CONFIG names, or a `cluster_resolver`, or that
    `diptych launch` started: each feeds its part of every batch. They meet where it is made, before anything runs on
    jax, at the address of the chief or worker 0. Without others it is a MirroredStrategy. `communication` is accepted:
    XLA decides.

    Raises ValueError for a TF_CONFIG that makes no sense, Unsupported for several processes on a backend other than
    jax, and DiptychError where the others do not come.
    """

    def __init__(self, communication: Any = CollectiveCommunication.AUTO, cluster_resolver: Any = None) -> None:
        if not isinstance(communication, CollectiveCommunication):
            raise ValueError(
                "Argument `communication` must be instance of `tf.distribute.experimental.CollectiveCommunication`."
            )
        task = tf_config.task() if cluster_resolver is None else _told(cluster_resolver)
        device = own_device()
        if task is not None:
            _meet(task)
            device = canonical(f"/job:{task.kind}/task:{task.index}{device[device.index('/device') :]}")
        elif int(os.environ.get("WORLD_SIZE", "1")) > 1 and process_count() == 1:
            _check_backend(int(os.environ["WORLD_SIZE"]))
            join_processes()
        super().__init__(_Extended(self, None, device))


def _told(resolver: Any) -> tf_config.Task | None:
    """This process, as a cluster resolver says."""
    cluster = resolver.cluster_spec().as_dict()  # first: some know only then which task this is
    task = {"type": resolver.task_type, "index": resolver.task_id}
    return tf_config.task_of({"cluster": cluster, "task": task}, "cluster_resolver")


def _meet(task: tf_config.Task) -> None:
    """Joins the others, unless that was done before."""
    count = len(task.addresses)
    if count == 1 or (process_count(), process_rank()) == (count, task.rank):
        return
    _check_backend(count)
    join(task.addresses[0], count, task.rank)


def _check_backend(count: int) -> None:
    if settings().backend != "jax":
        raise Unsupported(
            f"tf.distribute over {count} processes is not supported on backend {settings().backend}",
            location=user_location(), hint="DIPTYCH_BACKEND=jax",
        )  # fmt: skip
