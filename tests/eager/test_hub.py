"""Models of a folder."""

from __future__ import annotations

from pathlib import Path

import diptych.eager as torch
import pytest
from diptych.ir import Unsupported


def test_a_folder_is_loaded_and_nothing_is_fetched(tmp_path: Path) -> None:
    (tmp_path / "hubconf.py").write_text("dependencies = ['numpy']\n\n\ndef doubled(x, by=2):\n    return x * by\n")
    assert torch.hub.load(str(tmp_path), "doubled", 3, source="local", by=4) == 12
    with pytest.raises(RuntimeError, match="^Cannot find callable odd in hubconf$"):
        torch.hub.load(str(tmp_path), "odd", source="local")
    with pytest.raises(ValueError, match='^Unknown source: "odd". Allowed values: "github" | "local".$'):
        torch.hub.load(str(tmp_path), "doubled", source="odd")
    with pytest.raises(Unsupported, match=r"^torch.hub.load: nothing is fetched\n"):
        torch.hub.load("pytorch/vision", "resnet18")
    with pytest.raises(Unsupported, match=r"^torch.hub.load_state_dict_from_url: nothing is fetched\n"):
        torch.hub.load_state_dict_from_url("http://localhost/x.pth")


def test_the_model_zoo_is_another_name() -> None:
    from diptych.eager.utils import model_zoo

    assert model_zoo.load_url is torch.hub.load_state_dict_from_url


def test_the_folder_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    assert torch.hub.get_dir() == str(tmp_path / "hub")


def test_files_of_torchscript_and_onnx_are_refused() -> None:
    with pytest.raises(Unsupported, match=r"^torch.jit.save: files of TorchScript are not there\n"):
        torch.jit.save(torch.nn.ReLU(), "x.pt")
    with pytest.raises(Unsupported, match=r"^torch.jit.load: files of TorchScript are not there\n"):
        torch.jit.load("x.pt")
    with pytest.raises(Unsupported, match=r"^torch.onnx.export: models are not written as ONNX\n"):
        torch.onnx.export(torch.nn.ReLU(), (torch.ones(1),), "x.onnx")
