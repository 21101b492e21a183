"""One hash of what a function computes, the same for two programs that differ in names and order alone."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from .function import Function, Value

DIGEST_BYTES = 16


def fingerprint(function: Function) -> str:
    """A hash over the graph of equations that the results and the effects depend on."""
    known: dict[Value, bytes] = {}
    parts = [b"function"]
    effects = 0
    for index, parameter in enumerate(function.parameters):
        text = f"parameter {index} {parameter.type}".encode()
        parts.append(text)
        known[parameter] = _hash(text)
    for equation in function.equations:
        digest = _hash(
            equation.op.name.encode(),
            *(known[operand] for operand in equation.operands),
            *(f"{name}=".encode() + _attribute(value) for name, value in equation.attributes.items()),
        )
        if equation.has_effect:  # two equal calls may return different values: each has its number
            digest = _hash(digest, b"effect", str(effects).encode())
            effects += 1
            parts.append(digest)
        for index, result in enumerate(equation.results):
            known[result] = _hash(digest, f"{index} {result.type}".encode())
    parts.append(b"results")
    parts.extend(known[result] for result in function.results)
    return _hash(*parts).hex()


def _hash(*parts: bytes) -> bytes:
    state = blake2b(digest_size=DIGEST_BYTES)
    for part in parts:
        state.update(len(part).to_bytes(8, "little"))
        state.update(part)
    return state.digest()


def _attribute(value: Any) -> bytes:
    """A text that tells any two different attribute values apart."""
    from .constant import Constant
    from .function import Function

    if isinstance(value, Function):
        return b"function " + value.fingerprint.encode()
    if isinstance(value, Constant):
        return f"constant {value.type} ".encode() + value.digest
    if isinstance(value, tuple):
        return b"(" + b",".join(map(_attribute, cast(tuple[Any, ...], value))) + b")"
    return f"{type(value).__name__} {value}".encode()
