"""Files of tensors alone: what no tensor here is."""

from __future__ import annotations

import json
import struct
from typing import Any

import diptych.eager as torch
import pytest
from diptych.eager.serialization import tensor_files
from diptych.ir import Unsupported


def _file(dtype: str, shape: list[int], content: bytes) -> bytes:
    head = json.dumps({"x": {"dtype": dtype, "shape": shape, "data_offsets": [0, len(content)]}}).encode()
    return struct.pack("<Q", len(head)) + head + content


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.complex64, torch.bool, torch.uint16])
def test_types_come_back(dtype: Any, tmp_path: Any) -> None:
    x = torch.tensor([[1, 0], [1, 1]]).to(dtype)
    read = tensor_files.load(tensor_files.save({"x": x}))["x"]
    assert read.dtype is dtype and read.tolist() == x.tolist()
    tensor_files.save_file({"x": x}, tmp_path / "x.safetensors")
    assert torch.load(tmp_path / "x.safetensors")["x"].dtype is dtype


def test_what_no_tensor_is() -> None:
    with pytest.raises(Unsupported, match=r"^safetensors: x is of F8_E4M3 but must be of F64, F32, F16, BF16, I64, "):
        tensor_files.load(_file("F8_E4M3", [2], b"ab"))
    for shape in ([1] * 65, [0, 1 << 62]):
        content = b"" if 0 in shape else b"a"
        with pytest.raises(Unsupported, match=r"axes or of sizes that no tensor here has$"):
            tensor_files.load(_file("U8" if 1 in shape else "I16", shape, content))
