"""Files of the projector, which shows embeddings: points, their labels and pictures, and what belongs together."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from . import png
from .images import grid


@dataclass(frozen=True, slots=True)
class Embedding:
    """Points under a name, by the folder of their files; `picture` is the width and height of each sprite."""

    name: str
    folder: str
    labelled: bool
    picture: tuple[int, int] | None


def write_points(folder: str, points: np.ndarray) -> None:
    """Points [n, dimensions], a line each."""
    lines = ["\t".join(map(str, row)) + "\n" for row in points.tolist()]
    Path(folder, "tensors.tsv").write_bytes("".join(lines).encode())


def write_labels(folder: str, labels: Sequence[Any], header: Sequence[str] | None) -> None:
    """A label a line, or, under a header, one for each column. Raises AssertionError where they do not fit it."""
    if not header:
        lines = [str(label) for label in labels]
    elif len(header) != len(labels[0]):
        raise AssertionError("len of header must be equal to the number of columns in metadata")
    else:
        lines = ["\t".join(map(str, row)) for row in [header, *labels]]
    Path(folder, "metadata.tsv").write_bytes(("\n".join(lines) + "\n").encode())


def write_sprites(folder: str, pictures: np.ndarray) -> None:
    """Pictures [n, 1 or 3, height, width] from 0 to 1, as many across as down, in one square picture."""
    arranged = grid(pictures, math.ceil(len(pictures) ** 0.5)).transpose(1, 2, 0)
    square = np.zeros((arranged.shape[1], arranged.shape[1], 3))
    square[: len(arranged)] = arranged
    Path(folder, "sprite.png").write_bytes(png.encode((square * 255).clip(0, 255).astype(np.uint8)))


def write_config(folder: str, embeddings: Sequence[Embedding]) -> None:
    """Which files belong together: a ProjectorConfig message in protobuf's text form."""
    Path(folder, "projector_config.pbtxt").write_bytes("".join(map(_config, embeddings)).encode())


def _config(embedding: Embedding) -> str:
    lines = [f"tensor_name: {_quoted(embedding.name)}"]
    if embedding.labelled:
        lines.append(f"metadata_path: {_quoted(os.path.join(embedding.folder, 'metadata.tsv'))}")
    if embedding.picture is not None:
        path = _quoted(os.path.join(embedding.folder, "sprite.png"))
        sizes = [f"  single_image_dim: {size}" for size in embedding.picture]
        lines += ["sprite {", f"  image_path: {path}", *sizes, "}"]
    lines.append(f"tensor_path: {_quoted(os.path.join(embedding.folder, 'tensors.tsv'))}")
    return "embeddings {\n" + "".join(f"  {line}\n" for line in lines) + "}\n"


def _quoted(text: str) -> str:
    escapes = {"\\": "\\\\", '"': '\\"', "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return '"' + "".join(escapes.get(each, each if each >= " " else f"\\{ord(each):03o}") for each in text) + '"'
