"""tf.train.SyncReplicasOptimizer, which diptych does not have: devices and processes share each batch."""

from __future__ import annotations

from typing import Any

from diptych.ir import Unsupported, user_location

from ..exports import export


@export("train.SyncReplicasOptimizer")
class SyncReplicasOptimizer:
    """Raises Unsupported: there are no replicas whose gradients could be added up."""

    def __init__(self, opt: Any, *_: Any, **__: Any) -> None:
        raise Unsupported(
            "tf.train.SyncReplicasOptimizer is not supported: devices and processes share each batch, "
            "whose gradient is whole",
            location=user_location(),
            hint="the optimizer that it was to wrap, in the scope of a tf.distribute.MirroredStrategy",
        )
