"""The names that TensorFlow's registry gives the outputs of operations: functions in files name outputs by them."""

from __future__ import annotations

_TYPES = {
    "y": "Cast Abs ComplexAbs Round Neg Sign Reciprocal Square Sqrt Rsqrt Exp Expm1 Log Log1p Sin Cos Tan Asin Acos "
    "Atan Sinh Cosh Tanh Asinh Acosh Atanh Sigmoid Erf Erfc Lgamma Digamma IsNan IsInf IsFinite LogicalNot Floor Ceil "
    "Rint ZerosLike OnesLike Transpose InvertPermutation Invert",
    "z": "DivNoNan Add AddV2 Sub Mul Div RealDiv TruncateDiv FloorDiv FloorMod TruncateMod Pow Maximum Minimum "
    "SquaredDifference Atan2 Equal NotEqual Less LessEqual Greater GreaterEqual LogicalAnd LogicalOr BitwiseAnd "
    "BitwiseOr BitwiseXor LeftShift RightShift Xlogy Xdivy MulNoNan Zeta Polygamma",
    "out": "Complex Cumsum Cumprod CumulativeLogsumexp",
    "activations": "Relu Relu6 Elu Selu Softplus Softsign LeakyRelu",
    "product": "MatMul Cross SparseTensorDenseMatMul",
    "sampled_candidates true_expected_count sampled_expected_count": "LogUniformCandidateSampler "
    "UniformCandidateSampler FixedUnigramCandidateSampler",
    "merged": "DynamicStitch ParallelDynamicStitch",
    "loss backprop": "SoftmaxCrossEntropyWithLogits SparseSoftmaxCrossEntropyWithLogits",
    "diagonal": "MatrixDiagPart DiagPart",
    "softmax": "Softmax",
    "logsoftmax": "LogSoftmax",
    "sum": "AddN",
    "y batch_mean batch_variance reserve_space_1 reserve_space_2 reserve_space_3": "FusedBatchNormV3",
    "output argmax": "MaxPoolWithArgmax",
    "index": "Where",
    "y idx": "Unique",
    "y idx count": "UniqueWithCounts",
    "out idx": "ListDiff",
    "outputs": "DynamicPartition",
    "r0": "BroadcastArgs",
    "patches": "ExtractImagePatches",
    "band": "MatrixBandPart",
    "sign log_abs_determinant": "LogMatrixDeterminant",
    "e v": "SelfAdjointEigV2",
    "s u v": "Svd",
    "q r": "Qr",
    "lu p": "Lu",
    "values indices": "TopKV2",
    "precision": "InTopKV2",
    "bins": "Bincount",
    "dense": "SparseToDense",
    "output_indices output_values": "SparseReorder",
    "output_indices output_shape": "SparseReshape",
    "sum_indices sum_values sum_shape": "SparseAdd",
}
_NAMES = {type: tuple(names.split()) for names, types in _TYPES.items() for type in types.split()}


def output_names(type: str) -> tuple[str, ...]:
    """The names of the outputs of a type of operation, which has at least one."""
    return _NAMES.get(type, ("output",))
