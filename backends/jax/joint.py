"""Runs of programs in which several processes come together.

All must run the same program then, but what a process runs depends on what its Python reads: one that prints a loss has
computed it before the rest. So before each run all tell what they are about to do, all of it and up to where they first
come together. Where it is the same, it runs as one program. Where it is not, each computes for itself what lies before
the next place at which they come together, and that is a program of all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from hashlib import blake2b
from typing import Any, NamedTuple

from diptych.ir import DiptychError, Equation, Function, Value
from diptych.ir.fingerprint import DIGEST_BYTES

from ..mesh import Mesh
from ..processes import process_count
from .meetings import Agreement, agreement, all_doing
from .processes import is_joint
from .runner import JaxRunner

_ALONE = bytes(DIGEST_BYTES)  # what a process tells that is in the midst of a program
Where = tuple[str | None, Mesh | None, str]


class Part(NamedTuple):
    """A piece of a program: what it computes, the values that it makes, and those that nothing needs behind it."""

    function: Function
    makes: tuple[Value, ...]
    ends: tuple[Value, ...]
    is_joint: bool
    digest: bytes
    told: str


class JointRunner:
    """As JaxRunner, of a function in which processes come together. Raises DiptychError, in all of them, where one is
    about to do something else there than another."""

    def __init__(self, function: Function, donate: tuple[int, ...], where: Where) -> None:
        self.function = function
        self.where = where
        self.whole = JaxRunner(function, donate, *where)
        self._runners: dict[str, JaxRunner] = {}
        first = next(equation for equation in function.equations if is_joint(equation))
        everything = _digest(f"{function.fingerprint} {donate}")
        self._told = _digest(_text(first)) + everything

    def __getattr__(self, name: str) -> Any:
        return getattr(self.whole, name)

    def __call__(self, *arrays: Any) -> tuple[Any, ...]:
        found = agreement(self._told)
        return self.whole(*arrays) if found is Agreement.WHOLE else self._apart(arrays, found)

    def _apart(self, arrays: Sequence[Any], found: Agreement) -> tuple[Any, ...]:
        """Part by part."""
        values = dict(zip(self.function.parameters, arrays, strict=True))
        is_first = True
        for part in self.parts:
            if part.is_joint:
                if not is_first:
                    found = agreement(part.digest + _ALONE)
                is_first = False
                if found is Agreement.NONE:
                    raise _mismatch(part)
            given = [values[parameter] for parameter in part.function.parameters]
            results = self._runner(part.function)(*given)
            values.update(zip(part.makes, results, strict=True))
            for value in part.ends:
                del values[value]
        return tuple(values[result] for result in self.function.results)

    def _runner(self, function: Function) -> JaxRunner:
        runner = self._runners.get(function.fingerprint)
        if runner is None:
            runner = self._runners[function.fingerprint] = JaxRunner(function, (), *self.where)
        return runner

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The places at which processes come together, and what lies between them."""
        pieces = list(_pieces(self.function.equations))
        needed = set(self.function.results)
        found: list[Part] = []
        for equations in reversed(pieces):
            made = dict.fromkeys(result for equation in equations for result in equation.results)
            read = dict.fromkeys(operand for equation in equations for operand in equation.operands)
            takes = [value for value in read if value not in made]
            joint = is_joint(equations[0])  # whose results are made although nobody reads them here: all do the same
            makes = tuple(value for value in made if joint or value in needed)
            ends = tuple(value for value in (*takes, *makes) if value not in needed)
            needed.update(takes)
            function = Function(self.function.name, tuple(takes), tuple(equations), makes)
            told = _described(equations[0]) if joint else ""
            digest = _digest(_text(equations[0])) if joint else b""
            found.append(Part(function, makes, ends, joint, digest, told))
        return tuple(reversed(found))


def _pieces(equations: Sequence[Equation]) -> Iterator[list[Equation]]:
    """Equations in an order in which they can be done, those at which processes come together by themselves. Others
    come as early as they can, so that behind what is shared comes what is made of it: steps of optimizers, which must
    have the same bits in all processes, are then one program in each, whatever else that does."""
    local: list[list[Equation]] = [[]]
    joint: list[Equation] = []
    depends: dict[Value, int] = {}  # of how many of the joint ones
    for equation in equations:
        before = max((depends.get(operand, 0) for operand in equation.operands), default=0)
        if is_joint(equation):
            joint.append(equation)
            local.append([])
            before = len(joint)
        else:
            if equation.has_effect:
                before = len(joint)
            local[before].append(equation)
        depends.update(dict.fromkeys(equation.results, before))
    for place, piece in enumerate(local):
        if piece:
            yield piece
        if place < len(joint):
            yield [joint[place]]


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=DIGEST_BYTES).digest()


def _text(equation: Equation) -> str:
    """All that must be the same of an equation at which processes come together."""
    attributes = {
        name: value.fingerprint if isinstance(value, Function) else value for name, value in equation.attributes.items()
    }
    return f"{process_count()} {equation.op.name} {attributes} {[str(x.type) for x in equation.operands]}"


def _described(equation: Equation) -> str:
    types = ", ".join(f"{x.type.dtype.numpy.name} {list(x.shape)}" for x in equation.operands)
    return f"{equation.attributes.get('told') or equation.op.name} of {types}"


def _mismatch(part: Part) -> DiptychError:
    """What is wrong where processes are about to do different things: each tells what. Raises Left where one has come
    to its end."""
    told = [what for what, *_ in all_doing(part.told)]
    rank = next(rank for rank, each in enumerate(told) if each != told[0])
    return DiptychError(
        "Detected mismatch between collectives on ranks. "
        f"Rank 0 is running collective: {told[0]}, but Rank {rank} is running collective: {told[rank]}.",
        location=part.function.equations[0].location,
    )
