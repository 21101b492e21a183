"""How a constant is written, in text and in JSON alike: all its elements, one for all of them, or a hash.

What is written as a hash has its array kept beside the text, in a dict from hash to array.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Literal

import numpy as np

from .constant import AbsentConstant, Constant
from .errors import ParseError
from .limits import INLINE_ELEMENTS, MAX_SPLAT_BYTES
from .literal import Numbers, Part, parts
from .types import TensorType

Array = np.ndarray[Any, Any]
_HASH = re.compile(r"[0-9a-f]{32}\Z")
Form = Literal["inline", "splat", "data"]


class Packer:
    """Chooses the form of one function's constants after the other; `data` gathers what is left out.

    An array of equal elements becomes a splat until the memory that a reader grants to splats is used up. Of the
    others, those of more than `inline_elements` become data; None writes them all out.
    """

    def __init__(self, inline_elements: int | None = INLINE_ELEMENTS) -> None:
        self.inline_elements = inline_elements
        self.data: dict[str, Array] = {}
        self._splat_bytes = 0

    def pack(self, constant: Constant) -> tuple[Form, list[Part]]:
        """The form, and the parts of all elements, of the one element, or the hash."""
        if isinstance(constant, AbsentConstant):
            return "data", [constant.name]
        array, dtype = constant.array, constant.type.dtype
        if array.ndim and _is_uniform(constant) and self._splat_bytes + array.nbytes <= MAX_SPLAT_BYTES:
            self._splat_bytes += array.nbytes
            return "splat", parts(array.reshape(-1)[:1], dtype)
        if self.inline_elements is None or array.size <= self.inline_elements:
            return "inline", parts(array, dtype)
        name = data_hash(constant.type, array)
        self.data[name] = array
        return "data", [name]


class Unpacker:
    """Makes the constants of one text; the cap on the memory of splats holds for all of it. With `may_lack`, those
    whose data are not there are absent.

    Every method raises ParseError, without a place.
    """

    def __init__(self, data: Mapping[str, object] | None, *, may_lack: bool = False) -> None:
        self._data = data or {}
        self._may_lack = may_lack
        self._splat_bytes = 0

    def begin(self, type: TensorType) -> Numbers:
        """Where the parts of a constant of this type are gathered, once the type is one that a constant can have."""
        if not type.is_static:
            raise ParseError(f"constant is of type {type} but must have numbers for sizes")
        if np.prod([size or 1 for size in type.static_shape()], dtype=object) * type.dtype.bytes >= 2**63:
            raise ParseError(f"constant is of type {type} but must stay under 2**63 bytes")
        return Numbers(type.dtype)

    def inline(self, type: TensorType, numbers: Numbers) -> Constant:
        """The constant of these elements, of which there must be as many as the type says."""
        return Constant(numbers.array().reshape(type.static_shape()))

    def splat(self, type: TensorType, numbers: Numbers) -> Constant:
        """The constant whose elements all are the one in `numbers`."""
        self._splat_bytes += type.bytes()
        if self._splat_bytes > MAX_SPLAT_BYTES:
            limit = f"at most {MAX_SPLAT_BYTES} bytes for constants of equal elements"
            raise ParseError(f"constant of type {type} brings the text over its limit: {limit}", hint="use a broadcast")
        return Constant(np.broadcast_to(numbers.array().reshape(()), type.static_shape()))

    def data(self, type: TensorType, name: str) -> Constant:
        """The constant with this hash, whatever the shape and dtype in which its bytes are kept."""
        if name not in self._data:
            if self._may_lack and _HASH.match(name):
                return AbsentConstant(type, name)
            raise ParseError(f"data {name} of type {type} is missing", hint="pass the data saved with this program")
        given = np.ascontiguousarray(self._data[name])
        if given.dtype.hasobject or given.nbytes != type.bytes() or data_hash(type, given) != name:
            found = f"{given.dtype}{list(given.shape)}"
            raise ParseError(f"data {name} is {found} but must be the {type} that has this hash")
        raw = given.reshape(-1).view(np.uint8)
        if type.dtype.is_bool and bool((raw > 1).any()):
            raise ParseError(f"data {name} has a bool that is neither 0 nor 1")
        return Constant(raw.view(type.dtype.numpy).reshape(type.static_shape()))


def _is_uniform(constant: Constant) -> bool:
    """Whether there is an element and all have the same bits."""
    flat = constant.array.reshape(-1)
    if not flat.size:
        return False
    bits = flat.view(f"u{constant.type.dtype.real.bytes}").reshape(flat.size, -1)
    return bool((bits == bits[0]).all())


def data_hash(type: TensorType, values: Array) -> str:
    """32 hex digits over type and bytes."""
    state = blake2b(f"{type} ".encode(), digest_size=16)
    state.update(np.ascontiguousarray(values).reshape(-1).view(np.uint8).data)
    return state.hexdigest()
