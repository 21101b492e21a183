"""Where PyTorch has the tools around training: `checkpoint`, `data`, `tensorboard`."""

from . import checkpoint, data

__all__ = ["checkpoint", "data"]
