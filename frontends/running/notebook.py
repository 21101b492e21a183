"""The code of a notebook, as one script."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from diptych.ir import DiptychError

MAX_BYTES = 256 * 2**20


def code_of(file: Path) -> str:
    """The code cells of an .ipynb file one after another; lines for the notebook's own commands become comments.

    Raises DiptychError for what is no notebook.
    """
    if file.stat().st_size > MAX_BYTES:
        raise DiptychError(f"{file}: is larger than {MAX_BYTES} bytes")
    try:
        notebook = json.loads(file.read_text(encoding="utf-8"))
        cells = [_source(cell) for cell in _cells(notebook) if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DiptychError(f"{file}: is no notebook: {error}") from None
    return "\n".join(map(_plain, cells))


def _cells(notebook: Any) -> list[Any]:
    if "cells" in notebook:
        return notebook["cells"]
    return [cell for sheet in notebook["worksheets"] for cell in sheet["cells"]]  # the format before 4


def _source(cell: Any) -> str:
    source = cell["source"] if "source" in cell else cell["input"]
    return source if isinstance(source, str) else "".join(source)


def _plain(cell: str) -> str:
    """A cell without what only a notebook runs: `%magic`, `!command`, and cells of another language."""
    lines = cell.splitlines()
    if lines and lines[0].startswith("%%"):
        keeps_code = lines[0].split()[0] in ("%%time", "%%timeit", "%%capture")
        rest = _plain("\n".join(lines[1:])) if keeps_code else "\n".join(f"# {line}" for line in lines[1:])
        return f"# {lines[0]}\n{rest}"
    return "\n".join(f"{_indent(line)}pass  # {line.strip()}" if _is_command(line) else line for line in lines)


def _is_command(line: str) -> bool:
    stripped = line.lstrip()
    return stripped.startswith(("%", "!")) or (stripped.startswith("?") or stripped.endswith("?"))


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
