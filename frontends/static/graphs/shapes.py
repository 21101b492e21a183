"""tf.TensorShape and tf.Dimension: static shapes, in which sizes or even the rank may be unknown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..exports import export

Dims = tuple[int | None, ...]  # None is an unknown size


@export("Dimension")
class Dimension:
    """A size, or unknown. `==` of an unknown size is None, as in TensorFlow."""

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        if value is None or isinstance(value, Dimension):
            self._value: int | None = None if value is None else value._value
            return
        size = int(value)
        if not isinstance(value, str | bytes) and size != value:
            raise ValueError(f"Ambiguous dimension: {value}")
        if size < 0:
            raise ValueError(f"Dimension {size} must be >= 0")
        self._value = size

    @property
    def value(self) -> int | None:
        return self._value

    def __repr__(self) -> str:
        return f"Dimension({self._value!r})"

    def __str__(self) -> str:
        return "?" if self._value is None else str(self._value)

    def __eq__(self, other: object) -> Any:
        try:
            right = as_dimension(other)
        except (TypeError, ValueError):
            return NotImplemented
        return None if self._value is None or right._value is None else self._value == right._value

    def __ne__(self, other: object) -> Any:
        equal = self.__eq__(other)
        return equal if equal is None or equal is NotImplemented else not equal

    def __hash__(self) -> int:
        return hash(self._value)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __int__(self) -> int:
        if self._value is None:
            raise TypeError("__int__ returned non-int (type NoneType)")
        return self._value

    __index__ = __int__

    def is_compatible_with(self, other: Any) -> bool:
        """Whether both may be one size."""
        right = as_dimension(other)
        return self._value is None or right._value is None or self._value == right._value

    def assert_is_compatible_with(self, other: Any) -> None:
        """Raises ValueError where the sizes differ."""
        if not self.is_compatible_with(other):
            raise ValueError(f"Dimensions {self} and {as_dimension(other)} are not compatible")

    def merge_with(self, other: Any) -> Dimension:
        """What is known from both. Raises ValueError where they differ."""
        right = as_dimension(other)
        self.assert_is_compatible_with(right)
        return right if self._value is None else Dimension(self._value)

    def _combined(self, other: Any, combine: Any) -> Any:
        try:
            right = as_dimension(other)._value
        except (TypeError, ValueError):
            return NotImplemented
        return Dimension(None if self._value is None or right is None else combine(self._value, right))

    def __add__(self, other: Any) -> Any:
        return self._combined(other, lambda left, right: left + right)

    def __radd__(self, other: Any) -> Any:
        return self._combined(other, lambda left, right: right + left)

    def __sub__(self, other: Any) -> Any:
        return self._combined(other, lambda left, right: left - right)

    def __rsub__(self, other: Any) -> Any:
        return self._combined(other, lambda left, right: right - left)

    def __mul__(self, other: Any) -> Any:
        return self._combined(other, lambda left, right: left * right)

    __rmul__ = __mul__

    def __floordiv__(self, other: Any) -> Any:
        return self._combined(other, lambda left, right: left // right)

    def __rfloordiv__(self, other: Any) -> Any:
        return self._combined(other, lambda left, right: right // left)

    __div__ = __floordiv__

    def __mod__(self, other: Any) -> Any:
        return self._combined(other, lambda left, right: left % right)

    def __rmod__(self, other: Any) -> Any:
        return self._combined(other, lambda left, right: right % left)

    def __truediv__(self, other: Any) -> Any:
        raise TypeError("unsupported operand type(s) for /: 'Dimension' and 'int', please use // instead")

    def _ordered(self, other: Any, compare: Any) -> bool | None:
        right = as_dimension(other)._value
        return None if self._value is None or right is None else compare(self._value, right)

    def __lt__(self, other: Any) -> Any:
        return self._ordered(other, lambda left, right: left < right)

    def __le__(self, other: Any) -> Any:
        return self._ordered(other, lambda left, right: left <= right)

    def __gt__(self, other: Any) -> Any:
        return self._ordered(other, lambda left, right: left > right)

    def __ge__(self, other: Any) -> Any:
        return self._ordered(other, lambda left, right: left >= right)

    def __reduce__(self) -> tuple[Any, ...]:
        return Dimension, (self._value,)


def as_dimension(value: Any) -> Dimension:
    """`value`, a number, None or a Dimension, as a Dimension."""
    return value if isinstance(value, Dimension) else Dimension(value)


def dimension_value(value: Any) -> int | None:
    """The number of a Dimension or a number; None where unknown."""
    return value._value if isinstance(value, Dimension) else value


@export("TensorShape")
class TensorShape:
    """A static shape: `known` is a tuple of sizes or None each, and None itself where the rank is unknown."""

    __slots__ = ("known",)

    known: Dims | None

    def __init__(self, dims: Any = None) -> None:
        if dims is None:
            self.known = None
        elif isinstance(dims, TensorShape):
            self.known = dims.known
        elif isinstance(dims, int | Dimension):
            self.known = (as_dimension(dims).value,)
        else:
            self.known = tuple(as_dimension(dim).value for dim in dims)

    @property
    def dims(self) -> list[Dimension] | None:
        return None if self.known is None else [Dimension(size) for size in self.known]

    @property
    def ndims(self) -> int | None:
        return None if self.known is None else len(self.known)

    @property
    def rank(self) -> int | None:
        return self.ndims

    def as_list(self) -> list[int | None]:
        """The sizes as numbers or None. Raises ValueError where the rank is unknown."""
        if self.known is None:
            raise ValueError("as_list() is not defined on an unknown TensorShape.")
        return list(self.known)

    def num_elements(self) -> int | None:
        """The number of elements, None where a size is unknown."""
        if not self.is_fully_defined():
            return None
        count = 1
        for size in self._sizes():
            count *= size or 0
        return count

    def is_fully_defined(self) -> bool:
        """Whether every size is known."""
        return self.known is not None and None not in self.known

    def assert_is_fully_defined(self) -> None:
        """Raises ValueError where a size is unknown."""
        if not self.is_fully_defined():
            raise ValueError(f"Shape {self} is not fully defined")

    def is_compatible_with(self, other: Any) -> bool:
        """Whether both may be the shape of one tensor."""
        return compatible(self.known, as_shape(other).known)

    def assert_is_compatible_with(self, other: Any) -> None:
        """Raises ValueError where the shapes differ."""
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {as_shape(other)} are incompatible")

    def merge_with(self, other: Any) -> TensorShape:
        """What is known from both. Raises ValueError where they differ."""
        right = as_shape(other)
        if not compatible(self.known, right.known):
            raise ValueError(f"Shapes {self} and {right} are not compatible")
        return of_dims(merged(self.known, right.known))

    def most_specific_compatible_shape(self, other: Any) -> TensorShape:
        """What both have in common: sizes that differ are unknown, and all where the ranks differ."""
        right = as_shape(other)
        if self.known is None or right.known is None or len(self.known) != len(right.known):
            return TensorShape(None)
        pairs = zip(self.known, right.known, strict=True)
        return TensorShape([left if left == other_size else None for left, other_size in pairs])

    def assert_has_rank(self, rank: int) -> None:
        """Raises ValueError where the rank is another."""
        if self.ndims not in (None, rank):
            raise ValueError(f"Shape {self} must have rank {rank}")

    def assert_same_rank(self, other: Any) -> None:
        """Raises ValueError where the ranks differ."""
        right = as_shape(other)
        if self.ndims is not None and right.ndims is not None and self.ndims != right.ndims:
            raise ValueError(f"Shapes {self} and {right} must have the same rank")

    def with_rank(self, rank: int) -> TensorShape:
        """This shape, of that rank. Raises ValueError where it is another."""
        self._require(self.ndims in (None, rank), rank, "")
        return unknown_shape(rank=rank) if self.known is None else self

    def with_rank_at_least(self, rank: int) -> TensorShape:
        """This shape. Raises ValueError where its rank is lower."""
        self._require(self.ndims is None or self.ndims >= rank, rank, "at least ")
        return self

    def with_rank_at_most(self, rank: int) -> TensorShape:
        """This shape. Raises ValueError where its rank is higher."""
        self._require(self.ndims is None or self.ndims <= rank, rank, "at most ")
        return self

    def _require(self, holds: bool, rank: int, relation: str) -> None:
        if not holds:
            raise ValueError(f"Shape {self} must have rank {relation}{rank}")

    def concatenate(self, other: Any) -> TensorShape:
        """The sizes of both, one after the other."""
        right = as_shape(other).known
        return of_dims(None if self.known is None or right is None else self.known + right)

    def _sizes(self) -> Dims:
        if self.known is None:
            raise ValueError("Cannot take the length of Shape with unknown rank.")
        return self.known

    def __len__(self) -> int:
        return len(self._sizes())

    def __bool__(self) -> bool:
        return self.known is not None

    def __iter__(self) -> Iterator[Dimension]:
        if self.known is None:
            raise ValueError("Cannot iterate over a shape with unknown rank.")
        return iter([Dimension(size) for size in self.known])

    def __getitem__(self, key: Any) -> Any:
        if self.known is not None:
            return TensorShape(self.known[key]) if isinstance(key, slice) else Dimension(self.known[key])
        if not isinstance(key, slice):
            return Dimension(None)
        start = key.start or 0
        if key.stop is None or key.step is not None or start < 0 or key.stop < 0:
            return TensorShape(None)
        return unknown_shape(rank=max(key.stop - start, 0))

    def __eq__(self, other: object) -> bool:
        try:
            right = as_shape(other)
        except (TypeError, ValueError):
            return NotImplemented
        return self.known == right.known

    def __ne__(self, other: object) -> bool:
        right = as_shape(other)
        if self.known is None or right.known is None:
            raise ValueError("The inequality of unknown TensorShapes is undefined.")
        return self.known != right.known

    def __hash__(self) -> int:
        return hash(self.known)

    def __add__(self, other: Any) -> TensorShape:
        return self.concatenate(other)

    def __radd__(self, other: Any) -> TensorShape:
        return as_shape(other).concatenate(self)

    def __str__(self) -> str:
        return "<unknown>" if self.known is None else dims_text(self.known)

    def __repr__(self) -> str:
        return f"TensorShape({self.dims!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return TensorShape, (self.known,)


def of_dims(dims: Dims | None) -> TensorShape:
    """The TensorShape of sizes that are known to be well formed."""
    shape = TensorShape.__new__(TensorShape)
    shape.known = dims
    return shape


def as_shape(shape: Any) -> TensorShape:
    """`shape`, a sequence, None or a TensorShape, as a TensorShape."""
    return shape if isinstance(shape, TensorShape) else TensorShape(shape)


def unknown_shape(ndims: int | None = None, rank: int | None = None) -> TensorShape:
    """A shape of which at most the rank is known."""
    rank = ndims if rank is None else rank
    return of_dims(None if rank is None else (None,) * rank)


def scalar() -> TensorShape:
    """The shape of a scalar."""
    return of_dims(())


def vector(length: int | None) -> TensorShape:
    """The shape of a vector."""
    return TensorShape([length])


def matrix(rows: int | None, cols: int | None) -> TensorShape:
    """The shape of a matrix."""
    return TensorShape([rows, cols])


def compatible(left: Dims | None, right: Dims | None) -> bool:
    """Whether both may be the shape of one tensor."""
    if left is None or right is None:
        return True
    return len(left) == len(right) and all(a is None or b is None or a == b for a, b in zip(left, right, strict=True))


def merged(left: Dims | None, right: Dims | None) -> Dims | None:
    """What is known from two compatible shapes."""
    if left is None or right is None:
        return left if right is None else right
    return tuple(b if a is None else a for a, b in zip(left, right, strict=True))


def dims_text(dims: Dims) -> str:
    """`(?, 784)`, as Python writes shapes."""
    texts = ["?" if size is None else str(size) for size in dims]
    return f"({texts[0]},)" if len(texts) == 1 else f"({', '.join(texts)})"


def runtime_text(dims: Dims | None) -> str:
    """`[?,784]`, as messages of the runtime write shapes."""
    if dims is None:
        return "?"
    return f"[{','.join('?' if size is None else str(size) for size in dims)}]"


def disagreement(left: Dims, right: Dims) -> str:
    """What is said of two shapes that are not compatible."""
    if len(left) != len(right):
        return f"Shapes must be equal rank, but are {len(left)} and {len(right)}"
    axis, (a, b) = next(
        (axis, pair)
        for axis, pair in enumerate(zip(left, right, strict=True))
        if None not in pair and pair[0] != pair[1]
    )
    shapes = f"Shapes are {runtime_text(left)} and {runtime_text(right)}."
    return f"Dimension {axis} in both shapes must be equal, but are {a} and {b}. {shapes}"
