"""`torch.autograd`: grad with all its arguments, modes, checks, hooks on several."""

from __future__ import annotations

CASES = """
torch.autograd.Variable(floats(2))
torch.autograd.Variable(floats(2), requires_grad=True).requires_grad
torch.autograd.Variable(floats(2), volatile=True).requires_grad
torch.autograd.Variable(3)
torch.autograd.Variable([1.0])
isinstance(floats(2), torch.autograd.Variable)
torch.autograd.graph.register_multi_grad_hook((leaf(2),), print, mode="odd")
torch.autograd.graph.get_gradient_edge(floats(2))
torch.autograd.gradcheck(torch.sin, doubles(2))
torch.autograd.gradcheck(torch.sin, leaf(2))
torch.autograd.gradcheck(lambda x, y: (x * y, x + y), (leaf(2), leaf(2)))
torch.autograd.gradcheck(lambda x: x.detach() * x, (leaf(2),), raise_exception=False)
torch.autograd.gradgradcheck(lambda x: torch.sin(x) * x, (leaf(2),))
torch.is_inference_mode_enabled()
"""


def batched_weights(torch, leaf, doubles):
    x = leaf(3)
    return torch.autograd.grad(x * x, x, doubles(2, 3), is_grads_batched=True)


def inputs_alone(torch, leaf):
    x = leaf(3)
    return torch.autograd.grad((x * x).sum(), x, None, None, False, True, False, False)


def zeros_for_what_is_not_used(torch, leaf):
    x, y = leaf(2), leaf(2)
    return torch.autograd.grad(x.sum(), (x, y), materialize_grads=True)


def a_check_that_fails(torch, leaf):
    try:
        torch.autograd.gradcheck(lambda x: x.detach() * x, (leaf(2),))
    except RuntimeError as error:
        return type(error).__name__, str(error).splitlines()[0]


def inference(torch, leaf):
    @torch.inference_mode()
    def doubled(x):
        return x * 2, torch.is_inference_mode_enabled()

    with torch.inference_mode():
        made = leaf(2) * 2
        with torch.inference_mode(False):
            within = torch.is_inference_mode_enabled(), torch.is_grad_enabled()
        found = torch.is_inference_mode_enabled(), torch.is_grad_enabled()
    return made.requires_grad, within, found, doubled(leaf(2))[1], torch.is_inference_mode_enabled()


def the_switch_in_its_forms(torch, leaf):
    found = []
    with torch.set_grad_enabled(False):
        found.append((leaf(1) * 2).requires_grad)
    found.append(torch.is_grad_enabled())

    @torch.set_grad_enabled(False)
    def doubled(x):
        return x * 2

    found.append(torch.is_grad_enabled())
    found.append(doubled(leaf(1)).requires_grad)
    with torch.autograd.set_grad_enabled(mode=True):
        found.append(torch.is_grad_enabled())
    return found


def several_gradients_at_once(torch, leaf):
    a, b, c = leaf(2), leaf(2), leaf(2)
    seen, first = [], []
    torch.autograd.graph.register_multi_grad_hook(
        (a, b, c), lambda found: seen.append([each is None for each in found])
    )
    handle = torch.autograd.graph.register_multi_grad_hook((a, b), lambda found: first.append(1), mode="any")
    (a * b).sum().backward()
    handle.remove()
    (a * b * c).sum().backward()
    return seen, first


def not_a_number(torch, leaf):
    x = leaf(2).detach().requires_grad_()
    with torch.autograd.detect_anomaly():
        made = torch.sqrt(-x.abs() * 0 - 1).sum()
        made.backward()


def numbers_are_let_through(torch, leaf):
    with torch.autograd.set_detect_anomaly(True):
        made = torch.sqrt(leaf(2).abs()).sum()
    with torch.autograd.detect_anomaly(check_nan=False):
        torch.log(leaf(2) * 0).sum().backward()
    return made


def inference_mode_of_functions(torch, leaf):
    @torch.inference_mode
    def doubled(x):
        return x * 2

    return doubled(leaf(2)).requires_grad, doubled.__name__


def by_the_weights_after_the_gradient_was_read(torch, leaf):
    x, w = leaf(2), leaf(2)
    (first,) = torch.autograd.grad(torch.sin(x) * x, x, w, create_graph=True)
    first.tolist()
    return torch.autograd.grad(first, w, torch.ones(2, dtype=torch.float64))


def what_was_freed_behind_a_leaf_that_is_unused(torch, leaf):
    x = leaf(3)
    made = torch.sin(x)
    made.sum().backward()
    made.tolist()
    return torch.autograd.grad(made.sum(), x, allow_unused=True)


def weights_of_another_type(torch, leaf, floats):
    x = leaf(2)
    return torch.autograd.grad(x * 2, x, floats(2))


def anomalies_by_hand(torch):
    torch.set_anomaly_enabled(True, False)
    found = torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()
    torch.set_anomaly_enabled(False)
    return found, torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()
