"""What tests of several folders need."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager

import pytest
from diptych.backends import settings as settings_module
from diptych.backends.settings import configure, settings


@contextmanager
def threads(count: int) -> Generator[None]:
    """So many threads share a program within the block."""
    before = settings().threads
    configure(threads=count)
    yield
    configure(threads=before)


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Programs have no parts."""
    with threads(1):
        yield


@pytest.fixture
def two_threads() -> Iterator[None]:
    """Long programs have two parts."""
    with threads(2):
        yield


@pytest.fixture(autouse=True)
def settings_as_before() -> Iterator[None]:
    """No test leaves its settings to others, so that the suite runs on the backend that DIPTYCH_BACKEND names."""
    before = settings()
    yield
    settings_module._current = before


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """On another backend than numpy, tests of what numpy alone does are skipped, and say why."""
    if settings().backend != "numpy":
        for item in items:
            for mark in item.iter_markers("numpy_alone"):
                item.add_marker(pytest.mark.skip(reason=mark.args[0]))
