"""`diptych run` against plain Python: what a program sees of itself, prints and returns is the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from diptych.inspector.bundles import read

PYTHON = [sys.executable]
DIPTYCH = [sys.executable, "-m", "diptych", "run"]


def both(folder: Path, *arguments: str, **options: object) -> list[subprocess.CompletedProcess[str]]:
    """A run with Python, and one with diptych."""
    return [
        subprocess.run([*front, *arguments], cwd=folder, capture_output=True, text=True, **options)
        for front in (PYTHON, DIPTYCH)
    ]


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)


PROGRAMS = {
    "what it is": """
import sys, os
print(__name__, __file__, sys.argv, sys.path[0], __package__, __spec__, __doc__)
print(sys.modules["__main__"].__dict__ is globals(), __builtins__ is not None, os.getcwd())
""",
    "an exit status": "import sys; sys.exit(7)",
    "an exit with words": "import sys; sys.exit('these words')",
    "an exit without": "raise SystemExit",
    "an error": "def f(x):\n    return 1 / x\n\nf(0)\n",
    "an error in a local module": "import local\nlocal.f()\n",
    "an error from another": "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise ValueError('second') from error\n",
    "a group of errors": "raise ExceptionGroup('two', [ValueError(1), TypeError(2)])",
    "a syntax error": "x = (\n",
    "a hook for errors": "import sys\nsys.excepthook = lambda kind, error, trace: print('hook', kind.__name__)\n1 / 0\n",
    "an interruption": "raise KeyboardInterrupt",
    "at exit": "import atexit\natexit.register(print, 'bye')\nprint('hello')\n",
    "input": "print(input().upper())\n",
    "a class of its own, pickled": """
import pickle
class A: pass
print(type(pickle.loads(pickle.dumps(A()))) is A)
""",
    "another process": """
import multiprocessing as m
def double(x): return 2 * x
if __name__ == "__main__":
    with m.get_context("fork").Pool(1) as pool:
        print(pool.map(double, [1, 2]))
""",
    "what TensorFlow brought along": "import six\nfrom six.moves import xrange\nprint(six.PY3, sum(xrange(4)))\n",
    "encodings": "# -*- coding: latin-1 -*-\nprint(len('\xe4'))\n",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_as_python(name: str, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_bytes(PROGRAMS[name].encode("latin-1"))
    write(tmp_path, "local.py", "def f():\n    raise RuntimeError('from local')\n")
    python, diptych = both(tmp_path, "program.py", "--flag", "-m", "x y", input="words\n")
    assert diptych.stdout == python.stdout
    assert diptych.stderr == python.stderr
    assert diptych.returncode == python.returncode or (python.returncode == -2 and diptych.returncode == 130)


def test_a_script_elsewhere(tmp_path: Path) -> None:
    write(tmp_path, "deep/program.py", "import sys, beside\nprint(sys.path[0], sys.argv, __file__)\n")
    write(tmp_path, "deep/beside.py", "print('beside')\n")
    python, diptych = both(tmp_path, "deep/program.py")
    assert (diptych.stdout, diptych.stderr) == (python.stdout, python.stderr)


@pytest.mark.parametrize("module", ["package", "package.inner"])
def test_a_module(module: str, tmp_path: Path) -> None:
    text = "import sys\nfrom . import other\nprint(__name__, __package__, __spec__.name, sys.argv, sys.path[0])\n"
    for name in ("__main__.py", "inner.py"):
        write(tmp_path, f"package/{name}", text)
    write(tmp_path, "package/__init__.py", "")
    write(tmp_path, "package/other.py", "print('other')\n")
    python, diptych = both(tmp_path, "-m", module, "a", "-b")
    assert (diptych.stdout, diptych.stderr) == (python.stdout, python.stderr)


def test_a_training_program(tmp_path: Path) -> None:
    write(
        tmp_path,
        "train.py",
        "import torch\nfrom torch import nn, optim\n"
        "model = nn.Linear(2, 1)\noptimizer = optim.SGD(model.parameters(), lr=0.1)\n"
        "for _ in range(100):\n"
        "    optimizer.zero_grad()\n"
        "    loss = nn.functional.mse_loss(model(torch.ones(4, 2)), torch.ones(4, 1))\n"
        "    loss.backward()\n    optimizer.step()\n"
        "print(f'{loss.item():.4f}', torch.__version__)\n",
    )
    for backend in ("numpy", "jax"):
        ran = subprocess.run([*DIPTYCH, "--backend", backend, "train.py"], cwd=tmp_path, capture_output=True, text=True)
        assert (ran.stdout, ran.stderr) == ("0.0000 2.13.0\n", "")


def test_a_notebook(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# words"]},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "!pip install x\n", "x = 4\n"]},
        {"cell_type": "code", "source": "%%time\nprint(x)\nif x:\n    %time y = 1\n"},
        {"cell_type": "code", "source": "%%bash\nls\n"},
        {"cell_type": "code", "source": ["import torch\n", "torch.ones?\n", "print(torch.ones(2).tolist())"]},
    ]
    write(tmp_path, "book.ipynb", json.dumps({"cells": cells, "nbformat": 4}))
    ran = subprocess.run([*DIPTYCH, "book.ipynb"], cwd=tmp_path, capture_output=True, text=True)
    assert (ran.stdout, ran.stderr) == ("4\n[1.0, 1.0]\n", "")


def test_traces(tmp_path: Path) -> None:
    write(tmp_path, "program.py", "import torch\nprint((torch.ones(3) + 1).sum().item())\n")
    ran = subprocess.run([*DIPTYCH, "--trace", "out", "program.py"], cwd=tmp_path, capture_output=True, text=True)
    assert (ran.stdout, ran.stderr) == ("6.0\n", "")
    (bundle,) = (tmp_path / "out").iterdir()
    assert bundle.name.startswith("program-") and bundle.suffix == ".dipt"
    (subject,) = read(bundle)
    assert {str(equation.location) for equation in subject.function.equations} == {f"{tmp_path / 'program.py'}:2"}
    assert subject.runs is not None and subject.runs.count == 1


def test_a_report_of_stops(tmp_path: Path) -> None:
    text = (
        "import torch\nx = torch.ones(3)\nfor i in range(4):\n    x = x + 1\n    x.sum().item()\nprint(x[0].item())\n"
    )
    write(tmp_path, "program.py", text)
    ran = subprocess.run([*DIPTYCH, "--sync-report", "program.py"], cwd=tmp_path, capture_output=True, text=True)
    assert ran.stdout == "5.0\n"
    first, head, *lines = ran.stderr.splitlines()
    assert (first, head.split()) == (
        "diptych: lines at which programs ran, by time", ["runs", "programs", "seconds", "line"],
    )  # fmt: skip
    found = {line.split("  ")[-1]: line.split()[:2] for line in lines}
    place = tmp_path / "program.py"
    assert found == {f"{place}:5: x.sum().item()": ["4", "2"], f"{place}:6: print(x[0].item())": ["1", "1"]}


def test_a_report_of_nothing(tmp_path: Path) -> None:
    write(tmp_path, "program.py", "print(1)\n")
    ran = subprocess.run([*DIPTYCH, "--sync-report", "program.py"], cwd=tmp_path, capture_output=True, text=True)
    assert (ran.stdout, ran.stderr) == ("1\n", "diptych: nothing ran\n")


REFUSALS = {
    "": "diptych: run: there is no script; try: diptych run --help",
    "--nosuch x.py": "diptych: run: option --nosuch is unknown; try: diptych run --help",
    "--backend": "diptych: run: option --backend needs a value; try: diptych run --help",
    "--backend=cuda x.py": "diptych: run: --backend is cuda but must be numpy, jax or reference",
    "nosuch.py": "diptych: nosuch.py: there is no such file",
    ".": "diptych: .: cannot be read: Is a directory",
    "-m nosuch": "diptych: nosuch: there is no module of that name that can be run",
    "bad.ipynb": "diptych: bad.ipynb: is no notebook: Expecting value: line 1 column 1 (char 0)",
}


@pytest.mark.parametrize("arguments", REFUSALS)
def test_refusals(arguments: str, tmp_path: Path) -> None:
    write(tmp_path, "bad.ipynb", "no json")
    ran = subprocess.run([*DIPTYCH, *arguments.split()], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 2
    message = ran.stderr.strip().replace(str(tmp_path) + os.sep, "")
    assert message == REFUSALS[arguments]


def test_help() -> None:
    ran = subprocess.run([*DIPTYCH, "--help"], capture_output=True, text=True)
    assert ran.returncode == 0
    assert ran.stdout.startswith("usage: diptych run [--backend numpy|jax]")


def test_what_an_empty_script_imports(tmp_path: Path) -> None:
    """Neither a front end, nor jax, nor pydantic."""
    write(
        tmp_path,
        "program.py",
        "import sys\nprint(*[n for n in ('jax', 'pydantic', 'six', 'diptych.eager', 'diptych.static') if n in sys.modules])\n",
    )
    ran = subprocess.run([*DIPTYCH, "program.py"], cwd=tmp_path, capture_output=True, text=True)
    assert (ran.stdout, ran.stderr) == ("\n", "")
