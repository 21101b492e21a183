"""Derivatives of functions of tensors."""

from __future__ import annotations

from tests.eager.oracle.answers import refused

CASES = """
torch.autograd.functional.jacobian(torch.sin, doubles(3))
torch.autograd.functional.jacobian(lambda x: x.exp().sum(1), doubles(2, 3))
torch.autograd.functional.jacobian(lambda x, y: x * y.sum(), (doubles(2), doubles(3)))
torch.autograd.functional.jacobian(lambda x, y: (x * 2, y * x.sum()), (doubles(2), doubles(2)))
torch.autograd.functional.jacobian(lambda x: (x * 2, x.sum()), doubles(2))
torch.autograd.functional.jacobian(torch.sin, leaf(2), create_graph=True)
torch.autograd.functional.jacobian(torch.sin, doubles(2), vectorize=True)
torch.autograd.functional.jacobian(torch.sin, doubles(2), vectorize=True, strategy="forward-mode")
torch.autograd.functional.jacobian(lambda x, y: x * 2, (doubles(2), doubles(2)))
torch.autograd.functional.jacobian(lambda x, y: x * 2, (doubles(2), doubles(2)), strict=True)
torch.autograd.functional.jacobian(lambda x: torch.zeros(2), doubles(2))
torch.autograd.functional.jacobian(lambda x: torch.zeros(2), doubles(2), strict=True)
torch.autograd.functional.jacobian(lambda x: x, 3.0)
torch.autograd.functional.jacobian(lambda x: 3.0, doubles(2))
torch.autograd.functional.jacobian(lambda x, y: x, (doubles(2), 1.0))
torch.autograd.functional.hessian(lambda x: (x ** 3).sum(), doubles(2))
torch.autograd.functional.hessian(lambda x, y: (x * y ** 2).sum(), (doubles(2), doubles(2)))
torch.autograd.functional.hessian(lambda x: (x ** 3).sum(), leaf(2), create_graph=True)
torch.autograd.functional.hessian(lambda x: x, doubles(2))
torch.autograd.functional.hessian(lambda x: (x.sum(), x.sum()), doubles(2))
torch.autograd.functional.hessian(lambda x: x.sum(), doubles(2))
torch.autograd.functional.vjp(lambda x: x ** 2, doubles(3), doubles(3))
torch.autograd.functional.vjp(lambda x: (x ** 2).sum(), doubles(3))
torch.autograd.functional.vjp(lambda x: x ** 2, doubles(3))
torch.autograd.functional.vjp(lambda x: x ** 2, doubles(3), doubles(2))
torch.autograd.functional.vjp(lambda x, y: (x * y, x + y), (doubles(2), doubles(2)), (doubles(2), doubles(2)))
torch.autograd.functional.vjp(lambda x, y: (x * y, x + y), (doubles(2), doubles(2)), (doubles(2),))
torch.autograd.functional.vjp(lambda x, y: (x * y, x + y), (doubles(2), doubles(2)), (doubles(2), doubles(3)))
torch.autograd.functional.vjp(lambda x: x ** 2, leaf(3), doubles(3), create_graph=True)
torch.autograd.functional.jvp(lambda x: x ** 2, doubles(3), doubles(3))
torch.autograd.functional.jvp(lambda x: x ** 2, doubles(1))
torch.autograd.functional.jvp(lambda x: x ** 2, doubles(3))
torch.autograd.functional.jvp(lambda x, y: (x * y, x + y), (doubles(2), doubles(2)), (doubles(2), doubles(2)))
torch.autograd.functional.jvp(lambda x: x ** 2, leaf(3), doubles(3), create_graph=True)
torch.autograd.functional.vhp(lambda x: (x ** 3).sum(), doubles(3), doubles(3))
torch.autograd.functional.vhp(lambda x: (x ** 3).sum(), doubles(3))
torch.autograd.functional.vhp(lambda x, y: (x * y ** 2).sum(), (doubles(2), doubles(2)), (doubles(2), doubles(2)))
torch.autograd.functional.hvp(lambda x: (x ** 3).sum(), doubles(3), doubles(3))
torch.autograd.functional.hvp(lambda x, y: (x * y ** 2).sum(), (doubles(2), doubles(2)), (doubles(2), doubles(2)))
torch.autograd.functional.hvp(lambda x: (x ** 3).sum(), leaf(3), doubles(3), create_graph=True)
"""


def all_rows_at_once(torch, doubles):
    functional = torch.autograd.functional

    def made(a, b):
        return a * b.sum(), b.sin()

    return (
        functional.jacobian(made, (doubles(2), doubles(3)), vectorize=True),
        functional.jacobian(made, (doubles(2), doubles(3)), vectorize=True, strategy="forward-mode"),
        functional.hessian(
            lambda a, b: (a * b.sum()).sin().sum() + a[0] ** 3, (doubles(2), doubles(3)), vectorize=True
        ),
        refused(functional.jacobian, torch.sin, doubles(2), strict=True, vectorize=True),
        refused(functional.jacobian, torch.sin, doubles(2), strategy="forward-mode"),
        refused(functional.hessian, lambda x: (x**3).sum(), doubles(2), strict=True, vectorize=True),
        functional.hessian(
            lambda x: (x**3).sum(), doubles(2), vectorize=True, outer_jacobian_strategy="forward-mode"
        ).detach(),
        refused(functional.hessian, torch.sum, doubles(2), outer_jacobian_strategy="forward-mode"),
    )


def gradients_checked_in_batches(torch, doubles):
    class Plain(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, gradient):
            return gradient * 2 if float(gradient.sum()) > -1e9 else gradient

    x = doubles(3).requires_grad_()
    kept = torch.autograd.gradcheck(lambda a: a.sin() * a.sum(), (x,), check_batched_grad=True)
    text = refused(torch.autograd.gradcheck, Plain.apply, (x,), check_batched_grad=True)["text"]
    return kept, text[:39], torch.autograd.gradcheck(Plain.apply, (x,))
