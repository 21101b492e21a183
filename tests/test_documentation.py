"""The pages in docs/: their Python runs, and their consoles show what is printed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

BLOCK = re.compile(r"^```(python|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = [
    page
    for page in sorted((Path(__file__).parents[1] / "docs").glob("*.md"))
    if BLOCK.search(page.read_text(encoding="utf-8"))  # others are tables
    and page.stem != "inspecting"  # which tests/inspector/test_documentation.py holds
]


def run(command: list[str], folder: Path) -> str:
    """What the command prints, on the standard output and then on the standard error."""
    ran = subprocess.run([sys.executable, *command], cwd=folder, capture_output=True, text=True)
    return ran.stdout + ran.stderr


def test_there_are_pages() -> None:
    assert [page.stem for page in PAGES] == ["running-existing-programs", "scaling", "when-eager-programs-run"]


def settled(text: str, folder: Path) -> str:
    """The text without what differs from run to run: folders, seconds, by which rows of tables are sorted, and the
    inside of tracebacks."""
    text = text.replace(f"{folder}/", "")
    text = re.sub(r"\b\d+\.\d{3}  ", "0.000  ", text)
    text = re.sub(r"(?:^ +\d+ .*\n)+", lambda rows: "".join(sorted(rows[0].splitlines(True))), text, flags=re.MULTILINE)
    return re.sub(r"(Traceback .*:\n)(?:  .*\n)+", r"\1  ...\n", text)


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_page(page: Path, tmp_path: Path) -> None:
    for kind, text in BLOCK.findall(page.read_text(encoding="utf-8")):
        if kind == "console":
            command, _, printed = text.partition("\n")
            program, *arguments = command.split()[1:]
            assert program == "diptych"
            assert settled(run(["-m", "diptych", *arguments], tmp_path), tmp_path) == settled(printed, tmp_path), (
                command
            )
        elif text.startswith("# "):
            (tmp_path / text.split()[1]).write_text(text.partition("\n")[2])
        else:
            assert run(["-c", text], tmp_path) == ""
