"""One function over each tensor of a list."""

from __future__ import annotations

from tests.eager.oracle.answers import refused

CASES = """
torch._foreach_add([leaf(2), leaf(3)], 2)
torch._foreach_add([leaf(2), leaf(3)], [1, 2.5])
torch._foreach_add([leaf(2), leaf(3)], [leaf(2), leaf(1)], alpha=2)
torch._foreach_add([leaf(2), leaf(3)], torch.tensor(2.0))
torch._foreach_mul([leaf(2), leaf(3)], scalar=3)
torch._foreach_mul((leaf(2), leaf(3)), (leaf(2), leaf(3)))
torch._foreach_div([leaf(2), leaf(3)], scalars=[2, 4])
torch._foreach_sub([leaf(2)], [leaf(2)], alpha=3)
torch._foreach_pow([leaf(2)], 2)
torch._foreach_pow([leaf(2)], exponent=[3])
torch._foreach_pow(2.0, [leaf(2), leaf(3)])
torch._foreach_maximum([leaf(3)], 0.0)
torch._foreach_maximum([leaf(3)], [leaf(3)])
torch._foreach_minimum([leaf(3)], [0.0])
torch._foreach_clamp_min([leaf(3)], 0.0)
torch._foreach_clamp_max([leaf(3)], [leaf(3)])
torch._foreach_addcdiv([leaf(2)], [leaf(2)], [doubles(2, low=1.0)], 0.5)
torch._foreach_addcdiv([leaf(2)], [leaf(2)], [doubles(2, low=1.0)], [0.5])
torch._foreach_addcmul([floats(2), floats(1)], [floats(2), floats(1)], [floats(2), floats(1)], torch.tensor([0.5, 2.0]))
torch._foreach_addcmul([leaf(2)], [leaf(2)], [leaf(2)])
torch._foreach_lerp([leaf(2)], [leaf(2)], 0.25)
torch._foreach_lerp([leaf(2)], [leaf(2)], [leaf(2)])
torch._foreach_norm([leaf(3), leaf(2, 2)])
torch._foreach_norm([leaf(3)], 1)
torch._foreach_norm([leaf(3)], float("inf"))
torch._foreach_max([leaf(3), leaf(2)])
torch._foreach_sqrt([floats(3, low=0.5)])
torch._foreach_neg([leaf(3), leaf(2)])
torch._foreach_exp([leaf(3)])
torch._foreach_sign([leaf(3)])
torch._foreach_clone([leaf(3)])
torch._foreach_mul_([floats(2), floats(3)], 2)
torch._foreach_add_([floats(2)], [floats(2)], alpha=2)
torch._foreach_addcdiv_([floats(2)], [floats(2)], [floats(2, low=1.0)], value=2)
torch._foreach_addcmul_([floats(2)], [floats(2)], [floats(2)], [3])
torch._foreach_lerp_([floats(2)], [floats(2)], 0.5)
torch._foreach_zero_([floats(2), floats(1)])
torch._foreach_copy_([floats(2)], [floats(2)])
torch._foreach_neg_([floats(2)])
torch._foreach_maximum_([floats(3)], 0.5)
"""


def written_where_they_are(torch, floats):
    tensors = [floats(2), floats(3)]
    found = torch._foreach_mul_(tensors, 2)
    return found is tensors, tensors


def what_is_refused(torch, leaf, floats):
    x = [leaf(2)]
    return [
        refused(lambda: torch._foreach_add([], 1)),
        refused(lambda: torch._foreach_neg([])),
        refused(lambda: torch._foreach_neg(leaf(2))),
        refused(lambda: torch._foreach_add(x, x * 2)),
        refused(lambda: torch._foreach_add(x, [1, 2])),
        refused(lambda: torch._foreach_mul(x, leaf(2))),
        refused(lambda: torch._foreach_lerp(x, x * 2, 0.5)),
        refused(lambda: torch._foreach_copy_([floats(2)], [floats(2)] * 2)),
        refused(lambda: torch._foreach_addcdiv(x, x, x, [1.0, 2.0])),
        refused(lambda: torch._foreach_add_([torch.ones(2, dtype=torch.int64)], 1.5)),
    ]
