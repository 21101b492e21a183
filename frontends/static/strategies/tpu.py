"""tf.distribute.experimental.TPUStrategy: the cores of TPUs are devices as others are."""

from __future__ import annotations

from typing import Any

from diptych.ir import Unsupported, user_location

from ..exports import export
from ..graphs.conversion import constant
from ..graphs.tensor import Tensor
from ..operations.control import no_op
from .devices import own_device
from .extended import StrategyExtended
from .strategy import Strategy


class _Extended(StrategyExtended):
    num_hosts = 1
    num_replicas_per_host = 1


@export("distribute.experimental.TPUStrategy")
class TPUStrategy(Strategy):
    """As MirroredStrategy, over all devices of jax, with DIPTYCH_BACKEND=jax:tpu those of TPUs. Raises Unsupported for
    a `device_assignment`."""

    def __init__(self, tpu_cluster_resolver: Any = None, device_assignment: Any = None) -> None:
        if device_assignment is not None:
            raise Unsupported(
                "tf.distribute.experimental.TPUStrategy: device_assignment is not supported",
                location=user_location(), hint="diptych.mesh(rules, data=4, model=2), which splits variables too",
            )  # fmt: skip
        super().__init__(_Extended(self, None, own_device()))


@export("tpu.initialize_system", "contrib.tpu.initialize_system")
def initialize_system(embedding_config: Any = None, job: str | None = None) -> Tensor:
    """An empty text, which a run may fetch: jax has made TPUs ready already."""
    return constant(b"", name="ConfigureDistributedTPU")


@export("tpu.shutdown_system", "contrib.tpu.shutdown_system")
def shutdown_system(job: str | None = None) -> Any:
    """An operation that does nothing: TPUs are left where the process ends."""
    return no_op(name="ShutdownDistributedTPU")


@export("tpu.experimental.initialize_tpu_system", "contrib.distribute.initialize_tpu_system")
def initialize_tpu_system(cluster_resolver: Any = None) -> None:
    """Accepted: jax has made TPUs ready already."""
