"""Complex numbers and their parts."""

from __future__ import annotations

CASES = """
torch.complex(leaf(2), leaf(2))
torch.complex(floats(2), doubles(2))
torch.complex(ints(2), ints(2))
torch.polar(leaf(2, low=0.1), leaf(2))
torch.real(complexes(2))
complexes(2).real
torch.real(leaf(2))
torch.imag(complexes(2))
torch.imag(floats(2))
complexes(2).imag
torch.view_as_real(complexes(2))
torch.view_as_real(floats(2))
torch.view_as_complex(leaf(3, 2))
torch.view_as_complex(floats(3, 3))
torch.conj(complexes(2))
leaf(2).conj()
torch.conj_physical(complexes(2))
complexes(2).conj_physical()
complexes(2).conj_physical_()
torch.resolve_conj(complexes(2))
complexes(2).resolve_conj()
torch.resolve_neg(floats(2))
floats(2).resolve_neg()
torch.is_conj(floats(2))
floats(2).is_conj()
torch.is_neg(floats(2))
floats(2).is_neg()
torch.is_inference(floats(2))
floats(2).is_inference()
torch.angle(complexes(3))
torch.angle(tensor([1.0, -1.0, nan, 0.0], "float32"))
complexes(2).angle()
torch.sgn(complexes(3))
torch.sgn(floats(3))
complexes(2).sgn()
floats(2).sgn_()
torch.isreal(complexes(2))
complexes(2).isreal()
torch.is_complex(complexes(1))
torch.is_floating_point(ints(1))
torch.is_nonzero(tensor([1.0], "float32"))
torch.is_nonzero(floats(2))
tensor([0], "int64").is_nonzero()
torch.is_signed(tensor([1], "uint8"))
floats(1).is_signed()
complexes(2, 3).H
complexes(2, 3).mH
"""
