"""`nn.init`: what does not depend on the numbers drawn."""

from __future__ import annotations

import warnings

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
nn.init.eye_(torch.empty(2, 3))
nn.init.eye_(torch.empty(2, 2, dtype=torch.int64))
nn.init.eye_(torch.empty(2))
nn.init.dirac_(torch.empty(3, 2, 3))
nn.init.dirac_(torch.empty(2, 3, 2, 1), groups=2)
nn.init.dirac_(torch.empty(4, 1, 1, 2, 3), 2)
nn.init.dirac_(torch.empty(2, 2))
nn.init.dirac_(torch.empty(3, 2, 3), 2)
nn.init.orthogonal_(torch.empty(3))
nn.init.orthogonal_(torch.empty(0, 3))
nn.init.orthogonal_(torch.empty(2, 3, dtype=torch.float16))
nn.init.sparse_(torch.empty(3), 0.5)
nn.init.sparse_(torch.ones(3, 2), 1.0)
nn.init.sparse_(torch.empty(0, 2), 0.5)
nn.init.trunc_normal_(torch.empty(0))
nn.init.trunc_normal_(torch.empty(2), std=0)
"""


def parameters_stay_leaves(torch, nn):
    weight = nn.Parameter(torch.zeros(4, 3))
    fills = (
        nn.init.uniform_, nn.init.normal_, nn.init.ones_, nn.init.zeros_, nn.init.xavier_uniform_,
        nn.init.xavier_normal_, nn.init.kaiming_uniform_, nn.init.kaiming_normal_, nn.init.eye_, nn.init.orthogonal_,
        nn.init.trunc_normal_, lambda x: nn.init.sparse_(x, 0.5),
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
    for fill in (
        nn.init.uniform_,
        nn.init.normal_,
        nn.init.xavier_uniform_,
        nn.init.kaiming_normal_,
        nn.init.trunc_normal_,
        nn.init.orthogonal_,
    ):
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


def orthogonal_matrices(torch, nn):
    found = []
    for shape, gain in (((5, 3), 1), ((3, 5), 2.0), ((4, 4), 1), ((4, 2, 3), 0.5), ((7, 2, 3), 1)):
        x = nn.init.orthogonal_(torch.empty(shape, dtype=torch.float64), gain).reshape(shape[0], -1)
        rows, columns = x.shape
        product = x @ x.t() if rows < columns else x.t() @ x
        found.append(bool((product - gain**2 * torch.eye(min(rows, columns))).abs().max() < 1e-12))
    return found


def orthogonal_matrices_are_uniform(torch, nn):
    """Without the signs of R, the diagonal would be negative."""
    first = [float(nn.init.orthogonal_(torch.empty(2, 2))[0, 0]) for _ in range(40)]
    return 10 < sum(each > 0 for each in first) < 30


def bounds_of_truncated_normal_numbers(torch, nn):
    found = []
    for options, mean in (({}, 0.0), ({"mean": 1.0, "std": 2.0, "a": 0.0, "b": 1.5}, 0.7602), ({"a": -1.0}, 0.2296)):
        x = nn.init.trunc_normal_(torch.empty(100, 40), **options)
        low, high = options.get("a", -2.0), options.get("b", 2.0)
        within = bool((x >= low).all()) and bool((x <= high).all())
        reaches = float(x.min()) < low + 0.1 and float(x.max()) > high - 0.1
        found.append((within, reaches, abs(float(x.mean()) - mean) < 0.05))
    return found


def truncated_far_from_the_mean(torch, nn):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        x = nn.init.trunc_normal_(torch.empty(1000), a=4.0, b=6.0)
    return str(caught[0].message), bool((x >= 4).all()), bool((x <= 6).all()), abs(float(x.mean()) - 4.225) < 0.04


def sparse_columns(torch, nn):
    x = nn.init.sparse_(torch.empty(10, 30), 0.25, std=2.0)
    zeros = (x == 0).sum(0).tolist()
    places = (x == 0).sum(1)
    return zeros, bool((places > 0).all()), 1.5 < float(x[x != 0].std()) < 2.5


def older_names_warn(torch, nn):
    found = []
    init = nn.init
    for fill in (
        init.uniform, init.normal, init.eye, init.orthogonal, init.xavier_uniform, init.xavier_normal,
        init.kaiming_uniform, init.kaiming_normal, lambda x: init.constant(x, 3), lambda x: init.sparse(x, 0.5),
        lambda x: init.dirac(x.reshape(2, 2, 1)),
    ):  # fmt: skip
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            fill(torch.empty(2, 2))
        found.append([(each.category.__name__, str(each.message)) for each in caught])
    return found
