"""Files of pictures read, by Pillow: JPEG, PNG, GIF, BMP."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from ...pillow import pillow
from ..exports import export
from ..graphs.apply import apply
from ..graphs.definitions import host_operation
from ..graphs.dtypes import DType, as_dtype, int32, int64, uint8, uint16
from ..graphs.errors import InvalidArgumentError
from ..graphs.scopes import name_scope
from ..graphs.shapes import Dims
from ..graphs.tensor import Tensor
from ..operations.strings import substr
from ..running.host import HostRun
from .intensities import convert_image_dtype
from .shapes import sizes_in

Array = np.ndarray[Any, Any]

MOST_ELEMENTS = 1 << 29  # of a picture, as in TensorFlow
# What Pillow raises of damaged files.
_PILLOW_ERRORS = (
    EOFError, IndexError, OSError, OverflowError, RuntimeError, SyntaxError, TypeError, ValueError, struct.error,
    zlib.error,
)  # fmt: skip
_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}


def kind_of(contents: bytes) -> str:
    """What a file is by its first bytes. Nothing for what is none of the four."""
    starts = {"JPEG": b"\xff\xd8\xff", "PNG": b"\x89PNG", "GIF": b"GIF8", "BMP": b"BM"}
    return next((kind for kind, start in starts.items() if contents.startswith(start)), "")


def invalid(at: HostRun, message: str) -> InvalidArgumentError:
    """The error for a file that is no picture."""
    return InvalidArgumentError(at.operation.node_def, at.operation, message)


@contextmanager
def _by_pillow(at: HostRun, message: str) -> Iterator[Any]:
    """Pillow's module of images; what it raises of a damaged file becomes InvalidArgumentError."""
    images = pillow()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a damaged file is refused, or read as far as it goes
            yield images
    except (*_PILLOW_ERRORS, images.DecompressionBombError) as error:
        raise invalid(at, message) from error


def opened(at: HostRun, contents: bytes, kind: str) -> Any:
    """One of Pillow's images, of a file of that kind. Raises InvalidArgumentError for others, and too large ones."""
    with _by_pillow(at, f"Invalid {kind} data, size {len(contents)}") as images:
        image = images.open(io.BytesIO(contents), formats=[kind])
    if image.width * image.height * 4 > MOST_ELEMENTS:
        raise invalid(at, f"{kind} image of {image.width} by {image.height} pixels is too large")
    return image


def pixels(at: HostRun, image: Any, channels: int, kind: str) -> Array:
    """[height, width, channels] of one of Pillow's images, with its own channels where that is 0; 16 bits stay."""
    with _by_pillow(at, f"Invalid {kind} data"):
        if channels == 1 and kind == "JPEG":
            image.draft("L", image.size)
        if image.mode.startswith("I"):
            wide = np.asarray(image).astype(np.uint16)[:, :, None]
            if channels <= 1:
                return wide
            opaque = [np.full_like(wide, 65535)] if channels in (2, 4) else []
            return np.concatenate([wide] * (1 if channels == 2 else 3) + opaque, 2)
        array = np.asarray(image.convert(_MODES[channels or _own_channels(image, kind)]))
    return array[:, :, None] if array.ndim == 2 else array


def _own_channels(image: Any, kind: str) -> int:
    """How many channels the file has: those of a palette are the colours in it."""
    if image.mode in ("1", "L"):
        return 2 if kind == "PNG" and "transparency" in image.info else 1
    if image.mode in ("LA", "RGBA"):
        return len(image.mode)
    return 4 if kind == "PNG" and "transparency" in image.info else 3


def frames(at: HostRun, contents: bytes) -> Array:
    """[frames, height, width, 3] of a GIF, each frame drawn over the last. Raises InvalidArgumentError."""
    image = opened(at, contents, "GIF")
    found: list[Array] = []
    with _by_pillow(at, f"Invalid GIF data, size {len(contents)}"):
        count, size = getattr(image, "n_frames", 1), image.size
        if image.width * image.height * 3 * count > MOST_ELEMENTS:
            raise invalid(at, f"GIF image of {count} frames of {image.width} by {image.height} pixels is too large")
        for number in range(count):
            image.seek(number)
            if image.size != size:  # Pillow would make room for it, however much
                raise invalid(at, f"GIF frame {number} is larger than the image of {size[0]} by {size[1]} pixels")
            found.append(np.asarray(image.convert("RGB")))
        return np.stack(found)


def _as(array: Array, dtype: DType) -> Array:
    """Of 8 or 16 bits, as asked for."""
    if array.dtype == dtype.numpy:
        return array
    return (array >> 8).astype(np.uint8) if dtype is uint8 else array.astype(np.uint16) * np.uint16(257)


def _picture(at: HostRun, contents: bytes, channels: int, dtype: DType = uint8) -> Array:
    """[height, width, channels] of a JPEG, a PNG, or a GIF of one frame. Raises InvalidArgumentError."""
    kind = kind_of(contents)
    if kind == "JPEG":
        _check_channels(at, channels, (0, 1, 3))
    if kind in ("JPEG", "PNG"):
        return _as(pixels(at, opened(at, contents, kind), channels, kind), dtype)
    if kind == "GIF":
        found = frames(at, contents)
        if len(found) != 1:
            raise invalid(
                at, f"Got {len(found)} frames, but animated gifs can only be decoded by tf.image.decode_gif or "
                "tf.image.decode_image",
            )  # fmt: skip
        return _as(found[0], dtype)
    start = contents[:16].decode("latin-1")
    what = f"unknown format starting with '{start}'" if contents else "empty file"
    raise invalid(at, f"Expected image (JPEG, PNG, or GIF), got {what}")


def _picture_shape(inputs: Sequence[Tensor], *, channels: int = 0, **_: Any) -> list[Dims | None]:
    return [(None, None, channels or None)]


def _check_channels(at: HostRun, channels: int, allowed: Sequence[int]) -> None:
    if channels not in allowed:
        names = ", ".join(map(str, allowed[:-1]))
        raise invalid(at, f"channels must be {names}, or {allowed[-1]}, got {channels}")


_JPEG = {
    "ratio": 1, "fancy_upscaling": True, "try_recover_truncated": False, "acceptable_fraction": 1.0, "dct_method": "",
}  # fmt: skip


@host_operation("DecodeJpeg", "contents: string -> uint8", shape=_picture_shape, attributes=_JPEG)
def compute_jpeg(at: HostRun, contents: Array, *, channels: int = 0, ratio: int = 1, **_: Any) -> Array:
    """A JPEG's pixels, every `ratio`th of them."""
    data = contents.item()
    if ratio == 1 or kind_of(data) != "JPEG":
        return _picture(at, data, channels)
    _check_channels(at, channels, (0, 1, 3))
    image = opened(at, data, "JPEG")
    image.draft(None, (-(-image.width // ratio), -(-image.height // ratio)))
    return pixels(at, image, channels, "JPEG")


@host_operation("DecodePng", "contents: string -> dtype", shape=_picture_shape, dtype=(uint8, uint16))
def compute_png(at: HostRun, contents: Array, *, channels: int = 0, dtype: DType = uint8) -> Array:
    """A PNG's pixels."""
    _check_channels(at, channels, (0, 1, 3, 4))
    return _picture(at, contents.item(), channels, dtype)


@host_operation("DecodeGif", "contents: string -> uint8", shape=lambda inputs, **_: [(None, None, None, 3)])
def compute_gif(at: HostRun, contents: Array) -> Array:
    """A GIF's frames; a JPEG or PNG as one frame."""
    data = contents.item()
    return frames(at, data) if kind_of(data) == "GIF" else _picture(at, data, 3)[None]


@host_operation("DecodeBmp", "contents: string -> uint8", shape=_picture_shape)
def compute_bmp(at: HostRun, contents: Array, *, channels: int = 0) -> Array:
    """A BMP's pixels."""
    _check_channels(at, channels, (0, 1, 3, 4))
    data = contents.item()
    if kind_of(data) != "BMP":
        raise invalid(at, f"Incomplete bmp content, requires at least 32 bytes to find the header size, width, height, "
                      f"and bpp, got {len(data)} bytes")  # fmt: skip
    image = opened(at, data, "BMP")
    own = _own_channels(image, "BMP")
    if channels and channels != own:
        raise invalid(at, f"channels attribute {channels} does not match bits per pixel from file {own}")
    return pixels(at, image, channels, "BMP")


@host_operation("ExtractJpegShape", "contents: string -> output_type", shape=lambda inputs, **_: [(3,)],
                output_type=(int32, int64))  # fmt: skip
def compute_jpeg_shape(at: HostRun, contents: Array, *, output_type: DType = int32) -> Array:
    """The shape of a JPEG's pixels, which are not read."""
    image = opened(at, contents.item(), "JPEG")
    return np.array([image.height, image.width, _own_channels(image, "JPEG")])


def _window_shape(inputs: Sequence[Tensor], *, channels: int = 0, **_: Any) -> list[Dims | None]:
    return [(*sizes_in(inputs[1], 4)[2:], channels or None)]


@host_operation("DecodeAndCropJpeg", "contents: string, crop_window: int32 -> uint8", shape=_window_shape,
                attributes=_JPEG)  # fmt: skip
def compute_cropped_jpeg(at: HostRun, contents: Array, window: Array, *, channels: int = 0, **_: Any) -> Array:
    """A part of a JPEG's pixels: [top, left, height, width]."""
    whole = _picture(at, contents.item(), channels)
    top, left, height, width = (int(number) for number in window)
    if top < 0 or left < 0 or height <= 0 or width <= 0 or top + height > len(whole) or left + width > whole.shape[1]:
        raise invalid(at, f"Invalid JPEG data or crop window, data size {len(contents.item())}")
    return whole[top : top + height, left : left + width]


def _any_shape(inputs: Sequence[Tensor], *, expand_animations: bool, **_: Any) -> list[Dims | None]:
    return [None if expand_animations else (None, None, None)]


@host_operation("DecodeImage", "contents: string -> dtype", shape=_any_shape, dtype=(uint8, uint16))
def compute_image(at: HostRun, contents: Array, *, channels: int = 0, dtype: DType = uint8,
                  expand_animations: bool = True) -> Array:  # fmt: skip
    """The pixels of any of the four; of a GIF its frames."""
    data = contents.item()
    kind = kind_of(data)
    allowed = {"JPEG": (0, 1, 3), "PNG": (0, 1, 3, 4), "GIF": (0, 3), "BMP": (0, 3, 4)}
    if not kind:
        raise invalid(at, "assertion failed: [Unable to decode bytes as JPEG, PNG, GIF, or BMP]")
    if channels not in allowed[kind]:
        names = ", ".join(["None", *map(str, allowed[kind] if kind != "BMP" else (0, 3))])
        raise invalid(at, f"assertion failed: [Channels must be in ({names}) when decoding {kind} images]")
    if kind == "GIF":
        found = frames(at, data)
        return _as(found if expand_animations else found[0], dtype)
    return _as(pixels(at, opened(at, data, kind), channels, kind), dtype)


# -- functions ----


@export("image.decode_jpeg", "io.decode_jpeg")
def decode_jpeg(
    contents: Any, channels: int | None = 0, ratio: int = 1, fancy_upscaling: bool = True,
    try_recover_truncated: bool = False, acceptable_fraction: float = 1, dct_method: str = "", name: str | None = None,
) -> Tensor:  # fmt: skip
    """uint8 [height, width, channels] of a JPEG file's bytes; channels is 1 for greys, 3 for colours, 0 for the
    file's own. A PNG, and a GIF of one frame, are read too. A run raises InvalidArgumentError."""
    return apply(
        "DecodeJpeg", [contents], name=name, channels=channels or 0, ratio=ratio, fancy_upscaling=fancy_upscaling,
        try_recover_truncated=try_recover_truncated, acceptable_fraction=acceptable_fraction, dct_method=dct_method,
    )  # fmt: skip


@export("image.decode_and_crop_jpeg", "io.decode_and_crop_jpeg")
def decode_and_crop_jpeg(
    contents: Any, crop_window: Any, channels: int | None = 0, ratio: int = 1, fancy_upscaling: bool = True,
    try_recover_truncated: bool = False, acceptable_fraction: float = 1, dct_method: str = "", name: str | None = None,
) -> Tensor:  # fmt: skip
    """As decode_jpeg, of the part [top, left, height, width]."""
    return apply(
        "DecodeAndCropJpeg", [contents, crop_window], name=name, channels=channels or 0, ratio=ratio,
        fancy_upscaling=fancy_upscaling, try_recover_truncated=try_recover_truncated,
        acceptable_fraction=acceptable_fraction, dct_method=dct_method,
    )  # fmt: skip


@export("image.decode_png", "io.decode_png")
def decode_png(contents: Any, channels: int | None = 0, dtype: Any = uint8, name: str | None = None) -> Tensor:
    """uint8 or uint16 [height, width, channels] of a PNG file's bytes; channels is 1 for greys, 3 for colours, 4 with
    transparency, 0 for the file's own. Colours of 16 bits are read with 8. A run raises InvalidArgumentError."""
    return apply("DecodePng", [contents], name=name, channels=channels or 0, dtype=as_dtype(dtype))


@export("image.decode_gif", "io.decode_gif")
def decode_gif(contents: Any, name: str | None = None) -> Tensor:
    """uint8 [frames, height, width, 3] of a GIF file's bytes. A run raises InvalidArgumentError."""
    return apply("DecodeGif", [contents], name=name)


@export("image.decode_bmp", "io.decode_bmp")
def decode_bmp(contents: Any, channels: int | None = 0, name: str | None = None) -> Tensor:
    """uint8 [height, width, channels] of a BMP file's bytes. A run raises InvalidArgumentError."""
    return apply("DecodeBmp", [contents], name=name, channels=channels or 0)


@export("image.extract_jpeg_shape", "io.extract_jpeg_shape")
def extract_jpeg_shape(contents: Any, output_type: Any = int32, name: str | None = None) -> Tensor:
    """[height, width, channels] of a JPEG file, of which only the head is read."""
    return apply("ExtractJpegShape", [contents], name=name, output_type=as_dtype(output_type))


@export("image.decode_image", "io.decode_image")
def decode_image(
    contents: Any, channels: int | None = None, dtype: Any = uint8, name: str | None = None,
    expand_animations: bool = True,
) -> Tensor:  # fmt: skip
    """The pixels of a JPEG, PNG or BMP [height, width, channels], or of a GIF [frames, height, width, 3], whose first
    frame alone is read without `expand_animations`; as `dtype`, as convert_image_dtype does it. Raises ValueError."""
    with name_scope(name, "decode_image"):
        if channels not in (None, 0, 1, 3, 4):
            raise ValueError("channels must be in (None, 0, 1, 3, 4)")
        wanted = as_dtype(dtype)
        read = uint8 if wanted is uint8 else uint16
        found = apply("DecodeImage", [contents], channels=channels or 0, dtype=read,
                      expand_animations=expand_animations)  # fmt: skip
        return convert_image_dtype(found, wanted)


@export("image.is_jpeg", "io.is_jpeg")
def is_jpeg(contents: Any, name: str | None = None) -> Tensor:
    """Whether the bytes begin as a JPEG file's do."""
    with name_scope(name, "is_jpeg") as scope:
        return apply("Equal", [substr(contents, 0, 3), b"\xff\xd8\xff"], name=scope)
