"""Programs of a TensorFlow-1 user, against what the real framework showed, as make_tensorflow_notes.py took it down."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import diptych.static as tf
import pytest

from tests.static.programs.notes import FOLDER, PARTS, differences, programs_of, taken

# What some programs show that XLA does otherwise.
ON_NUMPY = {
    "tensor_arrays": "XLA raises nothing for an index that is out of range",
    "network": "XLA raises nothing for a label that is out of range",
    "colors": "XLA casts numbers that are too large to the nearest one",
    "sizes": "XLA rounds the weights of pixels otherwise, 2e-6 where TensorFlow has 0",
    "batch_normalization_that_trains": "XLA sums in another order, and training makes more of that: 3e-4",
}
ALL = [
    pytest.param(
        part, program, id=program.__name__,
        marks=pytest.mark.numpy_alone(ON_NUMPY[program.__name__]) if program.__name__ in ON_NUMPY else (),
    )
    for part in PARTS
    for program in programs_of(part)
]  # fmt: skip


@cache
def noted(part: str) -> dict[str, Any]:
    """The notes of a module's programs, by their names."""
    return json.loads((FOLDER / f"{part}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("part", "program"), ALL)
def test_a_program_shows_what_tensorflow_shows(part: str, program: Any) -> None:
    found, wanted = taken(tf, program), noted(part)[program.__name__]
    assert found.keys() == wanted.keys()
    lines = [line for label in wanted for line in differences(found[label], wanted[label], label)]
    assert not lines, "\n".join(lines)
