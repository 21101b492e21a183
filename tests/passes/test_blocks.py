"""How groups are gone through block by block."""

from __future__ import annotations

import numpy as np
import pytest
from diptych.backends.reference.interpreter import evaluate
from diptych.ir import Function, ops
from diptych.passes.blocks import Block, Blocks, block_of, blocks_of, index_of

from tests.passes.text import program


def body_of(equations: str, parameters: str, results: str) -> Function:
    names = ", ".join(f"%{name}" for name in "abcdefg"[: results.count("f32")])
    return program(f"func @group({parameters}) -> ({results}) {{\n{equations}\nreturn {names}\n}}")


SOFTMAX = body_of(
    """%m: f32[4,6] = reduce_max %x {axes=[2]}
       %p: f32[4,6,8] = broadcast %m {shape=[4, 6, 8], axes=[0, 1]}
       %d: f32[4,6,8] = sub %x, %p
       %a: f32[4,6,8] = exp %d
       %b: f32[4,6] = reduce_sum %a {axes=[2]}""",
    "%x: f32[4,6,8]",
    "f32[4,6,8], f32[4,6]",
)
BIAS = body_of(
    """%w: f32[6,8] = broadcast %y {shape=[6, 8], axes=[1]}
       %a: f32[6,8] = mul %x, %w
       %b: f32[8] = reduce_sum %a {axes=[0]}
       %c: f32[] = reduce_sum %a {axes=[0, 1]}""",
    "%x: f32[6,8], %y: f32[8]",
    "f32[6,8], f32[8], f32[]",
)


def run(body: Function, blocks: Blocks, operands: list[np.ndarray]) -> list[np.ndarray]:
    """The results of a group, block by block."""
    found = [np.empty(r.type.static_shape(), r.dtype.numpy) for r in body.results]
    parts: list[list[np.ndarray]] = [[] for _ in body.results]
    for shape, starts in ((blocks.shape, blocks.starts), (blocks.rest, blocks.rest_starts)):
        if not starts:
            continue
        block: Block = block_of(body, shape)
        for start in starts:
            given = [operands[number][index_of(start, shape, axes)] for number, axes in block.parameters]
            for number, (result, axes) in enumerate(zip(evaluate(block.function, given), block.results, strict=True)):
                if axes is None:
                    parts[number].append(result)
                else:
                    found[number][index_of(start, shape, axes)] = result
    for number, reducer in enumerate(blocks.parts):
        if reducer is not None:
            assert reducer is ops.reduce_sum
            found[number] = np.sum(parts[number], 0)
    return found


@pytest.mark.parametrize("most", [1, 3, 8, 16, 20, 48])
@pytest.mark.parametrize("body", [SOFTMAX, BIAS], ids=["softmax", "bias"])
def test_blocks_give_what_the_whole_gives(body: Function, most: int) -> None:
    blocks = blocks_of(body, most)
    if blocks is None:
        assert (body is BIAS and most in (1, 3, 48)) or most == 48
        return
    random = np.random.default_rng(0)
    operands = [random.standard_normal(p.type.static_shape()).astype(np.float32) for p in body.parameters]
    for ours, theirs in zip(run(body, blocks, operands), evaluate(body, operands), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5)


def test_rows_stay_whole() -> None:
    """A block has whole rows, however small blocks should be."""
    blocks = blocks_of(SOFTMAX, 1)
    assert blocks is not None
    assert blocks.shape == (1, 1, 8) and len(blocks.starts) == 24 and not blocks.rest_starts


def test_runs_are_even_and_what_is_left_over_comes_last() -> None:
    blocks = blocks_of(body_of("%a: f32[10,4] = exp %x", "%x: f32[10,4]", "f32[10,4]"), 16)
    assert blocks is not None
    assert blocks.shape == (4, 4) and blocks.starts == ((0, 0), (4, 0))
    assert blocks.rest == (2, 4) and blocks.rest_starts == ((8, 0),)


def test_long_columns_are_cut_across() -> None:
    """A sum over a short leading axis holds all of it, where the rest is long."""
    body = body_of(
        """%e: f32[2,100] = exp %x
           %a: f32[100] = reduce_sum %e {axes=[0]}""",
        "%x: f32[2,100]",
        "f32[100]",
    )
    blocks = blocks_of(body, 40)
    assert blocks is not None
    assert blocks.shape == (2, 20) and blocks.parts == (None,)


def test_small_groups_and_odd_ones_go_at_once() -> None:
    assert blocks_of(SOFTMAX, 96) is None
    odd = body_of("%a: f32[4,2] = transpose %x {permutation=[1, 0]}", "%x: f32[2,4]", "f32[4,2]")
    assert blocks_of(odd, 1) is None


@pytest.mark.parametrize("passed", ["f32[8,4]", "f32[]"])
def test_a_group_that_passes_on_a_value_of_another_shape_goes_at_once(passed: str) -> None:
    """Blocks of its own shape would not meet all of that."""
    equations = "%a: f32[4,8] = sin %x"
    body = program(
        f"func @group(%x: f32[4,8], %b: {passed}) -> (f32[4,8], {passed}) {{\n{equations}\nreturn %a, %b\n}}"
    )
    assert blocks_of(body, 4) is None
    alike = program(f"func @group(%x: f32[4,8]) -> (f32[4,8], f32[4,8]) {{\n{equations}\nreturn %a, %x\n}}")
    assert blocks_of(alike, 4) is not None
