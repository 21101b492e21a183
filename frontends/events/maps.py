"""Maps of messages: on the wire a list of entries of a key and a value, to programs a dictionary."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Any

from .message import Message


class MapEntry(Message):
    """Base of the entries of maps, which have the fields `key` and `value`. The list of them is called as the map is,
    with `_entries` behind."""


class MessageMap(MutableMapping[str, Any]):
    """Values by name, over the entries of a message. A message that is asked for and is not there is made."""

    def __init__(self, entries: Any) -> None:
        self._entries = entries

    def __getitem__(self, key: str) -> Any:
        for entry in reversed(self._entries):  # of two of one name, the last counts
            if entry.key == key:
                return entry.value
        return self._entries.add(key=key).value

    def get(self, key: str, default: Any = None) -> Any:
        """The value under `key`, or `default`."""
        return self._found().get(key, default)

    def __setitem__(self, key: str, value: Any) -> None:
        self.pop(key, None)
        copied = type(value).FromString(value.SerializeToString()) if isinstance(value, Message) else value
        self._entries.add(key=key, value=copied)

    def __delitem__(self, key: str) -> None:
        if key not in self:
            raise KeyError(key)
        self._entries[:] = [entry for entry in self._entries if entry.key != key]

    def __contains__(self, key: object) -> bool:
        return any(entry.key == key for entry in self._entries)

    def __iter__(self) -> Iterator[str]:
        return iter(self._found())

    def __len__(self) -> int:
        return len(self._found())

    def items(self) -> Any:
        """Pairs of names and values."""
        return self._found().items()

    def values(self) -> Any:
        """The values."""
        return self._found().values()

    def _found(self) -> dict[str, Any]:
        return {entry.key: entry.value for entry in self._entries}

    def __repr__(self) -> str:
        return repr(self._found())


class MapField:
    """A map as an attribute of a message: `attr = MapField("attr_entries")`."""

    def __init__(self, entries: str) -> None:
        self._entries = entries

    def __get__(self, message: Message | None, cls: type[Message]) -> Any:
        return self if message is None else MessageMap(getattr(message, self._entries))
