"""The text form of the message CheckpointState: lines of `field: "value"`, as protobuf writes messages for people."""

from __future__ import annotations

import re
from typing import Any

from ...events.errors import DamagedData
from ...events.message import Repeated
from .messages import CheckpointState

MAX_TEXT = 1 << 24  # characters

_FIELD = re.compile(
    r"""\s*(?:\#[^\n]*\s*)*(?P<name>\w+)\s*:\s*(?P<value>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[-+.\w]+)\s*[,;]?"""
)
_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|[xX]([0-9a-fA-F]{1,2})|(.))", re.DOTALL)
_LETTERS = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}


def write_state(state: CheckpointState) -> str:
    """The message as text, fields in the order of their numbers."""
    lines: list[str] = []
    for field in state.FIELDS:
        value = getattr(state, field.name)
        values = value if isinstance(value, Repeated) else [value] if value else []
        lines += [f"{field.name}: {_quoted(each) if isinstance(each, str) else float(each)}\n" for each in values]
    return "".join(lines)


def _quoted(text: str) -> str:
    letters = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "'": "\\'"}
    escaped = [letters.get(letter) or (letter if " " <= letter < "\x7f" else _octal(letter)) for letter in text]
    return f'"{"".join(escaped)}"'


def _octal(letter: str) -> str:
    return "".join(f"\\{byte:03o}" for byte in letter.encode())


def read_state(text: str, what: str) -> CheckpointState:
    """The message that the text of the file `what` is. Raises DamagedData."""
    if len(text) > MAX_TEXT:
        raise DamagedData(what, 0, f"the text has {len(text)} characters but must have at most {MAX_TEXT}")
    state = CheckpointState()
    place, end = 0, len(text.rstrip())
    while place < end:
        match = _FIELD.match(text, place)
        if match is None:
            if re.fullmatch(r"\s*(?:#[^\n]*\s*)*", text[place:]):
                break
            raise DamagedData(what, place, "there is no field of a CheckpointState")
        _put(state, match["name"], match["value"], what, place)
        place = match.end()
    return state


def _put(state: CheckpointState, name: str, text: str, what: str, place: int) -> None:
    field = state._BY_NAME.get(name)
    if field is None:
        raise DamagedData(what, place, f'Message type "tensorflow.CheckpointState" has no field named "{name}".')
    value: Any
    try:
        value = _unquoted(text) if field.kind.zero == "" else float(text)
    except ValueError:
        raise DamagedData(what, place, f"{name} is {text} but must be of {field.kind.name}") from None
    if field.repeated:
        getattr(state, name).append(value)
    else:
        setattr(state, name, value)


def _unquoted(text: str) -> str:
    if text[0] not in "\"'":
        raise ValueError("no quotes")
    return _ESCAPE.sub(_letter, text[1:-1].encode()).decode()


def _letter(match: re.Match[bytes]) -> bytes:
    octal, hexadecimal, letter = match.groups()
    if letter is not None:
        return _LETTERS.get(letter, letter)
    number = int(octal, 8) if octal is not None else int(hexadecimal, 16)
    return bytes([number & 0xFF])
