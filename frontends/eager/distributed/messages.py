"""What goes from one process to another, or comes together in a group of some: by messages, on the host."""

from __future__ import annotations

import io
import json
import pickle
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import reduce
from time import sleep
from typing import Any

import numpy as np
from diptych.backends.processes import before_meeting, process_rank
from diptych.ir import Unsupported, dtype_named, user_location

from ..tapes.operation import TensorError
from ..tapes.tape import refused
from ..tensors.data import from_array
from ..tensors.tensor import Tensor

_counts: Counter[str] = Counter()  # of messages on each way, which keep their order
_last_source: defaultdict[str, int] = defaultdict(lambda: -1)  # on each way, of a message that any could have sent
_PAUSE, _LONGEST_PAUSE = 0.0005, 0.02  # seconds between questions whether any process has sent something


def send_bytes(way: str, target: int, data: bytes) -> None:
    """Sends a message to a process. `way` tells messages for different purposes apart."""
    from diptych.backends.jax.messages import post

    key = f"diptych/{way}/{process_rank()}/{target}"
    post(f"{key}/{_counts[key]}", data)
    _counts[key] += 1


class Expected:
    """The next message of a process, whose rank is `source`."""

    def __init__(self, way: str, source: int) -> None:
        self.source: int | None = source
        self._key = _next_key(way, source, takes=True)

    def is_there(self) -> bool:
        """Whether it has come."""
        from diptych.backends.jax.messages import is_there

        return is_there(self._key)

    def read(self) -> bytes:
        """The message, once. What waits in this process runs before, since the other may wait for that."""
        from diptych.backends.jax.messages import taken

        before_meeting()
        assert self.source is not None
        return taken(self._key, self.source)

    def tensor(self) -> Tensor:
        """The message, which is a tensor."""
        return _unpacked(self.read())[2]


class ExpectedOfAny(Expected):
    """The message that comes first of some processes. Once it is there, `source` says of which."""

    def __init__(self, way: str, sources: Sequence[int]) -> None:
        self.source = None
        self._way = way
        before = [rank for rank in sources if rank <= _last_source[way]]  # whose turn it was
        self._sources = [*(rank for rank in sources if rank not in before), *before]

    def is_there(self) -> bool:
        """Whether it has come. Then it is taken as the next message of its process."""
        from diptych.backends.jax.messages import is_there

        if self.source is None:
            self.source = next((rank for rank in self._sources if is_there(_next_key(self._way, rank))), None)
            if self.source is not None:
                self._key = _next_key(self._way, self.source, takes=True)
                _last_source[self._way] = self.source
        return self.source is not None

    def read(self) -> bytes:
        """The message, once. The service at which messages wait is asked again and again until there is one. Raises
        Left where all that could send it have come to their end."""
        from diptych.backends.jax.messages import has_ended

        before_meeting()
        pause, are_gone = _PAUSE, False
        while not self.is_there():
            if are_gone:
                self.source = self._sources[0]
                self._key = _next_key(self._way, self.source)
                break
            sleep(pause)
            pause = min(1.5 * pause, _LONGEST_PAUSE)
            are_gone = pause == _LONGEST_PAUSE and all(map(has_ended, self._sources))
        return super().read()


def _next_key(way: str, source: int, *, takes: bool = False) -> str:
    """What the next message of a process is left under; with `takes` the one behind it is the next then."""
    key = f"diptych/{way}/{source}/{process_rank()}"
    number = _counts[key]
    _counts[key] += takes
    return f"{key}/{number}"


def received_bytes(way: str, source: int) -> bytes:
    """The next message of a process."""
    return Expected(way, source).read()


def _packed(x: Tensor, name: str) -> bytes:
    refused("processes send one another messages")
    array = np.ascontiguousarray(x.detach()._array())
    head = json.dumps([name, x.dtype.ir.name, list(x.shape)]).encode()
    return len(head).to_bytes(4, "little") + head + array.tobytes()


def _unpacked(data: bytes) -> tuple[str, str, Tensor]:
    """What a tensor was sent for, its type as text, and itself."""
    length = int.from_bytes(data[:4], "little")
    name, kind, shape = json.loads(data[4 : 4 + length])
    array = np.frombuffer(data[4 + length :], dtype_named(kind).numpy).reshape(shape).copy()
    return name, f"{kind}{shape}", from_array(array)


def send_tensor(way: str, target: int, x: Tensor) -> None:
    """Sends a tensor to a process."""
    send_bytes(way, target, _packed(x, "send"))


def stacked(way: str, ranks: Sequence[int], x: Tensor, name: str) -> Tensor:
    """What each process of a group has, one after another in an axis in front. Raises TensorError in all of them where
    one does something else, or has a tensor of another type."""
    from ..functions.joining import stack

    own, data = process_rank(), _packed(x, name)
    for rank in ranks:
        if rank != own:
            send_bytes(way, rank, data)
    told = [_unpacked(data if rank == own else received_bytes(way, rank)) for rank in ranks]
    for rank, (other, kind, _) in zip(ranks, told, strict=True):
        if (other, kind) != told[0][:2]:
            raise TensorError(
                "Detected mismatch between collectives on ranks. "
                f"Rank {ranks[0]} is running collective: {told[0][0]} of {told[0][1]}, "
                f"but Rank {rank} is running collective: {other} of {kind}.",
                location=user_location(),
            )
    return stack([found for _, _, found in told])


def objects(way: str, ranks: Sequence[int], mine: Any) -> list[Any]:
    """What each process of a group has, in the order of the group."""
    own, data = process_rank(), packed_object(mine)
    for rank in ranks:
        if rank != own:
            send_bytes(way, rank, data)
    return [unpacked_object(data if rank == own else received_bytes(way, rank)) for rank in ranks]


def packed_object(obj: Any) -> bytes:
    """An object as bytes of `torch.save`. Raises Unsupported for what `torch.load` would not read from others."""
    from ..serialization import load, save

    refused("processes send one another objects")
    before_meeting()
    file = io.BytesIO()
    try:
        save(obj, file)
        load(io.BytesIO(file.getvalue()), weights_only=True)
    except (pickle.PickleError, AttributeError, TypeError) as error:  # what cannot be written, or not be read
        first = str(error).split("\n", 1)[0]
        problem = f"torch.distributed: what other processes are given: {first}"
        hint = "numbers, texts, tensors, and lists, tuples, sets and dicts of them"
        raise Unsupported(problem, location=user_location(), hint=hint) from error
    return file.getvalue()


def unpacked_object(data: bytes) -> Any:
    """What `packed_object` has packed. Nothing in it is run."""
    from ..serialization import load

    return load(io.BytesIO(data), weights_only=True)


def folded(x: Tensor, join: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """Rows joined one after another."""
    return reduce(join, list(x))
