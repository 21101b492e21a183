"""The text form of messages, as protobuf writes them for people, and reading it: `name: value` and `name { ... }`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from .errors import DamagedData
from .maps import MapEntry
from .message import MAX_DEPTH, MAX_VALUES, Field, Message
from .wire import BOOL, BYTES, DOUBLE, FLOAT, STRING, Kind

MAX_TEXT = 1 << 28  # characters

Kept = TypeVar("Kept", bound=Message)

# -- writing ----


def text_of(message: Message) -> str:
    """The message as text, fields in the order of their numbers, the entries of maps in the order of their keys."""
    lines: list[str] = []
    _write(message, "", lines)
    return "".join(f"{line}\n" for line in lines)


def _write(message: Message, indent: str, lines: list[str]) -> None:
    present = message._present()
    for field in message._BY_NUMBER.values():
        if field.name not in present:
            continue
        value, name = present[field.name], _label(field)
        values = value if field.repeated else [value]
        if isinstance(field.kind, Kind):
            if field.repeated or field.oneof or value != field.kind.zero:
                write = _writer(field.kind)
                lines.extend(f"{indent}{name}: {write(each)}" for each in values)
            continue
        if issubclass(field.kind, MapEntry):
            values = sorted({each.key: each for each in values}.values(), key=lambda entry: entry.key)
        for each in values:
            lines.append(f"{indent}{name} {{")
            _write(each, f"{indent}  ", lines)
            lines.append(f"{indent}}}")


def _label(field: Field) -> str:
    is_map = not isinstance(field.kind, Kind) and issubclass(field.kind, MapEntry)
    return field.name.removesuffix("_entries") if is_map else field.name


def _writer(kind: Kind) -> Callable[[Any], str]:
    if kind is STRING or kind is BYTES:
        return quoted
    if kind is BOOL:
        return lambda value: "true" if value else "false"
    if kind is FLOAT:
        return lambda value: _number(np.float32(value))
    if kind is DOUBLE:
        return lambda value: _number(np.float64(value))
    names = kind.names
    return str if names is None else lambda value: names.get(value, str(value))


def _number(value: Any) -> str:
    if value != value:
        return "nan"
    if value in (np.inf, -np.inf):
        return "inf" if value > 0 else "-inf"
    return repr(value.item()) if value.dtype == np.float64 else _short(value)


def _short(value: np.float32) -> str:
    """The shortest number of seven, eight or nine digits that is this one of 32 bits, as protobuf writes it."""
    for digits in (6, 7, 8, 9):
        text = f"{value.item():.{digits}g}"
        if np.float32(text) == value:
            return repr(float(text))
    return repr(value.item())


_LETTERS = {ord('"'): '\\"', ord("\\"): "\\\\", ord("\n"): "\\n", ord("\r"): "\\r", ord("\t"): "\\t", ord("'"): "\\'"}


def quoted(text: str | bytes) -> str:
    """Text in quotes, letters that are no plain ones escaped."""
    data = text.encode() if isinstance(text, str) else text
    letters = [_LETTERS.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}") for byte in data]
    return f'"{"".join(letters)}"'


# -- reading ----

_TOKEN = re.compile(
    r"""(?:\s|\#[^\n]*+)*+(?:(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?P<word>[-+.\w]+)|(?P<sign>[{}<>:,;\[\]]))"""
)
_REST = re.compile(r"(?:\s|\#[^\n]*+)*+\Z")
_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|[xX]([0-9a-fA-F]{1,2})|(.))", re.DOTALL)
_NAMED = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}


def read_text(cls: type[Kept], text: str, what: str, *, passes_over: bool = False) -> Kept:
    """The message of a class that `text` is, in the file `what`. Fields that the class has not are refused, or with
    `passes_over` left out. Raises DamagedData."""
    if len(text) > MAX_TEXT:
        raise DamagedData(what, 0, f"the text has {len(text)} characters but must have at most {MAX_TEXT}")
    made = cls()
    _Reader(text, what, passes_over).fields(made, "", 0)
    return made


class _Reader:
    """Goes through the tokens of a text."""

    def __init__(self, text: str, what: str, passes_over: bool) -> None:
        self._passes_over = passes_over
        self._text = text
        self._what = what
        self._place = 0
        self._budget = MAX_VALUES
        self._kind = self._token = ""
        self._next()

    def _next(self) -> None:
        self._start = self._place
        match = _TOKEN.match(self._text, self._place)
        if match is not None:
            self._kind, self._token, self._place = match.lastgroup or "", match[match.lastgroup or 0], match.end()
        elif _REST.match(self._text, self._place):
            self._kind = self._token = ""
        else:
            raise self._damaged("there is no token of a text")

    def _damaged(self, problem: str) -> DamagedData:
        return DamagedData(self._what, self._start, problem)

    def _took(self, sign: str) -> bool:
        found = self._kind == "sign" and self._token == sign
        if found:
            self._next()
        return found

    def fields(self, message: Message, end: str, depth: int) -> None:
        """Fields of a message up to the sign `end`, or up to the end of the text."""
        name = type(message).__name__
        if depth > MAX_DEPTH:
            raise self._damaged(f"messages are nested more than {MAX_DEPTH} deep")
        labels = {_label(field): field for field in message.FIELDS}
        while not (self._took(end) if end else not self._kind):
            if self._kind != "word":
                raise self._damaged(f"there is no field of a {name}")
            field = labels.get(self._token)
            if field is None and self._passes_over:
                self._next()
                self._pass(depth)
                continue
            if field is None:
                raise self._damaged(f'Message type "tensorflow.{name}" has no field named "{self._token}".')
            self._next()
            given = self._took(":")
            if field.repeated and self._took("["):
                while not self._took("]"):
                    self._value(message, field, depth)
                    self._took(",")
            elif given or not isinstance(field.kind, Kind):
                self._value(message, field, depth)
            else:
                raise self._damaged(f"there is no field of a {name}")
            if not self._took(","):
                self._took(";")

    def _pass(self, depth: int) -> None:
        """Passes over the value of a field."""
        if depth > MAX_DEPTH:
            raise self._damaged(f"messages are nested more than {MAX_DEPTH} deep")
        self._took(":")
        opened = next((sign for sign in "{<[" if self._took(sign)), "")
        if not opened:
            if self._kind == "sign" or not self._kind:
                raise self._damaged("there is no value of a field")
            kind = self._kind
            self._next()
            while kind == "text" == self._kind:
                self._next()
            return
        end = {"{": "}", "<": ">", "[": "]"}[opened]
        while not self._took(end):
            if opened != "[":
                if self._kind != "word":
                    raise self._damaged("there is no field of a message")
                self._next()
            self._pass(depth + 1)
            if not self._took(","):
                self._took(";")

    def _value(self, message: Message, field: Field, depth: int) -> None:
        self._budget -= 1
        if self._budget < 0:
            raise self._damaged(f"there are more than {MAX_VALUES} values")
        value: Any
        if isinstance(field.kind, Kind):
            value = self._scalar(field, field.kind)
        else:
            end = "}" if self._took("{") else ">" if self._took("<") else ""
            if not end:
                raise self._damaged(f"{field.name} is {self._token} but must be a message")
            value = field.kind()
            self.fields(value, end, depth + 1)
        if field.repeated:
            getattr(message, field.name).append(value)
        else:
            setattr(message, field.name, value)

    def _scalar(self, field: Field, kind: Kind) -> Any:
        if kind is STRING or kind is BYTES:
            parts: list[bytes] = []
            while self._kind == "text":
                parts.append(_ESCAPE.sub(_letter, self._token[1:-1].encode()))
                self._next()
            if parts:
                return self._decoded(kind, b"".join(parts))
        elif self._kind == "word":
            found = _parsed(kind, self._token)
            if found is not None:
                self._next()
                return found
        raise self._damaged(f"{field.name} is {self._token} but must be of {kind.name}")

    def _decoded(self, kind: Kind, data: bytes) -> Any:
        try:
            return data if kind is BYTES else data.decode()
        except UnicodeDecodeError:
            raise self._damaged("a string is no UTF-8 text") from None


def _parsed(kind: Kind, word: str) -> Any:
    """A number, a truth value or a name of an enumeration; None for what is none."""
    if kind is BOOL:
        return {"true": True, "t": True, "True": True, "1": True, "false": False, "f": False, "0": False}.get(word)
    try:
        if kind is FLOAT or kind is DOUBLE:
            return float(word.removesuffix("f") if word[-1:] == "f" and word[-3:] != "inf" else word)
        named = {name: number for number, name in (kind.names or {}).items()}
        number = named[word] if word in named else int(word, 0)
        kind.encode(number)  # whether it is in range
    except ValueError:
        return None
    return number


def _letter(match: re.Match[bytes]) -> bytes:
    octal, hexadecimal, letter = match.groups()
    if letter is not None:
        return _NAMED.get(letter, letter)
    number = int(octal, 8) if octal is not None else int(hexadecimal, 16)
    return bytes([number & 0xFF])
