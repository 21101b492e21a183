"""tf.keras.optimizers: operations that change variables by the gradients of a loss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import float32, int64
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from ..operations.casting import cast
from ..operations.clipping import clip_by_norm
from ..operations.control import group
from ..operations.gradients import gradients
from ..operations.selection import clip_by_value
from ..training.optimizer import Optimizer as PlainOptimizer
from ..variables.variable import Variable
from . import backend


class Optimizer:
    """The base. Keywords: `clipnorm`, `clipvalue`, `decay`, and `lr` for the learning rate."""

    def __init__(self, name: str, learning_rate: float, **options: Any) -> None:
        unknown = options.keys() - {"clipnorm", "clipvalue", "lr", "decay"}
        if unknown:
            raise TypeError(f"Unexpected keyword argument passed to optimizer: {next(iter(unknown))}")
        self._name = name
        self._numbers: dict[str, Any] = {
            "learning_rate": options.get("lr", learning_rate), "decay": options.get("decay", 0.0)
        }  # fmt: skip
        self._variables: dict[str, Variable] = {}
        self.clipnorm = options.get("clipnorm")
        self.clipvalue = options.get("clipvalue")

    # -- numbers that a program may change ----

    def _number(self, name: str) -> Variable:
        if name not in self._variables:
            self._variables[name] = backend.variable(float(self._numbers[name]), name=f"{self._name}/{name}")
        return self._variables[name]

    @property
    def learning_rate(self) -> Variable:
        """The variable of the learning rate."""
        return self._number("learning_rate")

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        if "learning_rate" in self._variables:
            backend.set_value(self._variables["learning_rate"], value)
        self._numbers["learning_rate"] = value

    lr = learning_rate

    @property
    def iterations(self) -> Variable:
        """The variable that counts the steps."""
        if "iterations" not in self._variables:
            self._variables["iterations"] = backend.variable(0, dtype=int64, name=f"{self._name}/iterations")
        return self._variables["iterations"]

    def get_config(self) -> dict[str, Any]:
        """The name and the numbers."""
        return {"name": self._name, **self._numbers}

    # -- steps ----

    def get_gradients(self, loss: Tensor, params: Sequence[Variable]) -> list[Any]:
        """The gradients of a loss, clipped as the optimizer was told."""
        found = gradients(loss, list(params))
        for variable, each in zip(params, found, strict=True):
            if each is None:
                raise ValueError(
                    f"Variable {variable} has `None` for gradient. Please make sure that all of your ops have a "
                    "gradient defined (i.e. are differentiable). Common ops without gradient: K.argmax, K.round, "
                    "K.eval."
                )
        dense = [convert_to_tensor(each) for each in found]
        if self.clipnorm is not None:
            dense = [clip_by_norm(each, self.clipnorm) for each in dense]
        if self.clipvalue is not None:
            dense = [clip_by_value(each, -self.clipvalue, self.clipvalue) for each in dense]
        return dense

    def get_updates(self, loss: Tensor, params: Sequence[Variable]) -> list[Any]:
        """The operations of one step."""
        found = self.get_gradients(loss, params)
        return [self.apply_gradients(zip(found, params, strict=True))]

    def minimize(self, loss: Any, var_list: Any, grad_loss: Any = None, name: str | None = None) -> Any:
        """The operation of one step."""
        params = var_list() if callable(var_list) else list(var_list)
        return self.get_updates(loss() if callable(loss) else loss, params)[0]

    def apply_gradients(self, grads_and_vars: Any, name: str | None = None) -> Any:
        """The operation that changes variables by gradients, and counts the step."""
        pairs = list(grads_and_vars)
        step = cast(self.iterations, float32)
        rate = convert_to_tensor(self.learning_rate)
        if self._numbers["decay"]:
            rate = rate / (1.0 + self._numbers["decay"] * step)
        with name_scope(name or self._name):
            made = [self._changed(variable, gradient, rate, step) for gradient, variable in pairs]
        backend_graph = made[0].graph if made else None
        if backend_graph is None:
            return group()
        with backend_graph.control_dependencies(made):
            return self.iterations.assign_add(1).op

    def _changed(self, variable: Variable, gradient: Tensor, rate: Tensor, step: Tensor) -> Any:
        new, updates = self.step(variable, gradient, rate, step)
        if variable.constraint is not None:
            new = variable.constraint(new)
        return group(variable.assign(new), *updates)

    def step(self, variable: Variable, gradient: Tensor, rate: Tensor, step: Tensor) -> tuple[Tensor, list[Any]]:
        """(the new value, operations that change what the optimizer keeps)."""
        raise NotImplementedError

    def _slot(self, variable: Variable, name: str, value: float = 0.0) -> Variable:
        """What the optimizer keeps for a variable, of its shape."""
        key = f"{variable.op.name}/{name}"
        if key not in self._variables:
            sizes = variable.shape.as_list()
            with variable.graph.name_scope(None):
                self._variables[key] = Variable(
                    lambda: _filled(sizes, value, variable.dtype.base_dtype), trainable=False,
                    name=f"training/{self._name}/{key}",
                )  # fmt: skip
            backend.track(self._variables[key])
        return self._variables[key]

    def variables(self) -> list[Variable]:
        """All that the optimizer keeps."""
        return list(self._variables.values())


def _filled(sizes: Any, value: float, dtype: Any) -> Tensor:
    return convert_to_tensor(value, dtype=dtype) if not sizes else apply("Fill", [sizes, value])


def _declare(kind: Any, *names: str) -> Any:
    export(*(f"keras.optimizers.{name}" for name in names))(kind)
    _BY_NAME.update({name.lower(): kind for name in names})
    return kind


_BY_NAME: dict[str, Any] = {}
export("keras.optimizers.Optimizer")(Optimizer)


class SGD(Optimizer):
    """w - rate * gradient, with momentum, and Nesterov's if told (Sutskever and others, 2013)."""

    def __init__(
        self, learning_rate: float = 0.01, momentum: float = 0.0, nesterov: bool = False, name: str = "SGD",
        **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(name, learning_rate, **options)
        self.momentum = momentum
        self.nesterov = nesterov

    def step(self, variable: Any, gradient: Tensor, rate: Tensor, step: Tensor) -> tuple[Tensor, list[Any]]:
        if not self.momentum:
            return variable - rate * gradient, []
        slot = self._slot(variable, "momentum")
        speed = self.momentum * slot - rate * gradient
        new = variable + (self.momentum * speed - rate * gradient if self.nesterov else speed)
        return new, [slot.assign(speed)]


class Adam(Optimizer):
    """Moments of the gradients, corrected for their start (Kingma and Ba, 2015)."""

    def __init__(
        self, learning_rate: float = 0.001, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7,
        amsgrad: bool = False, name: str = "Adam", **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(name, learning_rate, **options)
        self.beta_1, self.beta_2 = beta_1, beta_2
        self.epsilon = epsilon
        self.amsgrad = amsgrad

    def _moments(self, variable: Any, gradient: Tensor) -> tuple[Tensor, Tensor, list[Any]]:
        first, second = self._slot(variable, "m"), self._slot(variable, "v")
        m = self.beta_1 * first + (1.0 - self.beta_1) * gradient
        v = self.beta_2 * second + (1.0 - self.beta_2) * gradient * gradient
        return m, v, [first.assign(m), second.assign(v)]

    def step(self, variable: Any, gradient: Tensor, rate: Tensor, step: Tensor) -> tuple[Tensor, list[Any]]:
        m, v, updates = self._moments(variable, gradient)
        count = step + 1.0
        rate = rate * apply("Sqrt", [1.0 - self.beta_2**count]) / (1.0 - self.beta_1**count)
        if self.amsgrad:
            slot = self._slot(variable, "vhat")
            v = apply("Maximum", [slot, v])
            updates.append(slot.assign(v))
        return variable - rate * m / (apply("Sqrt", [v]) + self.epsilon), updates


class Adamax(Adam):
    """As Adam, with the largest gradient so far in place of the second moment."""

    def __init__(
        self, learning_rate: float = 0.001, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7,
        name: str = "Adamax", **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(learning_rate, beta_1, beta_2, epsilon, False, name, **options)

    def step(self, variable: Any, gradient: Tensor, rate: Tensor, step: Tensor) -> tuple[Tensor, list[Any]]:
        first, largest = self._slot(variable, "m"), self._slot(variable, "v")
        m = self.beta_1 * first + (1.0 - self.beta_1) * gradient
        v = apply("Maximum", [self.beta_2 * largest, apply("Abs", [gradient])])
        new = variable - rate / (1.0 - self.beta_1 ** (step + 1.0)) * m / (v + self.epsilon)
        return new, [first.assign(m), largest.assign(v)]


class RMSprop(Optimizer):
    """Gradients over the root of the mean of their squares (Hinton, 2012)."""

    def __init__(
        self, learning_rate: float = 0.001, rho: float = 0.9, momentum: float = 0.0, epsilon: float = 1e-7,
        centered: bool = False, name: str = "RMSprop", **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(name, learning_rate, **options)
        self.rho = rho
        self.momentum = momentum
        self.epsilon = epsilon
        self.centered = centered

    def step(self, variable: Any, gradient: Tensor, rate: Tensor, step: Tensor) -> tuple[Tensor, list[Any]]:
        slot = self._slot(variable, "rms")
        squares = self.rho * slot + (1.0 - self.rho) * gradient * gradient
        updates, spread = [slot.assign(squares)], squares
        if self.centered:
            mean = self._slot(variable, "mg")
            new_mean = self.rho * mean + (1.0 - self.rho) * gradient
            updates.append(mean.assign(new_mean))
            spread = squares - new_mean * new_mean
        if not self.momentum:
            return variable - rate * gradient / (apply("Sqrt", [spread]) + self.epsilon), updates
        speed = self._slot(variable, "momentum")
        new = self.momentum * speed + rate * gradient * apply("Rsqrt", [spread + self.epsilon])
        return variable - new, [*updates, speed.assign(new)]


class Adagrad(Optimizer):
    """Gradients over the root of the sum of their squares (Duchi and others, 2011)."""

    def __init__(
        self, learning_rate: float = 0.001, initial_accumulator_value: float = 0.1, epsilon: float = 1e-7,
        name: str = "Adagrad", **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(name, learning_rate, **options)
        self.initial_accumulator_value = initial_accumulator_value
        self.epsilon = epsilon

    def step(self, variable: Any, gradient: Tensor, rate: Tensor, step: Tensor) -> tuple[Tensor, list[Any]]:
        slot = self._slot(variable, "accumulator", self.initial_accumulator_value)
        total = slot + gradient * gradient
        return variable - rate * gradient / (apply("Sqrt", [total]) + self.epsilon), [slot.assign(total)]


class Adadelta(Optimizer):
    """As RMSprop, with a rate that the steps themselves make (Zeiler, 2012)."""

    def __init__(
        self, learning_rate: float = 0.001, rho: float = 0.95, epsilon: float = 1e-7, name: str = "Adadelta",
        **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(name, learning_rate, **options)
        self.rho = rho
        self.epsilon = epsilon

    def step(self, variable: Any, gradient: Tensor, rate: Tensor, step: Tensor) -> tuple[Tensor, list[Any]]:
        squares, steps = self._slot(variable, "accum_grad"), self._slot(variable, "accum_var")
        new_squares = self.rho * squares + (1.0 - self.rho) * gradient * gradient
        change = apply("Sqrt", [steps + self.epsilon]) * apply("Rsqrt", [new_squares + self.epsilon]) * gradient
        new_steps = self.rho * steps + (1.0 - self.rho) * change * change
        return variable - rate * change, [squares.assign(new_squares), steps.assign(new_steps)]


for _kind in (SGD, Adam, Adamax, RMSprop, Adagrad, Adadelta):
    _declare(_kind, _kind.__name__)


class _Plain:
    """One of tf.train's optimizers, for keras."""

    def __init__(self, optimizer: PlainOptimizer) -> None:
        self.optimizer = optimizer

    def get_updates(self, loss: Tensor, params: Sequence[Variable]) -> list[Any]:
        """The operation of one step."""
        made = self.optimizer.minimize(loss, var_list=list(params))
        for variable in self.optimizer.variables():
            backend.track(variable)
        return [made]


@export("keras.optimizers.get")
def get(identifier: Any) -> Any:
    """The optimizer of a name, or what it is itself; those of tf.train as well. Raises ValueError."""
    if isinstance(identifier, Optimizer | _Plain):
        return identifier
    if isinstance(identifier, PlainOptimizer):
        return _Plain(identifier)
    found = _BY_NAME.get(identifier.lower()) if isinstance(identifier, str) else None
    if found is None:
        raise ValueError(f"Could not interpret optimizer identifier: {identifier}")
    return found()
