"""The maps onto matrices with orthonormal columns."""

from __future__ import annotations

CASES = """
repr(nn.utils.parametrizations.orthogonal(nn.Linear(2, 3)).parametrizations.weight[0]).rstrip("()")[-10:]
nn.utils.parametrizations.orthogonal(nn.Linear(2, 3), orthogonal_map="cayley", use_trivialization=False).weight.shape
"""
