"""One hash of what a function computes, the same for two programs that differ in names and order alone."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any, cast

from .constant import Constant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .function import Function, Value

DIGEST_BYTES = 16
_DIGEST_LENGTH = DIGEST_BYTES.to_bytes(8, "little")


def fingerprint(function: Function) -> str:
    """A hash over the graph of equations that the results and the effects depend on."""
    texts = [f"parameter {index} {parameter.type}".encode() for index, parameter in enumerate(function.parameters)]
    known, effects = digests(function, texts)
    results = (known[result] for result in function.results)
    return _hash(b"function", *texts, *effects, b"results", *results).hex()


def digests(function: Function, texts: Sequence[bytes]) -> tuple[dict[Value, bytes], list[bytes]]:
    """A hash of how each value is computed, and of each effect in order; `texts` stand for the parameters."""
    known: dict[Value, bytes] = {}
    effects: list[bytes] = []
    names = {op: _framed(op.name.encode()) for op in {equation.op for equation in function.equations}}
    outcomes: dict[tuple[int, int], bytes] = {}  # by the result's place, and the identity of its type
    for parameter, text in zip(function.parameters, texts, strict=True):
        known[parameter] = _hash(text)
    for equation in function.equations:
        parts = [names[equation.op]]
        for operand in equation.operands:
            parts += _DIGEST_LENGTH, known[operand]
        for name, value in equation.attributes.items():
            parts.append(_framed(f"{name}=".encode() + _attribute(value)))
        digest = blake2b(b"".join(parts), digest_size=DIGEST_BYTES).digest()
        if equation.has_effect:  # two equal calls may return different values: each has its number
            digest = _hash(digest, b"effect", str(len(effects)).encode())
            effects.append(digest)
        for index, result in enumerate(equation.results):
            outcome = outcomes.get((index, id(result.type)))
            if outcome is None:
                outcome = outcomes[index, id(result.type)] = _framed(f"{index} {result.type}".encode())
            known[result] = blake2b(_DIGEST_LENGTH + digest + outcome, digest_size=DIGEST_BYTES).digest()
    return known, effects


def _hash(*parts: bytes) -> bytes:
    return blake2b(b"".join(map(_framed, parts)), digest_size=DIGEST_BYTES).digest()


def _framed(part: bytes) -> bytes:
    """`part` behind its length, so that no two lists of parts read alike."""
    return len(part).to_bytes(8, "little") + part


def _attribute(value: Any) -> bytes:
    """A text that tells any two different attribute values apart."""
    if value.__class__ is int:
        return b"int %d" % value
    if isinstance(value, tuple):
        return b"(" + b",".join([_attribute(item) for item in cast(tuple[Any, ...], value)]) + b")"
    if isinstance(value, Constant):
        return f"constant {value.type} ".encode() + value.digest
    from .function import Function

    if isinstance(value, Function):
        return b"function " + value.fingerprint.encode()
    return f"{type(value).__name__} {value}".encode()
