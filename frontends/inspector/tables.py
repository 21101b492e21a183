"""Tables and numbers as text, for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from diptych.ir import Dim

OTHERS = "(others)"  # the row for those that are not shown
_UNITS = ("", "k", "M", "G", "T", "P")


def aligned(rows: Sequence[tuple[str, ...]]) -> str:
    """Rows of cells in columns: the first and the last one to the left, others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines: list[str] = []
    for row in rows:
        cells = [
            text.rjust(width) if 0 < column < len(row) - 1 else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  " + "  ".join(cells).rstrip())
    return "\n".join(lines) + "\n"


def counted(count: Dim) -> str:
    """A count in three digits with a unit, 1.23M; a polynomial as it is."""
    if not isinstance(count, int):
        return str(count)
    number, unit = float(count), 0
    while abs(number) >= 999.5 and unit < len(_UNITS) - 1:
        number, unit = number / 1000, unit + 1
    return f"{number:.3g}{_UNITS[unit]}"


def shortened(text: str, most: int = 40) -> str:
    """A text that is too long for a cell without its end."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


def plain(dim: Dim) -> int | str:
    """A count as JSON has it: a polynomial as text."""
    return dim if isinstance(dim, int) else str(dim)


def counts(count: int, what: str) -> str:
    """So many of what."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def listed(texts: Iterable[str], most: int = 3) -> str:
    """The first of some texts, and how many others there are."""
    first = list(texts)
    rest = len(first) - most
    if rest > 0:
        return f"{', '.join(first[:most])} and {rest} more"
    return " and ".join(filter(None, (", ".join(first[:-1]), *first[-1:])))
