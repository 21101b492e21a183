"""The door to Pillow, which is imported on first use."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import numpy as np
from diptych.ir import DiptychError


class PillowMissing(DiptychError, ImportError):
    """Pillow is needed, and not installed."""


def pillow(module: str = "Image") -> Any:
    """One of Pillow's modules. Raises PillowMissing where it is not installed."""
    try:
        return import_module(f"PIL.{module}")
    except ImportError as error:
        raise PillowMissing(
            "images need Pillow", hint="pip install 'diptych[vision]', or pip install pillow"
        ) from error


def is_image(value: Any) -> bool:
    """Whether it is one of Pillow's images; asking does not import Pillow."""
    loaded = sys.modules.get("PIL.Image")
    return loaded is not None and isinstance(value, loaded.Image)


def image_of(array: np.ndarray, mode: str) -> Any:
    """The image of an array's bytes, taken as pixels of `mode`."""
    height, width = array.shape[:2]
    return pillow().frombuffer(mode, (width, height), np.ascontiguousarray(array).tobytes(), "raw", mode, 0, 1)
