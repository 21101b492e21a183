"""tf.summary: operations that give a Summary message as a string, for tf.summary.FileWriter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from ...events.errors import DamagedData
from ...events.histograms import tensorflow_histogram
from ...events.images import image as image_message
from ...events.scalars import plugin
from ...events.sounds import wav_file_of_integers
from ...events.summary import Audio, Summary, SummaryMetadata, Value
from ...events.summary_scan import scanned
from ...events.tensor_messages import DT_STRING, TensorProto, shape_proto
from ..exports import export
from ..graphs.apply import apply
from ..graphs.collections import GraphKeys, get_collection
from ..graphs.conversion import convert_to_tensor
from ..graphs.defaults import get_default_graph
from ..graphs.definitions import host_operation, scalar_shape
from ..graphs.dtypes import REALS, DType, float16, float32, float64, string, uint8
from ..graphs.errors import InvalidArgumentError
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from ..platform.logs import info
from ..running.host import HostRun

Array = np.ndarray[Any, Any]

NOTHING = 1e-6  # pictures whose brightest pixel is darker are black


def _refused(at: HostRun, message: str) -> InvalidArgumentError:
    return InvalidArgumentError(at.operation.node_def, at.operation, message)


def _shape_text(shape: Sequence[int]) -> str:
    return f"[{','.join(map(str, shape))}]"


# -- what the host computes ----


@host_operation("ScalarSummary", "tags: string, values: T -> string", shape=scalar_shape, T=REALS)
def scalar_summary(at: HostRun, tags: Array, values: Array) -> bytes:
    """Each number under its tag."""
    if tags.shape != values.shape:
        tag = f" (tag '{tags[()].decode()}')" if not tags.ndim else ""
        shapes = f"{_shape_text(tags.shape)} != {_shape_text(values.shape)}"
        raise _refused(at, f"tags and values not the same shape: {shapes}{tag}")
    pairs = zip(tags.reshape(-1).tolist(), values.reshape(-1).astype(np.float32).tolist(), strict=True)
    found = [Value(tag=tag.decode(), simple_value=number) for tag, number in pairs]
    return Summary(value=found).SerializeToString()


@host_operation("HistogramSummary", "tag: string, values: T -> string", shape=scalar_shape, T=REALS)
def histogram_summary(at: HostRun, tag: Array, values: Array) -> bytes:
    """How many of the values are in each bucket."""
    name = tag[()].decode()
    numbers = values.astype(np.float64)
    for kind, found in (("Nan", np.isnan(numbers)), ("Infinity", np.isinf(numbers))):
        if found.any():
            raise _refused(at, f"{kind} in summary histogram for: {name}")
    return Summary(value=[Value(tag=name, histo=tensorflow_histogram(numbers))]).SerializeToString()


@host_operation(
    "ImageSummary", "tag: string, tensor: T -> string", shape=scalar_shape, T=(uint8, float32, float16, float64)
)
def image_summary(at: HostRun, tag: Array, tensor: Array, *, max_images: int = 3) -> bytes:
    """Pictures [batch, height, width, 1, 3 or 4 channels] as PNG files."""
    if tensor.ndim != 4 or tensor.shape[3] not in (1, 3, 4):
        raise _refused(at, f"Tensor must be 4-D with last dim 1, 3, or 4, not {_shape_text(tensor.shape)}")
    pictures = tensor[:max_images]
    if tensor.dtype != np.uint8:
        pictures = [_pixels(picture.astype(np.float32)) for picture in pictures]
    found = [
        Value(tag=name, image=image_message(np.asarray(picture)))
        for name, picture in zip(_names(tag, "image", max_images, len(pictures)), pictures, strict=True)
    ]
    return Summary(value=found).SerializeToString()


def _pixels(picture: Array) -> Array:
    """Floats as bytes: the brightest at 255, or with negative ones the largest 127 from 128; what is not finite red."""
    bad = ~np.isfinite(picture).all(axis=2)
    kept = picture[~bad]
    low, high = (float(kept.min()), float(kept.max())) if kept.size else (0.0, 0.0)
    offset, peak, top = (128.0, max(-low, abs(high)), 127.0) if low < 0 else (0.0, high, 255.0)
    scale = np.float32(0.0 if peak < NOTHING else top / peak)
    found = np.empty(picture.shape, np.uint8)
    found[~bad] = (kept * scale + np.float32(offset)).astype(np.uint8)
    found[bad] = np.array((255, 0, 0, 255), np.uint8)[: picture.shape[2]]
    return found


def _names(tag: Array, kind: str, most: int, count: int) -> list[str]:
    """`tag/image`, or where there may be several `tag/image/0` and so on."""
    name = tag[()].decode()
    return [f"{name}/{kind}"] if most == 1 else [f"{name}/{kind}/{number}" for number in range(count)]


@host_operation("AudioSummaryV2", "tag: string, tensor: float32, sample_rate: float32 -> string", shape=scalar_shape)
def audio_summary(at: HostRun, tag: Array, tensor: Array, sample_rate: Array, *, max_outputs: int = 3) -> bytes:
    """Sounds [batch, frames] or [batch, frames, channels] from -1 to 1 as WAV files."""
    if tensor.ndim not in (2, 3):
        raise _refused(at, f"Tensor must be 3-D or 2-D, got: {_shape_text(tensor.shape)}")
    rate = float(sample_rate)
    sounds = tensor[:max_outputs]
    found: list[Value] = []
    for name, samples in zip(_names(tag, "audio", max_outputs, len(sounds)), sounds, strict=True):
        frames = samples if samples.ndim == 2 else samples[:, None]
        scaled = np.clip(np.rint(frames.astype(np.float64) * 32768), -32768, 32767).astype("<i2")
        message = Audio(
            sample_rate=rate,
            num_channels=frames.shape[1],
            length_frames=frames.shape[0],
            encoded_audio_string=wav_file_of_integers(scaled, int(rate)),
            content_type="audio/wav",
        )
        found.append(Value(tag=name, audio=message))
    return Summary(value=found).SerializeToString()


@host_operation(
    "TensorSummaryV2", "tag: string, tensor: T, serialized_summary_metadata: string -> string", shape=scalar_shape
)
def tensor_summary_v2(at: HostRun, tag: Array, tensor: Array, metadata: Array, *, T: DType) -> bytes:
    """A tensor, with what is said of its tag."""
    if T is string:
        content = {"string_val": tensor.reshape(-1).tolist()}
    else:
        content = {"tensor_content": np.ascontiguousarray(tensor).tobytes()}
    number = DT_STRING if T is string else T.as_datatype_enum
    message = TensorProto(dtype=number, tensor_shape=shape_proto(tensor.shape), **content)
    said = SummaryMetadata.FromString(metadata[()])
    return Summary(value=[Value(tag=tag[()].decode(), metadata=said, tensor=message)]).SerializeToString()


@host_operation("MergeSummary", "inputs: N*string -> string", shape=scalar_shape)
def merge_summary(at: HostRun, *inputs: Array) -> bytes:
    """All values of all messages."""
    messages = [data for array in inputs for data in array.reshape(-1).tolist()]
    tags: set[str] = set()
    for data in messages:
        try:
            values = scanned(data)
        except DamagedData:
            raise _refused(at, "Could not parse one of the summary inputs") from None
        for tag, _ in values:
            if tag in tags:
                raise _refused(at, f"Duplicate tag {tag} found in summary inputs")
            tags.add(tag)
    return b"".join(messages)  # which is a message of all their values


# -- what users call ----


def _clean(name: str | None) -> str | None:
    """A name without letters that tags may not have."""
    if name is None:
        return None
    found = re.sub(r"[^-/\w\.]", "_", name).lstrip("/")
    if found != name:
        info("Summary name %s is illegal; using %s instead.", name, found)
    return found


@contextmanager
def _scope(name: str, family: str | None, values: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """The tag, which is the name scope, behind its family, and the name for the operation."""
    name, family = _clean(name) or "", _clean(family)
    with name_scope(name if family is None else f"{family}/{name}", None, values) as scope:
        tag = scope.rstrip("/")
        yield (tag if family is None else f"{family}/{tag}"), scope


def _collected(made: Tensor, collections: Sequence[Any] | None, default: Sequence[Any] = ()) -> Tensor:
    for key in default if collections is None else collections:
        get_default_graph().add_to_collection(key, made)
    return made


_SUMMARIES = (GraphKeys.SUMMARIES,)


@export("summary.scalar")
def scalar(name: str, tensor: Any, collections: Sequence[Any] | None = None, family: str | None = None) -> Tensor:
    """A number under the tag `name`."""
    with _scope(name, family, [tensor]) as (tag, scope):
        return _collected(apply("ScalarSummary", [tag, tensor], name=scope), collections, _SUMMARIES)


@export("summary.histogram")
def histogram(name: str, values: Any, collections: Sequence[Any] | None = None, family: str | None = None) -> Tensor:
    """How numbers of any shape are distributed."""
    with _scope(name, family, [values]) as (tag, scope):
        return _collected(apply("HistogramSummary", [tag, values], name=scope), collections, _SUMMARIES)


@export("summary.image")
def image(
    name: str,
    tensor: Any,
    max_outputs: int = 3,
    collections: Sequence[Any] | None = None,
    family: str | None = None,
) -> Tensor:
    """The first `max_outputs` pictures of [batch, height, width, 1, 3 or 4 channels]: bytes, or floats, which are
    scaled, picture by picture, so that the brightest is white."""
    with _scope(name, family, [tensor]) as (tag, scope):
        made = apply("ImageSummary", [tag, tensor], name=scope, max_images=max_outputs)
        return _collected(made, collections, _SUMMARIES)


@export("summary.audio")
def audio(
    name: str,
    tensor: Any,
    sample_rate: Any,
    max_outputs: int = 3,
    collections: Sequence[Any] | None = None,
    family: str | None = None,
) -> Tensor:
    """The first `max_outputs` sounds of [batch, frames] or [batch, frames, channels], from -1 to 1, at `sample_rate`
    hertz."""
    with _scope(name, family, [tensor]) as (tag, scope):
        rate = convert_to_tensor(sample_rate, float32, name="sample_rate")
        made = apply("AudioSummaryV2", [tag, tensor, rate], name=scope, max_outputs=max_outputs)
        return _collected(made, collections, _SUMMARIES)


@export("summary.tensor_summary")
def tensor_summary(
    name: str,
    tensor: Any,
    summary_description: str | None = None,
    collections: Sequence[Any] | None = None,
    summary_metadata: SummaryMetadata | None = None,
    family: str | None = None,
    display_name: str | None = None,
) -> Tensor:
    """A tensor of any shape and type."""
    said = SummaryMetadata() if summary_metadata is None else summary_metadata
    if summary_description is not None:
        said.summary_description = summary_description
    if display_name is not None:
        said.display_name = display_name
    with _scope(name, family, [tensor]) as (tag, scope):
        made = apply("TensorSummaryV2", [tag, tensor, said.SerializeToString()], name=scope)
        return _collected(made, collections, _SUMMARIES)


@export("summary.text")
def text(name: str, tensor: Any, collections: Sequence[Any] | None = None) -> Tensor:
    """Strings of at most two dimensions, shown as Markdown. Raises ValueError for a tensor of another dtype."""
    tensor = convert_to_tensor(tensor)
    if tensor.dtype is not string:
        raise ValueError(f"Expected tensor {tensor.name} to have dtype string, got {tensor.dtype}")
    return tensor_summary(name, tensor, collections=collections, summary_metadata=plugin("text"))


@export("summary.merge")
def merge(inputs: Sequence[Any], collections: Sequence[Any] | None = None, name: str | None = None) -> Tensor:
    """One message with the values of all `inputs`; a run refuses two of one tag."""
    cleaned = _clean(name)
    with name_scope(cleaned, "Merge", inputs):
        return _collected(apply("MergeSummary", [list(inputs)], name=cleaned), collections)


@export("summary.merge_all")
def merge_all(key: Any = GraphKeys.SUMMARIES, scope: str | None = None, name: str | None = None) -> Tensor | None:
    """All summaries of a collection in one message, or None where there are none."""
    found = get_collection(key, scope)
    return merge(found, name=name) if found else None
