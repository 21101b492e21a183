"""`diptych run [OPTIONS] SCRIPT [ARGUMENTS]`: options come first, all behind the script is the script's."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from typing import NamedTuple

from diptych.ir import DiptychError

USAGE = """usage: diptych run [--backend numpy|jax] [--keep NAME,...] [--trace DIR] [--sync-report]
                   SCRIPT [ARGUMENT ...]
       diptych run [OPTIONS] -m MODULE [ARGUMENT ...]

Runs a program as it stands: `import torch` and `import tensorflow` give diptych. SCRIPT is a Python file or a notebook.

  --backend NAME   what runs it; by default the setting
  --keep NAME,...  top-level modules that are left to others, as DIPTYCH_KEEP
  --trace DIR      records every program that ran, and what each pass did to it, in a file of DIR; see diptych view
  --sync-report    says at the end which lines made the program stop and run what had been recorded
"""


class Options(NamedTuple):
    """What stands before the script."""

    target: str
    is_module: bool
    arguments: list[str]
    backend: str | None = None
    keep: tuple[str, ...] = ()
    trace: str | None = None
    report: bool = False


def main(arguments: Sequence[str]) -> int:
    """Runs the program. Returns 2, after one line on the standard error, for what cannot be run; else the program's own
    exit status, which SystemExit carries."""
    try:
        options = parsed(arguments)
        if options is None:
            print(USAGE, end="")
            return 0
        _run(options)
    except DiptychError as error:
        print(f"diptych: {' '.join(str(error).split())}", file=sys.stderr)
        _abandon(2)
        return 2
    except SystemExit as end:
        if end.code and isinstance(end.code, int):
            _abandon(end.code)
        raise
    return 0


def _abandon(status: int) -> None:
    """Of several processes, one that fails does not wait for the others."""
    if "diptych.backends.joining" in sys.modules:
        from diptych.backends.joining import abandon

        abandon(status)


def parsed(arguments: Sequence[str]) -> Options | None:
    """The options; None where help is asked for. Raises DiptychError."""
    given = list(arguments)
    found: dict[str, str] = {}
    while given and given[0].startswith("-") and given[0] != "-":
        name, equals, value = given.pop(0).partition("=")
        if name in ("-h", "--help"):
            return None
        if name == "-m":
            break
        if name == "--sync-report" and not equals:
            found[name[2:]] = ""
            continue
        if name not in ("--backend", "--keep", "--trace"):
            raise DiptychError(f"run: option {name} is unknown; try: diptych run --help")
        if not equals and not given:
            raise DiptychError(f"run: option {name} needs a value; try: diptych run --help")
        found[name[2:]] = value if equals else given.pop(0)
    else:
        name = ""
    if not given:
        raise DiptychError("run: there is no script; try: diptych run --help")
    if found.get("backend", "numpy").partition(":")[0] not in ("numpy", "jax", "reference"):
        raise DiptychError(f"run: --backend is {found['backend']} but must be numpy, jax or reference")
    keep = tuple(filter(None, found.get("keep", "").split(",")))
    return Options(
        given[0], name == "-m", given[1:], found.get("backend"), keep, found.get("trace"), "sync-report" in found
    )


def _run(options: Options) -> None:
    from .processes import answer
    from .script import run_module, run_script

    if options.backend is not None:
        os.environ["DIPTYCH_BACKEND"] = options.backend
    answer(options.keep)
    run = run_module if options.is_module else run_script
    with ExitStack() as around:
        if options.trace is not None:
            from ..inspector.bundles import recording

            around.enter_context(recording(options.trace, script=options.target, outermost=sys._getframe()))
        if options.report:
            from .reports import reported

            around.enter_context(reported())
        run(options.target, options.arguments)
