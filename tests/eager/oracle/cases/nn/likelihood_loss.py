"""Losses of likelihoods, divergences and alignments, as modules."""

from __future__ import annotations

CASES = """
nn.PoissonNLLLoss(full=True)(leaf(3), leaf(3, low=0, high=4))
nn.PoissonNLLLoss(False, eps=0.1, reduction="sum")(leaf(3, low=0.1), leaf(3, low=0))
nn.GaussianNLLLoss(full=True)(leaf(3), leaf(3), leaf(3, low=0.1))
nn.GaussianNLLLoss(True)
nn.KLDivLoss(reduction="batchmean")(leaf(2, 3), leaf(2, 3, low=0.1))
nn.KLDivLoss(reduction="sum", log_target=True)(leaf(2, 3), leaf(2, 3))
nn.CTCLoss(blank=1, reduction="sum", zero_infinity=True)(leaf(3, 2, 3), tensor([[0, 2], [2, 2]], "int64"), [3, 2], [2, 2])
repr(nn.CTCLoss())
repr(nn.KLDivLoss())
"""
