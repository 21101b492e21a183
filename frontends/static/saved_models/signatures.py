"""Signatures: what a saved graph computes, with which tensors given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..exports import export
from ..graphs.defaults import get_default_graph
from ..graphs.dtypes import as_dtype
from ..graphs.graph import Graph
from ..graphs.tensor import Tensor
from ..operations.sparse_tensors import SparseTensor
from ..serialization.attributes import shape_message
from ..serialization.messages import CooSparse, SignatureDef, TensorInfo
from ..serialization.names_in_scopes import prepended
from .constants import _SIGNATURES

# -- tensors ----


@export("saved_model.build_tensor_info", "saved_model.utils.build_tensor_info")
def build_tensor_info(tensor: Any) -> TensorInfo:
    """The message of a tensor, a variable or a sparse tensor."""
    made = TensorInfo(dtype=as_dtype(tensor.dtype).as_datatype_enum, tensor_shape=shape_message(tensor.shape.known))
    if isinstance(tensor, SparseTensor):
        made.coo_sparse = CooSparse(
            values_tensor_name=tensor.values.name,
            indices_tensor_name=tensor.indices.name,
            dense_shape_tensor_name=tensor.dense_shape.name,
        )
    else:
        made.name = tensor.name
    return made


@export("saved_model.get_tensor_from_tensor_info", "saved_model.utils.get_tensor_from_tensor_info")
def get_tensor_from_tensor_info(
    tensor_info: TensorInfo, graph: Graph | None = None, import_scope: str | None = None
) -> Any:
    """The tensor or sparse tensor that a message names. Raises KeyError where it is not in the graph, ValueError."""
    graph = get_default_graph() if graph is None else graph

    def found(name: str) -> Tensor:
        return graph.get_tensor_by_name(prepended(name, import_scope or ""))

    encoding = tensor_info.WhichOneof("encoding")
    if encoding == "name":
        return found(tensor_info.name)
    if encoding == "coo_sparse":
        sparse = tensor_info.coo_sparse
        return SparseTensor(
            found(sparse.indices_tensor_name), found(sparse.values_tensor_name), found(sparse.dense_shape_tensor_name)
        )
    raise ValueError(f"Invalid TensorInfo.encoding: {encoding}")


# -- signatures ----

_NAMES = ("saved_model", "saved_model.signature_def_utils")


def _exported(function: Any) -> Any:
    return export(*(f"{name}.{function.__name__}" for name in _NAMES))(function)


@_exported
def build_signature_def(
    inputs: Mapping[str, TensorInfo] | None = None,
    outputs: Mapping[str, TensorInfo] | None = None,
    method_name: str | None = None,
) -> SignatureDef:
    """A signature of tensors by the names that it has for them."""
    made = SignatureDef()
    for given, kept in ((inputs, made.inputs), (outputs, made.outputs)):
        for name, tensor_info in (given or {}).items():
            kept[name].CopyFrom(tensor_info)
    if method_name is not None:
        made.method_name = method_name
    return made


def _infos(tensors: Mapping[str, Any]) -> dict[str, TensorInfo]:
    return {name: build_tensor_info(tensor) for name, tensor in tensors.items()}


@_exported
def predict_signature_def(inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> SignatureDef:
    """A signature for predictions of tensors by name. Raises ValueError where there are none."""
    if not inputs:
        raise ValueError("Prediction inputs cannot be None or empty.")
    if not outputs:
        raise ValueError("Prediction outputs cannot be None or empty.")
    return build_signature_def(_infos(inputs), _infos(outputs), _SIGNATURES["PREDICT_METHOD_NAME"])


@_exported
def regression_signature_def(examples: Any, predictions: Any) -> SignatureDef:
    """A signature from serialized examples to numbers. Raises ValueError for tensors of other types."""
    _check_examples(examples, "Regression")
    if predictions is None:
        raise ValueError("Regression predictions cannot be None.")
    _check_type(predictions, "float32", "Regression output must be a float Tensor.")
    inputs, outputs = {_SIGNATURES["REGRESS_INPUTS"]: examples}, {_SIGNATURES["REGRESS_OUTPUTS"]: predictions}
    return build_signature_def(_infos(inputs), _infos(outputs), _SIGNATURES["REGRESS_METHOD_NAME"])


@_exported
def classification_signature_def(examples: Any, classes: Any, scores: Any) -> SignatureDef:
    """A signature from serialized examples to the names of classes, their scores, or both. Raises ValueError."""
    _check_examples(examples, "Classification")
    if classes is None and scores is None:
        raise ValueError("Classification classes and scores cannot both be None.")
    outputs: dict[str, Any] = {}
    if classes is not None:
        _check_type(classes, "string", "Classification classes must be a string Tensor.")
        outputs[_SIGNATURES["CLASSIFY_OUTPUT_CLASSES"]] = classes
    if scores is not None:
        _check_type(scores, "float32", "Classification scores must be a float Tensor.")
        outputs[_SIGNATURES["CLASSIFY_OUTPUT_SCORES"]] = scores
    inputs = {_SIGNATURES["CLASSIFY_INPUTS"]: examples}
    return build_signature_def(_infos(inputs), _infos(outputs), _SIGNATURES["CLASSIFY_METHOD_NAME"])


def _check_examples(examples: Any, what: str) -> None:
    if examples is None:
        raise ValueError(f"{what} examples cannot be None.")
    if not isinstance(examples, Tensor):
        raise ValueError(f"{what} examples must be a string Tensor.")
    _check_type(examples, "string", f"{what} examples must be a string Tensor.")


def _check_type(tensor: Any, name: str, message: str) -> None:
    if tensor.dtype.base_dtype.name != name:
        raise ValueError(message)


@_exported
def is_valid_signature(signature_def: SignatureDef | None) -> bool:
    """Whether TensorFlow Serving can serve a signature."""
    if signature_def is None:
        return False
    inputs, outputs = dict(signature_def.inputs.items()), dict(signature_def.outputs.items())
    method = signature_def.method_name
    if method == _SIGNATURES["PREDICT_METHOD_NAME"]:
        return bool(inputs) and bool(outputs)
    types = {
        _SIGNATURES["REGRESS_METHOD_NAME"]: {_SIGNATURES["REGRESS_OUTPUTS"]: "float32"},
        _SIGNATURES["CLASSIFY_METHOD_NAME"]: {
            _SIGNATURES["CLASSIFY_OUTPUT_CLASSES"]: "string",
            _SIGNATURES["CLASSIFY_OUTPUT_SCORES"]: "float32",
        },
    }.get(method)
    if types is None or set(inputs) != {"inputs"} or not _is_of(inputs["inputs"], "string") or not outputs:
        return False
    return all(name in types and _is_of(tensor_info, types[name]) for name, tensor_info in outputs.items())


def _is_of(tensor_info: TensorInfo, name: str) -> bool:
    return tensor_info.dtype == as_dtype(name).as_datatype_enum
