"""Comparisons, bits, truth, and choices by it."""

from __future__ import annotations

CASES = """
# -- comparisons ----
torch.eq(ints(6), ints(6))
torch.ne(ints(6), 2)
torch.lt(floats(2, 3), floats(3))
torch.le(ints(4), 1.5)
torch.gt(floats(2, 3), 0)
torch.ge(floats(2, 3), floats(2, 1))
torch.eq(tensor([nan, inf, 0.0], "float32"), tensor([nan, inf, -0.0], "float32"))
torch.ne(tensor([nan, inf], "float32"), tensor([nan, inf], "float32"))
torch.lt(bools(3), bools(3))
torch.eq(complexes(2), complexes(2))
torch.eq(tensor([16777217], "int32"), tensor([16777216.0], "float32"))
leaf(3) > 0
floats(3) == floats(3)
ints(3) != 1
0 < floats(3)
1 >= floats(3)
floats(3) == None
floats(3) != None
floats(3) < None
floats(3) == "x"
torch.eq(floats(3), None)
floats(3) < "x"
torch.lt(floats(2), floats(3))

# -- bits and logic ----
torch.bitwise_and(ints(4), ints(4))
torch.bitwise_or(ints(4), 6)
torch.bitwise_xor(ints(4), ints(4))
torch.bitwise_not(ints(4))
torch.bitwise_and(bools(4), bools(4))
torch.bitwise_or(bools(4), True)
torch.bitwise_xor(bools(4), bools(4))
torch.bitwise_not(bools(4))
torch.bitwise_and(tensor([12, 10], "uint8"), tensor([10], "int16"))
ints(4) & 3
ints(4) | 3
ints(4) ^ 3
5 & ints(4)
True | bools(3)
~ints(4)
~bools(4)
torch.logical_and(floats(3), ints(3, low=0, high=2))
torch.logical_or(bools(3), ints(3, low=0, high=2))
torch.logical_xor(bools(3), bools(3))
torch.logical_not(ints(6, low=0, high=2))
torch.logical_not(tensor([0.0, nan, -0.0, 2.0], "float32"))
torch.logical_and(tensor([nan, 0.0], "float32"), tensor([True, True], "bool"))
torch.logical_and(bools(2), True)
torch.isnan(tensor([nan, inf, 1.0], "float32"))
torch.isinf(tensor([nan, inf, -inf, 1.0], "float32"))
torch.isfinite(tensor([nan, inf, -inf, 1.0], "float32"))
torch.isnan(ints(2))
torch.isinf(ints(2))
torch.isfinite(ints(2))
torch.isfinite(bools(2))
torch.isnan(tensor([complex(nan, 1), complex(1, 2)], "complex64"))

# -- choices ----
torch.where(bools(2, 3), leaf(2, 3), leaf(3))
torch.where(tensor([[1, 0], [0, 1]], "bool"))
torch.where(floats(2, 2))
torch.where(bools(3), leaf(2, 3), 0.0)
torch.where(bools(3), 1, leaf(3))
torch.where(bools(3), 1, 2)
torch.where(bools(3), 1, 2.5)
torch.where(bools(3), 1.0, 2.5)
torch.where(bools(2, 1), leaf(3), leaf())
torch.where(ints(3, low=0, high=2), floats(3), floats(3))
torch.where(tensor([1, 0], "uint8"), floats(2), floats(2))
torch.where(floats(3), floats(3), floats(3))
torch.where(bools(2), floats(3), floats(3))
torch.where(True, floats(2), floats(2))
torch.where(condition=bools(2), input=floats(2), other=floats(2))
torch.where(leaf(3) > 0, leaf(3), 0.0)
torch.masked_fill(leaf(2, 3), bools(3), 1.5)
torch.masked_fill(leaf(2, 3), bools(2, 1), leaf())
torch.masked_fill(leaf(3), bools(2, 3), 0)
torch.masked_fill(ints(3), bools(3), 7)
torch.masked_fill(floats(3), ints(3), 7)
torch.masked_fill(floats(3), bools(3), floats(3))
torch.masked_fill(floats(2, 3), bools(2), 0)
torch.masked_fill(floats(2), mask=bools(2), value=-inf)
leaf(3).masked_fill(bools(3), -inf)
floats(2).masked_fill(torch.tensor([True, False]), 1e39)
floats(2).masked_fill(torch.tensor([True, False]), -inf)
floats(2).masked_fill(torch.tensor([True, False]), 1 + 0j)
floats(2).masked_fill(torch.tensor([True, False]), torch.tensor(1j))
ints(2, dtype="uint8").masked_fill(torch.tensor([True, False]), 300)
ints(2).masked_fill(torch.tensor([True, False]), 2.5)
bools(2).masked_fill(torch.tensor([True, False]), 2.5)
floats(2, dtype="bfloat16").masked_fill(torch.tensor([True, False]), -1e9)
"""
