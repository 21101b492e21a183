"""All callbacks of a training, told together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .callbacks import Callback, History
from .progress import Progbar


class CallbackList:
    """The callbacks of a training, and the history, which is the last to be told."""

    def __init__(self, model: Any, callbacks: Any, params: dict[str, Any]) -> None:
        self._model = model
        self._verbose = params["verbose"]
        self._epochs = params["epochs"]
        self._history = History()
        self._all: list[Callback] = [*(callbacks or ()), self._history]
        for each in self._all:
            each.set_model(model)
            each.set_params(params)
        model.stop_training = False
        model.history = self._history

    def tell(self, method: str, *arguments: Any) -> None:
        """Calls a method of all."""
        for callback in self._all:
            getattr(callback, method)(*arguments)

    def epochs(self, first: int) -> Iterator[int]:
        """The numbers of the epochs, until one asks for the end."""
        self.tell("on_train_begin", {})
        for epoch in range(first, self._epochs):
            self.tell("on_epoch_begin", epoch, {})
            yield epoch
            if self._model.stop_training:
                break

    def bar(self, epoch: int, target: int | None) -> Progbar:
        """What shows how far an epoch is."""
        if self._verbose:
            print(f"Epoch {epoch + 1}/{self._epochs}")
        return Progbar(target, verbose=self._verbose)

    def end_of_epoch(self, epoch: int, logs: dict[str, Any], bar: Progbar) -> None:
        """Tells the losses and metrics of an epoch."""
        bar.finish(list(logs.items()))
        self.tell("on_epoch_end", epoch, logs)

    def finished(self) -> History:
        """Tells the end."""
        self.tell("on_train_end", {})
        return self._history
