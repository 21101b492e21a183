"""Functions of analysis that have gradients."""

from __future__ import annotations

CASES = """
torch.i0(leaf_of([0.0, 1.0, -3.0, 10.0]))
leaf(3).i0()
floats(3).i0_()
torch.special.i0(leaf(3))
torch.special.i0e(leaf_of([0.0, 1.0, -3.0, 10.0, 1000.0]))
torch.special.i1(leaf_of([0.0, 1.0, -3.0, 10.0]))
torch.special.i1e(leaf_of([0.0, 1.0, -3.0, 10.0, 1000.0]))
torch.special.erfcx(leaf_of([0.0, 1.0, -3.0, 10.0]))
torch.special.ndtr(leaf(3))
torch.special.log_ndtr(leaf_of([0.0, 1.0, -3.0, -30.0]))
torch.special.ndtri(leaf(3, low=0.1, high=0.9))
torch.special.ndtri(leaf_of([1e-20, 1e-7, 0.01999, 0.0201, 0.5, 0.999, 0.9999999]))
torch.special.ndtri(torch.tensor([0.0, 1.0, -0.5, 1.5, float("nan")]))
torch.special.zeta(leaf_of([2.0, 3.0]).detach(), leaf(2, low=0.5))
torch.igamma(doubles(3, low=0.5), leaf(3, low=0.5))
doubles(3, low=0.5).igamma(doubles(3, low=0.5))
floats(3, low=0.5).igamma_(floats(3, low=0.5))
torch.igammac(doubles(3, low=0.5), leaf(3, low=0.5))
doubles(3, low=0.5).igammac(doubles(3, low=0.5))
floats(3, low=0.5).igammac_(floats(3, low=0.5))
torch.special.gammainc(doubles(3, low=0.5), leaf(3, low=0.5))
torch.special.gammaincc(doubles(3, low=0.5), leaf(3, low=0.5))
torch.special.entr(leaf(3, low=0.1))
torch.special.entr(tensor([0.0, -1.0], "float32"))
torch.special.xlog1py(leaf(3), leaf(3, low=0.1))
torch.special.expit(leaf(2))
torch.special.gammaln(leaf(2, low=0.5))
torch.special.psi(leaf(2, low=0.5))
torch.special.multigammaln(leaf(2, low=2, high=4), 2)
torch.special.polygamma(1, leaf(2, low=0.5))
torch.special.logit(leaf(2, low=0.2, high=0.8))
torch.special.exp2(leaf(2))
torch.special.sinc(leaf(2))
torch.special.round(leaf(2))
torch.special.xlogy(leaf(2), leaf(2, low=0.5))
torch.special.digamma(leaf(2, low=0.5))
torch.special.erf(leaf(2))
torch.special.erfc(leaf(2))
torch.special.erfinv(leaf(2, low=-0.5, high=0.5))
torch.special.expm1(leaf(2))
torch.special.log1p(leaf(2, low=0.5))
torch.special.softmax(leaf(2), 0)
torch.special.log_softmax(leaf(2), 0)
torch.special.logsumexp(leaf(2), 0)

# -- special values ----
torch.i0(leaf_of([0.0, 1.0, -30.0, -1000.0, inf]))
torch.special.i1(leaf_of([0.0, 1e-20, 1.0, -30.0, nan]))
torch.special.i0e(leaf_of([0.0, 1.0, -30.0, inf, -inf, nan]))
torch.special.i1e(leaf_of([0.0, 1e-20, 1.0, -30.0, inf, nan]))
torch.special.erfcx(leaf_of([nan, 0.0, -1.0]))
"""


def second_derivatives_of_bessel_functions(torch, leaf_of):
    x = leaf_of([0.5, -3.0, 12.0])
    found = []
    for function in (torch.i0, torch.special.i1, torch.special.i0e, torch.special.i1e):
        (first,) = torch.autograd.grad(function(x).sum(), x, create_graph=True)
        found.extend(torch.autograd.grad(first.sum(), x))
    return found
