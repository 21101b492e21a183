"""L-BFGS, the quasi-Newton method of limited memory (Liu and Nocedal, 1989)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..functions.complexes import view_as_real
from ..functions.joining import cat
from ..tapes.mode import enable_grad, no_grad
from ..tensors.creation import zeros_like
from ..tensors.tensor import Tensor
from .optimizer import Optimizer
from .updating import checked_rate
from .wolfe import strong_wolfe

_LEAST_CURVATURE = 1e-10  # of a step that is remembered


class LBFGS(Optimizer):
    """Steps along -H * gradient, where H approaches the inverse Hessian from the last `history_size` changes of
    parameters and gradients.

    A step takes up to max_iter iterations and max_eval evaluations of the closure (None: 1.25 * max_iter), and ends
    where no gradient exceeds tolerance_grad or nothing changes by more than tolerance_change. line_search_fn is None,
    for steps of lr, or "strong_wolfe". Raises ValueError for a negative lr and for more than one group of parameters.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        checked_rate("learning rate", lr)
        defaults = {
            "lr": lr, "max_iter": max_iter, "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad, "tolerance_change": tolerance_change, "history_size": history_size,
            "line_search_fn": line_search_fn,
        }  # fmt: skip
        super().__init__(params, defaults)
        if len(self.param_groups) != 1:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups)")
        self._params = self.param_groups[0]["params"]

    def step(self, closure: Callable[[], Any]) -> Any:
        """Iterates; `closure` clears the gradients, computes the loss and its gradients, and returns the loss. The
        loss before the step is returned."""
        with no_grad():
            return self._step(enable_grad()(closure))

    def _step(self, closure: Callable[[], Any]) -> Any:
        group = self.param_groups[0]
        rate, search = group["lr"], group["line_search_fn"]
        if isinstance(rate, Tensor) and rate.ndim:
            rate = rate.squeeze()
        state = self.state[self._params[0]]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)
        first_loss = closure()
        loss = float(first_loss)
        evaluations = 1
        state["func_evals"] += 1
        gradient = self._flat_gradient()
        if gradient.abs().max() <= group["tolerance_grad"]:
            return first_loss
        iterations = 0
        while iterations < group["max_iter"]:
            iterations += 1
            state["n_iter"] += 1
            self._direct(state, gradient, group["history_size"])
            along, state["prev_loss"] = state["d"], loss
            size = min(1.0, 1.0 / gradient.abs().sum()) * rate if state["n_iter"] == 1 else rate
            slope = gradient.dot(along)
            state["t"] = size
            if slope > -group["tolerance_change"]:
                break
            used = 0
            if search is not None:
                if search != "strong_wolfe":
                    raise RuntimeError("only 'strong_wolfe' is supported")
                loss, gradient, size, used = strong_wolfe(
                    self._evaluation(closure, along), size, along, loss, gradient, slope,
                    most_evaluations=group["max_eval"] - evaluations,
                )  # fmt: skip
                state["t"] = size
                self._move(size, along)
                is_optimal = gradient.abs().max() <= group["tolerance_grad"]
            else:
                self._move(size, along)
                is_optimal = False
                if iterations != group["max_iter"]:
                    loss = float(closure())
                    gradient = self._flat_gradient()
                    is_optimal = gradient.abs().max() <= group["tolerance_grad"]
                    used = 1
            evaluations += used
            state["func_evals"] += used
            if (
                iterations == group["max_iter"]
                or evaluations >= group["max_eval"]
                or is_optimal
                or along.mul(size).abs().max() <= group["tolerance_change"]
                or abs(loss - state["prev_loss"]) < group["tolerance_change"]
            ):
                break
        return first_loss

    def _direct(self, state: dict[str, Any], gradient: Tensor, most: int) -> None:
        """The direction of the next step, `d` in the state, from the gradient and from the changes so far."""
        if state["n_iter"] == 1:
            state.update(d=gradient.neg(), old_dirs=[], old_stps=[], ro=[], H_diag=1)
        else:
            change, step = gradient.sub(state["prev_flat_grad"]), state["d"].mul(state["t"])
            curvature = change.dot(step)
            if curvature > _LEAST_CURVATURE:
                if len(state["old_dirs"]) == most:
                    for name in ("old_dirs", "old_stps", "ro"):
                        state[name].pop(0)
                state["old_dirs"].append(change)
                state["old_stps"].append(step)
                state["ro"].append(1.0 / curvature)
                state["H_diag"] = curvature / change.dot(change)
            remembered = list(zip(state["old_dirs"], state["old_stps"], state["ro"], strict=True))
            along, shares = gradient.neg(), state.setdefault("al", [None] * most)
            for place, (changed, stepped, inverse) in reversed(list(enumerate(remembered))):
                shares[place] = stepped.dot(along) * inverse
                along = along - changed * shares[place]
            along = along * state["H_diag"]
            for (changed, stepped, inverse), share in zip(remembered, shares, strict=False):
                along = along + stepped * (share - changed.dot(along) * inverse)
            state["d"] = along
        state["prev_flat_grad"] = gradient.clone()

    def _flat_gradient(self) -> Tensor:
        """All gradients in one vector."""
        parts = []
        for parameter in self._params:
            part = zeros_like(parameter) if parameter.grad is None else parameter.grad.to_dense()
            parts.append(_real(part).reshape(-1))
        return cat(parts)

    def _move(self, size: Any, along: Tensor) -> None:
        """Adds size * along to the parameters."""
        start = 0
        for parameter in self._params:
            shown = _real(parameter)
            count = shown.numel()
            shown.add_(along[start : start + count].view(shown.shape) * size)
            start += count

    def _evaluation(self, closure: Callable[[], Any], along: Tensor) -> Callable[[Any], tuple[float, Tensor]]:
        """The loss and its gradient after a step of a size along a direction; the parameters stay as they are."""
        kept = [parameter.clone() for parameter in self._params]

        def evaluated(size: Any) -> tuple[float, Tensor]:
            self._move(size, along)
            loss = float(closure())
            gradient = self._flat_gradient()
            for parameter, value in zip(self._params, kept, strict=True):
                parameter.copy_(value)
            return loss, gradient

        return evaluated


def _real(x: Tensor) -> Tensor:
    """A complex tensor as its parts, which count as so many numbers."""
    return view_as_real(x) if x.dtype.is_complex else x
