"""A browser that opens pages of this folder's tests, where one is installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

OPTIONS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--window-size=1500,950",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--force-prefers-reduced-motion",
)  # fmt: skip


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Chromium without a window, driven by selenium."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("no browser is installed: chromium and chromedriver")
    from selenium.webdriver import Chrome
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    options = Options()
    options.binary_location = chromium
    for each in (*OPTIONS, f"--user-data-dir={tmp_path_factory.mktemp('browser')}"):
        options.add_argument(each)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    chrome = Chrome(options=options, service=Service(driver))
    yield chrome
    chrome.quit()


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
