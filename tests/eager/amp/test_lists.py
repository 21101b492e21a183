"""Every function that PyTorch casts the arguments of is decorated so."""

from __future__ import annotations

import diptych.eager as torch
import pytest

LISTS = {
    "lower_precision": (
        "addbmm", "addmm", "baddbmm", "bmm", "conv1d", "conv2d", "conv3d", "conv_tbc", "conv_transpose1d",
        "conv_transpose2d", "conv_transpose3d", "einsum", "linear", "matmul", "mm", "prelu",
        "scaled_dot_product_attention",
    ),
    "full_precision": (
        "avg_pool3d", "binary_cross_entropy", "binary_cross_entropy_with_logits", "cdist", "cosine_embedding_loss",
        "cross_entropy", "ctc_loss", "hinge_embedding_loss", "huber_loss", "kl_div", "l1_loss", "margin_ranking_loss",
        "max_unpool1d", "max_unpool2d", "max_unpool3d", "mse_loss", "multi_margin_loss",
        "multilabel_margin_loss", "multilabel_soft_margin_loss", "nanquantile", "nll_loss", "poisson_nll_loss", "prod",
        "quantile", "smooth_l1_loss", "soft_margin_loss", "trace", "triplet_margin_loss",
    ),
    "widest": ("cat", "index_copy", "stack"),
}  # fmt: skip


@pytest.mark.parametrize("kind", LISTS)
def test_functions_that_are_there_are_on_their_list(kind: str) -> None:
    holders = (torch, torch.nn.functional)
    there = [getattr(holder, name) for holder in holders for name in LISTS[kind] if name in vars(holder)]
    assert there
    assert [each.__name__ for each in there if getattr(each, "__autocast__", None) != kind] == []
