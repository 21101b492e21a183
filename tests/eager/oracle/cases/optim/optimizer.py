"""What all optimizers share: groups, state, closures, refusals."""

from __future__ import annotations

import copy

from tests.eager.oracle.answers import refused as _refused

CASES = """
optim.SGD(floats(2), lr=0.1)
optim.SGD([], lr=0.1)
optim.SGD(iter([]), lr=0.1)
optim.SGD(3, lr=0.1)
optim.SGD([3], lr=0.1)
optim.SGD([leaf(2) * 2], lr=0.1)
optim.SGD([[leaf(2)]], lr=0.1)
optim.SGD([{"params": []}], lr=0.1).param_groups[0]["params"]
optim.SGD([{"lr": 0.1}])
optim.SGD([{"params": {leaf(2)}}], lr=0.1).state
optim.SGD([leaf(1), {"params": [leaf(2)]}], lr=0.1)
len(optim.SGD(nn.Linear(2, 2).parameters(), lr=0.1).param_groups[0]["params"])
len(optim.SGD(iter([leaf(1), leaf(1)]), lr=0.1).param_groups[0]["params"])
optim.SGD([leaf(2)], lr=0.1).param_groups[0]["lr"]
optim.SGD(nn.Linear(2, 2).named_parameters(), lr=0.1).param_groups[0]["param_names"]
isinstance(optim.SGD([leaf(2)]), optim.Optimizer)
sorted(optim.SGD([leaf(2)], lr=0.1).param_groups[0])
sorted(optim.Adam([leaf(2)], lr=0.1).param_groups[0])
optim.SGD([leaf(2)], lr=0.1).state_dict()
optim.Adam([leaf(2)], lr=0.1).state_dict()
optim.SGD([floats(2)], lr=0.1).step()
optim.SGD([leaf(2)], lr=torch.tensor([0.1, 0.2]))
"""


def _step(optimizer, *parameters):
    optimizer.zero_grad()
    sum(each.square().sum() for each in parameters).backward()
    optimizer.step()
    return [each.detach().clone() for each in parameters]


def groups_with_settings_of_their_own(torch, doubles):
    x, y, z = (doubles(2).requires_grad_() for _ in range(3))
    optimizer = torch.optim.SGD(
        [{"params": [x]}, {"params": y, "lr": 0.5, "momentum": 0.9}, {"params": iter([z]), "weight_decay": 0.1}], lr=0.1
    )
    found = [_step(optimizer, x, y, z) for _ in range(3)]
    return found, [{key: value for key, value in group.items() if key != "params"} for group in optimizer.param_groups]


def groups_added_later(torch, doubles):
    x, y = doubles(2).requires_grad_(), doubles(2).requires_grad_()
    optimizer = torch.optim.Adam([x], lr=0.1)
    found = [_step(optimizer, x, y)]
    optimizer.add_param_group({"params": [y], "lr": 0.3})
    found.extend(_step(optimizer, x, y) for _ in range(2))
    return found, len(optimizer.param_groups), optimizer.param_groups[1]["betas"]


def groups_edited_in_place(torch, doubles):
    x = doubles(2).requires_grad_()
    optimizer = torch.optim.SGD([x], lr=0.1, momentum=0.9)
    found = []
    for step in range(3):
        for group in optimizer.param_groups:
            group["lr"] = 0.1 / (step + 1)
            group["weight_decay"] = 0.01 * step
        found.append(_step(optimizer, x))
    return found


def refused_groups(torch, leaf):
    x, y = leaf(2), leaf(2)
    optimizer = torch.optim.SGD([x], lr=0.1)
    return [
        _refused(optimizer.add_param_group, {"params": [x]}), _refused(optimizer.add_param_group, {"params": [3]}),
        _refused(optimizer.add_param_group, [y]), _refused(optimizer.add_param_group, {"params": [y * 2]}),
        _refused(optimizer.add_param_group, {"params": {y}}), _refused(optimizer.add_param_group, {"lr": 1.0}),
        _refused(torch.optim.SGD, [{"params": [x]}, {"params": [x]}], lr=0.1), len(optimizer.param_groups),
    ]  # fmt: skip


def a_parameter_twice_in_a_group_is_warned_of(torch, leaf):
    import warnings

    x = leaf(2)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        torch.optim.SGD([x, x], lr=0.1)
    return [str(each.message).partition(";")[0] for each in told]


def parameters_without_a_gradient_stay(torch, doubles):
    x, y = doubles(2).requires_grad_(), doubles(2).requires_grad_()
    optimizer = torch.optim.SGD([x, y], lr=0.1, momentum=0.9)
    x.square().sum().backward()
    optimizer.step()
    return x, y, y.grad, sorted(optimizer.state_dict()["state"])


def gradients_add_up_until_they_are_forgotten(torch, doubles):
    x = doubles(2).requires_grad_()
    optimizer = torch.optim.SGD([x], lr=0.1)
    x.square().sum().backward()
    x.square().sum().backward()
    first = x.grad.clone()
    optimizer.zero_grad(set_to_none=False)
    zeros = x.grad.clone()
    optimizer.zero_grad()
    return first, zeros, x.grad


def closures_compute_the_loss(torch, doubles):
    x = doubles(2).requires_grad_()
    optimizer = torch.optim.SGD([x], lr=0.1)

    def closure():
        optimizer.zero_grad()
        loss = x.square().sum()
        loss.backward()
        return loss

    with torch.no_grad():
        losses = [optimizer.step(closure).detach() for _ in range(3)]
    return losses, x, optimizer.step()


def state_survives_a_round_trip(torch, doubles):
    found = []
    for kind, options in (("SGD", {"momentum": 0.9}), ("Adam", {}), ("Adam", {"amsgrad": True})):
        x, y = doubles(2).requires_grad_(), doubles(3).requires_grad_()
        optimizer = getattr(torch.optim, kind)([{"params": [x]}, {"params": [y], "lr": 0.3}], lr=0.1, **options)
        for _ in range(2):
            _step(optimizer, x, y)
        saved = copy.deepcopy(optimizer.state_dict())
        u, v = x.detach().clone().requires_grad_(), y.detach().clone().requires_grad_()
        other = getattr(torch.optim, kind)([{"params": [u]}, {"params": [v]}], lr=9.0)
        other.load_state_dict(saved)
        found.append((_step(optimizer, x, y), _step(other, u, v), other.param_groups[1]["lr"]))
    return found


def loaded_state_is_a_copy(torch, doubles):
    x = doubles(2).requires_grad_()
    optimizer = torch.optim.SGD([x], lr=0.1, momentum=0.9)
    _step(optimizer, x)
    saved = optimizer.state_dict()
    other = torch.optim.SGD([x], lr=0.1, momentum=0.9)
    other.load_state_dict(copy.deepcopy(saved))
    saved["param_groups"][0]["lr"] = 7.0
    return other.param_groups[0]["lr"], optimizer.param_groups[0]["lr"]


def loaded_state_has_the_parameters_dtype(torch, doubles, floats):
    x, y = doubles(2).requires_grad_(), floats(2).requires_grad_()
    optimizer = torch.optim.Adam([x], lr=0.1)
    _step(optimizer, x)
    other = torch.optim.Adam([y], lr=0.1)
    other.load_state_dict(optimizer.state_dict())
    return {name: value.dtype for name, value in other.state[y].items()}


def refused_states(torch, leaf):
    one = torch.optim.SGD([leaf(2)], lr=0.1)
    two = torch.optim.SGD([{"params": [leaf(2)]}, {"params": [leaf(2)]}], lr=0.1)
    more = torch.optim.SGD([leaf(2), leaf(2)], lr=0.1)
    return [
        _refused(one.load_state_dict, two.state_dict()), _refused(one.load_state_dict, more.state_dict()),
        _refused(one.load_state_dict, {}),
    ]  # fmt: skip


def parameters_are_the_keys_of_the_state(torch, doubles):
    x = doubles(2).requires_grad_()
    optimizer = torch.optim.SGD([x], lr=0.1, momentum=0.9)
    _step(optimizer, x)
    return list(optimizer.state[x]), len(optimizer.state), x in optimizer.state


def parameters_are_changed_in_place(torch, nn, floats):
    layer = nn.Linear(2, 1)
    weight, before = layer.weight, layer.weight.detach().clone()
    alias = layer.weight.detach()
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
    layer(floats(3, 2)).sum().backward()
    optimizer.step()
    return [
        layer.weight is weight, bool((weight != before).any()), bool((alias == weight).all()), weight.is_leaf,
        weight.requires_grad,
    ]  # fmt: skip


def texts(torch, leaf):
    optimizer = torch.optim.SGD([{"params": [leaf(1)]}, {"params": [leaf(2)], "lr": 0.5}], lr=0.1)
    return repr(optimizer), repr(torch.optim.Adam([leaf(1)]))


def a_rate_in_a_tensor(torch, doubles):
    x = doubles(2).requires_grad_()
    optimizer = torch.optim.SGD([x], lr=torch.tensor(0.1, dtype=torch.float64), foreach=False)
    return [_step(optimizer, x) for _ in range(2)]


def one_that_wraps_another_and_never_began(torch, doubles):
    class Halving(torch.optim.Optimizer):
        def __init__(self, inner):
            self.inner = inner

        @torch.no_grad()
        def step(self, closure=None):
            for group in self.inner.param_groups:
                for each in group["params"]:
                    each.grad.mul_(0.5)
            self.inner.step()

    x = doubles(2).requires_grad_()
    optimizer = Halving(torch.optim.SGD([x], lr=0.1))
    for _ in range(2):
        x.grad = None
        x.square().sum().backward()
        optimizer.step()
    return x
