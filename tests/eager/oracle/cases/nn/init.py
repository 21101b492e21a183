"""`nn.init`: what does not depend on the numbers drawn."""

from __future__ import annotations

from tests.eager.oracle.answers import REFUSALS, refusal

CASES = """
nn.init.constant_(torch.empty(2, 2), 0.3)
nn.init.zeros_(torch.ones(3))
nn.init.ones_(torch.zeros(3))
nn.init.uniform_(torch.empty(0))
nn.init.uniform_(torch.empty(2), 3.0, 3.0)
nn.init.normal_(torch.empty(2), 3.0, 0.0)
nn.init.normal_(torch.empty(2), mean=3.0, std=0.0)
nn.init.calculate_gain("linear")
nn.init.calculate_gain("conv1d")
nn.init.calculate_gain("sigmoid")
nn.init.calculate_gain("tanh")
nn.init.calculate_gain("relu")
nn.init.calculate_gain("leaky_relu")
nn.init.calculate_gain("leaky_relu", 0.2)
nn.init.calculate_gain("leaky_relu", "x")
nn.init.calculate_gain("leaky_relu", True)
nn.init.calculate_gain("selu")
nn.init.calculate_gain("other")
nn.init.calculate_gain("relu", 3)
nn.init.xavier_uniform_(torch.empty(3))
nn.init.xavier_normal_(torch.empty(3))
nn.init.kaiming_uniform_(torch.empty(3))
nn.init.kaiming_normal_(torch.empty(3))
nn.init.kaiming_normal_(torch.empty(3, 2), mode="other")
nn.init.kaiming_normal_(torch.empty(3, 2), nonlinearity="other")
nn.init.kaiming_uniform_(torch.empty(3, 2), mode="FAN_OUT").shape
nn.init.normal_(torch.empty(2), 0.0, -1.0)
nn.init.uniform_(torch.empty(2), 1.0, 0.0)
"""


def parameters_stay_leaves(torch, nn):
    weight = nn.Parameter(torch.zeros(4, 3))
    fills = (
        nn.init.uniform_, nn.init.normal_, nn.init.ones_, nn.init.zeros_, nn.init.xavier_uniform_,
        nn.init.xavier_normal_, nn.init.kaiming_uniform_, nn.init.kaiming_normal_,
    )  # fmt: skip
    return [(fill(weight) is weight, weight.is_leaf, weight.requires_grad) for fill in fills]


def _within(torch, fill, bound):
    x = fill(torch.empty(64, 32))
    return bool((x.abs() <= bound).all()), bool(x.abs().max() > 0.95 * bound), abs(float(x.mean())) < bound / 10


def bounds_of_uniform_numbers(torch, nn):
    init = nn.init
    return [
        _within(torch, lambda x: init.uniform_(x, -2, 2), 2.0),
        _within(torch, init.xavier_uniform_, (6 / 96) ** 0.5),
        _within(torch, lambda x: init.xavier_uniform_(x, gain=2.0), 2 * (6 / 96) ** 0.5),
        _within(torch, init.kaiming_uniform_, (6 / 32) ** 0.5),
        _within(torch, lambda x: init.kaiming_uniform_(x, a=5**0.5), (1 / 32) ** 0.5),
        _within(torch, lambda x: init.kaiming_uniform_(x, mode="fan_out", nonlinearity="relu"), (6 / 64) ** 0.5),
        _within(torch, lambda x: init.kaiming_uniform_(x, nonlinearity="linear"), (3 / 32) ** 0.5),
    ]


def _deviates(torch, fill, deviation):
    x = fill(torch.empty(64, 64))
    return abs(float(x.std()) / deviation - 1) < 0.06, abs(float(x.mean())) < deviation / 10


def deviations_of_normal_numbers(torch, nn):
    init = nn.init
    return [
        _deviates(torch, init.normal_, 1.0),
        _deviates(torch, lambda x: init.normal_(x, std=0.02), 0.02),
        _deviates(torch, init.xavier_normal_, (2 / 128) ** 0.5),
        _deviates(torch, init.kaiming_normal_, (2 / 64) ** 0.5),
        _deviates(torch, lambda x: init.kaiming_normal_(x, mode="fan_out", nonlinearity="tanh"), 5 / 3 / 8),
    ]


def fans_of_more_axes(torch, nn):
    """Axes after the second count for both sides."""
    x = nn.init.xavier_uniform_(torch.empty(8, 4, 3, 3))
    bound = (6 / (12 * 9)) ** 0.5
    return bool((x.abs() <= bound).all()), bool(x.abs().max() > 0.9 * bound)


def a_generator_may_be_given(torch, nn):
    found = []
    for fill in (nn.init.uniform_, nn.init.normal_, nn.init.xavier_uniform_, nn.init.kaiming_normal_):
        first = fill(torch.empty(3, 3), generator=torch.Generator().manual_seed(4))
        second = fill(torch.empty(3, 3), generator=torch.Generator().manual_seed(4))
        found.append(bool((first == second).all()))
    return found


def refused_tensors(torch, nn):
    found = []
    for fill in (nn.init.uniform_, nn.init.zeros_):
        try:
            fill([1.0])
        except REFUSALS as error:
            found.append(refusal(error)["raises"])
    return found
