"""The text of the IR, exactly as it stands."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from diptych.ir import (
    MAX_DEPTH,
    Builder,
    Constant,
    Equation,
    Function,
    HostFunction,
    Location,
    Value,
    VerificationError,
    dtypes,
    function_data,
    named,
    ops,
    parse,
    parse_type,
    print_function,
)
from diptych.ir.limits import MAX_SPLAT_BYTES

from tests.ir.programs import PROGRAMS, builder, function, nested, parameters

BATCH = named("batch")


def classifier() -> Function:
    b = Builder("loss", share=False)
    x, _, w, bias = parameters(b, x="f32[batch,784]", target="f32[batch,10]", w="f32[784,10]", b="f32[10]")

    def emit(name: str, line: int, *call: Any, **attributes: Any) -> Value:
        b.location = Location("/home/me/train.py", line)
        return b.emit(call[0], call[1:], attributes, names=[name])[0]

    xw = emit("xw", 11, ops.matmul, x, w)
    rows = emit("bias", 11, ops.broadcast, bias, shape=(BATCH, 10), axes=(1,))
    logits = emit("logits", 11, ops.add, xw, rows)
    peak = emit("peak", 12, ops.reduce_max, logits, axes=(1,))
    return b.finish([peak, logits])


def test_a_linear_classifier() -> None:
    assert (
        print_function(classifier())
        == """\
func @loss(%x: f32[batch,784], %target: f32[batch,10], %w: f32[784,10], %b: f32[10]) -> (f32[batch], f32[batch,10]) {
  %xw: f32[batch,10]     = matmul %x, %w
  %bias: f32[batch,10]   = broadcast %b {shape=[batch, 10], axes=[1]}
  %logits: f32[batch,10] = add %xw, %bias
  %peak: f32[batch]      = reduce_max %logits {axes=[1]}
  return %peak, %logits
}"""
    )


def test_locations_stand_in_a_column_of_comments() -> None:
    short = print_function(classifier(), locations=True)
    assert short.splitlines()[1:5] == [
        "  %xw: f32[batch,10]     = matmul %x, %w                               // train.py:11",
        "  %bias: f32[batch,10]   = broadcast %b {shape=[batch, 10], axes=[1]}  // train.py:11",
        "  %logits: f32[batch,10] = add %xw, %bias                              // train.py:11",
        "  %peak: f32[batch]      = reduce_max %logits {axes=[1]}               // train.py:12",
    ]
    full = print_function(classifier(), locations="full")
    assert full == short.replace("// train.py", "// /home/me/train.py")


def test_nested_functions_stand_indented_under_their_equation() -> None:
    inner = function("double", ["f32[]"], lambda b, x: [b.add(x, x)])
    quiet = function("quiet", ["f32[]"], lambda b, x: [x])
    step = function("step", ["f32[]", "f32[]"], lambda b, s, x: [b.call(s, body=inner)[0], x])
    b = builder()
    x, xs = parameters(b, x="f32[]", xs="f32[5]")
    b.location = Location("m.py", 3)
    total, history = b.emit(ops.scan, (x, xs), {"body": step, "length": 5, "carries": 1}, names=["total", "history"])
    (out,) = b.emit(ops.cond, (b.gt(x, total), x), {"on_true": inner, "on_false": quiet}, names=["out"])
    assert (
        print_function(b.finish([out, history]), locations=True)
        == """\
func @main(%x: f32[], %xs: f32[5]) -> (f32[], f32[5]) {
  %total: f32[], %history: f32[5] = scan %x, %xs {length=5, carries=1,
    body=func @step(%0: f32[], %1: f32[]) -> (f32[], f32[]) {
      %2: f32[] = call %0 {
        body=func @double(%0: f32[]) -> (f32[]) {
          %1: f32[] = add %0, %0
          return %1
        }
      }
      return %2, %1
    }
  }  // m.py:3
  %0: bool[]                      = gt %x, %total  // m.py:3
  %out: f32[]                     = cond %0, %x {
    on_true=func @double(%0: f32[]) -> (f32[]) {
      %1: f32[] = add %0, %0
      return %1
    },
    on_false=func @quiet(%0: f32[]) -> (f32[]) {
      return %0
    }
  }  // m.py:3
  return %out, %history
}"""
    )


def test_equations_without_results_have_no_binder() -> None:
    b = builder()
    (x,) = parameters(b, x="f32[]")
    b.host_call(x, function=HostFunction("print#1"), results=())
    b.neg(x)
    assert (
        print_function(b.finish([]))
        == """\
func @main(%x: f32[]) -> () {
  host_call %x {function=host "print#1", results=[]}
  return
}"""
    )
    assert print_function(PROGRAMS["empty"]) == "func @empty() -> () {\n  return\n}"


def line_of(name: str, *starts: str) -> list[str]:
    lines = print_function(PROGRAMS[name]).splitlines()
    return [line.split("= ", 1)[1] for line in lines if any(f"= {start}" in line for start in starts)]


def test_every_kind_of_attribute() -> None:
    assert line_of("shapes", "slice", "dimension", "pad") == [
        "slice %x {start=[0, 0], limit=[2*batch+3, 10], stride=[2, 3]}",
        "dimension {size=batch^2-1, dtype=i32}",
        "pad %x, %v {low=[-1, 0], high=[2, 0], interior=[0, 1]}",
    ]
    assert line_of("indexing", "scatter") == [
        "scatter %x, %0, %index {axes=[0], combine=add}",
        "scatter %x, %0, %index {axes=[0], combine=set, bounds=drop}",
    ]
    assert line_of("contractions", "convolution") == [
        'convolution %image, %kernel {layout="n01c,01io->n01c", stride=[2, 1], padding=[[1, 1], [-1, 2]], '
        "x_dilation=[1, 2], kernel_dilation=[2, 1], groups=2}"
    ]
    assert line_of("linear_algebra", "triangular_solve") == [
        "triangular_solve %a, %a {lower=true}",
        "triangular_solve %a, %a {lower=false, left=false, transform=adjoint, unit_diagonal=true}",
    ]
    assert line_of("reductions", "top_k", "sort", "cumulative_sum") == [
        "cumulative_sum %x {axis=0}",
        "cumulative_sum %x {axis=1, reverse=true}",
        "sort %x {axis=2}",
        "sort %x, %x, %x {axis=0, keys=2}",
        "top_k %x {k=3}",
        "top_k %x {k=0, dtype=i64}",
    ]
    assert line_of("control", "while_loop") == [
        "while_loop %limit, %x {constants=1,",
        "while_loop %limit, %x {constants=1, bound=100,",
    ]
    assert line_of("control", "host_call %x, %xs") == [
        'host_call %x, %xs {function=host "odd \\"name\\"\\n#2", results=[f32[2,n], f32[]]}'
    ]


def value_text(array: Any, **options: Any) -> str:
    b = builder()
    built = b.finish([b.constant(value=Constant(array))])
    return print_function(built, **options).splitlines()[1].partition("{value=")[2].removesuffix("}")


CONSTANTS: list[tuple[Any, str]] = [
    (np.float32(0.1), "f32[] 0.1"),
    (np.array([0.5, 1.0], np.float32), "f32[2] [0.5, 1.0]"),
    (np.array([[1, 2], [3, -4]], np.int8), "i8[2,2] [[1, 2], [3, -4]]"),
    ([True, False], "bool[2] [true, false]"),
    (np.array([1 + 2j, complex(-0.0, np.nan)]), "c128[2] [(1.0, 2.0), (-0.0, nan)]"),
    (np.zeros((100, 10)), "f64[100,10] 0.0"),
    (np.full((2, 2), -0.0), "f64[2,2] -0.0"),
    ([0.0, -0.0], "f64[2] [0.0, -0.0]"),
    (np.full(3, 1j, np.complex64), "c64[3] (0.0, 1.0)"),
    (np.array([np.nan, np.inf, -np.inf]), "f64[3] [nan, inf, -inf]"),
    (np.zeros((0, 3)), "f64[0,3] []"),
    (np.arange(256), f"i64[256] {list(range(256))}"),
    (np.arange(257), 'i64[257] data "15da1b40faa7ee7e0bc7c4216914b78a"'),
]


@pytest.mark.parametrize(("array", "text"), CONSTANTS, ids=[text[:30] for _, text in CONSTANTS])
def test_constants(array: Any, text: str) -> None:
    assert value_text(array) == text


def test_what_is_left_out_is_up_to_the_caller() -> None:
    assert value_text([1.0, 2.0], inline_elements=1).startswith('f64[2] data "')
    assert value_text(np.arange(300), inline_elements=None) == f"i64[300] {list(range(300))}"


def test_data_gives_what_was_left_out() -> None:
    array, other = np.arange(300), np.arange(300).reshape(3, 100).astype(np.float32)
    inner = function("inner", [], lambda b: [b.constant(value=Constant(other))])
    b = builder()
    built = b.finish([b.constant(value=Constant(array)), *b.call(body=inner)])
    data = function_data(built)
    assert len(data) == 2
    assert all(f'data "{name}"' in print_function(built) for name in data)
    assert {kept.tobytes() for kept in data.values()} == {array.tobytes(), other.tobytes()}
    assert function_data(built, inline_elements=None) == {}
    assert parse(print_function(built), data=data) == built


def test_the_hash_tells_types_apart() -> None:
    """Equal bytes, three types: a dict holds one array under each hash."""
    zeros = np.arange(512, dtype=np.int32)
    b = builder()
    arrays = [zeros, zeros.view(np.uint32), zeros.reshape(2, 256)]
    built = b.finish([b.constant(value=Constant(array)) for array in arrays])
    assert len(function_data(built)) == 3
    assert parse(print_function(built), data=function_data(built)) == built


def test_more_splats_than_a_reader_grants_become_data() -> None:
    large = np.zeros(MAX_SPLAT_BYTES // 16, np.float64)  # half of it
    b = builder()
    built = b.finish(
        [b.constant(value=Constant(large + number)) for number in range(3)]
        + [b.constant(value=Constant(array)) for array in (np.float32(7), np.ones(300), np.ones(3))]
    )
    lines = print_function(built).splitlines()[1:-2]
    assert [" data " in line for line in lines] == [False, False, True, False, True, False]
    assert lines[-1].endswith("f64[3] [1.0, 1.0, 1.0]}")
    assert parse(print_function(built), data=function_data(built)) == built


def test_a_wide_binder_does_not_push_the_others_to_the_right() -> None:
    b = builder()
    x, y = parameters(b, x="f32[2]", y=f"f32[{','.join('1' * 30)}]")
    lines = print_function(b.finish([b.neg(x), b.exp(y)]), locations=True).splitlines()
    assert lines[1] == "  %0: f32[2] = neg %x"


def test_a_function_that_breaks_the_rules_still_prints() -> None:
    """A dump is wanted most when something is wrong."""
    x, y, stranger = (Value(parse_type("f32[]"), name) for name in ("x", "y", "x"))
    broken = Function("f", (x,), (Equation(ops.add, (stranger, y), {}, (y,)),), (stranger,))
    assert (
        print_function(broken)
        == """\
func @f(%x: f32[]) -> (f32[]) {
  %y: f32[] = add %x_1, %y
  return %x_1
}"""
    )


def test_nesting_is_capped() -> None:
    assert print_function(nested(MAX_DEPTH)).count("func") == MAX_DEPTH
    with pytest.raises(VerificationError) as caught:
        print_function(nested(MAX_DEPTH + 1))
    assert str(caught.value) == "@level: 1 fault\n  functions nest deeper than 100"


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("inline_elements", [256, None, 3, 0])
def test_text_is_kept_by_a_round_trip(name: str, inline_elements: int | None) -> None:
    program = PROGRAMS[name]
    text = print_function(program, inline_elements=inline_elements)
    again = parse(text, data=function_data(program, inline_elements=inline_elements))
    assert again == program
    assert print_function(again, inline_elements=inline_elements) == text


def test_dtypes_are_written_by_name() -> None:
    assert value_text(np.array([0.1, 3.0]).astype(dtypes.bf16.numpy)) == "bf16[2] [0.1, 3.0]"
