"""The passes that need nothing but a function, ready to be listed in a pipeline."""

from __future__ import annotations

from collections.abc import Callable

from .channels_last import channels_last
from .erase_marks import erase_gradient_marks, erase_marks
from .fold import Evaluate, fold
from .fuse import fuse
from .gather_products import gather_products
from .gather_rounds import gather_rounds
from .inline import inline
from .manager import Pass
from .recompute import recompute
from .rules import EXACT, FAST
from .share import share
from .simplify import simplify
from .split import split
from .trim import trim
from .turn_matrices import turn_matrices
from .ways import Machine
from .widen import widen


def library(evaluate: Evaluate, machine: Machine, parts: Callable[[], int]) -> dict[str, Pass]:
    """Every pass by its name; `evaluate` computes the constants that are folded, and what pays is split for `machine`
    into as many parts as `parts` says then."""
    passes = (
        Pass("inline", "calls become what they call", lambda f, fired: inline(f, fired=fired)),
        Pass("share", "equal equations become one, unneeded ones go", lambda f, fired: share(f)),
        Pass("fold", "equations of constants become constants", lambda f, fired: fold(f, evaluate, fired=fired)),
        Pass(
            "simplify",
            "rules that keep every bit, and folding",
            lambda f, fired: simplify(f, EXACT, evaluate=evaluate, fired=fired),
        ),
        Pass(
            "fast_math",
            "rules that may change the last bits or special values",
            lambda f, fired: simplify(f, [*FAST, *EXACT], evaluate=evaluate, fired=fired),
        ),
        Pass(
            "erase_marks",
            "what only differentiation and meshes need goes",
            lambda f, fired: erase_marks(f, fired=fired),
        ),
        Pass(
            "erase_gradient_marks",
            "what only differentiation needs goes",
            lambda f, fired: erase_gradient_marks(f, fired=fired),
        ),
        Pass("trim", "control flow without results, operands and state that nobody reads", lambda f, fired: trim(f)),
        Pass("gather_rounds", "what no round of a scan waits for is done at once", lambda f, fired: gather_rounds(f)),
        Pass("gather_products", "products of many steps become one", lambda f, fired: gather_products(f)),
        Pass("widen", "what is done to slices alike is done to all of a value", lambda f, fired: widen(f)),
        Pass(
            "turn_matrices",
            "a matrix that many products read turned round is turned once",
            lambda f, fired: turn_matrices(f),
        ),
        Pass(
            "channels_last",
            "convolutions and what lies between them have their channels last",
            lambda f, fired: channels_last(f, fired=fired),
        ),
        Pass("split", "what takes long is computed in parts", lambda f, fired: split(f, parts(), machine)),
        Pass("fuse", "elementwise chains and their reductions become groups", lambda f, fired: fuse(f)),
        Pass("recompute", "groups make again what is cheap to", lambda f, fired: recompute(f)),
    )
    return {each.name: each for each in passes}
