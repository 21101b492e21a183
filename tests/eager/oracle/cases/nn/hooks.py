"""Hooks of one module, and of all."""

from __future__ import annotations

import importlib


def _of_all(torch):
    name = "torch.nn.modules.module" if torch.__name__ == "torch" else f"{torch.__name__}.nn.hooks"
    return importlib.import_module(name)


def hooks_of_all_modules(torch, nn, floats):
    module, seen = _of_all(torch), []
    handles = [
        module.register_module_forward_pre_hook(lambda m, given: seen.append(["before", type(m).__name__])),
        module.register_module_forward_hook(lambda m, given, result: seen.append(["after", type(m).__name__])),
        module.register_module_forward_hook(
            lambda m, given, options, result: seen.append(["options", sorted(options)]), with_kwargs=True
        ),
        module.register_module_full_backward_pre_hook(lambda m, outer: seen.append(["to", type(m).__name__])),
        module.register_module_full_backward_hook(lambda m, inner, outer: seen.append(["from", type(m).__name__])),
    ]
    net = nn.Sequential(nn.Identity(), nn.Tanh())
    net(input=floats(2).requires_grad_()).sum().backward()
    for handle in handles:
        handle.remove()
    net(floats(2))
    return seen


def hooks_of_registration(torch, nn, floats):
    module, seen = _of_all(torch), []
    handles = [
        module.register_module_parameter_registration_hook(lambda m, name, each: seen.append(["parameter", name])),
        module.register_module_buffer_registration_hook(lambda m, name, each: seen.append(["buffer", name])),
        module.register_module_module_registration_hook(lambda m, name, each: seen.append(["module", name])),
    ]
    holder = nn.Module()
    holder.layer = nn.Linear(1, 1, bias=False)
    holder.add_module("other", nn.Identity())
    holder.register_buffer("kept", floats(1))
    for handle in handles:
        handle.remove()
    holder.last = nn.Identity()
    return seen


def hooks_that_are_always_called(torch, nn):
    class Broken(nn.Module):
        def forward(self):
            raise ValueError("broken")

    seen = []
    module = Broken()
    module.register_forward_hook(lambda m, given, result: seen.append(["always", result]), always_call=True)
    module.register_forward_hook(lambda m, given, result: seen.append(["never", result]))
    try:
        module()
    except ValueError as error:
        seen.append(str(error))
    return seen


def hooks_that_fail_after_an_error_are_warned_of(torch, nn):
    import warnings

    class Broken(nn.Module):
        def forward(self):
            raise ValueError("broken")

    def hook(module, given, options, result):
        raise RuntimeError("worse")

    module = Broken()
    module.register_forward_hook(hook, with_kwargs=True, always_call=True)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            module()
        except ValueError as error:
            return [str(error), [str(each.message) for each in told]]
    return None
