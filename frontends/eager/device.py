"""`torch.device`: where tensors live. There is one here, the CPU."""

from __future__ import annotations

from typing import Any

from diptych.ir import Unsupported


class device:
    """A device type and index: device("cpu")."""

    __slots__ = ("index", "type")

    def __init__(self, type: Any = "cpu", index: int | None = None) -> None:
        if isinstance(type, device):
            type, index = type.type, type.index
        name, _, number = str(type).partition(":")
        if name not in ("cpu", "cuda", "mps", "xpu", "meta"):
            raise RuntimeError(
                f"Expected one of cpu, cuda, xpu, mps, meta device type at start of device string: {type}"
            )
        if name != "cpu":
            raise Unsupported(
                f"torch.device: {type} is not there", hint="device('cpu'), and DIPTYCH_BACKEND=jax for an accelerator"
            )
        self.type = name
        self.index = int(number) if number else index

    def __repr__(self) -> str:
        return (
            f"device(type='{self.type}')" if self.index is None else f"device(type='{self.type}', index={self.index})"
        )

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))

    def __reduce__(self) -> tuple[Any, ...]:
        return device, (str(self),)


CPU = device("cpu")
