"""How the values of storages are split over a mesh, where one is active: parameters, and what optimizers keep."""

from __future__ import annotations

from collections.abc import Iterable
from weakref import WeakKeyDictionary

from .lazy import Alias, Lazy, Storage

PLACES: WeakKeyDictionary[Storage, str] = WeakKeyDictionary()  # as `shard` says it


def places_of(storages: Iterable[Storage | Alias], outputs: Iterable[Lazy]) -> tuple[str | None, ...]:
    """For each value, how the storage that shows it is split; None where nobody says."""
    found = {storage.lazy: PLACES.get(storage) for storage in storages if isinstance(storage, Storage)}
    return tuple([found.get(lazy) for lazy in outputs])
