"""Steps of jax programs: jitted as a whole, with their state donated."""

from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.step import Step


class JaxSteps:
    def __init__(self) -> None:
        import jax

        self.jax = jax

    def train(self, loss: Callable[..., Any], parameters: Any, optimizer: Any, *inputs: Any) -> Step:
        """Steps of `loss(parameters, *inputs)`; an optimizer is `(update(parameters, gradients, state), state)`."""
        jax = self.jax
        update, state = optimizer

        def whole(parameters: Any, state: Any, *inputs: Any) -> Any:
            value, gradients = jax.value_and_grad(loss)(parameters, *inputs)
            return *update(parameters, gradients, state), value

        jitted = jax.jit(whole, donate_argnums=(0, 1))
        kept = [jax.tree.map(jax.numpy.array, parameters), jax.tree.map(jax.numpy.array, state)]
        arrays = [jax.numpy.asarray(array) for array in inputs]

        def run() -> Any:
            kept[0], kept[1], value = jitted(kept[0], kept[1], *arrays)
            return value

        return Step(run, lambda: jax.block_until_ready(kept))

    def infer(self, function: Callable[..., Any], *inputs: Any, value: Callable[[Any], float] = float) -> Step:
        jax = self.jax
        jitted = jax.jit(function)
        arrays = jax.tree.map(jax.numpy.asarray, inputs)
        last: list[Any] = [None]

        def run() -> Any:
            last[0] = jitted(*arrays)
            return last[0]

        return Step(run, lambda: jax.block_until_ready(last), value)

    def sgd(self, rate: float) -> tuple[Any, Any]:
        map_ = self.jax.tree.map
        return (
            lambda parameters, gradients, state: (map_(lambda p, g: p - rate * g, parameters, gradients), state)
        ), ()

    def momentum(self, parameters: Mapping[str, Any], rate: float, momentum: float) -> tuple[Any, Any]:
        map_ = self.jax.tree.map

        def update(parameters: Any, gradients: Any, state: Any) -> Any:
            state = map_(lambda m, g: momentum * m + g, state, gradients)
            return map_(lambda p, m: p - rate * m, parameters, state), state

        return update, map_(self.jax.numpy.zeros_like, dict(parameters))

    def adagrad(self, parameters: Mapping[str, Any], rate: float, initial: float) -> tuple[Any, Any]:
        jnp, map_ = self.jax.numpy, self.jax.tree.map

        def update(parameters: Any, gradients: Any, state: Any) -> Any:
            state = map_(lambda s, g: s + g * g, state, gradients)
            return map_(lambda p, g, s: p - rate * g / jnp.sqrt(s), parameters, gradients, state), state

        return update, map_(lambda p: jnp.full_like(p, initial), dict(parameters))

    def adam(self, given: Mapping[str, Any], decay: float = 0.0) -> tuple[Any, Any]:
        """Adam as PyTorch has it; `decay` shrinks what has two axes and more."""
        jnp, map_ = self.jax.numpy, self.jax.tree.map
        first, second, rate, epsilon = given["beta1"], given["beta2"], given["rate"], given["epsilon"]

        def update(parameters: Any, gradients: Any, state: Any) -> Any:
            m, v, count = state
            count = count + 1
            m = map_(lambda m, g: first * m + (1 - first) * g, m, gradients)
            v = map_(lambda v, g: second * v + (1 - second) * g * g, v, gradients)
            first_part, second_part = 1 - first**count, 1 - second**count

            def moved(p: Any, m: Any, v: Any) -> Any:
                kept = p * (1 - rate * decay) if decay and p.ndim > 1 else p
                return kept - rate * (m / first_part) / (jnp.sqrt(v / second_part) + epsilon)

            return map_(moved, parameters, m, v), (m, v, count)

        zeros = {name: jnp.zeros(value.shape, value.dtype) for name, value in given["parameters"].items()}
        return update, (zeros, {name: jnp.zeros_like(zero) for name, zero in zeros.items()}, jnp.float32(0))

    def cross_entropy(self, logits: Any, labels: Any) -> Any:
        jax = self.jax
        return -jax.numpy.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], 1).mean()
