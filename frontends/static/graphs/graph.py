"""tf.Graph: the operations made so far, with their names, scopes and collections."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from diptych.backends.mesh import Mesh
from diptych.ir import user_location

from ..exports import export
from .collections import Collections
from .contexts import Context
from .definitions import Definition
from .device_names import Named, device_within, merged
from .dtypes import DType
from .names import NameTable, check_operation_name, check_scope_name
from .operation import Operation
from .shapes import Dims
from .tensor import Tensor

if TYPE_CHECKING:
    from ...events.graph import GraphDef


class _Controller:
    """One `with control_dependencies(operations)`, and the operations made in it so far."""

    __slots__ = ("inside", "operations")

    def __init__(self, operations: list[Operation]) -> None:
        self.operations = operations
        self.inside: set[Operation] = set()


class _NameScope(threading.local):
    """The present name scope, each thread's own: with a slash at its end, unless it is empty."""

    name = ""


@export("Graph")
class Graph:
    """A graph of operations. Threads may add to it at the same time."""

    def __init__(self) -> None:
        self._operations: dict[str, Operation] = {}
        self._names = NameTable()
        self._scope = _NameScope()
        self._control_stack: list[_Controller | None] = []  # None: forget what is outside
        self._device_blocks: list[Named] = []  # of tf.device
        self._device: str | None = ""  # which they name together; None where that depends on the operation
        self._collections = Collections()
        self._gradient_overrides: dict[str, str] = {}
        self._unfeedable: set[Tensor] = set()
        self._unfetchable: set[Operation] = set()
        self._finalized = False
        self._lock = threading.RLock()
        self.context: Context | None = None  # what operations made now belong to
        self.mutations = 0  # how often an operation that existed was changed
        self.seed: int | None = None
        self.mesh: Mesh | None = None  # of devices, that its sessions run on
        self.uncounted = 0  # operations that are there for several processes only, lest seeds depend on them
        self.stores: dict[str, Any] = {}  # what other modules keep for this graph, by their name

    # -- operations ----

    def create_operation(
        self,
        definition: Definition,
        inputs: Sequence[Tensor],
        attributes: dict[str, Any],
        outputs: Sequence[tuple[DType, Dims | None]],
        name: str,
        *,
        control_inputs: Sequence[Operation] | None = None,
    ) -> Operation:
        """A new operation. A name that ends in a slash is taken as it is, another one is made unique in its scope."""
        with self._lock:
            self.check_not_finalized()
            made = Operation()
            made.graph = self
            made.type = definition.type
            made.definition = definition
            made.name = name[:-1] if name.endswith("/") else self.unique_name(name)
            check_operation_name(made.name)
            if made.name in self._operations:
                raise ValueError(f"Duplicate node name in graph: '{made.name}'")
            made.inputs = tuple(inputs)
            made.context = self.context
            made.control_inputs = self._control_inputs(made) if control_inputs is None else list(control_inputs)
            made.attributes = attributes
            made.contexts = ()
            made.writes = definition.writes
            made.own_gradient = None
            override = self._gradient_overrides.get(definition.type)
            if override is not None:
                made.__dict__["gradient_name"] = override
                made.definition = replace(definition, blocks=False)
            made.location = user_location()
            if self._device is None:
                device_within(self._device_blocks, made)
            else:
                made.device = self._device
            made.number = len(self._operations)
            made.slot = _slot(made)
            made.reads_variables = made.slot is not None or any(tensor.op.reads_variables for tensor in inputs)
            made.outputs = [Tensor(made, index, *output) for index, output in enumerate(outputs)]
            for tensor in inputs:
                tensor._consumers.append(made)
            self._operations[made.name] = made
            if made.context is not None:
                _put_into(made.context, made)
            return made

    def get_operations(self) -> list[Operation]:
        """All operations, in the order of creation."""
        return list(self._operations.values())

    @property
    def version(self) -> int:
        """A number that grows with every operation."""
        return len(self._operations)

    def as_graph_def(self, from_version: int | None = None, add_shapes: bool = False) -> GraphDef:
        """The graph as TensorFlow's message, with `add_shapes` the static shapes in the attribute `_output_shapes`.
        As in TensorFlow 1.15 all operations are in it, whatever `from_version` is."""
        from ..serialization.graph_writer import graph_def_of

        return graph_def_of(self, add_shapes=add_shapes)

    def set_mesh(self, mesh: Mesh | None) -> None:
        """Sessions run on this mesh of devices from here on."""
        if mesh != self.mesh:
            self.mesh = mesh
            self.mutations += 1  # what sessions have compiled is for another one

    def check_not_finalized(self) -> None:
        """Raises RuntimeError where the graph may not change any more."""
        if self._finalized:
            raise RuntimeError("Graph is finalized and cannot be modified.")

    def finalize(self) -> None:
        """Forbids changes from here on."""
        self._finalized = True

    def _unsafe_unfinalize(self) -> None:
        self._finalized = False

    @property
    def finalized(self) -> bool:
        return self._finalized

    def as_default(self) -> AbstractContextManager[Graph]:
        """Makes this the default graph inside a `with` block."""
        from .defaults import as_default_graph

        return as_default_graph(self)

    # -- names and scopes ----

    def unique_name(self, name: str, mark_as_used: bool = True) -> str:
        """`name` in the present scope, with a number where it is taken."""
        with self._lock:
            return self._names.unique(self._scope.name + name, mark=mark_as_used)

    def get_name_scope(self) -> str:
        """The present scope, without the slash."""
        return self._scope.name[:-1]

    @property
    def scope(self) -> str:
        """The present scope with its slash: a name to enter it again by."""
        return self._scope.name

    def enter_scope(self, name: str | None) -> str:
        """Enters a name scope and returns the one before, for `leave_scope`. None or "" is the root; a name that ends
        in a slash is entered again as it is; another becomes a new, unique scope."""
        before = self._scope.name
        if not name:
            self._scope.name = ""
            return before
        check_scope_name(name, at_root=not before)
        self._scope.name = name if name.endswith("/") else self.unique_name(name) + "/"
        return before

    def leave_scope(self, before: str) -> None:
        """Undoes `enter_scope`."""
        self._scope.name = before

    @contextmanager
    def name_scope(self, name: str | None) -> Iterator[str]:
        """A name scope as `enter_scope` has it; gives its name, with a slash at its end."""
        before = self.enter_scope(name)
        try:
            yield self._scope.name
        finally:
            self._scope.name = before

    # -- what operations made here get ----

    @contextmanager
    def control_dependencies(self, control_inputs: Iterable[Any] | None) -> Iterator[None]:
        """Operations made inside run after `control_inputs`; None forgets those of outer blocks."""
        entry: _Controller | None = None
        if control_inputs is not None:
            elements = [self.as_graph_element(value) for value in control_inputs]
            entry = _Controller([element.op if isinstance(element, Tensor) else element for element in elements])
        self._control_stack.append(entry)
        try:
            yield
        finally:
            self._control_stack.pop()

    @contextmanager
    def init_scope(self) -> Iterator[None]:
        """Operations made inside belong to no condition or loop, and wait for nothing."""
        context, self.context = self.context, None
        try:
            with self.control_dependencies(None):
                yield
        finally:
            self.context = context

    def _control_inputs(self, made: Operation) -> list[Operation]:
        """What an operation waits for beside its inputs: of a block nothing, where an input of it was made in there."""
        if not self._control_stack:
            return []
        sources = {tensor.op for tensor in made.inputs}
        found: dict[Operation, None] = {}
        for controller in reversed(self._control_stack):
            if controller is None:
                break
            if sources.isdisjoint(controller.inside):
                found.update((operation, None) for operation in controller.operations if operation not in sources)
            controller.inside.add(made)
        return list(found)

    @contextmanager
    def device(self, device_name_or_function: Any) -> Iterator[None]:
        """Names the device of operations made inside; diptych runs a program on one device, so it is only noted."""
        before, blocks = self._device, self._device_blocks
        given = device_name_or_function
        named = given if given is None or callable(given) or isinstance(given, str) else given.to_string()
        if isinstance(named, str):
            self._device = None if before is None else merged(before, named)
        else:
            self._device = "" if named is None else None
        self._device_blocks = [*blocks, named]
        try:
            yield
        finally:
            self._device, self._device_blocks = before, blocks

    @contextmanager
    def colocate_with(self, op: Any, ignore_existing: bool = False) -> Iterator[None]:
        """Accepted: diptych runs a program on one device."""
        yield

    @contextmanager
    def gradient_override_map(self, op_type_map: dict[str, str]) -> Iterator[None]:
        """Operations of these types that are made inside get the gradients registered under these names. Raises
        TypeError for what is no dictionary of texts."""
        if not isinstance(op_type_map, dict):
            raise TypeError("op_type_map must be a dictionary mapping strings to strings")
        for op_type, mapped in op_type_map.items():
            if not (isinstance(op_type, str) and isinstance(mapped, str)):
                raise TypeError("op_type_map must be a dictionary mapping strings to strings")
        before = self._gradient_overrides
        self._gradient_overrides = {**before, **op_type_map}
        try:
            yield
        finally:
            self._gradient_overrides = before

    @contextmanager
    def container(self, container_name: str) -> Iterator[str]:
        """Accepted: variables belong to their session."""
        yield container_name

    # -- collections ----

    def add_to_collection(self, name: Any, value: Any) -> None:
        """Appends `value` to a collection."""
        self.check_not_finalized()
        self._collections.add(name, value)

    def add_to_collections(self, names: Iterable[Any] | str, value: Any) -> None:
        """Appends `value` to several collections, once each."""
        for name in (names,) if isinstance(names, str) else dict.fromkeys(names):
            self.add_to_collection(name, value)

    def get_collection(self, name: Any, scope: str | None = None) -> list[Any]:
        """A copy of a collection, of things alone whose name begins with the pattern `scope`."""
        return self._collections.found(name, scope)

    def get_collection_ref(self, name: Any) -> list[Any]:
        """A collection itself."""
        return self._collections.reference(name)

    def get_all_collection_keys(self) -> list[Any]:
        """The keys of the collections that hold something."""
        return [key for key in self.collections if isinstance(key, str)]

    def clear_collection(self, name: Any) -> None:
        """Empties a collection."""
        self.check_not_finalized()
        self._collections.clear(name)

    @property
    def collections(self) -> list[Any]:
        return self._collections.keys()

    # -- finding things ----

    def get_tensor_by_name(self, name: str) -> Tensor:
        """The tensor called `operation:index`."""
        if not isinstance(name, str):
            raise TypeError(f"Tensor names are strings (or similar), not {type(name).__name__}.")
        return self.as_graph_element(name, allow_operation=False)

    def get_operation_by_name(self, name: str) -> Operation:
        """The operation called `name`."""
        if not isinstance(name, str):
            raise TypeError(f"Operation names are strings (or similar), not {type(name).__name__}.")
        return self.as_graph_element(name, allow_tensor=False)

    def as_graph_element(self, obj: Any, allow_tensor: bool = True, allow_operation: bool = True) -> Any:
        """The tensor or operation that `obj`, one itself, a variable or a name, stands for.

        Raises KeyError for a name that is not there, ValueError for a thing of another graph or of the other kind, and
        TypeError for what can be neither.
        """
        wanted = " or ".join(["Tensor"] * allow_tensor + ["Operation"] * allow_operation)
        convert = getattr(obj, "_as_graph_element", None)
        if convert is not None:
            obj = convert()
        if isinstance(obj, Tensor) and allow_tensor:
            if obj.op.graph is not self:
                raise ValueError(f"Tensor {obj} is not an element of this graph.")
            return obj
        if isinstance(obj, Operation) and allow_operation:
            if obj.graph is not self:
                raise ValueError(f"Operation {obj.name} is not an element of this graph.")
            return obj
        if isinstance(obj, bytes):
            obj = obj.decode()
        if not isinstance(obj, str):
            raise TypeError(f"Can not convert a {type(obj).__name__} into a {wanted}.")
        return self._named(obj, allow_tensor, allow_operation)

    def _named(self, name: str, allow_tensor: bool, allow_operation: bool) -> Tensor | Operation:
        form = 'Tensor names must be of the form "<op_name>:<output_index>".'
        if ":" not in name:
            if not allow_operation:
                if name in self._operations:
                    raise ValueError(f"The name {name!r} refers to an Operation, not a Tensor. {form}")
                raise ValueError(f"The name {name!r} looks like an (invalid) Operation name, not a Tensor. {form}")
            if name not in self._operations:
                raise KeyError(f"The name {name!r} refers to an Operation not in the graph.")
            return self._operations[name]
        if not allow_tensor:
            raise ValueError(f"Name {name!r} appears to refer to a Tensor, not a Operation.")
        match = re.fullmatch(r"([^:]*):(\d+)", name)
        if match is None:
            raise ValueError(f"The name {name!r} looks a like a Tensor name, but is not a valid one. {form}")
        missing = f"The name {name!r} refers to a Tensor which does not exist. The operation, {match[1]!r},"
        operation = self._operations.get(match[1])
        if operation is None:
            raise KeyError(f"{missing} does not exist in the graph.")
        if int(match[2]) >= len(operation.outputs):
            raise KeyError(f"{missing} exists but only has {len(operation.outputs)} outputs.")
        return operation.outputs[int(match[2])]

    # -- what a run may feed and fetch ----

    def prevent_feeding(self, tensor: Tensor) -> None:
        """Marks `tensor` so that a run refuses to feed it."""
        self._unfeedable.add(tensor)

    def is_feedable(self, tensor: Tensor) -> bool:
        """Whether a run may feed `tensor`."""
        return tensor not in self._unfeedable and tensor.op.context is None

    def prevent_fetching(self, op: Operation) -> None:
        """Marks `op` so that a run refuses to fetch it."""
        self._unfetchable.add(op)

    def is_fetchable(self, tensor_or_op: Tensor | Operation) -> bool:
        """Whether a run may fetch this."""
        operation = tensor_or_op.op if isinstance(tensor_or_op, Tensor) else tensor_or_op
        return operation not in self._unfetchable and operation.context is None


def _put_into(context: Context, made: Operation) -> None:
    """Its context gets an operation: what that waits for outside, the owner of the context waits for."""
    context.operations.append(made)
    outside = [operation for operation in made.control_inputs if not context.holds(operation)]
    context.waits.update(dict.fromkeys(outside))
    made.control_inputs = [operation for operation in made.control_inputs if operation not in outside]


def _slot(operation: Operation) -> Operation | None:
    """The variable that the outputs of `operation` stand for."""
    definition = operation.definition
    if definition.type == "Identity" and operation.inputs[0].dtype._is_ref_dtype and not operation.control_inputs:
        slot = operation.inputs[0].op.slot  # another name of the variable, as `v/read` is
        return None if slot is not None and slot.is_resource else slot
    if not definition.outputs or not definition.outputs[0].is_ref:
        return None
    return operation.inputs[0].op.slot if definition.takes_ref else operation
