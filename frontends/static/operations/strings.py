"""tf.strings: operations on strings, which the host computes."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import host_operation, shape_of_input
from ..graphs.dtypes import NUMBERS, DType, as_dtype, bool_, float32, float64, int32, int64, string
from ..graphs.errors import InvalidArgumentError
from ..graphs.shapes import Dims
from ..graphs.tensor import Tensor
from ..running.host import HostRun
from .arrays import either
from .sparse_tensors import SparseTensor

Array = np.ndarray[Any, Any]


def _each(function: Callable[..., Any], *arrays: Array) -> Array:
    """The function's results for every element, of arrays broadcast together."""
    return np.asarray(np.frompyfunc(function, len(arrays), 1)(*(a.astype(object) for a in arrays)), dtype=object)


def _text(item: Any) -> str:
    return item.decode("utf-8") if isinstance(item, bytes) else str(item)


def _declare(type: str, compute: Callable[[bytes], bytes], names: tuple[str, ...], means: str) -> None:
    @host_operation(type, "input: string -> string", shape=shape_of_input)
    def lower(at: HostRun, x: Array) -> Array:
        return _each(compute, x)

    @export(*names)
    def function(input: Any, name: str | None = None) -> Tensor:
        return apply(type, [input], name=name)

    function.__name__ = function.__qualname__ = names[0].rpartition(".")[2]
    function.__doc__ = f"Every string {means}."


_declare("StringStrip", bytes.strip, ("string_strip", "strings.strip"), "without white space at its ends")


def _declare_case(type: str, name: str, bytes_case: Callable[[bytes], bytes], text_case: Callable[[str], str]) -> None:
    @host_operation(type, "input: string -> string", shape=shape_of_input)
    def lower(at: HostRun, x: Array, *, encoding: str = "") -> Array:
        return _each(lambda item: text_case(item.decode()).encode() if encoding else bytes_case(item), x)

    @export(f"strings.{name}")
    def function(input: Any, encoding: str = "", name: str | None = None) -> Tensor:
        return apply(type, [input], name=name, encoding=encoding)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"Every string in {name} case, of ASCII letters alone unless `encoding` is utf-8."


_declare_case("StringLower", "lower", bytes.lower, str.lower)
_declare_case("StringUpper", "upper", bytes.upper, str.upper)


@host_operation("StringLength", "input: string -> int32", shape=shape_of_input)
def lower_length(at: HostRun, x: Array, *, unit: str = "BYTE") -> Array:
    """How long every string is."""
    return _each(lambda item: len(item if unit == "BYTE" else item.decode()), x)


@export("strings.length")
def string_length(input: Any, name: str | None = None, unit: str = "BYTE") -> Tensor:
    """The number of bytes of every string, or with unit "UTF8_CHAR" of characters."""
    return apply("StringLength", [input], name=name, unit=unit)


def _joined_shape(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    shapes = [tensor._dims for tensor in inputs if tensor._dims != ()]
    return [shapes[0] if shapes else ()]


@host_operation("StringJoin", "inputs: N*string -> string", shape=_joined_shape)
def lower_join(at: HostRun, *inputs: Array, N: int = 1, separator: str = "") -> Array:
    """The strings at one place put together."""
    return _each(lambda *items: separator.encode().join(items), *inputs)


@export("string_join", "strings.join")
def string_join(inputs: Any, separator: str = "", name: str | None = None) -> Tensor:
    """The strings of several tensors put together, `separator` between them."""
    return apply("StringJoin", [list(inputs)], name=name, separator=separator)


@host_operation("AsString", "input: T -> string", shape=shape_of_input, T=(*NUMBERS, bool_))
def lower_as_string(
    at: HostRun, x: Array, *, precision: int = -1, scientific: bool = False, shortest: bool = False, width: int = -1,
    fill: str = "",
) -> Array:  # fmt: skip
    """Every number as text."""
    mark = "g" if shortest else "e" if scientific else "f"
    digits = f".{precision}" if precision >= 0 else ""
    size = fill + str(width) if width >= 0 else ""

    def written(item: Any) -> bytes:
        if isinstance(item, bool):
            return b"true" if item else b"false"
        if isinstance(item, int):
            return f"%{size}d".encode() % item
        if isinstance(item, complex):
            return f"({_float(item.real)},{_float(item.imag)})".encode()
        return _float(item).encode()

    def _float(item: float) -> str:
        return f"%{size}{digits}{mark}" % item

    return _each(written, x)


@export("as_string", "dtypes.as_string", "strings.as_string")
def as_string(
    input: Any, precision: int = -1, scientific: bool = False, shortest: bool = False, width: int = -1, fill: str = "",
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """Every number as text, as C's printf writes it."""
    return apply(
        "AsString", [input], name=name, precision=precision, scientific=scientific, shortest=shortest, width=width,
        fill=fill,
    )  # fmt: skip


@host_operation("StringToNumber", "string_tensor: string -> out_type", shape=shape_of_input,
                out_type=(float32, float64, int32, int64))  # fmt: skip
def lower_to_number(at: HostRun, x: Array, *, out_type: DType = float32) -> Array:
    """Every string read as a number."""

    def read(item: bytes) -> Any:
        try:
            return (float if out_type.is_floating else int)(item)
        except ValueError:
            message = f"StringToNumberOp could not correctly convert string: {_text(item)}"
            raise InvalidArgumentError(at.operation.node_def, at.operation, message) from None

    return _each(read, x).astype(out_type.numpy)


@export("string_to_number", "strings.to_number")
def string_to_number(
    string_tensor: Any = None, out_type: Any = float32, name: str | None = None, input: Any = None
) -> Tensor:
    """Every string read as a number. A run raises InvalidArgumentError where one is none."""
    given = either("input", input, "string_tensor", string_tensor)
    return apply("StringToNumber", [given], name=name, out_type=as_dtype(out_type))


def _broadcast_shape(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    return [inputs[0]._dims]


@host_operation("Substr", "input: string, pos: T, len: T -> string", shape=_broadcast_shape, T=(int32, int64))
def lower_substr(at: HostRun, x: Array, pos: Array, length: Array, *, unit: str = "BYTE") -> Array:
    """A part of every string."""

    def part(item: bytes, start: int, count: int) -> bytes:
        text: Any = item if unit == "BYTE" else item.decode()
        if not -len(text) <= start <= len(text):
            message = f"pos {start} out of range for string b'{_text(item)}' at index 0"
            raise InvalidArgumentError(at.operation.node_def, at.operation, message)
        first = start + len(text) if start < 0 else start
        found = text[first : first + count]
        return found if isinstance(found, bytes) else found.encode()

    return _each(part, x, pos, length)


@export("substr", "strings.substr")
def substr(input: Any, pos: Any, len: Any, name: str | None = None, unit: str = "BYTE") -> Tensor:
    """The `len` bytes of every string from `pos` on, which counts from the end where it is negative."""
    return apply("Substr", [input, pos, len], name=name, unit=unit)


@host_operation("RegexReplace", "input: string, pattern: string, rewrite: string -> string", shape=shape_of_input)
def lower_regex_replace(at: HostRun, x: Array, pattern: Array, rewrite: Array, *, replace_global: bool = True) -> Array:
    """What the pattern matches replaced."""
    compiled = re.compile(_text(pattern.item()))
    with_groups = re.sub(r"\\(\d)", r"\\g<\1>", _text(rewrite.item()))
    return _each(lambda item: compiled.sub(with_groups, item.decode(), count=int(not replace_global)).encode(), x)


@export("regex_replace", "strings.regex_replace")
def regex_replace(
    input: Any, pattern: Any, rewrite: Any, replace_global: bool = True, name: str | None = None
) -> Tensor:
    """What `pattern` matches in every string replaced by `rewrite`: all, or with replace_global=False the first."""
    return apply("RegexReplace", [input, pattern, rewrite], name=name, replace_global=replace_global)


@host_operation("RegexFullMatch", "input: string, pattern: string -> bool", shape=shape_of_input)
def lower_regex_match(at: HostRun, x: Array, pattern: Array) -> Array:
    """Whether the pattern matches the whole string."""
    compiled = re.compile(_text(pattern.item()))
    return _each(lambda item: compiled.fullmatch(item.decode()) is not None, x).astype(bool)


@export("strings.regex_full_match")
def regex_full_match(input: Any, pattern: Any, name: str | None = None) -> Tensor:
    """Whether `pattern` matches the whole of every string."""
    return apply("RegexFullMatch", [input, pattern], name=name)


def _split_shapes(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    return [(None, 2), (None,), (2,)]


def _split(x: Array, cut: Callable[[bytes], list[bytes]]) -> list[Any]:
    rows = [cut(item) for item in x.reshape(-1).tolist()]
    indices = [[row, place] for row, parts in enumerate(rows) for place in range(len(parts))]
    values = np.array([part for parts in rows for part in parts] + [None], dtype=object)[:-1]
    widest = max(map(len, rows), default=0)
    return [np.array(indices, np.int64).reshape(-1, 2), values, np.array([len(rows), widest], np.int64)]


@host_operation("StringSplit", "input: string, delimiter: string -> int64, string, int64", shape=_split_shapes)
def lower_split(at: HostRun, x: Array, delimiter: Array, *, skip_empty: bool = True) -> list[Any]:
    """Every string cut at any of the characters of the delimiter."""
    marks = delimiter.item()

    def cut(item: bytes) -> list[bytes]:
        parts = [bytes([byte]) for byte in item] if not marks else re.split(b"[" + re.escape(marks) + b"]", item)
        return [part for part in parts if part or not skip_empty]

    return _split(x, cut)


@export("string_split")
def string_split(
    source: Any = None, sep: Any = None, skip_empty: bool = True, delimiter: Any = None,
    result_type: str = "SparseTensor", input: Any = None, name: str | None = None,
) -> SparseTensor:  # fmt: skip
    """The words of a vector of strings, cut at any character of `delimiter` (a space): sparse [strings, words]."""
    given = either("input", input, "source", source)
    marks = either("delimiter", delimiter, "sep", sep)
    x = convert_to_tensor(given, dtype=string)
    if x.shape.ndims == 0:
        x = apply("ExpandDims", [x, 0])
    return SparseTensor(*apply("StringSplit", [x, " " if marks is None else marks], name=name, skip_empty=skip_empty))


@host_operation("StringSplitV2", "input: string, sep: string -> int64, string, int64", shape=_split_shapes)
def lower_split_v2(at: HostRun, x: Array, sep: Array, *, maxsplit: int = -1) -> list[Any]:
    """Every string cut at a separator, or at white space where that is empty."""
    mark = sep.item() or None
    return _split(x, lambda item: item.split(mark, maxsplit))


@export("strings.split")
def split_v2(
    input: Any = None, sep: Any = None, maxsplit: int = -1, result_type: str = "SparseTensor", source: Any = None,
    name: str | None = None,
) -> SparseTensor:  # fmt: skip
    """The words of a vector of strings, cut at `sep`, or at white space by default: sparse [strings, words]."""
    given = either("input", input, "source", source)
    return SparseTensor(*apply("StringSplitV2", [given, "" if sep is None else sep], name=name, maxsplit=maxsplit))


@host_operation("ReduceJoin", "inputs: string, reduction_indices: int32 -> string")
def lower_reduce_join(at: HostRun, x: Array, axes: Array, *, keep_dims: bool = False, separator: str = "") -> Array:
    """The strings along some axes put together."""
    taken = [int(axis) % x.ndim for axis in axes.reshape(-1)]
    rest = [axis for axis in range(x.ndim) if axis not in taken]
    moved = np.transpose(x, (*rest, *taken)).reshape(*(x.shape[axis] for axis in rest), -1)
    joined = np.empty(moved.shape[:-1], dtype=object)
    for place in np.ndindex(joined.shape):
        joined[place] = separator.encode().join(moved[place].tolist())
    return joined.reshape([1 if axis in taken else size for axis, size in enumerate(x.shape)]) if keep_dims else joined


@export("reduce_join", "strings.reduce_join")
def reduce_join(
    inputs: Any, axis: Any = None, keep_dims: bool | None = None, separator: str = "", name: str | None = None,
    reduction_indices: Any = None, keepdims: bool | None = None,
) -> Tensor:  # fmt: skip
    """The strings along `axis`, by default all, put together with `separator` between them."""
    places = either("axis", axis, "reduction_indices", reduction_indices)
    keep = bool(either("keepdims", keepdims, "keep_dims", keep_dims))
    x = convert_to_tensor(inputs, dtype=string)
    if places is None:
        if x.shape.ndims is None:
            raise ValueError("reduce_join over all axes needs a tensor of known rank")
        places = list(range(x.shape.ndims))
    return apply("ReduceJoin", [x, places], name=name, keep_dims=keep, separator=separator)


@host_operation("EncodeBase64", "input: string -> string", shape=shape_of_input)
def lower_encode(at: HostRun, x: Array, *, pad: bool = False) -> Array:
    """Every string in base 64, with the alphabet for addresses."""
    return _each(lambda item: base64.urlsafe_b64encode(item) if pad else base64.urlsafe_b64encode(item).rstrip(b"="), x)


@export("encode_base64", "io.encode_base64")
def encode_base64(input: Any, pad: bool = False, name: str | None = None) -> Tensor:
    """Every string in base 64, with the alphabet for addresses; filled up with = where `pad`."""
    return apply("EncodeBase64", [input], name=name, pad=pad)


@host_operation("DecodeBase64", "input: string -> string", shape=shape_of_input)
def lower_decode(at: HostRun, x: Array) -> Array:
    """Every string read as base 64."""
    return _each(lambda item: base64.urlsafe_b64decode(item + b"=" * (-len(item) % 4)), x)


@export("decode_base64", "io.decode_base64")
def decode_base64(input: Any, name: str | None = None) -> Tensor:
    """Every string read as base 64, with the alphabet for addresses."""
    return apply("DecodeBase64", [input], name=name)
