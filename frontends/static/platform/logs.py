"""tf.logging: messages by the logger `tensorflow`, to stderr unless the program has set up logging itself."""

from __future__ import annotations

import logging
import sys
from collections import Counter
from typing import Any

from ..exports import export

_counts: Counter[tuple[str, int]] = Counter()  # of calls, by the user's line

for _name in ("DEBUG", "INFO", "WARN", "ERROR", "FATAL"):
    export(f"logging.{_name}")(getattr(logging, _name))


class _Stderr(logging.StreamHandler[Any]):
    """Writes to what sys.stderr is now, where the root logger has nobody who does."""

    def emit(self, record: logging.LogRecord) -> None:
        if not logging.getLogger().handlers:
            self.stream = sys.stderr
            super().emit(record)


_logger = logging.getLogger("tensorflow")
if not _logger.handlers:
    _logger.addHandler(_Stderr())
    _logger.handlers[0].setFormatter(logging.Formatter(logging.BASIC_FORMAT))
    if hasattr(sys, "ps1"):
        _logger.setLevel(logging.INFO)


@export("get_logger")
def get_logger() -> logging.Logger:
    """The logger that all messages go through."""
    return _logger


@export("logging.set_verbosity")
def set_verbosity(v: int) -> None:
    """Drops messages below the level `v`, such as tf.logging.INFO."""
    _logger.setLevel(v)


@export("logging.get_verbosity")
def get_verbosity() -> int:
    """The level below which messages are dropped."""
    return _logger.getEffectiveLevel()


@export("logging.log", "logging.vlog")
def log(level: int, msg: Any, *args: Any, **kwargs: Any) -> None:
    """msg % args at a level."""
    _logger.log(level, msg, *args, stacklevel=2, **kwargs)


@export("logging.debug")
def debug(msg: Any, *args: Any, **kwargs: Any) -> None:
    """msg % args for who looks for mistakes."""
    _logger.debug(msg, *args, stacklevel=2, **kwargs)


@export("logging.info")
def info(msg: Any, *args: Any, **kwargs: Any) -> None:
    """msg % args for who wants to know how things go."""
    _logger.info(msg, *args, stacklevel=2, **kwargs)


@export("logging.warning", "logging.warn")
def warning(msg: Any, *args: Any, **kwargs: Any) -> None:
    """msg % args where something may be wrong."""
    _logger.warning(msg, *args, stacklevel=2, **kwargs)


@export("logging.error", "logging.TaskLevelStatusMessage")
def error(msg: Any, *args: Any, **kwargs: Any) -> None:
    """msg % args where something went wrong."""
    _logger.error(msg, *args, stacklevel=2, **kwargs)


@export("logging.fatal")
def fatal(msg: Any, *args: Any, **kwargs: Any) -> None:
    """msg % args where nothing more can be done; the program goes on."""
    _logger.fatal(msg, *args, stacklevel=2, **kwargs)


@export("logging.log_if")
def log_if(level: int, msg: Any, condition: Any, *args: Any) -> None:
    """As `log`, where the condition holds."""
    if condition:
        log(level, msg, *args)


def _count() -> int:
    """How often the line that called the function that asks has called it before."""
    frame = sys._getframe(2)
    key = (frame.f_code.co_filename, frame.f_lineno)
    _counts[key] += 1
    return _counts[key] - 1


@export("logging.log_every_n")
def log_every_n(level: int, msg: Any, n: int, *args: Any) -> None:
    """As `log`, the first, (n + 1)th ... time that a line is reached."""
    log_if(level, msg, _count() % n == 0, *args)


@export("logging.log_first_n")
def log_first_n(level: int, msg: Any, n: int, *args: Any) -> None:
    """As `log`, the first n times that a line is reached."""
    log_if(level, msg, _count() < n, *args)


@export("logging.flush")
def flush() -> None:
    """Hands what was written to the system."""
    for handler in _logger.handlers:
        handler.flush()
