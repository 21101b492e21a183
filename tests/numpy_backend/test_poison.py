"""Checked programs: what they fill and when, that what reads it shows, and that they cost nothing when they are off."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from diptych import backends
from diptych.backends.numpy import emitters
from diptych.backends.numpy.layout import Layout
from diptych.backends.numpy.poison import BYTE, fill, filled
from diptych.backends.numpy.program import Program
from diptych.backends.numpy.writer import Writer
from diptych.backends.settings import configure, settings
from diptych.ir import Builder, Equation, Function, Value, ops
from diptych.passes.fuse import fuse
from diptych.passes.plan import _Planner

from tests.samples.control import function


def run(f: Function, arrays: Sequence[np.ndarray], *, checked: bool, donate: Sequence[int] = ()) -> list[np.ndarray]:
    with np.errstate(all="ignore"):
        return list(Program(f, donate, checked=checked).run(*(array.copy() for array in arrays)))


def bits(arrays: Sequence[np.ndarray]) -> list[bytes]:
    return [array.tobytes() for array in arrays]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.complex64])
def test_floats_are_nan(dtype: type) -> None:
    assert np.isnan(filled((2, 3), np.dtype(dtype))).all()


def test_integers_and_bools() -> None:
    assert filled((2,), np.dtype(np.int32)).tolist() == [-1, -1]
    assert filled((1,), np.dtype(np.uint16)).tolist() == [65535]
    whether = np.zeros((), np.bool_)
    fill(whether)
    assert whether and filled((0, 3), np.dtype(np.float32)).shape == (0, 3)


def test_source() -> None:
    """The arena at the beginning, each place when it has been read for the last time, results before they are written."""
    f = function("f", "f32[4,4]", lambda b, x: b.matmul(b.matmul(b.sin(x), x), x))
    source = Program(f, checked=True).source
    assert [line.partition("#")[0].strip() for line in source.splitlines() if not line.startswith("s")] == [
        "def run(p0):",
        "s1.fill(255)",
        "sin(p0, out=s2)",
        "dot(s2, p0, s3)",
        "s4.fill(255)",
        "o5 = empty((4, 4), float32)",
        "dot(s3, p0, o5)",
        "s6.fill(255)",
        "return (o5, )",
    ]
    assert "s4 = arena[0:64]" in source.splitlines() and "s6 = arena[64:128]" in source.splitlines()
    assert "fill" not in Program(f).source and BYTE == 255


def test_blocks_and_parts_are_filled_each_for_itself() -> None:
    def body(b: Builder, x: Value) -> Value:
        return b.fused(x, body=function("group", "f32[8,2]", lambda b, x: b.sin(b.add(b.exp(b.neg(x)), x))))[0]

    inner = function("part", "f32[8,2]", body)
    f = function("f", "f32[16,2]",
                 lambda b, x: b.parallel(x, body=inner, parts=2, operand_axes=(0,), result_axes=(0,)))  # fmt: skip
    x = np.arange(32, dtype=np.float32).reshape(16, 2)
    program = Program(f, (), Layout(4, 4), checked=True)
    assert program.run(x)[0].tobytes() == run(f, [x], checked=False)[0].tobytes()
    loops = [line for line in program.source.splitlines() if line.startswith("        ")]
    assert sum("fill(255)" in line for line in loops) == 4  # in both parts, at the beginning of a block and at its end


def test_nested_programs_are_checked_too() -> None:
    left = function("left", "f32[3]", lambda b, x: b.exp(b.sin(x)))
    f = function("f", "bool[] f32[3]", lambda b, p, x: b.cond(p, x, on_true=left, on_false=left))
    program = Program(f, checked=True)
    assert [nested.checked for nested in program.nested] == [True]


def test_a_donated_parameter_is_filled_before_another_equation_writes_into_it() -> None:
    """Not where the equation that writes reads it, as an update in place does, nor where it reads a view of it."""
    first = function("f", "f32[2,2] f32[2,2]", lambda b, w, x: b.matmul(b.add(b.exp(w), x), x))
    second = function("f", "f32[2,2] f32[2,2]", lambda b, w, x: b.sub(b.reshape(w, shape=(2, 2)), x))
    arrays = [np.ones((2, 2), np.float32), np.full((2, 2), 2, np.float32)]
    for f, count in ((first, 1), (second, 0)):
        program = Program(f, (0,), checked=True)
        assert program.plan.donated == ({0: 0} if count else program.plan.donated)
        assert program.source.count(" fill(p0)") == count
        assert bits(run(f, arrays, checked=True, donate=(0,))) == bits(run(f, arrays, checked=False))


def forgetful_views(self: _Planner) -> dict[Value, int]:
    """A planner that does not know that what reads a view reads what it shows."""
    last = {operand: place for place, e in enumerate(self.function.equations) for operand in e.operands}
    return {**last, **dict.fromkeys(self.function.results, len(self.function.equations))}


def test_a_place_that_is_free_too_early_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where nothing else is written there in time: by luck the program itself is right."""

    def body(b: Builder, x: Value) -> Value:
        turned = b.transpose(b.sin(x), permutation=(1, 0))
        return b.matmul(turned, b.matmul(turned, x))

    f, x = function("f", "f64[3,3]", body), np.arange(9.0).reshape(3, 3)
    wanted = bits(run(f, [x], checked=False))
    assert bits(run(f, [x], checked=True)) == wanted
    monkeypatch.setattr(_Planner, "_last_uses", forgetful_views)
    assert np.isnan(run(f, [x], checked=True)[0]).all()


@pytest.mark.parametrize("kind", ["group", "blocks", "parts"])
def test_a_place_inside_that_is_free_too_early_shows(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def body(b: Builder, x: Value) -> Value:
        y = b.exp(x)
        return b.add(b.sin(b.cos(x)), b.identity(y))

    inner = function("inner", "f64[8,2]", body)
    if kind == "parts":
        f = function("f", "f64[16,2]",
                     lambda b, x: b.parallel(x, body=inner, parts=2, operand_axes=(0,), result_axes=(0,)))  # fmt: skip
    else:
        f = function("f", "f64[8,2]", lambda b, x: b.fused(x, body=inner))
    x = np.linspace(0, 1, f.parameters[0].type.size).reshape(f.parameters[0].type.static_shape())
    layout = (lambda: Layout(2, 2)) if kind == "blocks" else Layout
    wanted = Program(f, (), layout()).run(x)[0]
    assert Program(f, (), layout(), checked=True).run(x)[0].tobytes() == wanted.tobytes()
    monkeypatch.setattr(_Planner, "_last_uses", forgetful_views)
    assert np.isnan(Program(f, (), layout(), checked=True).run(x)[0]).all()


def _leaves_padding(w: Writer, equation: Equation) -> None:
    """A pad that trusts to memory being zero."""
    x, out = w.array(equation.operands[0]), w.out(equation.results[0])
    w.line(f"{out}[1:3] = {x}")


def _adds_to_what_is_there(w: Writer, equation: Equation) -> None:
    lhs, rhs = (w.array(operand) for operand in equation.operands)
    out = w.out(equation.results[0])
    w.line(f"{w.constant(np.add, 'add')}({out}, {lhs} @ {rhs}, out={out})")


@pytest.mark.parametrize(
    "op, emitter, body",
    [
        (
            ops.pad,
            _leaves_padding,
            lambda b, x: b.pad(x, b.reduce_sum(b.sub(x, x), axes=(0, 1)), low=(1, 0), high=(0, 0), interior=(0, 0)),
        ),
        (ops.matmul, _adds_to_what_is_there, lambda b, x: b.matmul(b.sin(x), x)),
        (ops.matmul, _adds_to_what_is_there, lambda b, x: b.exp(b.matmul(b.sin(x), x))),
    ],
)
def test_a_result_that_is_not_written_whole_shows(
    op: object, emitter: object, body: Callable[[Builder, Value], Value], monkeypatch: pytest.MonkeyPatch
) -> None:
    f, x = function("f", "f32[2,2]", body), np.ones((2, 2), np.float32)
    assert not np.isnan(run(f, [x], checked=True)[0]).any()
    monkeypatch.setitem(emitters.EMITTERS, op, emitter)
    assert np.isnan(run(f, [x], checked=True)[0]).any()


def test_the_setting_turns_it_on_and_off() -> None:
    """What was compiled without it is not taken for a checked program."""
    f = fuse(function("f", "f32[5]", lambda b, x: b.exp(b.sin(b.exp(x)))))
    before = settings().checked
    try:
        sources = [
            (configure(checked=on), backends.compile(f, backend="numpy").source)[1] for on in (False, True, False)
        ]
    finally:
        configure(checked=before)
    assert ["fill" in source for source in sources] == [False, True, False]
