"""Programs of a TensorFlow-1 user, against what the real framework showed, as make_tensorflow_notes.py took it down."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import diptych.static as tf
import pytest

from tests.static.programs import arrays, building, control, mathematics, state, training, values
from tests.static.programs.notes import differences, taken

PARTS = (training, building, control, state, values, arrays, mathematics)
PROGRAMS = [program for part in PARTS for program in part.PROGRAMS]
FILES = ("tensorflow_notes.json", "arrays_notes.json", "mathematics_notes.json")
NOTES: dict[str, Any] = {
    name: notes
    for file in FILES
    for name, notes in json.loads((Path(__file__).parent / file).read_text(encoding="utf-8")).items()
}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_a_program_shows_what_tensorflow_shows(program: Any) -> None:
    found, wanted = taken(tf, program), NOTES[program.__name__]
    assert found.keys() == wanted.keys()
    lines = [line for label in wanted for line in differences(found[label], wanted[label], label)]
    assert not lines, "\n".join(lines)
