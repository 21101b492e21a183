"""The comparison sees differences, and lets pass what it should."""

from __future__ import annotations

from typing import Any

import pytest

from tests.eager.oracle.comparison import difference


def tensor(values: list[Any], kind: str = "float32", **more: Any) -> dict[str, Any]:
    return {"tensor": f"{kind}[{len(values)}]", "values": values, **more}


def refusal(text: str, kind: str = "RuntimeError") -> dict[str, str]:
    return {"raises": kind, "text": text}


KERNEL = "\"exp_vml_cpu\" not implemented for 'Bool'"
LAYOUT = "Could not run 'aten::{}' with arguments from the 'SparseCPU' backend. This could be because"
OVERLOADS = "sum() received an invalid combination of arguments - got (str), but expected one of: ..."

EQUAL = [
    (tensor([1.0, 2.0]), tensor([1.0, 2.000001])),
    (tensor([1.0], "float64"), tensor([1.0 + 1e-11], "float64")),
    (tensor([[1.0, 2.0]], "complex64"), tensor([[1.0, 2.000001]], "complex64")),
    (tensor(["nan", "inf"]), tensor(["nan", "inf"])),
    (0.5, 0.5000001),
    ({"tuple": [1, "a", None, True]}, {"tuple": [1, "a", None, True]}),
    (refusal("a"), refusal("a")),
    (refusal(KERNEL, "NotImplementedError"), refusal(KERNEL.replace("_vml", ""), "NotImplementedError")),
    (
        refusal(LAYOUT.format("_softmax"), "NotImplementedError"),
        refusal(LAYOUT.format("softmax"), "NotImplementedError"),
    ),
    (refusal(LAYOUT.format("gt.Scalar"), "NotImplementedError"), refusal(LAYOUT.format("gt"), "NotImplementedError")),
    (refusal(OVERLOADS, "TypeError"), refusal("sum(): dim is 'a'", "TypeError")),
]
DIFFERENT = [
    (tensor([1.0, 2.0]), tensor([1.0, 2.001])),
    (tensor([1.0], "float64"), tensor([1.000001], "float64")),
    (tensor([1, 2], "int64"), tensor([1, 3], "int64")),
    (tensor([True], "bool"), tensor([1], "bool")),
    (tensor([1], "float32"), tensor([1.0], "float32")),
    (tensor([1.0]), tensor([1.0, 2.0])),
    (tensor([1.0]), tensor([1.0], "float64")),
    (tensor([1.0]), tensor([1.0], requires_grad=True)),
    (tensor(["nan"]), tensor([0.0])),
    (tensor(["inf"]), tensor(["-inf"])),
    (tensor([[1.0, 2.0]], "complex64"), tensor([[1.0, 2.1]], "complex64")),
    (0.5, 0.501),
    (1, 1.0),
    (1, True),
    (None, 0),
    ("a", "b"),
    ({"tuple": [1]}, {"list": [1]}),
    ({"tuple": [1]}, {"tuple": [1, 2]}),
    (refusal("a"), refusal("b")),
    (refusal("a"), refusal("a", "ValueError")),
    (refusal("a"), tensor([1.0])),
    (refusal(KERNEL, "NotImplementedError"), refusal("other", "TypeError")),
    (refusal(KERNEL, "NotImplementedError"), refusal("exp: x is bool[2] but must be of a float dtype")),
    (refusal(KERNEL, "NotImplementedError"), refusal(KERNEL.replace("Bool", "Long"), "NotImplementedError")),
    (refusal(LAYOUT.format("exp_"), "NotImplementedError"), refusal(LAYOUT.format("method"), "NotImplementedError")),
    (refusal(OVERLOADS, "TypeError"), refusal("other", "ValueError")),
    ({"text": "a", "result": 1}, {"text": "a", "result": 1, "gradients": []}),
]


@pytest.mark.parametrize(("wanted", "found"), EQUAL)
def test_no_difference(wanted: Any, found: Any) -> None:
    assert not difference(wanted, found)


@pytest.mark.parametrize(("wanted", "found"), DIFFERENT)
def test_a_difference(wanted: Any, found: Any) -> None:
    assert difference(wanted, found)


def test_the_place_is_named() -> None:
    told = difference({"result": {"tuple": [1, tensor([2.0])]}}, {"result": {"tuple": [1, tensor([3.0])]}})
    assert told == "result.tuple[1].values: torch gives\n  [2.0]\nhere it is\n  [3.0]"
