"""tf.keras.callbacks.TensorBoard: losses and metrics in event files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from diptych.ir import Unsupported, user_location

from ...events.summary import Summary
from ..exports import export
from ..graphs.defaults import get_default_graph
from ..training.file_writer import FileWriter
from .callbacks import Callback, Logs


@export("keras.callbacks.TensorBoard")
class TensorBoard(Callback):
    """Writes the graph, and the losses and metrics of each epoch under `epoch_` and their names; with `update_freq`
    batch or a number of examples also those of batches. Raises Unsupported for histograms, gradients and embeddings."""

    def __init__(
        self, log_dir: str = "./logs", histogram_freq: int = 0, batch_size: int = 32, write_graph: bool = True,
        write_grads: bool = False, write_images: bool = False, embeddings_freq: int = 0,
        embeddings_layer_names: Any = None, embeddings_metadata: Any = None, embeddings_data: Any = None,
        update_freq: Any = "epoch", profile_batch: int = 2,
    ) -> None:  # fmt: skip
        for name, given in (("histogram_freq", histogram_freq), ("embeddings_freq", embeddings_freq)):
            if given:
                raise Unsupported(
                    f"tf.keras.callbacks.TensorBoard: {name} is {given} but must be 0", location=user_location(),
                    hint="tf.summary.histogram and tf.summary.FileWriter",
                )  # fmt: skip
        self.log_dir = log_dir
        self.write_graph = write_graph
        self.update_freq = 1 if update_freq == "batch" else update_freq
        self._samples = self._written_at = self._batches = 0

    def set_model(self, model: Any) -> None:
        self.model = model
        writes = model._strategy.extended.should_save_summary
        self.writer = FileWriter(self.log_dir, get_default_graph() if self.write_graph else None) if writes else None

    def on_batch_end(self, batch: int, logs: Logs = None) -> None:
        self._samples += (logs or {}).get("size", 1)
        if self.update_freq != "epoch" and self._samples - self._written_at >= self.update_freq:
            self._write("batch", logs or {}, self._batches)
            self._written_at = self._samples
        self._batches += 1

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self._write("epoch", logs or {}, epoch if self.update_freq == "epoch" else self._samples)

    def on_train_end(self, logs: Logs = None) -> None:
        if self.writer is not None:
            self.writer.close()

    def _write(self, front: str, logs: Mapping[str, Any], step: int) -> None:
        if self.writer is None:  # another of several processes that train together writes
            return
        for name, value in logs.items():
            if name not in ("batch", "size"):
                summary = Summary(value=[Summary.Value(tag=f"{front}_{name}", simple_value=float(value))])
                self.writer.add_summary(summary, step)
        self.writer.flush()
