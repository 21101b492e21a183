"""Programs of pictures: sizes, parts, colours, boxes, files."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from tests.static.programs.computing import computed, differentiated
from tests.static.programs.notes import Note, described, worded

DRAWN = np.random.RandomState(0)
BATCH = DRAWN.rand(1, 4, 5, 3).astype(np.float32).round(2)
OTHER = DRAWN.rand(1, 4, 5, 3).astype(np.float32).round(2)
BYTES = DRAWN.randint(0, 256, (3, 4, 3)).astype(np.uint8)
LINE = np.array([0.0, 4.0, 1.0, 3.0, 2.0], np.float32).reshape(1, 1, 5, 1)
BOXES = np.array([[0.1, 0.1, 0.8, 0.9], [-0.2, 0, 0.5, 1.2], [0.9, 0.8, 0.1, 0.2]], np.float32)
MANY = np.array(
    [[0, 0, 1, 1], [0, 0.1, 1, 1.1], [0, -0.1, 1, 0.9], [0, 10, 1, 11], [0, 10.1, 1, 11.1], [0, 100, 1, 101]],
    np.float32,
)
SCORES = np.array([0.9, 0.75, 0.6, 0.95, 0.5, 0.3], np.float32)
OVERLAPS = np.array([[1, 0.6, 0.1], [0.2, 1, 0.7], [0.1, 0.4, 1]], np.float32)


OTHER_WORDS = {
    "cut", "differences", "edges", "empty", "fewer scores", "flip of one axis", "no file", "no picture", "two channels",
    "unknown method", "variation",
}  # fmt: skip


def sizes(tf: Any, note: Note) -> None:
    """Every way to resize, along one line that shows where elements come from."""
    image = tf.image
    kinds = {
        "bilinear": image.resize_bilinear,
        "bicubic": image.resize_bicubic,
        "nearest": image.resize_nearest_neighbor,
    }
    for kind, resize in kinds.items():
        cases = {
            f"{kind} {size} {options}": lambda size=size, options=options, resize=resize: resize(LINE, [1, size], **options)
            for size in (3, 8) for options in ({}, {"align_corners": True}, {"half_pixel_centers": True})
        }  # fmt: skip
        computed(tf, worded(note, OTHER_WORDS), cases)
        differentiated(tf, note, {
            f"{kind} {options}": lambda x, options=options, resize=resize: resize(x, [1, 7], **options)
            for options in ({}, {"align_corners": True}, {"half_pixel_centers": True})
        }, LINE)  # fmt: skip
    computed(tf, worded(note, OTHER_WORDS), {
        "area": lambda: image.resize_area(LINE, [1, 3]), "area larger": lambda: image.resize_area(LINE, [1, 8]), "area of corners": lambda: image.resize_area(LINE, [1, 3], align_corners=True),
        "both": lambda: image.resize_bilinear(LINE, [1, 3], align_corners=True, half_pixel_centers=True), "nothing left": lambda: image.resize_bilinear(LINE, [0, 3]),
        "of bytes": lambda: image.resize_bilinear(BYTES[None], [2, 3]), "nearest of bytes": lambda: image.resize_nearest_neighbor(BYTES[None], [2, 3]),
        **{f"method {method}": lambda method=method: image.resize_images(BYTES, [2, 3], method) for method in (0, 1, 2, 3)}, "unknown method": lambda: image.resize_images(BYTES, [2, 3], 7),
        "same size": lambda: image.resize_images(BYTES, [3, 4]), "in proportion": lambda: image.resize_images(BYTES, [6, 6], preserve_aspect_ratio=True), "padded": lambda: image.resize_image_with_pad(BYTES, 3, 8),
        "crop_and_resize": lambda: image.crop_and_resize(BATCH, BOXES, [0, 0, 0], [2, 3], extrapolation_value=-1.0), "one place": lambda: image.crop_and_resize(BATCH, BOXES, [0, 0, 0], [1, 1]),
        "nearest places": lambda: image.crop_and_resize(BATCH, BOXES, [0, 0, 0], [2, 3], method="nearest"),
    })  # fmt: skip
    differentiated(tf, note, {"crop_and_resize": lambda x: image.crop_and_resize(x, BOXES, [0, 0, 0], [2, 3])}, BATCH)
    differentiated(tf, note, {"boxes": lambda x: image.crop_and_resize(BATCH, x, [0, 0, 0], [2, 3])}, BOXES)
    open_batch, size = tf.placeholder(tf.uint8, [None, None, 6, 3]), tf.placeholder(tf.int32, [2])
    note("made", described(
        image.resize_images(open_batch, [4, 5]), image.resize_images(open_batch, size), image.resize_images(BYTES, [4, 5], 1, name="smaller"),
        image.resize_bicubic(open_batch, [4, 5]), image.crop_and_resize(open_batch, tf.placeholder(tf.float32, [None, 4]), [0], [4, 5]),
    ))  # fmt: skip
    note("fed size", lambda: tf.Session().run(image.resize_images(LINE, size), {size: [1, 2]}))


def parts(tf: Any, note: Note) -> None:
    image = tf.image
    computed(tf, worded(note, OTHER_WORDS), {
        "crop": lambda: image.crop_to_bounding_box(BYTES, 1, 0, 2, 2), "too large a crop": lambda: image.crop_to_bounding_box(BYTES, 1, 0, 3, 2), "pad": lambda: image.pad_to_bounding_box(BYTES[:, :, :1], 1, 0, 5, 4),
        "too small a frame": lambda: image.pad_to_bounding_box(BYTES, 1, 0, 3, 4), "crop or pad": lambda: image.resize_image_with_crop_or_pad(BYTES, 2, 6), "middle": lambda: image.central_crop(BATCH, 0.5),
        "fraction": lambda: image.central_crop(BATCH, 1.5), "no picture": lambda: image.crop_to_bounding_box(BYTES[0], 1, 0, 2, 2), "flip": lambda: image.flip_left_right(BYTES), "flip down": lambda: image.flip_up_down(BATCH),
        "transpose": lambda: image.transpose_image(BYTES), "rot90": lambda: [image.rot90(BYTES, turns) for turns in range(4)], "rot90 of a batch": lambda: image.rot90(BATCH, 3), "flip of one axis": lambda: image.flip_left_right([1, 2]),
        "patches": lambda: image.extract_image_patches(BATCH, [1, 2, 2, 1], [1, 2, 2, 1], [1, 1, 1, 1], "VALID"),
        "differences": lambda: image.image_gradients(BATCH), "variation": lambda: [image.total_variation(BATCH), image.total_variation(BATCH[0])], "edges": lambda: image.sobel_edges(BATCH),
    })  # fmt: skip
    open_picture = tf.placeholder(tf.float32, [None, None, 3])
    height = tf.placeholder(tf.int32, [])
    note("made", described(
        image.crop_to_bounding_box(open_picture, 1, 0, 2, 2), image.resize_image_with_crop_or_pad(open_picture, height, 6), image.central_crop(open_picture, 0.5), image.flip_left_right(open_picture),
        image.random_flip_left_right(open_picture, seed=1), image.rot90(open_picture), image.random_flip_up_down(BATCH, seed=1),
    ))  # fmt: skip
    session, fed = tf.Session(), np.arange(18.0).reshape(3, 2, 3)
    note(
        "run",
        lambda: session.run(
            [image.resize_image_with_crop_or_pad(open_picture, height, 3), image.central_crop(open_picture, 0.5)],
            {open_picture: fed, height: 2},
        ),
    )
    note("does not fit", lambda: session.run(image.crop_to_bounding_box(open_picture, 1, 0, 2, 9), {open_picture: fed}))
    note(
        "flipped or not",
        lambda: bool(np.isin(session.run(image.random_flip_left_right(BYTES, seed=3)), [BYTES, BYTES[:, ::-1]]).all()),
    )


def colors(tf: Any, note: Note) -> None:
    image = tf.image
    for label, picture in {"floats": BATCH[0, :2, :2], "bytes": BYTES[:2, :2]}.items():
        computed(tf, worded(note, OTHER_WORDS), {
            f"{name} of {label}": lambda name=name, picture=picture, amount=amount: getattr(image, name)(picture, *amount)
            for name, amount in {
                "adjust_brightness": [0.3], "adjust_contrast": [1.7], "adjust_hue": [0.3], "adjust_saturation": [1.5], "adjust_gamma": [1.5, 0.9], "rgb_to_grayscale": [],
            }.items()
        })  # fmt: skip
    computed(tf, worded(note, OTHER_WORDS), {
        **{name: lambda name=name: getattr(image, name)(BATCH[0, :1]) for name in ("rgb_to_hsv", "hsv_to_rgb", "rgb_to_yiq", "yiq_to_rgb", "rgb_to_yuv", "yuv_to_rgb")},
        "standardized": lambda: image.per_image_standardization(BATCH), "standardized grey": lambda: image.per_image_standardization(np.ones((2, 2, 1), np.float32)),
        "grey as colours": lambda: image.grayscale_to_rgb(tf.constant(BATCH[..., :1])), "no grey": lambda: image.grayscale_to_rgb(tf.constant(BATCH)), "two channels": lambda: image.rgb_to_hsv(BATCH[..., :2]), "gamma": lambda: image.adjust_gamma(BATCH, -1),
        "psnr": lambda: image.psnr(BATCH, OTHER, 1.0), "ssim": lambda: image.ssim(tf.constant(BATCH), tf.constant(OTHER), 1.0, filter_size=3), "other shape": lambda: image.ssim(tf.constant(BATCH), tf.constant(OTHER[:, :3]), 1.0),
        "multiscale": lambda: image.ssim_multiscale(np.tile(BATCH, (1, 3, 3, 1)), np.tile(OTHER, (1, 3, 3, 1)), 1.0, power_factors=(0.5, 0.5), filter_size=3),
        **{f"convert {dtype} {saturate}": lambda dtype=dtype, saturate=saturate: [image.convert_image_dtype(x, dtype, saturate) for x in (BATCH[0, 0] * 2, BYTES[0])]
           for dtype in ("uint8", "uint16", "int32", "float32", "float16") for saturate in (False, True) if (dtype, saturate) not in (("uint8", False), ("uint16", False), ("int32", True))},
        "convert to bool": lambda: image.convert_image_dtype(BATCH, tf.bool), "hue range": lambda: image.random_hue(BATCH, 0.7), "factors": lambda: image.random_contrast(BATCH, 2, 1),
        "delta": lambda: image.random_brightness(BATCH, -1),
    })  # fmt: skip
    note("made", described(
        image.random_brightness(BYTES, 0.2, seed=1), image.random_contrast(BYTES, 0.2, 1.2, seed=1), image.random_hue(BYTES, 0.2, seed=1), image.random_saturation(BYTES, 0.5, 1.5, seed=1),
        image.rgb_to_grayscale(tf.placeholder(tf.uint8, [None, None, 3])), image.rgb_to_hsv(BATCH),
    ))  # fmt: skip
    differentiated(tf, note, {
        "adjust_contrast": lambda x: image.adjust_brightness(x, 0.2) * 2, "yuv": image.rgb_to_yuv, "standardized": image.per_image_standardization, "total_variation": image.total_variation, "gray": image.rgb_to_grayscale,
    }, BATCH)  # fmt: skip


def boxes(tf: Any, note: Note) -> None:
    image = tf.image
    computed(tf, worded(note, OTHER_WORDS), {
        "chosen": lambda: image.non_max_suppression(MANY, SCORES, 3, 0.5), "good enough": lambda: image.non_max_suppression(MANY, SCORES, 30, 0.5, 0.4), "of overlaps": lambda: image.non_max_suppression_overlaps(OVERLAPS, SCORES[:3], 3, 0.5),
        "padded": lambda: image.non_max_suppression_padded(MANY, SCORES, 5, 0.5, pad_to_max_output_size=True), "softly": lambda: image.non_max_suppression_with_scores(MANY, SCORES, 6, 0.5, soft_nms_sigma=0.5),
        "with scores": lambda: image.non_max_suppression_with_scores(MANY, SCORES, 6, 0.5), "threshold": lambda: image.non_max_suppression(MANY, SCORES, 3, 1.5), "drawn": lambda: image.draw_bounding_boxes(BATCH, BOXES[None, :2]),
        "drawn grey": lambda: image.draw_bounding_boxes(BATCH[..., :1], BOXES[None, :1]), "fewer scores": lambda: image.non_max_suppression(MANY, SCORES[:2], 3),
    })  # fmt: skip
    begin, size, box = image.sample_distorted_bounding_box([40, 50, 3], BOXES[None, :1], seed=7, area_range=(0.2, 0.5))
    note(
        "made",
        described(
            begin, size, box, image.non_max_suppression(MANY, SCORES, 3), image.draw_bounding_boxes(BATCH, BOXES[None])
        ),
    )
    top, sides, part = tf.Session().run([begin, size, box])
    area = sides[0] * sides[1] / 2000
    note(
        "sampled",
        [
            bool(0.15 < area < 0.55),
            int(sides[2]),
            bool(0.7 < sides[1] / sides[0] < 1.4),
            bool(np.allclose(part[0, 0, :2], top[:2] / [40, 50])),
        ],
    )
    note("no boxes", lambda: tf.Session().run(image.sample_distorted_bounding_box([40, 50, 3], np.zeros((1, 0, 4)))))


FILES = {
    "png": "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAHElEQVR4nGNkYGBgsDFisDFiSWEwYmAwYmAwAgARYgHcpMOmSQAAAABJRU5ErkJggg==",
    "grey": "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAAAAAC4HznGAAAAEElEQVR4nGNk0NRkUlFRBgACsgDB+vdbpAAAAABJRU5ErkJggg==",
    "gif": "R0lGODdhAwACAIIAAAAAAGYAMwAzM2YzZgBmZmZmmQAAAAAAACwAAAAAAwACAAAICQABCCAQYECBgAAh+QQBAAAGACwAAAAAAwACAIIAAABmADMAMzNmM2YAmWZmZpkAAAAAAAAICQALDAhAQACAgAA7",
    "bmp": "Qk1OAAAAAAAAADYAAAAoAAAAAwAAAAIAAAABABgAAAAAABgAAADEDgAAxA4AAAAAAAAAAAAAMgBkZDxklnhkAAAAAAAAMjwAZHgAAAAA",
    "jpeg": "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/wAALCAACAAMBAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/ACv/2Q==",
}  # fmt: skip


def files(tf: Any, note: Note) -> None:
    """Small files of each kind, by each reader. The JPEG is of one grey, which all readers give alike."""
    image, session = tf.image, tf.Session()
    for kind, text in FILES.items():
        data = base64.b64decode(text)
        for channels in (0, 3):
            note(
                f"{kind} {channels}",
                lambda data=data, channels=channels: session.run(image.decode_image(data, channels)),
            )
        note(f"{kind} floats", lambda data=data: session.run(image.decode_image(data, dtype=tf.float32)))
        note(f"{kind} as jpeg", lambda data=data: session.run(image.decode_jpeg(data, 0)))
        note(f"{kind} is jpeg", lambda data=data: bool(session.run(image.is_jpeg(data))))
    data = {kind: base64.b64decode(text) for kind, text in FILES.items()}
    computed(tf, worded(note, OTHER_WORDS), {
        "grey png": lambda: image.decode_png(data["grey"], 3), "transparent": lambda: image.decode_png(data["png"], 4), "of 16 bits": lambda: image.decode_png(data["png"], dtype=tf.uint16), "gif": lambda: image.decode_gif(data["gif"]),
        "bmp": lambda: image.decode_bmp(data["bmp"]), "shape": lambda: image.extract_jpeg_shape(data["jpeg"]), "jpeg": lambda: image.decode_jpeg(data["jpeg"], 3), "cropped": lambda: image.decode_and_crop_jpeg(data["jpeg"], [0, 1, 2, 2]),
        "no file": lambda: image.decode_jpeg(b"nothing"), "empty": lambda: image.decode_image(b""), "cut": lambda: image.decode_jpeg(data["jpeg"][:100]),
        "written": lambda: image.decode_png(image.encode_png(BYTES)), "written grey": lambda: image.decode_jpeg(image.encode_jpeg(np.full((8, 8, 1), 130, np.uint8))), "two channels": lambda: image.encode_jpeg(BYTES[..., :2]),
        "quality": lambda: image.encode_jpeg(BYTES, quality=101), "rewritten": lambda: image.adjust_jpeg_quality(np.full((8, 8, 3), 0.5, np.float32), 50),
    })  # fmt: skip
    name = tf.placeholder(tf.string, [])
    note("made", described(
        image.decode_jpeg(name, channels=3), image.decode_png(name), image.decode_gif(name), image.decode_bmp(name), image.encode_png(BYTES), image.encode_jpeg(BYTES),
        image.extract_jpeg_shape(name), image.decode_and_crop_jpeg(name, [0, 0, 2, 3], channels=1),
    ))  # fmt: skip


PROGRAMS = [sizes, parts, colors, boxes, files]
