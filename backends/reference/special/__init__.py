"""Special functions that numpy lacks, from published approximations, each with a stated error bound."""

from .error_function import erf, erfc
from .gamma import digamma, lgamma
from .inverse_error_function import erfinv
from .logistic import logistic
