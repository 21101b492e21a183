"""Hooks that see the gradients of a module's results and inputs."""

from __future__ import annotations


def _listed(gradients):
    return [None if each is None else each.detach().clone() for each in gradients]


def _pair(nn):
    class Pair(nn.Module):
        def forward(self, x, y):
            return x * y, x + 2 * y

    return Pair()


def gradients_are_seen_and_changed(torch, nn, doubles):
    seen = []
    module = _pair(nn)
    handle = module.register_full_backward_hook(lambda _, inner, outer: seen.append([_listed(inner), _listed(outer)]))
    module.register_full_backward_hook(lambda _, inner, outer: (None if inner[0] is None else inner[0] * 2, inner[1]))
    module.register_full_backward_pre_hook(lambda _, outer: seen.append(_listed(outer)))
    module.register_full_backward_pre_hook(lambda _, outer: (None if outer[0] is None else outer[0] * 10, outer[1]))
    module.register_full_backward_hook(lambda _, inner, outer: seen.append("first"), prepend=True)
    x, y = doubles(2).requires_grad_(), doubles(2).requires_grad_()
    first, second = module(x, y)
    (first.sum() + second.square().sum()).backward()
    found = [x.grad.clone(), y.grad.clone()]
    module(x, y)[0].sum().backward()
    module(x.detach(), y)[1].sum().backward()
    found += [x.grad.clone(), y.grad.clone()]
    handle.remove()
    found.append(torch.autograd.grad(module(x, y)[0].sum(), [x, y]))
    return [*found, seen]


def inputs_without_gradients(torch, nn, doubles):
    import warnings

    seen = []
    layer = nn.Linear(2, 2).double()
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(doubles(*parameter.shape))
    layer.register_full_backward_hook(lambda _, inner, outer: seen.append([_listed(inner), _listed(outer)]))
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        layer(doubles(1, 2)).sum().backward()
    return [seen, layer.bias.grad, [str(each.message) for each in told]]


def what_hooks_may_not_return(torch, nn, doubles):
    found = []
    for name, result in (
        ("register_full_backward_hook", (None,)),
        ("register_full_backward_pre_hook", (None, None, None)),
    ):
        module = _pair(nn)
        getattr(module, name)(lambda *given, result=result: result)
        try:
            module(doubles(2).requires_grad_(), doubles(2))[0].sum().backward()
        except RuntimeError as error:
            found.append(str(error))
    layer = nn.Linear(2, 1)
    layer.register_full_backward_hook(lambda *given: (torch.ones(1),))
    try:
        layer(torch.ones(1, 2)).sum().backward()
    except RuntimeError as error:
        found.append(str(error))
    return found


def results_that_are_no_tensors(torch, nn, floats):
    import warnings

    class Named(nn.Module):
        def forward(self, x):
            return {"x": x * 2}

    module = Named()
    module.register_full_backward_hook(lambda *given: None)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        module(floats(2).requires_grad_())
    return [str(each.message) for each in told]


def the_older_form_sees_the_last_operation(torch, nn, doubles):
    seen = []
    module = _pair(nn)
    handle = module.register_backward_hook(lambda _, inner, outer: seen.append([_listed(inner), _listed(outer)]))
    x, y = doubles(2).requires_grad_(), doubles(2).requires_grad_()
    first, second = module(x, y)
    (first.sum() + second.square().sum()).backward()
    handle.remove()
    module(x, y)[0].sum().backward()
    module.register_backward_hook(lambda _, inner, outer: (inner[0] * 2, inner[1]))
    module(x, y)[0].sum().backward()
    return x.grad, y.grad, seen


def the_older_form_alone(torch, nn):
    from tests.eager.oracle.answers import refused

    old, full = nn.ReLU(), nn.ReLU()
    old.register_backward_hook(print)
    full.register_full_backward_hook(print)
    return [
        refused(lambda: old.register_full_backward_hook(print)),
        refused(lambda: full.register_backward_hook(print)),
    ]
