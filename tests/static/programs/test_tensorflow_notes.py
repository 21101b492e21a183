"""Programs of a TensorFlow-1 user, against what the real framework showed, as make_tensorflow_notes.py took it down."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import diptych.static as tf
import pytest

from tests.static.programs.notes import FOLDER, PARTS, differences, programs_of, taken

ALL = [(part, program) for part in PARTS for program in programs_of(part)]


@cache
def noted(part: str) -> dict[str, Any]:
    """The notes of a module's programs, by their names."""
    return json.loads((FOLDER / f"{part}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("part", "program"), ALL, ids=[program.__name__ for _, program in ALL])
def test_a_program_shows_what_tensorflow_shows(part: str, program: Any) -> None:
    found, wanted = taken(tf, program), noted(part)[program.__name__]
    assert found.keys() == wanted.keys()
    lines = [line for label in wanted for line in differences(found[label], wanted[label], label)]
    assert not lines, "\n".join(lines)
