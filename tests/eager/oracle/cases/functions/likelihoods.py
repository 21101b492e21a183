"""Negative logarithms of likelihoods, and the divergence of distributions."""

from __future__ import annotations

CASES = """
F.poisson_nll_loss(leaf(2, 3), leaf(2, 3, low=0))
F.poisson_nll_loss(leaf(2, 3), leaf(2, 3, low=0, high=4), full=True, reduction="none")
F.poisson_nll_loss(leaf(2, 3, low=0.1), leaf(2, 3, low=0), log_input=False, eps=1e-3, reduction="sum")
F.poisson_nll_loss(ints(3), ints(3, low=0))
F.poisson_nll_loss(floats(3), floats(3), reduction="avg")
F.gaussian_nll_loss(leaf(2, 3), leaf(2, 3), leaf(2, 3, low=0.1))
F.gaussian_nll_loss(leaf(2, 3), leaf(2, 3), leaf(2, low=0.1), full=True, reduction="none")
F.gaussian_nll_loss(leaf(2, 3), leaf(2, 3), leaf(2, 1, low=0.1), reduction="sum")
F.gaussian_nll_loss(leaf(2), leaf(2), leaf_of([0.0, 0.5]), eps=0.01)
F.gaussian_nll_loss(leaf(2), leaf(2), 0.5)
F.gaussian_nll_loss(floats(2), floats(2), -0.5)
F.gaussian_nll_loss(floats(2), floats(2), tensor([1.0, -1.0], "float32"))
F.gaussian_nll_loss(floats(2), floats(2), floats(3, low=0.1))
F.gaussian_nll_loss(floats(2), floats(2), floats(2, low=0.1), reduction="avg")
F.kl_div(leaf(2, 3), leaf(2, 3, low=0.1))
F.kl_div(leaf(2, 3), leaf(2, 3, low=0.1), reduction="batchmean")
F.kl_div(leaf(2, 3), leaf(2, 3), reduction="sum", log_target=True)
F.kl_div(leaf(2, 3), leaf_of([[0.0, 0.5, 0.5], [1.0, 0.0, 0.0]]).detach(), reduction="none")
F.kl_div(leaf(), leaf(low=0.1), reduction="batchmean")
F.kl_div(ints(3), ints(3))
F.kl_div(complexes(3), floats(3))
F.kl_div(floats(3), floats(3), reduction="avg")
F.kl_div(leaf_of([0.0, 0.0, 1.0]), leaf_of([0.0, 0.5, 0.0]), reduction="none")
"""


def a_mean_of_divergences_is_warned_of(torch, F, floats):
    import warnings

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        F.kl_div(floats(3), floats(3, low=0.1))
        F.kl_div(floats(3), floats(3, low=0.1), reduction="sum")
    return [str(each.message) for each in told]
