"""Makes eager-coverage.md: what of PyTorch's operator database diptych.eager passes.

python docs/make_eager_coverage.py

op_db.csv has a row for each of the database's 702 entries. It is written where PyTorch 2.13 is installed, from the
repository's root, by `python -m tests.eager.oracle.op_db all --report docs/op_db.csv`.
"""

from __future__ import annotations

import csv
from pathlib import Path

FOLDER = Path(__file__).parent
KINDS = {
    "values": "values, shapes and dtypes of the first 20 float32 samples",
    "gradients": "gradients of the first 20 float64 samples",
    "errors": "what must raise does, in the right class",
    "inplace": "the variant in place",
    "out": "results written into `out=`",
    "views": "writes into results show in the input where they do in PyTorch",
}


def rows() -> list[dict[str, str]]:
    """The table, an entry each."""
    with (FOLDER / "op_db.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def counts(table: list[dict[str, str]]) -> str:
    """How many entries pass, by what is measured."""
    lines = ["| measured | pass | of |", "|---|---|---|"]
    for kind, text in KINDS.items():
        shown = [row[kind] for row in table if row[kind]]
        lines.append(f"| {text} | {sum(each == 'passed' for each in shown)} | {len(shown)} |")
    return "\n".join(lines) + "\n"


def failing(table: list[dict[str, str]], kind: str) -> str:
    """The entries that do not pass, and why."""
    lines = [f"- `{row['entry']}`: {_escaped(row[kind])}" for row in table if row[kind] not in ("", "passed")]
    return "\n".join(lines or ["- none"]) + "\n"


def _escaped(text: str) -> str:
    return text.replace("<", "&lt;").replace("`", "'")


def page() -> str:
    """The whole page."""
    table = rows()
    parts = [
        "# What of PyTorch's operator database passes\n",
        "Made by docs/make_eager_coverage.py of docs/op_db.csv. An entry that has nothing to show, such as what\n"
        "PyTorch itself runs on GPUs alone, is not counted. Results in float32 pass too where they are PyTorch's own\n"
        "in double precision; what PyTorch draws anew each time passes by its shape and dtype.\n",
        counts(table),
    ]
    for kind, text in KINDS.items():
        parts.append(f"## {kind.capitalize()} that do not pass\n\nMeasured: {text}.\n\n{failing(table, kind)}")
    return "\n".join(parts)


if __name__ == "__main__":
    (FOLDER / "eager-coverage.md").write_text(page(), encoding="utf-8")
