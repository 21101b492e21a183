"""Values that no gradient passes through."""

import numpy as np
import pytest
from diptych.backends.reference.interpreter import evaluate
from diptych.ir import Builder, TensorType, dtypes
from diptych.passes.autodiff import backpropagate


def _gradients(stopped):
    """The gradients of a + b + b * a, with b = 2 a, with respect to a and b."""
    b = Builder(share=False)
    x = b.parameter(TensorType(dtypes.f64))
    doubled = b.add(x, x)
    total = b.add(b.add(x, doubled), b.mul(doubled, x))
    one = b.add(b.sub(x, x), b.exp(b.sub(x, x)))
    stop = [doubled] if stopped else []
    found = backpropagate(b, b.equations, {total: one}, [x, doubled], stop)
    return [float(value) for value in evaluate(b.finish(found), [np.float64(3)])]


@pytest.mark.parametrize(("stopped", "wanted"), [(False, [1 + 2 + 4 * 3, 1 + 3]), (True, [1 + 6, 1 + 3])])
def test_a_stopped_value_gets_a_gradient_and_passes_none_on(stopped, wanted):
    assert _gradients(stopped) == wanted
