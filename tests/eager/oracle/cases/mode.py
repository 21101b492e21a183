"""Whether calls are noted for gradients."""

from __future__ import annotations

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
