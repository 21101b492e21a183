"""A browser that opens pages of this folder's tests, where one is installed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.browser import chromium, is_installed


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium without a window."""
    if not is_installed():
        pytest.skip("no browser is installed: chromium and chromedriver")
    with chromium() as found:
        yield found


SCRIPT = """
import diptych.eager as torch
from diptych.eager import nn


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(8, 8)

    def forward(self, x):
        return x + torch.relu(self.inner(x))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(Block() for _ in range(3))
        self.head = nn.Linear(8, 4)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return self.head(x)


net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for parameter in net.parameters():
    parameter.tolist()
for step in range(2):
    loss = nn.functional.cross_entropy(net(torch.ones(5, 8)), torch.tensor([0, 1, 2, 3, 0]))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    loss.item()
"""


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recorded training step."""
    folder = tmp_path_factory.mktemp("bundle")
    script = folder / "train_net.py"
    script.write_text(SCRIPT)
    subprocess.run([sys.executable, "-m", "diptych", "run", "--trace", str(folder), str(script)], check=True)
    (found,) = folder.glob("*.dipt")
    return found


@pytest.fixture(scope="session")
def page(bundle: Path) -> Path:
    """Its page."""
    from diptych.cli import main

    file = bundle.with_suffix(".html")
    assert main(["view", str(bundle), "-o", str(file), "--peak", "100", "--bandwidth", "20"]) == 0
    return file
