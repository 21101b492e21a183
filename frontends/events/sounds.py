"""Summaries of sound, as WAV files of 16 bits."""

from __future__ import annotations

import io
import wave

import numpy as np

from .summary import Audio


def wav_file(samples: np.ndarray, sample_rate: int) -> bytes:
    """Samples [frames, channels] from -1 to 1 as a file."""
    return wav_file_of_integers((samples * np.iinfo(np.int16).max).astype("<i2"), sample_rate)


def wav_file_of_integers(samples: np.ndarray, sample_rate: int) -> bytes:
    """Samples [frames, channels] of 16 bits, the low byte first, as a file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(samples.shape[1])
        sound.setsampwidth(2)
        sound.setframerate(sample_rate)
        sound.writeframes(samples.tobytes())
    return file.getvalue()


def audio(samples: np.ndarray, sample_rate: int) -> Audio:
    """Samples [frames] from -1 to 1."""
    return Audio(
        sample_rate=sample_rate,
        num_channels=1,
        length_frames=len(samples),
        encoded_audio_string=wav_file(samples[:, None], sample_rate),
        content_type="audio/wav",
    )
