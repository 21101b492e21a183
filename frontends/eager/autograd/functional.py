"""`torch.autograd.functional`: derivatives of functions of tensors, as tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..functions.joining import cat
from ..functions.shapes import reshape, unsqueeze
from ..tapes.mode import enable_grad
from ..tensors.creation import eye, ones_like, zeros, zeros_like
from ..tensors.tensor import Tensor
from .gradients import grad, is_seen_by_python

_ROWS = 256  # of gradients at once, where that is not asked for
Tensors = tuple[Tensor, ...]


def _as_tuple(given: Any, what: str, name: str) -> tuple[bool, Tensors]:
    """Whether a tuple was given, and the tuple. Raises TypeError for what holds no tensors."""
    is_tuple = isinstance(given, tuple)
    found = given if is_tuple else (given,)
    for place, each in enumerate(found):
        if not isinstance(each, Tensor):
            where = f"value at index {place}" if is_tuple else f"given {what}"
            raise TypeError(
                f"The {what} given to {name} must be either a Tensor or a tuple of Tensors but the {where} has type "
                f"{type(each)}."
            )
    return is_tuple, found


def _prepared(inputs: Tensors, create_graph: bool) -> Tensors:
    """The inputs as tensors of their own, which gradients flow to."""
    return tuple(
        each.view_as(each) if create_graph and each.requires_grad else each.detach().requires_grad_(True)
        for each in inputs
    )


def _finished(tensors: Tensors, create_graph: bool) -> Tensors:
    return tensors if create_graph else tuple(each.detach() for each in tensors)


def _untupled(tensors: Tensors, is_tuple: bool) -> Any:
    return tensors if is_tuple else tensors[0]


def _check_vector(v: Tensors, other: Tensors, is_tuple: bool) -> None:
    if len(v) != len(other):
        if is_tuple:
            raise RuntimeError(f"v is a tuple of invalid length: should be {len(other)} but got {len(v)}.")
        raise RuntimeError("The given v should contain a single Tensor.")
    for place, (mine, theirs) in enumerate(zip(v, other, strict=True)):
        if mine.shape != theirs.shape:
            entry = f"Entry {place} in " if is_tuple else ""
            raise RuntimeError(f"{entry}v has invalid size: should be {theirs.shape} but got {mine.shape}.")


def _check_outputs(outputs: Tensors) -> None:
    for place, each in enumerate(outputs):
        if not each.requires_grad:
            raise RuntimeError(
                f"Output {place} of the user-provided function does not require gradients. The outputs must be "
                "computed in a differentiable manner from the input when running in strict mode."
            )


_INDEPENDENT = {
    "back": "The output of the user-provided function is independent of input {}. This is not allowed in strict mode.",
    "back_trick": (
        "The gradient with respect to the input is independent of entry {} in the grad_outputs when using the double "
        "backward trick to compute forward mode gradients. This is not allowed in strict mode."
    ),
    "double_back": (
        "The jacobian of the user-provided function is independent of input {}. This is not allowed in strict mode."
    ),
    "double_back_trick": (
        "The hessian of the user-provided function is independent of entry {} in the grad_jacobian. This is not "
        "allowed in strict mode as it prevents from using the double backward trick to replace forward mode AD."
    ),
}


def _filled(gradients: Sequence[Tensor | None], like: Tensors, strict: bool, stage: str) -> Tensors:
    """The gradients, zeros where there is none. With `strict` that is an error."""
    for place, each in enumerate(gradients):
        if each is None and strict:
            raise RuntimeError(_INDEPENDENT[stage].format(place))
    return tuple(zeros_like(other) if each is None else each for each, other in zip(gradients, like, strict=True))


def gradients_of(
    outputs: Tensors,
    inputs: Tensors,
    seeds: Sequence[Tensor | None] | None,
    create_graph: bool,
    retain: bool = False,
    *,
    is_batched: bool = False,
) -> tuple[Tensor | None, ...]:
    """As `grad`, for outputs some of which may have no gradient; for each row of seeds that are batches."""
    given = [None] * len(outputs) if seeds is None else list(seeds)
    chosen = [(each, seed) for each, seed in zip(outputs, given, strict=True) if each.requires_grad]
    if not chosen:
        return (None,) * len(inputs)
    return grad(
        [each for each, _ in chosen], inputs, [seed for _, seed in chosen],
        retain_graph=retain or create_graph, create_graph=create_graph, allow_unused=True, is_grads_batched=is_batched,
    )  # fmt: skip


def vjp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """(func(*inputs), the product of v with the Jacobian there), v as the outputs are; 1 where that is one number."""
    with enable_grad():
        is_tuple, given = _as_tuple(inputs, "inputs", "vjp")
        given = _prepared(given, create_graph)
        is_tuple_out, outputs = _as_tuple(func(*given), "outputs of the user-provided function", "vjp")
        if strict:
            _check_outputs(outputs)
        if v is not None:
            _, v = _as_tuple(v, "v", "vjp")
            v = _prepared(v, create_graph) if create_graph else tuple(each.detach() for each in v)
            _check_vector(v, outputs, is_tuple_out)
        elif len(outputs) != 1 or outputs[0].numel() != 1:
            raise RuntimeError(
                "The vector v can only be None if the user-provided function returns a single Tensor with a single "
                "element."
            )
        found = _filled(gradients_of(outputs, given, v, create_graph), given, strict, "back")
    return (
        _untupled(_finished(outputs, create_graph), is_tuple_out),
        _untupled(_finished(found, create_graph), is_tuple),
    )


def jvp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """(func(*inputs), the product of the Jacobian there with v), v as the inputs are; 1 where that is one number.

    Computed as the gradient, with respect to the weights, of a gradient: it is linear in them.
    """
    with enable_grad():
        _, given = _as_tuple(inputs, "inputs", "jvp")
        is_tuple_in = isinstance(inputs, tuple)
        given = _prepared(given, create_graph)
        if v is not None:
            _, v = _as_tuple(v, "v", "jvp")
            v = _prepared(v, create_graph) if create_graph else tuple(each.detach() for each in v)
            _check_vector(v, given, is_tuple_in)
        elif len(given) != 1 or given[0].numel() != 1:
            raise RuntimeError(
                "The vector v can only be None if the input to the user-provided function is a single Tensor with a "
                "single element."
            )
        is_tuple_out, outputs = _as_tuple(func(*given), "outputs of the user-provided function", "jvp")
        if strict:
            _check_outputs(outputs)
        found = _filled(pushed(outputs, given, v, create_graph, strict), outputs, strict, "back_trick")
    return (
        _untupled(_finished(outputs, create_graph), is_tuple_out),
        _untupled(_finished(found, create_graph), is_tuple_out),
    )


def zero_weights(outputs: Tensors) -> Tensors:
    """Zeros like the outputs, which require gradients."""
    return tuple(zeros(tuple(each.shape), dtype=each.dtype, device=each.device, requires_grad=True) for each in outputs)


def pushed(
    outputs: Tensors,
    inputs: Tensors,
    v: Tensors | None,
    create_graph: bool,
    strict: bool = False,
    weights: Tensors | None = None,
    *,
    is_batched: bool = False,
) -> tuple[Tensor | None, ...]:
    """How the outputs change with the inputs in the direction v, or in each row of it. `weights`, zeros that require
    gradients, are what the gradient of the outputs is linear in."""
    if weights is None:
        weights = zero_weights(outputs)
    first = _filled(gradients_of(outputs, inputs, weights, True), inputs, strict, "back")
    return gradients_of(first, weights, v, create_graph, is_batched=is_batched)


def unit_rows(like: Tensor, start: int, count: int) -> Tensor:
    """Tensors shaped as another [count, *shape], with a one at its element `start`, the next at the next."""
    rows = (
        eye(count, like.numel(), dtype=like.dtype, device=like.device) if not start else _later_rows(like, start, count)
    )
    return reshape(rows, (count, *like.shape))


def _later_rows(like: Tensor, start: int, count: int) -> Tensor:
    kind: dict[str, Any] = {"dtype": like.dtype, "device": like.device}
    before, after = (zeros(count, size, **kind) for size in (start, like.numel() - start - count))
    return cat([before, eye(count, **kind), after], 1)


def element_gradients(
    output: Tensor, inputs: Tensors, create_graph: bool, chunk: int | None = None, *, is_batched: bool = True
) -> tuple[Tensor | None, ...]:
    """The gradients of each element of an output, [elements, axes of the input]: all at once or `chunk` of them, or one
    by one unless they are batched."""
    total = output.numel()
    chunk = chunk or max(total, 1)
    if is_batched:
        parts = [
            gradients_of((output,), inputs, [unit_rows(output, start, count)], create_graph, True, is_batched=True)
            for start, count in ((start, min(chunk, total - start)) for start in range(0, total, chunk))
        ]
    else:
        rows = (
            gradients_of((output,), inputs, [unit_rows(output, place, 1)[0]], create_graph, True)
            for place in range(total)
        )
        parts = [tuple(None if each is None else unsqueeze(each, 0) for each in row) for row in rows]
    if not parts:
        return tuple(zeros(0, *given.shape, dtype=given.dtype, device=given.device) for given in inputs)
    return tuple(
        column[0] if column[0] is None or len(column) == 1 else cat([each for each in column if each is not None])
        for column in zip(*parts, strict=True)
    )


def jacobian_rows(
    outputs: Tensors, inputs: Tensors, create_graph: bool, strict: bool, vectorize: bool
) -> tuple[Tensors, ...]:
    """For each output, for each input, the derivatives: axes of the output, then of the input. Unless `vectorize`, no
    more than a few rows at once, and Python sees gradients one by one."""
    is_batched = vectorize or not any(is_seen_by_python(each) for each in outputs)
    found: list[Tensors] = []
    for number, output in enumerate(outputs):
        row: list[Tensor] = []
        for which, (each, given) in enumerate(
            zip(
                element_gradients(output, inputs, create_graph, None if vectorize else _ROWS, is_batched=is_batched),
                inputs,
                strict=True,
            )
        ):
            if each is None and strict:
                raise RuntimeError(
                    f"Output {number} of the user-provided function is independent of input {which}. This is not "
                    "allowed in strict mode."
                )
            if each is not None and strict and create_graph and not each.requires_grad:
                raise RuntimeError(
                    f"The jacobian of the user-provided function is independent of input {which}. This is not "
                    "allowed in strict mode when create_graph=True."
                )
            shape = (*output.shape, *given.shape)
            row.append(zeros(shape, dtype=given.dtype, device=given.device) if each is None else reshape(each, shape))
        found.append(tuple(row))
    return tuple(found)


def jacobian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """The derivatives of each output by each input: tensors, in tuples of tuples where there are several.

    `vectorize` and `strategy` say how PyTorch computes them. Raises ValueError for an unknown strategy.
    """
    if strategy not in ("forward-mode", "reverse-mode"):
        raise AssertionError(
            'Expected strategy to be either "forward-mode" or "reverse-mode". Hint: If your function has more outputs '
            'than inputs, "forward-mode" tends to be more performant. Otherwise, prefer to use "reverse-mode".'
        )
    if strategy == "forward-mode" and create_graph:
        raise NotImplementedError(
            'torch.autograd.functional.jacobian: `create_graph=True` and `strategy="forward-mode"` are not supported '
            'together (yet). Please either set `create_graph=False` or `strategy="reverse-mode"`.'
        )
    if strategy == "forward-mode" and not vectorize:
        raise NotImplementedError(
            "Computing Jacobian using forward-AD or forward-over-reverse Hessian isonly implemented for "
            "`vectorize=True`."
        )
    with enable_grad():
        is_tuple, given = _as_tuple(inputs, "inputs", "jacobian")
        given = _prepared(given, create_graph)
        is_tuple_out, outputs = _as_tuple(func(*given), "outputs of the user-provided function", "jacobian")
        if strict:
            _check_outputs(outputs)
        if strict and vectorize:
            raise RuntimeError(
                "torch.autograd.functional.jacobian: `strict=True` and `vectorized=True` are not supported together. "
                "Please either set `strict=False` or `vectorize=False`."
            )
        rows = jacobian_rows(outputs, given, create_graph, strict, vectorize)
    found = tuple(_untupled(_finished(row, create_graph), is_tuple) for row in rows)
    if strategy == "forward-mode":
        found = [list(each) if is_tuple else each for each in found]  # as PyTorch returns them
    return found if is_tuple_out else found[0]


def _scalar_function(func: Callable[..., Any], name: str) -> Callable[..., Tensor]:
    def checked(*inputs: Tensor) -> Tensor:
        is_tuple, outputs = _as_tuple(func(*inputs), "outputs of the user-provided function", name)
        if is_tuple or not isinstance(outputs[0], Tensor):
            raise RuntimeError(f"The function given to {name} should return a single Tensor")
        if outputs[0].numel() != 1:
            raise RuntimeError(f"The Tensor returned by the function given to {name} should contain a single element")
        return outputs[0].squeeze()

    return checked


def hessian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """The second derivatives of a function whose result is one number: of each pair of inputs."""
    is_tuple, given = _as_tuple(inputs, "inputs", "hessian")
    if outer_jacobian_strategy not in ("forward-mode", "reverse-mode"):
        raise AssertionError('Expected strategy to be either "forward-mode" or "reverse-mode".')
    scalar = _scalar_function(func, "hessian")

    def first(*inputs: Tensor) -> Any:
        found = jacobian(scalar, inputs, create_graph=True)
        if strict:
            for place, each in enumerate(found):
                if not each.requires_grad:
                    raise RuntimeError(
                        "While computing the hessian, found that the jacobian of the user-provided function with "
                        f"respect to input {place} is independent of the input. This is not allowed in strict mode. "
                        "You should ensure that your function is twice differentiable and that the jacobian depends on "
                        "the inputs (this would be violated by a linear function for example)."
                    )
        return found

    found = jacobian(
        first, given, create_graph=create_graph, strict=strict, vectorize=vectorize, strategy=outer_jacobian_strategy
    )
    return found if is_tuple else found[0][0]


def _given_vector(v: Any, given: Tensors, is_tuple: bool, name: str, create_graph: bool) -> Tensors | None:
    if v is None:
        if len(given) != 1 or given[0].numel() != 1:
            raise RuntimeError(
                "The vector v can only be None if the input to the user-provided function is a single Tensor with a "
                "single element."
            )
        return (ones_like(given[0]),)
    _, found = _as_tuple(v, "v", name)
    found = _prepared(found, create_graph) if create_graph else tuple(each.detach() for each in found)
    _check_vector(found, given, is_tuple)
    return found


def vhp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """(func(*inputs), the product of v with the second derivatives there) of a function whose result is one number."""
    with enable_grad():
        is_tuple, given = _as_tuple(inputs, "inputs", "vhp")
        given = _prepared(given, create_graph)
        vector = _given_vector(v, given, is_tuple, "vhp", create_graph)
        output = _scalar_function(func, "vhp")(*given)
        if strict:
            _check_outputs((output,))
        first = _filled(gradients_of((output,), given, None, True), given, strict, "back")
        found = _filled(gradients_of(first, given, vector, create_graph), given, strict, "double_back")
    return (
        _finished((output,), create_graph)[0],
        _untupled(_finished(found, create_graph), is_tuple),
    )


def hvp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """(func(*inputs), the product of the second derivatives there with v) of a function whose result is one number."""
    with enable_grad():
        is_tuple, given = _as_tuple(inputs, "inputs", "hvp")
        given = _prepared(given, create_graph)
        vector = _given_vector(v, given, is_tuple, "hvp", create_graph)
        output = _scalar_function(func, "hvp")(*given)
        if strict:
            _check_outputs((output,))
        first = _filled(gradients_of((output,), given, None, True), given, strict, "back")
        found = _filled(pushed(first, given, vector, create_graph), given, strict, "double_back_trick")
    return (
        _finished((output,), create_graph)[0],
        _untupled(_finished(found, create_graph), is_tuple),
    )
