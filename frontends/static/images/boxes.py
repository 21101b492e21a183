"""Boxes in pictures: drawn, chosen among many, and drawn at random."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import host_operation, shape_of_input
from ..graphs.dtypes import DType, float16, float32, int8, int16, int32, int64, uint8
from ..graphs.errors import InvalidArgumentError
from ..graphs.probe import static_value
from ..graphs.scopes import name_scope
from ..graphs.shapes import Dims
from ..graphs.site import Refusal
from ..graphs.tensor import Tensor
from ..running.host import HostRun

Array = np.ndarray[Any, Any]
HALVES: tuple[DType, ...] = (float32, float16)

# -- drawn ----

_COLORS = np.array(
    [[1, 1, 0, 1], [0, 0, 1, 1], [1, 0, 0, 1], [0, 1, 0, 1], [0.5, 0, 0.5, 1], [0.5, 0.5, 0, 1], [0.5, 0, 0, 1],
     [0, 0, 0.5, 1], [0, 1, 1, 1], [1, 0, 1, 1]], np.float32,
)  # fmt: skip


def _drawn(images: Array, boxes: Array, colors: Array) -> Array:
    """Boxes one pixel wide drawn into a batch of pictures, each in the next colour."""
    found = images.copy()
    height, width, depth = images.shape[1:]
    colors = np.ones((1, 4), np.float32) if depth == 1 else colors
    for picture, its_boxes in zip(found, boxes, strict=True):
        for number, box in enumerate(its_boxes.astype(np.float64)):
            color = colors[number % len(colors)][:depth]
            top, bottom = (int(side * (height - 1)) for side in (box[0], box[2]))
            left, right = (int(side * (width - 1)) for side in (box[1], box[3]))
            if top > bottom or left > right or top >= height or bottom < 0 or left >= width or right < 0:
                continue
            rows = slice(max(top, 0), min(bottom, height - 1) + 1)
            columns = slice(max(left, 0), min(right, width - 1) + 1)
            for row in (top, bottom):
                if 0 <= row < height:
                    picture[row, columns] = color
            for column in (left, right):
                if 0 <= column < width:
                    picture[rows, column] = color
    return found


@host_operation("DrawBoundingBoxes", "images: T, boxes: float -> T", shape=shape_of_input, T=HALVES)
def compute_drawn(at: HostRun, images: Array, boxes: Array) -> Array:
    """Boxes in ten colours, one after another."""
    return _drawn(images, boxes, _COLORS)


@host_operation("DrawBoundingBoxesV2", "images: T, boxes: float, colors: float -> T", shape=shape_of_input, T=HALVES)
def compute_drawn_in_colors(at: HostRun, images: Array, boxes: Array, colors: Array) -> Array:
    """Boxes in colours that are given."""
    return _drawn(images, boxes, colors if len(colors) else _COLORS)


@export("image.draw_bounding_boxes")
def draw_bounding_boxes(images: Any, boxes: Any, name: str | None = None, colors: Any = None) -> Tensor:
    """A batch of pictures with boxes [batch, boxes, 4] in them: [top, left, bottom, right], from 0 to 1."""
    if colors is None:
        return apply("DrawBoundingBoxes", [images, boxes], name=name)
    return apply("DrawBoundingBoxesV2", [images, boxes, colors], name=name)


# -- chosen ----


def _overlaps(boxes: Array, box: Array) -> Array:
    """[boxes]: what each shares with one box, over what both cover."""
    lows, highs = np.minimum(boxes[:, :2], boxes[:, 2:]), np.maximum(boxes[:, :2], boxes[:, 2:])
    low, high = np.minimum(box[:2], box[2:]), np.maximum(box[:2], box[2:])
    areas, area = np.prod(highs - lows, 1), np.prod(high - low)
    shared = np.prod(np.maximum(np.minimum(highs, high) - np.maximum(lows, low), 0), 1)
    both = (areas > 0) & (area > 0)
    return np.where(both, shared / np.where(both, areas + area - shared, 1), 0)


def chosen(
    boxes: Array, scores: Array, most: int, threshold: float, least: float, sigma: float = 0.0
) -> tuple[Array, Array]:
    """(places, scores) of boxes, the best first, of which no two overlap by more than the threshold; with a sigma the
    scores of those that overlap fall instead (Bodla and others, 2017)."""
    left = np.where(scores > least, scores.astype(np.float32), -np.inf)
    places: list[int] = []
    kept: list[float] = []
    while len(places) < most and (left > least).any():
        best = int(np.argmax(left))
        places.append(best)
        kept.append(float(left[best]))
        shared = _overlaps(boxes, boxes[best])
        if sigma > 0:
            left = np.where(left > -np.inf, left * np.exp(-0.5 / sigma * shared * shared).astype(np.float32), -np.inf)
        else:
            left = np.where(shared > threshold, -np.inf, left)
        left[best] = -np.inf
    return np.array(places, np.int32), np.array(kept, scores.dtype)


def _check_boxes(at: HostRun, boxes: Array, scores: Array, threshold: float) -> None:
    operation = at.operation
    if not 0 <= threshold <= 1:
        raise InvalidArgumentError(operation.node_def, operation, "iou_threshold must be in [0, 1]")
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise InvalidArgumentError(operation.node_def, operation, "boxes must have 4 columns")
    if len(scores) != len(boxes):
        raise InvalidArgumentError(operation.node_def, operation, "scores has incompatible shape")


def _compared(inputs: Sequence[Tensor]) -> None:
    """Raises ValueError where boxes and scores differ in number."""
    boxes, scores = inputs[0].shape.with_rank(2), inputs[1].shape.with_rank(1)
    boxes[0].merge_with(scores[0])
    if boxes[1].value not in (4, None):
        raise Refusal(f"Dimension must be 4 but is {boxes[1]}")


def _known_scalar(tensor: Tensor) -> int | None:
    found = static_value(tensor)
    return int(found) if found is not None and found.dtype != object else None


def _one_list(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    _compared(inputs)
    return [(None,)]


def _two_lists(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    _compared(inputs)
    return [(None,), (None,), ()]


@host_operation(
    "NonMaxSuppressionV3",
    "boxes: T, scores: T, max_output_size: int32, iou_threshold: T_threshold, score_threshold: T_threshold -> int32",
    shape=_one_list, T=HALVES, T_threshold=HALVES,
)  # fmt: skip
def compute_chosen(at: HostRun, boxes: Array, scores: Array, most: Array, threshold: Array, least: Array) -> Array:
    """The places of the boxes that are kept."""
    _check_boxes(at, boxes, scores, float(threshold))
    return chosen(boxes, scores, int(most), float(threshold), float(least))[0]


def _padded_shapes(inputs: Sequence[Tensor], *, pad_to_max_output_size: bool, **_: Any) -> list[Dims | None]:
    _compared(inputs)
    return [(_known_scalar(inputs[2]) if pad_to_max_output_size else None,), ()]


@host_operation(
    "NonMaxSuppressionV4",
    "boxes: T, scores: T, max_output_size: int32, iou_threshold: T_threshold, score_threshold: T_threshold "
    "-> int32, int32",
    shape=_padded_shapes, T=HALVES, T_threshold=HALVES,
)  # fmt: skip
def compute_padded(
    at: HostRun, boxes: Array, scores: Array, most: Array, threshold: Array, least: Array, *,
    pad_to_max_output_size: bool = False,
) -> list[Array]:  # fmt: skip
    """The places of the boxes that are kept, with zeros behind them, and how many they are."""
    _check_boxes(at, boxes, scores, float(threshold))
    places = chosen(boxes, scores, int(most), float(threshold), float(least))[0]
    count = np.array(len(places), np.int32)
    return [np.pad(places, (0, int(most) - len(places))) if pad_to_max_output_size else places, count]


@host_operation(
    "NonMaxSuppressionV5",
    "boxes: T, scores: T, max_output_size: int32, iou_threshold: T, score_threshold: T, soft_nms_sigma: T "
    "-> int32, T, int32",
    shape=_two_lists, T=HALVES,
)  # fmt: skip
def compute_with_scores(
    at: HostRun, boxes: Array, scores: Array, most: Array, threshold: Array, least: Array, sigma: Array, *,
    pad_to_max_output_size: bool = False,
) -> list[Array]:  # fmt: skip
    """Places and scores of the boxes that are kept."""
    _check_boxes(at, boxes, scores, float(threshold))
    places, kept = chosen(boxes, scores, int(most), float(threshold), float(least), float(sigma))
    return [places, kept, np.array(len(places), np.int32)]


@export("image.non_max_suppression")
def non_max_suppression(
    boxes: Any, scores: Any, max_output_size: Any, iou_threshold: Any = 0.5, score_threshold: Any = float("-inf"),
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """The places of boxes, the best first, of which no two share more than `iou_threshold` of what both cover."""
    with name_scope(name, "non_max_suppression"):
        thresholds = _thresholds(iou_threshold=iou_threshold, score_threshold=score_threshold)
        return apply("NonMaxSuppressionV3", [boxes, scores, max_output_size, *thresholds])


def _thresholds(**given: Any) -> list[Tensor]:
    return [convert_to_tensor(value, name=name) for name, value in given.items()]


@export("image.non_max_suppression_padded")
def non_max_suppression_padded(
    boxes: Any, scores: Any, max_output_size: Any, iou_threshold: Any = 0.5, score_threshold: Any = float("-inf"),
    pad_to_max_output_size: bool = False, name: str | None = None,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """(places, how many of them count): as non_max_suppression, with zeros up to `max_output_size` where asked."""
    with name_scope(name, "non_max_suppression_padded"):
        thresholds = _thresholds(iou_threshold=iou_threshold, score_threshold=score_threshold)
        made = apply("NonMaxSuppressionV4", [boxes, scores, max_output_size, *thresholds],
                     pad_to_max_output_size=pad_to_max_output_size)  # fmt: skip
        return made[0], made[1]


@export("image.non_max_suppression_with_scores")
def non_max_suppression_with_scores(
    boxes: Any, scores: Any, max_output_size: Any, iou_threshold: Any = 0.5, score_threshold: Any = float("-inf"),
    soft_nms_sigma: Any = 0.0, name: str | None = None,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """(places, scores): as non_max_suppression; with a sigma the scores of boxes that overlap better ones fall."""
    with name_scope(name, "non_max_suppression_with_scores"):
        thresholds = _thresholds(
            iou_threshold=iou_threshold, score_threshold=score_threshold, soft_nms_sigma=soft_nms_sigma
        )
        made = apply("NonMaxSuppressionV5", [boxes, scores, max_output_size, *thresholds])
        return made[0], made[1]


@host_operation(
    "NonMaxSuppressionWithOverlaps",
    "overlaps: float, scores: float, max_output_size: int32, overlap_threshold: float, score_threshold: float -> int32",
    shape=lambda inputs, **_: [(None,)],
)  # fmt: skip
def compute_with_overlaps(
    at: HostRun, overlaps: Array, scores: Array, most: Array, threshold: Array, least: Array
) -> Array:
    """The places of what is kept, of how much each two overlap."""
    left = np.where(scores > least, scores, -np.inf)
    places: list[int] = []
    while len(places) < int(most) and (left > float(least)).any():
        best = int(np.argmax(left))
        places.append(best)
        left = np.where(overlaps[:, best] > threshold, -np.inf, left)
        left[best] = -np.inf
    return np.array(places, np.int32)


@export("image.non_max_suppression_overlaps")
def non_max_suppression_overlaps(
    overlaps: Any, scores: Any, max_output_size: Any, overlap_threshold: Any = 0.5,
    score_threshold: Any = float("-inf"), name: str | None = None,
) -> Tensor:  # fmt: skip
    """As non_max_suppression, of how much each two overlap [boxes, boxes]."""
    with name_scope(name, "non_max_suppression_overlaps"):
        thresholds = _thresholds(overlap_threshold=overlap_threshold)
        inputs = [overlaps, scores, max_output_size, *thresholds, score_threshold]
        return apply("NonMaxSuppressionWithOverlaps", inputs)


# -- at random ----


class _Draws:
    """The numbers of one operation in one session."""

    def __init__(self, seeds: tuple[int, int]) -> None:
        self.numbers = np.random.default_rng(list(seeds) if any(seeds) else None)

    def cancel(self) -> None:
        """Nothing waits for them."""


@host_operation(
    "SampleDistortedBoundingBoxV2", "image_size: T, bounding_boxes: float, min_object_covered: float -> T, T, float",
    shape=lambda inputs, **_: [(3,), (3,), (1, 1, 4)], T=(uint8, int8, int16, int32, int64),
)  # fmt: skip
def compute_sampled(
    at: HostRun, image_size: Array, boxes: Array, covered: Array, *, seed: int = 0, seed2: int = 0,
    aspect_ratio_range: Sequence[float] = (0.75, 1.33), area_range: Sequence[float] = (0.05, 1.0),
    max_attempts: int = 100, use_image_if_no_bounding_boxes: bool = False,
) -> list[Array]:  # fmt: skip
    """(begin, size, box) of a part of the picture; the whole where none was found."""
    operation = at.operation
    flat = boxes.reshape(-1, 4)
    if not len(flat):
        if not use_image_if_no_bounding_boxes:
            raise InvalidArgumentError(
                operation.node_def, operation,
                "No bounding boxes provided as input. One must enable use_image_if_no_bounding_boxes if you wish to "
                "not provide any bounding boxes.",
            )  # fmt: skip
        flat = np.array([[0, 0, 1, 1]], np.float32)
    height, width = int(image_size[0]), int(image_size[1])
    draws = at.state.resource(operation, lambda: _Draws((seed, seed2))).numbers
    sides = flat * [height, width, height, width]
    found = (0, 0, height, width)
    for _ in range(max_attempts):
        tried = _tried(draws, height, width, aspect_ratio_range, area_range)
        if tried is not None and _covers(tried, sides, float(covered)):
            found = tried
            break
    top, left, rows, columns = found
    kind = image_size.dtype
    box = np.array([top / height, left / width, (top + rows) / height, (left + columns) / width], np.float32)
    return [np.array([top, left, 0], kind), np.array([rows, columns, -1], kind), box.reshape(1, 1, 4)]


def _tried(
    draws: np.random.Generator, height: int, width: int, ratios: Sequence[float], areas: Sequence[float]
) -> tuple[int, int, int, int] | None:
    """(top, left, rows, columns) of a part of a drawn proportion and area; None where it does not fit."""
    ratio = draws.uniform(*ratios)
    low, high = (np.sqrt(share * height * width / ratio) for share in areas)
    rows = round(draws.uniform(low, min(high, height, width / ratio))) if low <= min(high, height, width / ratio) else 0
    columns = round(rows * ratio)
    if not (0 < rows <= height and 0 < columns <= width):
        return None
    if not areas[0] * height * width <= rows * columns <= areas[1] * height * width:
        return None
    top, left = int(draws.integers(height - rows + 1)), int(draws.integers(width - columns + 1))
    return top, left, rows, columns


def _covers(part: tuple[int, int, int, int], boxes: Array, least: float) -> bool:
    """Whether a part of the picture holds that share of one of the boxes."""
    top, left, rows, columns = part
    for box in boxes:
        area = (box[2] - box[0]) * (box[3] - box[1])
        shared = max(min(box[2], top + rows) - max(box[0], top), 0) * max(
            min(box[3], left + columns) - max(box[1], left), 0
        )
        if area > 0 and shared / area >= least:
            return True
    return False


@export("image.sample_distorted_bounding_box")
def sample_distorted_bounding_box(
    image_size: Any, bounding_boxes: Any, seed: int | None = None, seed2: int | None = None,
    min_object_covered: Any = 0.1, aspect_ratio_range: Any = None, area_range: Any = None,
    max_attempts: int | None = None, use_image_if_no_bounding_boxes: bool | None = None, name: str | None = None,
) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
    """(begin, size, box) of a random part of a picture of `image_size` that holds `min_object_covered` of one of the
    boxes [batch, boxes, 4]: for tf.slice, and for draw_bounding_boxes."""
    given = {
        "aspect_ratio_range": aspect_ratio_range, "area_range": area_range, "max_attempts": max_attempts,
        "use_image_if_no_bounding_boxes": use_image_if_no_bounding_boxes,
    }  # fmt: skip
    with name_scope(name, "sample_distorted_bounding_box"):
        made = apply(
            "SampleDistortedBoundingBoxV2", [image_size, bounding_boxes, min_object_covered], seed=seed or 0,
            seed2=seed2 or 0, **{key: value for key, value in given.items() if value is not None},
        )  # fmt: skip
        return made[0], made[1], made[2]
