"""Programs of a TensorFlow-1 user, against what the real framework showed, as make_tensorflow_notes.py took it down."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import diptych.static as tf
import pytest

from tests.static.programs import (
    building,
    control,
    monitored,
    optimizers,
    records,
    schedules,
    state,
    summaries,
    training,
    values,
)
from tests.static.programs.notes import differences, taken

PROGRAMS = [*training.PROGRAMS, *building.PROGRAMS, *control.PROGRAMS, *state.PROGRAMS, *values.PROGRAMS]
PROGRAMS += [*optimizers.PROGRAMS, *schedules.PROGRAMS, *summaries.PROGRAMS, *monitored.PROGRAMS, *records.PROGRAMS]
NOTES: dict[str, Any] = {}
for _name in (
    "tensorflow_notes.json",
    "optimizers_notes.json",
    "schedules_notes.json",
    "summaries_notes.json",
    "monitored_notes.json",
    "records_notes.json",
):
    NOTES.update(json.loads((Path(__file__).parent / _name).read_text(encoding="utf-8")))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_a_program_shows_what_tensorflow_shows(program: Any) -> None:
    found, wanted = taken(tf, program), NOTES[program.__name__]
    assert found.keys() == wanted.keys()
    lines = [line for label in wanted for line in differences(found[label], wanted[label], label)]
    assert not lines, "\n".join(lines)
