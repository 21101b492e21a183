"""`torch.layout` and `torch.memory_format`: names for how elements lie. Here they lie by strides, row by row, or are
listed with their places."""

from __future__ import annotations


class layout:
    """How a tensor is kept."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"torch.{self.name}"


class memory_format:
    """In which order axes should lie; results always lie row by row."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"torch.{self.name}"


def check_rank(format: memory_format, rank: int) -> None:
    """Raises RuntimeError where a tensor of `rank` axes has no channels to come last."""
    needed = _RANKS.get(format.name, rank)
    if rank != needed:
        raise RuntimeError(f"required rank {needed} tensor to use {format.name} format")


_RANKS = {"channels_last": 4, "channels_last_3d": 5}
sparse_coo, strided = layout("sparse_coo"), layout("strided")
contiguous_format, preserve_format = memory_format("contiguous_format"), memory_format("preserve_format")
channels_last, channels_last_3d = memory_format("channels_last"), memory_format("channels_last_3d")
