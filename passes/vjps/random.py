"""Random bits are integers: nothing flows through them."""

from __future__ import annotations

from diptych.ir import ops

from .table import Reasons, Rules

VJPS: Rules = {}

ZERO: Reasons = {ops.random_bits: "bits are integers"}

REFUSED: Reasons = {}
