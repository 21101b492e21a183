"""The lines of a bundle, as pydantic holds them. `make_schema.py` writes their JSON schema into docs/."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Union

from diptych.ir.schema import Model, Text
from pydantic import Field, TypeAdapter

from ..runs import Runs as WatchedRuns

VERSION = 1

Count = Annotated[int, Field(ge=0, lt=2**31, description="a number that counts from 0")]
Size = Annotated[Union[Annotated[int, Field(ge=0)], Text], Field(description="a count; with named dimensions, as text")]  # noqa: UP007
Seconds = Annotated[float, Field(ge=0)]
Span = Annotated[list[Seconds], Field(min_length=2, max_length=2)]


class Header(Model):
    """The first line: what wrote the file."""

    kind: Literal["header"]
    format: Literal["dipt"]
    version: int
    diptych: Text
    python: Text
    numpy: Text
    argv: list[Text]
    seed: int | None = Field(None, description="of the eager front end's random numbers")
    redacted: bool = Field(False, description="whether source text and folders were left out")


class Source(Model):
    """A file of the user's, whole."""

    kind: Literal["source"]
    file: Text
    text: str


class Frame(Model):
    """A place in the user's source."""

    id: Count
    file: Text
    line: Count
    span: Annotated[list[Count], Field(min_length=3, max_length=3)] | None = Field(
        None, description="line where the expression ends, first and end of last column, from 0, in bytes of UTF-8"
    )
    function: Text = ""
    scope: Text = Field("", description="where in the model, such as encoder.layers.0.attn")
    text: Text = Field("", description="of the line")
    caller: Count | None = Field(None, description="the frame that called this one; of a frame that stands before")


class Value(Model):
    """A parameter or result. The name is a hint."""

    id: Count
    name: Text | None
    type: Text


class Nested(Model):
    """A function inside an equation; its equations stand before, in the same line or an earlier one."""

    name: Text
    parameters: list[Value]
    equations: list[Count]
    results: list[Count]


class Equation(Model):
    """An equation that is new, or changed: then it stands for the one of the same number before, with other operands,
    results or functions, and has no `op` and none of what comes behind that."""

    id: Count
    operands: list[Count]
    results: list[Value]
    functions: dict[str, Nested] = Field({})
    op: Text | None = None
    attributes: dict[str, Any] = Field({}, description="those that are not their default; as in documents of the IR")
    frame: Count | None = None
    gradient_of: Count | None = Field(None, description="the value through whose equation a gradient flows here")
    origin: Count | None = Field(None, description="the equation before the pass that a new one stands for")
    flops: Size = 0
    bytes: Size = Field(0, description="that it reads and makes")


class Program(Model):
    """A program as the front end made it."""

    kind: Literal["program"]
    backend: Literal["numpy", "jax", "reference"]
    donate: list[Count] = Field(description="places of the parameters that it may write over")
    name: Text
    parameters: list[Value]
    frames: list[Frame]
    equations: list[Equation]
    order: list[Count]
    results: list[Count]
    stages: Count = Field(description="how many stages follow")
    inputs: list[Text] | None = Field(None, description="names of arrays in the file beside: what it first ran on")


class Replacement(Model):
    """A rule, or `share` for an equal equation that was there, gave other values for what an equation made."""

    rule: Text
    of: Count
    values: list[Count]


class Stage(Model):
    """What a pass made of the stage before. `order` and `results` are None where they stay."""

    kind: Literal["stage"]
    after: Text
    seconds: Seconds
    fired: dict[Text, Count] = Field(description="how often each rule applied")
    frames: list[Frame] = Field([])
    equations: list[Equation] = Field([])
    order: list[Count] | None = None
    results: list[Count] | None = None
    replacements: list[Replacement] = Field([])


class Slot(Model):
    """Where a value lies in memory, and from which step of the program to which."""

    value: Count
    offset: Count
    bytes: Count
    first: Count
    last: Count


class Memory(Model):
    """What numpy plans for the last stage."""

    kind: Literal["memory"]
    peak: Count
    arena: Count
    slots: list[Slot]


class Runs(Model):
    """How often a program ran, from when to when; of many runs the first are listed. Seconds since recording began."""

    kind: Literal["runs"]
    program: Count
    compiled: Span | None = Field(None, description="when compiling began, and how long it took")
    count: Count
    seconds: Seconds
    listed: list[Span] = Field([], description="when each began, and how long it took")

    @property
    def runs(self) -> WatchedRuns:
        """The same, as the verbs hold it."""
        compiled = self.compiled and (self.compiled[0], self.compiled[1])
        return WatchedRuns(compiled, self.count, self.seconds, [(begin, seconds) for begin, seconds in self.listed])


Line = Annotated[Union[Header, Source, Program, Stage, Memory, Runs], Field(discriminator="kind")]  # noqa: UP007
KINDS: dict[str, type[Model]] = {
    "source": Source, "program": Program, "stage": Stage, "memory": Memory, "runs": Runs
}  # fmt: skip


def schema() -> dict[str, Any]:
    """The JSON schema of a line."""
    return {"title": f"A line of a diptych trace bundle, version {VERSION}", **TypeAdapter(Line).json_schema()}
