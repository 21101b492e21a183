"""A script, a module or a notebook run as Python itself would run it, with the frameworks answered by diptych."""

from __future__ import annotations

import builtins
import importlib.util
import io
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, ModuleType, TracebackType
from typing import Any

from diptych.ir import DiptychError

from .notebook import code_of


def run_script(path: str, arguments: Sequence[str]) -> None:
    """Runs a file as `python FILE ARGUMENTS` does: `__main__`, sys.argv, sys.path[0] and tracebacks are the same.

    Raises what the script raises, and DiptychError for what cannot be read or compiled.
    """
    full = os.path.abspath(path)
    code = _compiled(_source(Path(path)), full)
    sys.argv[:] = [path, *arguments]
    sys.path[0] = os.path.dirname(os.path.realpath(path))
    _run(code, file=full)


def run_module(name: str, arguments: Sequence[str]) -> None:
    """Runs a module as `python -m NAME ARGUMENTS` does."""
    sys.path[0] = os.getcwd()
    sys.argv[:] = ["-m", *arguments]
    spec = _spec_of(name)
    assert spec.origin is not None
    sys.argv[0] = spec.origin
    _run(_compiled(_source(Path(spec.origin)), spec.origin), file=spec.origin, spec=spec, package=spec.parent)


def _spec_of(name: str) -> Any:
    """The spec of a module, or of its `__main__` where it is a package. Raises DiptychError."""
    try:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.submodule_search_locations is not None:
            spec = importlib.util.find_spec(f"{name}.__main__")
    except ModuleNotFoundError:
        spec = None
    if spec is None or spec.origin is None:
        raise DiptychError(f"{name}: there is no module of that name that can be run")
    return spec


def _source(file: Path) -> str:
    """The code in a file, in the encoding that its first lines name; of a notebook, that of its cells."""
    try:
        if file.suffix == ".ipynb":
            return code_of(file)
        with io.open_code(str(file)) as stream:
            return importlib.util.decode_source(stream.read())
    except FileNotFoundError:
        raise DiptychError(f"{file}: there is no such file") from None
    except OSError as error:
        raise DiptychError(f"{file}: cannot be read: {error.strerror}") from None
    except (SyntaxError, UnicodeDecodeError) as error:
        raise DiptychError(f"{file}: is no Python source: {error}") from None


def _compiled(source: str, path: str) -> CodeType:
    try:
        return compile(source, path, "exec", dont_inherit=True)
    except SyntaxError as error:
        _print_error(error.with_traceback(None))
        raise SystemExit(1) from None


def _run(code: CodeType, *, file: str, spec: Any = None, package: str | None = None) -> None:
    main = ModuleType("__main__")
    main.__dict__.update(__file__=file, __builtins__=builtins, __cached__=None, __spec__=spec, __package__=package)
    if spec is not None:
        main.__dict__["__loader__"] = spec.loader
    sys.modules["__main__"] = sys.modules["__mp_main__"] = main  # the second is multiprocessing's name for it
    try:
        exec(code, main.__dict__)
    except SystemExit:
        raise
    except BaseException as error:
        _print_error(error)
        raise SystemExit(130 if isinstance(error, KeyboardInterrupt) else 1) from None


def _print_error(error: BaseException) -> None:
    """As the interpreter prints what ends a program: from the script's own frame on, through the program's own hook
    where it has set one."""
    trace = _below_us(error.__traceback__)
    if sys.excepthook is not sys.__excepthook__:
        sys.excepthook(type(error), error, trace)
        return
    sys.stdout.flush()
    traceback.print_exception(type(error), error.with_traceback(trace), trace)


def _below_us(trace: TracebackType | None) -> TracebackType | None:
    """A traceback without the frames of this file at its top."""
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    return trace
