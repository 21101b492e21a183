"""SummaryWriter writes what PyTorch's does, field by field, and refuses what it refuses, in the same words."""

from __future__ import annotations

import base64
import gzip
import inspect
import json
import sys
import types
from pathlib import Path
from typing import Any

import diptych
import diptych.eager as torch
import numpy as np
import pytest
from diptych.eager.utils.tensorboard import FileWriter, RecordWriter, SummaryWriter
from diptych.events import Event, read
from diptych.events.plugins import HParamsPluginData

from tests.eager.utils.cases import CASES, COLORS, REFUSED, VERTICES
from tests.events.png_reader import pixels_of

ANSWERS = json.loads(gzip.decompress(Path(__file__).with_name("summaries.json.gz").read_bytes()))


def normal(event: Event) -> Event:
    """Without what may differ: the time, how pictures are packed, the order of hyperparameters."""
    if event.wall_time > 1e9:
        event.wall_time = 0
    for value in event.summary.value:
        if value.HasField("image"):
            value.image.encoded_image_string = pixels_of(value.image.encoded_image_string).tobytes()
        plugin = value.metadata.plugin_data
        if plugin.plugin_name == "hparams":
            data = HParamsPluginData.FromString(plugin.content)
            if data.HasField("session_start_info"):
                data.session_start_info.hparams.sort(key=lambda entry: entry.key)
            plugin.content = data.SerializeToString()
    return event


def written(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        where = path.relative_to(folder)
        if "tfevents" in path.name:
            first, *rest = list(read(path))
            assert first.file_version == "brain.Event:2"
            found.setdefault(str(where.parent / "events"), []).extend(map(normal, rest))
        else:
            data = path.read_bytes()
            found[str(where)] = pixels_of(data).tobytes() if path.suffix == ".png" else data
    return found


def expected(name: str) -> dict[str, Any]:
    return {
        where: [base64.b64decode(each) for each in answer] if isinstance(answer, list) else base64.b64decode(answer)
        for where, answer in ANSWERS["written"][name].items()
    }


def test_every_case_has_an_answer() -> None:
    assert list(CASES) == list(ANSWERS["written"])
    assert list(REFUSED) == list(ANSWERS["refused"])


@pytest.mark.parametrize("name", CASES)
def test_writes_what_pytorch_writes(name: str, tmp_path: Path) -> None:
    with SummaryWriter(tmp_path) as writer:
        CASES[name](writer, torch.as_tensor)
    found, wanted = written(tmp_path), expected(name)
    assert found.keys() == wanted.keys()
    for where, answer in wanted.items():
        if isinstance(answer, bytes):
            assert found[where] == answer
        else:
            assert found[where] == [Event.FromString(each) for each in answer]
            assert [event.SerializeToString() for event in found[where]] == answer  # no field that we do not know


@pytest.mark.parametrize("name", REFUSED)
def test_refuses_what_pytorch_refuses(name: str, tmp_path: Path) -> None:
    kind, text = ANSWERS["refused"][name]
    writer = SummaryWriter(tmp_path)
    with pytest.raises((AssertionError, NotImplementedError, ValueError, TypeError, OSError)) as error:
        REFUSED[name](writer, torch.as_tensor)
    assert [type(error.value).__name__, str(error.value)] == [kind, text]


# -- the writer itself ----


def test_signatures_are_pytorchs() -> None:
    for owner, methods in ANSWERS["signatures"].items():
        kind = {"FileWriter": FileWriter, "SummaryWriter": SummaryWriter, "RecordWriter": RecordWriter}[owner]
        for name, signature in methods.items():
            found = [
                [each.name, repr(each.default)] for each in inspect.signature(getattr(kind, name)).parameters.values()
            ]
            assert [owner, name, found] == [owner, name, [[each, default] for each, default in signature]]


def test_the_folder_is_named_by_date_and_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import re
    import socket

    monkeypatch.chdir(tmp_path)
    with SummaryWriter(comment="-lr") as writer:
        host = re.escape(socket.gethostname())
        assert re.fullmatch(rf"runs/[A-Z][a-z]{{2}}\d\d_\d\d-\d\d-\d\d_{host}-lr", writer.get_logdir())
        assert len(list(Path(writer.get_logdir()).iterdir())) == 1


def test_a_purge_says_from_which_step_on(tmp_path: Path) -> None:
    with SummaryWriter(tmp_path, purge_step=7, filename_suffix=".x") as writer:
        writer.add_scalar("loss", 1.0, 7, 2.5)
        writer.close()
        writer.add_scalar("loss", 2.0, 8, 2.5)
    first, second = sorted(tmp_path.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    assert first.name.endswith(".x")
    _, version, start, scalar = read(first)
    assert (version.step, version.file_version) == (7, "brain.Event:2")
    assert (start.step, start.session_log.status) == (7, 1)
    assert scalar.step == 7
    assert [event.step for event in read(second)] == [0, 8]


def test_what_is_added_after_close_goes_into_another_file(tmp_path: Path) -> None:
    writer = SummaryWriter(tmp_path)
    writer.close()
    writer.close()
    writer.flush()
    writer.add_text("a", "b")
    writer.close()
    assert sorted(len(list(read(path))) for path in tmp_path.iterdir()) == [1, 2]


def test_values_of_bfloat16_and_of_gradients(tmp_path: Path) -> None:
    weight = torch.tensor([1.5, 2.5], requires_grad=True)
    with SummaryWriter(tmp_path) as writer:
        writer.add_scalar("loss", weight.sum(), 1)
        writer.add_histogram("weight", weight.to(torch.bfloat16), 1)
        writer.add_tensor("half", weight.to(torch.bfloat16), 1)
    (path,) = tmp_path.iterdir()
    scalar, counted, half = (event.summary.value[0] for event in list(read(path))[1:])
    assert scalar.simple_value == 4.0
    assert (counted.histo.min, counted.histo.max, counted.histo.sum) == (1.5, 2.5, 4.0)
    assert np.array(half.tensor.half_val, np.int32).view(np.float32).tolist() == [1.5, 2.5]


# -- graphs ----


def test_a_graph_is_the_tree_of_modules(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from diptych.events import GraphDef
    from diptych.events.graph import AttrValue, RunMetadata

    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.ReLU())
    with SummaryWriter(tmp_path) as writer:
        writer.add_graph(model, torch.zeros(1, 3), verbose=True)
    assert capsys.readouterr().out == f"{model}\n"
    (path,) = tmp_path.iterdir()
    _, drawn, measured = read(path)
    graph = GraphDef.FromString(drawn.graph_def)
    assert graph.versions.producer == 22
    assert [(node.name, node.op, list(node.input)) for node in graph.node] == [
        ("Sequential/Sequential", "Sequential", []),
        ("Sequential/Linear[0]/weight", "Parameter", []),
        ("Sequential/Linear[0]/bias", "Parameter", []),
        (
            "Sequential/Linear[0]/Linear",
            "Linear",
            ["Sequential/Linear[0]/weight", "Sequential/Linear[0]/bias"],
        ),
        ("Sequential/ReLU[1]/ReLU", "ReLU", []),
    ]
    shapes = graph.node[1].attr["_output_shapes"]
    assert [dim.size for dim in shapes.list.shape[0].dim] == [2, 3]
    assert dict(graph.node[3].attr.items()) == {"attr": AttrValue(s=b"in_features=3, out_features=2, bias=True")}
    assert measured.tagged_run_metadata.tag == "step1"
    stats = RunMetadata.FromString(measured.tagged_run_metadata.run_metadata)
    assert stats.step_stats.dev_stats[0].device == "/device:CPU:0"


def test_what_is_no_graph_is_refused(tmp_path: Path) -> None:
    with SummaryWriter(tmp_path) as writer:
        with pytest.raises(TypeError, match=r"^add_graph: model is of int but must be of torch\.nn\.Module$"):
            writer.add_graph(3)
        with pytest.raises(diptych.Unsupported) as error:
            writer.add_onnx_graph("x")
    assert str(error.value) == (
        "add_onnx_graph: prototxt is an ONNX graph but must be a module\n  try: add_graph(model)"
    )


# -- what needs other packages ----


def test_labels_of_boxes_are_refused(tmp_path: Path) -> None:
    with SummaryWriter(tmp_path) as writer, pytest.raises(diptych.Unsupported) as error:
        writer.add_image_with_boxes("i", COLORS, np.zeros((1, 4)), labels="cat")
    assert str(error.value) == (
        "add_image_with_boxes: labels are given but must be None\n  try: draw the labels into img_tensor"
    )


@pytest.mark.parametrize("api, package", [("add_figure", "matplotlib"), ("add_video", "moviepy")])
def test_packages_that_are_missing_are_named(
    api: str, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (package, "matplotlib.backends.backend_agg"):
        monkeypatch.setitem(sys.modules, name, None)
    with SummaryWriter(tmp_path) as writer, pytest.raises(diptych.Unsupported) as error:
        getattr(writer, api)("x", np.zeros((1, 2, 3, 4, 5)))
    assert str(error.value) == f"{api}: {package} is not installed but must be\n  try: pip install {package}"


def test_figures_are_drawn_and_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)
    closed: list[Any] = []

    class Canvas:
        def __init__(self, figure: Any) -> None:
            figure.canvas = self

        def draw(self) -> None:
            self.pixels = drawn.tobytes()

        def buffer_rgba(self) -> bytes:
            return self.pixels

        def get_width_height(self) -> tuple[int, int]:
            return 3, 2

    agg, pyplot = types.ModuleType("backend_agg"), types.ModuleType("pyplot")
    agg.FigureCanvasAgg, pyplot.close = Canvas, closed.append
    monkeypatch.setitem(sys.modules, "matplotlib.backends.backend_agg", agg)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", pyplot)
    figures = [types.SimpleNamespace(), types.SimpleNamespace()]
    with SummaryWriter(tmp_path) as writer:
        writer.add_figure("one", figures[0], 1)
        writer.add_figure("both", figures, 2, close=False)
    assert closed == figures[:1]
    (path,) = tmp_path.iterdir()
    one, both = (pixels_of(event.summary.value[0].image.encoded_image_string) for event in list(read(path))[1:])
    assert one.tolist() == drawn[:, :, :3].tolist()
    assert both.tolist() == np.concatenate([drawn[:, :, :3]] * 2, axis=1).tolist()


def test_films_are_packed_by_moviepy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Clip:
        def __init__(self, frames: list[np.ndarray], fps: float) -> None:
            self.text = f"{len(frames)} {frames[0].shape} {frames[0][0, 0].tolist()} {fps}"

        def write_gif(self, path: str, logger: None) -> None:
            Path(path).write_text(self.text)

    moviepy, editor = types.ModuleType("moviepy"), types.ModuleType("moviepy.editor")
    editor.ImageSequenceClip = Clip
    monkeypatch.setitem(sys.modules, "moviepy", moviepy)
    monkeypatch.setitem(sys.modules, "moviepy.editor", editor)
    with SummaryWriter(tmp_path) as writer:
        writer.add_video("x", torch.ones(3, 5, 3, 4, 6), 1, fps=9)
        moviepy.ImageSequenceClip = Clip
        writer.add_video("x", np.full((2, 5, 1, 4, 6), 51, np.uint8), 2)
    (path,) = tmp_path.iterdir()
    old, new = (event.summary.value[0].image for event in list(read(path))[1:])
    assert old.encoded_image_string == b"5 (4, 24, 3) [255, 255, 255] 9"
    assert (old.height, old.width, old.colorspace) == (4, 24, 3)
    assert new.encoded_image_string == b"5 (4, 12, 1) [51] 4"


def test_embeddings_warn_of_a_folder_that_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with SummaryWriter(tmp_path) as writer:
        writer.add_embedding(VERTICES[0])
        writer.add_embedding(VERTICES[0])
        assert capsys.readouterr().out == (
            "warning: Embedding dir exists, did you set global_step for add_embedding()?\n"
        )
        (tmp_path / "00001").mkdir()
        (tmp_path / "00001" / "default").write_text("")
        with pytest.raises(NotADirectoryError) as error:
            writer.add_embedding(VERTICES[0], global_step=1)
    assert str(error.value) == f"Path: `{tmp_path}/00001/default` exists, but is a file. Cannot proceed."
