"""Steps of PyTorch programs, on PyTorch or on diptych's eager front end."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from benchmarks.step import Step


class TorchSteps:
    """`torch` is the module to use. PyTorch compiles the loss, whose gradient it compiles too, and takes its fused
    optimizers then; diptych compiles the whole step."""

    def __init__(self, torch: Any, *, compiled: bool) -> None:
        self.torch, self.compiled = torch, compiled
        self.is_diptych = torch.__name__.startswith("diptych")
        self.fused = {"fused": True} if compiled and not self.is_diptych else {}

    def parameters(self, arrays: Mapping[str, Any], transposed: Iterable[str] = ()) -> dict[str, Any]:
        """Leaves that ask for gradients; those named `transposed` are stored [out, in], as nn.Linear has them."""
        found = {}
        for name, array in arrays.items():
            tensor = self.torch.from_numpy(array.T.copy() if name in transposed else array.copy())
            found[name] = tensor.requires_grad_()
        return found

    def train(self, loss: Callable[..., Any], optimizer: Any, *inputs: Any) -> Step:
        """Steps of `loss(*inputs)` with its gradient and the optimizer's update."""
        whole = self.compiled and self.is_diptych
        function = self.torch.compile(loss) if self.compiled and not whole else loss
        tensors = [self.torch.tensor(array) for array in inputs]

        def run(*given: Any) -> Any:
            value = function(*given)
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            return value

        step = self.torch.compile(run) if whole else run
        last: list[Any] = [None]

        def train() -> Any:
            last[0] = step(*tensors)
            return last[0]

        wait = (lambda: last[0].item()) if self.is_diptych else (lambda: None)  # PyTorch is done when it returns
        return Step(train, wait, value=lambda handle: handle.item())

    def infer(self, function: Callable[..., Any], *inputs: Any, value: Callable[[Any], Any] = lambda h: h) -> Step:
        """Runs of `function(*inputs)` without a gradient."""
        compiled = self.torch.compile(function) if self.compiled else function
        tensors = [self.torch.tensor(array) for array in inputs]
        last: list[Any] = [None]

        def run() -> Any:
            with self.torch.no_grad():
                last[0] = compiled(*tensors)
            return last[0]

        wait = (lambda: last[0].numpy()) if self.is_diptych else (lambda: None)
        return Step(run, wait, lambda handle: value(handle).item())
