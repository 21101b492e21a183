"""What decompositions solve, against numpy and scipy."""

import numpy as np
import pytest
import scipy.linalg
from diptych.functions import linear_algebra as f

from tests.functions.evaluation import run

RANDOM = np.random.RandomState(0)
STACK = RANDOM.randn(3, 4, 4)
COMPLEX = STACK[:2] + 1j * RANDOM.randn(2, 4, 4)


@pytest.mark.parametrize("a", [STACK, COMPLEX, STACK[0]])
def test_solving(a):
    rhs = RANDOM.randn(*a.shape[:-1], 2).astype(a.dtype)
    np.testing.assert_allclose(run(f.solve, a, rhs), np.linalg.solve(a, rhs), rtol=1e-9)
    np.testing.assert_allclose(run(f.inverse, a), np.linalg.inv(a), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(run(f.determinant, a), np.linalg.det(a), rtol=1e-9)


def test_a_determinant_has_the_sign_of_its_swaps():
    for order in ([0, 1, 2], [1, 0, 2], [1, 2, 0]):
        matrix = np.eye(3)[order]
        assert run(f.determinant, matrix) == np.linalg.det(matrix)


@pytest.mark.parametrize("size", [1e-3, 0.5, 3.0, 40.0])
@pytest.mark.parametrize(("dtype", "precision"), [(np.float64, 1e-11), (np.float32, 2e-4)])
def test_exponential(size, dtype, precision):
    a = (STACK * size / np.abs(STACK).sum(1).max()).astype(dtype)
    wanted = np.stack([scipy.linalg.expm(each.astype(np.float64)) for each in a])
    np.testing.assert_allclose(run(f.exponential, a), wanted, rtol=precision, atol=precision * np.abs(wanted).max())


def test_exponential_of_nothing_and_of_a_rotation():
    assert np.array_equal(run(f.exponential, np.zeros((2, 3, 3))), np.broadcast_to(np.eye(3), (2, 3, 3)))
    turn = np.array([[0, -np.pi], [np.pi, 0]])
    np.testing.assert_allclose(run(f.exponential, turn + 0j), -np.eye(2), atol=1e-12)


def test_pseudo_inverse():
    a = RANDOM.randn(2, 5, 3)
    a[1, :, 2] = a[1, :, 0]  # of rank 2
    np.testing.assert_allclose(run(f.pseudo_inverse, a, np.full(2, 1e-10)), np.linalg.pinv(a, 1e-10), atol=1e-9)
