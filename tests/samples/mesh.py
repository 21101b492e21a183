"""Samples of `ir/ops/mesh.py`: on one device, which is whole."""

from __future__ import annotations

from diptych.ir import ops

from . import Refusal, Sample
from .notation import case, f32, f64, i32, refusal

SAMPLES: list[Sample] = [
    case(ops.shard, [f64([[1, 2], [3, 4]])], [f64([[1, 2], [3, 4]])], axes="data ."),
    case(ops.shard, [f32([[1, -0.0]])], [f32([[1, -0.0]])], axes=". data+model", called="two axes"),
    case(ops.shard, [f32(5)], [f32(5)], axes="", called="a number"),
    case(ops.shard, [i32([1, 2])], [i32([1, 2])], axes=".", smooth=False, called="an integer, whole"),
    case(ops.all_reduce, [f32([[1, -0.0]])], [f32([[1, -0.0]])]),
    case(ops.all_reduce, [f64([[1, 2]])], [f64([[1, 2]])]),
    case(ops.all_reduce, [i32(5)], [i32(5)], smooth=False, called="an integer"),
    case(ops.all_gather, [f64([1, 2])], [f64([[1, 2]])], count=1),
    case(ops.all_gather, [i32(5)], [i32([5])], count=1, smooth=False, called="a number"),
    case(ops.reduce_scatter, [f64([[1, 2]])], [f64([1, 2])]),
    case(ops.reduce_scatter, [i32([5])], [i32(5)], smooth=False, called="a number"),
]

REFUSALS: list[Refusal] = [
    refusal(ops.shard, "f32[2]", 'axes is "data ." but must be 1 words, one for each dimension', axes="data ."),
    refusal(ops.shard, "f32[2,3]", 'axes is "" but must be 2 words, one for each dimension', axes=""),
    refusal(ops.shard, "f32[2]", 'axes is "2x" but must be names of a mesh\'s axes, or dots', axes="2x"),
    refusal(ops.shard, "f32[2]", 'axes is "data+" but must be names of a mesh\'s axes, or dots', axes="data+"),
    refusal(ops.all_reduce, "bool[2]", "x is bool[2] but must be of a numeric dtype, not bool"),
    refusal(ops.reduce_scatter, "f32[]", "x is f32[] but must be 1 or more long in its first axis"),
    refusal(ops.reduce_scatter, "bool[1]", "x is bool[1] but must be of a numeric dtype, not bool"),
    refusal(ops.all_gather, "f32[2]", "count is 0 but must be 1 or more", count=0),
    refusal(ops.shard, "f32[2,2]", 'axes is "data data" but must be without a name twice', axes="data data"),
]
