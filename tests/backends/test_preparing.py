"""Programs that are compiled before they run, and what their backend tells of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from diptych import backends
from diptych.backends import Executable, Figures, Polymorphic
from diptych.backends.settings import configured, settings
from diptych.ir import DiptychError, Function, parse

pytest.importorskip("jax")

TEXT = """func @prepared(%x: f32[32,32], %w: f32[32,64]) -> (f32[32,32], f32[32]) {
  %s: f32[32,32] = exp %x
  %wide: f32[32,64] = matmul %s, %w
  %m: f32[32] = reduce_max %wide {axes=[1]}
  return %s, %m
}"""
NAMED = "func @named(%x: f32[n,m]) -> (f32[n,m]) { %y: f32[n,m] = sin %x return %y }"
GIVEN = np.linspace(0, 1, 1024, dtype=np.float32).reshape(32, 32), np.ones((32, 64), np.float32)


def program(name: str) -> Function:
    """Under a name of its own, which jax compiles anew."""
    return parse(TEXT.replace("prepared", name))


@contextmanager
def compilations() -> Iterator[list[str]]:
    """How often XLA compiles within the block."""
    from jax import monitoring

    found: list[str] = []

    def note(event: str, seconds: float, **_: Any) -> None:
        if event == "/jax/core/compile/backend_compile_duration":
            found.append(event)

    monitoring.register_event_duration_secs_listener(note)
    try:
        yield found
    finally:
        monitoring.unregister_event_duration_listener(note)


@pytest.mark.parametrize("donate", [(), (0,)])
def test_what_is_prepared_is_not_compiled_again(donate: tuple[int, ...]) -> None:
    from diptych.backends.jax import on_device

    executable = backends.compile_anew(program("once"), backend="jax", donate=donate)
    with compilations() as found:
        assert executable.prepare() is executable
        assert len(found) == 1
        on_host = executable(*GIVEN)
        given = on_device(GIVEN)
        there = executable(*given)
        executable.prepare()
    assert len(found) == 1
    for here, other in zip(on_host, there, strict=True):
        assert np.asarray(here).tolist() == np.asarray(other).tolist()


def test_figures_are_xlas() -> None:
    import jax
    from diptych.backends.jax import traceable, wide_types

    function = program("counted")
    told = backends.compile_anew(function, backend="jax", donate=(0,)).figures
    with wide_types():
        types = [jax.ShapeDtypeStruct(each.shape, each.dtype) for each in GIVEN]
        compiled = jax.jit(traceable(function), donate_argnums=(0,)).lower(*types).compile()
    memory, costs = compiled.memory_analysis(), compiled.cost_analysis()
    assert told.arguments == memory.argument_size_in_bytes == 32 * 32 * 4 + 32 * 64 * 4
    assert (told.results, told.aliased) == (memory.output_size_in_bytes, memory.alias_size_in_bytes)
    assert told.temporary == memory.temp_size_in_bytes and told.code == (memory.generated_code_size_in_bytes or None)
    assert told.peak == told.arguments + told.results - told.aliased + told.temporary
    assert told.flops == costs["flops"] and told.accessed == costs["bytes accessed"]
    assert told.transcendentals == costs["transcendentals"] == 1024
    assert told.executable is not None and told.executable > 100 and told.seconds > 0 and told.was_kept is None


def test_figures_of_numpy_are_its_plan() -> None:
    executable = backends.compile_anew(program("planned"), backend="numpy", donate=(0,))
    told = executable.prepare().figures
    assert told.arguments == 12288 and told.results == 32 * 32 * 4 + 32 * 4 and told.aliased == 4096
    assert told.peak == 12288 - 4096 + (executable.peak_bytes or 0)
    assert told.executable == len(executable.source) and told.temporary == 32 * 64 * 4
    assert (told.flops, told.accessed, told.code, told.was_kept) == (None, None, None, None)


def test_the_reference_tells_nothing() -> None:
    executable = backends.compile_anew(program("told"), backend="reference")
    assert executable.prepare().figures == Figures()


def test_what_is_compiled_anew_is_not_kept() -> None:
    function = program("anew")
    first = backends.compile_anew(function, backend="numpy")
    assert backends.compile_anew(function, backend="numpy") is not first
    assert backends.compile(function, backend="numpy") is not first
    with pytest.raises(DiptychError, match=r"compile: donate is \[2\] but must be places of the 2 parameters"):
        backends.compile_anew(function, backend="numpy", donate=(2,))


@pytest.mark.parametrize("backend", ["numpy", "jax"])
def test_sizes_are_prepared(backend: str) -> None:
    several = backends.compile(parse(NAMED), backend=backend)
    assert isinstance(several, Polymorphic)
    executable = several.prepare({"n": 3, "m": 2})
    assert isinstance(executable, Executable) and executable.figures.arguments == 24
    with compilations() as found:
        (result,) = several(np.zeros((3, 2), np.float32))
    assert not found and np.asarray(result).tolist() == [[0.0, 0.0]] * 3
    with pytest.raises(DiptychError, match="prepare: @named: m has no size, but sizes must be of m, n"):
        several.prepare({"n": 3})
    with pytest.raises(DiptychError, match="prepare: @named: k is no dimension of it, but sizes must be of m, n"):
        several.prepare({"n": 3, "m": 2, "k": 1})


def test_the_folder_says_whether_it_had_a_program(tmp_path: Path) -> None:
    for folder in ("first", "second"):  # and a change of folder is heeded
        with configured(compilation_cache=str(tmp_path / folder)):
            kept = [backends.compile_anew(program("kept"), backend="jax").figures.was_kept for _ in range(2)]
        assert kept == [False, True] and any((tmp_path / folder).iterdir())
    with configured(compilation_cache=None):
        assert backends.compile_anew(program("kept"), backend="jax").figures.was_kept is None
    assert settings().compilation_cache is None


def test_the_device_of_the_settings_is_meant() -> None:
    """Also by who names the backend alone, as the eager front end does."""
    with configured(backend="jax:cpu:7"), pytest.raises(DiptychError, match="there is no cpu:7 here"):
        backends.compile_anew(program("there"), backend="jax")
    with configured(backend="jax:cpu:0"):
        assert backends.compile_anew(program("there"), backend="jax").runner.device is not None  # type: ignore[attr-defined]
        assert backends.compile_anew(program("there"), backend="numpy").backend == "numpy"


def test_other_settings_for_a_block() -> None:
    before = settings()
    with pytest.raises(RuntimeError), configured(fast_math=True) as changed:
        assert settings() is changed and changed.fast_math
        raise RuntimeError
    assert settings() is before
    with pytest.raises(DiptychError, match="setting fast is unknown"), configured(fast=True):
        pass
    assert settings() is before
