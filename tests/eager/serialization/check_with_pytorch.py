"""Checks with PyTorch what is written here. Twice, first here and then with PyTorch in place of diptych:

python -m tests.eager.serialization.check_with_pytorch FOLDER
"""

from __future__ import annotations

import pathlib
import sys


def _values(torch) -> dict:
    base = torch.arange(12.0).view(3, 4)
    return {
        "base": base, "row": base[1], "columns": base.t(), "steps": base[:, 1::2], "empty": base[:0],
        "expanded": torch.ones(1, 3).expand(2, 3), "leaf": torch.zeros(1, requires_grad=True),
        "parameter": torch.nn.Parameter(torch.ones(2)), "halves": torch.ones(2, dtype=torch.bfloat16),
        "complex": torch.tensor([1 + 2j]), "flags": torch.tensor([True]), "size": base.shape, "kind": torch.float16,
        "device": torch.device("cpu"), "rest": [1, (2.5, None), "ö", b"x", {3}],
    }  # fmt: skip


def main(folder: pathlib.Path) -> None:
    try:
        import torch
    except ImportError:
        import diptych.eager as torch

        for number, options in enumerate(({}, {"_use_new_zipfile_serialization": False})):
            torch.save(_values(torch), folder / f"written{number}.pt", **options)
        return
    for number in range(2):
        found = torch.load(folder / f"written{number}.pt", weights_only=True)
        for key, wanted in _values(torch).items():
            if isinstance(wanted, torch.Tensor):
                assert torch.equal(found[key], wanted) and found[key].stride() == wanted.stride(), key
                assert type(found[key]) is type(wanted) and found[key].requires_grad == wanted.requires_grad, key
            else:
                assert found[key] == wanted, key
        found["base"][1, 1] = 50
        assert found["row"][1] == found["columns"][1, 1] == found["steps"][1, 0] == 50
    print("PyTorch reads them all")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
