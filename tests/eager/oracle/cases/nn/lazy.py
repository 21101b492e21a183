"""Modules and parameters that have no shape at first."""

from __future__ import annotations

import copy

from tests.eager.oracle.answers import REFUSALS, refusal

CASES = """
repr(nn.LazyLinear(4))
repr(nn.LazyLinear(4, bias=False))
nn.LazyLinear(4)(floats(2, 3)).shape
nn.LazyLinear(4, False, dtype=torch.float64)(doubles(5, 2, 3)).shape
nn.LazyLinear(4).in_features
nn.LazyLinear(4).has_uninitialized_params()
nn.LazyLinear(4).weight.dtype
nn.LazyLinear(4).weight.device
nn.LazyLinear(4).weight.requires_grad
nn.LazyLinear(4).weight.is_leaf
nn.LazyLinear(4).weight.grad
nn.LazyLinear(4).weight.shape
nn.LazyLinear(4).double().bias.dtype
nn.LazyLinear(4).to(torch.float16).weight.dtype
repr(nn.LazyLinear(4).weight)
repr(nn.LazyLinear(4).state_dict())
repr(nn.UninitializedBuffer())
nn.UninitializedBuffer().requires_grad
nn.UninitializedBuffer(persistent=False).persistent
isinstance(nn.UninitializedParameter(), nn.Parameter)
nn.UninitializedParameter(requires_grad=False, dtype=torch.float64).requires_grad
"""


def _what_becomes_of(torch, thing, *arguments, **options):
    thing.materialize(*arguments, **options)
    with torch.no_grad():
        thing.fill_(2)
    return thing, type(thing).__name__, thing.requires_grad


def parameters_and_buffers_get_a_shape(torch, nn):
    return [
        _what_becomes_of(torch, nn.UninitializedParameter(), (2, 1)),
        _what_becomes_of(torch, nn.UninitializedParameter(False, dtype=torch.float64), (1,)),
        _what_becomes_of(torch, nn.UninitializedBuffer(), (2,), dtype=torch.int64),
    ]


def whatever_reads_them_is_refused(torch, nn, floats):
    weight, found = nn.LazyLinear(4).weight, []
    for use in (
        lambda: weight + 1, lambda: floats(1) * weight, lambda: weight.sum(), lambda: weight.numel(),
        lambda: weight.detach(), lambda: weight[0],
    ):  # fmt: skip
        try:
            use()
        except REFUSALS as error:
            found.append(type(error).__name__)
    return found


def a_lazy_layer_becomes_a_plain_one(torch, nn, floats):
    layer = nn.LazyLinear(4)
    optimizer = torch.optim.SGD(layer.parameters(), 0.1)
    kept = layer.weight
    layer(floats(2, 3)).sum().backward()
    optimizer.step()
    return (
        type(layer).__name__,
        layer.weight is kept,
        repr(layer),
        type(kept).__name__,
        kept.grad.shape,
        layer.in_features,
    )


def hooks_see_the_plain_module(torch, nn, floats):
    seen = []
    layer = nn.LazyLinear(2)
    layer.register_forward_pre_hook(lambda module, arguments: seen.append(type(module).__name__))
    layer.register_forward_hook(lambda module, arguments, result: seen.append(tuple(result.shape)))
    layer(floats(2, 3))
    return seen


def a_lazy_module_in_a_network(torch, nn, floats):
    network = nn.Sequential(nn.LazyConv2d(2, 3), nn.Flatten(), nn.LazyLinear(3))
    copied = copy.deepcopy(network)
    network(floats(2, 1, 4, 4))
    return repr(network), repr(copied), [tuple(each.shape) for each in network.parameters()]


def loading_into_a_lazy_module(torch, nn, floats):
    source, target = nn.Linear(3, 2), nn.LazyLinear(2)
    told = repr(target.load_state_dict(source.state_dict()))
    state = target.has_uninitialized_params(), target.in_features, type(target).__name__
    x = floats(4, 3)
    same = bool((source(x) == target(x)).all())
    return told, state, same, type(target).__name__, target.in_features


def an_input_that_does_not_fit_what_was_loaded(torch, nn, floats):
    target = nn.LazyLinear(2)
    target.load_state_dict(nn.Linear(3, 2).state_dict())
    try:
        target(floats(4, 5))
    except AssertionError as error:
        return str(error)


def loading_what_is_lazy(torch, nn):
    found = [repr(nn.LazyLinear(2).load_state_dict(nn.LazyLinear(3).state_dict()))]
    try:
        nn.Linear(3, 2).load_state_dict(nn.LazyLinear(2).state_dict())
    except RuntimeError as error:
        found.append(refusal(error))
    return found


def modules_of_users(torch, nn, floats):
    mixin = nn.LazyLinear.__mro__[1]

    class Scale(mixin, nn.Module):
        def __init__(self):
            super().__init__()
            self.factor = nn.UninitializedParameter()
            self.register_buffer("total", nn.UninitializedBuffer())

        def initialize_parameters(self, input):
            if self.has_uninitialized_params():
                self.factor.materialize(input.shape[1:])
                nn.init.ones_(self.factor)

        def forward(self, input):
            return input * self.factor

    class Unready(mixin, nn.Module):
        pass

    scale, found = Scale(), []
    for call in (lambda: scale(floats(2, 3)), lambda: Unready()(1)):
        try:
            call()
        except (RuntimeError, NotImplementedError) as error:
            found.append(refusal(error))
    del scale.total
    found.append(scale(floats(2, 3)).shape)
    found.append(type(scale).__name__)
    return found
