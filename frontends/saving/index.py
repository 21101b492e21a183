"""The index of a checkpoint: which arrays it has, in which pieces, and where these are. It may come from anywhere."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from diptych.ir.schema import Model, Text
from pydantic import Field

VERSION = 1
NAME = "index.json"

Size = Annotated[int, Field(ge=0, lt=2**48)]
Shape = Annotated[list[Size], Field(max_length=64)]


class Piece(Model):
    """A part of an array: in which file, under which name, from where on in the array, and how large."""

    file: Annotated[str, Field(pattern=r"^part-[0-9]{5}\.safetensors$")]
    key: Text
    offset: Shape
    shape: Shape
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Array(Model):
    """An array, how it was split over a mesh, if it was on one, and the pieces that make it up."""

    dtype: Text
    shape: Shape
    axes: Text | None = None
    pieces: list[Piece]


class Index(Model):
    """All of a checkpoint but the numbers in its arrays."""

    format: Literal["diptych-checkpoint"]
    version: Literal[1]
    arrays: dict[str, Array]
    tree: Any


class Part(Model):
    """What one process wrote."""

    arrays: dict[str, Array]
