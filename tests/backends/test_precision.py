"""The precision of products on jax is a setting, which programs are compiled for."""

from __future__ import annotations

from collections.abc import Iterator

import diptych
import diptych.eager as torch
import pytest
from diptych import backends
from diptych.backends.settings import settings
from diptych.ir import parse

pytest.importorskip("jax")

PRODUCT = "func @f(%x: f32[4,4]) -> (f32[4,4]) { %y: f32[4,4] = matmul %x, %x return %y }"


@pytest.fixture(autouse=True)
def settings_of_its_own() -> Iterator[None]:
    before = settings()
    diptych.configure(backend="jax")
    yield
    torch.set_float32_matmul_precision("highest")
    diptych.configure(backend=before.backend)


def precision_of(text: str) -> str:
    executable = backends.compile(parse(text), backend="jax")
    assert isinstance(executable, backends.Executable)
    return executable.runner.stablehlo().partition("precision = [")[2].partition(",")[0]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("word", "setting", "wanted"), [
    ("highest", "highest", "HIGHEST"), ("high", "high", "HIGH"), ("medium", "default", "DEFAULT"),
])  # fmt: skip
def test_pytorchs_words(word: str, setting: str, wanted: str) -> None:
    torch.set_float32_matmul_precision(word)
    assert settings().matmul_precision == setting and torch.get_float32_matmul_precision() == word
    assert precision_of(PRODUCT) in (wanted, "" if wanted == "DEFAULT" else wanted)


def test_tf32_is_the_same_by_another_name() -> None:
    torch.backends.cuda.matmul.allow_tf32 = True
    assert (settings().matmul_precision, torch.get_float32_matmul_precision()) == ("high", "high")
    torch.backends.cuda.matmul.allow_tf32 = False
    assert settings().matmul_precision == "highest" and not torch.backends.cuda.matmul.allow_tf32
    torch.set_float32_matmul_precision("medium")
    assert torch.backends.cuda.matmul.allow_tf32


def test_what_was_recorded_is_compiled_anew() -> None:
    def product() -> torch.Tensor:
        return torch.ones(64, 64) @ torch.ones(64, 64)

    with backends.captured() as found:
        for word in ("highest", "high", "highest"):
            torch.set_float32_matmul_precision(word)
            x = product()
            if word == "high":
                torch.set_float32_matmul_precision("highest")  # it still runs as it was recorded
            assert x.sum().item() == 64**3
    texts = [executable.runner.stablehlo() for executable in found]  # type: ignore[attr-defined]
    assert any("[HIGH, HIGH]" in text for text in texts) and any("[HIGHEST, HIGHEST]" in text for text in texts)
