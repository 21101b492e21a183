"""Gradients forwards."""

from __future__ import annotations

from tests.eager.oracle.answers import refused

CASES = """
torch.autograd.forward_ad.make_dual(floats(2), floats(2))
torch.autograd.forward_ad.unpack_dual(floats(2)).tangent
torch.autograd.forward_ad.exit_dual_level()
torch.autograd.forward_ad.exit_dual_level(level=3)
"""


def _tangents(torch, function, *pairs):
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        found = function(*(forward.make_dual(*pair) for pair in pairs))
        found = found if isinstance(found, tuple) else (found,)
        return [tuple(forward.unpack_dual(each)) for each in found]


def functions_of_one(torch, floats):
    return [
        _tangents(torch, function, (floats(3, low=0.1), floats(3)))
        for function in (
            torch.sin, torch.exp, torch.log, lambda x: x * x, lambda x: x.sum(), lambda x: x[1:], lambda x: x.detach(),
            lambda x: x > 0, lambda x: torch.softmax(x, 0), lambda x: (x + 1, x.norm()), lambda x: x.cumsum(0),
        )
    ]  # fmt: skip


def functions_of_two(torch, floats):
    pairs = (floats(2, 3), floats(2, 3)), (floats(3, 2), floats(3, 2))
    return _tangents(torch, lambda x, y: (x @ y, x * y.t(), torch.cat([x, y.t()])), *pairs)


def a_mix_with_tensors_without_tangents(torch, floats):
    other = floats(3)
    return _tangents(torch, lambda x: (x * other, other * 2, torch.cat([x, other])), (floats(3), floats(3)))


def in_place(torch, floats):
    def write(x):
        made, whole = x + 1, torch.zeros(3)
        made.mul_(x)
        whole[:2] = x
        return made, whole

    return _tangents(torch, write, (floats(2), floats(2)))


def without_noting_gradients(torch, floats):
    def compute(x):
        with torch.no_grad():
            return x * x

    with torch.no_grad():
        found = _tangents(torch, lambda x: x * 3, (floats(2), floats(2)))
        enabled = torch.is_grad_enabled()
    return found, enabled, _tangents(torch, compute, (floats(2), floats(2))), torch.is_grad_enabled()


def with_gradients_backwards(torch, leaf, doubles):
    forward = torch.autograd.forward_ad
    x = leaf(2)
    with forward.dual_level():
        y = forward.make_dual(x, doubles(2)) ** 3
        primal, tangent = forward.unpack_dual(y)
    return primal, tangent


def a_layer(torch, nn, floats):
    forward = torch.autograd.forward_ad
    layer = nn.Linear(3, 2)
    with torch.no_grad():
        layer.weight.copy_(floats(2, 3))
        layer.bias.zero_()
    with forward.dual_level():
        found = torch.func.functional_call(
            layer, {"weight": forward.make_dual(layer.weight.detach(), floats(2, 3)), "bias": layer.bias.detach()},
            (floats(4, 3),),
        )  # fmt: skip
        return tuple(forward.unpack_dual(found))


def functions_with_a_jvp(torch, floats):
    class Doubled(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, times):
            ctx.times = times
            return x * times

        @staticmethod
        def jvp(ctx, change, times):
            return change * ctx.times * 10

    class Plain(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

    refusal = refused(_tangents, torch, Plain.apply, (floats(2), floats(2)))
    return _tangents(torch, lambda x: Doubled.apply(x, 2), (floats(2), floats(2))), refusal


def what_is_refused(torch, floats):
    forward = torch.autograd.forward_ad
    with forward.dual_level() as level:
        x = forward.make_dual(floats(2), floats(2))
        return level, [
            refused(forward.make_dual, floats(2), floats(3)), refused(forward.make_dual, x, floats(2)),
            refused(forward.make_dual, torch.ones(2).long(), floats(2)),
            refused(forward.make_dual, floats(2), torch.ones(2).long()), refused(forward.enter_dual_level),
            refused(forward.exit_dual_level, level=1),
        ]  # fmt: skip


def after_the_level(torch, floats):
    forward = torch.autograd.forward_ad
    number = forward.enter_dual_level()
    x = forward.make_dual(floats(2), floats(2))
    inside = forward.unpack_dual(x).tangent
    forward.exit_dual_level()

    @forward.dual_level()
    def decorated(x, change):
        return forward.unpack_dual(forward.make_dual(x, change) * 2).tangent

    return number, inside, forward.unpack_dual(x).tangent, decorated(floats(2), floats(2))


def as_func_jvp(torch, floats):
    x, change = floats(3), floats(3)
    function = lambda x: torch.tanh(x).sum() * x  # noqa: E731
    linear = torch.func.linearize(function, x)[1](change)
    found = torch.func.jvp(function, (x,), (change,))[1], linear, torch.func.jacfwd(function)(x) @ change
    return found, _tangents(torch, function, (x, change))[0][1]
