"""Pictures of matplotlib's figures, and films through moviepy, where these are installed."""

from __future__ import annotations

import os
import tempfile
from typing import Any

import numpy as np

from .optional import imported
from .summary import Image


def figure_pixels(figure: Any, close: bool) -> np.ndarray:
    """A figure drawn [height, width, 3], and closed if asked. Raises Unsupported without matplotlib."""
    agg = imported("add_figure", "matplotlib.backends.backend_agg")
    canvas = agg.FigureCanvasAgg(figure)
    canvas.draw()
    width, height = figure.canvas.get_width_height()
    pixels = np.frombuffer(canvas.buffer_rgba(), np.uint8).reshape(height, width, 4)[:, :, :3]
    if close:
        imported("add_figure", "matplotlib.pyplot").close(figure)
    return pixels


def film(frames: np.ndarray, frames_per_second: float) -> Image:
    """Frames [time, height, width, channels] of uint8 as a moving GIF. Raises Unsupported without moviepy."""
    moviepy = imported("add_video", "moviepy")
    if not hasattr(moviepy, "ImageSequenceClip"):  # before its version 2
        moviepy = imported("add_video", "moviepy.editor")
    clip = moviepy.ImageSequenceClip(list(frames), fps=frames_per_second)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "film.gif")
        clip.write_gif(path, logger=None)
        with open(path, "rb") as file:
            data = file.read()
    _, height, width, channels = frames.shape
    return Image(height=height, width=width, colorspace=channels, encoded_image_string=data)


def film_frames(batch: np.ndarray) -> np.ndarray:
    """Films [batch, time, channels, height, width] side by side as one, [time, height, width, channels] of uint8; the
    batch is filled with black up to a power of two."""
    count, times, channels, height, width = batch.shape
    if batch.dtype == np.uint8:
        batch = np.float32(batch) / 255.0
    if count & (count - 1) or not count:
        missing = 2 ** count.bit_length() - count
        batch = np.concatenate((batch, np.zeros((missing, times, channels, height, width))), axis=0)
    rows = 2 ** ((count.bit_length() - 1) // 2)
    columns = len(batch) // rows
    parts = batch.reshape(rows, columns, times, channels, height, width).transpose(2, 0, 4, 1, 5, 3)
    frames = parts.reshape(times, rows * height, columns * width, channels)
    return (frames.astype(np.float32) * 255).clip(0, 255).astype(np.uint8)
