"""`torch.utils.tensorboard`: what a program says of itself while it runs, in event files that TensorBoard shows.

Tensors, numpy arrays and numbers are taken. Everywhere `global_step` is the step that a value belongs to, and
`walltime` its time in seconds since 1970, now unless it is given.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Self

import numpy as np
from diptych.events import Event, HistogramProto, RecordWriter, SessionLog, Summary
from diptych.events import charts as _charts
from diptych.events import curves as _curves
from diptych.events import figures as _figures
from diptych.events import histograms as _histograms
from diptych.events import hyperparameters as _hyperparameters
from diptych.events import images as _images
from diptych.events import meshes as _meshes
from diptych.events import projector as _projector
from diptych.events import scalars as _scalars
from diptych.events import sounds as _sounds
from diptych.events import texts as _texts
from diptych.events.event import FILE_VERSION
from diptych.ir import Unsupported

from ..size import Size
from ..tensors.tensor import Tensor
from .file_writer import FileWriter
from .given import array_of, checked_domains, listed_of, number_of, plain_of
from .module_graph import module_graph
from .tensor_summary import tensor_summary

__all__ = ["FileWriter", "RecordWriter", "SummaryWriter"]


class SummaryWriter:
    """Event files in the folder `log_dir`, by default `runs/<date>_<host><comment>`.

    With `purge_step`, TensorBoard hides what earlier files of the folder hold of that step and later ones.
    """

    def __init__(
        self,
        log_dir: Any = None,
        comment: str = "",
        purge_step: int | None = None,
        max_queue: int = 10,
        flush_secs: float = 120,
        filename_suffix: str = "",
    ) -> None:
        if not log_dir:
            now = datetime.now().strftime("%b%d_%H-%M-%S")
            log_dir = os.path.join("runs", f"{now}_{socket.gethostname()}{comment}")
        self.log_dir = log_dir
        self.purge_step = purge_step
        self.max_queue = max_queue
        self.flush_secs = flush_secs
        self.filename_suffix = filename_suffix
        self.default_bins = list(_histograms.default_buckets())
        self.file_writer: FileWriter | None = None
        self.all_writers: dict[str, FileWriter] | None = None
        self._embeddings: list[_projector.Embedding] = []
        self._get_file_writer()

    def _opened(self, folder: Any) -> FileWriter:
        return FileWriter(folder, self.max_queue, self.flush_secs, self.filename_suffix)

    def _get_file_writer(self) -> FileWriter:
        """The file of the folder itself, another one after `close`."""
        if self.file_writer is None:
            self.file_writer = self._opened(self.log_dir)
            self.all_writers = {self.file_writer.get_logdir(): self.file_writer}
            if self.purge_step is not None:
                self.file_writer.add_event(Event(step=self.purge_step, file_version=FILE_VERSION))
                start = SessionLog(status=SessionLog.START)
                self.file_writer.add_event(Event(step=self.purge_step, session_log=start))
                self.purge_step = None
        return self.file_writer

    def get_logdir(self) -> Any:
        """The folder."""
        return self.log_dir

    def _add(self, summary: Summary, global_step: Any, walltime: float | None) -> None:
        self._get_file_writer().add_summary(summary, global_step, walltime)

    # -- numbers ----

    def add_scalar(
        self,
        tag: str,
        scalar_value: Any,
        global_step: Any = None,
        walltime: float | None = None,
        new_style: bool = False,
        double_precision: bool = False,
    ) -> None:
        """A number; in the new style as a tensor, which TensorBoard loads faster. Raises AssertionError of many."""
        number = number_of(scalar_value)
        summary = _scalars.scalar(tag, number, new_style=new_style, double_precision=double_precision)
        self._add(summary, global_step, walltime)

    def add_scalars(
        self,
        main_tag: str,
        tag_scalar_dict: Mapping[str, Any],
        global_step: Any = None,
        walltime: float | None = None,
    ) -> None:
        """Numbers that share a chart, each in a file of a folder of its own, named after both tags."""
        walltime = time.time() if walltime is None else walltime
        folder = self._get_file_writer().get_logdir()
        assert self.all_writers is not None
        for tag, value in tag_scalar_dict.items():
            name = f"{folder}/{main_tag.replace('/', '_')}_{tag}"
            if name not in self.all_writers:
                self.all_writers[name] = self._opened(name)
            summary = _scalars.scalar(main_tag, number_of(value))
            self.all_writers[name].add_summary(summary, global_step, walltime)

    def add_tensor(self, tag: str, tensor: Tensor, global_step: Any = None, walltime: float | None = None) -> None:
        """All elements of a tensor."""
        self._add(tensor_summary(tag, tensor), global_step, walltime)

    def add_hparams(
        self,
        hparam_dict: dict[str, Any],
        metric_dict: dict[str, Any],
        hparam_domain_discrete: dict[str, list[Any]] | None = None,
        run_name: str | None = None,
        global_step: Any = None,
    ) -> None:
        """Hyperparameters and the metrics that came of them, in a folder `run_name`, by default the time. Raises
        TypeError and ValueError, with PyTorch's words, for what is no such dictionary."""
        if type(hparam_dict) is not dict or type(metric_dict) is not dict:
            raise TypeError("hparam_dict and metric_dict should be dictionary.")
        domains = checked_domains(hparam_dict, hparam_domain_discrete or {})
        values = {name: plain_of(value) for name, value in hparam_dict.items() if value is not None}
        folder = os.path.join(self._get_file_writer().get_logdir(), run_name or str(time.time()))
        with SummaryWriter(log_dir=folder) as writer:
            for summary in _hyperparameters.hparams(values, metric_dict, domains):
                writer._add(summary, global_step, None)
            for name, value in metric_dict.items():
                writer.add_scalar(name, value, global_step)

    # -- distributions ----

    def add_histogram(
        self,
        tag: str,
        values: Any,
        global_step: Any = None,
        bins: Any = "tensorflow",
        walltime: float | None = None,
        max_bins: int | None = None,
    ) -> None:
        """How values are spread, in TensorFlow's buckets, or in those that `numpy.histogram` makes of `bins`."""
        if isinstance(bins, str) and bins == "tensorflow":
            bins = self.default_bins
        counted = _histograms.histogram(array_of(values).astype(float), bins, max_bins)
        self._add(Summary(value=[Summary.Value(tag=tag, histo=counted)]), global_step, walltime)

    def add_histogram_raw(
        self,
        tag: str,
        min: Any,
        max: Any,
        num: Any,
        sum: Any,
        sum_squares: Any,
        bucket_limits: Any,
        bucket_counts: Any,
        global_step: Any = None,
        walltime: float | None = None,
    ) -> None:
        """A histogram that was counted elsewhere. Raises ValueError where limits and counts are not as many."""
        if len(bucket_limits) != len(bucket_counts):
            raise ValueError("len(bucket_limits) != len(bucket_counts), see the document.")
        counted = HistogramProto(
            min=min,
            max=max,
            num=num,
            sum=sum,
            sum_squares=sum_squares,
            bucket_limit=listed_of(bucket_limits),
            bucket=listed_of(bucket_counts),
        )
        self._add(Summary(value=[Summary.Value(tag=tag, histo=counted)]), global_step, walltime)

    def add_pr_curve(
        self,
        tag: str,
        labels: Any,
        predictions: Any,
        global_step: Any = None,
        num_thresholds: int = 127,
        weights: Any = None,
        walltime: float | None = None,
    ) -> None:
        """Precision and recall of predictions from 0 to 1, for labels 0 and 1, at up to 127 thresholds."""
        summary = _curves.pr_curve(tag, array_of(labels), array_of(predictions), num_thresholds, weights)
        self._add(summary, global_step, walltime)

    def add_pr_curve_raw(
        self,
        tag: str,
        true_positive_counts: Any,
        false_positive_counts: Any,
        true_negative_counts: Any,
        false_negative_counts: Any,
        precision: Any,
        recall: Any,
        global_step: Any = None,
        num_thresholds: int = 127,
        weights: Any = None,
        walltime: float | None = None,
    ) -> None:
        """A curve that was counted elsewhere; `weights` has no effect, as in PyTorch."""
        rows = (true_positive_counts, false_positive_counts, true_negative_counts, false_negative_counts)
        listed = tuple(map(listed_of, (*rows, precision, recall)))
        self._add(_curves.pr_curve_raw(tag, listed, num_thresholds), global_step, walltime)

    # -- pictures, sound and text ----

    def add_image(
        self,
        tag: str,
        img_tensor: Any,
        global_step: Any = None,
        walltime: float | None = None,
        dataformats: str = "CHW",
    ) -> None:
        """A picture with axes in the order of `dataformats`; uint8 counts to 255, all else to 1."""
        pixels = _images.as_pixels(array_of(img_tensor), dataformats)
        self._add(Summary(value=[Summary.Value(tag=tag, image=_images.image(pixels))]), global_step, walltime)

    def add_images(
        self,
        tag: str,
        img_tensor: Any,
        global_step: Any = None,
        walltime: float | None = None,
        dataformats: str = "NCHW",
    ) -> None:
        """Pictures in a grid, eight across."""
        self.add_image(tag, img_tensor, global_step, walltime, dataformats)

    def add_image_with_boxes(
        self,
        tag: str,
        img_tensor: Any,
        box_tensor: Any,
        global_step: Any = None,
        walltime: float | None = None,
        rescale: float = 1,
        dataformats: str = "CHW",
        labels: Any = None,
    ) -> None:
        """A picture with red frames [n, 4]: x and y of two corners. Raises Unsupported for labels of all boxes, which
        need a font; as in PyTorch, another number of labels has no effect."""
        if labels is not None and len([labels] if isinstance(labels, str) else labels) == box_tensor.shape[0]:
            raise Unsupported(
                "add_image_with_boxes: labels are given but must be None", hint="draw the labels into img_tensor"
            )
        pixels = _images.as_pixels(array_of(img_tensor), dataformats)
        picture = _images.image(pixels, _images.boxed(pixels, array_of(box_tensor), rescale))
        self._add(Summary(value=[Summary.Value(tag=tag, image=picture)]), global_step, walltime)

    def add_figure(
        self, tag: str, figure: Any, global_step: Any = None, close: bool = True, walltime: float | None = None
    ) -> None:
        """A figure of matplotlib, or a grid of a list of them, which are closed afterwards unless `close` is False."""
        if isinstance(figure, list):
            pixels = np.stack([_figures.figure_pixels(each, close) for each in figure])
            self.add_image(tag, pixels, global_step, walltime, dataformats="NHWC")
        else:
            pixels = _figures.figure_pixels(figure, close)
            self.add_image(tag, pixels, global_step, walltime, dataformats="HWC")

    def add_video(
        self, tag: str, vid_tensor: Any, global_step: Any = None, fps: float = 4, walltime: float | None = None
    ) -> None:
        """Films [batch, time, channels, height, width] side by side, as a moving GIF. Raises Unsupported where moviepy
        is not installed; PyTorch prints a line and writes an empty value."""
        moving = _figures.film(_figures.film_frames(array_of(vid_tensor)), fps)
        self._add(Summary(value=[Summary.Value(tag=tag, image=moving)]), global_step, walltime)

    def add_audio(
        self,
        tag: str,
        snd_tensor: Any,
        global_step: Any = None,
        sample_rate: int = 44100,
        walltime: float | None = None,
    ) -> None:
        """Sound [1, frames] or [frames] from -1 to 1. Raises AssertionError of more channels."""
        samples = array_of(snd_tensor).squeeze()
        if abs(samples).max() > 1:
            print("warning: audio amplitude out of range, auto clipped.")
            samples = samples.clip(-1, 1)
        if samples.ndim != 1:
            raise AssertionError("input tensor should be 1 dimensional.")
        sound = _sounds.audio(samples, sample_rate)
        self._add(Summary(value=[Summary.Value(tag=tag, audio=sound)]), global_step, walltime)

    def add_text(self, tag: str, text_string: str, global_step: Any = None, walltime: float | None = None) -> None:
        """A text, which TensorBoard shows as Markdown."""
        self._add(_texts.text(tag, text_string), global_step, walltime)

    # -- graphs, embeddings, meshes, charts ----

    def add_onnx_graph(self, prototxt: Any) -> None:
        """Raises Unsupported."""
        raise Unsupported("add_onnx_graph: prototxt is an ONNX graph but must be a module", hint="add_graph(model)")

    def add_graph(
        self, model: Any, input_to_model: Any = None, verbose: bool = False, use_strict_trace: bool = True
    ) -> None:
        """The modules of a network and their parameters. The network is not run, so the other arguments have no effect,
        but that `verbose` prints it."""
        graph = module_graph(model)
        if verbose:
            print(model)
        self._get_file_writer().add_graph(graph)

    @staticmethod
    def _encode(rawstr: str) -> str:
        """A tag as the name of a folder."""
        return rawstr.replace("%", "%25").replace("/", "%2f").replace("\\", "%5c")

    def add_embedding(
        self,
        mat: Any,
        metadata: Sequence[Any] | None = None,
        label_img: Any = None,
        global_step: Any = None,
        tag: str = "default",
        metadata_header: Sequence[str] | None = None,
    ) -> None:
        """Points [n, dimensions], with n labels, or rows of them under a header, and pictures [n, channels, height,
        width] from 0 to 1. Raises AssertionError where the numbers do not agree."""
        points = array_of(mat)
        step = str(0 if global_step is None else global_step).zfill(5)
        root = self._get_file_writer().get_logdir()
        folder = f"{step}/{self._encode(tag)}"
        path = os.path.join(root, folder)
        if os.path.isdir(path):
            print("warning: Embedding dir exists, did you set global_step for add_embedding()?")
        elif os.path.exists(path):
            raise NotADirectoryError(f"Path: `{path}` exists, but is a file. Cannot proceed.")
        os.makedirs(path, exist_ok=True)
        if metadata is not None:
            if len(points) != len(metadata):
                raise AssertionError("#labels should equal with #data points")
            _projector.write_labels(path, metadata, metadata_header)
        pictures = None if label_img is None else array_of(label_img)
        if pictures is not None:
            if len(points) != len(pictures):
                raise AssertionError("#images should equal with #data points")
            _projector.write_sprites(path, pictures)
        if points.ndim != 2:
            raise AssertionError("mat should be 2D, where mat.size(0) is the number of data points")
        _projector.write_points(path, points)
        size = None if pictures is None else (pictures.shape[3], pictures.shape[2])
        self._embeddings.append(_projector.Embedding(f"{tag}:{step}", folder, metadata is not None, size))
        _projector.write_config(root, self._embeddings)

    def add_mesh(
        self,
        tag: str,
        vertices: Any,
        colors: Any = None,
        faces: Any = None,
        config_dict: dict[str, Any] | None = None,
        global_step: Any = None,
        walltime: float | None = None,
    ) -> None:
        """Points [batch, n, 3], their colors, and faces [batch, m, 3] as places of points. Raises ValueError for other
        numbers of axes."""
        parts = [None if part is None else np.asarray(listed_of(part)) for part in (vertices, colors, faces)]
        for part in parts:
            if part is not None and part.ndim != 3:
                raise ValueError(f"Tensor shape should be of shape BxNx3, but got {Size(part.shape)}.")
        self._add(_meshes.mesh(tag, *parts, config_dict), global_step, walltime)

    def add_custom_scalars_multilinechart(
        self, tags: Sequence[str], category: str = "default", title: str = "untitled"
    ) -> None:
        """One chart with a line for each tag."""
        self.add_custom_scalars({category: {title: ["Multiline", tags]}})

    def add_custom_scalars_marginchart(
        self, tags: Sequence[str], category: str = "default", title: str = "untitled"
    ) -> None:
        """One chart with a line and its bounds. Raises AssertionError where there are not three tags."""
        if len(tags) != 3:
            raise AssertionError(f"Expected 3 tags, got {len(tags)}.")
        self.add_custom_scalars({category: {title: ["Margin", tags]}})

    def add_custom_scalars(self, layout: Mapping[str, Mapping[str, Sequence[Any]]]) -> None:
        """Charts under headings: `{heading: {title: ["Multiline" or "Margin", tags]}}`. Call it once."""
        self._get_file_writer().add_summary(_charts.custom_scalars(layout))

    # -- the end ----

    def flush(self) -> None:
        """Waits until all is in the files."""
        for writer in (self.all_writers or {}).values():
            writer.flush()

    def close(self) -> None:
        """Flushes and closes the files; what is added later goes into new ones."""
        for writer in (self.all_writers or {}).values():
            writer.flush()
            writer.close()
        self.file_writer = self.all_writers = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        self.close()
