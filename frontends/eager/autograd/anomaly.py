"""Anomaly detection: a gradient that is not a number is an error, which names the line of the forward call."""

from __future__ import annotations

import warnings

from ..tapes.mode import mode


def is_anomaly_enabled() -> bool:
    """Whether gradients are watched."""
    return mode.is_anomaly_enabled


def is_anomaly_check_nan_enabled() -> bool:
    """Whether gradients that are not numbers are errors, where they are watched."""
    return mode.is_nan_anomalous


def set_anomaly_enabled(enabled: bool, check_nan: bool = True) -> None:
    """Sets the switch."""
    mode.is_anomaly_enabled, mode.is_nan_anomalous = enabled, check_nan


def _switches() -> tuple[bool, bool]:
    return mode.is_anomaly_enabled, mode.is_nan_anomalous


class set_detect_anomaly:
    """Sets the switch, at once and until the end of a `with` block where it stands in one."""

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self.before = _switches()
        set_anomaly_enabled(mode, check_nan)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        set_anomaly_enabled(*self.before)


class detect_anomaly:
    """A block in which `backward` raises RuntimeError where a gradient is not a number (with `check_nan`), and warns
    with the line of the call that it belongs to."""

    def __init__(self, check_nan: bool = True) -> None:
        self.check_nan = check_nan
        self.before = _switches()
        warnings.warn(
            "Anomaly Detection has been enabled. This mode will increase the runtime and should only be enabled for "
            "debugging.",
            stacklevel=2,
        )

    def __enter__(self) -> None:
        set_anomaly_enabled(True, self.check_nan)

    def __exit__(self, *error: object) -> None:
        set_anomaly_enabled(*self.before)
