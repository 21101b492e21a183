"""What an answer holds."""

from __future__ import annotations

import diptych.eager as torch
import numpy as np
import pytest
from diptych.ir import Unsupported

from tests.eager.oracle.answers import answer, encoded, refusal
from tests.eager.oracle.subjects import SUBJECTS, Case, cases_of


def case(function) -> Case:
    return Case("case", "text", function)


def test_values_of_all_kinds() -> None:
    assert encoded(torch.tensor([1.5, float("nan")])) == {"tensor": "float32[2]", "values": [1.5, "nan"]}
    assert encoded(torch.tensor([[1, 2]])) == {"tensor": "int64[1, 2]", "values": [1, 2]}
    assert encoded(torch.ones(1, requires_grad=True)) == {
        "tensor": "float32[1]", "values": [1.0], "requires_grad": True,
    }  # fmt: skip
    assert encoded(torch.tensor(1 - 2j)) == {"tensor": "complex64[]", "values": [[1.0, -2.0]]}
    assert encoded((1, [None, "a"])) == {"tuple": [1, {"list": [None, "a"]}]}
    assert encoded({"a": 0.5, 2: True}) == {"dict": [["a", 0.5], [2, True]]}
    assert encoded(torch.float32) == {"repr": "torch.float32"}
    assert encoded(torch.Size([2])) == {"repr": "torch.Size([2])"}
    assert encoded(np.array([1, 2])) == {"array": "int64[2]", "values": [1, 2]}


def test_what_no_answer_can_hold() -> None:
    with pytest.raises(TypeError, match=r"^encoded: a object can be no answer$"):
        encoded(object())


def test_errors_are_answers() -> None:
    assert refusal(Unsupported("not there", hint="other")) == {"raises": "NotImplementedError", "text": "not there"}
    assert answer(torch, case(lambda names: names["torch"].ones(2) + names["torch"].ones(3)))["result"] == {
        "raises": "RuntimeError",
        "text": "The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 0",
    }


def test_gradients_of_leaves_are_part_of_the_answer() -> None:
    found = answer(torch, case(lambda names: names["leaf"](2) * 3))
    assert [each["tensor"] for each in found["gradients"]] == ["float64[2]"]
    assert answer(torch, case(lambda names: names["leaf"](2) * names["leaf"](2)))["gradients"][1] is not None
    assert answer(torch, case(lambda names: (names["leaf"](2), names["leaf"](2) * 1)))["gradients"][0] is not None
    assert "gradients" not in answer(torch, case(lambda names: names["floats"](2) * 3))


def test_a_leaf_that_is_not_used_has_no_gradient() -> None:
    def run(names):
        unused = names["leaf"](2)
        return names["leaf"](2) * 3 if unused is not None else None

    assert answer(torch, case(run))["gradients"][0] is None


def test_settings_are_put_back() -> None:
    def run(names):
        names["torch"].set_default_dtype(names["torch"].float64)
        names["torch"].set_grad_enabled(False)
        raise ValueError("stop")

    assert answer(torch, case(run))["result"] == {"raises": "ValueError", "text": "stop"}
    assert torch.get_default_dtype() is torch.float32
    assert torch.is_grad_enabled()


def test_inputs_are_the_same_every_time_and_differ_within_a_case() -> None:
    first = answer(torch, case(lambda names: (names["floats"](3), names["floats"](3))))
    assert first == answer(torch, case(lambda names: (names["floats"](3), names["floats"](3))))
    one, two = first["result"]["tuple"]
    assert one != two


def test_every_subject_has_cases() -> None:
    assert len(SUBJECTS) >= 30
    for subject in SUBJECTS:
        assert cases_of(subject), subject
