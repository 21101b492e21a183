"""Makes static-coverage.md: what of TensorFlow 1's names diptych.static has.

python docs/make_static_coverage.py

static-census.csv has the names that 398 public TensorFlow-1 files of 20 repositories use, each with the number of files
and of repositories that do.
"""

from __future__ import annotations

import csv
from pathlib import Path

from diptych.checking.verdicts import resolved
from diptych.names import names_of

FOLDER = Path(__file__).parent
MODULES = (  # those whose names a program of TensorFlow 1 writes; contrib is counted by the census alone
    "", "app", "bitwise", "data", "data.experimental", "debugging", "distribute", "distribute.cluster_resolver",
    "distribute.experimental", "distributions", "dtypes", "errors", "estimator", "feature_column", "flags", "gfile",
    "graph_util", "image", "initializers", "io", "keras", "keras.layers", "layers",
    "linalg", "logging", "losses", "math", "metrics", "nn", "nn.rnn_cell", "python_io",
    "random", "saved_model", "sets", "signal", "sparse", "strings", "summary", "test", "train",
)  # fmt: skip


def has(name: str) -> bool:
    """Whether the front end has a dotted name below tf."""
    return type(resolved(f"tensorflow.{name}")[0]) is not object  # what resolved() gives for a name that is missing


def census() -> str:
    """What of the names in public programs is there, and what is not."""
    with (FOLDER / "static-census.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["name"].removeprefix("tf."), int(row["files"]), int(row["repos"])) for row in csv.DictReader(file)]
    known = {name for name, _, _ in rows if has(name)}
    lines = ["| names | are there | weighted by files |", "|---|---|---|"]
    for label, chosen in (
        ("used by public programs", rows),
        ("used in two or more repositories", [row for row in rows if row[2] > 1]),
    ):
        total = sum(files for _, files, _ in chosen)
        weight = sum(files for name, files, _ in chosen if name in known)
        count = sum(name in known for name, _, _ in chosen)
        lines.append(f"| {label} | {count} of {len(chosen)} | {weight} of {total} ({weight / total:.1%}) |")
    missing = ", ".join(f"`{name}`" for name, _, _ in rows if name not in known)
    return "\n".join(lines) + f"\n\nNot there: {missing}.\n"


def modules() -> str:
    """How many names of each module are there, and which are not."""
    known = names_of("tensorflow").modules
    lines = ["| module | are there | not there |", "|---|---|---|"]
    for module in MODULES:
        full = f"tensorflow.{module}" if module else "tensorflow"
        prefix = f"{module}." if module else ""
        missing = sorted(name for name in known[full] if not has(prefix + name))
        count = len(known[full])
        shown = " ".join(f"`{name}`" for name in missing)
        lines.append(f"| `tf{'.' + module if module else ''}` | {count - len(missing)} of {count} | {shown} |")
    return "\n".join(lines) + "\n"


def text() -> str:
    """The whole page."""
    return (
        "# What of TensorFlow 1 is there\n\n"
        "Made by `python docs/make_static_coverage.py`. A name that is not there raises an error at its use that names "
        "it, the line, and the nearest that works; `diptych check program.py` says beforehand.\n\n"
        "## Names in public programs\n\n" + census() + "\n## Names by module\n\n" + modules()
    )


if __name__ == "__main__":
    (FOLDER / "static-coverage.md").write_text(text(), encoding="utf-8")
