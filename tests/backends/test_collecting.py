"""Collections wait while programs are written, and go on afterwards."""

from __future__ import annotations

import gc

import numpy as np
import pytest
from diptych import backends
from diptych.backends import compiler
from diptych.backends.collecting import paused_collections
from diptych.backends.numpy import program
from diptych.ir import DiptychError, parser


def test_it_goes_on_afterwards() -> None:
    assert gc.isenabled()
    with paused_collections():
        assert not gc.isenabled()
        with paused_collections():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_goes_on_after_an_error() -> None:
    with pytest.raises(DiptychError), paused_collections():
        raise DiptychError("refused")
    assert gc.isenabled()


def test_it_stays_off_where_it_was() -> None:
    gc.disable()
    try:
        with paused_collections():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_it_waits_while_a_program_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    run_passes = compiler.run_passes

    def watched(*arguments: object, **options: object) -> object:
        seen.append(gc.isenabled())
        return run_passes(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(compiler, "run_passes", watched)
    function = parser.parse("func @seen(%x: f32[7]) -> (f32[7]) {\n  %0: f32[7] = tan %x\n  return %0\n}\n")
    backends.clear_cache()
    backends.compile(function)
    assert seen == [False]
    assert gc.isenabled()


def test_it_waits_while_a_program_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    emit = program.emit

    def watched(*arguments: object) -> object:
        seen.append(gc.isenabled())
        return emit(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(program, "emit", watched)
    function = parser.parse("func @seen(%x: f32[7]) -> (f32[7]) {\n  %0: f32[7] = tan %x\n  return %0\n}\n")
    program.Program(function).run(np.ones(7, np.float32))
    assert seen == [False] and gc.isenabled()
