"""How devices bring values together in TensorFlow. Accepted, and never called: XLA decides."""

from __future__ import annotations

from typing import Any

from ..exports import export


@export("distribute.CrossDeviceOps", "contrib.distribute.CrossDeviceOps")
class CrossDeviceOps:
    """The base."""


@export("distribute.ReductionToOneDevice", "contrib.distribute.ReductionToOneDeviceCrossDeviceOps")
class ReductionToOneDevice(CrossDeviceOps):
    """All values are added on one device."""

    def __init__(self, reduce_to_device: Any = None, accumulation_fn: Any = None) -> None:
        self.reduce_to_device = reduce_to_device
        self.accumulation_fn = accumulation_fn


class _AllReduce(CrossDeviceOps):
    """Values go in `num_packs` parts. Raises ValueError for less than 0."""

    _kind = ""

    def __init__(self, num_packs: int = 1) -> None:
        if num_packs < 0:
            raise ValueError(f"{self._kind} all-reduce requires num_packs >= 0, but {num_packs} is specified")


@export("distribute.NcclAllReduce")
class NcclAllReduce(_AllReduce):
    """By NCCL."""

    _kind = "NCCL"


@export("distribute.HierarchicalCopyAllReduce")
class HierarchicalCopyAllReduce(_AllReduce):
    """In two levels."""

    _kind = "HierarchicalCopy"


@export("contrib.distribute.AllReduceCrossDeviceOps")
class AllReduceCrossDeviceOps(CrossDeviceOps):
    """By an algorithm of a name."""

    def __init__(self, all_reduce_alg: str = "nccl", num_packs: int = 1, *_: Any, **__: Any) -> None:
        self.all_reduce_alg = all_reduce_alg


@export("contrib.distribute.MultiWorkerAllReduce")
class MultiWorkerAllReduce(AllReduceCrossDeviceOps):
    """Over several processes."""

    def __init__(self, worker_devices: Any, num_gpus_per_worker: int, *_: Any, **__: Any) -> None:
        super().__init__()
