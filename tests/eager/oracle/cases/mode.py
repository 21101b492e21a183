"""Whether calls are noted for gradients."""

from __future__ import annotations

from tests.eager.oracle.answers import refused

CASES = """
torch.is_grad_enabled()
torch.no_grad().__enter__()
(leaf(2) * 2).requires_grad
"""


def no_grad_as_a_block(torch, leaf):
    x = leaf(2)
    with torch.no_grad():
        inside, made = torch.is_grad_enabled(), x * 2
    return inside, made, torch.is_grad_enabled(), (x * 2).requires_grad, made.is_leaf


def no_grad_as_a_decorator(torch, leaf):
    @torch.no_grad()
    def doubled(x):
        """Doubles."""
        return x * 2, torch.is_grad_enabled()

    @torch.no_grad
    def tripled(x):
        return x * 3

    return doubled(leaf(2)), tripled(leaf(2)), doubled.__name__, doubled.__doc__, torch.is_grad_enabled()


def blocks_within_blocks(torch, leaf):
    found = []
    with torch.no_grad():
        with torch.enable_grad():
            found.append((torch.is_grad_enabled(), (leaf(1) * 2).requires_grad))
            with torch.no_grad():
                found.append(torch.is_grad_enabled())
            found.append(torch.is_grad_enabled())
        found.append(torch.is_grad_enabled())
    found.append(torch.is_grad_enabled())
    return found


def an_error_ends_the_block(torch):
    try:
        with torch.no_grad():
            raise ValueError("inside")
    except ValueError as error:
        return str(error), torch.is_grad_enabled()


def set_grad_enabled_as_a_function(torch, leaf):
    found = []
    torch.set_grad_enabled(False)
    found.append((torch.is_grad_enabled(), (leaf(1) * 2).requires_grad))
    torch.set_grad_enabled(True)
    found.append((torch.is_grad_enabled(), (leaf(1) * 2).requires_grad))
    return found


def set_grad_enabled_as_a_block(torch):
    found = []
    with torch.set_grad_enabled(False):
        found.append(torch.is_grad_enabled())
    found.append(torch.is_grad_enabled())
    with torch.set_grad_enabled(mode=True):
        found.append(torch.is_grad_enabled())
    found.append(torch.is_grad_enabled())
    return found


def set_grad_enabled_as_a_decorator(torch, leaf):
    @torch.set_grad_enabled(False)
    def doubled(x):
        return x * 2

    return doubled(leaf(1)), torch.is_grad_enabled()


def enable_grad_as_a_decorator(torch, leaf):
    @torch.enable_grad()
    def doubled(x):
        return x * 2

    @torch.enable_grad
    def tripled(x):
        return x * 3

    with torch.no_grad():
        return doubled(leaf(1)), tripled(leaf(1)), torch.is_grad_enabled()


def generators_are_switched_while_they_run(torch):
    @torch.no_grad()
    def numbers():
        yield torch.is_grad_enabled()
        yield torch.is_grad_enabled()

    return [(inside, torch.is_grad_enabled()) for inside in numbers()]


def leaves_made_inside_still_require_gradients(torch):
    with torch.no_grad():
        x = torch.ones(2, requires_grad=True)
        y = torch.ones(2).requires_grad_()
    return x.requires_grad, y.requires_grad, (x * y).requires_grad


def leaves_may_be_written_inside(torch, leaf):
    x = leaf(3)
    with torch.no_grad():
        x.mul_(2)
        x[0] = 5.0
    return x * 1


def what_is_made_in_inference_mode(torch, floats, leaf):
    x, w = floats(2), leaf(2)
    with torch.inference_mode():
        made = x * 2, x[0], torch.ones(2), torch.tensor([1.0]), w * 2, w.detach(), torch.rand(2), x.reshape(2, 1)
        more = made[0][:1], made[0].clone(), made[0].detach(), torch.stack([x, x]), torch.nn.Linear(2, 2).weight
        x.add_(1)
    found = [(each.is_inference(), each.requires_grad) for each in (x, *made, *more)]
    a = made[0]
    later = a * 2, a.view(2, 1), a.clone(), a.detach(), a.to(torch.float64), a.data
    return found, [torch.is_inference(each) for each in later]


def what_may_not_be_done_with_it(torch, floats, leaf):
    x, w = floats(2), leaf(2, dtype="float32")
    with torch.inference_mode():
        a = x * 2
        part, of_leaf = a[:1], w[0]
    found = [
        refused(function)
        for function in (
            lambda: a.add_(1), lambda: a.zero_(), lambda: a.__setitem__(0, 5.0), lambda: a._version,
            lambda: part.add_(1), lambda: of_leaf.add_(1), lambda: a.requires_grad_(), lambda: torch.nn.Parameter(a),
            lambda: torch.add(x, x, out=a), lambda: a.uniform_(), lambda: w * a, lambda: w @ a, lambda: (w * w * a).sum(),
            lambda: a.copy_(x), lambda: torch.where(a > 0, w, w), lambda: a.exp(), lambda: x.copy_(a), lambda: w + a,
        )
    ]  # fmt: skip
    with torch.no_grad():
        found.append(refused(a.add_, 1))
        found.append(refused(torch.mul, w, a))
    with torch.inference_mode():
        found.append(refused(a.add_, 1))
        found.append(refused(a.requires_grad_))
    return found


def gradients_beside_it(torch, doubles, leaf):
    w = leaf(2)
    with torch.inference_mode():
        a = doubles(2) * 2
    return w + a, w * a.clone()


def kept_by_functions(torch, floats, leaf):
    class Doubled(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, y):
            ctx.save_for_backward(y)
            return x * 2

        @staticmethod
        def backward(ctx, gradient):
            return gradient * 2, None

    with torch.inference_mode():
        a = floats(2) * 2
    return refused(Doubled.apply, leaf(2), a)


def normal_mode_within_inference_mode(torch, floats):
    with torch.inference_mode():
        with torch.inference_mode(False):
            x = floats(2) * 2
            x.add_(1)
        return x.is_inference(), torch.ones(1).is_inference()
