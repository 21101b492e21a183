"""tf.ConfigProto and its kin: options of TensorFlow's runtime, accepted and kept. diptych has settings of its own."""

from __future__ import annotations

from typing import Any

from ..exports import export


class _Options:
    """A message of options: any field may be set and read; a field never set is a message of options itself."""

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        made = self.__dict__[name] = _Options()
        return made

    def CopyFrom(self, other: Any) -> None:
        """Takes over the fields of `other`."""
        self.__dict__.update(vars(other))

    def __bool__(self) -> bool:
        return bool(self.__dict__)

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self.__dict__.items())
        return f"{type(self).__name__}({fields})"


@export("ConfigProto")
class ConfigProto(_Options):
    """Options of a session."""


@export("GPUOptions")
class GPUOptions(_Options):
    """Options of graphics processors."""


@export("GraphOptions")
class GraphOptions(_Options):
    """Options of graph rewriting."""


@export("OptimizerOptions")
class OptimizerOptions(_Options):
    """Options of TensorFlow's own optimizer."""

    L0, L1, OFF, ON_1, ON_2, DEFAULT = -1, 0, -1, 1, 2, 0


@export("RunOptions")
class RunOptions(_Options):
    """Options of a run."""

    NO_TRACE, SOFTWARE_TRACE, HARDWARE_TRACE, FULL_TRACE = 0, 1, 2, 3


@export("RunMetadata")
class RunMetadata(_Options):
    """What a run may tell of itself: nothing here."""
