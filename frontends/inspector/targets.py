"""What the inspection tool is pointed at: a saved program, as text or JSON, a Python function, or a script."""

from __future__ import annotations

import contextlib
import importlib.util
import inspect
import runpy
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from diptych import backends, replace
from diptych.backends import Executable, Watcher
from diptych.ir import DiptychError, Function
from diptych.ir.location import detailed
from diptych.ir.parser import parse

from .files import file_errors, read_text, side_data
from .runs import Runs, RunWatcher


def parted(target: str) -> tuple[str, str]:
    """FILE.py:FUNCTION as the file and the function's name; any other target, and nothing."""
    path, _, name = target.rpartition(":") if ".py:" in target else (target, "", "")
    return path, name


class Loaded(NamedTuple):
    """A program and the places of the parameters that it may write over. Where it was run: on which backend, how often,
    and the arrays of the first time, where they were wanted."""

    function: Function
    donate: tuple[int, ...] = ()
    backend: str | None = None
    runs: Runs | None = None
    inputs: tuple[np.ndarray, ...] | None = None


class Enough(BaseException):
    """Raised by a watcher that has seen all it wants: the script ends there, and no program of a user's catches it."""


MadeOf = Callable[[Any], Function | None]


def load(
    target: str,
    arguments: Sequence[str] = (),
    *,
    keep_inputs: bool = False,
    watcher: Watcher | None = None,
    made_of: MadeOf | None = None,
) -> list[Loaded]:
    """The programs of `target`: FILE.ir, FILE.json, FILE.py:FUNCTION, or SCRIPT.py with its arguments.

    A function that returns a `Function` gives that one; any other function, and a script, is run, and gives every
    program that runs meanwhile, each once. What it prints goes to the standard error. With `keep_inputs`, programs come
    with copies of what they were first run on. A `watcher` is told of the runs, and may end them by `Enough`. `made_of`
    gives the program of other things that a name may be of, or that a function may return; None of what it does not
    know. Raises DiptychError.
    """
    of_others = made_of or (lambda thing: None)
    path, name = parted(target)
    if target.endswith(".py:"):
        raise DiptychError(f"{target}: there is no name of a function behind the colon", hint=f"{path} runs the script")
    file = Path(path)
    with file_errors(file):
        if not file.exists():
            raise DiptychError(f"{path}: there is no such file")
        if not file.is_file():
            raise DiptychError(f"{path}: is no file")
    if file.suffix in (".ir", ".json"):
        return [Loaded(_saved(file))]
    if file.suffix != ".py":
        raise DiptychError(f"{path}: file ends in {file.suffix or 'nothing'} but must end in .ir, .json, .py or .dipt")
    with _as_script(file, arguments), detailed(sys._getframe()), contextlib.redirect_stdout(sys.stderr):
        collector = _Collector(keep_inputs=keep_inputs)
        run = _function(file, name, of_others) if name else lambda: _run_script(file)
        if isinstance(run, Function):
            return [Loaded(run)]
        with ExitStack() as around:
            for each in filter(None, (collector, watcher)):
                around.enter_context(backends.watched(each))
            returned = run()
        made = returned if isinstance(returned, Function) else of_others(returned)
        if made is not None:
            return [Loaded(made)]
        if not collector.found:
            raise DiptychError(f"{target}: nothing was run", hint="run a session, or read a tensor's value")
        return collector.found


class _Collector(RunWatcher):
    """Gathers the programs that run, each once."""

    def __init__(self, *, keep_inputs: bool) -> None:
        super().__init__()
        self.keep_inputs = keep_inputs
        self.found: list[Loaded] = []

    def first(self, executable: Executable, arrays: Sequence[Any], runs: Runs) -> None:
        inputs = tuple(np.array(each) for each in arrays) if self.keep_inputs else None
        self.found.append(Loaded(executable.function, executable.donate, executable.backend, runs, inputs))


def _saved(file: Path) -> Function:
    """The program in a file of text or JSON, with the constants beside it."""
    text = read_text(file)
    data = side_data(file)
    try:
        if file.suffix == ".ir":
            return parse(text, data=data)
        from diptych.ir.document import from_json  # here, since pydantic takes long to import

        return from_json(text, data=data)
    except DiptychError as error:
        raise DiptychError(f"{file}: {error}") from error


@contextlib.contextmanager
def _as_script(file: Path, arguments: Sequence[str]) -> Iterator[None]:
    """sys.argv and sys.path as Python sets them for a script; imports of the frameworks are answered, as by `run`."""
    argv, path, is_ours = sys.argv, list(sys.path), not replace.installed()
    sys.argv = [str(file), *arguments]
    sys.path.insert(0, str(file.resolve().parent))
    if is_ours:
        replace.install()
    try:
        yield
    finally:
        sys.argv = argv
        sys.path[:] = path
        if is_ours:
            replace.uninstall()


def _function(file: Path, name: str, made_of: MadeOf) -> Function | Callable[[], Any]:
    """A function of a file, which returns once all that it returns has been computed; or what is a program by itself.
    What the file runs when it is imported is not watched."""
    function: Any = _module(file)
    for part in name.split("."):
        function = getattr(function, part, None)
    if function is None:
        raise DiptychError(f"{file}: there is no function {name}")
    made = function if isinstance(function, Function) else made_of(function)
    if made is not None:
        return made
    if not callable(function):
        raise DiptychError(f"{file}:{name} is of type {type(function).__name__} but must be a function")
    _check_takes_none(function, f"{file}:{name}")

    def run() -> Any:
        returned = _called(function, f"{file}:{name}")
        _called(lambda: _read(returned), f"{file}:{name}")
        return returned

    return run


def _check_takes_none(function: Callable[..., Any], described: str) -> None:
    """Raises DiptychError for a function that cannot be called without arguments."""
    try:
        signature = inspect.signature(function)
    except ValueError:  # of some that are written in C, nobody knows what they take
        return
    try:
        signature.bind()
    except TypeError as error:
        raise DiptychError(
            f"{described}{signature} is called without arguments: {error}",
            hint="name a function that takes none and calls it",
        ) from None


def _called(function: Callable[[], Any], described: str) -> Any:
    """What a function of the user's gives; None where it ends the program as done. Raises DiptychError for errors."""
    try:
        return function()
    except DiptychError:
        raise
    except Enough:
        return None
    except SystemExit as ended:
        if ended.code in (None, 0):
            return None
        how = f"with status {ended.code}" if isinstance(ended.code, int) else f"saying {ended.code}"
        raise DiptychError(f"{described}: ended {how}") from None
    except Exception as error:
        raise DiptychError(f"{described}: {type(error).__name__}: {error}") from error


def _module(file: Path) -> ModuleType:
    # not under its own name, which may be that of a module that others still need, such as json
    spec = importlib.util.spec_from_file_location(f"__diptych_target__.{file.stem}", file)
    if spec is None or spec.loader is None:
        raise DiptychError(f"{file}: file cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    loader = spec.loader
    _called(lambda: loader.exec_module(module), str(file))
    return module


def _run_script(file: Path) -> None:
    _called(lambda: runpy.run_path(str(file), run_name="__main__"), str(file))


def _read(returned: Any) -> None:
    """Makes lazy tensors in what was returned compute their values."""
    if hasattr(returned, "_array"):
        returned._array()
    elif isinstance(returned, (tuple, list, Mapping)):
        for each in returned.values() if isinstance(returned, Mapping) else returned:
            _read(each)
