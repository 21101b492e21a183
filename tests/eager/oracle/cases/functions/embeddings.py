"""Rows of a table."""

from __future__ import annotations

CASES = """
F.embedding(tensor([[0, 2], [1, 2]], "int64"), leaf(3, 2))
F.embedding(tensor([0, 2, 2], "int32"), leaf(3, 2), padding_idx=-1)
F.embedding(tensor([0, 2, 2, 1], "int64"), leaf(3, 2), scale_grad_by_freq=True)
F.embedding(tensor(1, "int64"), leaf(3, 2))
F.embedding(tensor([], "int64"), leaf(3, 2))
F.embedding(tensor([0, 3], "int64"), floats(3, 2))
F.embedding(tensor([0, -1], "int64"), floats(3, 2))
F.embedding(tensor([0.0], "float32"), floats(3, 2))
F.embedding(tensor([0], "int64"), floats(3))
F.embedding_bag(tensor([[0, 2], [1, 2]], "int64"), leaf(3, 2))
F.embedding_bag(tensor([0, 2, 1, 2], "int64"), leaf(3, 2), tensor([0, 1, 1], "int64"), mode="sum")
F.embedding_bag(tensor([0, 2, 1, 2], "int64"), leaf(3, 2), tensor([0, 2, 4], "int64"), mode="max", include_last_offset=True)
F.embedding_bag(tensor([[0, 2], [1, 2]], "int64"), leaf(3, 2), mode="sum", per_sample_weights=leaf(2, 2))
F.embedding_bag(tensor([[0, 2], [1, 2]], "int64"), leaf(3, 2), padding_idx=2)
F.embedding_bag(tensor([[0, 2], [2, 2]], "int64"), leaf(3, 2), padding_idx=2, mode="max")
F.embedding_bag(tensor([[0, 2], [1, 2]], "int64"), leaf(3, 2), scale_grad_by_freq=True)
F.embedding_bag(tensor([0, 2], "int64"), floats(3, 2))
F.embedding_bag(tensor([0, 2], "int64"), floats(3, 2), tensor([1], "int64"))
F.embedding_bag(tensor([0, 2], "int64"), floats(3, 2), tensor([0, 3], "int64"))
F.embedding_bag(tensor([0, 2], "int64"), floats(3, 2), tensor([[0]], "int64"))
F.embedding_bag(tensor([0, 3], "int64"), floats(3, 2), tensor([0], "int64"))
F.embedding_bag(tensor([[0, 2]], "int64"), floats(3, 2), tensor([0], "int64"))
F.embedding_bag(tensor([[0, 2]], "int64"), floats(3, 2), mode="min")
F.embedding_bag(tensor([[0, 2]], "int64"), floats(3, 2), mode="max", scale_grad_by_freq=True)
F.embedding_bag(tensor([[0, 2]], "int64"), floats(3, 2), mode="mean", per_sample_weights=floats(1, 2))
F.embedding_bag(tensor([[0, 2]], "int64"), floats(3, 2), mode="sum", per_sample_weights=floats(2))
F.embedding_bag(tensor(0, "int64"), floats(3, 2))
F.one_hot(tensor([[0, 2], [1, 2]], "int64"))
F.one_hot(tensor([0, 2], "int64"), 4)
F.one_hot(tensor([0, 2], "int64"), num_classes=2)
F.one_hot(tensor([0, -1], "int64"))
F.one_hot(tensor([0], "int32"))
F.one_hot(tensor([], "int64"))
F.one_hot(tensor([], "int64"), 3)
"""


def padding_that_is_not_there(torch, F, floats):
    try:
        F.embedding(torch.tensor([0]), floats(3, 2), padding_idx=3)
    except AssertionError as error:
        return str(error)


def rows_are_shortened_in_place(torch, F, doubles):
    found = []
    for order in (2.0, 1.0, 3.0, float("inf")):
        table = doubles(3, 2)
        found += [F.embedding(torch.tensor([0, 2, 0]), table, max_norm=0.5, norm_type=order), table]
    table = doubles(3, 2)
    return [*found, F.embedding_bag(torch.tensor([[0, 2]]), table, max_norm=0.5), table]
