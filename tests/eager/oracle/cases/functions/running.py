"""Running products and extremes, differences and integrals."""

from __future__ import annotations

CASES = """
torch.cumprod(leaf(3, 4), 1)
torch.cumprod(ints(4), 0)
torch.cumprod(ints(4), 0, dtype=torch.float64)
leaf(4).cumprod(0)
(doubles(4) * 2).cumprod_(0)
(doubles(4) * 2).cumsum_(0)
torch.cummax(leaf(3, 4), 1)
torch.cummax(tensor([1.0, nan, 3.0, 2.0], "float32"), 0)
torch.cummax(complexes(2), 0)
leaf(4).cummax(0)
torch.cummin(leaf(3, 4), 0)
leaf(4).cummin(0)
torch.logcumsumexp(leaf(3, 4), 1)
leaf(4).logcumsumexp(0)
torch.diff(leaf(5))
torch.diff(leaf(3, 4), n=2, dim=0)
torch.diff(leaf(3), prepend=leaf(1), append=leaf(2))
torch.diff(bools(4))
torch.diff(tensor(1.0, "float32"))
leaf(4).diff()
torch.gradient(leaf(5))
torch.gradient(leaf(4, 3), spacing=2.0, dim=0, edge_order=2)
torch.gradient(leaf(4), spacing=(tensor([0.0, 1.0, 3.0, 4.0], "float64"),))
torch.trapezoid(leaf(3, 4), dx=0.5)
torch.trapezoid(leaf(3, 4), tensor([0.0, 1.0, 3.0, 4.0], "float64"))
torch.trapz(leaf(4))
torch.cumulative_trapezoid(leaf(3, 4), dim=0)
"""
