"""`torch.onnx`: models are not written in that format."""

from __future__ import annotations

from typing import Any, NoReturn

from diptych.ir import Unsupported, user_location


class OnnxExporterError(RuntimeError):
    """What PyTorch's exporter raises."""


def export(model: Any, *arguments: Any, **options: Any) -> NoReturn:
    """Raises Unsupported: there is no exporter."""
    raise Unsupported(
        "torch.onnx.export: models are not written as ONNX",
        location=user_location(),
        hint="torch.save(model.state_dict(), file), which PyTorch reads and exports",
    )


def is_in_onnx_export() -> bool:
    """False."""
    return False
