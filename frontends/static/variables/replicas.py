"""What a program may say of a variable that several replicas have. There is one replica, which reads and writes it as
any program does."""

from __future__ import annotations

from enum import Enum
from typing import Any

from ..exports import export


@export("VariableSynchronization")
class VariableSynchronization(Enum):
    """When the copies that replicas have are made alike."""

    AUTO = 0
    NONE = 1
    ON_WRITE = 2
    ON_READ = 3


@export("VariableAggregation")
class VariableAggregation(Enum):
    """How what replicas write comes together."""

    NONE = 0
    SUM = 1
    MEAN = 2
    ONLY_FIRST_REPLICA = 3


def is_trained(trainable: bool | None, synchronization: Any) -> bool:
    """Whether a variable is trained: unless that is said, or its copies come together only where they are read. Raises
    ValueError for both."""
    if synchronization is not VariableSynchronization.ON_READ:
        return True if trainable is None else trainable
    if trainable:
        raise ValueError(
            "Synchronization value can be set to VariableSynchronization.ON_READ only for non-trainable variables. You "
            "have specified trainable=True and synchronization=VariableSynchronization.ON_READ."
        )
    return False
