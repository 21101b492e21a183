"""Which functions take `out`: the names in torch, torch.linalg, torch.fft and torch.special."""

TAKES_OUT = frozenset((
    "_batch_norm_with_update", "_chunk_cat", "_native_batch_norm_legit", "abs", "absolute", "acos", "acosh", "add",
    "addbmm", "addcdiv", "addcmul", "addmm", "addmv", "addr", "airy_ai", "alias_copy", "all", "amax", "amin", "aminmax",
    "angle", "any", "arange", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "argmax",
    "argmin", "argsort", "as_strided_copy", "asin", "asinh", "atan", "atan2", "atanh", "avg_pool2d", "avg_pool3d",
    "baddbmm", "bernoulli", "bessel_j0", "bessel_j1", "bessel_y0", "bessel_y1", "bitwise_and", "bitwise_left_shift",
    "bitwise_not", "bitwise_or", "bitwise_right_shift", "bitwise_xor", "bmm", "bucketize", "cat", "ceil",
    "chain_matmul", "chebyshev_polynomial_t", "chebyshev_polynomial_u", "chebyshev_polynomial_v",
    "chebyshev_polynomial_w", "cholesky", "cholesky_ex", "cholesky_inverse", "cholesky_solve", "clamp", "clamp_max",
    "clamp_min", "clip", "column_stack", "complex", "concat", "concatenate", "cond", "conj_physical", "copysign", "cos",
    "cosh", "cov", "cross", "cummax", "cummin", "cumprod", "cumsum", "deg2rad", "det", "diag", "diagonal_copy", "diff",
    "digamma", "div", "divide", "dot", "dstack", "eig", "eigh", "eigvals", "eigvalsh", "empty", "entr", "eq", "erf",
    "erfc", "erfcx", "erfinv", "exp", "exp2", "expand_copy", "expit", "expm1", "eye", "fft", "fft2", "fftfreq", "fftn",
    "fix", "float_power", "floor", "floor_divide", "fmax", "fmin", "fmod", "frac", "frexp", "full", "gammainc",
    "gammaincc", "gammaln", "gather", "gcd", "ge", "gelu", "geqrf", "ger", "greater", "greater_equal", "gt",
    "hardshrink", "heaviside", "hermite_polynomial_h", "hermite_polynomial_he", "hfft", "hfft2", "hfftn", "histc",
    "histogram", "householder_product", "hstack", "hypot", "i0", "i0e", "i1", "i1e", "ifft", "ifft2", "ifftn", "igamma",
    "igammac", "ihfft", "ihfft2", "ihfftn", "index_add", "index_copy", "index_reduce", "index_select", "inner", "inv",
    "inv_ex", "inverse", "irfft", "irfft2", "irfftn", "isin", "isneginf", "isposinf", "kron", "kthvalue",
    "laguerre_polynomial_l", "lcm", "ldexp", "ldl_factor", "ldl_factor_ex", "ldl_solve", "le", "legendre_polynomial_p",
    "lerp", "less", "less_equal", "lgamma", "linear", "linspace", "log", "log10", "log1p", "log2", "log_ndtr",
    "log_softmax", "logaddexp", "logaddexp2", "logcumsumexp", "logdet", "logical_and", "logical_not", "logical_or",
    "logical_xor", "logit", "logsigmoid", "logspace", "logsumexp", "lstsq", "lt", "lu", "lu_factor", "lu_factor_ex",
    "lu_solve", "lu_unpack", "masked_select", "matmul", "matrix_norm", "matrix_power", "matrix_rank", "max", "maximum",
    "mean", "median", "min", "minimum", "mm", "mode", "modified_bessel_i0", "modified_bessel_i1", "modified_bessel_k0",
    "modified_bessel_k1", "msort", "mul", "multi_dot", "multigammaln", "multinomial", "multiply", "mv", "mvlgamma",
    "nan_to_num", "nanmean", "nanmedian", "nanquantile", "nansum", "narrow_copy", "native_batch_norm", "ndtr", "ndtri",
    "ne", "neg", "negative", "nextafter", "nonzero", "norm", "normal", "normalize", "not_equal", "ones", "ormqr",
    "outer", "permute_copy", "pinv", "polar", "polygamma", "pow", "prod", "psi", "qr", "quantile", "rad2deg", "rand",
    "randint", "randn", "randperm", "range", "reciprocal", "remainder", "renorm", "rfft", "rfft2", "rfftfreq", "rfftn",
    "round", "row_stack", "rsqrt", "scaled_modified_bessel_k0", "scaled_modified_bessel_k1", "scatter", "scatter_add",
    "scatter_reduce", "searchsorted", "select_copy", "sgn", "shifted_chebyshev_polynomial_t",
    "shifted_chebyshev_polynomial_u", "shifted_chebyshev_polynomial_v", "shifted_chebyshev_polynomial_w", "sigmoid",
    "sign", "signbit", "sin", "sinc", "sinh", "slice_copy", "slice_scatter", "slogdet", "softmax", "softplus",
    "softshrink", "solve", "solve_ex", "solve_triangular", "sort", "spherical_bessel_j0", "split_with_sizes_copy",
    "sqrt", "square", "squeeze_copy", "stack", "std", "sub", "subtract", "sum", "svd", "svdvals", "t_copy", "take",
    "take_along_dim", "tan", "tanh", "tensordot", "tensorinv", "tensorsolve", "topk", "transpose_copy", "trapezoid",
    "triangular_solve", "tril", "triu", "true_divide", "trunc", "unbind_copy", "unfold_copy", "unsqueeze_copy", "var",
    "vdot", "vecdot", "vector_norm", "view_copy", "vstack", "where", "xlog1py", "xlogy", "zeros", "zeta",
))  # fmt: skip

# Those that make new tensors, in the dtype of `out`.
MAKES = frozenset((
    "arange", "empty", "eye", "full", "linspace", "logspace", "ones", "rand", "randint", "randn", "randperm", "range",
    "zeros",
))  # fmt: skip

# Those whose `out` must have the dtype of the result.
SAME_DTYPE = frozenset(("amax", "amin", "aminmax", "complex", "gather", "multinomial", "polar"))

# Those that write into no memory of which a part is an operand's; functions and methods in place.
NO_PART_SHARED = frozenset((
    "abs", "absolute", "acos", "acosh", "add", "addcdiv", "addcmul", "addr", "airy_ai", "angle", "arccos",
    "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "asin", "asinh", "atan", "atan2", "atanh",
    "bernoulli", "bessel_j0", "bessel_j1", "bessel_y0", "bessel_y1", "bitwise_and", "bitwise_left_shift",
    "bitwise_not", "bitwise_or", "bitwise_right_shift", "bitwise_xor", "cat", "ceil", "chebyshev_polynomial_t",
    "chebyshev_polynomial_u", "chebyshev_polynomial_v", "chebyshev_polynomial_w", "clamp", "clamp_max", "clamp_min",
    "clip", "column_stack", "concat", "concatenate", "conj_physical", "copy", "copysign", "cos", "cosh", "cumprod",
    "cumsum", "deg2rad", "diff", "digamma", "div", "divide", "dstack", "entr", "eq", "erf", "erfc", "erfcx",
    "erfinv", "exp", "exp2", "expit", "expm1", "fix", "floor", "floor_divide", "fmax", "fmin", "fmod", "frac",
    "gammainc", "gammaincc", "gammaln", "gather", "gcd", "ge", "ger", "greater", "greater_equal", "gt",
    "hardshrink", "heaviside", "hermite_polynomial_h", "hermite_polynomial_he", "hstack", "hypot", "i0", "i0e",
    "i1", "i1e", "igamma", "igammac", "index_add", "index_copy", "index_select", "isneginf", "isposinf", "kron",
    "kthvalue", "laguerre_polynomial_l", "lcm", "ldexp", "le", "legendre_polynomial_p", "lerp", "less",
    "less_equal", "lgamma", "linear", "log", "log10", "log1p", "log2", "log_ndtr", "logaddexp", "logaddexp2",
    "logcumsumexp", "logical_and", "logical_not", "logical_or", "logical_xor", "logit", "lt", "masked_fill",
    "masked_select", "max", "maximum", "median", "min", "minimum", "mode", "modified_bessel_i0",
    "modified_bessel_i1", "modified_bessel_k0", "modified_bessel_k1", "msort", "mul", "multiply", "nan_to_num",
    "nanmedian", "ndtri", "ne", "neg", "negative", "nextafter", "nonzero", "normal", "not_equal", "outer",
    "polygamma", "pow", "psi", "put", "rad2deg", "reciprocal", "remainder", "round", "row_stack", "rsqrt",
    "scaled_modified_bessel_k0", "scaled_modified_bessel_k1", "scatter", "scatter_add", "sgn",
    "shifted_chebyshev_polynomial_t", "shifted_chebyshev_polynomial_u", "shifted_chebyshev_polynomial_v",
    "shifted_chebyshev_polynomial_w", "sigmoid", "sign", "signbit", "sin", "sinc", "sinh", "sort",
    "spherical_bessel_j0", "sqrt", "square", "stack", "sub", "subtract", "take", "take_along_dim", "tan", "tanh",
    "topk", "true_divide", "trunc", "vstack", "where", "xlog1py", "xlogy", "zeta",
))  # fmt: skip

# Those of them that write into no memory of an operand, not even into the operand itself.
NONE_SHARED = frozenset((
    "addr", "cat", "column_stack", "concat", "concatenate", "diff", "dstack", "gather", "ger", "hstack",
    "index_add", "index_copy", "index_select", "kron", "kthvalue", "linear", "masked_select", "median", "mode",
    "nanmedian", "nonzero", "outer", "row_stack", "scatter", "scatter_add", "stack", "take", "take_along_dim",
    "topk", "vstack",
))  # fmt: skip
