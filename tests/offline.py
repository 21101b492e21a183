"""No test looks at the machine's own data, or at the network."""

from __future__ import annotations

import urllib.request
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def apart(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty home and working folder, and no network."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.chdir(home)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("DIPTYCH_DATA", raising=False)
    monkeypatch.delenv("KERAS_HOME", raising=False)

    def refuse(*_: Any, **__: Any) -> None:
        raise OSError("no network")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)
