"""Optimizers' formulas against plain numpy, with rates as numbers and as values."""

import numpy as np
import pytest
from diptych.functions import updates

from tests.functions.evaluation import f64, run

P, G, M, V = f64(1, -2, 3), f64(0.5, 0.25, -1), f64(0.1, 0.2, 0.3), f64(0.4, 0.5, 0.6)


def _close(found, *wanted):
    for one, other in zip(found if isinstance(found, tuple) else (found,), wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-14)


def test_gradient_descent():
    _close(run(updates.gradient_descent, P, G, rate=0.1), P - 0.1 * G)
    _close(run(updates.gradient_descent, P, G, np.float64(0.1)), P - 0.1 * G)


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("as_values", [False, True])
def test_momentum(nesterov, as_values):
    m = 0.9 * M + G
    wanted = P - 0.1 * (G + 0.9 * m if nesterov else m)
    if as_values:
        found = run(updates.momentum, P, M, G, np.float64(0.1), np.float64(0.9), nesterov=nesterov)
    else:
        found = run(updates.momentum, P, M, G, rate=0.1, decay=0.9, nesterov=nesterov)
    _close(found, wanted, m)


def test_momentum_with_dampening():
    m = 0.9 * M + 0.75 * G
    _close(run(updates.momentum, P, M, G, rate=0.1, decay=0.9, dampening=0.25), P - 0.1 * m, m)


@pytest.mark.parametrize("nesterov", [False, True])
def test_adam_in_tensorflows_form(nesterov):
    b1, b2, t = 0.9, 0.99, 3
    m, v = M + (G - M) * (1 - b1), V + (G * G - V) * (1 - b2)
    rate = 0.01 * np.sqrt(1 - b2**t) / (1 - b1**t)
    direction = b1 * m + (1 - b1) * G if nesterov else m

    def f(b, p, m, v, g, power1, power2):
        return updates.adam_epsilon_hat(
            b, p, m, v, g, rate=0.01, beta1=b1, beta2=b2, beta1_power=power1, beta2_power=power2, epsilon=1e-3,
            nesterov=nesterov,
        )  # fmt: skip

    found = run(f, P, M, V, G, np.float64(b1**t), np.float64(b2**t))
    _close(found, P - rate * direction / (np.sqrt(v) + 1e-3), m, v)


@pytest.mark.parametrize("as_values", [False, True])
def test_adam_in_pytorchs_form(as_values):
    b1, b2, t = 0.9, 0.99, 3
    m, v = M + (G - M) * (1 - b1), V * b2 + G * G * (1 - b2)
    c1, root = 1 - b1**t, np.sqrt(1 - b2**t)
    numbers = {"rate": 0.01, "beta1": b1, "beta2": b2, "correction1": c1, "correction2_root": root, "epsilon": 1e-3}
    if as_values:

        def f(b, p, m, v, g, *values):
            return updates.adam(b, p, m, v, g, **dict(zip(numbers, values, strict=True)))

        found = run(f, P, M, V, G, *(np.float64(number) for number in numbers.values()))
    else:
        found = run(updates.adam, P, M, V, G, **numbers)
    _close(found, P - 0.01 / c1 * m / (np.sqrt(v) / root + 1e-3), m, v)
