"""What docs/inspecting.md shows is what the verbs print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from diptych.cli import VERBS

from docs import make_inspecting

COMMANDS = re.findall(r"^\$ (diptych .*)$", make_inspecting.FILE.read_text(), re.MULTILINE)
NOT_INSPECTING = {"export", "launch", "run", "check", "ops"}


def test_every_verb_is_shown() -> None:
    assert {command.split()[1] for command in COMMANDS} == set(VERBS) - NOT_INSPECTING


def test_output_is_current() -> None:
    written = make_inspecting.without_times(make_inspecting.FILE.read_text())
    found = make_inspecting.without_times(make_inspecting.text())
    assert found == written, "run: python -m docs.make_inspecting"


@pytest.mark.parametrize("name", make_inspecting.PICTURES)
def test_pictures_are_there(name: str) -> None:
    picture = Path(make_inspecting.FOLDER) / f"page-{name}.png"
    assert (
        picture.read_bytes().startswith(b"\x89PNG") and f"inspecting/{picture.name}" in make_inspecting.FILE.read_text()
    )
