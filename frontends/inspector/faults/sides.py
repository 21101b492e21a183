"""Ways to compute a program, of which two are compared: the passes that it goes through, and what runs it then."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from diptych.backends.executable import Runner
from diptych.backends.settings import settings
from diptych.ir import DiptychError, Function
from diptych.passes.double_precision import double_precision
from diptych.passes.manager import Pass, PassRecord, run_passes

from ..subjects import BACKENDS, Subject
from .values import Arrays

DOUBLE = Pass("double_precision", "every float in double precision", lambda f, fired: double_precision(f))
# By name, whose passes, and what runs what they make of the program; None: the backend that was chosen.
_WAYS: dict[str, tuple[str | None, str]] = {
    **{backend: (backend, backend) for backend in BACKENDS},
    "simplified": (None, "reference"),
    "unsimplified": ("reference", "reference"),
    "float32": ("reference", "reference"),
    "float64": (DOUBLE.name, "reference"),
}
SIDES = tuple(_WAYS)


def check_sides(left: str, right: str, backend: str) -> None:
    """Raises DiptychError where both are one way to compute."""
    ways = [tuple(part or backend for part in _WAYS[name]) for name in (left, right)]
    if ways[0] == ways[1]:
        raise DiptychError(f"bisect: --a is {left} and --b is {right} but must be two ways to compute")


class Side:
    """One way to compute a program. `records`: what each of its passes did."""

    def __init__(self, name: str, subject: Subject) -> None:
        passes, self.backend = _WAYS[name]
        self.name, self.subject = name, subject
        if passes == DOUBLE.name:
            self.records: Sequence[PassRecord] = run_passes(subject.function, [DOUBLE], checked=True, trace=True)[1]
        else:
            self.records = subject.on(passes or subject.backend).records
        self._runners: dict[tuple[Function, bool], Runner] = {}

    @cached_property
    def final(self) -> Function:
        """The program as it is run."""
        return self.records[-1].after if self.records else self.subject.function

    def whole(self, function: Function, arguments: Arrays) -> Arrays:
        """The results of a whole program, or the beginning of one: it may write over donated arguments, of which it
        gets copies."""
        return self._run(function, [np.array(each) for each in fitted(function, arguments)], is_donating=True)

    def compute(self, function: Function, arguments: Arrays) -> Arrays:
        """The results of a part of it, such as a single equation."""
        return self._run(function, arguments, is_donating=False)

    def _run(self, function: Function, arguments: Sequence[np.ndarray], *, is_donating: bool) -> Arrays:
        key = function, is_donating
        if key not in self._runners:
            self._runners[key] = _runner(self.backend, function, self.subject.donate if is_donating else ())
        return tuple(map(np.asarray, self._runners[key](*arguments)))


def _runner(backend: str, function: Function, donate: tuple[int, ...]) -> Runner:
    """What runs a function as it stands, without passes."""
    if backend == "numpy":
        from diptych.backends.numpy.runner import NumpyRunner

        return NumpyRunner(function, donate, checked=settings().checked)
    if backend == "jax":
        from diptych.backends.jax.runner import JaxRunner

        return JaxRunner(function, donate, settings().device)
    from diptych.backends.reference.runner import ReferenceRunner

    return ReferenceRunner(function)


def fitted(function: Function, arguments: Sequence[Any]) -> Arrays:
    """The arguments in the precision of the function's parameters."""
    return tuple(
        np.asarray(each, parameter.dtype.numpy) for each, parameter in zip(arguments, function.parameters, strict=True)
    )
