"""Where a type of operation is written otherwise than its definition here says: names, and attributes more or less."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..graphs import dtypes
from ..graphs.shapes import unknown_shape


@dataclass(frozen=True, slots=True)
class Form:
    """What TensorFlow's registry has more or less than a definition.

    `renamed` are type variables under the names that they have in files. `more` are attributes that definitions lack,
    with their defaults: what is read must be that default, unless it is in `free`, where any value means the same here.
    `less` are attributes of definitions that files lack, with the value that needs no writing. `defaults` are those of
    attributes that programs always give, and files may leave out.
    """

    renamed: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)
    less: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)


FREE = frozenset(
    [
        "container",
        "shared_name",
        "use_cudnn_on_gpu",
        "timeout_ms",
        "tensor_array_name",
        "clear_after_read",
        "identical_element_shapes",
        "sparse_gradient",
        "incompatible_shape_error",
        "bad_color",
        "num_shards",
        "shard",
    ]
)

_CUDNN = Form(more={"use_cudnn_on_gpu": True})
_TIMEOUT = Form(more={"timeout_ms": -1})
_QUEUE = Form(more={"container": ""}, defaults={"shapes": (), "capacity": -1, "shared_name": ""})
_SEGMENTS = Form(more={"Tsegmentids": dtypes.int32, "sparse_gradient": None})  # newer graphs have the latter
_LINEAR = Form(more={"multiply_linear_by_lr": False})
_REAL = Form(more={"Treal": dtypes.float32, "Tcomplex": dtypes.complex64})
_EQUAL = Form(more={"incompatible_shape_error": True})
_SAMPLER = Form(less={"weights": ()})
_UNSHAPED = Form(defaults={"element_shape": unknown_shape()})
_REAL_PART = Form(defaults={"Tout": dtypes.float32})
_STATELESS = Form(defaults={"dtype": dtypes.float32})
_EXACT = Form()

FORMS: dict[str, Form] = {
    "VariableV2": Form(more={"container": "", "shared_name": ""}),
    "Placeholder": Form(defaults={"shape": unknown_shape()}),
    "IsVariableInitialized": Form(renamed={"T": "dtype"}),
    "PlaceholderWithDefault": Form(renamed={"T": "dtype"}),
    "Equal": _EQUAL,
    "NotEqual": _EQUAL,
    "GatherNd": Form(less={"batch_dims": 0}),
    "Softmax": Form(less={"axis": -1}),
    "LogSoftmax": Form(less={"axis": -1}),
    "Conv2D": _CUDNN,
    "Conv2DBackpropFilter": _CUDNN,
    "Conv2DBackpropInput": Form(more={"use_cudnn_on_gpu": True}, less={"Tsizes": dtypes.int32}),
    "DepthwiseConv2dNative": Form(more={"explicit_paddings": ()}),
    "MaxPool": Form(more={"explicit_paddings": ()}),
    **dict.fromkeys(
        (
            "MaxPoolGrad",
            "DepthwiseConv2dNativeBackpropInput",
            "DepthwiseConv2dNativeBackpropFilter",
        ),
        Form(more={"explicit_paddings": ()}),
    ),
    "TensorArrayV3": Form(defaults={**_UNSHAPED.defaults, "dynamic_size": False}),
    "TensorArrayGatherV3": _UNSHAPED,
    "Print": Form(defaults={"message": "", "first_n": -1, "summarize": 3}),
    "PrintV2": Form(defaults={"output_stream": "stderr", "end": "\n"}),
    "Complex": Form(defaults={"Tout": dtypes.complex64}),
    **dict.fromkeys(("ComplexAbs", "Real", "Imag", "Angle"), _REAL_PART),
    **dict.fromkeys(("StatelessRandomUniform", "StatelessRandomNormal", "StatelessTruncatedNormal"), _STATELESS),
    "ConcatOffset": Form(more={"shape_type": dtypes.int32}),
    "ImageSummary": Form(more={"bad_color": None}),
    "FIFOQueueV2": _QUEUE,
    "PaddingFIFOQueueV2": _QUEUE,
    "RandomShuffleQueueV2": Form(
        more={"container": ""},
        defaults={**_QUEUE.defaults, "min_after_dequeue": 0, "seed": 0, "seed2": 0},
    ),
    "QueueEnqueueV2": _TIMEOUT,
    "QueueEnqueueManyV2": _TIMEOUT,
    "QueueDequeueV2": _TIMEOUT,
    "QueueDequeueManyV2": _TIMEOUT,
    "QueueDequeueUpToV2": _TIMEOUT,
    "LogUniformCandidateSampler": _SAMPLER,
    "UniformCandidateSampler": _SAMPLER,
    "RFFT": _REAL,
    "IRFFT": _REAL,
    "RFFT2D": _REAL,
    "IRFFT2D": _REAL,
    "RFFT3D": _REAL,
    "IRFFT3D": _REAL,
    "TopKV2": Form(more={"Tk": dtypes.int32, "index_type": dtypes.int32}),
    "SparseSegmentSum": _SEGMENTS,
    "SparseSegmentSumWithNumSegments": _SEGMENTS,
    "SparseSegmentMean": _SEGMENTS,
    "SparseSegmentMeanWithNumSegments": _SEGMENTS,
    "SparseSegmentSqrtN": _SEGMENTS,
    "SparseSegmentSqrtNWithNumSegments": _SEGMENTS,
    "ApplyFtrl": _LINEAR,
    "SparseApplyFtrl": _LINEAR,
    "ApplyFtrlV2": _LINEAR,
    "SparseApplyFtrlV2": _LINEAR,
}


def form_of(type: str) -> Form:
    """The form of a type of operation."""
    return FORMS.get(type, _EXACT)
