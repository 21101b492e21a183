"""What equations cost."""

from __future__ import annotations

from random import Random

import pytest
from diptych.ir import parse
from diptych.passes.costs import Cost, Rates, _meetings, cost_of_function

from tests.samples import Sample
from tests.samples.every import SAMPLES


def cost(body: str, parameters: str = "%x: f32[2,3]", result: str = "f32[2,3]") -> Cost:
    return cost_of_function(parse(f"func @f({parameters}) -> ({result}) {{\n%y: {result} = {body}\nreturn %y\n}}"))


@pytest.mark.parametrize(
    ("body", "result", "wanted"),
    [
        ("neg %x", "f32[2,3]", Cost(operations=6, bytes=48, calls=1)),
        ("exp %x", "f32[2,3]", Cost(transcendentals=6, bytes=48, calls=1)),
        ("reduce_sum %x {axes=[0, 1]}", "f32[]", Cost(operations=6, bytes=28, calls=1)),
        ("reshape %x {shape=[6]}", "f32[6]", Cost()),
    ],
)
def test_equations(body: str, result: str, wanted: Cost) -> None:
    assert cost(body, result=result) == wanted


def test_rows_of_a_table_cost_what_is_moved() -> None:
    """However long the table is."""
    table, index, rows = "%x: f32[1000,3]", "%i: i64[4]", "%u: f32[4,3]"
    wanted = Cost(operations=12, bytes=96, calls=1)
    assert cost("gather %x, %i {axes=[0]}", f"{table}, {index}", "f32[4,3]") == wanted
    written = "scatter %x, %u, %i {axes=[0], combine=set}"
    assert cost(written, f"{table}, {rows}, {index}", "f32[1000,3]") == wanted


def test_products() -> None:
    found = cost("matmul %x, %w", "%x: f32[2,3], %w: f32[3,5]", "f32[2,5]")
    assert found == Cost(products=30, bytes=4 * (6 + 15 + 10), calls=1)
    assert found.flops == 60
    layout = 'layout="nc0,oi0->nc0", stride=[1], padding=[[0, 0]], x_dilation=[1], kernel_dilation=[1]'
    found = cost(f"convolution %x, %k {{{layout}}}", "%x: f32[1,2,5], %k: f32[3,2,2]", "f32[1,3,4]")
    assert found.products == 12 * 4


@pytest.mark.parametrize(
    ("x", "kernel", "result", "stride", "padding", "x_dilation", "kernel_dilation", "wanted"),
    [
        (5, 2, 4, 1, (0, 0), 1, 1, 8),
        (5, 3, 5, 1, (1, 1), 1, 1, 13),  # at both ends one element of the kernel meets none
        (5, 3, 3, 2, (1, 1), 1, 1, 7),
        (3, 3, 7, 1, (2, 2), 2, 1, 9),  # each element of x meets each of the kernel
        (3, 2, 3, 1, (0, 0), 2, 2, 4),  # places 0 and 2 meet elements of x
    ],
)
def test_what_meets_zeros_is_no_product(
    x, kernel, result, stride, padding, x_dilation, kernel_dilation, wanted
) -> None:
    attributes = (
        f'layout="nc0,oi0->nc0", stride=[{stride}], padding=[[{padding[0]}, {padding[1]}]], x_dilation=[{x_dilation}], '
        f"kernel_dilation=[{kernel_dilation}]"
    )
    operands = f"%x: f32[1,2,{x}], %k: f32[3,2,{kernel}]"
    found = cost(f"convolution %x, %k {{{attributes}}}", operands, f"f32[1,3,{result}]")
    assert found.products == wanted * 2 * 3


@pytest.mark.parametrize("seed", range(300))
def test_products_along_an_axis_are_counted_one_by_one(seed: int) -> None:
    random = Random(seed)
    size, extent, places = random.randint(1, 9), random.randint(1, 5), random.randint(1, 8)
    stride, spread, apart = (random.randint(1, 3) for _ in range(3))
    low = random.randint(-2, 4)
    reached = [place * stride + element * apart - low for place in range(places) for element in range(extent)]
    wanted = sum(0 <= at <= (size - 1) * spread and at % spread == 0 for at in reached)
    assert _meetings(size, extent, places, low, stride, spread, apart) == wanted


def test_named_dimensions_make_polynomials() -> None:
    text = """
        func @f(%x: f32[n,3], %w: f32[3,5]) -> (f32[n]) {
          %y: f32[n,5] = matmul %x, %w
          %e: f32[n,5] = exp %y
          %s: f32[n] = reduce_sum %e {axes=[1]}
          return %s
        }"""
    found = cost_of_function(parse(text))
    assert {name: str(getattr(found, name)) for name in ("products", "operations", "transcendentals", "flops")} == {
        "products": "15*n", "operations": "5*n", "transcendentals": "5*n", "flops": "40*n"
    }  # fmt: skip
    assert str(found.bytes) == "96*n + 60"
    with pytest.raises(TypeError):
        Rates(1.0, 1.0, 1.0, 1.0, 1.0).nanoseconds(found)


def test_functions_count_as_often_as_they_run() -> None:
    body = "body=func @g(%c: f32[2], %s: f32[2]) -> (f32[2]) {\n%n: f32[2] = add %c, %s\nreturn %n\n}"
    text = f"scan %c, %x {{length=7, carries=1, {body}}}"
    assert cost(text, "%c: f32[2], %x: f32[7,2]", "f32[2]") == Cost(operations=2, bytes=24, calls=1) * 7


def test_time_is_a_sum() -> None:
    rates = Rates(product=1.0, operation=10.0, transcendental=100.0, byte=1000.0, call=10000.0)
    assert rates.nanoseconds(Cost(1, 2, 3, 4, 5)) == 54321.0


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_every_op_has_a_cost(sample: Sample) -> None:
    assert cost_of_function(sample.function()).bytes >= 0
