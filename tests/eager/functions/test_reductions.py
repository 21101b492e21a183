"""What reductions refuse in their own words."""

from __future__ import annotations

import diptych.eager as torch
import pytest
from diptych.ir import Unsupported


def test_other_norms_are_refused() -> None:
    with pytest.raises(Unsupported, match=r"^norm\(\): p='nuc' is not there\n  try: a number, or 'fro'$"):
        torch.norm(torch.ones(2, 2), "nuc")
