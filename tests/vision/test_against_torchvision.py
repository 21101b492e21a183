"""What torchvision 0.28 answers, on images and tensors, is what is answered here."""

from __future__ import annotations

import json
from pathlib import Path

import diptych.eager as torch
import diptych.vision as vision
import numpy as np
import pytest

from tests.vision.oracle.cases import CASES, answer
from tests.vision.oracle.texts import CALLS, text_of

ANSWERS = np.load(Path(__file__).parent / "oracle" / "answers.npz")
TEXTS = json.loads((Path(__file__).parent / "oracle" / "texts.json").read_text(encoding="utf-8"))


def test_every_case_has_its_answer() -> None:
    assert sorted(ANSWERS.files) == sorted(CASES)
    assert list(TEXTS) == CALLS


@pytest.mark.parametrize("title", list(CASES))
def test_answers(title: str) -> None:
    found, wanted = answer(torch, vision, title), ANSWERS[title]
    assert found.shape == wanted.shape and found.dtype == wanted.dtype
    if found.dtype == np.uint8 and title.startswith("resize"):
        # Sums of a few float32 numbers, in another order, that end near a half may round to the other side.
        distance = np.abs(found.astype(int) - wanted)
        assert distance.max() <= 1 and distance.mean() < 0.03
    else:
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize("call", CALLS)
def test_texts(call: str) -> None:
    assert text_of(call, torch, vision) == TEXTS[call]
