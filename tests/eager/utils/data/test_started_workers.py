"""Workers of whole programs under `diptych run`: however they are started, they come to an end and give the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

# Written for fork: nothing pickles, and nothing keeps a process that imports it from running it. The values of the data
# set lie with the backend, and were computed by it, when the workers start.
FORKED = """
import sys
import torch
from torch.utils.data import DataLoader, TensorDataset

weight = torch.ones(3, 3, requires_grad=True)
table = torch.arange(24.0).reshape(8, 3) * 2
small = table.to(torch.int8)

def data():
    class Rows(torch.utils.data.Dataset):
        def __len__(self):
            return 8
        def __getitem__(self, place):
            return (lambda row: row + 1)(table[place]), small[place], torch.full((2,), float(place))
    return Rows()

print(float((table @ weight).sum()), "jax" in sys.modules)
for _ in range(2):
    total = 0.0
    for rows, numbers, full in DataLoader(data(), 4, num_workers=2):
        loss = (rows @ weight).sum()
        loss.backward()
        total += loss.item() + numbers.sum().item() + full.sum().item()
    print(total, weight.grad.sum().item())
(first, _), *_ = [[each.tolist() for each in batch] for batch in DataLoader(TensorDataset(table, small), 4, num_workers=1)]
print(first[1])
"""
FORKED_PRINTS = ["2336.0 1728.0", "2336.0 3456.0", "[6.0, 8.0, 10.0]"]

SPAWNED = """
import sys
import torch
from torch.utils.data import DataLoader, Dataset, get_worker_info

class Rows(Dataset):
    def __len__(self):
        return 4
    def __getitem__(self, place):
        return torch.full((2,), float(place)) * 2, torch.__name__, "jax" in sys.modules

if __name__ == "__main__":
    torch.ones(2).sum().item()
    for method in ("spawn", "forkserver"):
        loader = DataLoader(Rows(), 2, num_workers=1, multiprocessing_context=method)
        print(loader.multiprocessing_context.get_start_method())
        for rows, names, has_jax in loader:
            print(rows.sum().item(), names, has_jax)
"""
SPAWNED_PRINTS = [
    line
    for method in ("spawn", "forkserver")
    for line in (method, *(f"{total} ('torch', 'torch') tensor([False, False])" for total in (4.0, 20.0)))
]


def run(folder: Path, program: str, backend: str) -> list[str]:
    """The lines that a program prints."""
    (folder / "program.py").write_text(program)
    command = [
        sys.executable,
        "-W",
        "ignore::RuntimeWarning",
        "-m",
        "diptych",
        "run",
        "--backend",
        backend,
        "program.py",
    ]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout.splitlines()


@pytest.mark.parametrize("backend", ["numpy", "jax"])
def test_forked(tmp_path: Path, backend: str) -> None:
    assert run(tmp_path, FORKED, backend) == [f"1656.0 {backend == 'jax'}", *FORKED_PRINTS]


def test_started_anew(tmp_path: Path) -> None:
    assert run(tmp_path, SPAWNED, "jax") == SPAWNED_PRINTS
