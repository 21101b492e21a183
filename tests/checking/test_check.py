"""`diptych check`: verdicts, the text, JSON, exit statuses, and that nothing of the program runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from diptych.checking.uses import Use
from diptych.checking.verdicts import resolved, verdicts
from diptych.cli import main

PROGRAM = """
import torch
from torch import nn
print("never printed")
x = torch.ones(2, dtype=torch.float32, nosuch=1)
torch.fx.symbolic_trace(x)
torch.no_such_name
x.record_stream(0)
x.gather_elsewhere
nn.Linear(1, 2, bias=False)
[].append(1)
"""


def judged(name: str, keyword: str = "", is_sure: bool = True) -> str | None:
    found = verdicts([Use("program.py", 1, "torch"), Use("program.py", 1, name, keyword, is_sure)])
    return found[1].judgement if len(found) > 1 else None


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("torch", "supported"),
        ("torch.nn", "supported"),
        ("torch.nn.functional", "supported"),
        ("torch.nn.Linear", "supported"),
        ("torch.nn.modules.linear.Linear", "supported"),
        ("torch.Tensor.add", "supported"),
        ("torch.float32", "supported"),
        ("torch.fx.symbolic_trace", "missing"),
        ("torch.fx", "missing"),
        ("torch.__version__", "supported"),
        ("torch.nn.__name__", "supported"),
        ("torch.nn.__version__", "unknown"),
        ("torchvision.models.resnet18", "supported"),
        ("torchvision.models.vit_b_16", "missing"),
        ("torchvision.models.no_such_name", "unknown"),
        ("torch.no_such_name", "unknown"),
        ("torch.nn.functional.no_such_name", "unknown"),
        ("tensorflow.nn.relu", "supported"),
        ("tensorflow.compat.v1.nn.relu", "supported"),
        ("tensorflow.python.framework.ops.get_default_graph", "supported"),
        ("tensorflow.keras.datasets.mnist.load_data", "supported"),
        ("tensorflow.contrib.boosted_trees.nothing_yet", "missing"),
        ("tensorflow.no_such_name", "unknown"),
    ],
)
def test_names(name: str, wanted: str) -> None:
    assert judged(name) == wanted


def test_keywords_by_numpys_names() -> None:
    assert judged("torch.sum", "axis") == "supported"
    assert judged("torch.norm", "axis") == "missing"


def test_keywords() -> None:
    assert judged("torch.ones", "dtype") == "supported"
    assert judged("torch.nn.Linear", "bias") == "supported"
    assert judged("torch.nn.Linear", "nosuch") == "missing"


@pytest.mark.parametrize(
    ("name", "is_sure", "wanted"),
    [
        (".addcmul", True, "supported"),
        (".add", False, None),  # of a set, perhaps
        (".resize", True, "missing"),
        (".resize", False, None),  # of an array, perhaps
        (".sparse_resize_", False, "missing"),
        (".append", True, None),
        (".load_state_dict", False, None),  # of a module or an optimizer
        (".no_such_method", True, None),
    ],
)
def test_methods(name: str, is_sure: bool, wanted: str | None) -> None:
    assert judged(name, "", is_sure) == wanted


def test_what_a_name_is() -> None:
    from diptych.eager import nn

    assert resolved("torch.nn.Linear") == (nn.Linear, ("torch.nn", "Linear"))


def test_the_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    Path("program.py").write_text(PROGRAM)
    assert main(["check", "program.py"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "program.py: 3 missing, 1 unknown, 7 supported",
        "  missing   torch.ones(nosuch=)                          program.py:5",
        "  missing   torch.fx.symbolic_trace                      program.py:6",
        "  missing   .record_stream                               program.py:8",
        "  unknown   torch.no_such_name                           program.py:7  torch has no no_such_name in the framework either",
    ]


def test_the_text_of_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    Path("program.py").write_text("from torch import nn\nnn.Linear(1, 2, bias=False)\n")
    Path("other.py").write_text("import numpy\n")
    assert main(["check", "--all", "program.py", "other.py"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "program.py: 3 supported",
        "  supported torch.nn                                     program.py:1",
        "  supported torch.nn.Linear                              program.py:2",
        "  supported torch.nn.Linear(bias=)                       program.py:2",
        "other.py: uses neither PyTorch nor TensorFlow",
    ]


def test_what_tensorflow_brought_along_is_not_missed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "program.py"
    script.write_text("import six\nfrom six.moves import urllib, xrange\nimport tensorflow as tf\ntf.no_op()\n")
    assert main(["check", str(script)]) == 0
    assert capsys.readouterr().out == f"{script}: 2 supported\n"


def test_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "program.py"
    script.write_text(PROGRAM)
    assert main(["check", "--json", str(script)]) == 1
    (found,) = json.loads(capsys.readouterr().out).values()
    assert {"line": 6, "name": "torch.fx.symbolic_trace", "judgement": "missing"}.items() <= found[-1].items() or any(
        entry["name"] == "torch.fx.symbolic_trace" and entry["line"] == 6 and entry["judgement"] == "missing"
        for entry in found
    )
    assert all(set(entry) == {"file", "line", "name", "keyword", "judgement", "words"} for entry in found)


@pytest.mark.parametrize("arguments", [["nosuch.py"], ["."]])
def test_refusals(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", *arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith("diptych: ") and error.count("\n") == 1


def test_a_limit_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "seeds.py"
    script.write_text("import torch\nimport tensorflow as tf\ntorch.manual_seed(0)\ntf.set_random_seed(0)\n")
    assert main(["check", str(script)]) == 0
    first, *lines = capsys.readouterr().out.splitlines()
    assert first == f"{script}: 2 limited, 2 supported"
    assert [line.split()[:2] for line in lines] == [
        ["limited", "torch.manual_seed"], ["limited", "tensorflow.set_random_seed"],
    ]  # fmt: skip
    words = "the numbers of a seed are diptych's own, not {}'s"
    assert [line.split("  ")[-1] for line in lines] == [words.format("PyTorch"), words.format("TensorFlow")]


def test_flags_of_a_program_are_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = "import tensorflow as tf\nprint(tf.flags.FLAGS.steps, tf.app.flags.FLAGS.__flags)\n"
    (tmp_path / "p.py").write_text(source)
    assert main(["check", "--json", str(tmp_path / "p.py")]) == 0
    assert '"missing"' not in capsys.readouterr().out
