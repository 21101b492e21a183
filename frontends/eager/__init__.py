"""The eager front end: `import diptych.eager as torch`.

Calls on tensors are recorded, and run together as one compiled program when a value is read.
"""

import importlib as _importlib
from math import e as e
from math import inf as inf
from math import nan as nan
from math import pi as pi
from typing import Any as _Any

from diptych.names import missing_name as _missing_name

from . import (
    __config__,
    accelerator,
    amp,
    autograd,
    backends,
    compiler,
    cpu,
    cuda,
    func,
    hub,
    jit,
    meshes,
    mps,
    multiprocessing,
    nn,
    onnx,
    ops,
    optim,
    profiler,
    serialization,
    sparse,
    torch_version,
    version,
    xpu,
)
from . import dtypes as _dtype_module
from . import fft as _fft
from . import linalg as _linalg
from . import masked as _masked
from . import signal as _signal
from . import special as _special
from .amp.autocast_mode import (
    autocast,
    clear_autocast_cache,
    get_autocast_cpu_dtype,
    get_autocast_dtype,
    get_autocast_gpu_dtype,
    is_autocast_cache_enabled,
    is_autocast_cpu_enabled,
    is_autocast_enabled,
    set_autocast_cache_enabled,
    set_autocast_dtype,
    set_autocast_enabled,
)
from .autograd.anomaly import is_anomaly_check_nan_enabled, is_anomaly_enabled, set_anomaly_enabled
from .calling.functions_in_place import IN_PLACE
from .calling.keyword_names import with_numpy_names as _with_numpy_names
from .calling.older_forms import FORMS as _OLDER_FORMS
from .calling.older_forms import accepting as _accepting
from .calling.public_functions import public_functions as _public_functions
from .calling.writing_out import with_out as _with_out
from .compiler import compile
from .cuda import OutOfMemoryError
from .device import device, get_default_device, set_default_device
from .dtypes import dtype, get_default_dtype, set_default_dtype
from .foreach import functions as _foreach_functions
from .func.vmap import vmap
from .functions import added_products as _added_products
from .functions import aliases as _aliases
from .functions import arithmetic as _arithmetic
from .functions import assembling as _assembling
from .functions import complexes as _complexes
from .functions import convolution as _convolution
from .functions import drawing as _drawing
from .functions import einsum as _einsum
from .functions import elementary as _elementary
from .functions import extremes as _extremes
from .functions import gathering as _gathering
from .functions import indexing as _indexing
from .functions import joining as _joining
from .functions import logic as _logic
from .functions import matrices as _matrices
from .functions import new_tensors as _new_tensors
from .functions import old_windows as _old_windows
from .functions import ordering as _ordering
from .functions import padding as _padding
from .functions import pairs as _pairs
from .functions import parting as _parting
from .functions import pointwise as _pointwise
from .functions import products as _products
from .functions import rearranging as _rearranging
from .functions import reductions as _reductions
from .functions import running as _running
from .functions import scattering as _scattering
from .functions import searching as _searching
from .functions import shapes as _shapes
from .functions import sorting as _sorting
from .functions import special_functions as _special_functions
from .functions import statistics as _statistics
from .functions import strided as _strided
from .functions import transforms as _transforms
from .functions import triangles as _triangles
from .functions.activations import celu, celu_, relu_, selu, selu_
from .functions.adaptive_pooling import adaptive_avg_pool1d, adaptive_max_pool1d
from .functions.average_pooling import avg_pool1d
from .functions.batch_norm import batch_norm, instance_norm
from .functions.bilinear import bilinear
from .functions.distances import cosine_similarity, pairwise_distance, pdist
from .functions.grids import affine_grid_generator, grid_sampler, grid_sampler_2d, grid_sampler_3d
from .functions.layer_norm import group_norm, layer_norm, rms_norm
from .functions.low_rank import pca_lowrank, svd_lowrank
from .functions.max_pooling import max_pool1d, max_pool1d_with_indices, max_pool2d, max_pool3d
from .functions.native_forms import (
    alpha_dropout,
    detach,
    dropout,
    embedding,
    feature_alpha_dropout,
    feature_dropout,
    get_device,
    is_distributed,
    is_same_size,
)
from .functions.native_norms import native_batch_norm, native_group_norm, native_layer_norm
from .functions.piecewise import hardshrink, prelu, rrelu, rrelu_, threshold, threshold_
from .functions.segmenting import segment_reduce
from .functions.shuffling import channel_shuffle, native_channel_shuffle, pixel_shuffle, pixel_unshuffle
from .nn.parameter import Parameter as _Parameter
from .random import (
    Generator,
    default_generator,
    get_rng_state,
    initial_seed,
    manual_seed,
    rand,
    rand_like,
    randint,
    randn,
    randn_like,
    randperm,
    seed,
    set_rng_state,
)  # fmt: skip
from .serialization import load, save
from .settings import (
    are_deterministic_algorithms_enabled,
    get_deterministic_debug_mode,
    get_float32_matmul_precision,
    get_num_interop_threads,
    get_num_threads,
    is_deterministic_algorithms_warn_only_enabled,
    set_deterministic_debug_mode,
    set_float32_matmul_precision,
    set_flush_denormal,
    set_num_interop_threads,
    set_num_threads,
    use_deterministic_algorithms,
)
from .size import Size
from .sparse.making import sparse_coo_tensor
from .sparse.products import hspmm, smm, spmm
from .storage import TypedStorage, is_storage
from .tapes.callers import renamed as _renamed
from .tapes.mode import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)
from .tapes.syncs import reset_sync_report, sync_report
from .tensors import methods as _methods
from .tensors.creation import (
    arange,
    empty,
    empty_like,
    eye,
    full,
    full_like,
    linspace,
    ones,
    ones_like,
    zeros,
    zeros_like,
)  # fmt: skip
from .tensors.data import as_tensor, from_numpy, frombuffer, tensor
from .tensors.formatting import set_printoptions
from .tensors.legacy import TYPES as _LEGACY_TYPES
from .tensors.legacy import set_default_tensor_type
from .tensors.legacy_storage import TYPES as _LEGACY_STORAGES
from .tensors.memory_formats import (
    channels_last,
    channels_last_3d,
    contiguous_format,
    layout,
    memory_format,
    preserve_format,
    sparse_coo,
    strided,
)  # fmt: skip
from .tensors.tensor import Tensor
from .tensors.untyped_storage import UntypedStorage
from .torch_version import __version__
from .typing_rules import can_cast, finfo, iinfo, promote_types, result_type

_methods.install()

newaxis = None

_ALIASES = {
    "float": "float32", "double": "float64", "half": "float16", "long": "int64", "int": "int32", "short": "int16",
    "cfloat": "complex64", "cdouble": "complex128",
}  # fmt: skip


_OTHERS = {  # which PyTorch has elsewhere, or not
    "cast", "contiguous", "expand", "getitem", "setitem", "linear", "matrix_transposed", "max_result", "min_result",
    "lower_bound", "pad", "permute_method", "range_of", "reshape_method", "reversed_axes", "split_method", "unfold",
    "view",
    "along", "angle_of", "as_integer", "bernoulli_", "cauchy_", "check_index", "check_range", "check_smaller",
    "counted_from_start", "crossed", "entr", "erfcx", "extreme_size", "geometric_", "householder_product", "i0e", "i1",
    "i1e", "integers", "log_ndtr", "log_normal_", "magnitude", "narrowed", "ndtr", "ndtri", "new_empty",
    "new_empty_strided", "new_full", "new_like", "new_ones", "new_tensor", "new_zeros", "nonzero_now", "random_",
    "refuse_bools", "repeat", "rooted", "shared_by_equals", "sign_bit", "sum_to_size", "x_log_y", "xlog1py", "zeta",
}  # fmt: skip


def _namespace() -> dict[str, _Any]:
    makers = (arange, empty, eye, full, linspace, ones, rand, randint, randn, randperm, zeros)
    found: dict[str, _Any] = {function.__name__: function for function in makers}
    for module in (
        _arithmetic, _einsum, _extremes, _indexing, _joining, _logic, _ordering, _pointwise, _products, _reductions,
        _shapes, _added_products, _aliases, _complexes, _drawing, _elementary, _gathering, _new_tensors, _old_windows,
        _pairs, _rearranging, _running, _scattering, _searching, _sorting, _statistics, _strided, _transforms,
        _triangles, _matrices, _assembling, _parting, _special_functions,
    ):  # fmt: skip
        found.update(_public_functions(module))
    found.update(_public_functions(_convolution))
    found.update(_public_functions(_padding))
    for name in _OTHERS:
        found.pop(name, None)
    found = {name: _with_out(name, _with_numpy_names(name, value)) for name, value in found.items()}
    for name in _OLDER_FORMS:
        found[name] = _accepting(name, found[name], is_method=False)
    for each in _dtype_module.ALL:
        found[each.name] = each
    for alias, name in _ALIASES.items():
        found[alias] = found[name]
    return found


globals().update(_namespace())
globals().update(_LEGACY_TYPES)
globals().update(_LEGACY_STORAGES)
globals().update(ops.UNNAMED)
globals().update(_foreach_functions())
hardshrink = _with_out("hardshrink", hardshrink)
native_batch_norm = _with_out("native_batch_norm", native_batch_norm)
fft, linalg, masked, signal, special = _fft, _linalg, _masked, _signal, _special


def _in_place(name: str) -> _Any:
    """The function `torch.<name>`, which is the method."""
    method = getattr(Tensor, name)

    def function(input: Tensor, *arguments: _Any, **options: _Any) -> Tensor:
        return method(input, *arguments, **options)

    function.__doc__ = method.__doc__ or f"As `Tensor.{name}`."
    return _renamed(function, name)


globals().update({name: _in_place(name) for name in IN_PLACE})


def typename(obj: _Any, /) -> str:
    """The full name of an object's type, or of a class or function itself."""
    if isinstance(obj, Tensor):
        return obj.type()
    named = obj if hasattr(obj, "__qualname__") else type(obj)
    module = getattr(named, "__module__", None) or ""
    return named.__qualname__ if module in ("", "builtins") else f"{module}.{named.__qualname__}"


def is_tensor(obj: _Any) -> bool:
    """Whether obj is a tensor."""
    return isinstance(obj, Tensor)


def numel(input: Tensor) -> int:
    """The number of elements."""
    return input.numel()


_WHEN_ASKED = {
    "_dynamo",
    "distributed",
    "distributions",
    "futures",
    "testing",
    "utils",
}  # modules that few programs need


def __getattr__(name: str) -> _Any:
    if name in _WHEN_ASKED:
        return _importlib.import_module(f"{__name__}.{name}")
    if name.startswith("__"):
        raise AttributeError(f"module 'torch' has no attribute {name!r}")
    raise _missing_name("torch", name, globals())
