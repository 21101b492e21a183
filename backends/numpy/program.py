"""One compiled function: its source, its plan, and the instances that run it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property, partial
from itertools import count
from threading import Lock
from types import CodeType
from typing import Any

import numpy as np
from diptych.ir import DiptychError, Equation, Function
from diptych.passes.aliasing import VIEWS
from diptych.passes.plan import Slot

from ..collecting import paused_collections
from ..kernels.control import Nested
from .blas import give_threads_back, may_take_threads, take_one_thread
from .emitters import emit
from .grounds import Ground, idle, share
from .layout import Layout, is_constant
from .peak import Peak
from .writer import Writer

Run = Callable[..., tuple[np.ndarray, ...]]

_numbers = count()  # of programs, which tell their lines apart in tracebacks


class Program:
    """A function without named dimensions, as Python source over one arena.

    `run` may be called from several threads at once: each call takes an idle ground to compute on, and runs the
    instance that lies there. What is `checked` fills memory that holds no value, as `poison` says.
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
        self._written: tuple[Writer, list[str], list[CodeType]] | None = None
        self._nested: dict[int, tuple[Function, Program]] = {}  # by identity: one that stands twice is compiled once
        self._instances: dict[Ground, Run] = {}
        share(self, self.plan.arena)

    @property
    def source(self) -> str:
        """The Python source with comments, nested functions' first."""
        writer, results, _ = self._write()
        return "\n".join([*(program.source for program in self.nested), writer.source(results, comments=True)])

    @cached_property
    def peak(self) -> Peak:
        """What a run takes at most."""
        return Peak(self.function, self.plan, self.layout, self._peak_of)

    def _peak_of(self, body: Function) -> Peak:
        return _program_of(self._nested, body, checked=self.checked).peak

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
            ground = idle.pop()
        except IndexError:
            ground = Ground()
        try:
            run = self._instances.get(ground)
            if run is None:
                run = self._instance(ground)
            if self._holds_threads:
                take_one_thread()
            try:
                return run(*arrays)
            except Exception as error:
                raise self._described(error) from (error.__cause__ if isinstance(error, DiptychError) else error)
            finally:
                if self._holds_threads:
                    give_threads_back()
        finally:
            idle.append(ground)

    def _write(self) -> tuple[Writer, list[str], list[CodeType]]:
        """The source, the expressions of the results, and the compiled code; made once."""
        with self._lock, paused_collections():
            if self._written is None:
                w = self._writer()
                w.parameters()
                w.fill(Slot(0, self.plan.arena))
                for equation in self.function.equations:
                    emit(w, equation)
                results = self._results(w)
                w.end(results)
                self._written = w, results, w.compiled(results, self.file)
            return self._written

    def _writer(self) -> Writer:
        nested = partial(_compiled, self._nested, checked=self.checked)
        return Writer(self.function, self.plan, self.layout, nested, checked=self.checked)

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

    def _instance(self, ground: Ground) -> Run:
        writer, _, codes = self._write()
        arena = ground.arena(self.plan.arena)
        space: dict[str, Any] = {**writer.constants, "arena": arena, "__name__": __name__}
        for code in codes:
            exec(code, space)
        self._instances[ground] = space["run"]
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


def _program_of(programs: dict[int, tuple[Function, Program]], function: Function, *, checked: bool) -> Program:
    """The program of a nested function, made unless it is among the `programs`."""
    if id(function) not in programs:
        programs[id(function)] = function, Program(function, checked=checked)
    return programs[id(function)][1]


def _compiled(programs: dict[int, tuple[Function, Program]], function: Function, *, checked: bool) -> Nested:
    """A nested function as kernels call it. No method: programs end where they are dropped."""
    run = _program_of(programs, function, checked=checked).run
    return Nested(run, function.parameter_types, function.result_types)
