"""tf.data.Iterator: gives the elements of a dataset to the runs of a session, one a run."""

from __future__ import annotations

import itertools
import threading
import warnings
from collections.abc import Iterator as PythonIterator
from collections.abc import Sequence
from typing import Any

from ..exports import export
from ..graphs.apply import apply, apply_operation
from ..graphs.conversion import convert_to_tensor
from ..graphs.defaults import get_default_graph
from ..graphs.definitions import host_operation, scalar_shape
from ..graphs.dtypes import string
from ..graphs.errors import FailedPreconditionError, InvalidArgumentError, OpError, OutOfRangeError
from ..graphs.operation import Operation
from ..graphs.scopes import name_scope
from ..graphs.shapes import Dims
from ..graphs.tensor import Tensor
from ..running.host import HostRun, handle
from .pipelines.pipeline import Array, Element, Pipeline
from .structure import (
    OfElements,
    as_users_see,
    flat_shapes,
    flat_types,
    flatten,
    is_nested,
    of_types,
    pack_as,
    shapes_of,
    types_of,
)

WARN_AFTER = 32  # calls of get_next: each makes an operation
_numbers = itertools.count()


class Position:
    """Where an iterator is in its dataset, in one session."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._elements: PythonIterator[Element] | None = None
        self.handle = f"iterator {next(_numbers)}"

    def begin(self, dataset: Pipeline) -> None:
        """Goes to the first element."""
        with self._lock:
            self._elements = dataset.elements()

    def begin_once(self, dataset: Pipeline) -> None:
        """Goes to the first element, unless another thread did."""
        with self._lock:
            if self._elements is None:
                self._elements = dataset.elements()

    @property
    def has_begun(self) -> bool:
        return self._elements is not None

    def following(self) -> Element | None:
        """The next element; None at the end."""
        with self._lock:
            return next(self._elements, None) if self._elements is not None else None

    def cancel(self) -> None:
        """Ends with its session."""
        self._elements = None


def _resource_shape(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    return [()]


@host_operation("IteratorV2", "-> resource", shape=_resource_shape)
def iterator(at: HostRun, *, shared_name: str, output_types: Any, output_shapes: Any) -> Array:
    """An iterator."""
    return handle(_known(at, at.state.resource(shared_name or at.operation, Position)))


@host_operation("OneShotIterator", "-> resource", shape=_resource_shape)
def one_shot_iterator(at: HostRun, *, dataset: Tensor, output_types: Any, output_shapes: Any) -> Array:
    """An iterator that begins by itself."""
    position = at.state.resource(at.operation, Position)
    if not position.has_begun:
        position.begin_once(at.call([dataset], {})[0][()])
    return handle(_known(at, position))


def _known(at: HostRun, position: Position) -> Position:
    """The position, which its handle names from now on."""
    return at.state.resource(position.handle, lambda: position)


@host_operation("MakeIterator", "dataset: variant, iterator: resource ->")
def make_iterator(at: HostRun, dataset: Array, position: Array) -> list[Any]:
    """Begins."""
    position[()].begin(dataset[()])
    return []


@host_operation("IteratorToStringHandle", "resource_handle: resource -> string", shape=scalar_shape)
def to_string_handle(at: HostRun, position: Array) -> bytes:
    """The name of an iterator in its session."""
    return position[()].handle.encode()


@host_operation("IteratorFromStringHandleV2", "string_handle: string -> resource", shape=scalar_shape)
def from_string_handle(at: HostRun, name: Array, *, output_types: Any, output_shapes: Any) -> Array:
    """The iterator of that name."""
    text = name[()].decode()
    found = at.state.resources.get(text)
    if not isinstance(found, Position):
        raise InvalidArgumentError(
            at.operation.node_def, at.operation, f"no iterator of this session is called {text!r}"
        )
    return handle(found)


def _element_shapes(inputs: Sequence[Tensor], *, output_shapes: Sequence[Dims | None], **_: Any) -> list[Dims | None]:
    return list(output_shapes)


@host_operation("IteratorGetNext", "iterator: resource -> *output_types", shape=_element_shapes)
def get_next(at: HostRun, resource: Array, *, output_types: Any, output_shapes: Any) -> list[Any]:
    """The components of the next element."""
    position, operation = resource[()], at.operation
    if not position.has_begun:
        raise FailedPreconditionError(
            operation.node_def, operation,
            "GetNext() failed because the iterator has not been initialized. Ensure that you have run the initializer "
            "operation for this iterator before getting the next element.",
        )  # fmt: skip
    try:
        element = position.following()
    except OpError as error:
        raise type(error)(operation.node_def, operation, error.message) from error
    if element is None:
        raise OutOfRangeError(operation.node_def, operation, "End of sequence")
    return list(element)


@export("data.Iterator")
class Iterator(OfElements):
    """The elements of a dataset, the next one in each run."""

    def __init__(
        self, iterator_resource: Tensor, initializer: Operation | None, output_types: Any, output_shapes: Any,
        output_classes: Any = None,
    ) -> None:  # fmt: skip
        self._iterator_resource = iterator_resource
        self._initializer = initializer
        self._structure = of_types(output_types, output_shapes)
        self._string_handle = apply("IteratorToStringHandle", [iterator_resource])
        self._calls = 0
        get_default_graph().add_to_collection("iterators", iterator_resource)

    @staticmethod
    def from_structure(
        output_types: Any, output_shapes: Any = None, shared_name: str | None = None, output_classes: Any = None
    ) -> Iterator:
        """An iterator for datasets of these types and shapes, begun by what make_initializer(dataset) gives."""
        structure = of_types(output_types, output_shapes)
        return Iterator(_resource("IteratorV2", structure, shared_name=shared_name or ""), None, types_of(structure),
                        shapes_of(structure))  # fmt: skip

    @staticmethod
    def from_string_handle(
        string_handle: Any, output_types: Any, output_shapes: Any = None, output_classes: Any = None
    ) -> Iterator:
        """The iterator that a string names, which another one's string_handle() gave."""
        structure = of_types(output_types, output_shapes)
        name = convert_to_tensor(string_handle, dtype=string)
        made = apply(
            "IteratorFromStringHandleV2", [name], output_types=flat_types(structure),
            output_shapes=flat_shapes(structure),
        )  # fmt: skip
        return Iterator(made, None, types_of(structure), shapes_of(structure))

    @property
    def initializer(self) -> Operation:
        """The operation that begins the iterator. Raises ValueError where it begins by itself, or by others."""
        if self._initializer is None:
            raise ValueError("Iterator does not have an initializer.")
        return self._initializer

    def make_initializer(self, dataset: Any, name: str | None = None) -> Operation:
        """An operation that begins the iterator with a dataset of compatible elements. Raises TypeError, ValueError."""
        with name_scope(name, "make_initializer", []) as scope:
            self._check(dataset)
            return apply_operation("MakeIterator", [dataset._variant_tensor, self._iterator_resource], name=scope)

    def _check(self, dataset: Any) -> None:
        found = dataset.element_spec
        if is_nested(found) != is_nested(self._structure) or len(flatten(found)) != len(flatten(self._structure)):
            raise ValueError(
                f"The two structures don't have the same nested structure: {self.output_types} and "
                f"{dataset.output_types}."
            )
        if flat_types(found) != flat_types(self._structure):
            raise TypeError(
                f"Expected output types {self.output_types!r} but got dataset with output types "
                f"{dataset.output_types!r}."
            )
        for mine, other in zip(flatten(self._structure), flatten(found), strict=True):
            if not mine.shape.is_compatible_with(other.shape):
                raise TypeError(
                    f"Expected output shapes compatible with {self.output_shapes!r} but got dataset with output shapes "
                    f"{dataset.output_shapes!r}."
                )

    def get_next(self, name: str | None = None) -> Any:
        """The next element, a nest of tensors. A run raises OutOfRangeError at the end, FailedPreconditionError before
        the beginning. Call it once: each call makes an operation, which takes an element of its own."""
        self._calls += 1
        if self._calls > WARN_AFTER:
            warnings.warn(
                "An unusually high number of `Iterator.get_next()` calls was detected. This often indicates that "
                "`Iterator.get_next()` is being called inside a training loop, which will cause gradual slowdown and "
                "eventual resource exhaustion. If this is the case, restructure your code to call "
                "`next_element = iterator.get_next()` once outside the loop, and use `next_element` as the input to "
                "some computation that is invoked inside the loop.",
                stacklevel=2,
            )
        made = apply_operation(
            "IteratorGetNext", [self._iterator_resource], name=name, output_types=flat_types(self._structure),
            output_shapes=flat_shapes(self._structure),
        )  # fmt: skip
        return pack_as(self._structure, as_users_see(self._structure, made.outputs))

    def string_handle(self, name: str | None = None) -> Tensor:
        """A string that names the iterator in its session, for from_string_handle."""
        if name is None:
            return self._string_handle
        return apply("IteratorToStringHandle", [self._iterator_resource], name=name)


def _resource(type: str, structure: Any, **attributes: Any) -> Tensor:
    return apply(type, [], output_types=flat_types(structure), output_shapes=flat_shapes(structure), **attributes)


def _iterator(resource: Tensor, initializer: Operation | None, structure: Any) -> Iterator:
    made = Iterator(resource, initializer, types_of(structure), shapes_of(structure))
    made._structure = structure  # which may hold datasets
    return made


def one_shot(dataset: Tensor, structure: Any) -> Iterator:
    """An iterator that begins by itself."""
    return _iterator(_resource("OneShotIterator", structure, dataset=dataset), None, structure)


def initializable(dataset: Tensor, structure: Any, shared_name: str | None) -> Iterator:
    """An iterator with an initializer."""
    resource = _resource("IteratorV2", structure, shared_name=shared_name or "")
    return _iterator(resource, apply_operation("MakeIterator", [dataset, resource]), structure)
