"""The language: types, ops, functions, text, verification. Computes no numbers."""

from . import dtypes, ops
from .attributes import Axes, Pairs, Types
from .builder import Builder, Rewrite, live_equations
from .constant import AbsentConstant, Constant
from .dimensions import Dim, Dimension, Shape, evaluate, floor_divide, named, parse_dimension, product
from .dtypes import DTYPES, DType, dtype_named, dtype_of
from .errors import (
    DifferentiationError,
    DiptychError,
    MemoryBudgetExceeded,
    ParseError,
    TypeRuleError,
    Unsupported,
    VerificationError,
)
from .function import Equation, Function, HostFunction, Value
from .limits import INLINE_ELEMENTS, MAX_DEPTH
from .location import Location, located, user_location
from .op import OPS, Op, op_named
from .parser import parse
from .printer import function_data, print_function
from .type_text import parse_type
from .types import TensorType
from .verifier import verify

__all__ = [
    "DTYPES",
    "INLINE_ELEMENTS",
    "MAX_DEPTH",
    "OPS",
    "AbsentConstant",
    "Axes",
    "Builder",
    "Constant",
    "DType",
    "DifferentiationError",
    "Dim",
    "Dimension",
    "DiptychError",
    "Equation",
    "Function",
    "HostFunction",
    "Location",
    "MemoryBudgetExceeded",
    "Op",
    "Pairs",
    "ParseError",
    "Rewrite",
    "Shape",
    "TensorType",
    "TypeRuleError",
    "Types",
    "Unsupported",
    "Value",
    "VerificationError",
    "dtype_named",
    "dtype_of",
    "dtypes",
    "evaluate",
    "floor_divide",
    "function_data",
    "live_equations",
    "located",
    "named",
    "op_named",
    "ops",
    "parse",
    "parse_dimension",
    "parse_type",
    "print_function",
    "product",
    "user_location",
    "verify",
]
