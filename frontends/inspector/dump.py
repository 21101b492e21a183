"""The verbs `dump` and `ops`: programs at any stage, and the op set, as text or JSON."""

from __future__ import annotations

from collections.abc import Sequence

from diptych.ir import OPS, DiptychError, Function
from diptych.ir.ops import GROUPS
from diptych.ir.printer import print_function

from .subjects import Subject
from .tables import aligned


def dump(
    subjects: Sequence[Subject],
    *,
    after: str | None = None,
    all_passes: bool = False,
    format: str = "text",
    locations: bool = False,
) -> str:
    """The programs as the front end made them; `after` a pass of the backend's pipeline (or "all" of them); or, with
    `all_passes`, at every step."""
    parts: list[str] = []
    for subject in subjects:
        if not all_passes:
            parts.append(_written(subject.after(after), format, locations))
            continue
        parts.append(_titled("as written", _written(subject.function, format, locations), format))
        parts.extend(
            _titled(f"after {record.name}", _written(record.after, format, locations), format)
            for record in subject.records
        )
    return "\n".join(parts)


def _written(function: Function, format: str, locations: bool) -> str:
    if format == "json":
        from diptych.ir.document import to_json

        return to_json(function)
    return print_function(function, locations=locations).rstrip("\n") + "\n"


def _titled(title: str, text: str, format: str) -> str:
    return text if format == "json" else f"// {title}\n{text}"


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
