"""Indexing: what is read, what is written, what is refused."""

from __future__ import annotations

CASES = """
# -- integers, slices, None, the ellipsis ----
leaf(3)[0]
leaf(3)[-1]
leaf(2, 3)[1]
leaf(2, 3)[1, 2]
leaf(2, 3)[-1, -1]
leaf(2, 3)[:, 1]
leaf(2, 3)[0, :]
leaf(2, 3)[..., 0]
leaf(2, 3)[0, ...]
leaf(2, 3, 2)[0, ..., 1]
leaf(2, 3)[None]
leaf(2, 3)[:, None]
leaf(2, 3)[None, ..., None]
leaf(2)[..., None]
leaf()[None]
leaf()[...]
leaf()[()]
leaf(5)[1:3]
leaf(5)[:-1]
leaf(5)[-3:]
leaf(5)[::2]
leaf(5)[1::3]
leaf(5)[3:1]
leaf(5)[10:]
leaf(5)[-10:2]
leaf(5)[0:0]
leaf(4, 5)[1:3, ::2]
leaf(5)[torch.tensor(1)]
leaf(4, 3)[range(2)]
leaf(4, 3)[range(1, 3), range(2)]
leaf(4, 3)[:, range(0, 3, 2)]
leaf(4, 3)[range(0)]
floats(3)[b"a"]
floats(3)[frozenset([1])]
leaf(5)[np.int64(2)]
leaf(5)[torch.tensor(1):torch.tensor(3)]
floats(3)[3]
floats(3)[-4]
floats(2, 3)[0, 3]
floats(2, 3)[0, 0, 0]
floats(2, 3)[..., 0, 0, 0]
floats()[0]
floats(3)[::-1]
floats(3)[::0]
floats(3)[1.5]
floats(3)["a"]
floats(3)[1:2.5]
floats(2, 3)[..., ...]
floats(0)[0]
floats(0, 3)[:, 1]

# -- tensors of integers ----
leaf(4)[torch.tensor([0, 2])]
leaf(4)[torch.tensor([0, 0, 3])]
leaf(4)[torch.tensor([-1, -4])]
leaf(4)[[0, 2]]
leaf(3)[tensor([1, 0, 1], "uint8")]
leaf(4)[np.array([1, 3])]
leaf(4)[torch.tensor([[0, 1], [2, 3]])]
leaf(4)[torch.tensor([], dtype=torch.int64)]
leaf(4)[[]]
leaf(3, 4)[torch.tensor([0, 2])]
leaf(3, 4)[:, torch.tensor([0, 2])]
leaf(3, 4)[torch.tensor([0, 2]), torch.tensor([1, 3])]
leaf(3, 4)[[0, 2], [1, 3]]
leaf(3, 4)[torch.tensor([[0], [2]]), torch.tensor([1, 3])]
leaf(3, 4)[torch.tensor([0, 2]), 1]
leaf(3, 4)[1, torch.tensor([0, 2])]
leaf(3, 4)[torch.tensor([0, 2]), 1:3]
leaf(3, 4)[1:, torch.tensor([0, 2])]
leaf(3, 4)[..., torch.tensor([0, 2])]
leaf(3, 4)[None, torch.tensor([0, 2])]
leaf(3, 4)[torch.tensor([0, 2]), None]
leaf(2, 3, 4)[torch.tensor([0, 1]), :, torch.tensor([1, 2])]
leaf(2, 3, 4)[:, torch.tensor([0, 1]), torch.tensor([1, 2])]
leaf(2, 3, 4)[0, :, torch.tensor([1, 2])]
leaf(2, 3, 4)[:, 0, torch.tensor([1, 2])]
leaf(2, 3, 4)[torch.tensor([0, 1]), 1, torch.tensor([1, 2])]
leaf(2, 3, 4)[torch.tensor([0, 1]), ..., torch.tensor([1, 2])]
leaf(4)[torch.tensor([0, 2], dtype=torch.int32)]
leaf(4)[torch.tensor([0, 2], dtype=torch.int16)]
floats(4)[torch.tensor([0.0, 2.0])]
floats(4)[torch.tensor([0, 4])]
floats(4)[torch.tensor([-5])]
floats(4)[torch.tensor([0]), torch.tensor([0])]
floats(3, 4)[torch.tensor([0, 1, 2]), torch.tensor([0, 1])]

# -- tensors of bools ----
leaf(4)[torch.tensor([True, False, True, False])]
leaf(2, 3)[torch.tensor([True, False])]
leaf(2, 3)[:, torch.tensor([True, False, True])]
leaf(2, 3)[torch.tensor([[True, False, True], [False, True, False]])]
leaf(4)[[True, False, True, False]]
leaf(4)[np.array([True, False, True, False])]
leaf(6)[leaf(6) > 0]
leaf(4)[torch.zeros(4, dtype=torch.bool)]
leaf(2, 3)[torch.tensor([True, False]), 1]
leaf(2)[True]
leaf(2)[False]
leaf()[True]
leaf(2)[torch.tensor(True)]
floats(4)[torch.tensor([True, False])]
floats(2, 3)[torch.tensor([[True], [False]])]
floats(2)[torch.tensor([[True, False]])]
floats(2)[torch.tensor([True, False]), torch.tensor([True, False])]

# -- one slice, or some in a row ----
torch.select(leaf(2, 3), 0, 1)
torch.select(leaf(2, 3), 1, -1)
torch.select(leaf(2, 3), dim=-1, index=0)
torch.select(floats(2, 3), 0, 2)
torch.select(floats(2, 3), 2, 0)
torch.select(floats(), 0, 0)
leaf(2, 3).select(1, 1)
torch.narrow(leaf(2, 3), 1, 0, 2)
torch.narrow(leaf(2, 3), -1, 1, 2)
torch.narrow(leaf(2, 3), 1, -2, 2)
torch.narrow(leaf(2, 3), dim=0, start=1, length=1)
torch.narrow(floats(3), 0, 1, 0)
torch.narrow(floats(3), 0, 3, 0)
torch.narrow(floats(3), 0, 2, 2)
torch.narrow(floats(3), 0, 4, 0)
torch.narrow(floats(3), 0, -4, 1)
torch.narrow(floats(3), 0, 0, -1)
torch.narrow(floats(3), 1, 0, 1)
torch.narrow(floats(), 0, 0, 0)
leaf(3).narrow(0, 1, 2)

# -- places that are not zero ----
torch.nonzero(tensor([0, 1, 2, 0], "int64"))
torch.nonzero(tensor([[0.0, 1.5], [2.5, 0.0]], "float32"))
torch.nonzero(bools(2, 3))
torch.nonzero(bools(2, 3), as_tuple=True)
torch.nonzero(tensor(3, "int64"))
torch.nonzero(tensor(0, "int64"))
torch.nonzero(tensor(3, "int64"), as_tuple=True)
torch.nonzero(floats(0, 2))
torch.nonzero(tensor([nan, -0.0], "float32"))
bools(4).nonzero()
bools(4).nonzero(as_tuple=True)
"""


def _written(x, index, value):
    x[index] = value
    return x


WRITES = (
    (0, 7.0), (slice(1, 3), 7.0), ((0, 1), 7.0), ((slice(None), 1), 7.0), (Ellipsis, 7.0), (None, 7.0),
    ((slice(None, None, 2), slice(None, None, 3)), 7), ([0, 2], 7.0), ((slice(None), [0, 2]), 7.0),
    (([0, 2], [1, 3]), 7.0), ([0, 0], 7.0),
)  # fmt: skip


def numbers_are_written(torch, floats):
    return [_written(floats(3, 4), index, value) for index, value in WRITES]


def tensors_are_written(torch, floats):
    return [
        _written(floats(3, 4), 0, floats(4)),
        _written(floats(3, 4), slice(1, 3), floats(4)),
        _written(floats(3, 4), slice(1, 3), floats(2, 1)),
        _written(floats(3, 4), (slice(None), 1), floats(3)),
        _written(floats(3, 4), 0, floats(1, 4)),
        _written(floats(3, 4), [0, 2], floats(2, 4)),
        _written(floats(3, 4), ([0, 2], [1, 3]), floats(2)),
        _written(floats(3, 4), (slice(None), [0, 2]), floats(3, 2)),
        _written(floats(3, 4), torch.tensor([True, False, True]), floats(2, 4)),
        _written(floats(3, 4), torch.tensor([True, False, True]), floats(4)),
        _written(torch.arange(4), 0, 2.7),
        _written(torch.arange(4), 0, torch.tensor(2.7)),
        _written(torch.arange(4), slice(0, 2), 9),
        _written(floats(4), 1, torch.tensor(3)),
        _written(floats(4), 1, torch.tensor([3.0])),
    ]


def masks_are_written(torch, floats):
    x = floats(3, 4)
    x[x > 0] = 0.0
    y = floats(3, 4)
    y[y < 0] *= -1
    return x, y


def writes_through_several_indices(torch, floats):
    x = floats(2, 3, 4)
    x[0][1][2] = 5.0
    x[:, 1][0] = 6.0
    x[1].t()[3, 0] = 7.0
    return x


def written_values_are_differentiated(torch, leaf, doubles):
    source, base = leaf(2), doubles(3, 2)
    base[1] = source * 2
    base[:, 0] *= 3
    return base


def reads_before_a_write_keep_their_gradient(torch, leaf):
    x = leaf(4)
    y = x * 1
    z = y.exp()
    y[0] = 0.0
    return z, y


def _refused(function):
    from tests.eager.oracle.answers import REFUSALS, refusal

    try:
        function()
    except REFUSALS as error:
        return refusal(error)
    return None


def refused_writes(torch, floats, leaf):
    return [
        _refused(lambda: _written(floats(3), 3, 1.0)),
        _refused(lambda: _written(floats(2, 3), 0, floats(2))),
        _refused(lambda: _written(floats(2, 3), (0, 0), floats(2))),
        _refused(lambda: _written(floats(2, 3), slice(0, 1), floats(2, 3))),
        _refused(lambda: _written(floats(3), [0, 1], floats(3))),
        _refused(lambda: _written(leaf(3), 0, 1.0)),
        _refused(lambda: _written(floats(3), 0, "a")),
        _refused(lambda: _written(floats(3), 0, [1.0, 2.0])),
    ]
