"""The list of passes that pipelines draw from."""

from __future__ import annotations

import pytest
from diptych.backends.pipelines import PASSES, PIPELINES
from diptych.ir import verify
from diptych.passes.provenance import Fired

from tests.passes.text import program

NAMES = [
    "inline", "share", "fold", "simplify", "fast_math", "erase_marks", "erase_gradient_marks", "trim", "gather_rounds",
    "gather_products", "widen", "turn_matrices", "channels_last", "split", "fuse", "recompute",
]  # fmt: skip

TEXT = """
func @f(%x: f32[3], %p: bool[]) -> (f32[3]) {
  %one: f32[] = constant {value=f32[] 1.0}
  %two: f32[] = add %one, %one
  %twos: f32[3] = broadcast %two {shape=[3], axes=[]}
  %a: f32[3] = identity %x
  %b: f32[3] = pow %a, %twos
  %c: f32[3], %d: f32[3] = call %b {body=func @g(%y: f32[3]) -> (f32[3], f32[3]) {
    %s: f32[3] = sin %y
    %t: f32[3] = exp %s
    %u: f32[3] = mul %t, %s
    return %u, %y
  }}
  %e: f32[3] = sub %c, %b
  return %e
}"""

COUNTS = {
    "inline": {"call_inline": 1},
    "share": {},
    "fold": {"fold_add": 1},
    "simplify": {"fold_add": 1, "call_inline": 1},
    "fast_math": {"fold_add": 1, "call_inline": 1, "pow_small": 1},
    "erase_marks": {"identity": 1},
    "erase_gradient_marks": {"identity": 1},
    "trim": {},
    "gather_rounds": {},
    "gather_products": {},
    "widen": {},
    "turn_matrices": {},
    "channels_last": {},
    "split": {},
    "fuse": {},
    "recompute": {},
}


def test_names_and_summaries() -> None:
    assert list(PASSES) == NAMES
    assert all(each.name == name and each.summary for name, each in PASSES.items())


@pytest.mark.parametrize("name", NAMES)
def test_every_pass_counts_what_it_applied(name: str) -> None:
    fired = Fired()
    verify(PASSES[name].transform(program(TEXT), fired))
    assert fired == COUNTS[name]


def test_pipelines_are_made_of_them() -> None:
    assert {name for names in PIPELINES.values() for name in names} <= set(PASSES)
