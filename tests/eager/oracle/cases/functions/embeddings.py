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
F.embedding(tensor([[0, 2], [1, 2]], "int64"), leaf(3, 2), sparse=True)
F.embedding(tensor([0, 2, 2], "int32"), leaf(3, 2), padding_idx=-1, sparse=True)
F.embedding(tensor(1, "int64"), leaf(3, 2), sparse=True)
F.embedding(tensor([0, 2, 2, 1], "int64"), floats(3, 2), sparse=True)
F.embedding(tensor([0, 2, 2, 1], "int64"), leaf(3, 2), scale_grad_by_freq=True, sparse=True)
F.embedding(tensor([0, 2, 2, 1], "int64"), leaf(3, 2), sparse=True).grad_fn.name()
F.embedding_bag(tensor([[0, 2], [1, 2]], "int64"), leaf(3, 2), sparse=True)
F.embedding_bag(tensor([0, 2, 1, 2], "int64"), leaf(3, 2), tensor([0, 1, 1], "int64"), mode="sum", sparse=True)
F.embedding_bag(tensor([[0, 2], [1, 2]], "int64"), leaf(3, 2), mode="sum", per_sample_weights=leaf(2, 2), sparse=True)
F.embedding_bag(tensor([[0, 2], [1, 2]], "int64"), leaf(3, 2), padding_idx=2, sparse=True)
F.embedding_bag(tensor([[0, 2]], "int64"), floats(3, 2), mode="max", sparse=True)
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


def sparse_gradients_add_up(torch, F, doubles):
    table = doubles(4, 2).requires_grad_()
    found = []
    for rows in ([1, 3, 1], [2, 1]):
        F.embedding(torch.tensor(rows), table, sparse=True).sum().backward()
        found.append(table.grad.clone())
    return found


def sparse_gradients_of_one_table_taken_twice(torch, F, doubles):
    table, weights = doubles(4, 2).requires_grad_(), doubles(3, 2)
    first = F.embedding(torch.tensor([1, 3, 1]), table, sparse=True)
    second = F.embedding(torch.tensor([2, 1, 0]), table, sparse=True)
    ((first + second) * weights).sum().backward()
    return table.grad.coalesce()


def sparse_and_dense_gradients_together(torch, F, doubles):
    table = doubles(4, 2).requires_grad_()
    rows = torch.tensor([1, 3, 1])
    (F.embedding(rows, table, sparse=True).sum() + table.square().sum()).backward()
    found = [table.grad]
    table.grad = None
    F.embedding(rows, table, sparse=True).sum().backward()
    table.square().sum().backward()
    found.append(table.grad)
    table.grad = None
    table.square().sum().backward()
    F.embedding(rows, table, sparse=True).sum().backward()
    return [*found, table.grad]


def hooks_see_sparse_gradients(torch, F, doubles):
    table = doubles(4, 2).requires_grad_()
    seen = []
    table.register_hook(lambda gradient: seen.append(gradient.is_sparse))
    table.register_hook(lambda gradient: gradient * 2)
    table.register_post_accumulate_grad_hook(lambda leaf: seen.append(leaf.grad.is_sparse))
    F.embedding(torch.tensor([1, 3]), table, sparse=True).sum().backward()
    return seen, table.grad


def sparse_gradients_of_chosen_inputs(torch, F, doubles):
    table, other = doubles(4, 2).requires_grad_(), doubles(2, 2).requires_grad_()
    loss = (F.embedding(torch.tensor([1, 3]), table, sparse=True) * other).sum()
    loss.backward(inputs=[table], retain_graph=True)
    found = table.grad, other.grad
    unused = torch.autograd.grad(loss, (other, doubles(1).requires_grad_()), allow_unused=True, retain_graph=True)
    return found, unused, torch.autograd.grad(loss, (table, other))


def second_derivatives_by_sparse_gradients(torch, F, doubles):
    table = doubles(4, 2).requires_grad_()
    loss = (F.embedding(torch.tensor([1, 3, 1]), table, sparse=True) ** 3).sum()
    (gradient,) = torch.autograd.grad(loss, table, create_graph=True)
    return gradient.requires_grad, gradient.detach(), torch.autograd.grad(gradient.to_dense().sum(), table)


def zeroed_in_place(torch, nn, optim):
    module = nn.Embedding(4, 2, sparse=True)
    optimizer = optim.SGD(module.parameters(), lr=0.1)
    module(torch.tensor([1, 3])).sum().backward()
    optimizer.zero_grad(set_to_none=False)
    return module.weight.grad


def norms_of_sparse_gradients(torch, nn):
    module = nn.Embedding(4, 2, sparse=True)
    module(torch.tensor([1, 3])).sum().backward()
    return nn.utils.clip_grad_norm_(module.parameters(), 1.0)
