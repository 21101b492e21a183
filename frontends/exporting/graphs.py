"""Graphs of the static front end, in a session or a saved model, as functions of what is fed, with the values of their
variables as constants."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from diptych.ir import Builder, Constant, Dim, DiptychError, Function, Op, TensorType, Unsupported, named, ops
from diptych.passes.replay import replay

from ..static.graphs.errors import OpError
from ..static.graphs.graph import Graph
from ..static.graphs.site import UnknownValue
from ..static.graphs.tensor import Tensor
from ..static.running.feeds import Feeds
from ..static.running.fetches import Fetches
from ..static.running.host import split
from ..static.running.lowering import LoweredRun, lower
from ..static.running.schedule import needed, ordered
from ..static.running.session import BaseSession, Session
from ..static.running.site import MAX_SPECIALISED, NeedsHost, NeedsNumbers, Told, Undetermined
from ..static.saved_models.loader import load, maybe_saved_model_directory
from ..static.saved_models.signatures import get_tensor_from_tensor_info

BATCH = "batch"  # what the first size of inputs is called where it is not known


def function_of_session(
    session: BaseSession,
    inputs: Any,
    outputs: Any,
    types: Sequence[TensorType] = (),
    names: Sequence[str] = (),
) -> Function:
    """What a session computes of `outputs` from `inputs`, both tensors, names, or nests of these. Variables have the
    values that they have now.

    Sizes that the inputs leave open get names, their first one `batch`; `types` says otherwise. `names`: what arguments
    are called. Raises Unsupported, with the operation and the line, for what cannot be a program by itself, or not with
    names for sizes.
    """
    graph = session.graph
    keys = inputs if isinstance(inputs, (list, tuple)) else [inputs]
    tensors = [feed.tensor for feed in Feeds(graph, keys).feeds]
    if len(tensors) < len(keys):
        each = [Feeds(graph, [key]).feeds[0].tensor for key in keys]
        twice = next(tensor for place, tensor in enumerate(each) if tensor in each[:place])
        raise DiptychError(f"export: {twice.name} is an input twice, but may be one once")
    fetched = Fetches(graph, outputs)
    if len(fetched.tensors) != len(fetched.targets) or not fetched.tensors:
        raise DiptychError("export: outputs must be tensors, not operations")
    if types and len(types) != len(tensors):
        raise DiptychError(f"export: {len(types)} types are given, but there are {len(tensors)} inputs")
    known = dict(zip(tensors, types or map(_type, tensors), strict=True))
    for tensor, type in known.items():
        _check(tensor, type)
    for tensor in fetched.tensors:
        if tensor.dtype.ir is None:
            raise _of_strings(tensor, "tensors of numbers before it as outputs")
    _check_without_host(fetched.tensors, tensors)
    run = _lowered(session, fetched.tensors, known)
    return _baked(session, run, known, fetched.tensors, names or [tensor.op.name for tensor in tensors])


def _type(tensor: Tensor) -> TensorType:
    """The type of an input, with names for sizes that it leaves open."""
    dims = tensor._dims
    if dims is None:
        raise DiptychError(f"export: nobody knows the rank of {tensor.name}", hint='--input "float32[batch, 3]"')
    dtype = tensor.dtype.in_programs
    if dtype is None or tensor.dtype.ir is None:
        raise _of_strings(tensor)
    shape: list[Dim] = []
    for axis, dim in enumerate(dims):
        if isinstance(dim, int):
            shape.append(dim)
        else:
            shape.append(named(BATCH if axis == 0 else f"{_letters(tensor.op.name)}_{axis}"))
    return TensorType(dtype, tuple(shape))


def _letters(name: str) -> str:
    text = "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in name)
    return text if text[:1].isalpha() else f"size_{text}"


def _of_strings(tensor: Tensor, hint: str = "tensors of numbers behind it as inputs") -> Unsupported:
    problem = f"export: {tensor.name} holds {tensor.dtype.base_dtype.name}, which is no number"
    return Unsupported(problem, location=tensor.op.location, hint=hint)


def _check(tensor: Tensor, type: TensorType) -> None:
    """Raises DiptychError for a type that an input cannot have."""
    if tensor.dtype.ir is None:
        raise _of_strings(tensor)
    dims = tensor._dims
    fits = dims is None or (
        len(dims) == type.rank
        and all(not isinstance(dim, int) or dim == size for dim, size in zip(dims, type.shape, strict=True))
    )
    if tensor.dtype.in_programs != type.dtype or not fits:
        wanted = f"{tensor.dtype.base_dtype.name}{'' if dims is None else _described(dims)}"
        raise DiptychError(f"export: {tensor.name} is given as {type} but must be {wanted}")


def _described(dims: Sequence[Any]) -> str:
    return f"[{', '.join(str(dim) if isinstance(dim, int) else '?' for dim in dims)}]"


def _check_without_host(targets: Sequence[Tensor], inputs: Sequence[Tensor]) -> None:
    fed = dict.fromkeys(inputs)
    waits = needed(targets, fed)
    first, last = split(ordered(waits), waits)
    for operation in (*first, *last):
        if operation.type != "Const":
            raise Unsupported(
                f"export: {operation.name} ({operation.type}) is computed by Python, outside of programs",
                location=operation.location,
                hint="what it gives as an input",
            )


def _lowered(session: BaseSession, targets: Sequence[Tensor], types: Mapping[Tensor, TensorType]) -> LoweredRun:
    state = session._state
    feeds = {tensor: _unseen(type) for tensor, type in types.items()}
    shapes = {tensor: type.shape for tensor, type in types.items()}
    try:
        return lower(targets, feeds, state.type_of, effects=False, shapes=shapes, name="model")
    except (Undetermined, UnknownValue) as error:
        source = error.source if isinstance(error, Undetermined) else None
        operation = None if source is None else source.operation if not isinstance(source, Tensor) else source.op
        which = "" if operation is None else f", {operation.name} ({operation.type}),"
        raise Unsupported(
            f"export: a size or axis depends on what is computed{which} and not on sizes alone",
            location=None if operation is None else operation.location,
            hint="sizes made of shapes and constants",
        ) from error
    except Unsupported as refusal:
        problem = f"export: {refusal.message}"
        raise Unsupported(problem, location=refusal.location, hint=refusal.hint) from refusal
    except NeedsNumbers as error:
        operation = error.operation
        raise Unsupported(
            f"export: {operation.name} ({operation.type}) needs numbers for sizes",
            location=operation.location,
            hint="numbers in --input in place of names",
        ) from error
    except (NeedsHost, Told) as error:
        operation = error.operation if isinstance(error, NeedsHost) else None
        which = "something" if operation is None else f"{operation.name} ({operation.type})"
        where = None if operation is None else operation.location
        raise Unsupported(f"export: {which} needs Python, outside of programs", location=where) from error


def _unseen(type: TensorType) -> np.ndarray[Any, Any]:
    """Stands for the elements of an input, which nobody is to look at: lowering does not at so many."""
    return np.broadcast_to(np.zeros((), type.dtype.numpy), (MAX_SPECIALISED + 1,))


def _baked(
    session: BaseSession,
    run: LoweredRun,
    types: Mapping[Tensor, TensorType],
    outputs: Sequence[Tensor],
    names: Sequence[str],
) -> Function:
    """The run with its state as constants, and with all inputs as parameters, in order."""
    for key in run.writes:
        operation = key[1]
        what, hint = "is a variable that is written", "outputs that change nothing"
        if key[0] != "variable":
            what, hint = "draws random numbers", "training=False, or the numbers that it gives as an input"
        problem = f"export: {operation.name} ({operation.type}) {what}, and files keep nothing"
        raise Unsupported(problem, location=operation.location, hint=hint)
    tensors = list(types)
    b = Builder("model", share=False)
    b.find_location = False
    given = [b.parameter(type, _letters(name)) for type, name in zip(types.values(), names, strict=True)]
    state = [b.constant(value=Constant(np.asarray(session._state.arrays[key]))) for key in run.reads]
    function = replay(run.function, rewrite=_without_assertions, share=False)
    results = iter(b.inline(function, [*(given[place] for place in run.feeds), *state]))
    computed = {tensor: next(results) for tensor in run.fetches}
    fed = dict(zip(tensors, given, strict=True))
    return b.finish([fed[tensor] if tensor in fed else computed[tensor] for tensor in outputs])


def _without_assertions(b: Builder, op: Op, operands: Any, attributes: Mapping[str, Any]) -> Any:
    """Calls of Python that give nothing are left out: they are assertions, since such a run prints nothing."""
    return () if op is ops.host_call and not attributes["results"] else None


# -- saved models ----


def _told(error: Exception) -> str:
    """What an error says, without the line that it is said of: that is none of the user's."""
    text = error.message if isinstance(error, OpError) else str(error)
    return text.partition("\n\t [[")[0]


def is_saved_model(folder: Any) -> bool:
    """Whether a folder has a saved model."""
    return os.path.isdir(folder) and maybe_saved_model_directory(folder)


def function_of_saved_model(
    folder: Any, signature: str, tags: Sequence[str], types: Sequence[TensorType] = ()
) -> tuple[Function, list[str]]:
    """What a saved model's signature computes, and what its results are called. Arguments and results are in the order
    of their names. Raises DiptychError where the model cannot be read, or has no such signature."""
    with Session(graph=Graph()) as session:
        try:
            model = load(session, tags, folder)
        except (OSError, RuntimeError, ValueError, OpError) as error:
            raise DiptychError(f"export: {folder}: {_told(error)}") from error
        known = dict(model.signature_def.items())
        if signature not in known:
            raise DiptychError(
                f"export: {folder}: there is no signature {signature}, but {', '.join(sorted(known)) or 'none'}",
                hint=f"--signature {min(known)}" if known else None,
            )
        inputs, outputs = (
            {name: get_tensor_from_tensor_info(info, session.graph) for name, info in sorted(infos.items())}
            for infos in (known[signature].inputs, known[signature].outputs)
        )
        for name, tensor in (*inputs.items(), *outputs.items()):
            if not isinstance(tensor, Tensor):
                raise Unsupported(f"export: {name} is a sparse tensor", hint="a signature of dense tensors")
        try:
            function = function_of_session(session, list(inputs.values()), list(outputs.values()), types, list(inputs))
        except OpError as error:
            raise DiptychError(f"export: {folder}: {_told(error)}") from error
        except DiptychError as error:  # without the line that read the model
            raise type(error)(error.message, hint=error.hint) from error
        return function, list(outputs)
