"""Makes tensorflow_notes.json with the real framework: run it where tensorflow-cpu 2.15 is installed, from the repository's root.

python -m tests.static.programs.make_tensorflow_notes
"""

from __future__ import annotations

import json
from pathlib import Path

import tensorflow.compat.v1 as tf

from tests.static.programs import building, control, state, training, values
from tests.static.programs.notes import taken

if __name__ == "__main__":
    tf.disable_v2_behavior()
    parts = (training, building, control, state, values)
    found = {program.__name__: taken(tf, program) for part in parts for program in part.PROGRAMS}
    lines = [
        f"{json.dumps(name)}: {{\n"
        + ",\n".join(f"{json.dumps(label)}: {json.dumps(value)}" for label, value in notes.items())
        + "\n}"
        for name, notes in found.items()
    ]
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    (Path(__file__).parent / "tensorflow_notes.json").write_text(text, encoding="utf-8")
    print(sum(map(len, found.values())), "notes")
