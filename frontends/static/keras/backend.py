"""tf.keras.backend: the session that models run in, whether they learn, and names."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..exports import export
from ..graphs.defaults import get_default_graph, get_default_session, reset_default_graph
from ..graphs.dtypes import as_dtype
from ..operations.placeholders import placeholder, placeholder_with_default
from ..running.session import Session
from ..variables.listing import variables_initializer
from ..variables.state import is_variable_initialized
from ..variables.variable import Variable
from .settings import floatx

_session: list[Any] = []  # the one that models run in, where a program set one or needed one


def of_graph(key: str, make: Any) -> Any:
    """What keras keeps for the default graph, made where there is none."""
    store = get_default_graph().stores.setdefault("keras", {})
    if key not in store:
        store[key] = make()
    return store[key]


# -- names ----


@export("keras.backend.get_uid")
def get_uid(prefix: str = "") -> int:
    """A number that counts up from 1 for every prefix, in every graph."""
    counts: dict[str, int] = of_graph("names", dict)
    counts[prefix] = counts.get(prefix, 0) + 1
    return counts[prefix]


def unique_name(base: str, *, from_zero: bool = True) -> str:
    """`base` with a number behind it that no other has in the graph; the first has none where they count from zero."""
    number = get_uid(base) - (1 if from_zero else 0)
    return f"{base}_{number}" if number or not from_zero else base


# -- sessions ----


@export("keras.backend.get_session")
def get_session(op_input_list: Any = ()) -> Any:
    """The default session, or else the one that models run in, whose variables are initialized."""
    session = get_default_session()
    if session is None:
        if not _session or _session[0].graph is not get_default_graph() or _session[0]._closed:
            _session[:] = [Session(graph=get_default_graph())]
        session = _session[0]
    if session.graph is get_default_graph():
        _initialize(session)
    return session


def _initialize(session: Any) -> None:
    """Initializes the variables of keras that have no value yet."""
    seen = of_graph("initialized", set)
    fresh = [variable for variable in of_graph("variables", list) if variable not in seen]
    if not fresh:
        return
    with session.graph.as_default():
        missing = session.run([is_variable_initialized(variable) for variable in fresh])
        wanted = [variable for variable, is_there in zip(fresh, missing, strict=True) if not is_there]
        if wanted:
            session.run(variables_initializer(wanted))
    seen.update(fresh)


@export("keras.backend.set_session")
def set_session(session: Any) -> None:
    """Makes a session the one that models run in."""
    _session[:] = [session]


@export("keras.backend.clear_session")
def clear_session() -> None:
    """A new default graph, and names that count anew."""
    reset_default_graph()
    _session.clear()


def track(variable: Variable) -> None:
    """Tells of a variable that a session of keras initializes by itself."""
    of_graph("variables", list).append(variable)


# -- learning ----


@export("keras.backend.learning_phase")
def learning_phase() -> Any:
    """1 or 0 where it was set; else the placeholder of the graph that tells, False unless it is fed."""
    return of_graph(
        "learning phase", lambda: placeholder_with_default(np.array(False), shape=(), name="keras_learning_phase")
    )


@export("keras.backend.set_learning_phase")
def set_learning_phase(value: Any) -> None:
    """Sets whether models learn: 0 or 1. Raises ValueError."""
    if value not in (0, 1):
        raise ValueError("Expected learning phase to be 0 or 1.")
    of_graph("learning phase", lambda: value)
    get_default_graph().stores["keras"]["learning phase"] = int(value)


# -- variables and tensors ----


@export("keras.backend.variable")
def variable(value: Any, dtype: Any = None, name: str | None = None, constraint: Any = None) -> Variable:
    """A variable, which a session of keras initializes by itself."""
    made = Variable(value, dtype=as_dtype(dtype or floatx()), name=name, constraint=constraint)
    track(made)
    return made


@export("keras.backend.placeholder")
def make_placeholder(
    shape: Any = None, ndim: int | None = None, dtype: Any = None, sparse: bool = False, name: str | None = None
) -> Any:
    """A placeholder of a shape, or of a rank."""
    sizes = (None,) * ndim if shape is None and ndim is not None else shape
    return placeholder(as_dtype(dtype or floatx()), shape=sizes, name=name)


@export("keras.backend.int_shape")
def int_shape(x: Any) -> tuple[int | None, ...] | None:
    """The static shape as a tuple; None where the rank is not known."""
    return None if x.shape.ndims is None else tuple(x.shape.as_list())


@export("keras.backend.ndim")
def ndim(x: Any) -> int | None:
    """The rank."""
    return x.shape.ndims


@export("keras.backend.dtype")
def dtype_name(x: Any) -> str:
    """The name of the type."""
    return x.dtype.base_dtype.name


@export("keras.backend.eval")
def evaluate(x: Any) -> Any:
    """The value in the session of keras."""
    return get_session().run(x)


@export("keras.backend.get_value")
def get_value(x: Any) -> Any:
    """The value of a variable."""
    return get_session().run(x)


@export("keras.backend.batch_get_value")
def batch_get_value(tensors: Any) -> list[Any]:
    """The values of variables."""
    return get_session().run(list(tensors)) if tensors else []


@export("keras.backend.set_value")
def set_value(x: Variable, value: Any) -> None:
    """Changes the value of a variable."""
    x.load(np.asarray(value, x.dtype.base_dtype.numpy), get_session())


@export("keras.backend.batch_set_value")
def batch_set_value(tuples: Any) -> None:
    """Changes the values of variables: pairs of both."""
    for each, value in tuples:
        set_value(each, value)


@export("keras.backend.function")
def function(inputs: Any, outputs: Any, updates: Any = None, name: str | None = None) -> Any:
    """A function that runs: lists of arrays for tensors to a list of arrays, `updates` alongside."""
    given, wanted = list(inputs), list(outputs) if isinstance(outputs, list | tuple) else [outputs]
    extra = [each if not isinstance(each, tuple) else each[0].assign(each[1]) for each in updates or ()]

    def call(values: Any) -> list[Any]:
        fed = dict(zip(given, values if isinstance(values, list | tuple) else [values], strict=True))
        return get_session().run([wanted, extra], feed_dict=fed)[0]

    return call
