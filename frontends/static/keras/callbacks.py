"""tf.keras.callbacks: what is told of a training, and may end it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from diptych.ir import Unsupported, user_location

from ..exports import export
from ..platform.logs import warning
from . import backend

Logs = Mapping[str, Any] | None


@export("keras.callbacks.Callback")
class Callback:
    """A subclass overrides what it needs; `model` is what is trained, `params` are the numbers of epochs and such."""

    model: Any = None
    params: Any = None

    def set_params(self, params: Any) -> None:
        """Tells the numbers."""
        self.params = params

    def set_model(self, model: Any) -> None:
        """Tells the model."""
        self.model = model

    def on_train_begin(self, logs: Logs = None) -> None:
        """Called at the start."""

    def on_train_end(self, logs: Logs = None) -> None:
        """Called at the end."""

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Called before each epoch."""

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Called after each epoch, with its losses and metrics."""

    def on_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Called before each batch."""

    def on_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Called after each batch."""

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Called before each batch."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Called after each batch."""
        self.on_batch_end(batch, logs)


@export("keras.callbacks.History")
class History(Callback):
    """The losses and metrics of each epoch: `history` by name, `epoch` the numbers."""

    def __init__(self) -> None:
        self.epoch: list[int] = []
        self.history: dict[str, list[Any]] = {}

    def on_train_begin(self, logs: Logs = None) -> None:
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)


@export("keras.callbacks.LambdaCallback")
class LambdaCallback(Callback):
    """Functions in place of methods, by their names."""

    def __init__(self, **functions: Callable[..., Any] | None) -> None:
        for name, function in functions.items():
            if function is not None:
                setattr(self, name, function)


class _Monitor(Callback):
    """What watches one number."""

    def __init__(self, monitor: str, mode: str) -> None:
        self.monitor = monitor
        self._is_larger_better = mode == "max" or (mode == "auto" and "acc" in monitor)

    def _is_better(self, value: float, best: float, by: float = 0.0) -> bool:
        return value - by > best if self._is_larger_better else value + by < best

    def _worst(self) -> float:
        return -np.inf if self._is_larger_better else np.inf

    def _value(self, logs: Logs) -> float | None:
        found = (logs or {}).get(self.monitor)
        if found is None:
            names = ",".join(logs or {})
            warning("%s is not available. Available metrics are: %s", self.monitor, names)
        return found


@export("keras.callbacks.EarlyStopping")
class EarlyStopping(_Monitor):
    """Ends the training where a number has not become better for `patience` epochs."""

    def __init__(
        self, monitor: str = "val_loss", min_delta: float = 0, patience: int = 0, verbose: int = 0,
        mode: str = "auto", baseline: float | None = None, restore_best_weights: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(monitor, mode)
        self.min_delta = abs(min_delta)
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights

    def on_train_begin(self, logs: Logs = None) -> None:
        self.wait = self.stopped_epoch = 0
        self.best = self._worst() if self.baseline is None else self.baseline
        self.best_weights: Any = None

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        value = self._value(logs)
        if value is None:
            return
        if self._is_better(value, self.best, self.min_delta):
            self.best, self.wait = value, 0
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            return
        self.wait += 1
        if self.wait >= self.patience:
            self.stopped_epoch = epoch
            self.model.stop_training = True
            if self.best_weights is not None:
                self.model.set_weights(self.best_weights)

    def on_train_end(self, logs: Logs = None) -> None:
        if self.stopped_epoch > 0 and self.verbose > 0:
            print(f"Epoch {self.stopped_epoch + 1:05d}: early stopping")


@export("keras.callbacks.ModelCheckpoint")
class ModelCheckpoint(_Monitor):
    """Saves the weights each `period` of epochs, or each so many examples; all of them, or those with which a number
    has become better. Of several processes that train together one does. Raises Unsupported for whole models."""

    def __init__(
        self, filepath: str, monitor: str = "val_loss", verbose: int = 0, save_best_only: bool = False,
        save_weights_only: bool = False, mode: str = "auto", save_freq: Any = "epoch",
        period: int = 1,
    ) -> None:  # fmt: skip
        super().__init__(monitor, mode)
        if not save_weights_only:
            raise Unsupported(
                "tf.keras.callbacks.ModelCheckpoint: save_weights_only is False but must be True",
                location=user_location(), hint="save_weights_only=True, for checkpoints of TensorFlow's",
            )  # fmt: skip
        self.filepath = str(filepath)
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.best = self._worst()
        self.save_freq = save_freq
        self.period = period
        self._epoch = self._epochs = self._samples = 0

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._epoch = epoch

    def on_batch_end(self, batch: int, logs: Logs = None) -> None:
        if self.save_freq == "epoch":
            return
        self._samples += (logs or {}).get("size", 1)
        if self._samples >= self.save_freq:
            self._save(logs)
            self._samples = 0

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self._epochs += 1
        if self.save_freq == "epoch" and self._epochs >= self.period:
            self._save(logs)
            self._epochs = 0

    def _save(self, logs: Logs) -> None:
        path = self.filepath.format(epoch=self._epoch + 1, **(logs or {}))
        if self.save_best_only:
            value = self._value(logs)
            if value is None or not self._is_better(value, self.best):
                return
            self.best = value
        if self.verbose:
            print(f"\nEpoch {self._epoch + 1:05d}: saving model to {path}")
        if self.model._strategy.extended.should_checkpoint:
            self.model.save_weights(path)


@export("keras.callbacks.LearningRateScheduler")
class LearningRateScheduler(Callback):
    """The learning rate of each epoch by a function of its number, and of the rate before."""

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        self.schedule = schedule
        self.verbose = verbose

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        rate = float(backend.get_value(self.model.optimizer.learning_rate))
        try:
            found = self.schedule(epoch, rate)
        except TypeError:
            found = self.schedule(epoch)
        if not isinstance(found, float | np.float32 | np.float64):
            raise ValueError('The output of the "schedule" function should be float.')
        backend.set_value(self.model.optimizer.learning_rate, found)
        if self.verbose:
            print(f"\nEpoch {epoch + 1:05d}: LearningRateScheduler reducing learning rate to {found}.")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if logs is not None:
            logs["lr"] = float(backend.get_value(self.model.optimizer.learning_rate))


@export("keras.callbacks.ReduceLROnPlateau")
class ReduceLROnPlateau(_Monitor):
    """A smaller learning rate where a number has not become better for `patience` epochs. Raises ValueError."""

    def __init__(
        self, monitor: str = "val_loss", factor: float = 0.1, patience: int = 10, verbose: int = 0,
        mode: str = "auto", min_delta: float = 1e-4, cooldown: int = 0, min_lr: float = 0,
        epsilon: float | None = None,
    ) -> None:  # fmt: skip
        super().__init__(monitor, mode)
        if factor >= 1.0:
            raise ValueError("ReduceLROnPlateau does not support a factor >= 1.0.")
        self.factor = factor
        self.patience = patience
        self.min_delta = min_delta if epsilon is None else epsilon
        self.verbose = verbose
        self.cooldown = cooldown
        self.min_lr = min_lr

    def on_train_begin(self, logs: Logs = None) -> None:
        self.best, self.wait, self.cooling = self._worst(), 0, 0

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if logs is not None:
            logs["lr"] = float(backend.get_value(self.model.optimizer.learning_rate))
        value = self._value(logs)
        if value is None:
            return
        if self.cooling > 0:
            self.cooling, self.wait = self.cooling - 1, 0
        if self._is_better(value, self.best, self.min_delta):
            self.best, self.wait = value, 0
        elif self.cooling <= 0:
            self.wait += 1
            rate = float(backend.get_value(self.model.optimizer.learning_rate))
            if self.wait >= self.patience and rate > self.min_lr:
                rate = max(rate * self.factor, self.min_lr)
                backend.set_value(self.model.optimizer.learning_rate, rate)
                if self.verbose:
                    print(f"\nEpoch {epoch + 1:05d}: ReduceLROnPlateau reducing learning rate to {rate}.")
                self.cooling, self.wait = self.cooldown, 0


@export("keras.callbacks.TerminateOnNaN")
class TerminateOnNaN(Callback):
    """Ends the training where the loss is no number."""

    def on_batch_end(self, batch: int, logs: Logs = None) -> None:
        loss = (logs or {}).get("loss")
        if loss is not None and not np.isfinite(loss):
            print(f"Batch {batch}: Invalid loss, terminating training")
            self.model.stop_training = True


@export("keras.callbacks.CSVLogger")
class CSVLogger(Callback):
    """Writes the losses and metrics of each epoch as a line of a file."""

    def __init__(self, filename: str, separator: str = ",", append: bool = False) -> None:
        self.filename = filename
        self.separator = separator
        self.append = append

    def on_train_begin(self, logs: Logs = None) -> None:
        if not self.append:
            Path(self.filename).write_text("", encoding="utf-8")

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        row = {"epoch": epoch, **{name: (logs or {})[name] for name in sorted(logs or {})}}
        path = Path(self.filename)
        is_empty = not path.exists() or not path.stat().st_size
        with path.open("a", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(row), delimiter=self.separator)
            if is_empty:
                writer.writeheader()
            writer.writerow(row)
