"""The order of the house: which folder may import which, and what may not be imported where."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ORDER = ("ir", "passes", "backends", "frontends")  # each may import those before it
FILES = [file for folder in ORDER for file in sorted((ROOT / folder).rglob("*.py"))]


def imported(file: Path) -> Iterator[str]:
    """The modules that a file imports, relative ones left out."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def folder_of(module: str) -> str | None:
    """The folder of the repository that holds a module of the package."""
    parts = module.split(".")
    if parts[0] != "diptych":
        return None
    return parts[1] if len(parts) > 1 and parts[1] in ORDER else "frontends" if len(parts) > 1 else None


def test_imports_run_one_way() -> None:
    wrong = [
        f"{file.relative_to(ROOT)} imports {module}"
        for file in FILES
        for module in imported(file)
        if (target := folder_of(module)) and ORDER.index(target) > ORDER.index(file.relative_to(ROOT).parts[0])
    ]
    assert wrong == []


def test_jax_is_imported_in_its_backend_alone() -> None:
    allowed = ROOT / "backends" / "jax"
    wrong = [
        str(file.relative_to(ROOT))
        for file in FILES
        for module in imported(file)
        if module.split(".")[0] in ("jax", "jaxlib") and allowed not in file.parents
    ]
    assert wrong == []


def test_frameworks_are_never_imported() -> None:
    wrong = [str(f.relative_to(ROOT)) for f in FILES for m in imported(f) if m.split(".")[0] in ("torch", "tensorflow")]
    assert wrong == []


@pytest.mark.parametrize(
    "module", ["diptych", "diptych.static", "diptych.eager", "diptych.ir", "diptych.passes.library"]
)
def test_importing_loads_neither_jax_nor_pydantic(module: str) -> None:
    code = f"import sys, {module}; print([m for m in ('jax', 'pydantic', 'tqdm', 'scipy') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT.parent)
    assert found.stdout.strip() == "[]"
