"""The language: types, ops, functions, text, verification. Computes no numbers."""

from . import dtypes, ops
from .attributes import Axes, Pairs, Types
from .builder import Builder, Rewrite, live_equations
from .constant import Constant
from .dimensions import Dim, Dimension, Shape, evaluate, floor_divide, named, parse_dimension, product
from .dtypes import DTYPES, DType, dtype_named, dtype_of
from .errors import (
    DifferentiationError,
    DiptychError,
    ParseError,
    TypeRuleError,
    Unsupported,
    VerificationError,
)
from .function import Equation, Function, HostFunction, Value
from .location import Location, located, user_location
from .op import OPS, Op, op_named
from .types import TensorType
