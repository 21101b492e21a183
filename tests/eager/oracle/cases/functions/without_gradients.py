"""Bessel's and Airy's functions, orthogonal polynomials."""

from __future__ import annotations

CASES = """
torch.special.bessel_j0(tensor([-3.0, 0.0, 0.5, 3.0, 12.0, 70.0], "float64"))
torch.special.bessel_j1(tensor([-3.0, 0.0, 0.5, 3.0, 12.0, 70.0], "float64"))
torch.special.spherical_bessel_j0(tensor([-3.0, 0.0, 0.5, 3.0, 12.0, 70.0], "float64"))
torch.special.modified_bessel_i0(tensor([-3.0, 0.0, 0.5, 3.0, 12.0, 70.0], "float64"))
torch.special.modified_bessel_i1(tensor([-3.0, 0.0, 0.5, 3.0, 12.0, 70.0], "float64"))
torch.special.bessel_y0(tensor([0.5, 3.0, 12.0], "float64"))
torch.special.bessel_y1(tensor([0.5, 3.0, 12.0], "float64"))
torch.special.modified_bessel_k0(tensor([0.5, 3.0, 12.0], "float64"))
torch.special.modified_bessel_k1(tensor([0.5, 3.0, 12.0], "float64"))
torch.special.scaled_modified_bessel_k0(tensor([0.5, 3.0, 12.0], "float64"))
torch.special.scaled_modified_bessel_k1(tensor([0.5, 3.0, 12.0], "float64"))
torch.special.airy_ai(tensor([-9.0, -0.5, 0.0, 0.5, 5.0], "float64"))
torch.special.chebyshev_polynomial_t(doubles(3, low=0.1, high=0.9), tensor([0, 3, 5], "int64"))
torch.special.chebyshev_polynomial_u(doubles(3, low=0.1, high=0.9), tensor([0, 3, 5], "int64"))
torch.special.chebyshev_polynomial_v(doubles(3, low=0.1, high=0.9), tensor([0, 3, 5], "int64"))
torch.special.chebyshev_polynomial_w(doubles(3, low=0.1, high=0.9), tensor([0, 3, 5], "int64"))
torch.special.hermite_polynomial_h(doubles(3, low=0.1, high=0.9), tensor([0, 3, 5], "int64"))
torch.special.hermite_polynomial_he(doubles(3, low=0.1, high=0.9), tensor([0, 3, 5], "int64"))
torch.special.laguerre_polynomial_l(doubles(3, low=0.1, high=0.9), tensor([0, 3, 5], "int64"))
torch.special.legendre_polynomial_p(doubles(3, low=0.1, high=0.9), tensor([0, 3, 5], "int64"))
torch.special.shifted_chebyshev_polynomial_t(doubles(3, low=0.1, high=0.9), tensor([0, 3, 5], "int64"))
torch.special.shifted_chebyshev_polynomial_u(doubles(3, low=0.1, high=0.9), tensor([0, 3, 5], "int64"))
torch.special.shifted_chebyshev_polynomial_v(doubles(3, low=0.1, high=0.9), tensor([0, 3, 5], "int64"))
torch.special.shifted_chebyshev_polynomial_w(doubles(3, low=0.1, high=0.9), tensor([0, 3, 5], "int64"))
"""
