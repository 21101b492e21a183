"""Programs of arrays: picking, writing at indices, masks, segments, order, blocks."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.static.programs.computing import computed, differentiated
from tests.static.programs.notes import Note, described

BLOCK = np.arange(24.0, dtype=np.float32).reshape(2, 3, 4)
PICTURE = np.arange(32.0, dtype=np.float32).reshape(1, 4, 4, 2)
ROWS = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 1.0]]


def picking(tf: Any, note: Note) -> None:
    x, open_rows = tf.constant(BLOCK), tf.placeholder(tf.float32, [None, 3])
    note("made", described(
        tf.gather_nd(x, [[0, 1]]), tf.gather(x, [[0, 2], [1, 1]], batch_dims=1), tf.scatter_nd([[1]], [1.0], [5]),
        tf.gather_nd(open_rows, tf.placeholder(tf.int32, [None, 1])), tf.gather_nd(x, tf.placeholder(tf.int32, [None, None])),
        tf.scatter_nd(tf.placeholder(tf.int32, [None, None]), tf.placeholder(tf.float32), [4, 2]), tf.where(open_rows > 0),
        tf.boolean_mask(open_rows, tf.placeholder(tf.bool, [None])), tf.boolean_mask(open_rows, [True, False, True], axis=1),
        *tf.unique([3, 1, 3]), *tf.dynamic_partition(open_rows, tf.placeholder(tf.int32, [None]), 2), tf.sequence_mask([1, 3]),
        tf.pad(open_rows, [[1, 1], [2, 0]], "REFLECT"), tf.tensor_scatter_update([1.0, 2.0], [[1]], [9.0]),
    ))  # fmt: skip
    computed(tf, note, {
        "elements": lambda: tf.gather_nd(x, [[[0, 1, 3]], [[1, 2, 0]]]), "rows": lambda: tf.gather_nd(x, [[0, 1], [1, 2]]),
        "in a batch": lambda: tf.gather_nd(x, [[0], [1]], batch_dims=1), "gather in a batch": lambda: tf.gather(x, [[0, 2], [1, 1]], batch_dims=1),
        "gather behind a batch": lambda: tf.gather(x, [[0, 2], [1, 1]], axis=2, batch_dims=1), "gather along": lambda: tf.gather(x, [[0, 2], [1, 1]], axis=1),
        "batch_gather": lambda: tf.batch_gather(x, [[0, 2], [1, 1]]), "too many": lambda: tf.gather_nd([1.0, 2.0], [[1, 2, 3]]),
        "scattered": lambda: tf.scatter_nd([[1], [3], [1]], [1.0, 2.0, 3.0], [5]), "scattered rows": lambda: tf.scatter_nd([[0, 1], [1, 0]], [[1.0], [2.0]], [2, 2, 1]),
        "updates of another size": lambda: tf.scatter_nd([[1]], [1.0, 2.0], [5]), "written": lambda: tf.tensor_scatter_update([1.0, 2, 3], [[1]], [9.0]),
        "taken away": lambda: tf.tensor_scatter_nd_sub([[1.0, 2], [3, 4]], [[0], [0]], [[1.0, 1], [2, 2]]),
        "mirror": lambda: tf.pad([[1, 2, 3], [4, 5, 6]], [[1, 1], [2, 0]], "REFLECT"), "mirror with edge": lambda: tf.pad([[1, 2, 3], [4, 5, 6]], [[1, 1], [2, 0]], "symmetric"),
        "mirror too large": lambda: tf.pad([[1, 2, 3], [4, 5, 6]], tf.placeholder_with_default([[2, 1], [2, 0]], [2, 2]), "REFLECT"), "padding mode": lambda: tf.pad([1], [[1, 1]], "X"),
    })  # fmt: skip
    differentiated(tf, note, {
        "gather_nd": lambda x: tf.gather_nd(x, [[0, 1], [1, 2]]) ** 2, "gather": lambda x: tf.gather(x, [[0, 2], [1, 1]], batch_dims=1) ** 2,
        "scatter_nd": lambda x: tf.scatter_nd([[1], [0], [1]], x[0], [3, 4]), "tensor_scatter_update": lambda x: tf.tensor_scatter_update(x, [[0, 1]], x[1, :1] ** 2),
        "pad": lambda x: tf.pad(x[0], [[1, 1], [2, 0]], "REFLECT"),
    }, BLOCK)  # fmt: skip


def data_dependent(tf: Any, note: Note) -> None:
    x = tf.placeholder(tf.float32, [None, 3])
    mask = x > 0
    picked, rows = tf.boolean_mask(x, mask), tf.boolean_mask(x, tf.reduce_sum(x, 1) > 0)
    fetches = [tf.where(mask), picked, rows, tf.gradients(tf.reduce_sum(picked**2) + tf.reduce_sum(rows), x)[0]]
    session = tf.Session()
    for label, fed in {
        "some": [[1, -2, 3], [-1, -1, -1]],
        "none": [[-1, -1, -1]],
        "no rows": np.zeros((0, 3)),
        "all": np.ones((2, 3)),
    }.items():
        note(label, session.run(fetches, {x: fed}))
    big = np.random.RandomState(0).randn(3000, 3)
    note("large", session.run(tf.reduce_sum(picked), {x: big}))
    again = tf.boolean_mask(picked, picked > 1.0)
    note("twice", session.run([again, tf.reduce_sum(again), tf.gradients(again, x)[0]], {x: [[1, 2, 3], [-1, 4, 0.5]]}))
    computed(tf, note, {
        "coordinates of a scalar": lambda: tf.where(tf.constant(True)), "of numbers": lambda: tf.where([0.0, 2.0, 0.0, -1.0]),
        "unique": lambda: tf.unique([3, 1, 3, 2, 1]), "with counts": lambda: tf.unique_with_counts([3.0, 1, 3, 2, 1]), "unique of nothing": lambda: tf.unique(tf.zeros([0])),
        "difference": lambda: tf.setdiff1d([1, 2, 3, 4], [2, 9]), "partition": lambda: tf.dynamic_partition([[1.0, 2], [3, 4], [5, 6]], [0, 1, 0], 3),
        "no such partition": lambda: tf.dynamic_partition([1, 2], tf.placeholder_with_default([0, 5], [None]), 2), "stitch": lambda: tf.dynamic_stitch([[0, 2], [1, 3]], [[1.0, 2.0], [3.0, 4.0]]),
        "lengths": lambda: tf.sequence_mask([1, 3, 0]), "lengths in floats": lambda: tf.sequence_mask([[1], [2]], 4, tf.float32), "repeated": lambda: tf.repeat([[1, 2], [3, 4]], [2, 1], 0),
        "scalar mask": lambda: tf.boolean_mask([1, 2], True), "mask of another size": lambda: tf.boolean_mask([1, 2], [True]),
    })  # fmt: skip
    differentiated(tf, note, {
        "partition": lambda x: tf.dynamic_partition(x, [1, 0, 1, 1], 2)[1], "stitch": lambda x: tf.dynamic_stitch([[0, 2], [1, 3]], [x[:2], x[2:] ** 2]), "repeat": lambda x: tf.repeat(x, [1, 2, 0, 1], 0),
    }, ROWS)  # fmt: skip


def variables_in_parts(tf: Any, note: Note) -> None:
    session = tf.Session()
    v = tf.Variable([[1.0, 2], [3, 4], [5, 6]], name="v")
    session.run(v.initializer)
    for name in ("update", "add", "sub", "mul", "div", "min", "max"):
        note(name, session.run(getattr(tf, f"scatter_{name}")(v, [0, 2], [[2.0, 2], [4, 8]])))
    note("a scalar", session.run(tf.scatter_add(v, [1], 1.0)))
    for name in ("update", "add", "sub"):
        note(f"elements, {name}", session.run(getattr(tf, f"scatter_nd_{name}")(v, [[0, 1], [1, 1]], [10.0, 20])))
    for label, make in {
        "row": lambda: v[1].assign([7.0, 8]), "column": lambda: v[:, 0].assign([7.0, 8, 9]), "block": lambda: v[0:2, 1:].assign([[-1.0], [-2]]),
        "spread": lambda: v[::2].assign(0.0), "method": lambda: v.scatter_nd_add([[0]], [[1.0, 1.0]]), "shape": lambda: tf.scatter_update(v, [0], [[1.0]]),
    }.items():  # fmt: skip
        note(label, lambda make=make: [described(made := make()), session.run(made), session.run(v)])


def segments(tf: Any, note: Note) -> None:
    d = tf.constant(ROWS)
    cases: dict[str, Any] = {"falling": lambda: tf.segment_sum(d, tf.placeholder_with_default([1, 0, 0, 0], [None]))}
    slopes: dict[str, Any] = {}
    for how in ("sum", "mean", "prod", "min", "max"):
        cases[how] = lambda how=how: getattr(tf, f"segment_{how}")(d, [0, 0, 2, 2])
        slopes[how] = lambda x, how=how: getattr(tf, f"segment_{how}")(x, [0, 0, 2, 2])
    for how in ("sum", "mean", "prod", "min", "max", "sqrt_n"):
        cases[f"unsorted {how}"] = lambda how=how: getattr(tf, f"unsorted_segment_{how}")(d, [2, 0, -1, 2], 4)
        slopes[f"unsorted {how}"] = lambda x, how=how: getattr(tf, f"unsorted_segment_{how}")(x, [2, 0, -1, 2], 3)
    for how in ("sum", "mean", "sqrt_n"):
        cases[f"sparse {how}"] = lambda how=how: getattr(tf, f"sparse_segment_{how}")(d, [0, 2, 3], [0, 0, 1])
        slopes[f"sparse {how}"] = lambda x, how=how: getattr(tf, f"sparse_segment_{how}")(x, [0, 2, 3], [0, 0, 1])
    cases |= {
        "integers": lambda: tf.segment_max([5, 1, 7], [0, 0, 2]), "of no rows": lambda: tf.segment_sum(tf.zeros([0, 2]), tf.zeros([0], tf.int32)),
        "bincount": lambda: tf.bincount([1, 1, 3]), "weighed": lambda: tf.bincount([1, 1, 3], weights=[0.5, 1.0, 2.0], minlength=6), "at most": lambda: tf.math.bincount([1, 1, 3], maxlength=2),
        "confusion": lambda: tf.confusion_matrix([1, 2, 4], [2, 2, 4]), "weighed confusion": lambda: tf.math.confusion_matrix([1, 2], [2, 2], num_classes=4, weights=[0.5, 2.0], dtype=tf.float32),
        "label too large": lambda: tf.confusion_matrix([1, 5], [2, 2], num_classes=4), "histogram": lambda: tf.histogram_fixed_width([-1.0, 0, 1.5, 2, 5, 15], [0.0, 5.0], nbins=5),
        "bins": lambda: tf.histogram_fixed_width_bins([-1.0, 0, 1.5, 2, 5, 15], [0.0, 5.0], nbins=5),
    }  # fmt: skip
    computed(tf, note, cases)
    differentiated(tf, note, slopes, ROWS)


def order(tf: Any, note: Note) -> None:
    x = tf.constant([[1.0, 3, 2], [4, 6, 5]])
    cases: dict[str, Any] = {}
    for exclusive in (False, True):
        for reverse in (False, True):
            for name in ("cumsum", "cumprod", "cumulative_logsumexp"):
                cases[f"{name} {exclusive} {reverse}"] = lambda n=name, e=exclusive, r=reverse: getattr(tf.math, n)(
                    x, 1, e, r
                )
    cases |= {
        "largest": lambda: tf.nn.top_k(x, 2), "first of equals": lambda: tf.nn.top_k([1, 5, 5, 2]), "too many": lambda: tf.nn.top_k(x, 4), "in top": lambda: tf.nn.in_top_k(x, [1, 0], 1),
        "in top of nan": lambda: tf.nn.in_top_k([[1.0, 2, 2], [1, 1, np.nan], [0, 0, 0]], [1, 0, 7], 2), "descending": lambda: tf.sort(x, direction="DESCENDING"), "integers": lambda: tf.sort([3, 1, 2]),
        "along": lambda: tf.sort(x, axis=0), "places": lambda: tf.argsort([3.0, 1, 2, 1]), "places descending": lambda: tf.argsort(x, 0, "DESCENDING"), "upwards": lambda: tf.sort(x, direction="up"),
        "search": lambda: tf.searchsorted([[1, 3, 5], [2, 4, 6]], [[3, 0], [9, 4]]), "search right": lambda: tf.searchsorted([1, 3, 5], [3, 0, 9], side="right"), "permutation": lambda: tf.invert_permutation([2, 0, 1]),
        "unravelled": lambda: tf.unravel_index([5, 1], [2, 3]),
    }  # fmt: skip
    computed(tf, note, cases)
    differentiated(tf, note, {
        "cumsum": lambda x: tf.cumsum(x, 1, True, True), "cumprod": lambda x: tf.cumprod(x, 1), "cumulative_logsumexp": lambda x: tf.math.cumulative_logsumexp(x, 1), "top_k": lambda x: tf.nn.top_k(x, 2)[0], "sort": lambda x: tf.sort(x),
    }, [[1.0, 3.0, 2.0]])  # fmt: skip


def arrangement(tf: Any, note: Note) -> None:
    x, b = tf.constant(BLOCK), tf.constant(np.arange(12.0).reshape(4, 3), tf.float32)
    p, q, u = (
        tf.placeholder(tf.float32, [None, 3]),
        tf.placeholder(tf.float32, [None, 4, 4, 2]),
        tf.placeholder(tf.float32),
    )
    note("made", described(
        tf.tensordot(p, b, [[1], [1]]), tf.tensordot(u, b, 1), tf.reverse(p, [0]), tf.roll(p, 1, 0), tf.space_to_depth(q, 2), tf.space_to_batch(q, [[0, 0], [0, 0]], 2),
        tf.extract_image_patches(q, [1, 2, 2, 1], [1, 2, 2, 1], [1, 1, 1, 1], "VALID"), *tf.meshgrid(p[0], p[0]),
    ))  # fmt: skip
    note("broadcast shape", str(tf.broadcast_static_shape(p.shape, tf.TensorShape([5, 1, 3]))))
    note(
        "fed",
        tf.Session().run(
            [tf.tensordot(u, b, 1), tf.einsum("ij,kj->ik", p, b)], {u: np.ones((2, 4)), p: np.ones((2, 3))}
        ),
    )
    computed(tf, note, {
        "tensordot": lambda: tf.tensordot(x, b, 1), "over two": lambda: tf.tensordot(x, b, [[2, 1], [0, 1]]), "over none": lambda: tf.tensordot([1.0, 2], [3.0, 4], 0), "unequal": lambda: tf.tensordot(x, b, [[1], [0, 1]]),
        "einsum": lambda: tf.einsum("ijk,kl->ijl", x, b), "implicit": lambda: tf.einsum("ij,jk", b, tf.transpose(b)), "ellipsis": lambda: tf.einsum("...k,kl->...l", x, b), "sum": lambda: tf.einsum("ijk->kj", x),
        "batch": lambda: tf.einsum("ijk,ilk->ijl", x, x), "unknown label": lambda: tf.einsum("ij,jk->il", b, b), "inputs": lambda: tf.einsum("ij", b, b),
        "reversed": lambda: tf.reverse_v2(x, [-1, 0]), "no such axis": lambda: tf.reverse(b, [2]), "sequences": lambda: tf.reverse_sequence([[1, 2, 3], [4, 5, 6]], [2, 3], 1, 0),
        "sequences behind": lambda: tf.reverse_sequence(x, [1, 2, 3], seq_dim=2, batch_dim=1), "rolled": lambda: tf.roll(b, [1, -1], [0, 1]), "broadcast": lambda: tf.broadcast_to([1, 2], [3, 2]),
        "no broadcast": lambda: tf.broadcast_to([1, 2], [3, 3]), "shapes": lambda: tf.broadcast_dynamic_shape([2, 1], [3]), "grid": lambda: tf.meshgrid([1, 2, 3], [4, 5]), "grid ij": lambda: tf.meshgrid([1.0, 2], [4.0, 5], [6.0, 7], indexing="ij"),
        "each twice": lambda: tf.repeat([1, 2, 3], 2), "columns twice": lambda: tf.repeat([[1, 2], [3, 4]], 2, axis=1), "to depth": lambda: tf.space_to_depth(PICTURE, 2), "to space": lambda: tf.depth_to_space(tf.space_to_depth(PICTURE, 2), 2),
        "to batch": lambda: tf.space_to_batch(PICTURE, [[0, 0], [2, 0]], 2), "from batch": lambda: tf.batch_to_space(tf.space_to_batch(PICTURE, [[0, 0], [2, 0]], 2), [[0, 0], [2, 0]], 2),
        "unequal blocks": lambda: tf.space_to_batch_nd(PICTURE, [2, 1], [[1, 1], [0, 0]]), "paddings": lambda: tf.required_space_to_batch_paddings([5, 4], [2, 3]),
        "patches": lambda: tf.extract_image_patches(PICTURE, [1, 2, 2, 1], [1, 2, 2, 1], [1, 1, 1, 1], "VALID"), "same patches": lambda: tf.extract_image_patches(PICTURE, [1, 3, 3, 1], [1, 2, 2, 1], [1, 2, 1, 1], "SAME"),
        "parallel": lambda: tf.parallel_stack([[1, 2], [3, 4]]), "shapes of two": lambda: tf.shape_n([x, b]), "where broadcast": lambda: tf.where_v2([[True], [False]], [1.0, 2.0], 0.0),
    })  # fmt: skip
    differentiated(tf, note, {
        "tensordot": lambda x: tf.tensordot(x, x, [[0], [1]]), "einsum": lambda x: tf.einsum("ij,kj->ik", x, x), "reverse": lambda x: tf.reverse(x, [1]), "roll": lambda x: tf.roll(x, 1, 1),
        "reverse_sequence": lambda x: tf.reverse_sequence(x, [2, 1, 3], 1), "broadcast_to": lambda x: tf.broadcast_to(x, [2, 3, 3]),
    }, np.arange(9.0).reshape(3, 3))  # fmt: skip


PROGRAMS = [picking, data_dependent, variables_in_parts, segments, order, arrangement]
