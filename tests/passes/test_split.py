"""What is split, how, and that parts give what the whole gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import gcd

import numpy as np
import pytest
from diptych.backends import compile
from diptych.backends.reference.interpreter import evaluate
from diptych.ir import OPS, Equation, Function, Op, ops, verify
from diptych.passes.costs import Rates
from diptych.passes.split import split
from diptych.passes.splitters import REASONS, RULES, WHOLE, Way
from diptych.passes.ways import Cut, Machine, cut_of

from tests.passes.text import check, program
from tests.samples import Sample
from tests.samples.every import SAMPLES

EAGER = Machine(Rates(1.0, 1.0, 1.0, 1.0, 1.0), handover=1.0, meeting=0.0, smallest=0)  # for which everything pays


@pytest.mark.parametrize("op", OPS.values(), ids=str)
def test_every_op_has_a_rule_or_a_reason(op: Op) -> None:
    tables = [name for name, table in (("RULES", RULES), ("REASONS", REASONS)) if op in table]
    assert len(tables) == 1, (
        f"passes/splitters/{op.group}.py: ops.{op.name} is in {tables} but must be in one of RULES and REASONS"
    )


def _ways(sample: Sample) -> Iterator[tuple[Equation, Way, Cut]]:
    """The ways of a sample's equation, each with every number of parts from 2 to 4 that can be had of what it cuts."""
    (equation,) = (e for e in sample.function().equations if e.op is sample.op)
    for way in RULES[sample.op].ways(equation):
        sizes = [
            value.shape[axis] for value, axis in zip(equation.operands, way.operands, strict=True) if axis != WHOLE
        ]
        if not way.is_partial:
            sizes += [value.shape[axis] for value, axis in zip(equation.results, way.results, strict=True)]
        for parts in (2, 3, 4):
            cut = cut_of(gcd(*sizes), parts) if all(sizes) else None
            if cut is not None:
                yield equation, way, cut


SPLIT = [sample for sample in SAMPLES if sample.op in RULES and sample.results]


@pytest.mark.parametrize("sample", SPLIT, ids=str)
def test_parts_of_samples(sample: Sample) -> None:
    """Each part's results, put together or added, are the sample's; a scatter that adds is checked on zeros."""
    for equation, way, cut in _ways(sample):
        operands = list(sample.operands)
        if way.is_partial and sample.op is ops.scatter:
            operands[0] = np.zeros_like(operands[0])
        wanted = evaluate(sample.function(), operands)
        with np.errstate(all="ignore"):
            found = [_part(equation, operands, way, number, cut) for number in range(cut.parts)]
        for place, axis in enumerate(way.results):
            pieces = [each[place] for each in found]
            with np.errstate(all="ignore"):
                whole = sum(pieces) if way.is_partial else np.concatenate(pieces, axis)
            exact = not way.is_partial and sample.op not in (ops.matmul, ops.convolution, ops.reduce_sum, ops.fft)
            if exact:
                assert np.asarray(whole).tobytes() == wanted[place].tobytes()
            else:
                np.testing.assert_allclose(whole.astype(complex), wanted[place].astype(complex), rtol=2e-2, atol=1e-3)


def test_samples_are_cut_in_unequal_parts_too() -> None:
    assert sum(not cut.is_even for sample in SPLIT for _, _, cut in _ways(sample)) > 100


def _part(equation: Equation, operands: list[np.ndarray], way: Way, number: int, cut: Cut) -> tuple[np.ndarray, ...]:
    """The results of one part."""
    from diptych.ir import Builder, TensorType, dtype_of

    share = cut.rest if number == cut.parts - 1 else cut.share
    seen: list[np.ndarray] = []
    for x, axis in zip(operands, way.operands, strict=True):
        if axis != WHOLE:
            piece = x.shape[axis] // share.of
            start = number * cut.share.pieces * piece
            x = x[(slice(None),) * axis + (slice(start, start + share.pieces * piece),)]
        seen.append(x)
    attributes = equation.attributes
    if not way.is_partial:
        attributes = RULES[equation.op].attributes(equation, way.results[0], share)
    b = Builder()
    given = [b.parameter(TensorType(dtype_of(x.dtype), x.shape)) for x in seen]
    return evaluate(b.finish(b.emit(equation.op, given, attributes)), seen)


def parallels(function: Function) -> list[list[str]]:
    """The ops of each parallel equation, broadcasts and constants left out."""
    bodies: list[Function] = [e.attributes["body"] for e in function.equations if e.op is ops.parallel]
    return [[e.op.name for e in body.equations if e.op not in (ops.broadcast, ops.constant)] for body in bodies]


# As one is: with a price for every region, and none for each equation.
MACHINE = Machine(Rates(1.0, 1.0, 1.0, 1.0, 1.0), handover=20.0, meeting=0.0, smallest=0)


def test_a_layer_is_cut_along_its_batch() -> None:
    check(
        lambda f: split(f, 2, EAGER),
        """
        func @f(%x: f32[4,8], %w: f32[8,3], %b: f32[3]) -> (f32[4,3]) {
          %xw: f32[4,3] = matmul %x, %w
          %wide: f32[4,3] = broadcast %b {shape=[4, 3], axes=[1]}
          %sum: f32[4,3] = add %xw, %wide
          return %sum
        }""",
        """
        func @f(%x: f32[4,8], %w: f32[8,3], %b: f32[3]) -> (f32[4,3]) {
          %sum: f32[4,3] = parallel %x, %w, %b {parts=2, operand_axes=[0, -1, -1], result_axes=[0],
            body=func @part(%x: f32[2,8], %w: f32[8,3], %b: f32[3]) -> (f32[2,3]) {
              %xw: f32[2,3]   = matmul %x, %w
              %wide: f32[2,3] = broadcast %b {shape=[2, 3], axes=[1]}
              %sum: f32[2,3]  = add %xw, %wide
              return %sum
            }
          }
          return %sum
        }""",
    )


STEP = """
func @step(%x: f32[64,6], %y: f32[64,3], %w: f32[6,3], %m: f32[6,3]) -> (f32[], f32[6,3], f32[6,3]) {
  %xw: f32[64,3] = matmul %x, %w
  %error: f32[64,3] = sub %xw, %y
  %square: f32[64,3] = mul %error, %error
  %loss: f32[] = reduce_sum %square {axes=[0, 1]}
  %gradient: f32[6,3] = matmul %x, %error {lhs_contract=[0], rhs_contract=[0]}
  %half: f32[] = constant {value=f32[] 0.5}
  %halves: f32[6,3] = broadcast %half {shape=[6, 3], axes=[]}
  %decayed: f32[6,3] = mul %m, %halves
  %m2: f32[6,3] = add %decayed, %gradient
  %w2: f32[6,3] = sub %w, %m2
  return %loss, %w2, %m2
}"""


def test_a_step_falls_into_its_batch_and_its_update() -> None:
    """What waits for sums over the batch comes in a region of its own, which adds them."""
    step = program(STEP)
    found = split(step, 2, MACHINE)
    verify(found)
    assert parallels(found) == [
        ["matmul", "sub", "mul", "reduce_sum", "matmul", "reshape", "reshape"],
        ["add", "mul", "add", "sub"],
    ]
    random = np.random.default_rng(0)
    arrays = [random.random(p.type.static_shape()).astype(np.float32) for p in step.parameters]
    for ours, theirs in zip(evaluate(found, arrays), evaluate(step, arrays), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_a_large_sum_of_small_operands_is_made_whole() -> None:
    """A gradient larger than what it is the product of: its rows are cut, not the batch."""
    text = STEP.replace("[64,", "[16,").replace("[6,", "[50,").replace(",6]", ",50]").replace(",3]", ",51]")
    step = program(text.replace(" 3]", " 51]"))
    assert parallels(split(step, 2, replace(MACHINE, handover=2000.0))) == [
        ["matmul", "sub", "mul", "reduce_sum", "reshape"],
        ["matmul", "mul", "add", "sub"],
    ]


def test_views_of_what_is_made_are_made_again_outside() -> None:
    f = program("""
    func @f(%x: f32[4,2]) -> (f32[8], f32[]) {
      %e: f32[4,2] = exp %x
      %flat: f32[8] = reshape %e {shape=[8]}
      %last: f32[1] = slice %flat {start=[7], limit=[8], stride=[1]}
      %scalar: f32[] = reshape %last {shape=[]}
      return %flat, %scalar
    }""")
    found = split(f, 2, EAGER)
    verify(found)
    assert [e.op.name for e in found.equations] == ["parallel", "reshape", "slice", "reshape"]
    assert parallels(found) == [["exp"]]


def test_what_does_not_pay_stays_as_it_is() -> None:
    f = program(STEP)
    dear = Machine(Rates(1.0, 1.0, 1.0, 1.0, 1.0), handover=1e6, meeting=1.0, smallest=0)
    assert split(f, 2, dear) is f
    assert split(f, 1, EAGER) is f


def test_what_has_one_row_stays_whole() -> None:
    f = program("func @f(%x: f32[1,1]) -> (f32[1,1]) {\n %e: f32[1,1] = exp %x\n return %e\n}")
    assert split(f, 2, EAGER) == f


@pytest.mark.parametrize(
    ("size", "parts", "sizes"),
    [(64, 2, [32, 32]), (5, 2, [3, 2]), (2, 4, [1, 1]), (3, 4, [1, 1, 1]), (5, 4, [2, 2, 1]), (9, 4, [3, 3, 3]),
     (37, 4, [10, 10, 10, 7])],
)  # fmt: skip
def test_cuts(size: int, parts: int, sizes: list[int]) -> None:
    """As many parts as make the largest as small as it can be."""
    cut = cut_of(size, parts)
    assert cut is not None and cut.parts == len(sizes) and cut.is_even == (len(set(sizes)) == 1)
    shares = [cut.share] * (cut.parts - 1) + [cut.rest]
    assert [size // share.of * share.pieces for share in shares] == sizes and cut.largest == sizes[0] / size
    assert cut.fits(3 * size) and not cut.fits(3 * size + 1)
    assert cut_of(1, parts) is None and cut_of(0, parts) is None


def test_the_last_part_is_smaller_where_there_are_no_equal_ones() -> None:
    """Heads of 5 sequences, of 3 words each: of 15 rows the parts have whole sequences."""
    check(
        lambda f: split(f, 2, replace(EAGER, handover=50.0)),
        """
        func @f(%x: f32[5,3,3], %w: f32[3,3]) -> (f32[5,3,3], f32[3]) {
          %rows: f32[15,3] = reshape %x {shape=[15, 3]}
          %xw: f32[15,3] = matmul %rows, %w
          %heads: f32[5,3,3] = reshape %xw {shape=[5, 3, 3]}
          %most: f32[5,3] = reduce_max %heads {axes=[1]}
          %wide: f32[5,3,3] = broadcast %most {shape=[5, 3, 3], axes=[0, 2]}
          %sum: f32[5,3,3] = sub %heads, %wide
          %total: f32[3] = reduce_sum %most {axes=[0]}
          return %sum, %total
        }""",
        """
        func @f(%x: f32[5,3,3], %w: f32[3,3]) -> (f32[5,3,3], f32[3]) {
          %rows: f32[15,3]                   = reshape %x {shape=[15, 3]}
          %sum: f32[5,3,3], %total: f32[2,3] = parallel %rows, %w {parts=2, operand_axes=[0, -1], result_axes=[0, 0],
            body=func @part(%rows: f32[9,3], %w: f32[3,3]) -> (f32[3,3,3], f32[1,3]) {
              %xw: f32[9,3]      = matmul %rows, %w
              %heads: f32[3,3,3] = reshape %xw {shape=[3, 3, 3]}
              %most: f32[3,3]    = reduce_max %heads {axes=[1]}
              %wide: f32[3,3,3]  = broadcast %most {shape=[3, 3, 3], axes=[0, 2]}
              %sum: f32[3,3,3]   = sub %heads, %wide
              %total: f32[3]     = reduce_sum %most {axes=[0]}
              %0: f32[1,3]       = reshape %total {shape=[1, 3]}
              return %sum, %0
            },
            last=func @part(%rows: f32[6,3], %w: f32[3,3]) -> (f32[2,3,3], f32[1,3]) {
              %xw: f32[6,3]      = matmul %rows, %w
              %heads: f32[2,3,3] = reshape %xw {shape=[2, 3, 3]}
              %most: f32[2,3]    = reduce_max %heads {axes=[1]}
              %wide: f32[2,3,3]  = broadcast %most {shape=[2, 3, 3], axes=[0, 2]}
              %sum: f32[2,3,3]   = sub %heads, %wide
              %total: f32[3]     = reduce_sum %most {axes=[0]}
              %0: f32[1,3]       = reshape %total {shape=[1, 3]}
              return %sum, %0
            }
          }
          %0: f32[1,3]                       = slice %total {start=[0, 0], limit=[1, 3], stride=[1, 1]}
          %1: f32[3]                         = reshape %0 {shape=[3]}
          %2: f32[1,3]                       = slice %total {start=[1, 0], limit=[2, 3], stride=[1, 1]}
          %3: f32[3]                         = reshape %2 {shape=[3]}
          %total_1: f32[3]                   = add %1, %3
          return %sum, %total_1
        }""",
    )


@pytest.mark.parametrize("parts", [2, 3, 4])
@pytest.mark.parametrize("rows", [5, 6, 7, 9, 64])
def test_unequal_parts_of_a_step(rows: int, parts: int) -> None:
    step = program(STEP.replace("[64,", f"[{rows},"))
    found = split(step, parts, EAGER)
    verify(found)
    assert parallels(found)
    random = np.random.default_rng(0)
    arrays = [random.random(p.type.static_shape()).astype(np.float32) for p in step.parameters]
    wanted = evaluate(step, arrays)
    for results in (evaluate(found, arrays), compile(found, backend="numpy")(*arrays)):
        for ours, theirs in zip(results, wanted, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-5)


def test_effects_stay_outside_and_in_order() -> None:
    from diptych.ir import Builder, HostFunction, TensorType, dtypes

    b = Builder()
    x = b.parameter(TensorType(dtypes.f32, (4,)), "x")
    e = b.exp(x)
    (first,) = b.host_call(e, function=HostFunction("first"), results=(x.type,))
    (second,) = b.host_call(x, function=HostFunction("second"), results=(x.type,))
    found = split(b.finish([b.add(first, second)]), 2, EAGER)
    verify(found)
    names = [e.attributes["function"].name for e in found.equations if e.op is ops.host_call]
    assert names == ["first", "second"]
    assert parallels(found) == [["exp"], ["add"]]


RECURRENCE = """
func @f(%w: f32[3,3], %h: f32[4,3], %xs: f32[5,4,3]) -> (f32[4,3], f32[5,4,3]) {
  %last: f32[4,3], %all: f32[5,4,3] = scan %w, %h, %xs {length=5, constants=1, carries=1,
    body=func @round(%w: f32[3,3], %h: f32[4,3], %x: f32[4,3]) -> (f32[4,3], f32[4,3]) {
      %one: f32[] = constant {value=f32[] 1.0}
      %ones: f32[4,3] = broadcast %one {shape=[4, 3], axes=[]}
      %a: f32[4,3] = matmul %h, %w
      %b: f32[4,3] = add %a, %x
      %c: f32[4,3] = mul %b, %ones
      %d: f32[4,3] = tanh %c
      return %d, %c
    }
  }
  return %last, %all
}"""


def _scan_of(text: str) -> tuple[Function, Equation]:
    function = program(text)
    (equation,) = (each for each in function.equations if each.op is ops.scan)
    return function, equation


@pytest.mark.parametrize(("batch", "parts"), [(4, 2), (4, 4), (5, 2), (7, 4)])
def test_parts_of_a_scan(batch: int, parts: int) -> None:
    """Along the batch: every part goes through all rounds by itself."""
    text = RECURRENCE.replace("[4,3]", f"[{batch},3]").replace("[4, 3]", f"[{batch}, 3]").replace(",4,", f",{batch},")
    function, equation = _scan_of(text)
    assert RULES[ops.scan].ways(equation) == [Way((WHOLE, 0, 1), (0, 1))]
    result = split(function, parts, EAGER)
    verify(result)
    assert [each.op for each in result.equations] == [ops.parallel]
    random = np.random.default_rng(0)
    arrays = [random.standard_normal(p.type.static_shape()).astype("f4") for p in function.parameters]
    for ours, theirs in zip(evaluate(result, arrays), evaluate(function, arrays), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("matmul %h, %w", "matmul %h, %w {lhs_contract=[1], rhs_contract=[1]}"),  # still along the batch
        ("tanh %c", "reverse %c {axes=[1]}"),
    ],
)
def test_scans_that_are_cut_along_the_batch(old: str, new: str) -> None:
    _, equation = _scan_of(RECURRENCE.replace(old, new))
    assert RULES[ops.scan].ways(equation) == [Way((WHOLE, 0, 1), (0, 1))]


@pytest.mark.parametrize("new", ["reverse %c {axes=[0]}", "reverse %c {axes=[0, 1]}"])
def test_scans_whose_parts_wait_for_each_other(new: str) -> None:
    _, equation = _scan_of(RECURRENCE.replace("tanh %c", new))
    assert RULES[ops.scan].ways(equation) == []


def test_scans_along_every_axis() -> None:
    """Without the product nothing joins the features."""
    _, equation = _scan_of(RECURRENCE.replace("matmul %h, %w", "neg %h"))
    assert RULES[ops.scan].ways(equation) == [Way((WHOLE, 0, 1), (0, 1)), Way((WHOLE, 1, 2), (1, 2))]
