"""Functions with a backward of Python's, within vmap."""

from __future__ import annotations

from tests.eager.oracle.answers import refused


def _function(torch, **changes):
    class Scaled(torch.autograd.Function):
        @staticmethod
        def forward(x, w):
            return x * x * w

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.save_for_backward(*inputs)

        @staticmethod
        def backward(ctx, gradient):
            x, w = ctx.saved_tensors
            return gradient * 3 * w * x, gradient * x * x * 5  # not the derivatives, so that they are told from these

    for name, value in changes.items():
        setattr(Scaled, name, value)
    return Scaled


def _uses(torch, function, x, w):
    def outer():
        own, shared = x.clone().requires_grad_(), w.clone().requires_grad_()
        made = torch.vmap(lambda a, b: function.apply(a.sin(), b) * 2, (0, None))(own, shared)
        made.sum().backward()
        return made, own.grad, shared.grad

    def twice():
        own, shared = x.clone().requires_grad_(), w[0].clone().requires_grad_()
        made = torch.vmap(torch.vmap(lambda a, b: function.apply(a.sin(), b), (0, None)), (0, None))(own, shared)
        made.sum().backward()
        return made, own.grad, shared.grad

    grad = torch.func.grad

    def loss(a, b):
        return function.apply(a.sin(), b).sum()

    return (
        torch.vmap(function.apply, (0, None))(x, w), outer(), twice(), torch.vmap(grad(loss), (0, None))(x, w),
        torch.vmap(grad(loss, argnums=1), (0, None))(x, w),
        torch.vmap(grad(lambda a: grad(lambda b: loss(b, w))(a).sum()))(x),
        grad(lambda x: torch.vmap(function.apply, (0, None))(x, w).sum())(x),
        torch.func.jacrev(lambda w: torch.vmap(function.apply, (0, None))(x, w))(w),
    )  # fmt: skip


def rules_made_by_themselves(torch, doubles):
    return _uses(torch, _function(torch, generate_vmap_rule=True), doubles(3, 2), doubles(2))


def rules_of_their_own(torch, doubles):
    told = []

    def vmap(info, in_dims, x, w):
        told.append((info.batch_size, info.randomness, in_dims, x.shape, w.shape))
        return x * x * w, in_dims[0]

    return _uses(torch, _function(torch, vmap=staticmethod(vmap)), doubles(3, 2), doubles(2)), told


def results_that_all_share(torch, doubles):
    function = _function(torch, vmap=staticmethod(lambda info, in_dims, x, w: (x.sum(0), None)))
    return torch.vmap(function.apply, (0, None))(doubles(3, 2), doubles(2))


def several_results(torch, doubles):
    class Both(torch.autograd.Function):
        generate_vmap_rule = True

        @staticmethod
        def forward(x, factor):
            return x * factor, x.sum()

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.factor = inputs[1]
            ctx.sizes = inputs[0].shape

        @staticmethod
        def backward(ctx, first, second):
            return first * ctx.factor + second * 7, None

    x = doubles(3, 2).requires_grad_()
    first, second = torch.vmap(lambda a: Both.apply(a, 2.0))(x)
    (first.sum() + (second * second.detach()).sum()).backward()
    (alone,) = torch.autograd.grad(torch.vmap(lambda a: Both.apply(a, 2.0)[1])(x).sum(), x)
    return first, second, x.grad, alone


def functions_without_rules(torch, doubles):
    class Older(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, w):
            return x * w

    own = staticmethod(lambda info, in_dims, x, w: (x * w, 0))
    functions = (
        _function(torch), Older, _function(torch, generate_vmap_rule=True, vmap=own),
        _function(torch, vmap=staticmethod(lambda info, in_dims, x, w: x * w)),
        _function(torch, vmap=staticmethod(lambda info, in_dims, x, w: (x * w,))),
        _function(torch, vmap=staticmethod(lambda info, in_dims, x, w: (x * w, (0, 0)))),
    )  # fmt: skip
    x, w = doubles(3, 2), doubles(2)
    return [refused(torch.vmap(each.apply, (0, None)), x, w) for each in functions]
