"""The strategies whose devices share whole batches, and those of one device."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diptych.ir import Unsupported, user_location

from ..exports import export
from .devices import canonical, canonical_list, own_device
from .extended import StrategyExtended, Unshared
from .strategy import Strategy


@export("distribute.MirroredStrategy")
class MirroredStrategy(Strategy):
    """Variables are whole on every device, and each batch is split over them, as on `diptych.mesh(data=...)`: over all
    devices of jax, or as many as `devices` names. On numpy nothing is split. `cross_device_ops` is accepted: XLA
    decides. Raises AssertionError for a device named twice, ValueError for what is no name of a device.
    """

    def __init__(self, devices: Sequence[str] | None = None, cross_device_ops: Any = None) -> None:
        named = canonical_list(devices) if devices else []
        super().__init__(StrategyExtended(self, len(named) or None, named[0] if named else own_device()))


@export("distribute.experimental.CentralStorageStrategy")
class CentralStorageStrategy(MirroredStrategy):
    """As MirroredStrategy: variables are whole on every device. `parameter_device` is accepted."""

    def __init__(self, compute_devices: Sequence[str] | None = None, parameter_device: str | None = None) -> None:
        super().__init__(compute_devices)


@export("distribute.OneDeviceStrategy", "contrib.distribute.OneDeviceStrategy")
class OneDeviceStrategy(Strategy):
    """Everything runs on one device, which the settings of diptych choose. Raises ValueError for what is no name of a
    device."""

    def __init__(self, device: Any) -> None:
        super().__init__(Unshared(self, 1, own_device() if device is None else canonical(device)))


@export("distribute.experimental.ParameterServerStrategy", "contrib.distribute.ParameterServerStrategy")
class ParameterServerStrategy:
    """Raises Unsupported."""

    def __init__(self, *_: Any, **__: Any) -> None:
        raise Unsupported(
            "tf.distribute.experimental.ParameterServerStrategy is not supported: there are no parameter servers",
            location=user_location(), hint="tf.distribute.MirroredStrategy, whose devices share each batch",
        )  # fmt: skip
