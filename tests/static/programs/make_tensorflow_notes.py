"""Makes tensorflow_notes.json and its kin with the real framework: run it where tensorflow-cpu 2.15 is installed, from the
repository's root.

python -m tests.static.programs.make_tensorflow_notes [FILE ...]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import tensorflow.compat.v1 as tf

from tests.static.programs import arrays, building, control, mathematics, state, training, values
from tests.static.programs.notes import taken

# The modules of programs whose notes are in each file.
PARTS = {
    "tensorflow_notes.json": (training, building, control, state, values),
    "arrays_notes.json": (arrays,),
    "mathematics_notes.json": (mathematics,),
}

if __name__ == "__main__":
    tf.disable_v2_behavior()
    chosen = sys.argv[1:] or PARTS
    for file in chosen:
        found = {program.__name__: taken(tf, program) for part in PARTS[file] for program in part.PROGRAMS}
        lines = [
            f"{json.dumps(name)}: {{\n"
            + ",\n".join(f"{json.dumps(label)}: {json.dumps(value)}" for label, value in notes.items())
            + "\n}"
            for name, notes in found.items()
        ]
        text = "{\n" + ",\n".join(lines) + "\n}\n"
        (Path(__file__).parent / file).write_text(text, encoding="utf-8")
        print(file, sum(map(len, found.values())), "notes")
