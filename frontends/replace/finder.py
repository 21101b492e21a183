"""Answers imports of the frameworks, and questions after their versions."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from importlib.metadata import Distribution, DistributionFinder
from os import PathLike
from types import ModuleType
from typing import Any

from .frameworks import ALL, PARTS, Framework
from .modules import Replacement


class Finder(DistributionFinder):
    """Stands first in sys.meta_path. `keep`: top-level names that are left to others."""

    def __init__(self, keep: frozenset[str] = frozenset()) -> None:
        self.frameworks = {name: framework for name, framework in ALL.items() if name not in keep}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a framework's module; None of all others, and of modules that the framework has not."""
        about, source = PARTS.get(fullname, (None, ""))
        if about in self.frameworks:
            loader = ReplacementLoader(self.frameworks[about], (source,))
            return ModuleSpec(fullname, loader, origin="diptych", is_package=True)
        framework = self.frameworks.get(fullname.partition(".")[0])
        if framework is None:
            return None
        sources = framework.sources(fullname)
        if sources is None:
            return None
        return ModuleSpec(fullname, ReplacementLoader(framework, sources), origin="diptych", is_package=True)

    def find_distributions(self, context: DistributionFinder.Context = DistributionFinder.Context()) -> Iterable[Any]:  # noqa: B008
        """The frameworks' metadata: their names and versions."""
        wanted = context.name
        for framework in self.frameworks.values():
            if wanted is None or wanted.lower().replace("_", "-") == framework.name:
                yield ReplacedDistribution(framework)


class ReplacementLoader(Loader):
    """Makes one module."""

    def __init__(self, framework: Framework, sources: tuple[str, ...]) -> None:
        self.framework = framework
        self.sources = sources

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module, with its names."""
        made = Replacement(spec.name, tuple(importlib.import_module(source) for source in self.sources))
        if spec.name == self.framework.name:
            made.__dict__["__version__"] = self.framework.version
        return made

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is left to do."""


class ReplacedDistribution(Distribution):
    """What importlib.metadata says of a framework that diptych stands for."""

    def __init__(self, framework: Framework) -> None:
        self.framework = framework

    def read_text(self, filename: str) -> str | None:
        """The metadata; None of every other file."""
        if filename not in ("METADATA", "PKG-INFO"):
            return None
        return f"Metadata-Version: 2.1\nName: {self.framework.name}\nVersion: {self.framework.version}\n"

    def locate_file(self, path: str | PathLike[str]) -> Any:
        """A distribution without files has no places."""
        raise FileNotFoundError(str(path))
