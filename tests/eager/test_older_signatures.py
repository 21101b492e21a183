"""Older orders of arguments: what is warned of, and that it is warned of once."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import diptych.eager as torch
import pytest
from diptych.eager import older_signatures

x, m, b = torch.ones(2), torch.ones(2, 2), torch.ones(1, 2, 2)


@pytest.mark.parametrize(
    ("call", "lines"),
    [
        (lambda: torch.add(x, 10, x), ["add", "Tensor input, Number alpha, Tensor other, *, Tensor out = None",
                                       "Tensor input, Tensor other, *, Number alpha = 1, Tensor out = None"]),
        (lambda: x.clone().add_(10, x), ["add_", "Number alpha, Tensor other", "Tensor other, *, Number alpha = 1"]),
        (lambda: x.sub(10, x), ["sub", "Number alpha, Tensor other", "Tensor other, *, Number alpha = 1"]),
        (lambda: torch.addcdiv(x, 2, x, x),
         ["addcdiv", "Tensor input, Number value, Tensor tensor1, Tensor tensor2, *, Tensor out = None",
          "Tensor input, Tensor tensor1, Tensor tensor2, *, Number value = 1, Tensor out = None"]),
        (lambda: x.clone().addcmul_(2, x, x), ["addcmul_", "Number value, Tensor tensor1, Tensor tensor2",
                                               "Tensor tensor1, Tensor tensor2, *, Number value = 1"]),
        (lambda: torch.addmm(2, m, m, m),
         ["addmm", "Number beta, Tensor input, Tensor mat1, Tensor mat2, *, Tensor out = None",
          "Tensor input, Tensor mat1, Tensor mat2, *, Number beta = 1, Number alpha = 1, Tensor out = None",
          "Tensor input, Tensor mat1, Tensor mat2, torch.dtype out_dtype, *, Number beta = 1, Number alpha = 1, "
          "Tensor out = None"]),
        (lambda: m.addmm(2, 3, m, m), ["addmm", "Number beta, Number alpha, Tensor mat1, Tensor mat2",
                                       "Tensor mat1, Tensor mat2, *, Number beta = 1, Number alpha = 1"]),
        (lambda: torch.addbmm(2, m, 3, b, b),
         ["addbmm", "Number beta, Tensor input, Number alpha, Tensor batch1, Tensor batch2, *, Tensor out = None",
          "Tensor input, Tensor batch1, Tensor batch2, *, Number beta = 1, Number alpha = 1, Tensor out = None"]),
    ],
)  # fmt: skip
def test_the_first_is_warned_of(call: Callable[[], object], lines: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(older_signatures, "_warned", [])
    name, older, *newer = lines
    with pytest.warns(UserWarning) as found:
        call()
        call()
    assert found[0].filename == __file__
    assert [str(each.message) for each in found] == [
        f"This overload of {name} is deprecated:\n\t{name}({older})\nConsider using one of the following signatures "
        "instead:" + "".join(f"\n\t{name}({line})" for line in newer)
    ]


def test_nothing_is_warned_of_otherwise() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        torch.add(x, x, alpha=2)
        torch.addmm(m, m, m, beta=2, alpha=3)
        with pytest.raises(TypeError):
            torch.add(x, x, x)  # type: ignore[call-arg]
