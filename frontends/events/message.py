"""Messages: classes that declare their fields and are written and read on the wire, with protobuf's method names.

    class Image(Message):
        FIELDS = (Field(1, "height", INT32), Field(4, "encoded_image_string", BYTES))

A field that is not set reads as zero, as an empty list, or as an empty message, which counts as set once something is
put into it. Fields of other numbers are passed over when read, and lost.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from .errors import DamagedData
from .wire import (
    DELIMITED,
    FIXED32,
    FIXED64,
    VARINT,
    Kind,
    decode_packed,
    decode_varint,
    encode_delimited,
    encode_packed,
    encode_varint,
)

MAX_DEPTH = 32
MAX_VALUES = 1_000_000  # messages and strings in lists of one message: an empty one is two bytes on the wire


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a message: `kind` is a scalar type or a class of messages. Of fields with one `oneof`, one is set."""

    number: int
    name: str
    kind: Kind | type[Message]
    repeated: bool = False
    oneof: str = ""

    @property
    def packed(self) -> bool:
        """Whether many values stand in a row."""
        return self.repeated and isinstance(self.kind, Kind) and self.kind.wire != DELIMITED


class Repeated(list[Any]):
    """The values of a repeated field."""

    __slots__ = ("_kind",)

    def __init__(self, kind: Kind | type[Message], values: Iterable[Any] = ()) -> None:
        super().__init__(values)
        self._kind = kind

    def add(self, **fields: Any) -> Any:
        """Appends a new message of these fields and returns it."""
        if isinstance(self._kind, Kind):
            raise TypeError(f"add: the field holds {self._kind.name} values but must hold messages")
        made = self._kind(**fields)
        self.append(made)
        return made


class Message:
    """Base of all messages. `Kind(field=value)` makes one; attributes read and set fields."""

    FIELDS: ClassVar[tuple[Field, ...]] = ()
    _BY_NAME: ClassVar[dict[str, Field]] = {}
    _BY_NUMBER: ClassVar[dict[int, Field]] = {}
    _RIVALS: ClassVar[dict[str, tuple[str, ...]]] = {}
    _WRITERS: ClassVar[tuple[tuple[str, Callable[[Any], bytes]], ...]] = ()

    def __init_subclass__(cls) -> None:
        cls.declare(cls.FIELDS)

    @classmethod
    def declare(cls, fields: tuple[Field, ...]) -> None:
        """Gives the class its fields: for those that hold messages of classes that come after it."""
        cls.FIELDS = fields
        ordered = sorted(cls.FIELDS, key=lambda field: field.number)
        cls._BY_NAME = {field.name: field for field in cls.FIELDS}
        cls._RIVALS = {
            field.name: tuple(
                other.name for other in cls.FIELDS if other is field or (field.oneof and other.oneof == field.oneof)
            )
            for field in cls.FIELDS
        }
        cls._BY_NUMBER = {field.number: field for field in ordered}
        cls._WRITERS = tuple((field.name, _writer(field)) for field in ordered)

    def __init__(self, **fields: Any) -> None:
        for name, value in fields.items():
            if value is not None:
                setattr(self, name, value)

    def __setattr__(self, name: str, value: Any) -> None:
        field = self._BY_NAME.get(name)
        if field is None:
            raise AttributeError(f"{type(self).__name__} has no field {name!r}")
        if field.repeated:
            value = Repeated(field.kind, value.tolist() if isinstance(value, np.ndarray) else value)
        elif not isinstance(field.kind, Kind) and not isinstance(value, field.kind):
            wanted, given = field.kind.__name__, type(value).__name__
            raise TypeError(f"{type(self).__name__}: {name} is of {given} but must be of {wanted}")
        if field.oneof or "_read" in self.__dict__:
            for other in self._RIVALS[name]:
                self.ClearField(other)
        self.__dict__[name] = value

    def __getattr__(self, name: str) -> Any:
        field = type(self)._BY_NAME.get(name)
        if field is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        if field.repeated:
            return self.__dict__.setdefault(name, Repeated(field.kind))
        if isinstance(field.kind, Kind):
            return field.kind.zero
        return self.__dict__.setdefault("_read", {}).setdefault(name, field.kind())

    # -- what is set ----

    def _present(self) -> dict[str, Any]:
        """The fields that are set, in no order; lists may be empty."""
        read = self.__dict__.get("_read")
        if read is None:
            return self.__dict__
        found = {name: value for name, value in self.__dict__.items() if name != "_read"}
        found.update((name, message) for name, message in read.items() if message._has_content())
        return found

    def _has_content(self) -> bool:
        return any(not isinstance(value, Repeated) or value for value in self._present().values())

    def HasField(self, name: str) -> bool:
        """Whether a field that is no list is set. Raises ValueError for others."""
        field = self._BY_NAME.get(name)
        if field is None or field.repeated:
            raise ValueError(f"{type(self).__name__}: {name!r} is no field that can be set or not")
        return name in self._present()

    def WhichOneof(self, group: str) -> str | None:
        """Which field of a group is set. Raises ValueError where there is no such group."""
        names = [field.name for field in self.FIELDS if field.oneof == group]
        if not names:
            raise ValueError(f"{type(self).__name__}: {group!r} is no group of fields")
        present = self._present()
        return next((name for name in names if name in present), None)

    def ClearField(self, name: str) -> None:
        """Unsets a field."""
        self.__dict__.pop(name, None)
        self.__dict__.get("_read", {}).pop(name, None)

    def CopyFrom(self, other: Self) -> None:
        """Takes the fields of another message of this class."""
        if type(other) is not type(self):
            raise TypeError(f"CopyFrom: other is of {type(other).__name__} but must be of {type(self).__name__}")
        self.ParseFromString(other.SerializeToString())

    def MergeFrom(self, other: Self) -> None:
        """Adds the fields of another message of this class: lists grow, single values are replaced."""
        if type(other) is not type(self):
            raise TypeError(f"MergeFrom: other is of {type(other).__name__} but must be of {type(self).__name__}")
        self.MergeFromString(other.SerializeToString())

    def Clear(self) -> None:
        """Unsets all fields."""
        self.__dict__.clear()

    # -- bytes ----

    def SerializeToString(self) -> bytes:
        """The message on the wire, fields in the order of their numbers. Raises TypeError and ValueError for values
        that a field cannot hold."""
        present = self._present()
        return b"".join([write(present[name]) for name, write in self._WRITERS if name in present])

    @classmethod
    def FromString(cls, data: bytes) -> Self:
        """The message that bytes hold. Raises DamagedData where they are none."""
        return _read(cls(), bytes(data), 0, len(data), 0, [MAX_VALUES])

    def ParseFromString(self, data: bytes) -> int:
        """Becomes the message that bytes hold, and returns their number."""
        found = self.FromString(data)
        self.__dict__.clear()
        self.__dict__.update(found.__dict__)
        return len(data)

    def MergeFromString(self, data: bytes) -> int:
        """Adds the fields that bytes hold, and returns their number."""
        data = bytes(data)
        self.__dict__.update(self._settled())
        _read(self, data, 0, len(data), 0, [MAX_VALUES])
        return len(data)

    def _settled(self) -> dict[str, Any]:
        """The fields that are set, those that were only read and then filled as well."""
        found = dict(self._present())
        self.__dict__.clear()
        return found

    def ByteSize(self) -> int:
        """How many bytes the message takes on the wire."""
        return len(self.SerializeToString())

    # -- looks ----

    def __str__(self) -> str:
        from .text_form import text_of

        return text_of(self)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.SerializeToString() == other.SerializeToString()

    __hash__ = None

    def __repr__(self) -> str:
        present = self._present()
        names = [field.name for field in self.FIELDS if field.name in present]
        return f"{type(self).__name__}({', '.join(f'{name}={_shown(present[name])}' for name in names)})"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if isinstance(value, Message) or len(text) <= 200 else f"{text[:200]}..."


# -- writing ----


def _writer(field: Field) -> Callable[[Any], bytes]:
    """A function from the value of a field to its bytes, key and all."""
    kind = field.kind
    if not isinstance(kind, Kind):
        key = encode_varint(field.number << 3 | DELIMITED)
        if field.repeated:
            return lambda values: b"".join([key + encode_delimited(each.SerializeToString()) for each in values])
        return lambda value: key + encode_delimited(value.SerializeToString())
    if field.packed:
        key = encode_varint(field.number << 3 | DELIMITED)
        return lambda values: key + encode_delimited(encode_packed(kind, values)) if len(values) else b""
    key = encode_varint(field.number << 3 | kind.wire)
    if field.repeated:
        return lambda values: b"".join([key + kind.encode(each) for each in values])
    encode, zero = kind.encode, b"" if field.oneof else kind.encode(kind.zero)

    def write(value: Any) -> bytes:
        try:
            data = encode(value)
        except struct.error as error:
            raise TypeError(f"{field.name} is {value!r} but must be of {kind.name}") from error
        return b"" if data == zero else key + data

    return write


# -- reading ----


def _read(message: Any, data: bytes, start: int, end: int, depth: int, budget: list[int]) -> Any:
    """The message, with what stands between two places of data. Raises DamagedData."""
    cls = type(message)
    if depth > MAX_DEPTH:
        raise DamagedData(cls.__name__, start, f"messages are nested more than {MAX_DEPTH} deep")
    while start < end:
        place = start
        key, start = decode_varint(data, start, end)
        number, wire = key >> 3, key & 7
        if not 0 < number < 1 << 29:
            raise DamagedData(cls.__name__, place, f"a field's number is {number} but must be from 1 to 536870911")
        value: Any
        if wire == VARINT:
            value, start = decode_varint(data, start, end)
        elif wire in _SIZES:
            value, start = start, start + _SIZES[wire]
        elif wire == DELIMITED:
            size, value = decode_varint(data, start, end)
            start = value + size
        else:
            raise DamagedData(cls.__name__, place, f"a field's form is {wire} but must be 0, 1, 2 or 5")
        if start > end:
            raise DamagedData(cls.__name__, place, f"field {number} is {start - end} bytes longer than its message")
        field = cls._BY_NUMBER.get(number)
        if field is not None:
            try:
                _take(message, field, wire, value, data, start, depth, budget)
            except UnicodeDecodeError as error:
                raise DamagedData(cls.__name__, place, f"{field.name} is no UTF-8 text") from error
    return message


_SIZES = {FIXED32: 4, FIXED64: 8}


def _take(
    message: Any, field: Field, wire: int, value: Any, data: bytes, end: int, depth: int, budget: list[int]
) -> None:
    """Puts a field into the message: `value` is a varint's number, or where bytes up to `end` start. What has another
    form than the field's is passed over, as protobuf does."""
    kind = field.kind
    fields = message.__dict__
    found: Any
    if field.packed and wire == DELIMITED:
        values = decode_packed(kind, data, value, end)
        fields.setdefault(field.name, Repeated(kind)).extend(values)
        return
    if wire != (kind.wire if isinstance(kind, Kind) else DELIMITED):
        return
    if field.repeated:
        budget[0] -= 1
        if budget[0] < 0:
            raise DamagedData(type(message).__name__, end, f"there are more than {MAX_VALUES} values in lists")
    if isinstance(kind, Kind):
        found = kind.decode(value if wire == VARINT else data[value:end])
    else:
        earlier = None if field.repeated else fields.get(field.name)  # parts of one message are merged
        found = _read(kind() if earlier is None else earlier, data, value, end, depth + 1, budget)
    if field.repeated:
        fields.setdefault(field.name, Repeated(kind)).append(found)
        return
    if field.oneof:
        for other in message._RIVALS[field.name]:
            fields.pop(other, None)
    fields[field.name] = found
