"""docs/static-coverage.md is what its script makes now."""

import importlib.util
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "docs"


def test_the_page_is_up_to_date():
    spec = importlib.util.spec_from_file_location("make_static_coverage", FOLDER / "make_static_coverage.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    written = (FOLDER / "static-coverage.md").read_text(encoding="utf-8")
    assert written == module.text(), "run: python docs/make_static_coverage.py"
