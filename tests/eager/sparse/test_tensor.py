"""How sparse tensors stand among others: what is read, what is told, and what is done without a look at places."""

from __future__ import annotations

import diptych.eager as torch
import numpy as np
import pytest
from diptych.eager import nn, optim
from diptych.eager.tapes.tape import tape


def sparse() -> torch.Tensor:
    return torch.sparse_coo_tensor([[0, 1, 1], [2, 0, 0]], [1.0, 2.0, 3.0], (2, 3))


def test_operations_that_are_not_there_say_so() -> None:
    text = (
        r"^Could not run 'aten::exp' with arguments from the 'SparseCPU' backend\. This could be because the operator "
        r"doesn't exist for this backend, or was omitted during the selective/custom build process \(if using custom "
        r"build\)\.$"
    )
    with pytest.raises(NotImplementedError, match=text) as raised:
        torch.exp(sparse())
    assert raised.value.__context__ is None
    with pytest.raises(NotImplementedError, match="^Could not run 'aten::resize_' with arguments from the"):
        sparse().resize_(3, 3)
    with pytest.raises(NotImplementedError, match="^Could not run 'aten::maximum' with arguments from the"):
        torch.maximum(torch.ones(2, 3), sparse())


def test_places_that_a_run_computes_are_read_with_a_cause() -> None:
    x = torch.sparse_coo_tensor(torch.tensor([[1, 1]]) + torch.tensor([[0, 1]]), torch.ones(2), (4,))
    tape.flush()
    torch.reset_sync_report()
    x = torch.sparse_coo_tensor(torch.tensor([[1, 1]]) + torch.tensor([[0, 0]]), torch.ones(2), (4,))
    x.coalesce()
    assert [sync.cause for sync in torch.sync_report()] == ["coalesce()"]


@pytest.mark.parametrize("kind", [optim.SGD, optim.Adagrad, optim.SparseAdam])
def test_steps_with_sparse_gradients_are_of_one_trace(kind: type[optim.Optimizer]) -> None:
    torch.manual_seed(0)
    table = nn.Embedding(10, 4, padding_idx=0, sparse=True)
    optimizer = kind(table.parameters(), lr=0.1)
    draw = np.random.default_rng(0)
    counts = []
    for _ in range(9):  # jax compiles what repeats in the fifth or so
        optimizer.zero_grad()
        counts.append((tape.retraces, tape.flushes))
        table(torch.from_numpy(draw.integers(0, 10, (3, 5)))).square().sum().backward()
        optimizer.step()
    assert counts[-1][0] == counts[5][0]
    assert counts[-1][1] - counts[5][1] == 3  # a run a step


def test_the_row_of_padding_is_left_alone() -> None:
    table = nn.Embedding(4, 2, padding_idx=1, sparse=True)
    optimizer = optim.SparseAdam(table.parameters(), lr=0.1)
    table(torch.tensor([1, 2, 1])).sum().backward()
    assert table.weight.grad.has_gaps
    optimizer.step()
    assert table.weight[1].tolist() == [0, 0]
    assert table.weight.grad._indices().tolist() == [[2]]
    assert not table.weight.grad.has_gaps


def test_a_sparse_leaf_that_is_gone_collects_nothing() -> None:
    x = sparse().requires_grad_()
    dense = torch.ones(3, 2, requires_grad=True)
    loss = torch.sparse.mm(x, dense).sum()
    del x
    loss.backward()
    assert dense.grad.tolist() == [[5, 5], [0, 0], [1, 1]]
