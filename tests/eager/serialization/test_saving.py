"""Objects in files and back; what PyTorch finds in them is checked by `check_with_pytorch`."""

from __future__ import annotations

import collections
import io
import os
import pickletools
import zipfile

import diptych.eager as torch
import pytest
from diptych.eager import nn


def back(value, **options):
    file = io.BytesIO()
    torch.save(value, file, **options)
    file.seek(0)
    return torch.load(file)


@pytest.mark.parametrize("options", [{}, {"_use_new_zipfile_serialization": False}, {"pickle_protocol": 4}], ids=str)
def test_values_come_back(options):
    base = torch.arange(6.0).view(2, 3)
    value = {
        "base": base, "row": base[1], "turned": base.t(), "leaf": torch.ones(2, requires_grad=True), "empty": base[:0],
        "parameter": nn.Parameter(torch.ones(1), requires_grad=False), "size": base.shape, "kind": torch.bfloat16,
        "device": torch.device("cpu"), "counts": collections.Counter("aab"), "rest": (1, [2.5, None, "ö", b"x"], {3}),
    }  # fmt: skip
    found = back(value, **options)
    assert found.keys() == value.keys()
    for key, wanted in value.items():
        if isinstance(wanted, torch.Tensor):
            assert found[key].tolist() == wanted.tolist() and found[key].requires_grad == wanted.requires_grad, key
            assert type(found[key]) is type(wanted) and found[key].stride() == wanted.stride(), key
        else:
            assert found[key] == wanted and type(found[key]) is type(wanted), key
    found["base"][1, 2] = 9
    assert found["row"][2] == found["turned"][2, 1] == 9


def test_every_dtype():
    from diptych.eager import dtypes

    for kind in dtypes.ALL:
        x = torch.tensor([0, 1, 1]).to(kind)
        found = back(x)
        assert found.dtype is kind and found.tolist() == x.tolist()


def test_a_tied_weight_stays_tied():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    model[1].weight = model[0].weight
    found = back(model.state_dict())
    found["0.weight"][0, 0] = 7
    assert found["1.weight"][0, 0] == 7


def test_memory_of_numpy_and_results_that_wait():
    import numpy as np

    array = np.arange(12.0).reshape(3, 4)[:, ::2]
    shared = torch.from_numpy(array)
    waiting = torch.ones(3) * 2
    found = back([shared, waiting, (waiting * torch.ones(3, requires_grad=True)).detach()])
    assert found[0].tolist() == array.tolist() and found[1].tolist() == found[2].tolist() == [2, 2, 2]


def test_a_path_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "model.pt"
    torch.save({"a": torch.ones(1)}, path)
    before = path.read_bytes()
    with pytest.raises(Exception, match="pickle"):
        torch.save({"a": torch.ones(1), "function": lambda: None}, path)
    assert path.read_bytes() == before and os.listdir(tmp_path) == ["model.pt"]
    torch.save(torch.ones(1), str(path))
    assert torch.load(path).tolist() == [1]


def test_what_cannot_be_written_to(tmp_path):
    with pytest.raises(AttributeError, match="^expected 'f' to be string, path, or a file-like object with a 'write'"):
        torch.save(1, 3)
    with pytest.raises(RuntimeError, match=r"^Parent directory .*/none does not exist\.$"):
        torch.save(1, tmp_path / "none" / "x.pt")


def test_the_archive_is_laid_out_as_pytorch_has_it(tmp_path):
    path = tmp_path / "net.v1.pt"
    torch.save({"w": torch.ones(3), "b": torch.zeros(2, dtype=torch.int64)}, path)
    with zipfile.ZipFile(path) as archive, path.open("rb") as file:
        assert archive.namelist() == [
            f"net.v1/{name}" for name in ("data.pkl", ".format_version", ".storage_alignment", "byteorder", "data/0",
                                          "data/1", "version", ".data/serialization_id")
        ]  # fmt: skip
        assert archive.read("net.v1/version") == b"3\n" and archive.read("net.v1/byteorder") == b"little"
        for info in archive.infolist():
            file.seek(info.header_offset + 26)
            name, extra = (int.from_bytes(file.read(2), "little") for _ in range(2))
            assert not (info.header_offset + 30 + name + extra) % 64
        named = [
            argument
            for code, argument, _ in pickletools.genops(archive.read("net.v1/data.pkl"))
            if code.name == "GLOBAL"
        ]
    assert named == [
        "torch._utils _rebuild_tensor_v2", "torch FloatStorage", "collections OrderedDict", "torch LongStorage",
    ]  # fmt: skip


def test_networks_are_named_as_pytorch_names_them():
    model = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.LSTM(2, 2), nn.TransformerEncoderLayer(4, 1, 8))
    file = io.BytesIO()
    torch.save(model, file)
    with zipfile.ZipFile(file) as archive:
        named = {
            argument
            for code, argument, _ in pickletools.genops(archive.read("archive/data.pkl"))
            if code.name == "GLOBAL"
        }
    assert {
        "torch.nn.modules.linear Linear", "torch.nn.modules.activation ReLU", "torch.nn.modules.rnn LSTM",
        "torch.nn.modules.transformer TransformerEncoderLayer", "torch.nn.modules.container Sequential",
    } <= named  # fmt: skip
    file.seek(0)
    found = torch.load(file, weights_only=False)
    assert [type(each) for each in found] == [type(each) for each in model]
    x = torch.ones(3, 4)
    assert found[3].eval()(x).tolist() == model[3].eval()(x).tolist()
