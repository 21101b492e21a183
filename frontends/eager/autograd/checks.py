"""`gradcheck` and `gradgradcheck`: gradients against differences of the function's values."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import dtypes as dtype_module
from ..tapes.mode import enable_grad, no_grad
from ..tensors.data import tensor
from ..tensors.tensor import Tensor
from .functional import element_gradients, gradients_of


class GradcheckError(RuntimeError):
    """A gradient is not what the differences say."""


def _differentiable(given: Any) -> list[Tensor]:
    listed = given if isinstance(given, (tuple, list)) else (given,)
    return [each for each in listed if isinstance(each, Tensor) and each.dtype.ir.is_differentiable]


def _checked_inputs(inputs: tuple[Any, ...]) -> list[Tensor]:
    found = [each for each in inputs if isinstance(each, Tensor) and each.requires_grad]
    if not found:
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of them have requires_grad=True."
        )
    for place, each in enumerate(inputs):
        if not isinstance(each, Tensor) or not each.requires_grad:
            continue
        if each.dtype not in (dtype_module.float64, dtype_module.complex128):
            warnings.warn(
                f"Input #{place} requires gradient and is not a double precision floating point or complex. This check "
                "will likely fail if all the inputs are not of double precision floating point or complex. ",
                stacklevel=4,
            )
    return found


def _numerical(func: Callable[..., Any], inputs: tuple[Any, ...], target: Tensor, eps: float) -> list[np.ndarray]:
    """For each output the central differences: [elements of the input, elements of the output]. Of complex inputs the
    derivative that PyTorch's convention calls the conjugate one, twice."""
    base = np.array(target.detach().numpy(force=True))
    columns: list[list[np.ndarray]] = []
    directions = (1.0, 1.0j) if base.dtype.kind == "c" else (1.0,)
    for place in range(base.size):
        found: list[list[np.ndarray]] = []
        for direction in directions:
            ends: list[list[np.ndarray]] = []
            for sign in (1, -1):
                moved = base.copy()
                moved.reshape(-1)[place] += sign * eps * direction
                changed = tuple(tensor(moved) if each is target else each for each in inputs)
                with no_grad():
                    ends.append(
                        [
                            np.array(out.detach().numpy(force=True)).reshape(-1)
                            for out in _differentiable(func(*changed))
                        ]
                    )
            found.append([(after - before) / (2 * eps) for after, before in zip(*ends, strict=True)])
        if len(found) == 1:
            columns.append(found[0])
        else:
            columns.append([np.stack([real, imaginary]) for real, imaginary in zip(*found, strict=True)])
    return [np.stack([column[number] for column in columns]) for number in range(len(columns[0]))] if columns else []


def _analytical(outputs: list[Tensor], target: Tensor) -> list[np.ndarray]:
    found: list[np.ndarray] = []
    for output in outputs:
        columns: list[np.ndarray] = []
        for place in range(output.numel()):
            one = np.zeros(output.numel(), output.detach().numpy(force=True).dtype)
            one[place] = 1
            (gradient,) = gradients_of((output,), (target,), [tensor(one.reshape(tuple(output.shape)))], False, True)
            shape = (target.numel(),)
            columns.append(
                np.zeros(shape, target.detach().numpy(force=True).dtype) if gradient is None
                else np.array(gradient.detach().numpy(force=True)).reshape(-1)
            )  # fmt: skip
        found.append(np.stack(columns, 1) if columns else np.zeros((target.numel(), 0)))
    return found


def _check_batched(outputs: list[Tensor], target: Tensor, which: int, analytical: list[np.ndarray]) -> None:
    """Raises GradcheckError where the gradients of all elements of an output, taken at once, are not those that were
    taken one by one, or cannot be."""
    for number, (output, expected) in enumerate(zip(outputs, analytical, strict=True)):
        try:
            (rows,) = element_gradients(output, (target,), False)
        except RuntimeError as error:
            raise GradcheckError(f"While computing batched gradients, got: {error}") from error
        found = (
            np.zeros(expected.shape)
            if rows is None
            else rows.detach().numpy(force=True).reshape(expected.shape[::-1]).T
        )
        if not np.allclose(found, expected):
            raise GradcheckError(
                f"For output {number} and input {which}:\n\ngradcheck or gradgradcheck failed while testing batched "
                f"gradient computation.\n\nGot:\n{tensor(found)}\n\nExpected:\n{tensor(expected)}"
            )


def _as_gradient(numerical: np.ndarray, is_complex_input: bool) -> np.ndarray:
    """What the gradient should be by the differences: of a complex input, for the output's real part."""
    if not is_complex_input:
        return np.conj(numerical) if np.iscomplexobj(numerical) else numerical
    return numerical[:, 0].real + 1j * numerical[:, 1].real


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
) -> bool:
    """Whether the gradients of func at the inputs that require them agree with central differences of step `eps`.

    Raises GradcheckError where they do not, unless `raise_exception` is False; ValueError where no input requires
    gradients.
    """
    try:
        return _check(func, inputs, eps, atol, rtol, check_batched_grad)
    except GradcheckError:
        if raise_exception:
            raise
        return False


def _check(
    func: Callable[..., Any], inputs: Any, eps: float, atol: float, rtol: float, check_batched_grad: bool
) -> bool:
    given = tuple(inputs) if isinstance(inputs, (tuple, list)) else (inputs,)
    wanted = _checked_inputs(given)
    with enable_grad():
        outputs = [each for each in _differentiable(func(*given)) if each.requires_grad]
    for which, target in enumerate(wanted):
        with enable_grad():
            numerical = _numerical(func, given, target, eps)
        analytical = _analytical(outputs, target)
        if check_batched_grad:
            _check_batched(outputs, target, which, analytical)
        is_complex = target.dtype.is_complex
        for number, (left, right) in enumerate(zip(numerical, analytical, strict=False)):
            expected = _as_gradient(left, is_complex)
            if is_complex or np.iscomplexobj(expected):
                right = right if is_complex else right.real
                expected = expected if is_complex else expected.real
            if not np.allclose(expected, right, rtol, atol):
                raise GradcheckError(
                    f"Jacobian mismatch for output {number} with respect to input {which},\n"
                    f"numerical:{tensor(expected)}\nanalytical:{tensor(right)}\n"
                )
    return True


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    masked: bool = False,
) -> bool:
    """As `gradcheck`, of the gradients of func, by the inputs and by `grad_outputs` (random, where not given)."""
    from ..random import randn_like

    given = tuple(inputs) if isinstance(inputs, (tuple, list)) else (inputs,)
    if grad_outputs is None:
        with enable_grad():
            outputs = [each for each in _differentiable(func(*given)) if each.requires_grad]
        weights = tuple(randn_like(each.detach()).requires_grad_() for each in outputs)
    else:
        weights = tuple(grad_outputs) if isinstance(grad_outputs, (tuple, list)) else (grad_outputs,)
    count = len(weights)

    def gradients(*arguments: Any) -> tuple[Tensor, ...]:
        own, seeds = arguments[:-count], arguments[-count:]
        fresh = tuple(
            each.detach().requires_grad_() if isinstance(each, Tensor) and needs and not each.requires_grad else each
            for each, needs in zip(own, needed, strict=True)
        )
        with enable_grad():
            outputs = tuple(each for each in _differentiable(func(*fresh)) if each.requires_grad)
            targets = tuple(each for each, needs in zip(fresh, needed, strict=True) if needs)
            found = gradients_of(outputs, targets, seeds, True)
        return tuple(each for each in found if each is not None)

    needed = [isinstance(each, Tensor) and each.requires_grad for each in given]
    return gradcheck(gradients, (*given, *weights), eps=eps, atol=atol, rtol=rtol, raise_exception=raise_exception)
