"""Which reshapes and which operands of products are copied, beside what numpy does."""

from __future__ import annotations

import numpy as np
import pytest
from diptych.backends.numpy.strides import Strides
from diptych.ir import Builder, Value

from tests.samples.control import function


@pytest.mark.parametrize(
    ("name", "copies"),
    [
        ("transpose", True),
        ("slice", True),
        ("unit axes", False),
        ("reverse", True),
        ("broadcast", True),
        ("split", False),
    ],
)
def test_reshapes(name: str, copies: bool) -> None:
    def body(b: Builder, x: Value) -> Value:
        if name == "transpose":
            return b.reshape(b.transpose(x, permutation=(1, 0)), shape=(12,))
        if name == "slice":
            return b.reshape(b.slice(x, start=(0, 1), limit=(4, 3), stride=(1, 1)), shape=(8,))
        if name == "unit axes":
            return b.reshape(b.transpose(x, permutation=(1, 0)), shape=(3, 1, 4))
        if name == "reverse":
            return b.reshape(b.reverse(x, axes=(1,)), shape=(12,))
        if name == "broadcast":
            return b.reshape(b.broadcast(x, shape=(2, 4, 3), axes=(1, 2)), shape=(24,))
        return b.reshape(b.stop_gradient(x), shape=(2, 2, 3))

    f = function("f", "f32[4,3]", body)
    assert (f.results[0] in Strides(f).copies) is copies


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (0, 2, 1), (2, 0, 1)])
def test_products(order: tuple[int, int, int]) -> None:
    """Contracted over their last two axes."""

    def body(b: Builder, x: Value, y: Value) -> Value:
        return b.matmul(b.transpose(x, permutation=order), y, lhs_contract=(1, 2), rhs_contract=(0, 1))

    sizes = (4, 3, 2)
    turned = [sizes[axis] for axis in order]
    f = function("f", f"f32[4,3,2] f32[{turned[1]},{turned[2]},5]", body)
    x = np.zeros(sizes, np.float32).transpose(order)
    copies = not np.shares_memory(x, x.reshape(turned[0], -1))
    assert Strides(f).copied(f.equations[-1]) == (x.nbytes if copies else 0)


def test_parts() -> None:
    body = function("body", "f32[4,3] f32[2]", lambda b, x, y: b.reshape(x, shape=(12,)))
    f = function(
        "f", "f32[4,6] f32[2]",
        lambda b, x, y: b.parallel(x, y, body=body, parts=2, operand_axes=(1, -1), result_axes=(0,)),
    )  # fmt: skip
    given = Strides(f).parts(f.equations[0], body)
    assert [(part.shape, part.strides) for part in given] == [((4, 3), (6, 1)), ((2,), (1,))]
    assert body.results[0] in Strides(body, given).copies
    assert body.results[0] not in Strides(body).copies
