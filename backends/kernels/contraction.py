"""Kernels of `ir/ops/contraction.py` that numpy and jax share: none, as jax has both as one primitive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from diptych.ir import Op

KERNELS: Mapping[Op, Any] = {}
