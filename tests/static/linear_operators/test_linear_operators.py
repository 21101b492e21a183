"""Messages of linear operators."""

import diptych.static as tf
import numpy as np
import pytest

linalg = tf.linalg
A = np.array([[2.0, 0.5], [0.3, 1.5]])
WIDE = np.ones([2, 3])


def _full(**hints):
    return linalg.LinearOperatorFullMatrix(A, **hints)


def _definite():
    return linalg.LinearOperatorDiag([1.0, 2.0], is_positive_definite=True)


MESSAGES = [
    (
        lambda: _full(is_positive_definite=True, is_non_singular=False), ValueError,
        "A positive definite matrix is always non-singular.",
    ),
    (lambda: _full(is_non_singular=True, is_square=False), ValueError, "A non-singular matrix is always square."),
    (lambda: _full(is_self_adjoint=True, is_square=False), ValueError, "A self-adjoint matrix is always square."),
    (
        lambda: _full(is_square=False).is_square, ValueError,
        "User set is_square hint to False, but the operator was square.",
    ),
    (
        lambda: _full(is_non_singular=False).solve(A), NotImplementedError,
        "Exact solve not implemented for an operator that is expected to be singular.",
    ),
    (
        lambda: linalg.LinearOperatorFullMatrix(WIDE).solve(A), NotImplementedError,
        "Exact solve not implemented for an operator that is expected to not be square.",
    ),
    (
        lambda: _full().assert_positive_definite(), NotImplementedError,
        "assert_positive_definite is not implemented.",
    ),
    (
        lambda: linalg.LinearOperatorFullMatrix(WIDE).inverse(), ValueError,
        "Cannot take the Inverse: This operator represents a non square matrix.",
    ),
    (
        lambda: _full(is_non_singular=False).inverse(), ValueError,
        "Cannot take the Inverse: This operator represents a singular matrix.",
    ),
    (
        lambda: _full().cholesky(), ValueError,
        "Cannot take the Cholesky decomposition: Not a positive definite self adjoint matrix.",
    ),
    (
        lambda: linalg.LinearOperatorIdentity(2, is_self_adjoint=False), ValueError,
        "An identity operator is always self adjoint.",
    ),
    (lambda: linalg.LinearOperatorIdentity(2, is_square=False), ValueError, "An identity operator is always square."),
    (
        lambda: linalg.LinearOperatorScaledIdentity(2, 1.0, is_self_adjoint=False), ValueError,
        "A real diagonal operator is always self adjoint.",
    ),
    (
        lambda: linalg.LinearOperatorScaledIdentity(2, 1.0, is_square=False), ValueError,
        "A ScaledIdentity operator is always square.",
    ),
    (
        lambda: linalg.LinearOperatorDiag([1.0], is_square=False), ValueError,
        "Only square diagonal operators currently supported.",
    ),
    (
        lambda: linalg.LinearOperatorLowerTriangular(A, is_square=False), ValueError,
        "Only square lower triangular operators supported at this time.",
    ),
    (
        lambda: linalg.LinearOperatorAdjoint(_definite(), is_self_adjoint=False), ValueError,
        "An operator is self-adjoint if and only if its adjoint is self-adjoint.",
    ),
    (
        lambda: linalg.LinearOperatorInversion(_definite(), is_positive_definite=False), ValueError,
        "An operator is positive-definite if and only if its inverse is positive-definite.",
    ),
    (
        lambda: linalg.LinearOperatorInversion(_full(), is_non_singular=False), ValueError,
        "operator and supplied hints must have `is_non_singular` equal to `True` or `None`.  Found None, False",
    ),
    (
        lambda: linalg.LinearOperatorLowRankUpdate(_definite(), [[1.0], [2.0]], is_diag_update_positive=False),
        ValueError, "Default diagonal is the identity, which is positive.  However, user set 'is_diag_update_positive' "
        "to False.",
    ),
    (
        lambda: linalg.LinearOperatorLowRankUpdate(_definite(), [[1.0], [2.0]], [1.0], is_self_adjoint=False),
        ValueError, "A = L + UDU^H, with L self-adjoint and D real diagonal.  Since UDU^H is self-adjoint, this must "
        "be a self-adjoint operator.",
    ),
    (
        lambda: linalg.LinearOperatorLowRankUpdate(_definite(), [[1.0], [2.0]], is_positive_definite=False),
        ValueError, "Arguments imply this is self-adjoint positive-definite operator.",
    ),
    (
        lambda: linalg.LinearOperatorLowRankUpdate(_full(is_non_singular=False), A).solve(A), ValueError,
        "Solve not implemented unless this is a perturbation of a non-singular LinearOperator.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("make", "kind", "message"), MESSAGES, ids=[message[:40] for *_, message in MESSAGES])
def test_a_message(make, kind, message):
    with pytest.raises(kind) as error:
        make()
    assert str(error.value) == message


CHECKS = [
    (lambda x: linalg.LinearOperatorFullMatrix([[x, x], [x, x]]).assert_non_singular(),
     "Singular matrix up to precision epsilon."),
    (lambda x: linalg.LinearOperatorFullMatrix([[1.0, x], [0.0, 1.0]]).assert_self_adjoint(),
     "Matrix was not equal to its adjoint."),
    (lambda x: linalg.LinearOperatorDiag([x, 1.0]).assert_positive_definite(),
     "Real diagonal operator had non-positive diagonal entries, thus was not positive definite."),
    (lambda x: linalg.LinearOperatorDiag([x + 1.0]).assert_non_singular(),
     "Singular operator:  Diagonal contained zero values."),
    (lambda x: linalg.LinearOperatorDiag(tf.complex([1.0], [x])).assert_self_adjoint(),
     "This diagonal operator contained non-zero imaginary values.   Thus it was not self-adjoint."),
    (lambda x: linalg.LinearOperatorScaledIdentity(2, x).assert_positive_definite(),
     "LinearOperator was not positive definite."),
    (lambda x: linalg.LinearOperatorScaledIdentity(2, x + 1.0).assert_non_singular(), "LinearOperator was singular"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "message"), CHECKS, ids=[message[:40] for _, message in CHECKS])
def test_a_run_checks(make, message):
    x = tf.placeholder(tf.float32, [])
    check = make(x)
    with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError) as error:
        session.run(check, {x: -1.0})
    assert message in error.value.message
