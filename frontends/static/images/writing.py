"""Files of pictures written, by Pillow: JPEG and PNG."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from ...pillow import image_of, pillow
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import host_operation, scalar_shape
from ..graphs.dtypes import int32, uint8, uint16
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from ..operations.random import random_uniform
from ..running.host import HostRun
from .intensities import convert_image_dtype
from .reading import decode_jpeg, invalid
from .shapes import is_tensor

Array = np.ndarray[Any, Any]


def _jpeg(at: HostRun, image: Array, quality: int, format: str = "", **options: Any) -> bytes:
    """The bytes of a JPEG file. Raises InvalidArgumentError."""
    if image.ndim != 3:
        raise invalid(at, f"image must be 3-dimensional[{','.join(map(str, image.shape))}]")
    channels = image.shape[2]
    wanted = {"": (1, 3), "grayscale": (1,), "rgb": (3,)}[format]
    if channels not in wanted:
        allowed = "1 or 3" if not format else str(wanted[0])
        what = "image must have" if not format else f"format '{format}' expects"
        raise invalid(at, f"{what} {allowed} channels, got {','.join(map(str, image.shape))}")
    if not 0 <= quality <= 100:
        raise invalid(at, f"quality must be in [0,100], got {quality}")
    picture = image_of(image, "L" if channels == 1 else "RGB")
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality, **options)
    return file.getvalue()


@host_operation("EncodeJpeg", "image: uint8 -> string", shape=scalar_shape)
def compute_jpeg(
    at: HostRun, image: Array, *, format: str = "", quality: int = 95, progressive: bool = False,
    optimize_size: bool = False, chroma_downsampling: bool = True, density_unit: str = "in", x_density: int = 300,
    y_density: int = 300, xmp_metadata: str = "",
) -> Any:  # fmt: skip
    """The bytes of a JPEG file."""
    return _jpeg(
        at, image, quality, format, progressive=progressive, optimize=optimize_size,
        subsampling=2 if chroma_downsampling else 0, dpi=(x_density, y_density),
    )  # fmt: skip


@host_operation("EncodeJpegVariableQuality", "images: uint8, quality: int32 -> string", shape=scalar_shape)
def compute_variable_jpeg(at: HostRun, image: Array, quality: Array) -> Any:
    """The bytes of a JPEG file, of a quality that the run computes."""
    return _jpeg(at, image, int(quality), subsampling=2)


@host_operation("EncodePng", "image: T -> string", shape=scalar_shape, T=(uint8, uint16))
def compute_png(at: HostRun, image: Array, *, compression: int = -1) -> Any:
    """The bytes of a PNG file."""
    if image.ndim != 3:
        raise invalid(at, f"image must be 3-dimensional[{','.join(map(str, image.shape))}]")
    channels = image.shape[2]
    if channels not in (1, 2, 3, 4):
        raise invalid(at, f"image must have 1, 2, 3, or 4 channels [{','.join(map(str, image.shape))}]")
    if image.dtype == np.uint16 and channels > 1:
        raise invalid(at, "colours of 16 bits are not written, only greys")
    if image.dtype == np.uint16:
        picture = pillow().fromarray(image[:, :, 0])
    else:
        picture = image_of(image, {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[channels])
    file = io.BytesIO()
    picture.save(file, "PNG", **({} if compression < 0 else {"compress_level": compression}))
    return file.getvalue()


@export("image.encode_jpeg", "io.encode_jpeg")
def encode_jpeg(
    image: Any, format: str = "", quality: int = 95, progressive: bool = False, optimize_size: bool = False,
    chroma_downsampling: bool = True, density_unit: str = "in", x_density: int = 300, y_density: int = 300,
    xmp_metadata: str = "", name: str | None = None,
) -> Tensor:  # fmt: skip
    """The bytes of a JPEG file of a picture uint8 [height, width, 1 or 3]. A run raises InvalidArgumentError."""
    return apply(
        "EncodeJpeg", [image], name=name, format=format, quality=quality, progressive=progressive,
        optimize_size=optimize_size, chroma_downsampling=chroma_downsampling, density_unit=density_unit,
        x_density=x_density, y_density=y_density, xmp_metadata=xmp_metadata,
    )  # fmt: skip


@export("image.encode_png")
def encode_png(image: Any, compression: int = -1, name: str | None = None) -> Tensor:
    """The bytes of a PNG file of a picture uint8 [height, width, 1 to 4], or uint16 of greys. A run raises
    InvalidArgumentError."""
    return apply("EncodePng", [image], name=name, compression=compression)


@export("image.adjust_jpeg_quality")
def adjust_jpeg_quality(image: Any, jpeg_quality: Any, name: str | None = None) -> Tensor:
    """A picture as it comes out of a JPEG file of that quality, from 0 to 100."""
    with name_scope(name, "adjust_jpeg_quality", [image]):
        image = convert_to_tensor(image, name="image")
        if not is_tensor(jpeg_quality):
            jpeg_quality = convert_to_tensor(jpeg_quality, dtype=int32)
        bytes_ = convert_image_dtype(image, uint8, saturate=False)
        written = apply("EncodeJpegVariableQuality", [bytes_, jpeg_quality])
        return convert_image_dtype(decode_jpeg(written), image.dtype.base_dtype)


@export("image.random_jpeg_quality")
def random_jpeg_quality(image: Any, min_jpeg_quality: int, max_jpeg_quality: int, seed: int | None = None) -> Tensor:
    """As adjust_jpeg_quality, with a quality drawn between two. Raises ValueError."""
    if not (0 <= min_jpeg_quality <= 100 and 0 <= max_jpeg_quality <= 100):
        raise ValueError("jpeg encoding range must be between 0 and 100.")
    if min_jpeg_quality >= max_jpeg_quality:
        raise ValueError("`min_jpeg_quality` must be less than `max_jpeg_quality`.")
    drawn = random_uniform([], min_jpeg_quality, max_jpeg_quality, seed=seed, dtype=int32)
    return adjust_jpeg_quality(image, drawn)
