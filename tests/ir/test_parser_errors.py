"""The exact text of every refusal of the parser."""

from __future__ import annotations

import pytest
from diptych.ir import ParseError, parse, print_function
from diptych.ir.limits import MAX_DEPTH, MAX_TEXT

from tests.ir.programs import nested

REFUSED_OUTLINES: list[tuple[str, str]] = [
    ("", "line 1, column 1: the end of the text is found where 'func' is expected"),
    ("function @f", "line 1, column 1: 'function' is found where 'func' is expected"),
    ("func f", "line 1, column 6: 'f' is found where a function's name such as @main is expected"),
    ("func @", "line 1, column 6: '@' is found where a function's name such as @main is expected"),
    ('func @"a', "line 1, column 7: '\"' is found where a function's name is expected"),
    ("func @f(", "line 1, column 9: the end of the text is found where a value such as %x is expected"),
    ("func @f(x", "line 1, column 9: 'x' is found where a value such as %x is expected"),
    ("func @f(%x)", "line 1, column 11: ')' is found where ':' is expected"),
    ("func @f(%x: f32)", "line 1, column 13: 'f32' is found where a type such as f32[2,batch] is expected"),
    ("func @f(%x: f32[],)", "line 1, column 19: ')' is found where a value such as %x is expected"),
    ("func @f(%x: f32[] %y", "line 1, column 19: '%y' is found where ')' is expected"),
    ("func @f(%x: f33[2]) -> ()", "line 1, column 13: dtype 'f33' is unknown\n  try: f32"),
    ("func @f(%x: f32[a b]) -> ()", "line 1, column 13: dimension 'a b' is malformed at 'b'"),
    ("func @f(%x: f32[], %x: f32[])", "line 1, column 20: %x is defined twice"),
    ("func @f() {", "line 1, column 11: '{' is found where '->' is expected"),
    ("func @f() -> () {", "line 1, column 18: the end of the text is found where an equation or 'return' is expected"),
    ("func @f() -> () { return", "line 1, column 25: the end of the text is found where '}' is expected"),
    ("func @f() -> () { return } func", "line 1, column 28: 'func' is found where the end of the text is expected"),
    ("func @f() -> () { return } x\n", "line 1, column 28: 'x' is found where the end of the text is expected"),
    (
        "func @f(%x: f32[]) -> (f32[2]) { return %x }",
        "line 1, column 23: result types are (f32[2]) but must be (f32[]), as returned",
    ),
    ("func @f() -> (f32[]) { return %x }", "line 1, column 31: %x is not defined before its use"),
    ("func @f() -> (f32[]) { return %x, }", "line 1, column 31: %x is not defined before its use"),
]

REFUSED_EQUATIONS: list[tuple[str, str]] = [
    ("%z = neg %x", "line 2, column 4: '=' is found where ':' is expected"),
    ("%z: f32[2,3] neg %x", "line 2, column 14: 'neg' is found where '=' is expected"),
    ("%z: f32[2,3] = %x", "line 2, column 16: '%x' is found where an op is expected"),
    ("%z: f32[2,3] = negate %x", "line 2, column 16: op 'negate' is unknown\n  try: neg"),
    ("%z: f32[2,3] = qqqq %x", "line 2, column 16: op 'qqqq' is unknown"),
    ("%z: f32[2,3] = return %x", "line 2, column 16: op 'return' is unknown"),
    ("%z: f32[2,3] = neg %w", "line 2, column 20: %w is not defined before its use"),
    ("%z: f32[2,3] = add %x, %xx", "line 2, column 24: %xx is not defined before its use\n  try: %x"),
    ("%z: f32[2,3] = neg %z", "line 2, column 20: %z is not defined before its use"),
    ("%a: f32[3] = neg %b\n%b: f32[3] = neg %a", "line 2, column 18: %b is not defined before its use"),
    ("%z: f32[2,3] = add %x,", "line 3, column 1: 'return' is found where a value such as %x is expected"),
    ("%z: f32[2,3] = add %x", "line 2, column 1: add: has 1 operands but must have 2 (lhs, rhs)"),
    (
        "  %z: f32[2,3] = add %x, %y",
        "line 2, column 3: add: rhs is f32[3] but must be f32[2,3], lhs's shape\n  try: insert a broadcast",
    ),
    ("%z: f32[3,2] = neg %x", "line 2, column 1: neg: %z is f32[3,2] but must be f32[2,3], what neg gives here"),
    ("%x: f32[2,3] = neg %x", "line 2, column 1: %x is defined twice"),
    ("%q: f32[2,2] = qr %x", "line 2, column 1: qr: has 1 results by name but must have 2: (f32[2,2], f32[2,3])"),
    ("%q: f32[2,3], %q: f32[2,3] = sort %x, %x {axis=0}", "line 2, column 1: %q is defined twice"),
    ("neg %x", "line 2, column 1: neg: has 0 results by name but must have 1: (f32[2,3])"),
    ("%z: f32[2] = reduce_sum %x", "line 2, column 1: reduce_sum: attribute axes is missing"),
    ("%z: f32[2] = reduce_sum %x {}", "line 2, column 29: '}' is found where an attribute's name is expected"),
    (
        "%z: f32[2] = reduce_sum %x {axis=[1]}",
        "line 2, column 29: reduce_sum: attribute axis is unknown, its attributes are: axes",
    ),
    ("%z: f32[2] = reduce_sum %x {axes=[1], axes=[1]}", "line 2, column 39: reduce_sum: attribute axes is given twice"),
    ("%z: f32[2] = reduce_sum %x {axes 1}", "line 2, column 34: '1' is found where '=' is expected"),
    (
        "%z: f32[2] = reduce_sum %x {axes=1}",
        "line 2, column 34: '1' is found where axes, a sequence of integers, is expected",
    ),
    ("%z: f32[2] = reduce_sum %x {axes=[1}", "line 2, column 36: '}' is found where ']' is expected"),
    (
        "%z: f32[2] = reduce_sum %x {axes=[1,]}",
        "line 2, column 37: ']' is found where axes, a sequence of integers, is expected",
    ),
    (
        "%z: f32[2] = reduce_sum %x {axes=[1.0]}",
        "line 2, column 35: '1.0' is found where axes, a sequence of integers, is expected",
    ),
    ("%z: f32[2] = reduce_sum %x {axes=[1] ", "line 3, column 1: 'return' is found where '}' is expected"),
    ("%z: f32[2] = reduce_sum %x {axes=[2]}", "line 2, column 1: reduce_sum: axes is 2 but must be from 0 to 1"),
    (
        "%z: f32[2] = reduce_sum %x {axes=[99999999999999999999]}",
        "line 2, column 1: reduce_sum: axes is (99999999999999999999,) but must fit in 64 bits",
    ),
    (
        f"%z: f32[2] = reduce_sum %x {{axes=[{'9' * 5000}]}}",
        "line 2, column 35: axes has 5000 digits but must fit in 64 bits",
    ),
    (
        "%z: f32[2,3] = cumulative_sum %x {axis=[0]}",
        "line 2, column 40: '[' is found where axis, an integer, is expected",
    ),
    (
        "%z: f32[2,3] = cumulative_sum %x {axis=0, reverse=1}",
        "line 2, column 51: '1' is found where reverse, true or false, is expected",
    ),
    (
        "%z: f32[2,3] = cumulative_sum %x {axis=0, reverse=tru}",
        "line 2, column 51: 'tru' is found where reverse, true or false, is expected\n  try: true",
    ),
    (
        "%z: f16[2,3] = cast %x {dtype=float16}",
        "line 2, column 31: 'float16' is found where dtype, a dtype, is expected\n  try: f16",
    ),
    (
        "%z: f32[3] = gather %y, %y {axes=[0], bounds=clamp}",
        "line 2, column 46: 'clamp' is found where bounds, one of error, clip, is expected\n  try: clip",
    ),
    (
        "%z: f32[3] = convolution %y, %y {layout=nc}",
        "line 2, column 41: 'nc' is found where layout, a string, is expected",
    ),
    ("%z: f32[3,2] = reshape %x {shape=3}", "line 2, column 34: '3' is found where shape, a shape, is expected"),
    ("%z: f32[3,2] = reshape %x {shape=[3 2]}", "line 2, column 35: dimension '3 2' is malformed at '2'"),
    (
        "%z: i32[] = dimension {size=(n, dtype=i32}",
        "line 2, column 29: '(' is found where a dimension of at most 400 characters is expected",
    ),
    ("%z: i32[] = dimension {size=, dtype=i32}", "line 2, column 29: dimension '' is malformed at its end"),
    (
        "%z: f32[1] = window_sum %y {window=[1], stride=[1], padding=[[1]]}",
        "line 2, column 1: window_sum: padding is ((1,),) but must be a sequence of pairs of integers",
    ),
    (
        "%z: f32[1] = window_sum %y {padding=[1, 2]}",
        "line 2, column 38: '1' is found where padding, a sequence of pairs of integers, is expected",
    ),
    ("host_call {results=[f32]}", "line 2, column 21: 'f32' is found where a type such as f32[2,batch] is expected"),
    ('host_call {function="f"}', "line 2, column 21: '\"' is found where function, a host function, is expected"),
    ("host_call {function=host f}", "line 2, column 26: 'f' is found where a host function's name is expected"),
    ("while_loop {bound=no}", "line 2, column 19: 'no' is found where bound, an integer or none, is expected"),
    ("call %x {body=@f}", "line 2, column 15: '@f' is found where body, a function, is expected"),
    ("call %x {body=func @g() -> (f32[2,3]) { return %x }}", "line 2, column 48: %x is not defined before its use"),
    (
        "%c: f32[] = constant {value=1.0}",
        "line 2, column 29: '1.0' is found where a type such as f32[2,batch] is expected",
    ),
    (
        "%c: f32[n] = constant {value=f32[n] 0}",
        "line 2, column 30: constant is of type f32[n] but must have numbers for sizes",
    ),
    ("%c: f32[] = constant {value=f32[] [1]}", "line 2, column 35: '[' is found where an element of f32 is expected"),
    ("%c: f32[2] = constant {value=f32[2] [1]}", "line 2, column 39: list along axis 0 has 1 items but must have 2"),
    (
        "%c: f32[2] = constant {value=f32[2] [1,2,3]}",
        "line 2, column 43: list along axis 0 has 3 items but must have 2",
    ),
    (
        "%c: bool[2] = constant {value=bool[2] [true,true,true]}",
        "line 2, column 54: list along axis 0 has 3 items but must have 2",
    ),
    (
        "%c: bool[2] = constant {value=bool[2] [true]}",
        "line 2, column 44: list along axis 0 has 1 items but must have 2",
    ),
    (
        "%c: i8[2,2] = constant {value=i8[2,2] [[1,2]]}",
        "line 2, column 45: list along axis 0 has 1 items but must have 2",
    ),
    ("%c: i8[2,2] = constant {value=i8[2,2] [1,2]}", "line 2, column 40: '1' is found where '[' is expected"),
    (
        "%c: i8[2] = constant {value=i8[2] [[1,2]]}",
        "line 2, column 36: '[' is found where an element of i8 is expected",
    ),
    (
        "%c: i8[2] = constant {value=i8[2] [1,128]}",
        "line 2, column 38: element of i8 is 128 but must be from -128 to 127",
    ),
    ("%c: i8[0] = constant {value=i8[0] [1]}", "line 2, column 36: '1' is found where ']' is expected"),
    ("%c: i8[2] = constant {value=i8[2] [1,2.5]}", "line 2, column 38: element of i8 is 2.5 but must be an integer"),
    (
        "%c: f32[2] = constant {value=f32[2] [1,1e999]}",
        "line 2, column 40: element of f32 is 1e999 but must be in its range",
    ),
    (
        "%c: f32[2] = constant {value=f32[2] [1,1e99]}",
        "line 2, column 30: element of f32 is 1e+99 but must be in its range",
    ),
    (
        "%c: f32[2] = constant {value=f32[2] [1,1_0]}",
        "line 2, column 40: '1_0' is found where an element of f32 is expected",
    ),
    ("%c: c64[] = constant {value=c64[] 1.0}", "line 2, column 35: '1.0' is found where '(' is expected"),
    ("%c: c64[] = constant {value=c64[] (1.0)}", "line 2, column 39: ')' is found where ',' is expected"),
    (
        "%c: f32[] = constant {value=f32[] infinity}",
        "line 2, column 35: 'infinity' is found where an element of f32 is expected",
    ),
    (
        "%c: f32[2] = constant {value=f32[2] data abc}",
        "line 2, column 42: 'abc' is found where the hash of the data is expected",
    ),
    (
        '%c: f32[9] = constant {value=f32[9] data "abc"}',
        "line 2, column 30: data abc of type f32[9] is missing\n  try: pass the data saved with this program",
    ),
    (
        "%c: f32[1000000000] = constant {value=f32[1000000000] 0.0}",
        "line 2, column 39: constant of type f32[1000000000] brings the text over its limit: at most "
        "67108864 bytes for constants of equal elements\n  try: use a broadcast",
    ),
    (
        "%c: c128[2305843009213693951,0] = constant {value=c128[2305843009213693951,0] []}",
        "line 2, column 51: constant is of type c128[2305843009213693951,0] but must stay under 2**63 bytes",
    ),
]


def refusal(text: str) -> str:
    """The whole error, which must say the place that its attributes have."""
    with pytest.raises(ParseError) as caught:
        parse(text)
    assert str(caught.value).startswith(f"line {caught.value.line}, column {caught.value.column}: ")
    return str(caught.value)


def equation(text: str) -> str:
    return f"func @f(%x: f32[2,3], %y: f32[3]) -> () {{\n{text}\nreturn }}"


@pytest.mark.parametrize(("text", "message"), REFUSED_OUTLINES, ids=[text[:50] for text, _ in REFUSED_OUTLINES])
def test_the_text_of_each_refusal_of_an_outline(text: str, message: str) -> None:
    assert refusal(text) == message


@pytest.mark.parametrize(("text", "message"), REFUSED_EQUATIONS, ids=[text[:50] for text, _ in REFUSED_EQUATIONS])
def test_the_text_of_each_refusal_of_an_equation(text: str, message: str) -> None:
    """The equation stands on line 2."""
    assert refusal(equation(text)) == message


def test_too_long_a_text_is_refused() -> None:
    with pytest.raises(ParseError) as caught:
        parse(" " * (MAX_TEXT + 1))
    assert str(caught.value) == "text has 67108865 characters but must have at most 67108864"


def test_too_long_a_string_is_refused() -> None:
    with pytest.raises(ParseError) as caught:
        parse(equation(f'host_call {{function=host "{"x" * 10_001}"}}'))
    assert str(caught.value) == (
        "line 2, column 26: a host function's name has 10001 characters but must have at most 10000"
    )


def test_nesting_is_capped() -> None:
    assert parse(print_function(nested(MAX_DEPTH))) == nested(MAX_DEPTH)
    text = print_function(nested(MAX_DEPTH)).replace(
        "neg %0", "call %0 {body=func @deep(%0: f32[]) -> (f32[]) { return %0 }}"
    )
    with pytest.raises(ParseError) as caught:
        parse(text)
    assert str(caught.value) == "line 200, column 430: functions nest deeper than 100"
