"""What is said of names that diptych does not have: of those that the framework has, and of those that never were."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from diptych import Unsupported
from diptych.names import UnsupportedImport, UnsupportedName, has_name, missing_method, missing_name, names_of

PROGRAM = "import diptych.replace\ndiptych.replace.install()\nimport torch\n"


def said(line: str, tmp_path: Path) -> list[str]:
    """The last lines of the traceback of a program that ends in `line`."""
    script = tmp_path / "program.py"
    script.write_text(PROGRAM + line + "\n")
    ran = subprocess.run([sys.executable, str(script)], capture_output=True, text=True)
    text = ran.stderr.replace(str(script), "program.py")
    return text[text.index("diptych.names.") if "diptych.names." in text else text.rindex("Error") :].splitlines()


def test_an_attribute(tmp_path: Path) -> None:
    assert said("torch.fx.symbolic_trace", tmp_path) == [
        "diptych.names.UnsupportedName: torch.fx.symbolic_trace: is not there yet",
        "  at program.py:4: torch.fx.symbolic_trace",
    ]


def test_an_import(tmp_path: Path) -> None:
    assert said("from torch.fx import symbolic_trace", tmp_path) == [
        "diptych.names.UnsupportedImport: torch.fx.symbolic_trace: is not there yet",
        "  at program.py:4: from torch.fx import symbolic_trace",
    ]


def test_an_attribute_with_near_names() -> None:
    error = missing_name("torch", "cumprod", ["cumsum", "prod", "_private"])
    assert isinstance(error, UnsupportedName)
    assert error.hint == "torch.prod"


@pytest.mark.parametrize("kind", [UnsupportedName, UnsupportedImport])
def test_errors_are_of_the_kinds_that_programs_catch(kind: type) -> None:
    assert issubclass(kind, Unsupported)
    assert issubclass(kind, NotImplementedError)
    assert issubclass(kind, AttributeError if kind is UnsupportedName else ImportError)


def test_a_name_that_never_was() -> None:
    error = missing_name("torch", "no_such_name", [])
    assert type(error) is AttributeError
    assert str(error) == "module 'torch' has no attribute 'no_such_name'"


def test_guards_of_programs_work(tmp_path: Path) -> None:
    code = (
        "print(hasattr(torch, 'fx'), hasattr(torch.fx, 'symbolic_trace'), getattr(torch.fx, 'symbolic_trace', 5))\n"
        "try:\n    from torch.fx import symbolic_trace\nexcept ImportError:\n    print('guarded')\n"
    )
    script = tmp_path / "program.py"
    script.write_text(PROGRAM + code)
    ran = subprocess.run([sys.executable, str(script)], capture_output=True, text=True)
    assert ran.stdout.splitlines() == ["True False 5", "guarded"]


def test_a_method() -> None:
    error = missing_method("torch.Tensor", "cumprod", ["cumsum"])
    assert isinstance(error, UnsupportedName)
    assert str(error).splitlines()[0] == "torch.Tensor.cumprod: is not there yet"
    assert str(missing_method("torch.Tensor", "nosuch", [])) == "'Tensor' object has no attribute 'nosuch'"


@pytest.mark.parametrize("framework", ["torch", "tensorflow"])
def test_names_are_known(framework: str) -> None:
    names = names_of(framework)
    assert len(names.modules) > 300
    assert "reshape" in names.modules[framework]
    assert len(names.classes) >= 3


def test_modules_without_known_names_may_have_any() -> None:
    assert has_name("tensorflow.contrib.layers", "fully_connected")
    assert not has_name("torch.nn", "NoSuchModule")
