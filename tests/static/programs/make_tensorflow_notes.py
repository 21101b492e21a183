"""Makes noted/*.json with the real framework: run it where tensorflow-cpu 2.15 is installed, from the repository's root.

python -m tests.static.programs.make_tensorflow_notes [module ...]
"""

from __future__ import annotations

import json
import sys

import tensorflow.compat.v1 as tf

from tests.static.programs.notes import FOLDER, PARTS, programs_of, taken


def write(part: str) -> int:
    """Writes the notes of a module's programs; how many there are."""
    found = {program.__name__: taken(tf, program) for program in programs_of(part)}
    lines = [
        f"{json.dumps(name)}: {{\n"
        + ",\n".join(f"{json.dumps(label)}: {json.dumps(value)}" for label, value in notes.items())
        + "\n}"
        for name, notes in found.items()
    ]
    (FOLDER / f"{part}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    return sum(map(len, found.values()))


if __name__ == "__main__":
    tf.disable_v2_behavior()
    for chosen in sys.argv[1:] or PARTS:
        print(chosen, write(chosen), "notes")
