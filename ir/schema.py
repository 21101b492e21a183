"""The pydantic models of the JSON form, and their errors in words. Imported by `document.py` alone."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Annotated, Any, Literal, Optional, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, FailFast, Field, ValidationError, create_model

from .attributes import KindName
from .dtypes import DTYPES
from .errors import ParseError
from .limits import MAX_STRING
from .names import VALUE_NAME
from .op import Op

_NAME = re.compile(rf"(?:{VALUE_NAME})\Z")


def _is_size(value: object) -> object:
    if type(value) is not int and type(value) is not str:
        raise ValueError("an integer or a string such as '2*batch'")
    return value


def _is_name(value: str) -> str:
    if not _NAME.match(value):
        raise ValueError("a name such as x")
    return value


Name = Annotated[str, AfterValidator(_is_name)]
Text = Annotated[str, Field(max_length=MAX_STRING)]
Integer = Annotated[int, Field(ge=-(2**63), lt=2**63)]
Size = Annotated[Any, AfterValidator(_is_size)]
Pair = Annotated[list[Integer], Field(min_length=2, max_length=2)]


class Model(BaseModel):
    """Nothing is converted, nothing unknown is passed over. Lists stop at their first fault: hostile ones have many."""

    model_config = ConfigDict(extra="forbid", strict=True)


class LocationModel(Model):
    file: Text
    line: Annotated[int, Field(ge=0, lt=10**9)]
    source: Text = ""


class ValueModel(Model):
    name: Name
    type: str


class EquationModel(Model):
    results: Annotated[list[ValueModel], FailFast()]
    op: str
    operands: Annotated[list[Name], FailFast()]
    attributes: dict[str, Any] = {}  # held against the model of the op, in its turn
    location: LocationModel | None = None


class FunctionModel(Model):
    name: Text
    parameters: Annotated[list[ValueModel], FailFast()]
    equations: list[Any]  # each held against EquationModel, in its turn
    results: Annotated[list[Name], FailFast()]


class DocumentModel(Model):
    version: int
    function: dict[str, Any]  # held against FunctionModel, in its turn


class ConstantModel(Model):
    type: str
    values: Any = None
    splat: Any = None
    data: str | None = None


_ANNOTATIONS: dict[KindName, Any] = {
    "int": Integer,
    "bool": bool,
    "string": Text,
    "dtype": Literal[tuple(dtype.name for dtype in DTYPES)],
    "dim": Size,
    "shape": Annotated[list[Size], FailFast()],
    "ints": Annotated[list[Integer], FailFast()],
    "pairs": Annotated[list[Pair], FailFast()],
    "types": Annotated[list[str], FailFast()],
    "optional": Optional[Integer],  # noqa: UP045
    "constant": ConstantModel,
    "function": dict[str, Any],
    "host": Text,
}


@cache
def attributes_model(op: Op) -> type[Model]:
    """The model of an op's attributes, from their declarations. Which must be given is for the op to say."""
    fields: dict[str, Any] = {
        name: (Literal[attribute.choices] if attribute.kind == "choice" else _ANNOTATIONS[attribute.kind], None)
        for name, attribute in op.attributes.items()
    }
    return create_model(f"{op.name}_attributes", __base__=Model, **fields)


M = TypeVar("M", bound=BaseModel)


def validated(model: type[M], raw: Any, path: str) -> M:
    """`raw`, which stands at `path`, as `model`. Raises ParseError for the first fault, with its path."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        place = path + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in first["loc"])
        place = place.lstrip(".")[:200] or "document"
        if first["type"] == "missing":
            raise ParseError(f"{place} is missing") from None
        if first["type"] == "extra_forbidden":
            raise ParseError(f"{place} is unknown") from None
        message = first["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
        raise ParseError(
            f"{place} is {shown(first['input'])} but must be {_MUST.get(first['type'], message)}"
        ) from None


_MUST = {
    "dict_type": "an object",
    "model_type": "an object",
    "list_type": "a list",
    "string_too_long": f"at most {MAX_STRING} characters long",
    "too_long": "2 long",
    "too_short": "2 long",
}


def shown(value: Any) -> str:
    """A value of a document in an error: never more than a few words."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return f"a list {len(value)} long"  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(value, int) and not -(2**64) < value < 2**64:
        return "a huge integer"
    text = json.dumps(value[:80] if isinstance(value, str) else value)
    return text if len(text) <= 60 else f"{text[:60]}..."
