"""Puts the page together: one file with the script, the style and, compressed, all that it shows."""

from __future__ import annotations

import gzip
import json
import platform
import re
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from html import escape
from importlib.resources import files

import numpy as np

from ..roofline import Peak, measured_peak
from ..subjects import Subject
from .data import page_data

SCRIPTS = (
    "elements.js", "model.js", "selection.js", "code.js", "source.js", "rail.js", "card.js", "search.js", "plan.js",
    "graph.js", "cost.js", "memory.js", "time.js", "main.js",
)  # fmt: skip


def page(subjects: Sequence[Subject], *, title: str, redacted: bool = False, peak: Peak | None = None) -> str:
    """The text of the file. `redacted`: without source text, and folders of files. `peak`: of the machine that costs
    are held against; by default it is measured. Raises DiptychError.

    What programs say, such as names of files, is data that the script writes as text; no other script may run, and
    nothing is fetched, as the page's policy says.
    """
    from diptych import __version__

    versions = {"diptych": __version__, "Python": platform.python_version(), "numpy": np.__version__}
    found = page_data(subjects, title=title, peak=peak or measured_peak(), redacted=redacted, versions=versions)
    packed = gzip.compress(json.dumps(found, separators=(",", ":")).encode(), mtime=0)
    script = '"use strict";\n' + "\n".join(_asset(name) for name in SCRIPTS)
    allowed = f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"
    parts = {
        "POLICY": f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; base-uri 'none'",
        "TITLE": escape(f"{found['title']} - diptych"),
        "STYLE": _asset("style.css"),
        "DATA": b64encode(packed).decode(),
        "SCRIPT": script,
    }
    return re.sub("@([A-Z]+)@", lambda match: parts[match[1]], _asset("page.html"))


def _asset(name: str) -> str:
    return files(__package__).joinpath("assets", name).read_text(encoding="utf-8")
