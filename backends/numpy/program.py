"""One compiled function: its source, its plan, and the instances that run it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import count
from threading import Lock
from types import CodeType
from typing import Any

import numpy as np
from diptych.ir import DiptychError, Equation, Function
from diptych.passes.aliasing import VIEWS
from diptych.passes.plan import ALIGNMENT, Slot

from ..kernels.control import Nested
from .blas import give_threads_back, may_take_threads, take_one_thread
from .emitters import emit
from .layout import Layout, is_constant
from .writer import Writer

Run = Callable[..., tuple[np.ndarray, ...]]

_numbers = count()  # of programs, which tell their lines apart in tracebacks


class Program:
    """A function without named dimensions, as Python source over one arena.

    `run` may be called from several threads at once: each call takes an idle instance, with an arena of its own,
    or makes one. What is `checked` fills memory that holds no value, as `poison` says.
    """

    def __init__(
        self, function: Function, donate: Iterable[int] = (), layout: Layout | None = None, *, checked: bool = False
    ) -> None:
        self.function = function
        self.checked = checked
        self.layout = layout or Layout()
        self.plan = self.layout.plan(function, donate)
        self.file = f"<numpy program {next(_numbers)}>"
        self._holds_threads = may_take_threads(function)
        self._lock = Lock()
        self._written: tuple[Writer, list[str], CodeType] | None = None
        self._nested: dict[int, tuple[Function, Program]] = {}  # by identity: one that stands twice is compiled once
        self._idle: list[Run] = []

    @property
    def source(self) -> str:
        """The Python source with comments, nested functions' first."""
        writer, results, _ = self._write()
        return "\n".join([*(program.source for program in self.nested), writer.source(results, comments=True)])

    @property
    def nested(self) -> list[Program]:
        """The programs of the nested functions, which `source` writes when it is first needed."""
        self._write()
        return [program for _, program in self._nested.values()]

    def run(self, *arrays: np.ndarray) -> tuple[np.ndarray, ...]:
        """The results, on arrays of exactly the parameters' types; donated ones C-contiguous and writable.

        Raises DiptychError, with the user's line, where an op fails.
        """
        try:
            run = self._idle.pop()
        except IndexError:
            run = self._instance()
        if self._holds_threads:
            take_one_thread()
        try:
            return run(*arrays)
        except Exception as error:
            raise self._described(error) from (error.__cause__ if isinstance(error, DiptychError) else error)
        finally:
            if self._holds_threads:
                give_threads_back()
            self._idle.append(run)

    def _write(self) -> tuple[Writer, list[str], CodeType]:
        """The source, the expressions of the results, and the compiled code; made once."""
        with self._lock:
            if self._written is None:
                w = Writer(self.function, self.plan, self.layout, self._compile_nested, checked=self.checked)
                w.parameters()
                w.fill(Slot(0, self.plan.arena))
                for equation in self.function.equations:
                    emit(w, equation)
                results = self._results(w)
                self._written = w, results, compile(w.source(results), self.file, "exec")
            return self._written

    def _results(self, w: Writer) -> list[str]:
        """What to return: arrays that nothing else shows."""
        maker = {result: e for e in self.function.equations for result in e.results}
        texts: list[str] = []
        seen: set[Any] = set()
        for result in self.function.results:
            text = w.array(result)
            equation = maker.get(result)
            shown = equation is None or equation.op in VIEWS or is_constant(equation) or result in seen
            seen.add(result)
            texts.append(f"{text}.copy()" if shown else text)
        return texts

    def _compile_nested(self, function: Function) -> Nested:
        if id(function) not in self._nested:
            self._nested[id(function)] = function, Program(function, checked=self.checked)
        return Nested(self._nested[id(function)][1].run, function.result_types)

    def _instance(self) -> Run:
        writer, _, code = self._write()
        space: dict[str, Any] = {**writer.constants, "arena": _arena(self.plan.arena), "__name__": __name__}
        exec(code, space)
        return space["run"]

    def _described(self, error: Exception) -> DiptychError:
        """`error` with the op and the user's line of the equation that it came from."""
        equation = self._equation_of(error)
        if isinstance(error, DiptychError):
            return error.located(equation.location if equation is not None else None)
        name = equation.op.name if equation is not None else f"@{self.function.name}"
        location = equation.location if equation is not None else None
        return DiptychError(f"{name}: {type(error).__name__}: {error}", location=location)

    def _equation_of(self, error: Exception) -> Equation | None:
        """The equation behind the line of this program's source that an error came through."""
        trace = error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == self.file:
                return self._write()[0].equation_at(trace.tb_lineno)
            trace = trace.tb_next
        return None


def _arena(size: int) -> np.ndarray:
    """`size` bytes that begin at a multiple of the alignment."""
    raw = np.empty(size + ALIGNMENT, np.uint8)
    start = -raw.ctypes.data % ALIGNMENT
    return raw[start : start + size]
