"""`torch.hub`: models of a local folder; nothing is fetched."""

from __future__ import annotations

import importlib.util
import os
import sys
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


def load(
    repo_or_dir: str,
    model: str,
    *args: Any,
    source: str = "github",
    trust_repo: Any = None,
    force_reload: bool = False,
    verbose: bool = True,
    skip_validation: bool = False,
    **kwargs: Any,
) -> Any:
    """What `model(*args, **kwargs)` of a folder's hubconf.py returns, with `source` "local".

    Raises Unsupported for other sources: nothing is fetched; ValueError for sources that are none, RuntimeError for a
    model that the file does not have.
    """
    if source.lower() not in ("github", "local"):
        raise ValueError(f'Unknown source: "{source.lower()}". Allowed values: "github" | "local".')
    if source.lower() == "github":
        _refuse("load", "a folder with a hubconf.py, and source='local'")
    folder = os.fspath(repo_or_dir)
    sys.path.insert(0, folder)
    try:
        spec = importlib.util.spec_from_file_location("hubconf", os.path.join(folder, "hubconf.py"))
        if spec is None or spec.loader is None:
            raise RuntimeError(f"Cannot find hubconf.py in {folder}")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(folder)
    if missing := [name for name in getattr(module, "dependencies", ()) if importlib.util.find_spec(name) is None]:
        raise RuntimeError(f"Missing dependencies: {', '.join(missing)}")
    entry = getattr(module, model, None)
    if entry is None or not callable(entry):
        raise RuntimeError(f"Cannot find callable {model} in hubconf")
    return entry(*args, **kwargs)


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
