"""What is found in a program's source: names through every way of importing, keywords, methods, local modules."""

from __future__ import annotations

from pathlib import Path

import pytest
from diptych.checking.uses import Use, uses_of
from diptych.ir import DiptychError


def found(folder: Path, source: str, others: dict[str, str] | None = None) -> list[Use]:
    """The uses of a program and the modules beside it."""
    for name, text in {"program": source, **(others or {})}.items():
        path = folder / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return uses_of(folder / "program.py")


def names(folder: Path, source: str, others: dict[str, str] | None = None) -> set[str]:
    return {use.name for use in found(folder, source, others) if not use.name.startswith(".")}


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("import torch\ntorch.ones(2)", "torch.ones"),
        ("import torch.nn as nn\nnn.Linear(1, 2)", "torch.nn.Linear"),
        ("import torch.nn\ntorch.nn.Linear", "torch.nn.Linear"),
        ("from torch import nn as layers\nlayers.Linear", "torch.nn.Linear"),
        ("from torch.nn import Linear as L\nL(1, 2)", "torch.nn.Linear"),
        ("import torch as t\nF = t.nn.functional\nF.relu", "torch.nn.functional.relu"),
        ("def f():\n    import tensorflow as tf\n    return tf.nn.relu", "tensorflow.nn.relu"),
        ("import torch\nclass A(torch.nn.Module): pass", "torch.nn.Module"),
        ("import torch\n@torch.no_grad()\ndef f(): pass", "torch.no_grad"),
        ("import torch\ndef f(x: torch.Tensor = torch.ones(1)): pass", "torch.Tensor"),
        ("try:\n    from torch.fx import Graph\nexcept ImportError:\n    pass", "torch.fx.Graph"),
        ("import torch\nx = [torch.zeros(i) for i in range(3)]", "torch.zeros"),
        ("import torch\nprint(f'{torch.ones(2)}')", "torch.ones"),
    ],
)
def test_names(source: str, wanted: str, tmp_path: Path) -> None:
    assert wanted in names(tmp_path, source)


def test_lines_and_files(tmp_path: Path) -> None:
    (use,) = (use for use in found(tmp_path, "import torch\n\nx = torch.ones(2)\n") if use.name == "torch.ones")
    assert (use.line, Path(use.file).name) == (3, "program.py")


def test_a_name_given_another_meaning_counts_no_more(tmp_path: Path) -> None:
    assert "torch.nn.x" not in names(tmp_path, "from torch import nn\nnn = 3\nnn.x\n")


def test_keywords(tmp_path: Path) -> None:
    uses = found(tmp_path, "import torch\ntorch.ones(2, dtype=torch.float32, **more)\n")
    assert [(use.name, use.keyword) for use in uses if use.keyword] == [("torch.ones", "dtype")]


def test_methods_of_what_calls_return_are_sure(tmp_path: Path) -> None:
    source = "import torch\nx = torch.ones(2)\ny = x + 1\ny.cumprod(0).sort()\nother.gather(1)\ntorch.nn.Linear(1, 1).to(5)\n"
    methods = {use.name: use.is_sure for use in found(tmp_path, source) if use.name.startswith(".")}
    assert methods == {".cumprod": True, ".sort": True, ".gather": False, ".to": False}


def test_local_modules_are_followed(tmp_path: Path) -> None:
    wanted = names(
        tmp_path,
        "import model\nfrom package import part\nfrom package.deep import thing\nimport numpy\n",
        {
            "model": "import torch\ntorch.ones(2)\nimport program\n",
            "package/__init__": "from . import sibling\n",
            "package/sibling": "import torch\ntorch.zeros(2)\n",
            "package/part": "import torch\ntorch.eye(2)\n",
            "package/deep": "from .part import x\nimport torch\ntorch.rand(2)\n",
        },
    )
    assert {"torch.ones", "torch.zeros", "torch.eye", "torch.rand"} <= wanted


REFUSALS = {
    b"x = (": "is no Python source: '(' was never closed",
    b"x = 1\0": "is no Python source: source code string cannot contain null bytes",
    b"(" * 5000: "is no Python source: too many nested parentheses",
}


@pytest.mark.parametrize("source", REFUSALS)
def test_refusals(source: bytes, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_bytes(source)
    with pytest.raises(DiptychError) as caught:
        uses_of(tmp_path / "program.py")
    assert str(caught.value).startswith(f"{tmp_path / 'program.py'}: {REFUSALS[source]}")


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text("x = " + "-" * 100_000 + "1\n")
    with pytest.raises(DiptychError, match=r"is nested too deeply|is no Python source|too complex"):
        uses_of(tmp_path / "program.py")


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(DiptychError) as caught:
        uses_of(tmp_path / "nosuch.py")
    assert str(caught.value) == f"{tmp_path / 'nosuch.py'}: cannot be read: No such file or directory"
