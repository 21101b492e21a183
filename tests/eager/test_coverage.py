"""Everything public stands in a case."""

from __future__ import annotations

import re
from pathlib import Path

import diptych.eager as torch
from diptych.eager.tensors import methods

WRITTEN = "\n".join(path.read_text() for path in (Path(__file__).parent / "oracle" / "cases").rglob("*.py"))


OURS = {"sync_report", "reset_sync_report"}  # which PyTorch has not


def functions(holder: object) -> list[str]:
    """The public callables that a namespace holds, but for those of torch itself."""
    found = {name: value for name, value in vars(holder).items() if callable(value) and not name.startswith("_")}
    return [name for name, value in found.items() if holder is torch or value is not getattr(torch, name, None)]


def missing(names: list[str], pattern: str) -> list[str]:
    """The names that no case holds in the pattern, nor quoted in a table."""
    return [n for n in names if not re.search(pattern.format(n), WRITTEN) and not re.search(rf"[\" ]{n}[\",]", WRITTEN)]


def test_functions_of_torch() -> None:
    assert not {*missing(functions(torch), r"\btorch\.{}\b")} - OURS


def test_functions_of_nn_functional() -> None:
    assert not missing(functions(torch.nn.functional), r"\bF\.{}\b")


def test_modules_initialisers_and_optimizers() -> None:
    assert not missing(functions(torch.nn), r"\bnn\.{}\b")
    assert not missing(functions(torch.nn.init), r"\binit\.{}\b")
    assert not missing(functions(torch.optim), r"\boptim\.{}\b")


def test_functions_of_other_namespaces() -> None:
    for name in ("fft", "linalg", "masked", "signal.windows", "special"):
        holder = torch
        for part in name.split("."):
            holder = getattr(holder, part)
        assert not missing(functions(holder), rf"\b{name.split('.')[-1]}\.{{}}\b"), name


def test_methods_of_tensors() -> None:
    tables = [methods._SAME, {module: [f"{n}_" for n in names] for module, names in methods._IN_PLACE.items()}]
    assert not missing([name for table in tables for names in table.values() for name in names], r"\.{}\(")


def test_methods_of_modules() -> None:
    names = [name for kind in torch.nn.Module.__mro__[:-1] for name in functions(kind)]
    assert not missing(names, r"[. ]{}\b")
