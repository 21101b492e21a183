"""Runs the commands in inspecting.md again, and writes what they print under them: `python -m docs.make_inspecting`.

With `--pictures`, the two pictures are taken anew too, in Chromium. Tests hold the output against a new run, but for
numbers with a decimal point, which are times or depend on the machine.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FILE = Path(__file__).parent / "inspecting.md"
FOLDER = Path(__file__).parent / "inspecting"
PICTURES = {
    "code": "program=1&stage=simplify&pane=code&equation=22",
    "graph": "program=1&stage=recompute&pane=graph",
}
NOISE = ", which is within the noise"
MACHINE = re.compile(r"[ ~-]*\d+\.\d+(?:e[-+]?\d+)?[kMG%]?")


def text(wanted: str = "") -> str:
    """The document with all output anew; of commands that contain `wanted` alone, others keep theirs."""
    with tempfile.TemporaryDirectory() as folder:  # where the commands may write
        place = shutil.copytree(FOLDER, Path(folder) / "inspecting")
        blocks = re.compile(r"```console\n(.*?)```", re.DOTALL)
        return blocks.sub(lambda match: _block(match[1], wanted, place), FILE.read_text())


def without_times(document: str) -> str:
    """The document without what differs from run to run and from machine to machine."""
    return MACHINE.sub(" #", document.replace(NOISE, ""))


def _block(content: str, wanted: str, folder: Path) -> str:
    parts = re.split(r"^\$ (.*)\n", content, flags=re.MULTILINE)[1:]
    found = [
        f"$ {command}\n{_output(command, folder) if wanted in command else output}"
        for command, output in zip(parts[::2], parts[1::2], strict=True)
    ]
    return f"```console\n{''.join(found)}```"


def _output(command: str, folder: Path) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "DIPTYCH_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    ran = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True)
    return ran.stdout or ran.stderr * bool(ran.returncode)


def pictures() -> None:
    """Takes the two pictures of the page."""
    from benchmarks.browser import chromium, ready

    with tempfile.TemporaryDirectory() as folder, chromium(1400, 860) as browser:
        page = Path(folder) / "train.html"
        _output(f"diptych view train.py -o {page} --peak 200 --bandwidth 20", FOLDER)
        for name, address in PICTURES.items():
            ready(browser, f"{page.as_uri()}#{address}")
            browser.execute_async_script("setTimeout(arguments[0], 500)")
            browser.save_screenshot(str(FOLDER / f"page-{name}.png"))


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
    if "--pictures" in sys.argv:
        pictures()
