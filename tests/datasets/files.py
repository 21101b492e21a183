"""Makes small files of the formats that data sets come in."""

from __future__ import annotations

import gzip
import io
import pickle
import struct
import tarfile
from pathlib import Path
from typing import Any

import numpy as np

_CODES = {"uint8": 8, "int8": 9, "int16": 11, "int32": 12, "float32": 13, "float64": 14}


def idx(array: np.ndarray) -> bytes:
    """The bytes of an idx file."""
    head = struct.pack(f">BBBB{array.ndim}I", 0, 0, _CODES[array.dtype.name], array.ndim, *array.shape)
    return head + array.astype(array.dtype.newbyteorder(">")).tobytes()


def digits(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 [count, 28, 28] and labels uint8 [count]."""
    random = np.random.default_rng(seed)
    return random.integers(0, 256, (count, 28, 28)).astype(np.uint8), np.arange(count, dtype=np.uint8) % 10


def write_mnist(folder: Path, *, train: int = 20, test: int = 10, packed: bool = True) -> None:
    """The four files of a data set like MNIST."""
    folder.mkdir(parents=True, exist_ok=True)
    for prefix, count, seed in (("train", train, 1), ("t10k", test, 2)):
        images, labels = digits(count, seed)
        for name, array in ((f"{prefix}-images-idx3-ubyte", images), (f"{prefix}-labels-idx1-ubyte", labels)):
            data = idx(array)
            if packed:
                (folder / f"{name}.gz").write_bytes(gzip.compress(data, mtime=0))
            else:
                (folder / name).write_bytes(data)


def old_batch(entries: dict[str, Any]) -> bytes:
    """A pickle as Python 2 and numpy 1 wrote CIFAR's: protocol 2, short strings, numpy.core, columns as strings."""
    out = io.BytesIO()
    out.write(b"\x80\x02}q\x00(")
    for key, value in entries.items():
        out.write(_old_text(key))
        out.write(_old(value))
    out.write(b"u.")
    return out.getvalue()


def _old_text(text: str | bytes) -> bytes:
    data = text if isinstance(text, bytes) else text.encode("latin1")
    return b"U" + struct.pack("<B", len(data)) + data if len(data) < 256 else b"T" + struct.pack("<i", len(data)) + data


def _old(value: Any) -> bytes:
    if isinstance(value, str):
        return _old_text(value)
    if isinstance(value, int):
        return b"K" + struct.pack("<B", value) if 0 <= value < 256 else b"J" + struct.pack("<i", value)
    if isinstance(value, list):
        return b"](" + b"".join(map(_old, value)) + b"e"
    shape = b"".join(map(_old, value.shape))
    kind = b"cnumpy\ndtype\n" + _old_text(value.dtype.str[1:]) + b"K\x00K\x01\x87R(K\x03" + _old_text("|")
    kind += b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
    made = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85" + _old_text("b") + b"\x87R"
    return made + b"(K\x01(" + shape + b"t" + kind + b"\x89" + _old_text(value.tobytes()) + b"tb"


def batch(count: int, seed: int) -> np.ndarray:
    """Rows of pixels, uint8 [count, 3072]."""
    return np.random.default_rng(seed).integers(0, 256, (count, 3072)).astype(np.uint8)


def write_cifar10(folder: Path, *, count: int = 4, protocol: int | None = None) -> None:
    """CIFAR-10's folder: five batches, the test batch and the names; old pickles unless a `protocol` is given."""
    target = folder / "cifar-10-batches-py"
    target.mkdir(parents=True, exist_ok=True)
    names = [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]
    for seed, name in enumerate(names):
        labels = [(seed + place) % 10 for place in range(count)]
        entries = {"batch_label": name, "labels": labels, "data": batch(count, seed), "filenames": ["x.png"] * count}
        (target / name).write_bytes(old_batch(entries) if protocol is None else pickle.dumps(entries, protocol))
    (target / "batches.meta").write_bytes(old_batch({"num_vis": 3072, "label_names": list("abcdefghij")}))


def write_cifar100(folder: Path, *, count: int = 4) -> None:
    """CIFAR-100's folder."""
    target = folder / "cifar-100-python"
    target.mkdir(parents=True, exist_ok=True)
    for seed, name in enumerate(("train", "test")):
        fine = [10 * place + seed for place in range(count)]
        entries = {"fine_labels": fine, "coarse_labels": [label // 5 for label in fine], "data": batch(count, seed)}
        (target / name).write_bytes(old_batch(entries))
    (target / "meta").write_bytes(old_batch({"fine_label_names": [f"f{place}" for place in range(100)]}))


def tar_of(folder: Path, target: Path) -> None:
    """A packed tar file that holds `folder`."""
    with tarfile.open(target, "w:gz") as archive:
        archive.add(folder, folder.name)


def texts(count: int, seed: int) -> np.ndarray:
    """Lists of 1 to 12 numbers of words, as objects [count]."""
    random = np.random.RandomState(seed)
    found = np.empty(count, object)
    for place in range(count):
        found[place] = random.randint(1, 60, random.randint(1, 13)).tolist()
    return found


def write_texts(folder: Path) -> None:
    """imdb.npz and reuters.npz, whose lists are pickled."""
    folder.mkdir(parents=True, exist_ok=True)
    labels = np.arange(10) % 2
    np.savez(folder / "imdb.npz", x_train=texts(10, 1), y_train=labels, x_test=texts(8, 2), y_test=labels[:8])
    np.savez(folder / "reuters.npz", x=texts(20, 3), y=np.arange(20) % 46)
