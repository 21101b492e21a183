"""Bytes of buffers and of files, as storages are made of them."""

from __future__ import annotations

import os
import sys
from typing import Any

import numpy as np

_ORDERS = {"native": sys.byteorder, "little": "little", "big": "big"}


def of_buffer(
    buffer: Any, byte_order: str | None = None, count: int = -1, offset: int = 0, dtype: Any = None
) -> np.ndarray:
    """A copy of the bytes of `count` numbers of a dtype, of all where it is negative, in this machine's order. Raises
    RuntimeError and ValueError for what does not fit."""
    if dtype is None:
        raise RuntimeError("argument 'dtype' cannot be None")
    size = dtype.itemsize
    if byte_order is None and size > 1:
        raise RuntimeError("function missing required argument 'byte_order' (pos 2)")
    order = _ORDERS.get(byte_order or "native")
    if order is None:
        raise ValueError(f"invalid byte_order '{byte_order}' (expected 'big', 'little', or 'native')")
    held = memoryview(buffer).cast("B")
    if offset < 0 or offset > len(held):  # told in this order
        raise ValueError(
            f"offset must be non-negative and no greater than buffer length ({offset}) , but got {len(held)}"
        )
    if count < 0:
        if (len(held) - offset) % size:
            raise ValueError(f"buffer size ({len(held)}) must be a multiple of element size ({size})")
        count = (len(held) - offset) // size
    if offset + count * size > len(held):
        raise ValueError(
            f"buffer has only {len(held) - offset} elements after offset {offset}, but specified a size of {count}"
        )
    content = np.frombuffer(bytearray(held[offset : offset + count * size]), np.uint8)
    part = size // (2 if dtype.is_complex else 1)
    if order != sys.byteorder and part > 1:
        content = np.ascontiguousarray(content.reshape(-1, part)[:, ::-1]).reshape(-1)
    return content


def of_file(filename: str, shared: bool, count: int) -> np.ndarray:
    """The first `count` bytes of a file, as memory; where it is `shared` the file is made, or made longer. Raises
    RuntimeError where there is no such file, or too short a one."""
    if count < 0:
        raise RuntimeError(f"unable to mmap {count} bytes from file <{filename}>: Cannot allocate memory (12)")
    try:
        with open(filename, "r+b" if shared and os.path.exists(filename) else "w+b" if shared else "rb") as file:
            held = file.seek(0, os.SEEK_END)
            if held < count:
                if not shared:
                    raise RuntimeError(
                        f"file <{filename}> size <{held}> is smaller than the required mapping size <{count}>"
                    )
                file.truncate(count)
    except OSError as error:
        mode = "read-write" if shared else "read-only"
        raise RuntimeError(
            f"unable to open file <{filename}> in {mode} mode: {error.strerror} ({error.errno})"
        ) from None
    if not count:
        return np.zeros(0, np.uint8)
    return np.memmap(filename, np.uint8, "r+" if shared else "c", shape=(count,))
