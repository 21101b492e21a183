"""Parts of a model that may be computed again."""

from __future__ import annotations

import importlib
import warnings

from tests.eager.oracle.answers import refused


def results_and_gradients(torch, nn, leaf):
    checkpoint = importlib.import_module(f"{torch.__name__}.utils.checkpoint").checkpoint
    x = leaf(3)
    return checkpoint(lambda a, b: torch.sin(a) * b, x, x * 2, use_reentrant=False)


def states_of_devices(torch, leaf):
    module = _module(torch)
    devices, states = module.get_device_states(leaf(3), 2)
    return devices, states, module.set_device_states(devices, states)


def state_of_a_device_that_is_not_there(torch):
    _module(torch).set_device_states([0], [torch.zeros(3)])


def checks_that_a_gradient_reaches_the_inputs(torch, leaf):
    told = []
    for inputs in ([leaf(3), 2], [torch.zeros(2)], []):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            _module(torch).check_backward_validity(inputs)
        told.append([str(each.message) for each in caught])
    return told


def keywords(torch, leaf):
    checkpoint = importlib.import_module(f"{torch.__name__}.utils.checkpoint").checkpoint
    return checkpoint(lambda a, factor: torch.sin(a) * factor, leaf(2), use_reentrant=False, factor=3)


def keywords_with_the_older_way(torch, leaf):
    checkpoint = importlib.import_module(f"{torch.__name__}.utils.checkpoint").checkpoint
    return checkpoint(lambda a, factor: torch.sin(a) * factor, leaf(2), use_reentrant=True, factor=3)


def in_sequence(torch, nn, leaf):
    module = importlib.import_module(f"{torch.__name__}.utils.checkpoint")
    return module.checkpoint_sequential(
        nn.Sequential(nn.Tanh(), nn.Sigmoid(), nn.Tanh()), 2, leaf(3), use_reentrant=False
    )


def _module(torch):
    return importlib.import_module(f"{torch.__name__}.utils.checkpoint")


def _counted(torch, leaf, **options):
    calls = []
    x, y = leaf(3), leaf(3)

    def function(a):
        calls.append("begun")
        found = torch.sin(a) * y
        calls.append("nearly")
        found = found + 1
        calls.append("ended")
        return found

    _module(torch).checkpoint(function, x, **options).sum().backward()
    return calls, x.grad, y.grad


def called_again(torch, leaf):
    return [
        _counted(torch, leaf, **options)
        for options in (
            {"use_reentrant": True},
            {"use_reentrant": False},
            {"use_reentrant": False, "early_stop": False},
        )
    ]


def statistics_change_twice(torch, nn, floats):
    found = []
    for use_reentrant in (True, False):
        norm = nn.BatchNorm1d(2)
        layers = nn.Sequential(norm, nn.ReLU())
        x = floats(4, 2).requires_grad_()
        _module(torch).checkpoint(layers, x, use_reentrant=use_reentrant).sum().backward()
        found.append((norm.running_mean, norm.num_batches_tracked, norm.weight.grad, x.grad))
    return found


def draws_are_the_same(torch, leaf):
    found = []
    for use_reentrant in (True, False):
        drawn = []

        def function(a, drawn=drawn):
            drawn.append(torch.rand(3))
            return torch.sin(a * drawn[-1]) * 2

        x = leaf(3)
        _module(torch).checkpoint(function, x, use_reentrant=use_reentrant).sum().backward()
        after = torch.rand(1)
        torch.manual_seed(3)
        _module(torch).checkpoint(function, x, use_reentrant=use_reentrant, preserve_rng_state=False).sum().backward()
        found.append((len(drawn), torch.equal(*drawn[:2]), torch.equal(*drawn[2:]), torch.equal(after, drawn[0])))
    return found


def without_gradients(torch, leaf):
    calls = []

    def function(a):
        calls.append(torch.is_grad_enabled())
        return a * 2

    module = _module(torch)
    with torch.no_grad():
        module.checkpoint(function, leaf(2), use_reentrant=False)
    module.checkpoint(function, leaf(2).detach(), use_reentrant=False)
    module.checkpoint(function, leaf(2), use_reentrant=True)
    return calls


def blocks_around_both_calls(torch, leaf):
    seen = []

    class Block:
        def __init__(self, name):
            self.name = name

        def __enter__(self):
            seen.append(self.name)

        def __exit__(self, *error):
            seen.append("end")

    x = leaf(2)
    made = _module(torch).checkpoint(
        torch.sin, x, use_reentrant=False, context_fn=lambda: (Block("first"), Block("second"))
    )
    made.sum().backward()
    return seen, x.grad


def chosen_inputs(torch, leaf):
    x, y = leaf(2), leaf(2)
    module = _module(torch)
    made = module.checkpoint(lambda a: torch.sin(a) * y, x, use_reentrant=False)
    found = torch.autograd.grad(made.sum(), (x, y))
    older = module.checkpoint(lambda a: torch.sin(a) * y, x, use_reentrant=True)
    return found, refused(torch.autograd.grad, older.sum(), x), refused(older.sum().backward, inputs=[x])


def second_derivatives(torch, leaf):
    x = leaf(2)
    made = _module(torch).checkpoint(lambda a: torch.sin(a) * a, x, use_reentrant=False)
    (first,) = torch.autograd.grad(made.sum(), x, create_graph=True)
    return torch.autograd.grad(first.sum(), x)


def another_way_the_second_time(torch, leaf):
    module = _module(torch)
    found = []
    for first, second in (
        (lambda a: torch.sin(a) * a, lambda a: a + 1), (lambda a: torch.sin(a), lambda a: torch.sin(a[:1])),
    ):  # fmt: skip
        functions = iter([first, second])
        made = module.checkpoint(lambda a, functions=functions: next(functions)(a), leaf(2), use_reentrant=False)
        try:
            made.sum().backward()
        except module.CheckpointError as error:
            found.append(str(error).splitlines()[:3])
    functions = iter([lambda a: torch.sin(a), lambda a: torch.sin(torch.sin(a))])
    made = module.checkpoint(lambda a: next(functions)(a), leaf(2), use_reentrant=False, early_stop=False)
    try:
        made.sum().backward()
    except module.CheckpointError as error:
        found.append(str(error).splitlines()[0])
    return found


def inputs_written_over(torch, doubles, leaf):
    x = doubles(2)
    made = _module(torch).checkpoint(lambda a, b: torch.sin(a) * b, leaf(2), x, use_reentrant=False)
    x.add_(1)
    return (refused(made.sum().backward) or {"raises": None})["raises"]


def what_is_refused(torch, leaf):
    checkpoint = _module(torch).checkpoint
    return [
        refused(checkpoint, torch.sin, leaf(2), use_reentrant=False, determinism_check="some"),
        refused(checkpoint, torch.sin, leaf(2), use_reentrant=True, debug=True),
        refused(checkpoint, torch.sin, leaf(2), use_reentrant=False, debug=True, context_fn=lambda: (None, None)),
        refused(_module(torch).checkpoint_sequential, [torch.sin], 1, leaf(2), use_reentrant=False, other=1),
    ]


def segments(torch, nn, leaf):
    found = []
    for use_reentrant in (True, False):
        calls = []
        functions = [lambda a, place=place, calls=calls: (calls.append(place), torch.sin(a))[1] for place in range(5)]
        x = leaf(3)
        _module(torch).checkpoint_sequential(functions, 2, x, use_reentrant=use_reentrant).sum().backward()
        found.append((calls, x.grad))
    return found


def nested(torch, leaf):
    checkpoint = _module(torch).checkpoint
    x = leaf(3)

    def inner(a):
        return torch.sin(a) * a

    made = checkpoint(lambda a: checkpoint(inner, a * 2, use_reentrant=False) * a, x, use_reentrant=False)
    made.sum().backward()
    return x.grad
