"""SparseAdam, and what other optimizers say to sparse gradients."""

from __future__ import annotations

from tests.eager.oracle.answers import refused
from tests.eager.oracle.stepping import sparse_steps

CASES = """
optim.SparseAdam([leaf(2)], lr=-1.0)
optim.SparseAdam([leaf(2)], lr=0.0)
optim.SparseAdam([leaf(2)], eps=0.0)
optim.SparseAdam([leaf(2)], betas=(1.0, 0.5))
optim.SparseAdam([leaf(2)], betas=(0.5, -0.1))
optim.SparseAdam([leaf(2)], lr=torch.tensor([0.1, 0.2]))
optim.SparseAdam([leaf(2)]).defaults
repr(optim.SparseAdam([leaf(2)], lr=0.1))
optim.SparseAdam([leaf(2)]).state_dict()
optim.SparseAdam([leaf(2), torch.sparse_coo_tensor((2, 3))])
optim.SparseAdam([complexes(2).requires_grad_()])
"""


def defaults(torch, doubles):
    return sparse_steps(torch, torch.optim.SparseAdam, doubles)


def settings(torch, doubles):
    return sparse_steps(torch, torch.optim.SparseAdam, doubles, lr=0.1, betas=(0.5, 0.7), eps=1e-3, maximize=True)


def dense_gradients(torch, optim, doubles):
    x = doubles(2).requires_grad_()
    x.sum().backward()
    return refused(optim.SparseAdam([x]).step)


def gradients_of_several_sparse_axes(torch, optim, doubles):
    x = doubles(2, 3).requires_grad_()
    x.grad = torch.sparse_coo_tensor([[0, 1, 0], [1, 2, 1]], doubles(3), (2, 3))
    optim.SparseAdam([x], lr=0.1).step()
    y = doubles(2, 3).requires_grad_()
    y.grad = torch.sparse_coo_tensor([[0, 1, 0], [1, 2, 1]], doubles(3), (2, 3)).coalesce()
    optim.Adagrad([y], lr=0.1).step()
    return x.detach(), y.detach()


def empty_gradients(torch, optim, doubles):
    x = doubles(2, 3).requires_grad_()
    x.grad = torch.sparse_coo_tensor((2, 3), dtype=torch.float64)
    optimizer = optim.SparseAdam([x], lr=0.1)
    optimizer.step()
    return x.detach(), optimizer.state_dict()["state"]


def others(torch, optim, nn):
    found = []
    for name in (
        "Adadelta", "Adafactor", "Adam", "AdamW", "Adamax", "ASGD", "Muon", "NAdam", "RAdam", "RMSprop", "Rprop",
    ):  # fmt: skip
        module = nn.Embedding(4, 3, sparse=True)
        module(torch.tensor([1, 3])).sum().backward()
        found.append(refused(getattr(optim, name)(module.parameters(), lr=0.1).step))
    return found


def lbfgs(torch, optim, doubles):
    table = doubles(4, 2).requires_grad_()
    optimizer = optim.LBFGS([table], lr=0.1, max_iter=3)

    def closure():
        optimizer.zero_grad()
        loss = torch.nn.functional.embedding(torch.tensor([1, 3, 1]), table, sparse=True).square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return table.detach()
