"""What PyTorch calls the gradient of a call: the names that stand in a tensor's text, as AddBackward0."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ..tensors import view_steps
from .calls import before_grafts

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor
    from .lazy import Call

# By the operation's name, where it is not that name with capitals.
_NAMES = {
    "add_scaled": "Add0", "sub_scaled": "Sub0", "pow_small": "Pow0", "log1p": "Log1P0", "copy": "Clone0",
    "cast": "ToCopy0", "move": "ToCopy0", "max_all": "Max1", "min_all": "Min1", "max": "Max0", "min": "Min0",
    "norm": "LinalgVectorNorm0", "outer": "Mul0", "gather_at": "Index0", "clamp_both": "Clamp1", "clamp_low": "Clamp1",
    "clamp_high": "Clamp1", "cross_entropy_of_classes": "NllLoss0", "smooth_l1_loss": "SmoothL1Loss0",
    "floor_divide": "Div1", "trunc_divide": "Div1", "median_all": "Median0", "nanmedian_all": "Nanmedian0",
    "largest_difference": "Cdist0",
    # Over one axis PyTorch pools as over two, and squeezes the result.
    **dict.fromkeys(
        ("adaptive_avg_pool1d", "adaptive_max_pool1d", "avg_pool1d", "max_pool1d", "max_unpool1d", "mean_of_axis"),
        "Squeeze1",
    ),
    "mean_of_axes": "Mean1", "strided": "AsStrided0", "strided_within": "AsStrided0",
}  # fmt: skip


def gradient_name(tensor: Tensor) -> str:
    """The name for a tensor that has a history."""
    if tensor._view is not None:
        return _spelt(_name_of_view(*tensor._view.steps[-1]))
    call = before_grafts(tensor._read()[0]).call
    return _spelt("Error0") if call is None else call_name(call)


def call_name(call: Call) -> str:
    """The name for a call."""
    return plain_name(call) if call.python is None else call.python.name


def plain_name(call: Call) -> str:
    """The name for a call whose gradient is not Python's."""
    known = getattr(call.template, "gradient_name", None)
    if known is not None:
        return known
    operation = getattr(call.template, "operation", None)
    is_view = call.template.is_view
    return _spelt(_name_of_view(operation, None, call.template.attributes) if is_view else _name_of_call(call))


def _spelt(name: str) -> str:
    return f"{name[:-1]}Backward{name[-1]}"


def _name_of_view(read: Any, write: Any, attributes: tuple[Any, ...]) -> str:
    if len(attributes) != 1:
        return _capital_name(read)
    (attribute,) = attributes
    if read is view_steps.permute:
        return "T0" if attribute == (1, 0) else "Permute0"
    if read is view_steps.reshape:
        return "View0"
    if read is view_steps.expand:
        return "Expand0"
    if read is view_steps.slide:
        return "Unfold0"
    if read is not view_steps.index:
        return _capital_name(read)
    taken = [entry for entry in attribute if entry != ("slice", None, None, None)]
    if not taken:
        return "Alias0"
    return "Unsqueeze0" if taken[-1] is None else "Select0" if isinstance(taken[-1], int) else "Slice0"


def _name_of_call(call: Call) -> str:
    template = call.template
    operation = getattr(template, "operation", None)
    if operation is None:  # a gradient, which is differentiated as a whole
        return "Grad0"
    name = operation.name.strip("_")
    if name in _RULES:
        with suppress(IndexError):  # of a call that has let go of its inputs: its own name has to do
            return _RULES[name](call)
    return _capital_name(operation)


def _capital_name(operation: Any) -> str:
    known = _NAMES.get(operation.name.strip("_"))
    return known or "".join(_capitalized(part) for part in operation.name.strip("_").split("_")) + "0"


def _capitalized(part: str) -> str:
    """With a capital, and another for the d of dimensions: "Pool2D"."""
    return f"{part[:-1].capitalize()}D" if part[-1:] == "d" and part[-2:-1].isdigit() else part.capitalize()


def _first_is_number(call: Call) -> bool:
    return call.template.numbers[0] is not None


def _reduction(name: str) -> Any:
    """One name of all elements, another along axes."""
    return lambda call: f"{name}{int(len(call.template.attributes[0]) < len(call.inputs[0].kind.shape))}"


def _product(call: Call) -> str:
    ranks = tuple(len(each.kind.shape) for each in call.inputs[:2])
    return {(1, 1): "Dot0", (2, 1): "Mv0", (2, 2): "Mm0"}.get(ranks, "UnsafeView0")


def _convolution(call: Call) -> str:
    return "Squeeze1" if len(call.inputs[0].kind.shape) < len(call.inputs[1].kind.shape) else "Convolution0"


def _linear(call: Call) -> str:
    if len(call.prefix.kinds[0].shape) != 2:
        return "View0"
    return "Addmm0" if len(call.prefix.edges) == 3 else "Mm0"


def _absolute_error(call: Call) -> str:
    return {"mean": "Mean0", "sum": "Sum0", "none": "Abs0"}[call.template.attributes[-1]]


_RULES = {
    "sub": lambda call: "Rsub1" if _first_is_number(call) else "Sub0",
    "div": lambda call: "Mul0" if _first_is_number(call) else "Div0",
    "pow": lambda call: "Pow0" if call.template.numbers[1] is not None else "Pow1",
    "sum": _reduction("Sum"), "mean": _reduction("Mean"), "prod": _reduction("Prod"),
    "conv": _convolution, "matmul": _product, "linear": _linear, "l1_loss": _absolute_error,
}  # fmt: skip
