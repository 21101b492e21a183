"""Linear equations, inverses, determinants and powers."""

from __future__ import annotations

CASES = """
torch.linalg.inv(leaf(3, 3))
torch.linalg.inv(tensor([[1.0, 1.0], [1.0, 1.0]], "float64"))
torch.linalg.inv(ints(2, 2))
torch.linalg.inv_ex(leaf(2, 2))
torch.linalg.solve(leaf(3, 3), leaf(3, 2))
torch.linalg.solve(leaf(3, 3), leaf(3))
torch.linalg.solve(leaf(3, 3), leaf(2, 3), left=False)
torch.linalg.solve(floats(3, 3), floats(2, 3))
torch.linalg.solve(tensor([[1.0, 1.0], [1.0, 1.0]], "float64"), doubles(2))
torch.linalg.solve_ex(leaf(3, 3), leaf(3, 2)).result
torch.linalg.solve_triangular(leaf(3, 3), leaf(3, 2), upper=True)
torch.linalg.solve_triangular(leaf(3, 3), leaf(2, 3), upper=False, left=False, unitriangular=True)
torch.linalg.det(leaf(3, 3))
torch.linalg.slogdet(leaf(3, 3))
torch.linalg.matrix_exp(leaf(2, 2))
torch.linalg.matrix_power(leaf(2, 2), 3)
torch.linalg.matrix_power(leaf(2, 2), -1)
torch.linalg.matrix_power(leaf(2, 2), 0)
torch.linalg.multi_dot([leaf(2, 3), leaf(3, 4), leaf(4)])
torch.linalg.multi_dot([floats(2, 3)])
torch.linalg.tensorinv((leaf(4, 4) + 3 * torch.eye(4)).reshape(4, 2, 2), ind=1)
torch.linalg.tensorsolve((leaf(4, 4) + 3 * torch.eye(4)).reshape(2, 2, 4), leaf(2, 2))
torch.linalg.cond(leaf(2, 2))
torch.linalg.cond(doubles(2, 2), 1)
torch.linalg.lu_solve(*torch.linalg.lu_factor(doubles(3, 3)), doubles(3, 1))
torch.linalg.householder_product(leaf(3, 2), leaf(2))
torch.linalg.vander(leaf(3))
torch.linalg.vander(leaf(3), N=2)
torch.linalg.cross(leaf(2, 3), leaf(2, 3))
torch.linalg.cross(floats(2, 2), floats(2, 2))
torch.linalg.diagonal(leaf(2, 3, 3))
torch.linalg.vecdot(leaf(2, 3), leaf(3))
torch.linalg.matmul(leaf(2, 3), leaf(3))

# -- powers of other dtypes ----
torch.linalg.matrix_power(floats(2, 2, dtype="float16"), 3)
torch.linalg.matrix_power(floats(2, 2, dtype="bfloat16"), 2)
torch.linalg.matrix_power(floats(2, 2, dtype="float16"), -1)
torch.linalg.matrix_power(ints(2, 2, dtype="int8"), 3)
torch.linalg.matrix_power(ints(2, 2), -1)
torch.linalg.matrix_power(floats(2, 3, dtype="float16"), 2)
torch.linalg.matrix_power(floats(2), 2)
"""
