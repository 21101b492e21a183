"""What `cost` and `memory` print of programs on jax: XLA's own figures, beside ours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from diptych import backends
from diptych.backends import Figures
from diptych.backends.settings import settings
from diptych.cli import main
from diptych.inspector import cost as cost_module
from diptych.inspector import memory as memory_module
from diptych.inspector.tables import counted
from diptych.ir import parse

jax = pytest.importorskip("jax")

TEXT = """func @f(%x: f32[64,64], %w: f32[64,256]) -> (f32[64]) {
  %small: f32[64,64] = matmul %x, %x
  %wide: f32[64,256] = matmul %small, %w
  %e: f32[64,256] = exp %wide
  %sum: f32[64] = reduce_sum %e {axes=[1]}
  return %sum
}
"""
PEAK = ("--peak", "100", "--bandwidth", "20")

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def target(tmp_path: Path) -> str:
    path = tmp_path / "f.ir"
    path.write_text(TEXT)
    return str(path)


def compiled() -> Any:
    """The program as jax compiles it, without us but for its kernels."""
    from diptych.backends.jax import traceable, wide_types

    function = parse(TEXT)
    with wide_types():
        types = [jax.ShapeDtypeStruct(each.static_shape(), each.dtype.numpy) for each in function.parameter_types]
        return jax.jit(traceable(function)).lower(*types).compile()


def rows(text: str) -> dict[str, list[str]]:
    return {line.strip().split("  ")[0]: line.split() for line in text.splitlines()}


def test_a_device_is_heeded(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = settings()
    for verb in (["cost", target, *PEAK], ["memory", target], ["dump", target, "--stage", "stablehlo"]):
        assert main([*verb, "--backend", "jax:cpu:0"]) == 0
        assert capsys.readouterr().out
        assert main([*verb, "--backend", "jax:cpu:99"]) == 2
        assert capsys.readouterr().err.startswith("diptych: backend jax: there is no cpu:99 here: the last one is cpu:")
    assert settings() is before


@pytest.mark.parametrize("backend", ["numpy:cpu", "jax:", "jax:disk", "torch"])
def test_what_is_no_backend_is_refused(target: str, backend: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["cost", target, "--backend", backend])
    assert ended.value.code == 2
    text = f"{backend} must be numpy, reference, jax or jax with a device, as jax:gpu:0; try: diptych cost --help"
    assert capsys.readouterr().err == f"diptych cost: argument --backend: {text}\n"


def test_cost(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", target, "--backend", "jax", *PEAK, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    told, total = compiled().cost_analysis(), found["total"]
    xla = found["xla"]
    assert xla["other_flops"]["xla"] == told["flops"] and xla["bytes"]["xla"] == told["bytes accessed"]
    assert xla["transcendentals"] == {"xla": told["transcendentals"], "ours": 64 * 256, "difference": 0.0}
    assert xla["other_flops"]["ours"] == total["flops"] - total["transcendentals"]
    assert xla["bytes"]["ours"] == total["bytes"]
    assert xla["bytes"]["difference"] == told["bytes accessed"] / total["bytes"] - 1

    assert main(["cost", target, "--backend", "jax", *PEAK]) == 0
    text = rows(capsys.readouterr().out)
    assert text["transcendentals"][1:] == ["16.4k", "16.4k", "the", "same"]
    difference = f"{100 * xla['bytes']['difference']:+.1f}%"
    assert text["bytes"][1:] == [counted(round(told["bytes accessed"])), counted(total["bytes"]), difference]


def test_cost_on_numpy_is_as_it_was(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", target, "--backend", "numpy", *PEAK]) == 0
    assert "XLA" not in capsys.readouterr().out
    assert main(["cost", target, "--backend", "numpy", *PEAK, "--json"]) == 0
    assert "xla" not in json.loads(capsys.readouterr().out)


def test_memory(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["memory", target, "--backend", "jax", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    told, planned = compiled().memory_analysis(), backends.compile_anew(parse(TEXT), backend="numpy").figures
    assert found["arguments"] == {"xla": told.argument_size_in_bytes, "numpy": planned.arguments, "difference": 0.0}
    assert found["results"]["xla"] == told.output_size_in_bytes and found["results"]["numpy"] == 256
    assert found["temporary"]["xla"] == told.temp_size_in_bytes
    assert found["temporary"]["numpy"] == planned.temporary and found["peak"]["numpy"] == planned.peak
    peak = told.argument_size_in_bytes + told.output_size_in_bytes - told.alias_size_in_bytes + told.temp_size_in_bytes
    assert found["peak"]["xla"] == peak and found["peak"]["difference"] == peak / (planned.peak or 0) - 1

    assert main(["memory", target, "--backend", "jax"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"@f on jax: {counted(peak)}B at most: arguments and results, ")
    text = rows(out)
    assert text["peak"][1:3] == [f"{counted(peak)}B", f"{counted(planned.peak or 0)}B"]
    assert text["arguments"][1:] == ["81.9kB", "81.9kB", "the", "same"]


def test_what_xla_does_not_tell(
    target: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (cost_module, memory_module):
        monkeypatch.setattr(module, "told_by_xla", lambda subject: Figures(arguments=10))
    assert main(["memory", target, "--backend", "jax"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("@f on jax: peak not told by XLA: ")
    assert rows(text)["temporary"][1:5] == ["not", "told", "by", "XLA"] and len(rows(text)["temporary"]) == 6
    assert main(["cost", target, "--backend", "jax", *PEAK]) == 0
    assert rows(capsys.readouterr().out)["other FLOP"][2:6] == ["not", "told", "by", "XLA"]
    assert main(["cost", target, "--backend", "jax", *PEAK, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["xla"]["bytes"]["xla"] is None


def test_names_for_sizes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "named.ir"
    file.write_text("func @g(%x: f32[n]) -> (f32[n]) { %y: f32[n] = exp %x return %y }")
    assert main(["cost", str(file), "--backend", "jax", *PEAK]) == 0
    assert "bytes            not told by XLA          8*n" in capsys.readouterr().out
    assert main(["memory", str(file), "--backend", "jax"]) == 2
    assert capsys.readouterr().err == "diptych: memory: @g has sizes that nobody knows yet: n\n"


def test_slots_are_numpys(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["memory", target, "--backend", "jax", "--slots"]) == 2
    said = "diptych: memory: XLA does not tell where values lie; try: --backend numpy\n"
    assert capsys.readouterr().err == said
