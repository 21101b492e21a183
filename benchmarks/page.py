"""How large pages of the inspector are, how long they take to make, and to open: `python -m benchmarks.page`.

Programs are steps of training a GPT, with as many layers as give about 2,000 and 10,000 equations. Pages are opened in
Chromium, from disk: what is told is the time until all can be used, the median of several.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

import diptych.eager as torch
from diptych import backends
from diptych.inspector.roofline import measured_peak
from diptych.inspector.subjects import Subject
from diptych.inspector.view.page import page
from diptych.ir.location import detailed

from .browser import chromium, is_installed, ready

OPENINGS = 5
LAYERS = (5, 25)


def step(layers: int) -> Subject:
    """A step of training, as it is recorded."""
    decoder = torch.nn.TransformerEncoderLayer(64, 4, 256, dropout=0.0, batch_first=True)
    net = torch.nn.Sequential(torch.nn.TransformerEncoder(decoder, layers), torch.nn.Linear(64, 100))
    optimizer = torch.optim.Adam(net.parameters())
    for parameter in net.parameters():
        parameter.tolist()
    x, target = torch.randn(4, 16, 64), torch.randint(0, 100, (64,))
    x.tolist(), target.tolist()
    with detailed(), backends.captured() as found:
        loss = torch.nn.functional.cross_entropy(net(x).reshape(64, 100), target)
        loss.backward()
        optimizer.step()
        loss.item()
    largest = max(found, key=lambda each: len(each.function.equations))
    return Subject(largest.function, "numpy", largest.donate)


def opening(file: Path) -> str:
    """Milliseconds until a page can be used, as the browser counts them."""
    if not is_installed():
        return "no browser is installed"
    with chromium() as browser:
        return f"{median(ready(browser, file.as_uri()) for _ in range(OPENINGS)):.0f} ms"


def main() -> None:
    peak = measured_peak()
    print("equations     made     size   opened")
    for layers in LAYERS:
        subject = step(layers)
        _ = subject.records
        begin = perf_counter()
        text = page([subject], title=f"{layers} layers", peak=peak)
        made = perf_counter() - begin
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "page.html"
            file.write_text(text, encoding="utf-8")
            size = f"{len(text.encode()) / 1000:.0f} kB"
            print(f"{len(subject.function.equations):9}{made:7.1f} s{size:>9}{opening(file):>9}")


if __name__ == "__main__":
    main()
