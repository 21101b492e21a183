"""Where the result of an operation lies, and what is said of operands that lie apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..device import CPU, device
from .lazy import Kind


class _Checked(NamedTuple):
    """What PyTorch calls the kernel of an operation, and its arguments: each by its place among the operands."""

    kernel: str
    arguments: Sequence[tuple[int, str]]


def _linear(kinds: Sequence[Kind]) -> _Checked:
    if len(kinds) == 2:
        return _Checked("mm", ((0, "self"), (1, "mat2")))
    return _Checked("addmm", ((2, "self"), (0, "mat1"), (1, "mat2")))


def _matmul(kinds: Sequence[Kind]) -> _Checked | None:
    ranks = [len(kind.shape) for kind in kinds]
    if min(ranks) < 2:
        return None
    return _Checked("mm" if max(ranks) == 2 else "bmm", ((0, "self"), (1, "mat2")))


def _norm(kernel: str, names: Sequence[str]) -> Callable[[Sequence[Kind]], _Checked]:
    return lambda kinds: _Checked(kernel, tuple(enumerate(names[: len(kinds)])))


# By the names of operations. All others look at their operands as elementwise ones do.
_CHECKED: dict[str, Callable[[Sequence[Kind]], _Checked | None]] = {
    "linear": _linear, "matmul": _matmul,
    "bmm": lambda kinds: _Checked("bmm", ((0, "self"), (1, "mat2"))),
    "addmm": lambda kinds: _Checked("addmm", ((0, "self"), (1, "mat1"), (2, "mat2"))),
    "embedding": lambda kinds: _Checked("_index_select", ((0, "self"), (1, "index"))),
    "index_select": lambda kinds: _Checked("_index_select", ((0, "self"), (1, "index"))),
    "gather": lambda kinds: _Checked("gather", ((0, "self"), (1, "index"))),
    "cat": lambda kinds: _Checked("cat", [(place, "tensors") for place in range(len(kinds))]),
    "cross_entropy_of_classes": _norm("nll_loss_forward", ("self", "target", "weight")),
    "layer_norm": _norm("_native_layer_norm", ("input", "weight", "bias")),
}  # fmt: skip


def common_device(name: str, kinds: Sequence[Kind]) -> device | None:
    """The device that all operands of an operation are on; numbers on the CPU go with others. Raises RuntimeError, in
    PyTorch's words, where there are several."""
    found = None
    for kind in kinds:
        if kind.device is found or kind.device is None or (kind.device is CPU and not kind.shape):
            continue
        if found is not None:
            raise _apart(name, kinds, found, kind.device)
        found = kind.device
    return CPU if found is None else found


def apart(first: device, second: device) -> RuntimeError:
    """PyTorch's error for tensors on two devices."""
    return RuntimeError(
        f"Expected all tensors to be on the same device, but found at least two devices, {first} and {second}!"
    )


def _apart(name: str, kinds: Sequence[Kind], first: device, second: device) -> RuntimeError:
    if name == "conv":
        return _convolution(kinds)
    found = _CHECKED[name](kinds) if name in _CHECKED else None
    if found is None:
        return apart(first, second)
    places = [(kinds[place].device, label) for place, label in found.arguments]
    common = places[0][0]
    other, label = next((each, label) for each, label in places if each is not common)
    return RuntimeError(
        f"Expected all tensors to be on the same device, but got {label} is on {other}, different from other tensors "
        f"on {common} (when checking argument in method wrapper_CUDA_{found.kernel})"
    )


def _convolution(kinds: Sequence[Kind]) -> RuntimeError:
    x, *others = kinds
    label, other = next(
        pair for pair in zip(("weight", "bias"), others, strict=False) if pair[1].device is not x.device
    )
    dense = f" or input should be a MKLDNN tensor and {label} is a dense tensor" if x.device is CPU else ""
    return RuntimeError(f"Input type ({_type(x)}) and {label} type ({_type(other)}) should be the same{dense}")


def _type(kind: Kind) -> str:
    name = kind.dtype.legacy_name
    return name if kind.device is CPU else name.replace("torch.", "torch.cuda.", 1)
