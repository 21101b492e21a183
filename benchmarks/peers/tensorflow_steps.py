"""Steps of TensorFlow 1 programs, on TensorFlow's compat.v1 or on diptych's static front end."""

from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.step import Step


class TensorFlowSteps:
    """`tf` is the module to use. Inputs are variables, so that a step feeds nothing."""

    def __init__(self, tf: Any) -> None:
        self.tf = tf
        tf.reset_default_graph()
        self.count = 0

    def variable(self, array: Any, *, trainable: bool = True) -> Any:
        self.count += 1
        return self.tf.get_variable(f"variable_{self.count}", initializer=array, trainable=trainable, use_resource=True)

    def variables(self, arrays: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self.variable(array) for name, array in arrays.items()}

    def input(self, array: Any) -> Any:
        return self.variable(array, trainable=False).read_value()

    def callable(self, fetches: Any) -> Callable[[], Any]:
        session = self.tf.Session()
        session.run(self.tf.global_variables_initializer())
        return session.make_callable(fetches)

    def train(self, loss: Any, update: Any) -> Step:
        """Steps that run `update` and fetch the loss of before."""
        return Step(self.callable([loss, update]), value=lambda handle: float(handle[0]))

    def infer(self, result: Any, value: Callable[[Any], float] = float) -> Step:
        return Step(self.callable(result), value=value)
