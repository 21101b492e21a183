"""`torch.special`."""

from typing import Any as _Any

from .calling.keyword_names import with_numpy_names as _with_numpy_names
from .calling.writing_out import with_out as _with_out
from .functions import elementary as _elementary
from .functions import pairs as _pairs
from .functions import pointwise as _pointwise
from .functions import reductions as _reductions
from .functions import special_functions as _special_functions
from .functions import without_gradients as _without_gradients

_NAMES: dict[_Any, dict[str, str]] = {  # by module: its name here, and there
    _elementary: {
        "entr": "entr", "exp2": "exp2", "logit": "logit", "multigammaln": "mvlgamma", "polygamma": "polygamma",
        "round": "round", "sinc": "sinc",
    },
    _pairs: {"xlog1py": "xlog1py", "xlogy": "xlogy"},
    _pointwise: {
        "digamma": "digamma", "erf": "erf", "erfc": "erfc", "erfinv": "erfinv", "expit": "sigmoid", "expm1": "expm1",
        "gammaln": "lgamma", "log1p": "log1p", "log_softmax": "log_softmax", "psi": "digamma", "softmax": "softmax",
    },
    _reductions: {"logsumexp": "logsumexp"},
    _special_functions: {
        "erfcx": "erfcx", "gammainc": "igamma", "gammaincc": "igammac", "i0": "i0", "i0e": "i0e", "i1": "i1",
        "i1e": "i1e", "log_ndtr": "log_ndtr", "ndtr": "ndtr", "ndtri": "ndtri", "zeta": "zeta",
    },
    _without_gradients: {
        name: name
        for name, value in vars(_without_gradients).items()
        if callable(value) and not name.startswith("_") and name != "Step"
        and getattr(value, "__module__", "") == _without_gradients.__name__
    },
}  # fmt: skip

globals().update(
    {
        name: _with_out(name, _with_numpy_names(name, getattr(module, theirs)))
        for module, names in _NAMES.items()
        for name, theirs in names.items()
    }
)
