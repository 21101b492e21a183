"""Scaled dot product attention."""

from __future__ import annotations

CASES = """
F.scaled_dot_product_attention(leaf(2, 3, 4), leaf(2, 5, 4), leaf(2, 5, 3))
F.scaled_dot_product_attention(leaf(1, 2, 3, 4), leaf(1, 2, 3, 4), leaf(1, 2, 3, 4), is_causal=True)
F.scaled_dot_product_attention(leaf(2, 3), leaf(4, 3), leaf(4, 3), is_causal=True)
F.scaled_dot_product_attention(leaf(2, 3, 4), leaf(2, 5, 4), leaf(2, 5, 3), bools(3, 5))
F.scaled_dot_product_attention(leaf(2, 3, 4), leaf(2, 5, 4), leaf(2, 5, 3), leaf(2, 3, 5), scale=0.3)
F.scaled_dot_product_attention(leaf(2, 2), leaf(3, 2), leaf(3, 2), tensor([[False, False, False], [True, False, True]], "bool"))
F.scaled_dot_product_attention(leaf(2, 2), leaf(3, 2), leaf(3, 2), tensor([[-inf] * 3, [0.0, -inf, 1.0]], "float64"))
F.scaled_dot_product_attention(leaf(4, 2, 3), leaf(2, 3, 3), leaf(2, 3, 2), enable_gqa=True)
F.scaled_dot_product_attention(leaf(2, 3, 4), leaf(5, 4), leaf(5, 3))
F.scaled_dot_product_attention(floats(2, 3, 4), floats(2, 0, 4), floats(2, 0, 4))
F.scaled_dot_product_attention(floats(2, 3, 0), floats(2, 4, 0), floats(2, 4, 4))
F.scaled_dot_product_attention(floats(2, 3, 4), floats(2, 5, 4), floats(2, 5, 3), dropout_p=1.0)
F.scaled_dot_product_attention(floats(2, 3, 4), floats(2, 5, 4), floats(2, 5, 3), dropout_p=1.5)
F.scaled_dot_product_attention(floats(2, 3, 4, dtype="float16"), floats(2, 3, 4, dtype="float16"), floats(2, 3, 4, dtype="float16")).dtype
F.scaled_dot_product_attention(floats(3), floats(3), floats(3))
F.scaled_dot_product_attention(floats(3, 4), floats(3, 4), doubles(3, 4))
F.scaled_dot_product_attention(floats(3, 4), floats(3, 5), floats(3, 4))
F.scaled_dot_product_attention(floats(3, 4), floats(3, 4), floats(5, 4))
F.scaled_dot_product_attention(floats(2, 3, 4), floats(5, 3, 4), floats(5, 3, 4))
F.scaled_dot_product_attention(floats(2, 3, 4), floats(2, 5, 4), floats(2, 5, 4), bools(3, 5), is_causal=True)
F.scaled_dot_product_attention(floats(2, 3, 4), floats(2, 5, 4), floats(2, 5, 4), ints(3, 5))
F.scaled_dot_product_attention(floats(2, 3, 4), floats(2, 5, 4), floats(2, 5, 4), doubles(3, 5))
F.scaled_dot_product_attention(floats(2, 3, 4), floats(2, 5, 4), floats(2, 5, 4), bools(2, 2, 3, 5))
F.scaled_dot_product_attention(floats(4, 2, 3), floats(3, 3, 3), floats(3, 3, 2), enable_gqa=True)
"""
