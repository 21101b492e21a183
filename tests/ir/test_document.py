"""The JSON form: what it looks like, that it keeps everything, and the exact text of every refusal."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from diptych.ir import (
    OPS,
    Builder,
    Constant,
    Function,
    Location,
    ParseError,
    TensorType,
    VerificationError,
    dtypes,
    function_data,
    ops,
    print_function,
)
from diptych.ir.document import from_json, to_json
from diptych.ir.limits import MAX_DEPTH, MAX_TEXT
from diptych.ir.schema import attributes_model

from tests.ir.programs import PROGRAMS, builder, nested, parameters


def small() -> Function:
    b = Builder("main", share=False)
    b.location = Location("/home/me/train.py", 11, "y = x.sum(0)")
    x, scale = parameters(b, x="f32[batch,3]", scale="f32[]")
    (y,) = b.emit(ops.reduce_sum, (x,), {"axes": (0,)}, names=["y"])
    b.location = None
    b.find_location = False
    half = b.constant(value=Constant(np.array([0.5, np.nan, -0.0], np.float32)))
    return b.finish([b.mul(y, half), b.cumulative_sum(y, axis=0), scale])


DOCUMENT = """\
{"version": 1, "function": {
"name": "main",
"parameters": [{"name": "x", "type": "f32[batch,3]"}, {"name": "scale", "type": "f32[]"}],
"results": ["1", "2", "scale"],
"equations": [
{"results": [{"name": "y", "type": "f32[3]"}], "op": "reduce_sum", "operands": ["x"], "attributes": {"axes": [0]}, \
"location": {"file": "/home/me/train.py", "line": 11, "source": "y = x.sum(0)"}},
{"results": [{"name": "0", "type": "f32[3]"}], "op": "constant", "operands": [], \
"attributes": {"value": {"type": "f32[3]", "values": [0.5, "nan", -0.0]}}},
{"results": [{"name": "1", "type": "f32[3]"}], "op": "mul", "operands": ["y", "0"]},
{"results": [{"name": "2", "type": "f32[3]"}], "op": "cumulative_sum", "operands": ["y"], "attributes": {"axis": 0}}
]}}
"""


def test_a_document() -> None:
    assert to_json(small()) == DOCUMENT


def test_names_and_locations_survive() -> None:
    read = from_json(DOCUMENT)
    assert read == small()
    assert to_json(read) == DOCUMENT
    assert [value.name for value in read.parameters] == ["x", "scale"]
    assert [equation.results[0].name for equation in read.equations] == ["y", None, None, None]
    location = read.equations[0].location
    assert location == Location("/home/me/train.py", 11)
    assert location.described() == "/home/me/train.py:11: y = x.sum(0)"
    assert read.equations[1].location is None


def test_a_location_that_was_read_does_not_open_its_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("password\n")
    named = DOCUMENT.replace('"/home/me/train.py", "line": 11, "source": "y = x.sum(0)"', f'"{secret}", "line": 1')
    location = from_json(named).equations[0].location
    assert location == Location(str(secret), 1)
    assert location.source() == ""


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("inline_elements", [256, None, 0])
def test_a_round_trip_keeps_everything(name: str, inline_elements: int | None) -> None:
    program = PROGRAMS[name]
    text = to_json(program, inline_elements=inline_elements)
    again = from_json(text, data=function_data(program, inline_elements=inline_elements))
    assert again == program
    assert to_json(again, inline_elements=inline_elements) == text
    assert print_function(again) == print_function(program)
    json.loads(text, parse_constant=pytest.fail)


def test_the_form_of_each_kind_of_attribute() -> None:
    found: dict[str, Any] = {}
    for program in PROGRAMS.values():
        for equation in json.loads(to_json(program))["function"]["equations"]:
            for name, value in equation.get("attributes", {}).items():
                found.setdefault(f"{equation['op']}.{name}", value)
    assert found["pad.low"] == [-1, 0]
    assert found["slice.limit"] == ["2*batch+3", 10]
    assert found["dimension.size"] == "batch^2-1"
    assert found["dimension.dtype"] == "i32"
    assert found["scatter.combine"] == "add"
    assert found["convolution.layout"] == "n01c,01io->n01c"
    assert found["convolution.padding"] == [[1, 1], [-1, 2]]
    assert found["triangular_solve.lower"] is True
    assert found["while_loop.bound"] == 100
    assert found["host_call.function"] == "tick#1"
    assert found["host_call.results"] == []
    assert found["fused.body"]["name"] == "double"


def test_the_forms_of_constants() -> None:
    b = builder()
    arrays = [
        np.float32(1.5), np.zeros((0, 2)), np.zeros((2, 2)), np.array([1 + 2j, np.inf]), np.full(2, 1j), [True, False],
        np.array([2**64 - 1, 0], np.uint64), np.array([0.1, 2.0], np.float16), np.arange(4),
    ]  # fmt: skip
    built = b.finish([b.constant(value=Constant(array)) for array in arrays])
    equations = json.loads(to_json(built, inline_elements=3))["function"]["equations"]
    assert [equation["attributes"]["value"] for equation in equations] == [
        {"type": "f32[]", "values": 1.5},
        {"type": "f64[0,2]", "values": []},
        {"type": "f64[2,2]", "splat": 0.0},
        {"type": "c128[2]", "values": [[1.0, 2.0], ["inf", 0.0]]},
        {"type": "c128[2]", "splat": [0.0, 1.0]},
        {"type": "bool[2]", "values": [True, False]},
        {"type": "u64[2]", "values": [2**64 - 1, 0]},
        {"type": "f16[2]", "values": [0.1, 2.0]},
        {"type": "i64[4]", "data": next(iter(function_data(built, inline_elements=3)))},
    ]


def test_every_op_has_a_model_of_its_attributes() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # pydantic warns of names that hide its own
        for op in OPS.values():
            assert set(attributes_model(op).model_fields) == set(op.attributes)


def test_nesting_is_capped() -> None:
    deep = nested(MAX_DEPTH)
    text = to_json(deep)
    assert from_json(text) == deep
    with pytest.raises(VerificationError) as caught:
        to_json(nested(MAX_DEPTH + 1))
    assert str(caught.value) == "@level: 1 fault\n  functions nest deeper than 100"
    document = json.loads(text)
    level = {"version": 1, "function": {**document["function"]}}
    level["function"]["equations"] = [
        {**document["function"]["equations"][0], "attributes": {"body": document["function"]}}
    ]
    assert "functions nest deeper than 100" in refusal(json.dumps(level))


def test_importing_the_language_does_not_import_pydantic() -> None:
    code = "import sys, diptych.ir; sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def refusal(text: str) -> str:
    with pytest.raises(ParseError) as caught:
        from_json(text)
    return str(caught.value)


BASE: dict[str, Any] = json.loads(DOCUMENT)


def changed(path: str, value: Any) -> str:
    """The document with what stands at `path` replaced; with `...` taken away."""
    document = json.loads(DOCUMENT)
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    place = document
    for step in steps:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return json.dumps(document)


FIRST = "function.equations.0"
CONSTANT = "function.equations.1.attributes.value"
E = "function.equations[0]"
C = "function.equations[1].attributes.value"

REFUSED: list[tuple[str, Any, str]] = [
    ("version", ..., "version is missing"),
    ("version", 2, "version is 2 but must be 1, the one that this diptych reads"),
    ("version", "1", 'version is "1" but must be a valid integer'),
    ("version", True, "version is true but must be a valid integer"),
    ("extra", 1, "extra is unknown"),
    ("function", ..., "function is missing"),
    ("function", [], "function is a list 0 long but must be an object"),
    ("function.name", 3, "function.name is 3 but must be a valid string"),
    ("function.name", "x" * 10_001, f'function.name is "{"x" * 59}... but must be at most 10000 characters long'),
    ("function.extra", 1, "function.extra is unknown"),
    ("function.parameters", {}, "function.parameters is an object but must be a list"),
    ("function.parameters", [1, 2], "function.parameters[0] is 1 but must be an object"),
    ("function.parameters.0.name", "a b", 'function.parameters[0].name is "a b" but must be a name such as x'),
    ("function.parameters.0.name", "x\n", 'function.parameters[0].name is "x\\n" but must be a name such as x'),
    ("function.parameters.0.type", "f33[2]", "function.parameters[0]: dtype 'f33' is unknown\n  try: f32"),
    ("function.parameters.0.type", None, "function.parameters[0].type is null but must be a valid string"),
    ("function.parameters.1.name", "x", "function.parameters[1]: %x is defined twice"),
    ("function.results", ["w"], "function.results: %w is not defined before its use"),
    ("function.results", [0], "function.results[0] is 0 but must be a valid string"),
    ("function.equations", None, "function.equations is null but must be a list"),
    (FIRST, "neg", f'{E} is "neg" but must be an object'),
    (f"{FIRST}.op", ..., f"{E}.op is missing"),
    (f"{FIRST}.op", "reduce", f"{E}: op 'reduce' is unknown\n  try: reduce_or"),
    (f"{FIRST}.operands", ["y"], f"{E}: %y is not defined before its use"),
    (f"{FIRST}.operands", [], f"{E}: reduce_sum: has 0 operands but must have 1 (x)"),
    (f"{FIRST}.operands", 10**30, f"{E}.operands is a huge integer but must be a list"),
    (f"{FIRST}.results", [], f"{E}: reduce_sum: has 0 results by name but must have 1: (f32[3])"),
    (
        f"{FIRST}.results.0.type",
        "f32[4]",
        f"{E}: reduce_sum: %y is f32[4] but must be f32[3], what reduce_sum gives here",
    ),
    (f"{FIRST}.results.0.name", "x", f"{E}: %x is defined twice"),
    (f"{FIRST}.attributes", [], f"{E}.attributes is a list 0 long but must be an object"),
    (f"{FIRST}.attributes", {}, f"{E}: reduce_sum: attribute axes is missing"),
    (f"{FIRST}.attributes", {"axis": 0}, f"{E}: reduce_sum: attribute axis is unknown, its attributes are: axes"),
    (f"{FIRST}.attributes.axes", 0, f"{E}.attributes.axes is 0 but must be a list"),
    (f"{FIRST}.attributes.axes", None, f"{E}.attributes.axes is null but must be a list"),
    (f"{FIRST}.attributes.axes", [0, 1.0], f"{E}.attributes.axes[1] is 1.0 but must be a valid integer"),
    (f"{FIRST}.attributes.axes", [True], f"{E}.attributes.axes[0] is true but must be a valid integer"),
    (
        f"{FIRST}.attributes.axes",
        [2**63],
        f"{E}.attributes.axes[0] is 9223372036854775808 but must be less than 9223372036854775808",
    ),
    (f"{FIRST}.attributes.axes", [5], f"{E}: reduce_sum: axes is 5 but must be from 0 to 1"),
    (f"{FIRST}.location.line", "11", f'{E}.location.line is "11" but must be a valid integer'),
    (f"{FIRST}.location.file", ..., f"{E}.location.file is missing"),
    (f"{FIRST}.location", "a.py:3", f'{E}.location is "a.py:3" but must be an object'),
    (CONSTANT, 3, f"{C} is 3 but must be an object"),
    (f"{CONSTANT}.type", "f32[n]", f"{C}: constant is of type f32[n] but must have numbers for sizes"),
    (f"{CONSTANT}.values", ..., f"{C}: constant has none but must have one of values, splat and data"),
    (f"{CONSTANT}.splat", 1, f"{C}: constant has values and splat but must have one of values, splat and data"),
    (f"{CONSTANT}.values", 1.0, f"{C}: an element stands along axis 0 but must be a list 3 long"),
    (f"{CONSTANT}.values", [1.0], f"{C}: list along axis 0 has 1 items but must have 3"),
    (
        f"{CONSTANT}.values",
        [1, 2, "3"],
        f"{C}: element is \"3\" but must be a number, true, false, or a string such as 'inf'",
    ),
    (
        f"{CONSTANT}.values",
        [1, 2, [3]],
        f"{C}: element is a list 1 long but must be a number, true, false, or a string such as 'inf'",
    ),
    (
        f"{CONSTANT}.values",
        [1, 2, None],
        f"{C}: element is null but must be a number, true, false, or a string such as 'inf'",
    ),
    (f"{CONSTANT}.values", [1, 2, True], f"{C}: element of f32 is true but must be a number, inf or nan"),
    (f"{CONSTANT}.values", [1, 2, "nano"], f"{C}: element of f32 is nano but must be a number, inf or nan"),
    (f"{CONSTANT}.values", [1, 2, 1e39], f"{C}: element of f32 is 1e+39 but must be in its range"),
    (f"{CONSTANT}.type", "f32[1000000000]", f"{C}: list along axis 0 has 3 items but must have 1000000000"),
    (
        CONSTANT,
        {"type": "f32[1000000000]", "splat": 0.0},
        f"{C}: constant of type f32[1000000000] brings the "
        "text over its limit: at most 67108864 bytes for constants of equal elements\n  try: use a broadcast",
    ),
    (
        CONSTANT,
        {"type": "f32[2]", "data": "abc"},
        f"{C}: data abc of type f32[2] is missing\n  try: pass the data saved with this program",
    ),
    (CONSTANT, {"type": "f32[2]", "data": 3}, f"{C}.data is 3 but must be a valid string"),
    (CONSTANT, {"type": "c64[1]", "values": [1.0]}, f"{C}: an element stands along axis 1 but must be a list 2 long"),
]


@pytest.mark.parametrize(
    ("path", "value", "message"), REFUSED, ids=[f"{path} {value!r}"[:60] for path, value, _ in REFUSED]
)
def test_the_text_of_each_refusal(path: str, value: Any, message: str) -> None:
    assert refusal(changed(path, value)) == message


def attribute_refusal(op: str, attributes: dict[str, Any]) -> str:
    """The refusal of one equation's attributes, after its path."""
    equation = {"results": [], "op": op, "operands": [], "attributes": attributes}
    message = refusal(changed("function.equations", [equation]))
    return message.removeprefix("function.equations[0].attributes")


ATTRIBUTES: list[tuple[str, dict[str, Any], str]] = [
    ("cumulative_sum", {"reverse": 1}, ".reverse is 1 but must be a valid boolean"),
    ("gather", {"bounds": "clamp"}, ".bounds is \"clamp\" but must be 'error' or 'clip'"),
    ("convolution", {"layout": 3}, ".layout is 3 but must be a valid string"),
    ("dimension", {"size": 1.5}, ".size is 1.5 but must be an integer or a string such as '2*batch'"),
    ("dimension", {"size": "a b"}, ".size: dimension 'a b' is malformed at 'b'"),
    ("reshape", {"shape": ["n", True]}, ".shape[1] is true but must be an integer or a string such as '2*batch'"),
    ("window_sum", {"padding": [[1]]}, ".padding[0] is a list 1 long but must be 2 long"),
    ("window_sum", {"padding": [[1, 2, 3]]}, ".padding[0] is a list 3 long but must be 2 long"),
    ("while_loop", {"bound": "none"}, '.bound is "none" but must be a valid integer'),
    ("host_call", {"results": ["f32"]}, ".results: type is 'f32' but must be like f32[2,batch]"),
    ("host_call", {"function": {"host": "f"}}, ".function is an object but must be a valid string"),
    ("call", {"body": "f"}, '.body is "f" but must be an object'),
    ("call", {"body": {"name": "f"}}, ".body.parameters is missing"),
]  # fmt: skip


@pytest.mark.parametrize(("op", "attributes", "message"), ATTRIBUTES, ids=str)
def test_the_refusal_of_each_kind_of_attribute(op: str, attributes: dict[str, Any], message: str) -> None:
    assert attribute_refusal(op, attributes) == message


def test_an_unknown_dtype_is_refused() -> None:
    message = attribute_refusal("cast", {"dtype": "float32"})
    assert message.startswith(".dtype is \"float32\" but must be 'bool', 'i8', ")


NOT_JSON = {
    "": "line 1, column 1: text is not JSON: Expecting value",
    '{"version": 1,\n"function": }': "line 2, column 13: text is not JSON: Expecting value",
    DOCUMENT[:300]: "line 6, column 116: text is not JSON: Unterminated string starting at",
    DOCUMENT + "{}": "line 11, column 1: text is not JSON: Extra data",
    '{"version": NaN}': 'NaN is not JSON: "nan", "inf" and "-inf" are strings',
    '{"version": 1, "version": 1}': "key 'version' stands twice in one object",
    f'{{"version": {"9" * 5000}}}': "text is not a document: it has a number of too many digits",
    "[]": "document is a list 0 long but must be an object",
    "null": "document is null but must be an object",
    '["[[\\"", ' + "[" * 1000: "line 1, column 509: JSON nests deeper than 500",
    "[" * 10_000: "line 1, column 501: JSON nests deeper than 500",
    '{"version": 1,\n"function": ' + '{"a":' * 10_000: "line 2, column 2508: JSON nests deeper than 500",
}


@pytest.mark.parametrize("text", NOT_JSON, ids=lambda text: text[:30].split("\n")[0] or "empty")
def test_what_is_not_json_is_refused(text: str) -> None:
    assert refusal(text) == NOT_JSON[text]


def test_too_long_a_text_is_refused() -> None:
    assert refusal(" " * (MAX_TEXT + 1)) == "text has 67108865 characters but must have at most 67108864"


def test_an_infinite_number_is_no_way_to_write_infinity() -> None:
    text = DOCUMENT.replace("0.5", "1e999")
    assert "element is out of range but must be a number" in refusal(text)


def test_nan_bits_survive() -> None:
    bits = np.array([0x7FC00001, 0xFFC00000], np.uint32)
    b = builder()
    built = b.finish([b.constant(value=Constant(bits.view(np.float32)))])
    assert '"values": ["nan(0x7fc00001)", "nan(0xffc00000)"]' in to_json(built)
    assert from_json(to_json(built)) == built
    assert from_json(to_json(built)).result_types == (TensorType(dtypes.f32, (2,)),)
