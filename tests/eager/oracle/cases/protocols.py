"""What Python, numpy and other libraries ask of tensors."""

from __future__ import annotations

CASES = """
np.exp(floats(3))
np.exp(floats())
np.exp(leaf(3))
np.add(floats(3), 1)
np.maximum(floats(3), np.zeros(3))
np.isnan(floats(3))
np.abs(ints(3))
np.matmul(floats(2, 3), floats(3, 2))
np.multiply(np.ones(3), floats(3))
np.float32(2) * leaf(3)
np.float64(2) / leaf(3)
"""


def names_of_classes(torch):
    x = torch.ones(1)
    return [str(type(each)) for each in (x, torch.nn.Parameter(x), torch.ones(1, requires_grad=True) * 2)]
