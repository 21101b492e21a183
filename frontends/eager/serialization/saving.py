"""`torch.save`."""

from __future__ import annotations

import collections
import io
import os
import pickle
import types
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, ClassVar

import numpy as np

from .. import dtypes
from ..device import device
from ..dtypes import dtype
from ..nn.parameter import Parameter
from ..size import Size
from ..sparse.tensor import SparseTensor
from ..storage import TypedStorage
from ..tapes.tape import tape
from ..tensors.layout import Layout, layout_of, row_strides
from ..tensors.memory_formats import layout, sparse_coo
from ..tensors.tensor import Tensor
from ..tensors.untyped_storage import AnyStorage, UntypedStorage, untyped_of
from .archives import write_archive
from .known import saved_name
from .rebuilding import (
    CALLS,
    get_layout,
    rebuild_parameter,
    rebuild_sparse_tensor,
    rebuild_tensor_v2,
    rebuild_tensor_v3,
)
from .streams import write_stream

_UNTYPED = UntypedStorage.__name__
_NEW_TYPES = (dtypes.uint16, dtypes.uint32, dtypes.uint64)  # which have no class of storages
_NAMES: dict[Any, str] = {function: name for name, function in CALLS.items()}
_NOTHING: collections.OrderedDict[int, Any] = collections.OrderedDict()  # the hooks of a tensor: none is saved


def save(
    obj: Any,
    f: Any,
    pickle_module: Any = pickle,
    pickle_protocol: int = 2,
    _use_new_zipfile_serialization: bool = True,
    _disable_byteorder_record: bool = False,
) -> None:
    """Writes an object to a path, or to a file opened in binary mode, in PyTorch's format. Tensors that share memory
    share it in the file. A path is written whole or not at all.

    Raises AttributeError for what is no file, and what pickle raises for objects that it cannot write.
    """
    if not isinstance(f, (str, os.PathLike)):
        if not hasattr(f, "write"):
            raise AttributeError("expected 'f' to be string, path, or a file-like object with a 'write' attribute")
        _write(obj, f, "archive", pickle_protocol, _use_new_zipfile_serialization)
        return
    path = Path(f)
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            _write(obj, file, path.stem, pickle_protocol, _use_new_zipfile_serialization)
        return
    if not path.parent.is_dir():
        raise RuntimeError(f"Parent directory {path.parent} does not exist.")
    temporary = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        with temporary.open("wb") as file:
            _write(obj, file, path.stem, pickle_protocol, _use_new_zipfile_serialization)
        os.replace(temporary, path)
    except BaseException:
        with suppress(FileNotFoundError):
            temporary.unlink()
        raise


def _write(obj: Any, file: IO[bytes], name: str, protocol: int, is_archive: bool) -> None:
    pickled = io.BytesIO()
    pickler = _Pickler(pickled, protocol, is_archive)
    pickler.dump(obj)
    storages = [np.ascontiguousarray(array).reshape(-1).view(np.uint8) for array in pickler.arrays]
    if is_archive:
        write_archive(file, name or "archive", pickled.getvalue(), storages)
    else:
        write_stream(file, pickled.getvalue(), storages, [array.itemsize for array in pickler.arrays], protocol)


class _StorageReference:
    """A storage, where a pickle refers to it."""

    def __init__(self, kind: str, key: str, count: int, place: device) -> None:
        self.kind = kind
        self.key = key
        self.count = count
        self.place = str(place)


class _StorageClass:
    """The name of a class of storages."""

    def __init__(self, name: str) -> None:
        self.name = name


class _Pickler(pickle._Pickler):  # the one in Python, which lets names be written that nothing has
    """Writes tensors as calls on storages, and what is ours by PyTorch's names. `arrays` are those of the storages."""

    dispatch: ClassVar[dict[type, Callable[..., None]]] = dict(pickle._Pickler.dispatch)

    def __init__(self, file: IO[bytes], protocol: int, is_archive: bool) -> None:
        super().__init__(file, protocol)
        self.arrays: list[np.ndarray] = []
        self._is_archive = is_archive
        self._keys: dict[Any, str] = {}
        self._dtypes: dict[Any, dtype] = {}
        self._kept: list[Any] = []  # storages, so that their identities stay their own

    def persistent_id(self, obj: Any) -> Any:
        """What stands for a storage."""
        if isinstance(obj, AnyStorage):
            obj = self._stored_whole(obj)
        if type(obj) is not _StorageReference:
            return None
        found = "storage", _StorageClass(obj.kind), obj.key, obj.place, obj.count
        return found if self._is_archive else (*found, None)

    def reducer_override(self, obj: Any) -> Any:
        """How tensors and what belongs to them are made again."""
        if isinstance(obj, Parameter) and type(obj) is Parameter:
            return rebuild_parameter, (obj.data, obj.requires_grad, _NOTHING)
        if type(obj) is Tensor:
            return self._reduced(obj)
        if type(obj) is SparseTensor:
            places, values = obj.detach().parts()
            return rebuild_sparse_tensor, (sparse_coo, (places, values, obj.shape, obj.is_ordered))
        if type(obj) is layout:
            return get_layout, (repr(obj),)
        if type(obj) is Size:
            return Size, (tuple(obj),)
        if type(obj) is device:
            return device, (str(obj),)
        return NotImplemented

    def _reduced(self, tensor: Tensor) -> Any:
        if tensor.requires_grad and not tensor.is_leaf:
            tensor = tensor.detach().requires_grad_()
        reference, layout = self._stored(tensor)
        parts = (reference, layout.offset, layout.sizes, layout.strides, tensor.requires_grad, _NOTHING)
        if tensor.dtype in _NEW_TYPES:
            return rebuild_tensor_v3, (*parts, tensor.dtype)
        return rebuild_tensor_v2, parts

    def _stored_whole(self, storage: AnyStorage) -> _StorageReference:
        content = untyped_of(storage).elements
        kind = storage.dtype if isinstance(storage, TypedStorage) else dtypes.uint8
        key = self._key(content.ctypes.data, content, content, kind)
        if isinstance(storage, TypedStorage):
            size = storage.dtype.itemsize
            return _StorageReference(storage.pickle_storage_type(), key, len(content) // size, storage.device)
        return _StorageReference(_UNTYPED, key, len(content), storage.device)

    def _key(self, identity: Any, owner: Any, array: np.ndarray, kind: dtype) -> str:
        """The key of a storage, whose `owner` is kept alive. Raises RuntimeError for a second dtype of one memory."""
        if self._dtypes.setdefault(identity, kind) is not kind and array.size:
            raise RuntimeError("Cannot save multiple tensors or storages that view the same data as different types")
        key = self._keys.get(identity)
        if key is None:
            key = self._keys[identity] = str(len(self.arrays))
            self._kept.append(owner)
            self.arrays.append(array)
        return key

    def _stored(self, tensor: Tensor) -> tuple[_StorageReference, Layout]:
        """The storage of a tensor, and where in it the tensor lies."""
        storage = tensor._storage
        shared = storage.pinned if storage.pinned is not None else tape.value(storage.lazy)
        array = np.asarray(shared)
        owner: Any = storage
        layout = layout_of(tensor)
        if not array.flags.c_contiguous:
            owner, array = tensor, np.ascontiguousarray(tensor._array())
            layout = Layout(array.shape, row_strides(array.shape))
        element = dtypes.uint8 if tensor.dtype in _NEW_TYPES else tensor.dtype
        is_seen = storage.pinned is not None and array.size > 0  # by storages, which go by the address
        key = self._key(array.ctypes.data if is_seen else ("tensor", id(owner)), owner, array, element)
        if tensor.dtype in _NEW_TYPES:
            return _StorageReference(_UNTYPED, key, array.nbytes, tensor.device), layout
        kind = tensor.dtype.legacy_name.removeprefix("torch.").removesuffix("Tensor") + "Storage"
        return _StorageReference(kind, key, array.size, tensor.device), layout

    def _write_name(self, module: str, name: str, obj: Any) -> None:
        self.write(pickle.GLOBAL + f"{module}\n{name}\n".encode())
        self.memoize(obj)

    def save_storage_class(self, obj: _StorageClass) -> None:
        """Writes a name of PyTorch's."""
        self.write(pickle.GLOBAL + f"torch{'.storage' if obj.name == _UNTYPED else ''}\n{obj.name}\n".encode())

    def save_dtype(self, obj: dtype) -> None:
        """Writes a dtype's name."""
        self._write_name("torch", obj.name, obj)

    def save_function(self, obj: Any) -> None:
        """Writes the name of a function, PyTorch's where it is ours."""
        full = _NAMES.get(obj)
        name = full.rsplit(".", 1) if full else saved_name(obj)
        if name is None:
            self.save_global(obj)
        else:
            self._write_name(*name, obj)

    def save_class(self, obj: type) -> None:
        """Writes the name of a class, PyTorch's where it is ours."""
        name = saved_name(obj)
        if name is None:
            self.save_type(obj)
        else:
            self._write_name(*name, obj)

    dispatch.update(
        {types.FunctionType: save_function, type: save_class, dtype: save_dtype, _StorageClass: save_storage_class}
    )
