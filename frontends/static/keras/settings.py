"""tf.keras.backend: the type of floats, the small number that keeps logarithms finite, the order of axes."""

from __future__ import annotations

from typing import Any

from ..exports import export

_settings: dict[str, Any] = {"floatx": "float32", "epsilon": 1e-7, "image_data_format": "channels_last"}


@export("keras.backend.floatx")
def floatx() -> str:
    """The name of the type that variables and inputs have where none is given."""
    return _settings["floatx"]


@export("keras.backend.set_floatx")
def set_floatx(value: str) -> None:
    """Changes `floatx`. Raises ValueError for what is not float16, float32 or float64."""
    if value not in ("float16", "float32", "float64"):
        raise ValueError(f"Unknown floatx type: {value}")
    _settings["floatx"] = value


@export("keras.backend.epsilon")
def epsilon() -> float:
    """The small number that losses stay away from 0 and 1 by."""
    return _settings["epsilon"]


@export("keras.backend.set_epsilon")
def set_epsilon(value: float) -> None:
    """Changes `epsilon`."""
    _settings["epsilon"] = value


@export("keras.backend.image_data_format")
def image_data_format() -> str:
    """channels_last, or channels_first."""
    return _settings["image_data_format"]


@export("keras.backend.set_image_data_format")
def set_image_data_format(data_format: str) -> None:
    """Changes `image_data_format`. Raises ValueError."""
    if data_format not in ("channels_last", "channels_first"):
        raise ValueError(f"Unknown data_format: {data_format}")
    _settings["image_data_format"] = data_format
