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


sparse_coo, strided = layout("sparse_coo"), layout("strided")
contiguous_format, preserve_format = memory_format("contiguous_format"), memory_format("preserve_format")
channels_last, channels_last_3d = memory_format("channels_last"), memory_format("channels_last_3d")
