"""Writes the files beside, as PyTorch itself saves them: python -m tests.eager.serialization.make_files

Run with PyTorch in place of diptych, from the root of the project.
"""

from __future__ import annotations

import collections
import pathlib
import pickle

import torch

FILES = pathlib.Path(__file__).parent / "files"


def saved() -> dict:
    """What every file holds."""
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    model(torch.ones(4, 2)).sum().backward()
    optimizer.step()
    base = torch.arange(12.0).view(3, 4)
    return {
        "model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 7, "note": "ö", "rate": 0.5,
        "base": base, "row": base[1], "columns": base.t(), "steps": base[:, 1::2], "again": base, "empty": base[:0],
        "expanded": torch.ones(1, 3).expand(2, 3), "scalar": torch.tensor(3), "flags": torch.tensor([True, False]),
        "parameter": torch.nn.Parameter(torch.ones(2)), "leaf": torch.zeros(1, requires_grad=True),
        "dtypes": {
            str(kind): torch.ones(2, dtype=kind)
            for kind in (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.float16, torch.bfloat16,
                         torch.float32, torch.float64, torch.complex64, torch.complex128)
        },
        "size": base.shape, "dtype": torch.float16, "device": torch.device("cpu"), "bytes": b"\x00\xff",
        "counter": collections.Counter("aab"), "ordered": collections.OrderedDict(b=1, a=(2, None)), "set": {1, 2},
        "complex": 1 + 2j, "large": 1 << 40, "list": [True, -1, 300, 70000],
    }  # fmt: skip


def main() -> None:
    found = saved()
    torch.save(found, FILES / "archive.pt")
    torch.save(found, FILES / "stream.pt", _use_new_zipfile_serialization=False)
    torch.save(found, FILES / "protocol4.pt", pickle_protocol=4)
    torch.save({"words": torch.tensor([1, 60000], dtype=torch.uint16)}, FILES / "words.pt")
    torch.save(torch.nn.Linear(2, 1), FILES / "module.pt")
    base = found["base"]
    plain = {name: found[name] for name in ("base", "columns", "parameter", "leaf", "size", "dtype", "device")}
    (FILES / "plain.pickle").write_bytes(pickle.dumps({**plain, "row": base[1], "ints": torch.tensor([1, 2])}))
    torch.save({"sparse": torch.eye(2).to_sparse()}, FILES / "sparse.pt")


if __name__ == "__main__":
    main()
