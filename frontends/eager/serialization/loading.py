"""`torch.load`."""

from __future__ import annotations

import os
import pickle
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from diptych.backends.accelerators import accelerator_count
from diptych.ir import Unsupported
from diptych.pickles import Refused

from ..device import CPU, device, place_of
from ..tensors.untyped_storage import AnyStorage, untyped_of
from .archives import Archive
from .streams import read_stream
from .unpickling import Everything, Weights

_TRUE = ("1", "y", "yes", "true")
_ZIP = b"PK\x03\x04"

_UNSAFE = (
    "In PyTorch 2.6, we changed the default value of the `weights_only` argument in `torch.load` from `False` to "
    "`True`. Re-running `torch.load` with `weights_only` set to `False` will likely succeed, but it can result in "
    "arbitrary code execution. Do it only if you got the file from a trusted source."
)
_DOCUMENTS = (
    "\n\nCheck the documentation of torch.load to learn more about types accepted by default with weights_only "
    "https://pytorch.org/docs/stable/generated/torch.load.html."
)


def load(
    f: Any,
    map_location: Any = None,
    pickle_module: Any = None,
    *,
    weights_only: bool | None = None,
    mmap: bool | None = None,
    **pickle_load_args: Any,
) -> Any:
    """The object in a file that `save` wrote, here or in PyTorch: a path, or a file opened in binary mode.

    No code in a file or named by it is run. With `weights_only` (the default) it may hold tensors, numbers, strings and
    containers of them, and classes that `serialization.add_safe_globals` declared; else also arrays of numpy, and
    objects of classes that the program has imported, made without their constructors. Tensors come where they were when
    they were saved, or where map_location says: a device, a dict of devices by others, or a function of a storage and a
    place that gives a storage. `mmap` changes nothing.

    Raises pickle.UnpicklingError for what a file may not hold, RuntimeError for what is no such file or lives on a
    device that is not there.
    """
    is_told = weights_only is not None
    weights_only = _weights_only(weights_only, pickle_module)
    if weights_only and pickle_module is not None:
        raise RuntimeError("Can not safely load weights when explicit pickle_module is specified")
    if pickle_load_args and weights_only and is_told:
        warnings.warn("pickle_load_args only works if `weights_only=False`.", stacklevel=2)
    if isinstance(f, (str, os.PathLike)):
        if os.fspath(f).endswith(".safetensors"):
            from .tensor_files import load_file

            return load_file(f)
        with Path(f).open("rb") as file:
            return _load(file, _Locations(map_location), weights_only, pickle_load_args.get("encoding", "utf-8"))
    _check_seekable(f)
    return _load(f, _Locations(map_location), weights_only, pickle_load_args.get("encoding", "utf-8"))


def _weights_only(given: bool | None, pickle_module: Any) -> bool:
    force, force_not = (
        os.environ.get(f"TORCH_FORCE_{name}_LOAD", "0").lower() in _TRUE for name in ("WEIGHTS_ONLY", "NO_WEIGHTS_ONLY")
    )
    if force and force_not:
        raise RuntimeError(
            "Only one of `TORCH_FORCE_WEIGHTS_ONLY_LOAD` or `TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD` should be set, but both "
            "were set."
        )
    if force:
        return True
    if given is None:
        return pickle_module is None and not force_not
    return bool(given)


def _check_seekable(f: Any) -> None:
    missing = next((name for name in ("seek", "tell", "read") if not hasattr(f, name)), None)
    if missing is not None:
        raise AttributeError(
            f"'{type(f).__name__}' object has no attribute '{missing}'. You can only torch.load from a file that is "
            "seekable. Please pre-load the data into a buffer like io.BytesIO and try to load from it instead."
        )


class _Locations:
    """Where storages go: to where they were, or to where `map_location` says."""

    def __init__(self, map_location: Any) -> None:
        if isinstance(map_location, bytes):
            map_location = map_location.decode("ascii")
        if isinstance(map_location, (str, device)):
            device(map_location)
        self._map = map_location

    def place(self, storage: AnyStorage, location: Any) -> None:
        """Puts a storage where it belongs. Raises RuntimeError for one that lives where nothing is."""
        if isinstance(location, bytes):
            location = location.decode("ascii")
        if isinstance(self._map, dict):
            location = self._map.get(location, location)
        elif isinstance(self._map, (str, device)):
            location = self._map
        elif self._map is not None:
            found = self._map(storage, location)
            location = location if found is None else found.device
        if not isinstance(location, (str, device)):
            raise Refused("a storage has no place")
        untyped_of(storage).memory.place = _place(str(location))


def _place(location: str) -> device:
    if location.startswith("cpu"):
        return CPU
    if not location.startswith("cuda"):
        raise RuntimeError(
            f"don't know how to restore data location of torch.storage.UntypedStorage (tagged with {location})"
        )
    count, number = accelerator_count(), device(location).index
    if not count:
        raise RuntimeError(
            "Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False. If you are "
            "running on a CPU-only machine, please use torch.load with map_location=torch.device('cpu') to map "
            "your storages to the CPU."
        )
    if number is not None and number >= count:
        raise RuntimeError(
            f"Attempting to deserialize object on CUDA device {number} but torch.cuda.device_count() is {count}. "
            "Please use torch.load with map_location to map your storages to an existing device."
        )
    return place_of(location)


def _load(file: IO[bytes], locations: _Locations, weights_only: bool, encoding: str) -> Any:
    policy = Weights if weights_only else Everything
    begin = file.tell()
    head = file.read(len(_ZIP))
    file.seek(begin)
    try:
        if head == _ZIP:
            return _from_archive(file, begin, locations, policy, encoding)
        return read_stream(file.read(), _reader(locations, policy, encoding))
    except Refused as error:
        raise pickle.UnpicklingError(_refusal(str(error), weights_only)) from None


def _located(locations: _Locations, persistent: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def checked(identity: Any) -> Any:
        found = persistent(identity)
        if isinstance(identity, tuple) and identity[0] != "module":
            locations.place(found, identity[3])
        return found

    return checked


def _from_archive(file: IO[bytes], begin: int, locations: _Locations, policy: type[Weights], encoding: str) -> Any:
    size = file.seek(0, os.SEEK_END) - begin
    file.seek(begin)
    archive = Archive(file, size)
    if archive.has("constants.pkl"):
        raise Unsupported(
            "torch.load: the file is a TorchScript archive, whose programs are not run here",
            hint="the state_dict, saved by torch.save",
        )
    return policy(archive.read("data.pkl"), _located(locations, archive.storage), encoding).run()


def _reader(locations: _Locations, policy: type[Weights], encoding: str) -> Callable[..., Any]:
    def read(data: memoryview, at: int, persistent: Callable[[Any], Any]) -> Any:
        return policy(data, _located(locations, persistent), encoding, at).run()

    return read


def _refusal(message: str, weights_only: bool) -> str:
    """The text of an error, as PyTorch has it where only weights are wanted."""
    if not weights_only:
        return f"torch.load: {message}"
    if re.search(r"GLOBAL (\S+) was not an allowed global by default\.", message):
        return (
            "Weights only load failed. This file can still be loaded, to do so you have two options, "
            "\033[1mdo those steps only if you trust the source of the checkpoint\033[0m. "
            f"\n\t(1) {_UNSAFE}\n\t(2) Alternatively, to load with `weights_only=True` please check the recommended "
            f"steps in the following error message.\n\tWeightsUnpickler error: {message}{_DOCUMENTS}"
        )
    return f"Weights only load failed. {_UNSAFE}\n\n\n{message}{_DOCUMENTS}"
