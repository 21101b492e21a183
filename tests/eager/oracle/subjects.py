"""The cases of one subject, a file in `cases/` that mirrors one of the front end's.

Such a file holds `CASES`, a text with one expression a line, named by that text; and functions, one case each, whose
parameters are names that expressions may use too. Lines that are empty or start with # say nothing; functions that
start with _ are for the others.
"""

from __future__ import annotations

import importlib
import inspect
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
SUBJECTS = sorted(path.relative_to(FOLDER / "cases").with_suffix("").as_posix()
                  for path in (FOLDER / "cases").rglob("*.py"))  # fmt: skip


@dataclass(frozen=True)
class Case:
    """Something that both frameworks compute: `run(names)` gives what its answer is made of.

    `text` changes where the case does; of an expression it is the name, of a function a checksum of its source.
    """

    name: str
    text: str
    run: Callable[[dict[str, Any]], Any]


@cache
def cases_of(subject: str) -> tuple[Case, ...]:
    """The cases of a subject, expressions first. Raises ValueError where two have the same name."""
    module = importlib.import_module(f"tests.eager.oracle.cases.{subject.replace('/', '.')}")
    lines = [line.strip() for line in getattr(module, "CASES", "").splitlines()]
    found = [_expression(line) for line in lines if line and not line.startswith("#")]
    found.extend(
        _program(function)
        for name, function in vars(module).items()
        if inspect.isfunction(function) and function.__module__ == module.__name__ and not name.startswith("_")
    )
    names = [case.name for case in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"{subject}: these cases stand there twice: {twice}")
    return tuple(found)


def _expression(line: str) -> Case:
    code = compile(line, line, "eval")
    return Case(line, line, lambda names: eval(code, dict(names)))


def _program(function: Callable[..., Any]) -> Case:
    wanted = tuple(inspect.signature(function).parameters)
    checksum = zlib.crc32("".join(inspect.getsource(function).split()).encode())
    return Case(function.__name__, f"{checksum:08x}", lambda names: function(**{name: names[name] for name in wanted}))
