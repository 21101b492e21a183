"""The public names of PyTorch's namespaces and classes, so that none is made up here."""

from __future__ import annotations

from typing import Any


def public_names(torch: Any) -> dict[str, list[str]]:
    """By namespace or class, the names in it that start with no underscore, sorted."""
    places = {
        "torch": torch, "torch.Tensor": torch.Tensor, "torch.Generator": torch.Generator, "torch.Size": torch.Size,
        "torch.device": torch.device, "torch.dtype": torch.dtype, "torch.nn": torch.nn,
        "torch.nn.functional": torch.nn.functional, "torch.nn.init": torch.nn.init, "torch.nn.Module": torch.nn.Module,
        "torch.nn.Sequential": torch.nn.Sequential, "torch.nn.ModuleList": torch.nn.ModuleList,
        "torch.nn.ModuleDict": torch.nn.ModuleDict, "torch.optim": torch.optim,
        "torch.optim.Optimizer": torch.optim.Optimizer, "torch.fft": torch.fft, "torch.linalg": torch.linalg,
        "torch.masked": torch.masked, "torch.signal.windows": torch.signal.windows, "torch.special": torch.special,
    }  # fmt: skip
    return {place: sorted(name for name in dir(holder) if not name.startswith("_")) for place, holder in places.items()}
