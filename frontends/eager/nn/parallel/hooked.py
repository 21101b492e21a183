"""Gradients that a program's own function shares between processes: what `register_comm_hook` is given."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Sequence
from math import prod
from typing import Any

from ...futures import Future
from ...tapes.mode import no_grad
from ...tensors.tensor import Tensor

FIRST_BUCKET_BYTES = 2**20  # PyTorch's numbers: of the first bucket, whose gradients are ready first,
BUCKET_BYTES = 25 * 2**20  # and of the others


class GradBucket:
    """Gradients of one dtype that go as one, end to end in `buffer`."""

    def __init__(self, index: int, parameters: Sequence[Tensor], gradients: Sequence[Tensor], *, is_last: bool) -> None:
        from ...functions.joining import cat

        self._index = index
        self._is_last = is_last
        self._parameters = list(parameters)
        self._shapes = [each.shape for each in parameters]
        self._buffer = cat([each.detach().reshape(-1) for each in gradients])

    def index(self) -> int:
        """Which bucket of its backward it is."""
        return self._index

    def is_last(self) -> bool:
        """Whether it is the last one."""
        return self._is_last

    def buffer(self) -> Tensor:
        """All gradients, in one dimension."""
        return self._buffer

    def set_buffer(self, tensor: Tensor) -> None:
        """Has another tensor in place of the buffer."""
        self._buffer = tensor

    def gradients(self) -> list[Tensor]:
        """The gradients, which share their memory with the buffer."""
        return self._parts(self._buffer)

    def parameters(self) -> list[Tensor]:
        """The parameters that they are of."""
        return list(self._parameters)

    def _parts(self, flat: Tensor) -> list[Tensor]:
        sizes = [prod(shape) for shape in self._shapes]
        return [part.view(shape) for part, shape in zip(flat.split(sizes), self._shapes, strict=True)]

    def _results(self, found: Any) -> list[Tensor]:
        """What the hook's future holds, as gradients."""
        if not isinstance(found, Tensor):
            raise RuntimeError(f"Unable to cast {found} to Tensor")
        wanted = sum(prod(shape) for shape in self._shapes)
        if found.numel() != wanted:
            raise RuntimeError(
                f"register_comm_hook: the result of the hook is of {found.numel()} numbers but must be of {wanted}, "
                "those of the bucket's buffer"
            )
        return self._parts(found.reshape(-1))


class Hooked:
    """A hook of a module, with its state."""

    def __init__(self, state: Any, hook: Callable[..., Any], buckets: Sequence[Sequence[int]]) -> None:
        self._state = state
        self._hook = hook
        self._buckets = buckets

    def shared(self, parameters: Sequence[Tensor], gradients: Sequence[Tensor]) -> list[Tensor]:
        """What the hook makes of the gradients of these parameters. Raises RuntimeError where it gives no future, or
        one of something else than a tensor as large as its bucket."""
        given: list[tuple[GradBucket, Future[Any]]] = []
        with no_grad():
            for index, places in enumerate(self._buckets):
                of = [parameters[place] for place in places]
                is_last = index == len(self._buckets) - 1
                bucket = GradBucket(index, of, [gradients[place] for place in places], is_last=is_last)
                future = self._hook(self._state, bucket)
                if not isinstance(future, Future):
                    raise RuntimeError(
                        "DDP communication hook's callback must return a torch.futures.Future object, but got "
                        f"{type(future).__module__}.{type(future).__qualname__}"
                    )
                given.append((bucket, future))
            found: dict[int, Tensor] = {}
            for places, (bucket, future) in zip(self._buckets, given, strict=True):
                found.update(zip(places, bucket._results(future.wait()), strict=True))
        return [found[place] for place in range(len(parameters))]


def check_hook(hook: Any) -> None:
    """Raises TypeError for what cannot be called, ValueError for annotations that are others than a hook's."""
    if not callable(hook):
        raise TypeError("Communication hook must be callable.")
    signature = inspect.signature(hook)
    bucket = signature.parameters.get("bucket")
    if bucket is not None and not _is_alike(bucket.annotation, GradBucket):
        raise ValueError("Communication hook: bucket annotation should be dist.GradBucket.")
    if not _is_alike(signature.return_annotation, Future[Tensor]):
        raise ValueError("Communication hook: return annotation should be torch.futures.Future[torch.Tensor].")


def _is_alike(annotation: Any, wanted: Any) -> bool:
    return annotation is inspect.Signature.empty or isinstance(annotation, str) or annotation == wanted


def buckets_of(parameters: Sequence[Tensor], limits: Sequence[int], *, reverse: bool) -> list[list[int]]:
    """Places of the parameters whose gradients go as one: those of one dtype, until they have so many bytes or more.
    The first limit is for the first bucket of a dtype, the last one for all behind the others. With `reverse` the last
    parameters, whose gradients are ready first, are counted first; else buckets of the last ones come first."""
    order = range(len(parameters))
    found: list[list[int]] = []
    open_ones: dict[Any, list[int]] = {}  # by dtype, in the order in which dtypes come
    closed: Counter[Any] = Counter()
    for place in reversed(order) if reverse else order:
        kind = parameters[place].dtype
        places = open_ones.setdefault(kind, [])
        places.append(place)
        if sum(parameters[each].nbytes for each in places) >= limits[min(closed[kind], len(limits) - 1)]:
            closed[kind] += 1
            found.append(places)
            open_ones[kind] = []
    found += [places for places in reversed(open_ones.values()) if places]
    return found if reverse else sorted(found, key=min, reverse=True)
