"""Gradients kept within bounds."""

from __future__ import annotations


def _with_gradients(torch, doubles):
    found = [doubles(2, 3).requires_grad_(), doubles(2).requires_grad_(), doubles(1).requires_grad_()]
    for each in found[:2]:
        each.grad = doubles(*each.shape)
    return found


def norms(torch, nn, doubles):
    found = []
    for order in (2.0, 1, float("inf"), 3.0, 0.0):
        given = _with_gradients(torch, doubles)
        total = nn.utils.clip_grad_norm_(given, 1.5, norm_type=order)
        found.append([total, given[0].grad, given[1].grad, nn.utils.get_total_norm([given[0].grad], order)])
    return found


def values(torch, nn, doubles):
    given = _with_gradients(torch, doubles)
    found = [nn.utils.clip_grad_value_(given, 0.5), given[0].grad.clone(), given[1].grad]
    nn.utils.clip_grad_value_(given[0], 0.1)
    nn.utils.clip_grads_with_norm_(given[1], 0.01, torch.tensor(2.0))
    return [*found, given[0].grad, given[1].grad]


def single_and_no_tensors(torch, nn, doubles):
    import warnings

    given = _with_gradients(torch, doubles)
    found = [nn.utils.clip_grad_norm_(given[0], 100.0), given[0].grad, nn.utils.clip_grad_norm_(given[2], 1.0)]
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        found += [nn.utils.clip_grad_norm_([], 1.0), nn.utils.clip_grad_norm_((each for each in ()), 1.0)]
        found.append(nn.utils.clip_grad_norm(given, 1.0))
    return [*found, [str(each.message) for each in told]]


def norms_that_are_not_finite(torch, nn, doubles):
    given = _with_gradients(torch, doubles)
    given[1].grad[0] = float("inf")
    try:
        nn.utils.clip_grad_norm_(given, 1.0, error_if_nonfinite=True)
    except RuntimeError as error:
        return [str(error), nn.utils.clip_grad_norm_(given, 1.0), given[0].grad, given[1].grad]
    return None


def kinds_of_numbers_are_mixed(torch, nn, floats, doubles):
    given = [floats(2).requires_grad_(), doubles(2).requires_grad_()]
    given[0].grad, given[1].grad = floats(2), doubles(2)
    return [nn.utils.clip_grad_norm_(given, 1.0).dtype, given[0].grad.dtype]
