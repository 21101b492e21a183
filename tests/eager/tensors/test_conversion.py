"""What `to` is asked for."""

from __future__ import annotations

import diptych.eager as torch
import pytest
from diptych.eager.device import CPU
from diptych.eager.tensors.conversion import conversion


@pytest.mark.parametrize(
    ("arguments", "options", "wanted"),
    [
        ((), {}, (None, None, False)),
        ((torch.float64,), {}, (torch.float64, None, False)),
        (("cpu", torch.float64, True, True), {}, (torch.float64, CPU, True)),
        ((torch.ones(1, dtype=torch.float16),), {"copy": True}, (torch.float16, CPU, True)),
        ((), {"dtype": float, "device": "cpu", "non_blocking": True}, (torch.float64, CPU, False)),
        ((None,), {"other": torch.ones(1, dtype=torch.int8)}, (torch.int8, CPU, False)),
    ],
)
def test_what_is_understood(arguments: tuple[object, ...], options: dict[str, object], wanted: object) -> None:
    assert conversion(arguments, options) == wanted


@pytest.mark.parametrize(("arguments", "options", "word"), [(([1],), {}, r"\(list\)"), ((), {"speed": 1}, "speed")])
def test_what_is_not(arguments: tuple[object, ...], options: dict[str, object], word: str) -> None:
    with pytest.raises(TypeError, match=rf"^to\(\) received an invalid combination of arguments - got {word}$"):
        conversion(arguments, options)
