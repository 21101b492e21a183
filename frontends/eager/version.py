"""`torch.version`: the release of PyTorch whose API this is, without CUDA."""

from __future__ import annotations

__version__ = "2.13.0+cpu"
debug = False
cuda: str | None = None
git_version = "unknown"
hip: str | None = None
rocm: str | None = None
xpu: str | None = None
