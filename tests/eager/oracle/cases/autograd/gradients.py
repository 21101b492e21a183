"""`torch.autograd`: grad with all its arguments, modes, checks, hooks on several."""

from __future__ import annotations

from tests.eager.oracle.answers import refused

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


def _hooked(torch, function, *tensors):
    """What is packed, in which order what is unpacked, and the gradients."""
    packed, unpacked = [], []

    def pack(x):
        packed.append(x.detach().clone())
        return len(packed) - 1, x

    def unpack(kept):
        unpacked.append(kept[0])
        return kept[1]

    with torch.autograd.graph.saved_tensors_hooks(pack, unpack):
        made = function(*tensors)
    made.sum().backward()
    return packed, sorted(unpacked), [each.grad for each in tensors]


def what_is_packed(torch, leaf, doubles):
    other = doubles(2)
    return [
        _hooked(torch, function, leaf(2), leaf(2))
        for function in (
            lambda x, y: x * y, lambda x, y: x + y, lambda x, y: x * other + y, lambda x, y: torch.exp(x) * 2 + y,
            lambda x, y: torch.sin(x * 2) + y.tanh(), lambda x, y: (x[:1] * y).view(2, 1).t(),
        )
    ]  # fmt: skip


def what_is_given_back_counts(torch, leaf):
    x, y = leaf(2), leaf(2)
    with torch.autograd.graph.saved_tensors_hooks(lambda kept: kept.detach() * 10, lambda kept: kept):
        made = x * y
    made.sum().backward()
    return made, x.grad, y.grad


def packed_tensors_may_be_written_over(torch, leaf, doubles):
    x, y = leaf(2), doubles(2)
    with torch.autograd.graph.saved_tensors_hooks(lambda kept: kept.clone(), lambda kept: kept):
        made = x * y
    y.zero_()
    made.sum().backward()
    return x.grad


def hooks_that_do_wrong(torch, leaf):
    graph = torch.autograd.graph
    with graph.saved_tensors_hooks(lambda kept: kept, lambda kept: None):
        made = leaf(2) * leaf(2)
    with graph.saved_tensors_hooks(lambda kept: kept.add_(1) if kept.is_leaf else kept, lambda kept: kept):
        refusal = refused(torch.mul, leaf(2).detach(), leaf(2))
    with graph.disable_saved_tensors_hooks("not now"):
        disabled = refused(graph.saved_tensors_hooks(lambda kept: kept, lambda kept: kept).__enter__)
    return refused(made.sum().backward), refusal, disabled


def the_last_hooks_alone(torch, leaf):
    seen = []
    graph = torch.autograd.graph

    def hooks(name):
        return graph.saved_tensors_hooks(lambda kept: (seen.append(name), kept)[1], lambda kept: kept)

    x = leaf(2)
    with hooks("outer"):
        with hooks("inner"):
            made = x * x
        made = made * x
    with graph.save_on_cpu():
        made = made * x
    made.sum().backward()
    return seen, x.grad, made.grad_fn.name(), [each[0].name() for each in made.grad_fn.next_functions]


def hooks_and_second_derivatives(torch, leaf):
    x = leaf(2)
    with torch.autograd.graph.saved_tensors_hooks(lambda kept: kept, lambda kept: kept):
        made = (x * x * x).sum()
    (first,) = torch.autograd.grad(made, x, create_graph=True)
    return first, torch.autograd.grad(first.sum(), x)


def hooks_on_a_layer(torch, nn, doubles):
    layer = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)).double()
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(doubles(*parameter.shape))
    count = []
    with torch.autograd.graph.saved_tensors_hooks(lambda kept: (count.append(1), kept)[1], lambda kept: kept):
        loss = layer(doubles(5, 3)).square().mean()
    loss.backward()
    return loss, [each.grad for each in layer.parameters()]


def _pair(torch):
    w = torch.ones(3, dtype=torch.float64, requires_grad=True)
    return w, torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64, requires_grad=True)


def written_through_data_before_backward(torch):
    """Which PyTorch does not count: the gradient reads what is there by then."""
    found = []
    for write in (
        lambda w: w.data.mul_(10), lambda w: w.data[1:].fill_(9), lambda w: setattr(w, "data", w.detach() * 4),
        lambda w: w.data.clamp_(-0.5, 0.5), lambda w: w.data.t().add_(1),
    ):  # fmt: skip
        w, x = _pair(torch)
        y = (w * x).sum()
        write(w)
        y.backward()
        found += [x.grad, w.grad]
    return found


def values_on_the_way_written_through_data(torch):
    _, x = _pair(torch)
    h = x * 2
    y = (h * h).sum() + (h[1:] * h[:2]).sum()
    first = torch.autograd.grad(y, x, retain_graph=True)[0]
    h.data.fill_(5)
    second = torch.autograd.grad(y, x, retain_graph=True)[0]
    h.data.fill_(6)
    (third,) = torch.autograd.grad(y, x, create_graph=True)
    return first, second, third, torch.autograd.grad(third.sum(), x)[0]


def layers_written_through_data(torch):
    layer = torch.nn.Linear(2, 2).double()
    layer.weight.data.copy_(torch.arange(4.0).view(2, 2))
    layer.bias.data.zero_()
    x = torch.ones(1, 2, dtype=torch.float64, requires_grad=True)
    found = []
    for _ in range(3):
        y = layer(layer(x)).sum()
        y.item()
        layer.weight.data.clamp_(-1.5, 1.5)
        y.backward()
        layer.weight.data.sub_(0.1 * layer.weight.grad.data)
        found += [x.grad.clone(), layer.weight.grad.clone(), layer.weight.detach().clone()]
    return found
