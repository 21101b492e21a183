"""Parameters as one vector, and back."""

from __future__ import annotations

CASES = """
nn.utils.vector_to_parameters([1.0], [floats(1)])
nn.utils.parameters_to_vector([leaf(2, 3), leaf(2)])
"""


def there_and_back(torch, nn, floats):
    layer = nn.Linear(2, 1)
    nn.utils.vector_to_parameters(floats(3), layer.parameters())
    return [layer.weight, layer.bias, nn.utils.parameters_to_vector(layer.parameters())]
