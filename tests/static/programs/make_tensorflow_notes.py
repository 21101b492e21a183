"""Makes tensorflow_notes.json and its kin with the real framework: run it where tensorflow-cpu 2.15 is installed, from the repository's root.

python -m tests.static.programs.make_tensorflow_notes [FILE ...]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import tensorflow.compat.v1 as tf

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
from tests.static.programs.notes import taken

FILES = {
    "tensorflow_notes.json": (training, building, control, state, values),
    "optimizers_notes.json": (optimizers,),
    "schedules_notes.json": (schedules,),
    "summaries_notes.json": (summaries,),
    "monitored_notes.json": (monitored,),
    "records_notes.json": (records,),
}


def write(name: str) -> None:
    """Runs the programs of one file and writes down what they show."""
    found = {program.__name__: taken(tf, program) for part in FILES[name] for program in part.PROGRAMS}
    lines = [
        f"{json.dumps(name)}: {{\n"
        + ",\n".join(f"{json.dumps(label)}: {json.dumps(value)}" for label, value in notes.items())
        + "\n}"
        for name, notes in found.items()
    ]
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    (Path(__file__).parent / name).write_text(text, encoding="utf-8")
    print(name, sum(map(len, found.values())), "notes")


if __name__ == "__main__":
    tf.disable_v2_behavior()
    for name in sys.argv[1:] or FILES:
        write(name)
