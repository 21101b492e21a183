"""tf.contrib.distribute: the strategies of before, which take other arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ..exports import export
from .mirrored import MirroredStrategy
from .multi_worker import MultiWorkerMirroredStrategy
from .reductions import CollectiveCommunication
from .tpu import TPUStrategy


@export("contrib.distribute.MirroredStrategy")
class ContribMirroredStrategy(MirroredStrategy):
    """As tf.distribute.MirroredStrategy, also over `num_gpus` devices of jax. Raises ValueError where several say
    how many."""

    def __init__(
        self, devices: Sequence[str] | None = None, num_gpus: int | None = None,
        num_gpus_per_worker: int | None = None, cross_device_ops: Any = None, auto_shard_dataset: bool = False,
    ) -> None:  # fmt: skip
        if num_gpus is not None and num_gpus_per_worker is not None:
            raise ValueError("You cannot specify both `num_gpus` and `num_gpus_per_worker`.")
        count = num_gpus_per_worker if num_gpus is None else num_gpus
        if devices is not None and count is not None:
            raise ValueError("Must only specify one of `devices` and `num_gpus`.")
        if count is not None:
            devices = [f"/gpu:{number}" for number in range(count)] or ["/cpu:0"]
        super().__init__(devices, cross_device_ops)


@export("contrib.distribute.CollectiveAllReduceStrategy")
class CollectiveAllReduceStrategy(MultiWorkerMirroredStrategy):
    """As tf.distribute.experimental.MultiWorkerMirroredStrategy; `num_gpus_per_worker` is accepted."""

    def __init__(self, num_gpus_per_worker: int = 0, communication: Any = CollectiveCommunication.AUTO) -> None:
        super().__init__(communication)


@export("contrib.distribute.TPUStrategy")
class ContribTPUStrategy(TPUStrategy):
    """As tf.distribute.experimental.TPUStrategy; `steps_per_run` is kept."""

    def __init__(
        self, tpu_cluster_resolver: Any = None, steps_per_run: int | None = None, device_assignment: Any = None
    ) -> None:
        super().__init__(tpu_cluster_resolver, device_assignment)
        self.steps_per_run = 1 if steps_per_run is None else steps_per_run


class _ConfigFields(NamedTuple):
    train_distribute: Any
    eval_distribute: Any
    remote_cluster: Any


@export("contrib.distribute.DistributeConfig")
class DistributeConfig(_ConfigFields):
    """The strategies of an estimator, for tf.estimator.RunConfig."""

    def __new__(
        cls, train_distribute: Any = None, eval_distribute: Any = None, remote_cluster: Any = None
    ) -> DistributeConfig:
        return super().__new__(cls, train_distribute, eval_distribute, remote_cluster)
