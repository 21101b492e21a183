"""What elements of a dataset are: nests of tensors, each with its dtype and static shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from diptych.ir import Unsupported

from ..exports import export
from ..graphs import nest
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import DType, as_dtype, variant
from ..graphs.operation import Operation
from ..graphs.scopes import name_scope
from ..graphs.shapes import Dims, TensorShape, as_shape
from ..graphs.tensor import Tensor


@export("TensorSpec")
class TensorSpec:
    """The dtype and static shape of a tensor."""

    __slots__ = ("dtype", "name", "shape")

    def __init__(self, shape: Any, dtype: Any = "float32", name: str | None = None) -> None:
        self.shape = as_shape(shape)
        self.dtype = as_dtype(dtype)
        self.name = name

    @classmethod
    def from_tensor(cls, tensor: Tensor, name: str | None = None) -> TensorSpec:
        """Those of a tensor."""
        return cls(tensor.shape, tensor.dtype.base_dtype, name or tensor.op.name)

    def is_compatible_with(self, other: Any) -> bool:
        """Whether another may be of the same dtype and shape."""
        return self.dtype.is_compatible_with(other.dtype) and self.shape.is_compatible_with(other.shape)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TensorSpec) and self.dtype is other.dtype and self.shape.known == other.shape.known

    def __hash__(self) -> int:
        return hash((self.dtype, self.shape.known))

    def __repr__(self) -> str:
        return f"TensorSpec(shape={self.shape}, dtype={self.dtype!r}, name={self.name!r})"


class DatasetSpec:
    """A component that is itself a dataset, of such elements; make(tensor, element) gives it to users."""

    dtype = variant
    shape = TensorShape([])

    def __init__(self, element: Any, make: Callable[[Tensor, Any], Any]) -> None:
        self.element = element
        self.make = make


def is_nested(structure: Any) -> bool:
    """Whether a value holds others: in tf.data lists do not, they are tensors."""
    return isinstance(structure, tuple | Mapping)


def map_leaves(structure: Any, function: Callable[[Any], Any]) -> Any:
    """A structure like this one, with function(leaf) in place of each leaf."""
    if isinstance(structure, Mapping):
        return nest.like_mapping(structure, lambda child: map_leaves(child, function))
    if isinstance(structure, tuple):
        return nest.like(structure, [map_leaves(child, function) for child in structure])
    return function(structure)


def flatten(structure: Any) -> list[Any]:
    """The leaves of a structure, those of a dictionary by its keys in order."""
    if not is_nested(structure):
        return [structure]
    return [leaf for child in nest.children(structure) for leaf in flatten(child)]


def flatten_up_to(structure: Any, deeper: Any) -> list[Any]:
    """What `deeper` holds where `structure` has its leaves. Raises TypeError, ValueError where it is otherwise."""
    if not is_nested(structure):
        return [deeper]
    if isinstance(structure, Mapping) != isinstance(deeper, Mapping) or not isinstance(deeper, list | tuple | Mapping):
        raise TypeError(
            "The two structures don't have the same sequence type. Shallow structure has type "
            f"{type(structure)}, while deep structure has type {type(deeper)}."
        )
    inner, wanted = nest.children(deeper), nest.children(structure)
    if len(inner) != len(wanted):
        raise ValueError(
            "The two structures don't have the same sequence length. Input structure has length "
            f"{len(inner)}, while shallow structure has length {len(wanted)}."
        )
    return [leaf for child, below in zip(wanted, inner, strict=True) for leaf in flatten_up_to(child, below)]


def pack_as(structure: Any, leaves: Sequence[Any]) -> Any:
    """A structure like this one with other leaves."""
    rest = iter(leaves)
    return map_leaves(structure, lambda _: next(rest))


def normalized(element: Any) -> Any:
    """An element with tensors as leaves."""
    count = 0

    def component(leaf: Any) -> Any:
        nonlocal count
        if nest.is_composite(leaf):
            raise Unsupported(
                f"a dataset of {type(leaf).__name__} is not supported",
                hint="its tensors (indices, values, dense_shape) as a tuple, or dense tensors",
            )
        count += 1
        return convert_to_tensor(leaf, name=f"component_{count - 1}")

    with name_scope(None, "normalize_element", flatten(element)):
        return map_leaves(element, component)


def spec_of(element: Any) -> Any:
    """The structure of an element made of tensors and datasets."""
    return map_leaves(element, _spec_of_leaf)


def _spec_of_leaf(leaf: Any) -> Any:
    if hasattr(leaf, "_variant_tensor"):
        return DatasetSpec(leaf.element_spec, leaf._of)
    if leaf is None or isinstance(leaf, Operation) or not isinstance(leaf, Tensor):
        raise TypeError(f"{leaf!r} is no tensor")
    return TensorSpec(leaf.shape, leaf.dtype.base_dtype)


def of_types(output_types: Any, output_shapes: Any) -> Any:
    """The structure of these types and shapes: nests of the same kind, or no shapes. Raises TypeError, ValueError."""
    types = map_leaves(output_types, as_dtype)
    leaves = flatten(types)
    shapes = [None] * len(leaves) if output_shapes is None else flatten_up_to(types, output_shapes)
    return pack_as(types, [TensorSpec(shape, dtype) for dtype, shape in zip(leaves, shapes, strict=True)])


def types_of(structure: Any) -> Any:
    """The dtypes, in a nest."""
    return map_leaves(structure, lambda leaf: leaf.dtype)


def shapes_of(structure: Any) -> Any:
    """The static shapes, in a nest."""
    return map_leaves(structure, lambda leaf: leaf.shape)


def classes_of(structure: Any) -> Any:
    """The Python classes of the components, in a nest."""
    return map_leaves(structure, lambda leaf: Tensor if isinstance(leaf, TensorSpec) else type(leaf))


def flat_types(structure: Any) -> tuple[DType, ...]:
    """The dtypes of the components."""
    return tuple(leaf.dtype for leaf in flatten(structure))


def flat_shapes(structure: Any) -> tuple[Dims | None, ...]:
    """The static shapes of the components."""
    return tuple(leaf.shape.known for leaf in flatten(structure))


def batched(structure: Any, size: int | None) -> Any:
    """The structure of batches."""
    return map_leaves(structure, lambda leaf: TensorSpec(TensorShape([size]).concatenate(leaf.shape), leaf.dtype))


def unbatched(structure: Any) -> Any:
    """The structure of what batches hold. Raises ValueError where it is a scalar."""

    def row(leaf: Any) -> TensorSpec:
        if leaf.shape.ndims == 0:
            raise ValueError("Unbatching a tensor is only supported for rank >= 1")
        return TensorSpec(None if leaf.shape.ndims is None else leaf.shape[1:], leaf.dtype)

    return map_leaves(structure, row)


def as_users_see(structure: Any, tensors: Sequence[Tensor]) -> list[Any]:
    """The components of an element, those that stand for datasets as datasets."""
    return [
        leaf.make(tensor, leaf.element) if isinstance(leaf, DatasetSpec) else tensor
        for leaf, tensor in zip(flatten(structure), tensors, strict=True)
    ]


class OfElements:
    """What has elements of one structure: says what they are."""

    _structure: Any

    @property
    def element_spec(self) -> Any:
        """The dtype and static shape of each component, in a nest."""
        return self._structure

    @property
    def output_types(self) -> Any:
        """The dtypes of the components, in a nest."""
        return types_of(self._structure)

    @property
    def output_shapes(self) -> Any:
        """The static shapes of the components, in a nest."""
        return shapes_of(self._structure)

    @property
    def output_classes(self) -> Any:
        """The classes of the components, in a nest."""
        return classes_of(self._structure)
