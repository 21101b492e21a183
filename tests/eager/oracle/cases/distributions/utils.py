"""What distributions are made with."""

from __future__ import annotations

import importlib

from tests.eager.oracle.answers import refused


def _module(torch):
    return importlib.import_module(f"{torch.__name__}.distributions.utils")


def probabilities_and_their_logarithms(torch, leaf):
    module = _module(torch)
    probs = torch.tensor([[0.0, 0.25, 0.75], [1.0, 0.5, 0.5]])
    logits = leaf(2, 3)
    return [
        module.clamp_probs(probs),
        module.probs_to_logits(probs),
        module.probs_to_logits(probs, is_binary=True),
        module.logits_to_probs(logits),
        module.logits_to_probs(logits, True),
        module.euler_constant,
    ]


def numbers_and_tensors_in_one_shape(torch, leaf):
    module = _module(torch)
    return [*module.broadcast_all(leaf(2, 1), 3, leaf(3)), *module.broadcast_all(1, 2.5)]


def triangles_as_vectors(torch, leaf):
    module = _module(torch)
    x = leaf(2, 3, 3)
    found = [module.tril_matrix_to_vec(x, diag) for diag in (0, -1, 1)]
    return [*found, *(module.vec_to_tril_matrix(leaf(2, count), diag) for count, diag in ((6, 0), (3, -1), (8, 1)))]


def triangles_that_are_none(torch, leaf):
    module = _module(torch)
    return [
        refused(lambda: module.tril_matrix_to_vec(leaf(2, 2), 2)),
        refused(lambda: module.vec_to_tril_matrix(leaf(4))),
    ]


def normal_numbers_of_a_shape(torch):
    found = _module(torch)._standard_normal((2, 0), torch.float64, torch.device("cpu"))
    return found.shape, found.dtype


def last_axes_summed(torch, leaf):
    module = _module(torch)
    return [module._sum_rightmost(leaf(2, 3, 2), dim) for dim in (0, 1, 2, 3)]


def a_property_computed_once(torch):
    counted = []

    class Holder:
        @_module(torch).lazy_property
        def twice(self):
            counted.append(torch.is_grad_enabled())
            return 2

    holder = Holder()
    with torch.no_grad():
        found = [holder.twice, holder.twice]
    return found, counted
