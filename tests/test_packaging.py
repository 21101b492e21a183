"""What is installed: all of it, and importable from a wheel with the small set of dependencies."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import venv
from pathlib import Path

from diptych.ir import OPS

ROOT = Path(__file__).parent.parent
FOLDERS = {"frontends": "diptych", "ir": "diptych.ir", "passes": "diptych.passes", "backends": "diptych.backends"}


def packages() -> list[str]:
    """The packages that the folders hold."""
    return sorted(
        ".".join((name, *init.parent.relative_to(ROOT / folder).parts))
        for folder, name in FOLDERS.items()
        for init in (ROOT / folder).rglob("__init__.py")
    )


def test_every_package_is_listed() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        listed = tomllib.load(file)["tool"]["setuptools"]["packages"]
    assert listed == packages()


def test_every_python_file_is_in_a_package() -> None:
    homeless = [
        str(file.relative_to(ROOT))
        for folder in FOLDERS
        for file in (ROOT / folder).rglob("*.py")
        if not (file.parent / "__init__.py").exists()
    ]
    assert homeless == []


IMPORT_ALL = """
import importlib, pathlib, pkgutil, sys
import diptych
names = [m.name for m in pkgutil.walk_packages(diptych.__path__, "diptych.")]
jax = [name for name in names if name.startswith("diptych.backends.jax.")]
for name in names:
    if name not in jax:
        importlib.import_module(name)
assert "jax" not in sys.modules and "six" not in sys.modules
from six.moves import xrange
assert list(xrange(2)) == [0, 1]
import diptych.eager as torch
assert (torch.tensor([1.0, 2.0]) * 2).tolist() == [2.0, 4.0]
print(len(names), (pathlib.Path(diptych.__file__).parent / "py.typed").exists())
"""


def test_a_wheel_installs_and_every_module_imports(tmp_path: Path) -> None:
    """In a bare environment that has the hard dependencies alone."""
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", str(tmp_path), str(ROOT)], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    venv.create(tmp_path / "bare", with_pip=True)
    python = tmp_path / "bare" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", wheel], check=True)
    found = subprocess.run([python, "-c", IMPORT_ALL], check=True, capture_output=True, text=True, cwd=tmp_path)
    count, typed = found.stdout.split()
    assert int(count) >= len(packages())
    assert typed == "True"
    command = [tmp_path / "bare" / "bin" / "diptych", "ops"]
    assert f"{len(OPS)} ops" in subprocess.run(command, check=True, capture_output=True, text=True, cwd=tmp_path).stdout
