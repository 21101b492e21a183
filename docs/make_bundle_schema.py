"""Writes trace-bundle.schema.json, the JSON schema of a line of a bundle: `python docs/make_bundle_schema.py`."""

from __future__ import annotations

import json
from pathlib import Path

from diptych.inspector.bundles.models import schema

FILE = Path(__file__).parent / "trace-bundle.schema.json"


def text() -> str:
    """What the file must hold."""
    return json.dumps(schema(), indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
