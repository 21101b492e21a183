"""Where PyTorch has the tools around training: `data`, `tensorboard`."""

from . import data

__all__ = ["data"]
