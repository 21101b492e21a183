"""Text and JSON that mean harm or are broken: one clear error, soon, without a crash and without much memory."""

from __future__ import annotations

import json
import re
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from diptych.ir import (
    OPS,
    Constant,
    Dim,
    DiptychError,
    Function,
    HostFunction,
    Op,
    ParseError,
    TensorType,
    TypeRuleError,
    VerificationError,
    dtypes,
    floor_divide,
    function_data,
    named,
    parse,
    print_function,
)
from diptych.ir.document import from_json, to_json
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ir.programs import PROGRAMS, nested

Reader = Callable[[str], Function]

SOON = 5.0  # seconds of processor time, of which a busy machine takes more; a tenth of it is the rule


def refused(read: Reader, text: str, *, within: float = SOON) -> DiptychError:
    """The error with which `text` is refused, in time."""
    start = time.process_time()
    with pytest.raises((ParseError, VerificationError)) as caught:
        read(text)
    assert time.process_time() - start < within
    return caught.value


def function(body: str) -> str:
    return f"func @f(%x: f32[], %v: f32[3]) -> () {{ {body} return }}"


def document(equations: str = "", parameters: str = "") -> str:
    return (
        '{"version": 1, "function": {"name": "f", "results": [], '
        f'"parameters": [{parameters}], "equations": [{equations}]}}}}'
    )


def constant(type: str, text: str) -> str:
    return function(f"%c: {type} = constant {{value={type} {text}}}")


MANY = 100_000

HOSTILE_TEXTS: dict[str, str] = {
    "functions 10,000 deep": "func @f(%x: f32[]) -> (f32[]) { %y: f32[] = call %x {body=" * 10_000,
    "lists 10,000 deep": constant("f32[2]", "[" * 10_000),
    "parentheses 10,000 deep": f"func @f(%x: f32[{'(' * 10_000}n{')' * 10_000}]) -> () {{ return }}",
    "quotients 10,000 deep": f"func @f(%x: f32[{'floordiv(' * 10_000}]) -> () {{ return }}",
    "a splat of 1e9 elements": constant("f32[1000000000]", "0.0"),
    "a list said to have 1e9 elements": constant("f32[1000000000]", "[0.0]"),
    "data said to have 1e9 elements": constant("f32[1000000000]", 'data "00"'),
    "an element of 1e9 lists": constant("f32[1000000000,1]", "[[0.0]]"),
    "many splats": function(
        "".join(f"%c{i}: f32[1000000] = constant {{value=f32[1000000] {i}.0}} " for i in range(1000))
    ),
    "1e9 empty lists": constant("f32[1000000000,0]", "[[],[]]"),
    "an empty array too large for numpy": constant("f32[4611686018427387903,0]", "[]"),
    "a huge number of elements": constant("f32[4611686018427387904]", "0.0"),
    "a huge size": function("%y: f32[99999999999999999999999] = neg %x"),
    "a huge power": "func @f(%x: f32[(((9^16)^16)^16)^16]) -> () { return }",
    "a large polynomial": "func @f(%x: f32[(a+b+c+d+e+f+g+h)^16]) -> () { return }",
    "a product of many sums": f"func @f(%x: f32[{','.join(f'a{i}+b{i}' for i in range(60))}]) -> () {{ "
    "%y: f32[2] = reshape %x {shape=[2]} return }",
    "quotients that do not divide": "func @f("
    + ",".join(f"%x{i}: f32[floordiv(a{i}^16,a{i}-b-c-d-e)]" for i in range(200))
    + ") -> () { return %x }",
    "many dimensions": f"func @f({', '.join(f'%a{i}: f32[n{i}]' for i in range(5000))}) -> () {{ return }}",
    "many axes": f"func @f(%x: f32[{'1,' * MANY}1]) -> () {{ return }}",
    "a long sum of sizes": f"func @f({', '.join(f'%a{i}: f32[n{i}]' for i in range(900))}) -> () {{ "
    f"%y: f32[3] = concatenate {', '.join(f'%a{i}' for i in range(900))} {{axis=0}} return }}",
    "a huge integer": function(f"%y: f32[] = reduce_sum %v {{axes=[{'9' * MANY}]}}"),
    "a huge element": constant("i64[2]", f"[1, {'9' * MANY}]"),
    "a huge fraction": constant("f64[2]", f"[1, 0.{'9' * MANY}]"),
    "a huge exponent": constant("f64[2]", f"[1, 1e{'9' * MANY}]"),
    "a huge power of a size": f"func @f(%x: f32[n^{'9' * 300}]) -> () {{ return }}",
    "many integers": function(f"%y: f32[] = reduce_sum %v {{axes=[{'0,' * MANY}0]}}"),
    "many pairs": function(f"%y: f32[3] = window_sum %v {{padding=[{'[1,1],' * 10_000}0]}}"),
    "many attributes": function(f"%y: f32[] = reduce_sum %v {{{'axes=[0],' * MANY}}}"),
    "many operands": function(f"%y: f32[] = neg {'%x,' * MANY}%x"),
    "many results": function(", ".join(f"%y{i}: f32[]" for i in range(10_000)) + " = neg %x"),
    "a cycle of two": function("%a: f32[] = neg %b %b: f32[] = neg %a"),
    "a cycle of one": function("%a: f32[] = neg %a"),
    "a cycle through a nested function": function("%a: f32[] = call {body=func @g() -> (f32[]) { return %a }}"),
    "one name many times": f"func @f({'%a: f32[],' * MANY}%a: f32[]) -> () {{ return }}",
    "a long name": f"func @{'a/' * MANY}",
    "a long word": "a" * MANY,
    "a long op": function(f"%y: f32[] = {'a' * MANY} %x"),
    "a long undefined name": function(f"%y: f32[] = neg %{'a' * MANY}"),
    "a long layout": function(f'%y: f32[] = convolution %v, %v {{layout="{"n" * MANY}"}}'),
    "an open string": f'func @"{"a" * MANY}',
    "an open string of escapes": 'func @"' + "\\\\" * MANY,
    "blanks": " " * MANY,
    "comments": "// a:1\n" * MANY,
    "slashes": "/" * MANY,
    "garbage": "\x00\x01é\ud800" * 25_000,
    "closing brackets": "}])" * MANY,
    "sigils": "%@" * MANY,
    "nothing": "",
}

HOSTILE_JSON: dict[str, str] = {
    "objects 10,000 deep": '{"version": 1, "function": ' * 10_000,
    "lists 10,000 deep": "[" * 10_000,
    "many brackets": "[" * 1_000_000,
    "values 900 deep": document('{"results": [], "op": "constant", "operands": [], "attributes": {"value": {"type": '
                                f'"f32[2]", "values": {"[" * 300}{"]" * 300}}}}}}}'),
    "a splat of 1e9 elements": document('{"results": [{"name": "c", "type": "f32[1000000000]"}], "op": "constant", '
                                        '"operands": [], "attributes": {"value": {"type": "f32[1000000000]", '
                                        '"splat": 0.0}}}'),
    "a list said to have 1e9 elements": document('{"results": [], "op": "constant", "operands": [], "attributes": '
                                                 '{"value": {"type": "f32[1000000000]", "values": [0.0]}}}'),
    "many wrong equations": document("0," * MANY + "0"),
    "many wrong parameters": document(parameters="0," * MANY + "0"),
    "many wrong axes": document('{"results": [], "op": "reduce_sum", "operands": [], "attributes": {"axes": ['
                                + '"a",' * MANY + '"a"]}}'),
    "many keys": '{"version": 1, ' + ", ".join(f'"k{i}": 0' for i in range(MANY)) + "}",
    "one key many times": '{"version": 1' + ', "version": 1' * MANY + "}",
    "a huge integer": f'{{"version": {"9" * MANY}}}',
    "a large integer": f'{{"version": {"9" * 4000}}}',
    "a huge number": '{"version": 1e999}',
    "nan": '{"version": NaN}',
    "a cycle": document('{"results": [{"name": "a", "type": "f32[]"}], "op": "neg", "operands": ["a"]}'),
    "a long string": '"' + "a" * MANY,
    "a long name": document(parameters=f'{{"name": "{"a/" * MANY}", "type": "f32[]"}}'),
    "a long type": document(parameters=f'{{"name": "a", "type": "{"f32[" * MANY}"}}'),
    "garbage": "\x00\x01é\ud800" * 25_000,
    "nothing": "",
    "null": "null",
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE_TEXTS)
def test_hostile_text_is_refused_soon(what: str) -> None:
    assert len(str(refused(parse, HOSTILE_TEXTS[what]))) < 1200


@pytest.mark.parametrize("what", HOSTILE_JSON)
def test_hostile_json_is_refused_soon(what: str) -> None:
    assert len(str(refused(from_json, HOSTILE_JSON[what]))) < 1200


@pytest.mark.parametrize("what", ["a splat of 1e9 elements", "many splats", "a long name", "comments", "many axes"])
def test_hostile_text_takes_little_memory(what: str) -> None:
    tracemalloc.start()
    refused(parse, HOSTILE_TEXTS[what], within=10)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100 * 2**20


def test_time_grows_linearly_with_the_text() -> None:
    def seconds(count: int) -> float:
        lines = "".join(f"%y{i}: f32[] = add %x, %x // a.py:{i}\n" for i in range(count))
        start = time.process_time()
        parse(function(lines))
        return time.process_time() - start

    seconds(100)
    assert min(seconds(16_000) for _ in range(3)) < 4 * 4 * max(seconds(4_000) for _ in range(3))


SMALL = {name: program for name, program in PROGRAMS.items() if name in ("shapes", "control", "names", "random")}
CONSTANTS = """\
func @constants() -> (f32[3], c64[2]) {
  %a: f32[3]   = constant {value=f32[3] [1.0, nan, -inf]}
  %b: c64[2]   = constant {value=c64[2] [(1.0, 2.0), (nan(0x7fc00001), -0.0)]}
  %c: i8[2,2]  = constant {value=i8[2,2] [[1, 2], [3, -4]]}
  %d: u64[100] = constant {value=u64[100] 18446744073709551615}
  return %a, %b
}"""


def test_text_cut_off_anywhere_is_refused() -> None:
    for text in (print_function(SMALL["control"]), print_function(SMALL["shapes"], locations=True), CONSTANTS):
        assert parse(text)
        for end in range(0, len(text), 1 + len(text) // 1000):
            with pytest.raises(ParseError):
                parse(text[:end])


def test_json_cut_off_anywhere_is_refused() -> None:
    text = to_json(SMALL["shapes"]).strip()
    assert from_json(text) == SMALL["shapes"]
    for end in range(0, len(text), 3):
        with pytest.raises(ParseError):
            from_json(text[:end])


TOKEN = re.compile(r"[%@]?[A-Za-z0-9_.]+|\s+|.", re.DOTALL)
TEXTS = [*(print_function(program) for program in SMALL.values()), print_function(nested(4)), CONSTANTS]
JSONS = [to_json(program) for program in SMALL.values()] + [to_json(parse(CONSTANTS))]
POOL = [
    "0", "-1", "1000000000", "4611686018427387904", "99999999999999999999999", "batch", "n^16", "(a+b+c)^16", "nan",
    "floordiv(a,b)", "floordiv(a,0)", "inf", "true", "none", "null", "1e999", "[", "]", "{", "}", "(", ")", ",", "=",
    ":", "->", '"', "//", "func", "return", "@x", "%x", "%0", "f32[]", "f32[1000000000]", "c128[2]", "data", "\x00",
    "é", "\ud800", "\\", "\n",
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, texts: list[str]) -> str:
    """A valid text with a few tokens replaced, removed, repeated, exchanged or cut off."""
    tokens = TOKEN.findall(draw(st.sampled_from(texts)))
    known = sorted(set(tokens))
    for _ in range(draw(st.integers(1, 4))):
        here = draw(st.integers(0, len(tokens) - 1))
        there = draw(st.integers(0, len(tokens) - 1))
        match draw(st.integers(0, 7)):
            case 0:
                tokens[here] = draw(st.sampled_from(POOL))
            case 1:
                tokens[here] = draw(st.sampled_from(known))
            case 2:
                tokens.insert(here, draw(st.sampled_from(POOL)))
            case 3:
                tokens[here], tokens[there] = tokens[there], tokens[here]
            case 4:
                tokens[here:here] = tokens[here : here + 20]
            case 5:
                tokens[here] = tokens[here][:1] + draw(st.characters()) + tokens[here][1:]
            case 6:
                del tokens[here + 1 : here + 20]
            case _:
                del tokens[here + 1 :]
    return "".join(tokens)


def survives(read: Reader, text: str) -> None:
    """Whatever `text` is, it is refused with one of the language's errors, or it is a program that round-trips."""
    start = time.process_time()
    try:
        program = read(text)
    except (ParseError, VerificationError) as error:
        assert str(error)
    else:
        printed = print_function(program)
        assert parse(printed, data=function_data(program)) == program
        assert from_json(to_json(program), data=function_data(program)) == program
    assert time.process_time() - start < SOON


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated(TEXTS))
def test_mutated_text_never_crashes(text: str) -> None:
    survives(parse, text)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated(JSONS))
def test_mutated_json_never_crashes(text: str) -> None:
    survives(from_json, text)


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_any_text_never_crashes(text: str) -> None:
    survives(parse, text)
    survives(parse, f"func @f(%x: f32[{text}]) -> () {{ {text} return }}")
    survives(from_json, text)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["f32[2]", "x", "n"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "values", "name"]), inner),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_value_anywhere_in_a_document_never_crashes(data: st.DataObject) -> None:
    whole = json.loads(data.draw(st.sampled_from(JSONS)))
    place, key = whole, data.draw(st.sampled_from(["function", "version"]))
    while isinstance(place[key], dict | list) and place[key] and data.draw(st.integers(0, 9)):
        place = place[key]
        key = data.draw(st.sampled_from(range(len(place)) if isinstance(place, list) else sorted(place)))
    place[key] = data.draw(json_values)
    survives(from_json, json.dumps(whole))


N = named("n")
dims = st.sampled_from([0, 1, 2, 3, 8, 10**9, 2**61, N, 2 * N + 1, N * named("m"), 3 - N, floor_divide(N, 2), -N])
numbers = st.sampled_from([0, 0, 1, 1, 2, 3, -1, -2, 7, 2**62, -(2**63), 2**63 - 1])
some_types = st.builds(
    TensorType,
    st.sampled_from([dtypes.f32, dtypes.i32, dtypes.bool_, dtypes.c64]),
    st.lists(dims, max_size=4).map(tuple),
)
functions = [nested(2), *(child for e in PROGRAMS["control"].equations for _, child in e.functions())]


def attribute_values(kind: str, choices: tuple[str, ...]) -> st.SearchStrategy[Any]:
    sizes: st.SearchStrategy[Dim] = dims | numbers
    return {
        "int": numbers,
        "bool": st.booleans(),
        "choice": st.sampled_from(choices or ("",)),
        "string": st.sampled_from(["", "n01c,01io->n01c", "nc,oi->nc", "n,o->n", ",->", "0,0->0", "n" * 50]),
        "dtype": st.sampled_from([dtypes.f32, dtypes.i32, dtypes.u64, dtypes.bool_, dtypes.c64]),
        "dim": sizes,
        "shape": st.lists(sizes, max_size=3),
        "ints": st.lists(numbers, max_size=3),
        "pairs": st.lists(st.tuples(numbers, numbers), max_size=3),
        "types": st.lists(some_types, max_size=2),
        "optional": st.none() | numbers,
        "constant": st.just(Constant(1.5)),
        "function": st.sampled_from(functions),
        "host": st.just(HostFunction("f")),
    }[kind]


@pytest.mark.parametrize("op", OPS.values(), ids=lambda op: op.name)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_type_rule_refuses_or_answers_whatever_it_is_given(op: Op, data: st.DataObject) -> None:
    count = len(op.operand_names) - op.is_variadic + (data.draw(st.integers(0, 3)) if op.is_variadic else 0)
    first = data.draw(some_types)
    operands = [data.draw(st.just(first) | some_types) for _ in range(count)]
    attributes = {
        name: data.draw(attribute_values(attribute.kind, attribute.choices))
        for name, attribute in op.attributes.items()
    }
    try:
        results = op.infer(operands, op.complete(attributes))
    except TypeRuleError as error:
        assert error.message.startswith(f"{op.name}: ")
    else:
        assert all(isinstance(result, TensorType) for result in results)
