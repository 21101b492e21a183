"""Fills all memory that a numpy program owns with bytes that no program means, to show that it reads none of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from diptych.backends.executable import Executable
from diptych.backends.numpy.program import Program, Run
from diptych.backends.numpy.runner import NumpyRunner

BYTES = (0xFF, 0x7F, 0x00, 0xA5)  # nan and -1; large numbers; zeros; something else


def programs(program: Program) -> Iterator[Program]:
    """The program and those nested in it."""
    yield program
    for nested in program.nested:
        yield from programs(nested)


def program_of(executable: Any) -> Program:
    assert isinstance(executable, Executable) and isinstance(executable.runner, NumpyRunner)
    return executable.runner.program


def instances(program: Program) -> list[Run]:
    """What has run before, nested functions included."""
    return [run for each in programs(program) for run in each._instances.values()]


def arena_of(run: Run) -> np.ndarray:
    return run.__globals__["arena"]


def poison(program: Program, byte: int) -> None:
    """Fills every arena, and makes every buffer for a result come filled."""

    def filled(shape: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray:
        array = np.empty(shape, dtype)
        array.reshape(-1).view(np.uint8)[...] = byte
        return array

    for run in instances(program):
        arena_of(run)[...] = byte
        if "empty" in run.__globals__:
            run.__globals__["empty"] = filled


def poisoned_runs(program: Program, operands: Sequence[np.ndarray]) -> Iterator[tuple[np.ndarray, ...]]:
    """The results of the checked program, which fills what it does not need while it runs; then those of the program
    itself, on fresh memory and on memory filled with each of the bytes."""
    with np.errstate(all="ignore"):
        yield Program(program.function, (), program.layout, checked=True).run(*operands)
        yield program.run(*operands)
        for byte in BYTES:
            poison(program, byte)
            yield program.run(*operands)


def memory_is_own(executable: Any, results: Sequence[np.ndarray], operands: Iterable[np.ndarray]) -> None:
    """Raises AssertionError where a result shares memory with another one, an operand, an arena or a constant."""
    program = program_of(executable)
    spaces = [run.__globals__ for run in instances(program)]
    others = [value for space in spaces for value in space.values() if isinstance(value, np.ndarray)]
    for number, result in enumerate(results):
        for other in (*results[:number], *operands, *others):
            assert not np.shares_memory(result, other), f"result {number} shares memory"
