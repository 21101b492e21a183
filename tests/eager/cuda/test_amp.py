"""The older names of mixed precision warn."""

from __future__ import annotations

import diptych.eager as torch
import pytest


def test_older_names_say_which_ones_to_use() -> None:
    said = r"^`torch.cuda.amp.autocast\(args...\)` is deprecated. Please use `torch.amp.autocast\('cuda', args...\)` "
    with pytest.warns(FutureWarning, match=said), torch.cuda.amp.autocast(enabled=False):
        assert not torch.is_autocast_enabled("cuda")
    said = r"^`torch.cuda.amp.GradScaler\(args...\)` is deprecated. Please use `torch.amp.GradScaler\('cuda', args...\)"
    with pytest.warns(FutureWarning, match=said):
        scaler = torch.cuda.amp.GradScaler(enabled=False)
    assert scaler.scale(3) == 3


def test_casts_of_functions() -> None:
    class Doubled(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, gradient):
            return gradient * 2

    with pytest.warns(FutureWarning, match="custom_fwd"):
        Doubled.forward = staticmethod(torch.cuda.amp.custom_fwd(Doubled.forward))
    with pytest.warns(FutureWarning, match="custom_bwd"):
        Doubled.backward = staticmethod(torch.cuda.amp.custom_bwd(Doubled.backward))
    x = torch.ones(2, requires_grad=True)
    Doubled.apply(x).sum().backward()
    assert x.grad.tolist() == [2.0, 2.0]
