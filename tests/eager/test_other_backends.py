"""The cases again on the other backends: all on the reference, some on jax, which compiles each of them slowly."""

from __future__ import annotations

from collections.abc import Callable

import diptych.eager as torch
import pytest

from tests.eager.oracle.answers import answer, load
from tests.eager.oracle.comparison import difference
from tests.eager.oracle.subjects import SUBJECTS, cases_of

COMPUTING = [subject for subject in SUBJECTS if subject.partition("/")[0] in ("functions", "nn", "optim")]


def differences(subject: str, step: int) -> str:
    """What differs from torch's answers to every `step`-th case of a subject."""
    frozen = load(subject)
    told = {case.name: difference(frozen[case.name], answer(torch, case)) for case in cases_of(subject)[::step]}
    return "\n".join(f"{name}\n{each}" for name, each in told.items() if each)


@pytest.mark.parametrize("subject", COMPUTING)
def test_on_the_reference(subject: str, use_backend: Callable[[str], None]) -> None:
    use_backend("reference")
    assert not differences(subject, 1)


@pytest.mark.parametrize("subject", COMPUTING)
def test_on_jax(subject: str, use_backend: Callable[[str], None]) -> None:
    use_backend("jax")
    assert not differences(subject, 50)
