"""Every case of `oracle/cases/` against the answer that the real PyTorch gave, frozen in `oracle/answers/`.

To add cases: write them into the subject's file, run `python -m tests.eager.oracle.freeze` where torch is installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any
from zlib import crc32

import diptych.eager as torch
import pytest
from diptych.backends.settings import configure, settings
from diptych.eager.tapes.tape import tape

from tests.eager.oracle.answers import answer, load
from tests.eager.oracle.comparison import difference
from tests.eager.oracle.subjects import SUBJECTS, Case, cases_of

ALL = [(subject, case) for subject in SUBJECTS for case in cases_of(subject)]


@pytest.fixture(autouse=True, scope="module")
def settings_put_back() -> Iterator[None]:
    before = configure().compile_after
    yield
    configure(compile_after=before)


@cache
def frozen(subject: str) -> dict[str, Any]:
    """The answers of a subject, read once."""
    return load(subject)


@pytest.mark.parametrize(("subject", "case"), ALL, ids=[f"{subject}: {case.name}" for subject, case in ALL])
def test_as_torch(subject: str, case: Case) -> None:
    """On numpy half of the cases go call by call, half are compiled."""
    tape.flush()
    if settings().backend == "numpy":
        configure(compile_after=crc32(case.name.encode()) % 2 * 1000)
    wanted = frozen(subject)[case.name]
    assert wanted["text"] == case.text, "the case was changed after torch answered: freeze again"
    told = difference(wanted, answer(torch, case))
    assert not told, f"{case.name}\n{told}"


@pytest.mark.parametrize("subject", SUBJECTS)
def test_answers_are_those_of_the_cases(subject: str) -> None:
    assert list(frozen(subject)) == [case.name for case in cases_of(subject)]
