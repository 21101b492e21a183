"""tf.Variable: state that outlives a run, one value in every session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.collections import GraphKeys
from ..graphs.conversion import convert_to_tensor
from ..graphs.defaults import get_default_graph
from ..graphs.dtypes import DType, as_dtype
from ..graphs.graph import Graph
from ..graphs.operation import Operation
from ..graphs.scopes import name_scope
from ..graphs.shapes import TensorShape, as_shape, unknown_shape
from ..graphs.switches import switches
from ..graphs.tensor import Tensor
from ..operations.overloads import install
from ..serialization.messages import VariableDef
from ..serialization.names_in_scopes import prepended, stripped
from ..strategies.contexts import strategy_here
from . import scattering, state
from .creators import Created
from .guarding import guarded
from .replicas import is_trained


@export("Variable")
class Variable(metaclass=Created):
    """A tensor that keeps its value between the runs of a session, where operations read and assign it.

    `initial_value` is a value, a tensor of known shape (any shape without `validate_shape`), or a function that makes
    one. Whoever uses the variable reads it when it runs itself: after the assignments it depends on. `read_value()` and
    `tf.identity` are further names of it, which show what is assigned later in the same run, unless they are made under
    control dependencies. With `use_resource`, or after `tf.enable_resource_variables()`, they keep what they have read.
    """

    _strategy: Any = None  # in whose scope it was made

    def __init__(
        self,
        initial_value: Any = None,
        trainable: bool | None = None,
        collections: Any = None,
        validate_shape: bool = True,
        caching_device: Any = None,
        name: str | None = None,
        variable_def: Any = None,
        dtype: Any = None,
        expected_shape: Any = None,
        import_scope: str | None = None,
        constraint: Callable[[Tensor], Tensor] | None = None,
        use_resource: bool | None = None,
        synchronization: Any = None,
        aggregation: Any = None,
        shape: Any = None,
    ) -> None:
        if variable_def is not None:
            if initial_value is not None:
                raise ValueError("variable_def and initial_value are mutually exclusive.")
            self._take(variable_def, import_scope)
            return
        if initial_value is None:
            raise ValueError("initial_value must be specified.")
        if constraint is not None and not callable(constraint):
            raise ValueError("The `constraint` argument must be a callable.")
        self._trainable = is_trained(trainable, synchronization)
        self._strategy = strategy_here()
        self._constraint = constraint
        graph = get_default_graph()
        keys = list(collections) if collections is not None else [GraphKeys.GLOBAL_VARIABLES]
        if self._trainable and GraphKeys.TRAINABLE_VARIABLES not in keys:
            keys.append(GraphKeys.TRAINABLE_VARIABLES)
        with graph.init_scope():
            self._make(graph, initial_value, validate_shape, name, dtype, shape)
        self._variable.op.is_resource = switches.resource_variables if use_resource is None else bool(use_resource)
        graph.stores.setdefault("variables by operation", {})[self._variable.op] = self
        graph.add_to_collections(keys, self)

    def _make(
        self, graph: Graph, initial_value: Any, validate_shape: bool, name: str | None, dtype: Any, shape: Any
    ) -> None:
        makes_it = callable(initial_value) and not hasattr(initial_value, "_as_graph_tensor")
        element = None if dtype is None else as_dtype(dtype).base_dtype
        with name_scope(name, "Variable", None if makes_it else [initial_value]) as scope:
            if makes_it:
                with name_scope("Initializer"):
                    self._initial_value = convert_to_tensor(initial_value(), element, name="initial_value")
            else:
                self._initial_value = convert_to_tensor(initial_value, element, name="initial_value")
            initial = self._initial_value
            if initial.op.context is not None:
                raise ValueError(
                    f"Initializer for variable {scope[:-1]}/ is from inside a control-flow construct, such as a loop "
                    "or conditional. When creating a variable inside a loop or conditional, use a lambda as the "
                    "initializer."
                )
            if shape is not None:
                wanted = as_shape(shape)
                if validate_shape and not wanted.is_compatible_with(initial.shape):
                    raise ValueError(f"The initial value's shape ({initial.shape}) is not compatible with {wanted}.")
            else:
                wanted = initial.shape if validate_shape else unknown_shape()
            if validate_shape and not initial.shape.is_fully_defined():
                raise ValueError(f"initial_value must have a shape specified: {initial}")
            self._variable = state.new_variable(wanted, initial.dtype.base_dtype, scope)
            self._safe_initial_value = guarded(initial, self._variable.op.name)
            assigned = state.assign(
                self._variable, self._safe_initial_value, validate_shape=validate_shape, name="Assign"
            )
            self._initializer_op = assigned.op
            self._snapshot = apply("Identity", [self._variable], name="read")

    # -- as a message ----

    def _take(self, variable_def: VariableDef, import_scope: str | None) -> None:
        """Becomes the variable of operations that are in the graph. Raises ValueError, KeyError for names that are not
        there or mean something else."""
        graph = get_default_graph()

        def tensor(field: str) -> Tensor:
            return graph.get_tensor_by_name(prepended(getattr(variable_def, field), import_scope or ""))

        self._trainable = variable_def.trainable
        self._constraint = None
        self._variable = tensor("variable_name")
        if self._variable.op.slot is not self._variable.op:
            raise ValueError(f"{variable_def.variable_name} is no variable")
        self._snapshot = tensor("snapshot_name")
        name = prepended(variable_def.initializer_name, import_scope or "")
        self._initializer_op = graph.get_operation_by_name(name)
        if len(self._initializer_op.inputs) < 2:
            raise ValueError(f"{variable_def.initializer_name} is no initializer of a variable")
        self._initial_value = (
            tensor("initial_value_name") if variable_def.initial_value_name else self._initializer_op.inputs[1]
        )
        self._safe_initial_value = self._initializer_op.inputs[1]
        graph.stores.setdefault("variables by operation", {})[self._variable.op] = self

    @staticmethod
    def from_proto(variable_def: VariableDef, import_scope: str | None = None) -> Variable:
        """The variable of operations that are in the graph. Raises ValueError, KeyError."""
        return Variable(variable_def=variable_def, import_scope=import_scope)

    def to_proto(self, export_scope: str | None = None) -> VariableDef | None:
        """The operations of the variable by their names, without the scope before them; None where it lies outside."""
        scope = export_scope.rstrip("/") if export_scope else ""
        if not self._variable.name.startswith(scope):
            return None
        return VariableDef(
            variable_name=stripped(self._variable.name, scope),
            initializer_name=stripped(self._initializer_op.name, scope),
            snapshot_name=stripped(self._snapshot.name, scope),
            initial_value_name=stripped(self._initial_value.name, scope),
            trainable=self._trainable,
        )

    # -- what it is ----

    @property
    def name(self) -> str:
        """`operation:0`."""
        return self._variable.name

    @property
    def op(self) -> Operation:
        return self._variable.op

    @property
    def graph(self) -> Graph:
        return self._variable.graph

    @property
    def device(self) -> str:
        return self._variable.device

    @property
    def dtype(self) -> DType:
        return self._variable.dtype

    @property
    def shape(self) -> TensorShape:
        return self._variable.shape

    def get_shape(self) -> TensorShape:
        """The static shape."""
        return self._variable.shape

    def set_shape(self, shape: Any) -> None:
        """Adds what the caller knows of the shape."""
        self._variable.set_shape(shape)
        self._snapshot.set_shape(shape)

    @property
    def trainable(self) -> bool:
        return self._trainable

    @property
    def constraint(self) -> Callable[[Tensor], Tensor] | None:
        return self._constraint

    @property
    def initializer(self) -> Operation:
        return self._initializer_op

    @property
    def initial_value(self) -> Tensor:
        return self._initial_value

    # -- reading ----

    def value(self) -> Tensor:
        """The tensor through which the variable is read."""
        return self._snapshot

    def read_value(self) -> Tensor:
        """A read at this place: after the control dependencies that hold here."""
        return apply("Identity", [self._variable], name="read")

    def initialized_value(self) -> Tensor:
        """The value, or the initial value in a session where the variable has none yet."""
        with get_default_graph().control_dependencies(None):
            return apply("InitializedValue", [self._variable, self._safe_initial_value], name="initialized_value")

    def eval(self, session: Any = None) -> Any:
        """The value in `session` or the default one."""
        return self._variable.eval(session=session)

    # -- writing ----

    def assign(self, value: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True) -> Any:
        """Gives the variable a value; the tensor returned is the variable after that."""
        made = state.assign(self._variable, value, name=name)
        return made if read_value else made.op

    def assign_add(
        self, delta: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Any:
        """Adds `delta`; the tensor returned is the variable after that."""
        made = state.assign_add(self._variable, delta, name=name)
        return made if read_value else made.op

    def assign_sub(
        self, delta: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Any:
        """Subtracts `delta`; the tensor returned is the variable after that."""
        made = state.assign_sub(self._variable, delta, name=name)
        return made if read_value else made.op

    def scatter_nd_update(self, indices: Any, updates: Any, name: str | None = None) -> Tensor:
        """Writes `updates` over what the index vectors in `indices` pick; the variable after that."""
        return apply("ScatterNdUpdate", [self._variable, indices, updates], name=name)

    def scatter_nd_add(self, indices: Any, updates: Any, name: str | None = None) -> Tensor:
        """Adds `updates` to what the index vectors in `indices` pick; the variable after that."""
        return apply("ScatterNdAdd", [self._variable, indices, updates], name=name)

    def scatter_nd_sub(self, indices: Any, updates: Any, name: str | None = None) -> Tensor:
        """Subtracts `updates` from what the index vectors in `indices` pick; the variable after that."""
        return apply("ScatterNdSub", [self._variable, indices, updates], name=name)

    def load(self, value: Any, session: Any = None) -> None:
        """Gives the variable a value in `session` or the default one, without adding to the graph."""
        from ..graphs.defaults import session_for

        chosen = session_for(self.graph, session, "evaluate tensor", "eval")
        chosen.run(self._initializer_op, {self._initializer_op.inputs[1]: value})

    # -- as a tensor ----

    def _as_graph_tensor(self, *, as_ref: bool) -> Tensor:
        return self._variable if as_ref else self._snapshot

    def _as_graph_element(self) -> Tensor:
        return self._variable

    @property
    def _graph_tensor(self) -> Tensor:
        return self._variable

    def _ref(self) -> Tensor:
        return self._variable

    def __iter__(self) -> Any:
        raise TypeError("'Variable' object is not iterable.")

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"<tf.Variable '{self.name}' shape={self.shape} dtype={self.dtype.name}>"


Variable.__array_priority__ = 100  # numpy leaves `array + variable` to the variable
install(Variable)
Variable.__getitem__ = lambda self, index: scattering.sliced(self._variable, self._snapshot, index)


def variable_of(operation: Operation) -> Variable | None:
    """The Variable that an operation belongs to."""
    return operation.graph.stores.get("variables by operation", {}).get(operation)
