"""What public programs count on and reimplementations get wrong, a program each."""

from __future__ import annotations

import copy
import math
import warnings
from operator import mod

import numpy as np


def _told(program):
    """What a program gives, and the warnings on its way, without the place in C++ that some name."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        found = program()
    return found, [[each.category.__name__, str(each.message).split(" (Triggered internally")[0]] for each in seen]


def _refusal(program):
    try:
        return program()
    except Exception as error:
        return type(error).__name__, str(error)


# -- .data ----


def data_is_read(torch, floats):
    loss = (floats(3).requires_grad_() * 2).sum()
    return loss.data, loss.data.requires_grad, loss.data.item()


def data_is_stepped_along_the_gradient(torch, leaf_of):
    p = leaf_of([1.0, -2.0])
    (p**2).sum().backward()
    p.data.add_(p.grad.data, alpha=-0.1)
    return p.detach(), p.is_leaf, p.requires_grad, p._version


def weights_are_clamped(torch, leaf_of):
    made = torch.nn.Linear(3, 2)
    made.weight.data.fill_(0.5)
    for p in made.parameters():
        p.data.clamp_(-0.01, 0.01)
    return made.weight, bool((made.bias.abs() <= 0.01).all())


def data_is_replaced(torch, floats):
    made = torch.nn.Linear(2, 2)
    alias = made.weight
    made.weight.data = floats(2, 2)
    made.bias.data = torch.zeros(2)
    return alias, made(floats(1, 2)), alias is made.weight


def data_of_a_number_has_no_items(torch):
    loss = torch.tensor(2.0, requires_grad=True) * 3
    return _refusal(lambda: loss.data[0]), _refusal(lambda: loss[0]), loss.item()


# -- writes in place ----


def columns_are_written(torch, floats):
    x = torch.zeros(2, 3)
    for i in range(3):
        x[:, i] = floats(2)
    return x


def positions_are_added_to_tokens(torch, leaf):
    tokens, positions = leaf(2, 3) * 1, leaf(3)
    tokens += positions
    return tokens


def attention_is_masked(torch, leaf):
    scores = leaf(2, 3) * 1
    scores.masked_fill_(torch.tensor([[True, False, False], [False, True, False]]), -1e9)
    return scores.softmax(-1)


def residuals_are_added_in_forward(torch, leaf):
    x = leaf(2, 3)
    out = torch.nn.functional.linear(x, leaf(3, 3))
    out += x
    return torch.nn.ReLU(inplace=True)(out)


def leaves_stay_themselves(torch, leaf_of):
    w = leaf_of([1.0, 2.0])
    kept = [w]
    for _ in range(2):
        (w**3).sum().backward()
        with torch.no_grad():
            w -= 0.1 * w.grad
        w.grad.zero_()
    return w.detach(), kept[0] is w, w.is_leaf, w.grad


def leaves_are_not_written(torch, leaf_of):
    w = leaf_of([1.0, 2.0])
    return _refusal(lambda: w.add_(1)), _refusal(lambda: w.__setitem__(0, 3.0))


def what_backward_needs_is_not_written(torch, leaf_of):
    w = leaf_of([1.0, 2.0])
    y = w.exp()
    y.add_(1)
    return _refusal(lambda: y.sum().backward())[0], y._version


def steps_are_seen_through_aliases(torch, leaf_of):
    made = torch.nn.Linear(2, 1)
    kept, head = list(made.parameters()), made.weight[0]
    before = head.detach().clone()
    optimizer = torch.optim.SGD(made.parameters(), lr=0.5)
    made(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    return before - head, kept[0] is made.weight


def weights_are_initialised_in_place(torch):
    def weights_init(module):
        name = module.__class__.__name__
        if name.find("Conv") != -1:
            module.weight.data.normal_(0.0, 0.02)
        elif name.find("BatchNorm") != -1:
            module.weight.data.fill_(1.0)
            module.bias.data.zero_()

    nn = torch.nn
    made = nn.Sequential(nn.Conv2d(3, 64, 4), nn.BatchNorm2d(64), nn.ConvTranspose2d(64, 3, 4), nn.Linear(2, 2))
    made.apply(weights_init)
    spread = [0.018 < float(made[place].weight.std()) < 0.022 for place in (0, 2)]
    return spread, made[1].weight.sum(), made[1].bias.abs().sum()


# -- memory shared with numpy ----


def arrays_are_shared(torch):
    array = np.zeros(3, np.float32)
    x = torch.from_numpy(array)
    array[0] = 5
    before = x.clone()
    x[1] = 7
    x.add_(1)
    return before, x, array


def replay_buffers_change_under_tensors(torch):
    buffer = np.zeros((4, 2), np.float32)
    batch = torch.from_numpy(buffer)[1:3]
    doubled = batch * 2
    buffer[1] = 3
    return doubled, batch * 2, batch.sum()


def tensors_are_shared(torch):
    x = torch.zeros(2, 2)
    array = x.numpy()
    x.t()[0, 1] = 4
    array[0, 0] = 9
    return x, array


def gradients_are_not_shared(torch, leaf_of):
    return _refusal(lambda: leaf_of([1.0]).numpy())


# -- what is old ----


def averages_by_their_older_names(torch, leaf):
    F, x = torch.nn.functional, leaf(2, 3)
    target = torch.tensor([0, 2])
    return _told(lambda: [
        torch.nn.MSELoss(size_average=False)(x, x.detach() + 1),
        F.nll_loss(x, target, size_average=False),
        torch.nn.CrossEntropyLoss(reduce=False)(x, target),
        F.binary_cross_entropy(x.sigmoid(), torch.ones_like(x), size_average=True),
    ])  # fmt: skip


def variables(torch, floats):
    Variable, x = torch.autograd.Variable, floats(2)
    made, told = _told(lambda: Variable(x, requires_grad=True))
    return (
        made,
        told,
        isinstance(x, Variable),
        _told(lambda: Variable(x, volatile=True)),
        _told(lambda: Variable(x, volatile=False)),
    )


def types_by_name(torch, floats):
    return [
        torch.FloatTensor([1, 2]), torch.FloatTensor(2, 3).shape, torch.LongTensor([1, 2]), torch.ByteTensor([1, 0]),
        floats(2).type(torch.LongTensor), floats(2).type("torch.DoubleTensor"), floats(2).type(),
        torch.tensor([1]).type(torch.FloatTensor), isinstance(floats(2), torch.FloatTensor),
        isinstance(floats(2), torch.LongTensor), floats(2).type_as(torch.tensor([1])), floats(2).new(3).shape,
        floats(2).new([1, 2]), (torch.cuda.FloatTensor if torch.cuda.is_available() else torch.FloatTensor)([3]),
        torch.cuda.FloatTensor.__name__, torch.cuda.LongTensor.__name__,
    ]  # fmt: skip


def random_integers(torch):
    many, few = torch.LongTensor(50).random_(), torch.LongTensor(50).random_(5)
    between, floats, bits = torch.LongTensor(50).random_(2, 5), torch.FloatTensor(50).random_(), torch.ByteTensor(50)
    return [
        many.dtype, bool((many >= 0).all()), bool(many.max() > 2**40), bool(((few >= 0) & (few < 5)).all()),
        sorted(set(between.tolist())), bool((floats <= 2**24).all()), sorted(set(bits.random_(0, 2).tolist())),
    ]  # fmt: skip


def byte_masks(torch, floats):
    x, mask = floats(3), torch.tensor([1, 0, 1], dtype=torch.uint8)
    return [
        _told(lambda: x[mask]), _told(lambda: x.__setitem__(mask, torch.zeros(2))), x,
        _refusal(lambda: x.__setitem__(mask, 1.0)), _refusal(lambda: x.masked_fill_(mask, 1.0)),
    ]  # fmt: skip


def axes_that_are_not_said(torch, floats):
    F, x = torch.nn.functional, floats(2, 3)
    return _told(lambda: F.softmax(x)), _told(lambda: torch.nn.LogSoftmax()(x))


def functions_by_their_older_names(torch):
    init, x = torch.nn.init, torch.zeros(2, 2)
    return [
        _told(lambda: init.constant(x, 3.0).tolist()), _told(lambda: init.xavier_uniform(x).shape),
        _told(lambda: init.kaiming_normal(x).shape), _told(lambda: torch.nn.utils.clip_grad_norm([x], 1.0)),
        _told(lambda: torch.nn.functional.upsample(torch.ones(1, 1, 2, 2), scale_factor=2).shape),
    ]  # fmt: skip


def copies_of_tensors(torch, floats):
    return _told(lambda: torch.tensor(floats(2)))


# -- gradients ----


def gradients_of_gradients(torch, leaf):
    x = leaf(3)
    (first,) = torch.autograd.grad((x**3).sum(), x, create_graph=True)
    return ((first.norm() - 1) ** 2).sum()


def a_graph_is_gone_through_twice(torch, leaf_of):
    w = leaf_of([1.0, 2.0])
    loss = (w * w).sum()
    loss.backward(retain_graph=True)
    loss.backward()
    return w.grad, _refusal(lambda: loss.backward())[0]


def discriminators_step_before_the_second_backward(torch, leaf_of):
    """A parameter written by an optimizer between forward and backward."""
    made = torch.nn.Linear(2, 2)
    optimizer = torch.optim.SGD(made.parameters(), lr=0.1)
    x = torch.ones(1, 2, requires_grad=True)
    out = made(made(x)).sum()
    out.backward(retain_graph=True)
    optimizer.step()
    told = _refusal(lambda: out.backward())
    return told[0], "modified by an inplace operation" in told[1]


def hooks_see_gradients(torch, leaf_of):
    seen, w = [], leaf_of([1.0, 2.0])
    y = w * 2
    y.register_hook(lambda gradient: seen.append(gradient.tolist()) or gradient * 10)
    y.sum().backward()
    return seen, w.grad


# -- optimizers ----


def groups_are_edited(torch, leaf_of):
    w = leaf_of([1.0, 2.0])
    optimizer = torch.optim.SGD([{"params": [w], "lr": 1.0}], lr=0.1, momentum=0.9)
    for epoch in range(3):
        for group in optimizer.param_groups:
            group["lr"] = 0.5 * 0.1**epoch
        optimizer.zero_grad()
        (w**2).sum().backward()
        optimizer.step()
    return w.detach(), optimizer.param_groups[0]["lr"], optimizer.state_dict()["param_groups"][0]["lr"]


def schedules_of_ones_own(torch, leaf_of):
    """As of the Transformer's: a wrapper that writes the inner optimizer's groups."""

    class Warmup:
        def __init__(self, optimizer):
            self.optimizer, self.steps = optimizer, 0

        def step(self):
            self.steps += 1
            rate = 0.1 * min(self.steps**-0.5, self.steps * 2**-1.5)
            for group in self.optimizer.param_groups:
                group["lr"] = rate
            self.optimizer.step()

    w = leaf_of([1.0, 2.0])
    made = Warmup(torch.optim.Adam([w], lr=0, betas=(0.9, 0.98), eps=1e-9))
    for _ in range(3):
        made.optimizer.zero_grad()
        (w**2).sum().backward()
        made.step()
    return w.detach()


def bare_tensors_are_optimized(torch, leaf_of):
    w = leaf_of([1.0, 2.0])
    optimizer = torch.optim.Adam([w], lr=0.1)
    (w**2).sum().backward()
    optimizer.step()
    return w.detach(), _refusal(lambda: torch.optim.SGD([w * 2], lr=0.1)), _refusal(lambda: torch.optim.SGD([], lr=0.1))


def closures_are_called_again(torch, leaf_of):
    w, calls = leaf_of([3.0]), []
    optimizer = torch.optim.LBFGS([w], max_iter=4)

    def closure():
        optimizer.zero_grad()
        loss = ((w - 1) ** 2).sum()
        loss.backward()
        calls.append(loss.item())
        return loss

    return optimizer.step(closure).item(), w.detach(), len(calls)


# -- values in Python ----


def values_decide(torch, floats):
    x, steps = floats(3), 0
    while x.norm() > 0.1 and steps < 10:
        x = x / 2 if x.sum() > 0 else -x
        steps += 1
    return x, steps, [1, 2, 3][torch.tensor(1)], list(range(torch.tensor(3))), bool(torch.tensor(0.0))


def texts(torch):
    x = torch.tensor(1.23456)
    return [
        f"{x:.4f}", mod("%f", x), mod("%d", torch.tensor(3)), f"{x}", f"{x:.2f}", str(x), repr(x), mod("%s", x),
        f"{torch.tensor(3):5d}", mod("%.3f", torch.tensor([2.0])), f"{torch.ones(2)}",
        _refusal(lambda: f"{torch.ones(2):.2f}"), int(torch.tensor(3.7)), float(x), math.exp(x),
        _refusal(lambda: float(torch.ones(2))), _refusal(lambda: bool(torch.ones(2))),
        _refusal(lambda: torch.ones(2).item()), _refusal(lambda: [1, 2][torch.tensor(1.0)]),
        round(torch.tensor(2.6).item(), 1), math.sqrt(torch.tensor(4.0)),
    ]  # fmt: skip


def functions_of_numpy(torch, floats):
    x = floats(3)
    return [
        np.array(x), np.asarray(x).dtype.name, float(np.mean(x.numpy())), np.exp(x.numpy()), np.array([x[0], x[1]]),
        float(np.sum(np.array(x))), np.asarray(torch.tensor([1, 2])), float(np.float64(x[0])),
    ]  # fmt: skip


# -- modules ----


def modules_are_found_by_name(torch):
    nn = torch.nn
    made = [
        nn.Conv2d(1, 1, 1), nn.BatchNorm2d(1), nn.Linear(1, 1), nn.ConvTranspose2d(1, 1, 1), nn.LSTM(1, 1),
        nn.Embedding(1, 1), nn.LayerNorm(1), nn.InstanceNorm2d(1), nn.Sequential(), nn.ModuleList(), nn.GRUCell(1, 1),
    ]  # fmt: skip
    return [
        (each.__class__.__name__, isinstance(each, nn.Module), isinstance(each, nn.Linear), type(each).__name__)
        for each in made
    ]


def parameters_are_filtered_by_name(torch):
    nn = torch.nn

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.ln_1, self.attn, self.mlp = nn.LayerNorm(2), nn.Linear(2, 2), nn.Sequential(nn.Linear(2, 2), nn.ReLU())

    named = list(Block().named_parameters())
    decayed = [name for name, p in named if not any(each in name for each in ("bias", "ln"))]
    return [name for name, _ in named], decayed, [name for name, p in named if p.dim() >= 2]


def switches_are_set(torch):
    torch.backends.cudnn.benchmark = True
    found = [torch.backends.cudnn.benchmark, torch.cuda.is_available(), torch.accelerator.is_available()]
    torch.backends.cudnn.benchmark = False
    return [
        *found, torch.accelerator.current_accelerator(), torch.device("cuda" if torch.cuda.is_available() else "cpu"),
        torch.bfloat16, _told(lambda: torch.cuda.amp.GradScaler(enabled=False).get_scale()),
        torch.zeros(2).to(torch.device("cpu")), torch.compile(lambda x: x + 1)(torch.zeros(1)),
    ]  # fmt: skip


def copies_and_states(torch):
    made = torch.nn.Linear(2, 1)
    other = copy.deepcopy(made)
    other.load_state_dict(made.state_dict())
    wrong = made.state_dict()
    wrong["more"] = wrong.pop("bias")
    return (
        list(made.state_dict()),
        bool((made.weight == other.weight).all()),
        _refusal(lambda: other.load_state_dict(wrong)),
    )
