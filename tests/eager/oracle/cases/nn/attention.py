"""Which kernels compute attention."""

from __future__ import annotations


def a_kernel_is_chosen(torch, nn, F, leaf):
    import importlib

    attention = importlib.import_module(f"{torch.__name__}.nn.attention")
    with attention.sdpa_kernel([attention.SDPBackend.MATH]):
        found = F.scaled_dot_product_attention(leaf(2, 3), leaf(2, 3), leaf(2, 3))
    try:
        with attention.sdpa_kernel("math"):
            pass
    except AssertionError as error:
        return found, str(error)
