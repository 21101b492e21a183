"""`torch.hub`: nothing is fetched or run from repositories."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NoReturn

from diptych.ir import Unsupported, user_location

_chosen: list[str] = []


def get_dir() -> str:
    """Where files would be kept: `set_dir`'s folder, or TORCH_HOME/hub, or ~/.cache/torch/hub."""
    if _chosen:
        return _chosen[-1]
    cache = os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))
    return os.path.join(os.environ.get("TORCH_HOME", os.path.join(cache, "torch")), "hub")


def set_dir(d: str | os.PathLike[str]) -> None:
    """Sets the folder that `get_dir` tells."""
    _chosen[:] = [os.path.expanduser(d)]


def _refuse(name: str, hint: str) -> NoReturn:
    raise Unsupported(f"torch.hub.{name}: nothing is fetched", location=user_location(), hint=hint)


def load(repo_or_dir: str, model: str, *arguments: Any, **options: Any) -> NoReturn:
    """Raises Unsupported: code from elsewhere is not run."""
    _refuse("load", "import the model's own code")


def list(github: str, *arguments: Any, **options: Any) -> NoReturn:
    """Raises Unsupported: code from elsewhere is not run."""
    _refuse("list", "import the model's own code")


def help(github: str, model: str, *arguments: Any, **options: Any) -> NoReturn:
    """Raises Unsupported: code from elsewhere is not run."""
    _refuse("help", "import the model's own code")


def download_url_to_file(url: str, dst: str, hash_prefix: str | None = None, progress: bool = True) -> NoReturn:
    """Raises Unsupported: nothing is fetched."""
    _refuse("download_url_to_file", "fetch the file with another program")


def load_state_dict_from_url(url: str, *arguments: Any, **options: Any) -> NoReturn:
    """Raises Unsupported: nothing is fetched."""
    _refuse("load_state_dict_from_url", "fetch the file with another program, then torch.load")
