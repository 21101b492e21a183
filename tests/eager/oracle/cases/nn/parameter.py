"""`nn.Parameter`."""

from __future__ import annotations

CASES = """
nn.Parameter(floats(2))
nn.Parameter(floats(2)).is_leaf
nn.Parameter(floats(2), requires_grad=False)
nn.Parameter(floats(2), False).requires_grad
nn.Parameter().shape
nn.Parameter(data=floats(2)).shape
isinstance(nn.Parameter(floats(2)), torch.Tensor)
isinstance(floats(2), nn.Parameter)
type(nn.Parameter(floats(2)) * 2).__name__
type(nn.Parameter(floats(2)).data).__name__
type(nn.Parameter(floats(2)).detach()).__name__
nn.Parameter(ints(2))
nn.Parameter(ints(2), requires_grad=False)
nn.Parameter(leaf(2) * 2).is_leaf
nn.Parameter(nn.Parameter(floats(2))).requires_grad
nn.Parameter([1.0])
nn.Parameter(3.0)
"""


def data_is_shared(torch, nn, floats):
    x = floats(2)
    parameter = nn.Parameter(x)
    with torch.no_grad():
        parameter.mul_(2)
    return x, parameter


def gradients_are_collected(torch, nn, doubles):
    parameter = nn.Parameter(doubles(3))
    (parameter * doubles(3)).sum().backward()
    first = parameter.grad.clone()
    (parameter * 2).sum().backward()
    return first, parameter.grad


def a_deep_copy(torch, nn, floats):
    import copy

    parameter = nn.Parameter(floats(2), requires_grad=False)
    copied = copy.deepcopy(parameter)
    with torch.no_grad():
        parameter.zero_()
    return copied, type(copied).__name__, copied.requires_grad


def one_deep_copy_for_both_names(torch, nn, floats):
    import copy

    parameter = nn.Parameter(floats(2))
    first, second = copy.deepcopy([parameter, parameter])
    return first is second, first is parameter


def in_place_changes_need_no_grad(torch, nn, floats):
    nn.Parameter(floats(2)).add_(1)


def data_may_be_replaced(torch, nn, doubles):
    parameter = nn.Parameter(doubles(2))
    parameter.data = doubles(3)
    (parameter * 2).sum().backward()
    return parameter, parameter.grad, parameter.is_leaf


def buffers_of_their_own_kind(torch, nn, leaf):
    module = nn.Module()
    x = torch.ones(2)
    module.kept, module.other = nn.Buffer(x), nn.Buffer(torch.zeros(1), persistent=False)
    x.fill_(3)
    found = [module.state_dict(), dict(module.named_buffers()), isinstance(module.kept, nn.Buffer)]
    module.kept = torch.zeros(3)
    found += [isinstance(module.kept, nn.Buffer), list(module.state_dict()), isinstance(x, nn.Buffer)]
    module.kept = nn.Buffer(torch.zeros(1), persistent=False)
    return [*found, list(module.state_dict()), nn.Buffer(), nn.Buffer(leaf(2)).requires_grad]


def a_buffer_before_a_module_begins(torch, nn):
    from tests.eager.oracle.answers import refused

    class Early(nn.Module):
        def __init__(self):
            self.x = nn.Buffer(torch.ones(1))

    return refused(Early)
