"""`diptych check SCRIPT ... [--all] [--json]`."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from .uses import uses_of
from .verdicts import Verdict, verdicts


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument("scripts", nargs="+", metavar="SCRIPT", help="a Python file or a notebook")
    parser.add_argument("--all", action="store_true", help="list what is supported too")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")


def command(options: argparse.Namespace) -> tuple[str, int]:
    """The text, and the exit status: 1 where anything is missing. Raises DiptychError."""
    checked = {script: verdicts(uses_of(Path(script))) for script in options.scripts}
    is_missing = any(verdict.judgement == "missing" for found in checked.values() for verdict in found)
    if options.json:
        text = json.dumps(
            {script: [_data(verdict) for verdict in found] for script, found in checked.items()}, indent=1
        )
        return f"{text}\n", int(is_missing)
    return "".join(_text(script, found, options.all) for script, found in checked.items()), int(is_missing)


def _data(verdict: Verdict) -> dict[str, object]:
    use = verdict.use
    return {
        "file": use.file, "line": use.line, "name": use.name, "keyword": use.keyword or None,
        "judgement": verdict.judgement, "words": verdict.words,
    }  # fmt: skip


def _text(script: str, found: Sequence[Verdict], show_all: bool) -> str:
    """A line for each name, at its first place; those that are missing first."""
    first: dict[tuple[str, str], Verdict] = {}
    for verdict in found:
        first.setdefault((verdict.use.name, verdict.use.keyword), verdict)
    counts = Counter(verdict.judgement for verdict in first.values())
    order = ("missing", "unknown", "limited", "supported")
    summary = ", ".join(f"{counts[judgement]} {judgement}" for judgement in order if counts[judgement])
    lines = [f"{script}: {summary or 'uses neither PyTorch nor TensorFlow'}"]
    for judgement in order if show_all else order[:-1]:
        lines.extend(_line(verdict) for verdict in first.values() if verdict.judgement == judgement)
    return "\n".join(lines) + "\n"


def _line(verdict: Verdict) -> str:
    use = verdict.use
    name = f"{use.name}({use.keyword}=)" if use.keyword else use.name
    words = f"  {verdict.words}" if verdict.words else ""
    return f"  {verdict.judgement:9} {name:44} {use.file}:{use.line}{words}"
