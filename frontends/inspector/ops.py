"""The verb `ops`: the op set."""

from __future__ import annotations

import argparse

from diptych.ir import OPS, DiptychError
from diptych.ir.ops import GROUPS

from .tables import aligned


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument("name", nargs="?", metavar="OP", help="say all of one op")


def command(options: argparse.Namespace) -> tuple[str, int]:
    """The text, and the exit status."""
    return ops_list(options.name), 0


def ops_list(name: str | None = None) -> str:
    """Every op by group, with the first line of its specification; or all that is said of one. Raises DiptychError."""
    if name is not None:
        if name not in OPS:
            raise DiptychError(f"ops: there is no op {name}")
        op = OPS[name]
        operands = ", ".join(
            ("*" if op.is_variadic and n == op.operand_names[-1] else "") + n for n in op.operand_names
        )
        attributes = "".join(f"\n  {each.name}: {each.kind}" for each in op.attributes.values())
        return f"{op.name}({operands}){attributes}\n\n{op.doc}\n"
    parts: list[str] = []
    for group in GROUPS:
        rows = [(op.name, op.doc.splitlines()[0]) for op in OPS.values() if op.group == group]
        parts.append(f"{group}\n{aligned(rows)}")
    return "\n".join(parts) + f"\n{len(OPS)} ops\n"
