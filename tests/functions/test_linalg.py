"""Orthonormal columns."""

import numpy as np
import pytest
from diptych.functions.linalg import orthonormal

from tests.functions.evaluation import run


@pytest.mark.parametrize("shape", [(3, 3), (5, 2), (2, 4, 3)])
def test_the_columns_are_orthonormal_and_span_those_of_x(shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(0).normal(size=shape)
    q = run(orthonormal, x)
    turned = np.swapaxes(q, -1, -2)
    np.testing.assert_allclose(
        turned @ q, np.broadcast_to(np.eye(shape[-1]), (*shape[:-2], *[shape[-1]] * 2)), atol=1e-12
    )
    r = turned @ x
    np.testing.assert_allclose(q @ r, x, atol=1e-12)
    assert (np.diagonal(r, axis1=-2, axis2=-1) > 0).all()
