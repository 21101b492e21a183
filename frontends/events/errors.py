"""The error of data that is no event file, or no message."""

from __future__ import annotations

from diptych.ir import DiptychError


class DamagedData(DiptychError, ValueError):
    """Bytes that do not read; `offset` is where, in the file or in the message, and `reason` what stands there."""

    def __init__(self, what: str, offset: int, reason: str) -> None:
        self.offset = offset
        self.reason = reason
        super().__init__(f"{what}, byte {offset}: {reason}")
