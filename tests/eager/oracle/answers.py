"""What a framework says to a case, as plain data that JSON can hold.

    a tensor        {"tensor": "float32[2, 3]", "values": [...]}, with "requires_grad": true where it does
    a sparse tensor {"sparse": sizes, "coalesced": whether it is known to be so, "parts": [indices, values]}
    an error        {"raises": the builtin class, "text": ...}
    a container     {"tuple": [...]}, {"list": [...]}, {"dict": [[key, value], ...]}
    dtypes and such {"repr": ...}
    a complex number {"complex": [real, imaginary]}
    others          None, booleans, integers, floats and texts as they are

The answer of a case is {"text": the case's text, "result": one of these}, and where inputs are leaves {"gradients":
[of each leaf, weighted by fixed numbers]}.
"""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.eager.oracle.inputs import Inputs
from tests.eager.oracle.subjects import FOLDER, Case

REFUSALS = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)


def answer(torch: Any, case: Case) -> dict[str, Any]:
    """What `torch`, the real framework or diptych's, says to a case."""
    inputs = Inputs(torch)
    names = {
        "torch": torch, "nn": torch.nn, "F": torch.nn.functional, "optim": torch.optim, "np": np, "math": math,
        "nan": math.nan, "inf": math.inf, **inputs.names(),
    }  # fmt: skip
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # which PyTorch gives to users; cases that ask for them see them
        try:
            return {"text": case.text, **_said(torch, inputs, case.run(names))}
        except REFUSALS as error:
            return {"text": case.text, "result": refusal(error)}
        finally:
            torch.set_default_dtype(torch.float32)
            torch.set_grad_enabled(True)


def _said(torch: Any, inputs: Inputs, result: Any) -> dict[str, Any]:
    gradients = _gradients(torch, inputs, result)  # before values are read, so that both are computed together
    found = {"result": encoded(result)}
    return found if gradients is None else {**found, "gradients": [encoded(each) for each in gradients]}


def refused(function: Any, *arguments: Any, **options: Any) -> dict[str, str] | None:
    """How a call is refused; None where it is not."""
    try:
        function(*arguments, **options)
    except REFUSALS as error:
        return refusal(error)
    return None


BUILD = " If you are a Facebook employee"


def refusal(error: Exception) -> dict[str, str]:
    """An error by its builtin class and its text, without the list of kernels, and of the files that have them, that
    PyTorch's build adds."""
    kind = next(each for each in type(error).__mro__ if each.__module__ == "builtins")
    text = getattr(error, "message", str(error)).partition(BUILD)[0]
    return {"raises": kind.__name__, "text": text}


def _gradients(torch: Any, inputs: Inputs, result: Any) -> list[Any] | None:
    """The gradients of the leaves, None for a leaf that is not used; None alone where there is nothing to ask."""
    outputs = [each for each in tensors(result) if each.requires_grad and not each.is_sparse]
    leaves = [each for each in inputs.leaves if each.requires_grad]
    if not outputs or not leaves:
        return None
    weights = []
    for output in outputs:
        kind = repr(output.dtype).removeprefix("torch.")
        weights.append(inputs.floats(*output.shape, low=0.5, high=1.5, dtype=kind))
    return list(torch.autograd.grad(outputs, leaves, weights, allow_unused=True))


def is_tensor(value: Any) -> bool:
    """Whether it is a tensor of either framework."""
    return type(value).__name__ in ("Tensor", "Parameter", "SparseTensor")


def tensors(result: Any) -> Iterator[Any]:
    """The tensors of a result, in order."""
    if is_tensor(result):
        yield result
    elif isinstance(result, dict):
        for each in result.values():
            yield from tensors(each)
    elif isinstance(result, (tuple, list)):
        for each in result:
            yield from tensors(each)


def encoded(value: Any) -> Any:
    """A result as plain data. Raises TypeError for what no answer holds."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return _number(value, "float64")
    if isinstance(value, complex):
        return {"complex": _number(value, "complex128")}
    if is_tensor(value):
        return _encoded_tensor(value)
    if type(value).__name__ in ("dtype", "Size", "device"):
        return {"repr": repr(value)}
    if isinstance(value, dict):
        return {"dict": [[encoded(key), encoded(each)] for key, each in value.items()]}
    if isinstance(value, (tuple, list)):
        return {"list" if isinstance(value, list) else "tuple": [encoded(each) for each in value]}
    if isinstance(value, np.ndarray):
        return {"array": f"{value.dtype}{list(value.shape)}", "values": value.reshape(-1).tolist()}
    raise TypeError(f"encoded: a {type(value).__name__} can be no answer")


def _encoded_tensor(tensor: Any) -> dict[str, Any]:
    if tensor.is_sparse:
        parts = [_encoded_tensor(each) for each in (tensor._indices(), tensor._values())]
        found = {"sparse": list(tensor.shape), "coalesced": tensor.is_coalesced(), "parts": parts}
        return {**found, "requires_grad": True} if tensor.requires_grad else found
    kind = repr(tensor.dtype).removeprefix("torch.")
    values = [_number(each, kind) for each in tensor.detach().reshape(-1).tolist()]
    found = {"tensor": f"{kind}{list(tensor.shape)}", "values": values}
    return {**found, "requires_grad": True} if tensor.requires_grad else found


_DIGITS = {"float64": 12, "complex128": 12, "float32": 9, "complex64": 9, "float16": 5, "bfloat16": 4}


def _number(value: Any, kind: str) -> Any:
    """With as many digits as the type has, or nearly; what JSON has no number for as text."""
    if isinstance(value, complex):
        return [_number(value.real, kind), _number(value.imag, kind)]
    if isinstance(value, (bool, int)):
        return value
    if not math.isfinite(value):
        return repr(value)
    if kind in ("float32", "complex64"):
        return float(str(np.float32(value)))
    return float(f"{value:.{_DIGITS[kind]}g}")


# -- torch's answers, frozen ----


def load(subject: str) -> dict[str, Any]:
    """The frozen answers of a subject by the names of its cases."""
    path = FOLDER / "answers" / f"{subject}.json"
    return json.loads(path.read_text()) if path.exists() else {}


def save(subject: str, answers: dict[str, Any]) -> None:
    """Writes a subject's answers, one a line."""
    path = FOLDER / "answers" / f"{subject}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"{json.dumps(name)}: {json.dumps(each, allow_nan=False)}" for name, each in answers.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


# -- torch's names ----


def load_names() -> dict[str, list[str]]:
    """The public names of torch's namespaces."""
    return json.loads((FOLDER / "names.json").read_text())


def save_names(names: dict[str, list[str]]) -> None:
    """Writes the public names, a namespace a line."""
    lines = [f"{json.dumps(place)}: {json.dumps(found)}" for place, found in names.items()]
    (FOLDER / "names.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
