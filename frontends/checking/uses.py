"""Finds the framework's names, methods and keyword arguments in a program's source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from diptych.ir import DiptychError
from diptych.replace.frameworks import ALL
from diptych.running.notebook import code_of

MAX_BYTES = 16 * 2**20  # of a source file
MAX_FILES = 1000  # that one program may consist of


class Use(NamedTuple):
    """A place where a program uses its framework.

    `name` is dotted, `torch.nn.Linear`; of a method `.name`, on what looks like a tensor or not (`is_sure`). `keyword`:
    the argument that is passed, where that is what is meant, else empty.
    """

    file: str
    line: int
    name: str
    keyword: str = ""
    is_sure: bool = True


def uses_of(script: Path) -> list[Use]:
    """The uses in a script and in the program's own modules that it imports. Raises DiptychError."""
    program = _Program(script.resolve().parent)
    program.read(script, str(script))
    return sorted(set(program.found))


class _Program:
    """The files of one program."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: set[Path] = set()
        self.found: list[Use] = []

    def read(self, file: Path, label: str) -> None:
        full = file.resolve()
        if full in self.seen or len(self.seen) >= MAX_FILES:
            return
        self.seen.add(full)
        finder = _Finder(label)
        finder.visit(_tree(file))
        self.found.extend(finder.found)
        for module, level in finder.local_imports:
            for path in self._files(module, level, full.parent):
                self.read(path, _label(path))

    def _files(self, module: str, level: int, here: Path) -> Iterator[Path]:
        """The program's own files behind an import."""
        base = self.folder
        if level:
            base = here
            for _ in range(level - 1):
                base = base.parent
        path = base.joinpath(*filter(None, module.split(".")))
        for candidate in (path.with_suffix(".py"), path / "__init__.py"):
            if candidate.is_file():
                yield candidate


def _label(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _tree(file: Path) -> ast.Module:
    try:
        if file.suffix == ".ipynb":
            return ast.parse(code_of(file), str(file))
        if file.stat().st_size > MAX_BYTES:
            raise DiptychError(f"{file}: is larger than {MAX_BYTES} bytes")
        return ast.parse(file.read_bytes(), str(file))
    except OSError as error:
        raise DiptychError(f"{file}: cannot be read: {error.strerror}") from None
    except (SyntaxError, ValueError) as error:
        raise DiptychError(f"{file}: is no Python source: {error}") from None
    except (RecursionError, MemoryError):  # what the parser raises
        raise DiptychError(f"{file}: is nested too deeply") from None


class _Finder(ast.NodeVisitor):
    """Walks one file. `names`: what local names stand for, dotted; a tensor's stands for `()`."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Use] = []
        self.names: dict[str, str] = {}
        self.local_imports: list[tuple[str, int]] = []

    # -- imports ----

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            top = alias.name.partition(".")[0]
            if top not in ALL:
                self.local_imports.append((alias.name, 0))
                continue
            self._use(node, alias.name)
            self.names[alias.asname or top] = alias.name if alias.asname else top

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = node.module or ""
        if node.level or module.partition(".")[0] not in ALL:
            self.local_imports.append((module, node.level))
            self.local_imports.extend((f"{module}.{alias.name}".strip("."), node.level) for alias in node.names)
            return
        for alias in node.names:
            if alias.name == "*":
                self._use(node, module)
                continue
            full = f"{module}.{alias.name}"
            self._use(node, full)
            self.names[alias.asname or alias.name] = full

    # -- names ----

    def visit_Assign(self, node: ast.Assign) -> None:
        self.generic_visit(node)
        value = self._meaning(node.value)
        for target in node.targets:
            if isinstance(target, ast.Name):
                if value is None:
                    self.names.pop(target.id, None)
                else:
                    self.names[target.id] = value

    def visit_Attribute(self, node: ast.Attribute) -> None:
        name = self._dotted(node)
        if name is not None:
            self._use(node, name)
            return
        self.visit(node.value)

    def visit_Name(self, node: ast.Name) -> None:
        name = self.names.get(node.id)
        if name is not None and "." in name:
            self._use(node, name)

    def visit_Call(self, node: ast.Call) -> None:
        name = self._dotted(node.func)
        if name is not None:
            for keyword in node.keywords:
                if keyword.arg is not None:
                    self.found.append(Use(self.file, keyword.value.lineno, name, keyword.arg))
        elif isinstance(node.func, ast.Attribute):
            is_sure = self._meaning(node.func.value) == "()"
            self.found.append(Use(self.file, node.func.lineno, f".{node.func.attr}", "", is_sure))
        self.generic_visit(node)

    def _use(self, node: ast.stmt | ast.expr, name: str) -> None:
        self.found.append(Use(self.file, node.lineno, name))

    def _dotted(self, node: ast.expr) -> str | None:
        """The dotted name of a chain of attributes that begins at a framework's module or name."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        start = self.names.get(node.id) if isinstance(node, ast.Name) else None
        if start is None or start == "()":
            return None
        return ".".join([start, *reversed(parts)])

    def _meaning(self, node: ast.expr) -> str | None:
        """What an expression stands for: a dotted name of the framework, or "()" for what a call of it returns."""
        name = self._dotted(node)
        if name is not None:
            return name
        if isinstance(node, ast.Name):
            return self.names.get(node.id)
        if isinstance(node, ast.Call):
            called = self._dotted(node.func)
            if called is not None:
                return None if called.rpartition(".")[2][:1].isupper() else "()"  # a class makes what is no tensor
            if isinstance(node.func, ast.Attribute) and self._meaning(node.func.value) == "()":
                return "()"
        if isinstance(node, ast.BinOp) and "()" in (self._meaning(node.left), self._meaning(node.right)):
            return "()"
        if isinstance(node, ast.UnaryOp):
            return self._meaning(node.operand)
        return None
