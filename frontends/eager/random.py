"""Random numbers: a seed and a counter, so that the same seed gives the same bits on every backend."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import local
from typing import Any

import numpy as np
from diptych.functions import arrays
from diptych.functions import random as random_functions
from diptych.functions.constants import filled, scalar
from diptych.functions.linalg import orthonormal
from diptych.ir import Builder, DType, TensorType, Value, dtypes
from diptych.names import limited

from . import dtypes as dtype_module
from .device import CPU, Device, device, place_of
from .dtypes import dtype
from .tapes.lazy import Lazy, kind_of
from .tapes.operation import Operation, operation
from .tapes.tape import refused, tape
from .tensors.creation import shape_of
from .tensors.data import from_array, requiring
from .tensors.moving import moved
from .tensors.tensor import Tensor

_STATE = 16  # bytes of a generator's state
# Of streams: they go with tensors on all devices, and their numbers are the same there.
_KEY, _COUNTER = kind_of(TensorType(dtypes.u32, (2,)), None), kind_of(TensorType(dtypes.u64), None)


class Generator:
    """A stream of random numbers: `seed` and how much of it has been drawn.

    Calls of one tape draw at offsets from a counter that comes in as an argument, so that every step of a training loop
    is the same program.
    """

    def __init__(self, device: Device = None) -> None:
        self._place = place_of(device)
        self.serial = 0
        self.manual_seed(secrets.randbits(63))

    def manual_seed(self, seed: int) -> Generator:
        """Starts the stream of `seed`, an integer that fits 64 bits, signed or not. Raises ValueError for others."""
        refused("a stream of random numbers is seeded")
        if not isinstance(seed, int):
            raise RuntimeError(f"manual_seed expected a long, but got {type(seed).__name__}")
        if not -(2**63) <= seed < 2**64:
            raise ValueError("Overflow when unpacking long long")
        self._seed = words = seed % 2**64
        key = np.array([words >> 32, words & 0xFFFFFFFF], np.uint32)
        self.key = Lazy(_KEY, key)
        self.drawn = 0  # counts used before the present tape
        self.offset = 0  # and in it
        self.serial = -1
        return self

    @property
    def device(self) -> device:
        """Where it draws; the default stream draws everywhere."""
        return self._place

    def initial_seed(self) -> int:
        """The seed in use, from 0 to 2**64 - 1."""
        return self._seed

    def seed(self) -> int:
        """Takes a seed from the system, and returns it."""
        self.manual_seed(secrets.randbits(63))
        return self._seed

    def get_state(self) -> Tensor:
        """The seed and how much of the stream has been drawn, as 16 bytes."""
        with tape.lock:
            return from_array(np.array([self._seed, self.drawn + self.offset], np.uint64).view(np.uint8))

    def set_state(self, new_state: Tensor) -> None:
        """Continues the stream where `get_state` was called. Raises TypeError and RuntimeError for what it never
        returned."""
        if not isinstance(new_state, Tensor) or new_state.dtype is not dtype_module.uint8:
            raise TypeError("RNG state must be a torch.ByteTensor")
        if new_state.numel() != _STATE:
            raise RuntimeError(
                f"Expected a CPUGeneratorImplState of size {_STATE} but found the input RNG state size to be "
                f"{new_state.numel()}"
            )
        seed, drawn = np.array(new_state._array()).view(np.uint64)
        with tape.lock:
            self.manual_seed(int(seed))
            self.drawn = int(drawn)

    def clone_state(self) -> Generator:
        """Another generator that continues as this one."""
        made = Generator(self._place)
        made.set_state(self.get_state())
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return _generator_of, (self.get_state(), str(self._place))

    def _restart(self) -> None:
        """Has what is drawn next begin at a counter of its own."""
        self.serial = -1

    def _is_refused(self) -> bool:
        """Whether nothing may be drawn now."""
        return bool(_refusals.made)

    def _counter_now(self) -> np.ndarray:
        """The counter that comes next in the stream."""
        return np.array(self.drawn + self.offset, np.uint64)

    def _skip(self, counts: int) -> None:
        """So many counts were drawn, from `_counter_now` on."""
        self.drawn += self.offset
        self.offset = counts
        self._restart()

    def take(self, counts: int, beside: Sequence[Tensor] = ()) -> tuple[Tensor, Tensor, int]:
        """(key, counter, offset) for the next `counts` counts of the stream, for a call that reads what is `beside`
        them, too. Raises RuntimeError where nothing may be drawn."""
        from .tapes.lazy import Storage
        from .tapes.recording import end_step_before

        if _refusals.made:
            raise _refusals.made[-1]()
        end_step_before(beside)  # lest the first draw of a step is at an offset in the one before
        if tape.log is not None and tape.log.begins_to_draw(self):
            self._restart()
        if self.serial != tape.serial:
            self.serial = tape.serial
            self.drawn += self.offset
            self.offset = 0
            self.counter = Lazy(_COUNTER, np.array(self.drawn, np.uint64))
        offset = self.offset
        self.offset += counts if tape.elements is None else counts * tape.elements.drawing(self.counter)
        if tape.log is not None:
            tape.log.drew(self, counts, self.key, self.counter)
        return Tensor._of(Storage(self.key)), Tensor._of(Storage(self.counter)), offset


class _Refusals(local):
    def __init__(self) -> None:
        self.made: list[Callable[[], Exception]] = []


_refusals = _Refusals()


@contextmanager
def drawing_refused(refusal: str | Callable[[], Exception]) -> Iterator[None]:
    """A block in which drawing raises RuntimeError with this text, or the error that is made."""
    _refusals.made.append((lambda: RuntimeError(refusal)) if isinstance(refusal, str) else refusal)
    try:
        yield
    finally:
        _refusals.made.pop()


def _generator_of(state: Tensor, place: str = "cpu") -> Generator:
    made = Generator(place)
    made.set_state(state)
    return made


default_generator = Generator(CPU)


@limited("the numbers of a seed are diptych's own, not PyTorch's")
def manual_seed(seed: int) -> Generator:
    """Starts the default stream of `seed`. Its numbers are the same on every backend, but not PyTorch's."""
    return default_generator.manual_seed(int(seed))


def initial_seed() -> int:
    """The default stream's seed."""
    return default_generator.initial_seed()


def seed() -> int:
    """Takes a new seed for the default stream from the system."""
    return default_generator.seed()


def get_rng_state() -> Tensor:
    """The state of the default stream, as bytes."""
    return default_generator.get_state()


def set_rng_state(new_state: Tensor) -> None:
    """Continues the default stream from a state that `get_rng_state` returned."""
    default_generator.set_state(new_state)


@contextmanager
def fork_rng(devices: Any = None, enabled: bool = True, *_: Any, **options: Any) -> Iterator[None]:
    """A block after which the default stream goes on as if nothing had been drawn there."""
    if not enabled:
        yield
        return
    state = get_rng_state()
    try:
        yield
    finally:
        set_rng_state(state)


def _drawn(
    operation: Operation,
    shape: tuple[int, ...],
    words: int,
    generator: Generator | None,
    attributes: tuple[Any, ...],
    place: device,
) -> Tensor:
    """Records a draw that uses `words` words of 32 bits, for a device. Raises RuntimeError for a generator of another
    kind of device."""
    from .tapes.recording import call

    with tape.lock:
        key, counter, offset = _stream(generator, place).take(-(-words // 2))
        made = call(operation, (key, counter), (offset, shape, *attributes))
        return made if place is CPU else moved(made, place)


def _stream(generator: Generator | None, place: device) -> Generator:
    """The generator, or the default one."""
    if generator is None:
        return default_generator
    if generator.device.type != place.type:
        raise RuntimeError(f"Expected a '{place.type}' device type for generator but found '{generator.device.type}'")
    return generator


def _at(b: Builder, counter: Value, offset: int) -> Value:
    return b.add(counter, scalar(b, offset, dtypes.u64)) if offset else counter


@operation
def _rand(b: Builder, key: Value, counter: Value, offset: int, shape: tuple[int, ...], target: DType) -> Value:
    return _parts(b, random_functions.uniform, key, _at(b, counter, offset), shape, target)


@operation
def _randn(b: Builder, key: Value, counter: Value, offset: int, shape: tuple[int, ...], target: DType) -> Value:
    found = _parts(b, random_functions.normal, key, _at(b, counter, offset), shape, target)
    return b.mul(found, filled(b, math.sqrt(0.5), shape, target)) if target.is_complex else found


def _parts(b: Builder, draw: Any, key: Value, counter: Value, shape: tuple[int, ...], target: DType) -> Value:
    """Numbers of a float type; of a complex one, both parts are drawn."""
    if not target.is_complex:
        return draw(b, key, counter, shape, target)[0]
    return b.complex(*arrays.unstack(b, draw(b, key, counter, (2, *shape), target.real)[0]))


@operation
def _randint(
    b: Builder, key: Value, counter: Value, offset: int, shape: tuple[int, ...], low: int, high: int, target: DType
) -> Value:
    bounds = (scalar(b, bound, dtypes.i64) for bound in (low, high))
    found = random_functions.integers(b, key, _at(b, counter, offset), shape, *bounds)[0]
    return found if target is dtypes.i64 else b.cast(found, dtype=target)


@operation
def _randperm(b: Builder, key: Value, counter: Value, offset: int, shape: tuple[int, ...], target: DType) -> Value:
    found = random_functions.permutation(b, key, _at(b, counter, offset), shape[0], dtypes.i64)[0]
    return found if target is dtypes.i64 else b.cast(found, dtype=target)


@operation
def _dropout(b: Builder, key: Value, counter: Value, x: Value, offset: int, shape: tuple[int, ...], p: float) -> Value:
    keep = random_functions.bernoulli(b, key, _at(b, counter, offset), shape, 1 - p, dtypes.f32)[0]
    scaled = b.mul(x, filled(b, 1 / (1 - p), x.shape, x.dtype))
    return b.select(keep, scaled, filled(b, 0, x.shape, x.dtype))


@operation
def _kept(
    b: Builder, key: Value, counter: Value, offset: int, shape: tuple[int, ...], p: float, target: DType
) -> Value:
    keep = random_functions.bernoulli(b, key, _at(b, counter, offset), shape, 1 - p, dtypes.f32)[0]
    return b.cast(keep, dtype=target)


@operation
def _exponential(b: Builder, key: Value, counter: Value, offset: int, shape: tuple[int, ...], target: DType) -> Value:
    return random_functions.exponential(b, key, _at(b, counter, offset), shape, target)[0]


def _count(shape: tuple[int, ...], target: DType) -> int:
    """Words that a draw of `shape` may use at most: pairs are drawn, and f64 takes two words each."""
    elements = int(np.prod(shape, dtype=np.int64)) + 1
    return elements * max(target.bits // 32, 1)


def _target(name: str, dtype: dtype | None) -> DType:
    target = (dtype_module.chosen(name, dtype) or dtype_module.get_default_dtype()).ir
    if not target.is_differentiable:
        raise NotImplementedError(f"\"{name}\" not implemented for '{dtype_module.of_ir(target).scalar}'")
    return target


def rand(
    *sizes: Any, size: Any = None, generator: Generator | None = None, dtype: dtype | None = None, layout: Any = None,
    device: Device = None, requires_grad: bool = False, pin_memory: bool = False,
) -> Tensor:  # fmt: skip
    """Uniform numbers in [0, 1), of complex dtypes both parts. Raises NotImplementedError for integers and bools."""
    place = place_of(device)
    shape, target = shape_of("rand", sizes if size is None else (size,)), _target("rand", dtype)
    return requiring(_drawn(_rand, shape, _count(shape, target), generator, (target,), place), requires_grad)


def randn(
    *sizes: Any, size: Any = None, generator: Generator | None = None, dtype: dtype | None = None, layout: Any = None,
    device: Device = None, requires_grad: bool = False, pin_memory: bool = False,
) -> Tensor:  # fmt: skip
    """Normal numbers of mean 0 and variance 1, which of complex dtypes both parts share. Raises NotImplementedError for
    integers and bools."""
    place = place_of(device)
    shape, target = shape_of("randn", sizes if size is None else (size,)), _target("randn", dtype)
    return requiring(_drawn(_randn, shape, _count(shape, target), generator, (target,), place), requires_grad)


def rand_like(
    input: Tensor, *, generator: Generator | None = None, dtype: dtype | None = None, layout: Any = None,
    device: Device = None, pin_memory: bool = False, requires_grad: bool = False, memory_format: Any = None,
) -> Tensor:  # fmt: skip
    """Uniform numbers of input's shape and dtype."""
    return rand(
        tuple(input.shape), generator=generator, dtype=dtype or input.dtype, requires_grad=requires_grad,
        device=input.device if device is None else device,
    )  # fmt: skip


def randn_like(
    input: Tensor, *, generator: Generator | None = None, dtype: dtype | None = None, layout: Any = None,
    device: Device = None, pin_memory: bool = False, requires_grad: bool = False, memory_format: Any = None,
) -> Tensor:  # fmt: skip
    """Normal numbers of input's shape and dtype."""
    return randn(
        tuple(input.shape), generator=generator, dtype=dtype or input.dtype, requires_grad=requires_grad,
        device=input.device if device is None else device,
    )  # fmt: skip


def randint(
    low: Any = None, high: Any = None, size: Any = None, *, generator: Generator | None = None,
    dtype: dtype | None = None, layout: Any = None, device: Device = None, requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:  # fmt: skip
    """Integers in [low, high); with one bound, from 0. Raises RuntimeError for an empty range."""
    place = place_of(device)
    if size is None:
        low, high, size = None, low, high
    low, high = (0, low) if high is None else (0 if low is None else low, high)
    if low >= high:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    shape, target = shape_of("randint", (size,)), (dtype_module.chosen("randint", dtype) or dtype_module.int64).ir
    drawn = _drawn(_randint, shape, 2 * _count(shape, target), generator, (low, high, target), place)
    return requiring(drawn, requires_grad)


def randperm(
    n: int, *, generator: Generator | None = None, dtype: dtype | None = None, layout: Any = None,
    device: Device = None, requires_grad: bool = False, pin_memory: bool = False,
) -> Tensor:  # fmt: skip
    """The integers from 0 to n - 1 in random order. Raises RuntimeError for n below 0."""
    place = place_of(device)
    target = (dtype_module.chosen("randperm", dtype) or dtype_module.int64).ir
    return requiring(_drawn(_randperm, shape_of("randperm", (n,)), 2 * n, generator, (target,), place), requires_grad)


def kept(shape: tuple[int, ...], p: float, like: Tensor, generator: Generator | None = None) -> Tensor:
    """Ones, but zeros with probability p, in the dtype of `like`."""
    return _drawn(_kept, shape, _count(shape, dtypes.f32), generator, (p, like.dtype.ir), like.device)


def dropout(input: Tensor, p: float, generator: Generator | None = None) -> Tensor:
    """Each element zero with probability p, the others divided by 1 - p."""
    from .tapes.recording import call

    shape = tuple(input.shape)
    with tape.lock:
        key, counter, offset = _stream(generator, input.device).take(-(-_count(shape, dtypes.f32) // 2), (input,))
        return call(_dropout, (key, counter, input), (offset, shape, p))


def filled_uniform(target: Tensor, low: float, high: float, generator: Generator | None = None) -> Tensor:
    """Uniform numbers in [low, high) of the target's shape and dtype. Raises RuntimeError where low is above high."""
    if low > high:
        raise RuntimeError(f"uniform_ expects to return a [from, to) range, but found from={low:g} > to={high:g}")
    draws = rand(tuple(target.shape), generator=generator, dtype=target.dtype, device=target.device)
    return draws * (high - low) + _both_parts(low, target.dtype)


def _both_parts(number: float, dtype: dtype) -> complex:
    """What is added to both parts of complex numbers, as PyTorch does it even for a mean."""
    return complex(number, number) if dtype.is_complex else number


def filled_normal(target: Tensor, mean: float, std: float, generator: Generator | None = None) -> Tensor:
    """Normal numbers of the target's shape and dtype. Raises RuntimeError for a deviation below 0."""
    if std < 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std:g}")
    drawn = randn(tuple(target.shape), generator=generator, dtype=target.dtype, device=target.device)
    return drawn * std + _both_parts(mean, target.dtype)


def filled_truncated(
    target: Tensor, mean: float, std: float, low: float, high: float, generator: Generator | None = None
) -> Tensor:
    """Normal numbers within [low, high] of the target's shape, in float64, by inversion."""
    width = std * math.sqrt(2)
    first, last = math.erf((low - mean) / width), math.erf((high - mean) / width)
    draws = rand(tuple(target.shape), generator=generator, dtype=dtype_module.float64, device=target.device)
    draws = draws * (last - first) + first
    return (draws.erfinv() * width + mean).clamp(low, high)


@operation
def _orthonormal(b: Builder, x: Value) -> Value:
    if x.dtype not in (dtypes.f32, dtypes.f64):
        raise NotImplementedError(f"\"geqrf_cpu\" not implemented for '{dtype_module.of_ir(x.dtype).scalar}'")
    return orthonormal(b, x)


def filled_orthonormal(target: Tensor, generator: Generator | None = None) -> Tensor:
    """Orthonormal rows or columns, whichever are fewer, of the target's shape, whose axes behind the first count as
    one. Raises NotImplementedError for half precision."""
    from .tapes.recording import call

    rows, columns = target.shape[0], target.shape[1:].numel()
    normal = randn(rows, columns, generator=generator, dtype=target.dtype, device=target.device)
    found = call(_orthonormal, (normal.t(),)).t() if rows < columns else call(_orthonormal, (normal,))
    return found.reshape(target.shape)


def filled_exponential(target: Tensor, rate: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Exponential numbers of the target's shape and dtype, all above 0. Raises RuntimeError for a rate that is not."""
    if rate <= 0:
        raise RuntimeError(f"exponential_ expects lambda > 0.0, but found lambda={rate:g}")
    if not target.dtype.is_floating_point:
        raise RuntimeError(
            "Exponential distribution is a continuous probability distribution. dtype must be a floating point but you "
            f"specified {target.dtype.scalar}"
        )
    shape, kind = tuple(target.shape), target.dtype.ir
    drawn = _drawn(_exponential, shape, _count(shape, kind), generator, (kind,), target.device)
    return drawn if rate == 1 else drawn / rate
