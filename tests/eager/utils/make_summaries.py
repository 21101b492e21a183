"""Writes down, as summaries.json.gz beside this file, what PyTorch's SummaryWriter makes of every case.

    python tests/eager/utils/make_summaries.py

needs PyTorch, tensorboard and Pillow. Pictures are written as their pixels, times that are not given as 0.
"""

from __future__ import annotations

import base64
import gzip
import inspect
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from cases import CASES, REFUSED
from PIL import Image
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData
from torch.utils.tensorboard import FileWriter, RecordWriter, SummaryWriter


def pixels(file: bytes) -> bytes:
    return np.asarray(Image.open(io.BytesIO(file))).tobytes()


def records(path: Path) -> list[bytes]:
    data, place, found = path.read_bytes(), 0, []
    while place < len(data):
        size = int.from_bytes(data[place : place + 8], "little")
        found.append(data[place + 12 : place + 12 + size])
        place += size + 16
    return found


def normal(record: bytes) -> bytes:
    event = Event.FromString(record)
    if event.wall_time > 1e9:
        event.wall_time = 0
    for value in event.summary.value:
        if value.HasField("image"):
            value.image.encoded_image_string = pixels(value.image.encoded_image_string)
        plugin = value.metadata.plugin_data
        if plugin.plugin_name == "hparams":  # maps come in any order
            data = HParamsPluginData.FromString(plugin.content)
            plugin.content = data.SerializeToString(deterministic=True)
    return event.SerializeToString()


def written(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        where = path.relative_to(folder)
        if "tfevents" in path.name:
            texts = [base64.b64encode(normal(record)).decode() for record in records(path)[1:]]
            found.setdefault(str(where.parent / "events"), []).extend(texts)
        else:
            data = path.read_bytes()
            found[str(where)] = base64.b64encode(pixels(data) if path.suffix == ".png" else data).decode()
    return found


def signatures(kind: type) -> dict[str, list[list[str]]]:
    """The parameters of the methods, and their defaults as text."""
    return {
        name: [[each.name, repr(each.default)] for each in inspect.signature(method).parameters.values()]
        for name, method in vars(kind).items()
        if inspect.isfunction(method) and (name == "__init__" or not name.startswith("_"))
    }


def main() -> None:
    answers: dict[str, Any] = {"written": {}, "refused": {}}
    for name, case in CASES.items():
        with tempfile.TemporaryDirectory() as folder:
            with SummaryWriter(folder) as writer:
                case(writer, torch.as_tensor)
            answers["written"][name] = written(Path(folder))
    for name, case in REFUSED.items():
        with tempfile.TemporaryDirectory() as folder:
            writer = SummaryWriter(folder)
            try:
                case(writer, torch.as_tensor)
                raise SystemExit(f"PyTorch takes {name}")
            except (AssertionError, NotImplementedError, ValueError, TypeError, OSError) as error:
                answers["refused"][name] = [type(error).__name__, str(error)]
    answers["signatures"] = {kind.__name__: signatures(kind) for kind in (FileWriter, RecordWriter, SummaryWriter)}
    text = json.dumps(answers, indent=1, ensure_ascii=False)
    Path(__file__).with_name("summaries.json.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    main()
