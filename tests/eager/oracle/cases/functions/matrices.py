"""What stands in torch itself of linear algebra."""

from __future__ import annotations

CASES = """
torch.inverse(leaf(2, 2))
leaf(2, 2).inverse()
torch.pinverse(leaf(3, 2))
leaf(3, 2).pinverse()
torch.logdet(leaf_of([[4.0, 1.0], [1.0, 3.0]]))
torch.logdet(tensor([[0.0, 1.0], [1.0, 0.0]], "float64"))
leaf_of([[4.0, 1.0], [1.0, 3.0]]).logdet()
torch.cholesky(leaf_of([[4.0, 1.0], [1.0, 3.0]]))
leaf_of([[4.0, 1.0], [1.0, 3.0]]).cholesky(upper=True)
torch.cholesky_inverse(doubles(2, 2).tril())
doubles(2, 2).tril().cholesky_inverse()
torch.cholesky_solve(leaf(2, 3), doubles(2, 2).tril())
leaf(2, 3).cholesky_solve(doubles(2, 2).triu(), upper=True)
torch.triangular_solve(leaf(2, 3), leaf(2, 2))
leaf(2, 3).triangular_solve(leaf(2, 2), upper=False)
torch.qr(leaf(3, 2))[1].abs()
leaf(3, 2).qr()[1].abs()
torch.svd(leaf(3, 2))[1]
leaf(3, 2).svd()[1]
torch.lu_unpack(*torch.linalg.lu_factor(doubles(3, 3)))
torch.geqrf(doubles(3, 2))[0].shape
doubles(3, 2).geqrf()[1].shape
torch.orgqr(leaf(3, 2), leaf(2))
leaf(3, 2).orgqr(leaf(2))
torch.ormqr(doubles(3, 2), doubles(2), doubles(3, 4))
doubles(3, 2).ormqr(doubles(2), doubles(3, 4), transpose=True)
torch.det(leaf(2, 2))
leaf(2, 2).det()
torch.slogdet(leaf(2, 2))
leaf(2, 2).slogdet()
torch.matrix_exp(leaf(2, 2))
leaf(2, 2).matrix_exp()
torch.matrix_power(leaf(2, 2), 2)
leaf(2, 2).matrix_power(2)
torch.lu_solve(doubles(3, 1), *torch.linalg.lu_factor(doubles(3, 3)))
doubles(3, 1).lu_solve(*torch.linalg.lu_factor(doubles(3, 3)))
torch.lu(doubles(2, 2))
doubles(2, 2).lu()
torch.ormqr(floats(), floats(), floats())
torch.ormqr(floats(3, 3), floats(2), floats(3, 3))
"""
