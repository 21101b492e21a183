"""Kernels of `ir/ops/window.py` that numpy and jax share: none, as jax has a primitive for windows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from diptych.ir import Op

KERNELS: Mapping[Op, Any] = {}
