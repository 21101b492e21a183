"""Every refusal's exact message, and that every line of a type rule which can refuse has one for every op behind it."""

from __future__ import annotations

import ast
import inspect
import sys
from functools import cache
from pathlib import Path
from types import TracebackType

import pytest
from diptych.ir import OPS, Builder, Op, TypeRuleError
from diptych.ir.ops import checks

from tests.samples import Refusal
from tests.samples.every import REFUSALS

Line = tuple[str, int]  # a file's name and a line of it

# Checks that an op calls but that others before them make unreachable.
UNREACHABLE = {
    "reshape": {"under 2**62"} - {"under 2**62"},
}


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.message[:70])
def test_message(refusal: Refusal) -> None:
    b = Builder()
    operands = [b.parameter(type) for type in refusal.operands]
    with pytest.raises(TypeRuleError) as caught:
        b.emit(refusal.op, operands, refusal.attributes)
    assert caught.value.message.splitlines()[0] == refusal.message
    assert caught.value.location is not None
    assert caught.value.location.file == __file__
