"""The file `checkpoint` that says which checkpoints a folder has: tf.train.latest_checkpoint and its kin."""

from __future__ import annotations

import glob
import os
import re
import secrets
from collections.abc import Sequence
from pathlib import Path

from ...events.errors import DamagedData
from ...events.text_form import MAX_TEXT, read_text, text_of
from ..exports import export
from ..platform.logs import error as log_error
from ..platform.logs import info, warning
from .messages import CheckpointState

export("train.CheckpointState")(CheckpointState)


def state_path(folder: str, latest_filename: str | None) -> str:
    """The file that says which checkpoints a folder has."""
    return os.path.join(folder, latest_filename or "checkpoint")


@export("train.generate_checkpoint_state_proto")
def generate_checkpoint_state_proto(
    save_dir: str,
    model_checkpoint_path: str,
    all_model_checkpoint_paths: Sequence[str] | None = None,
    all_model_checkpoint_timestamps: Sequence[float] | None = None,
    last_preserved_timestamp: float | None = None,
) -> CheckpointState:
    """What the file says: the last checkpoint and all that are kept, relative to `save_dir` where that is relative.
    Raises ValueError."""
    paths = list(all_model_checkpoint_paths or ())
    if not paths or paths[-1] != model_checkpoint_path:
        info("%s is not in all_model_checkpoint_paths. Manually adding it.", model_checkpoint_path)
        paths.append(model_checkpoint_path)
    times = list(all_model_checkpoint_timestamps or ())
    if times and len(times) != len(paths):
        raise ValueError(
            "Checkpoint timestamps, if provided, must match checkpoint paths "
            f"(got paths {paths} and timestamps {times})"
        )
    if not os.path.isabs(save_dir):
        paths = [path if os.path.isabs(path) else os.path.relpath(path, save_dir) for path in paths]
        model_checkpoint_path = paths[-1]
    return CheckpointState(
        model_checkpoint_path=model_checkpoint_path,
        all_model_checkpoint_paths=paths,
        all_model_checkpoint_timestamps=times,
        last_preserved_timestamp=last_preserved_timestamp,
    )


@export("train.update_checkpoint_state")
def update_checkpoint_state(
    save_dir: str,
    model_checkpoint_path: str,
    all_model_checkpoint_paths: Sequence[str] | None = None,
    latest_filename: str | None = None,
    all_model_checkpoint_timestamps: Sequence[float] | None = None,
    last_preserved_timestamp: float | None = None,
    *,
    relative: bool = False,
) -> None:
    """Writes the file that says which checkpoints `save_dir` has. Raises RuntimeError where it would be one of them."""
    if relative:
        model_checkpoint_path = _relative(model_checkpoint_path, save_dir)
        all_model_checkpoint_paths = [_relative(path, save_dir) for path in all_model_checkpoint_paths or ()]
    state = generate_checkpoint_state_proto(
        save_dir, model_checkpoint_path, all_model_checkpoint_paths, all_model_checkpoint_timestamps,
        last_preserved_timestamp,
    )  # fmt: skip
    path = state_path(save_dir, latest_filename)
    if path == state.model_checkpoint_path:
        raise RuntimeError(
            f"Save path '{model_checkpoint_path}' conflicts with path used for checkpoint state.  "
            "Please use a different save path."
        )
    temporary = f"{path}.tmp{secrets.randbits(64)}"
    try:
        Path(temporary).write_text(text_of(state), encoding="utf-8")
        os.replace(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _relative(path: str, folder: str) -> str:
    return os.path.relpath(path, folder) if os.path.isabs(path) else path


@export("train.get_checkpoint_state")
def get_checkpoint_state(checkpoint_dir: str, latest_filename: str | None = None) -> CheckpointState | None:
    """What the file of a folder says, or None: where there is none, and where it is no such text. Raises ValueError
    where it names no checkpoint."""
    path = state_path(checkpoint_dir, latest_filename)
    if not os.path.isfile(path):
        return None
    try:
        with open(path, encoding="utf-8") as file:
            state = read_text(CheckpointState, file.read(MAX_TEXT + 1), path)
    except (DamagedData, UnicodeDecodeError) as error:
        warning("%s: %s", type(error).__name__, error)
        warning("%s: Checkpoint ignored", path)
        return None
    if not state.model_checkpoint_path:
        raise ValueError(f"Invalid checkpoint state loaded from {checkpoint_dir}")
    state.model_checkpoint_path = os.path.join(checkpoint_dir, state.model_checkpoint_path)
    state.all_model_checkpoint_paths = [os.path.join(checkpoint_dir, each) for each in state.all_model_checkpoint_paths]
    return state


@export("train.latest_checkpoint")
def latest_checkpoint(checkpoint_dir: str, latest_filename: str | None = None) -> str | None:
    """The path of the last checkpoint in a folder, for Saver.restore; None where there is none."""
    state = get_checkpoint_state(checkpoint_dir, latest_filename)
    if state is None:
        return None
    if checkpoint_exists(state.model_checkpoint_path):
        return state.model_checkpoint_path
    log_error("Couldn't match files for checkpoint %s", state.model_checkpoint_path)
    return None


@export("train.checkpoint_exists")
def checkpoint_exists(checkpoint_prefix: str) -> bool:
    """Whether there is a checkpoint of this path; wildcards may stand in it."""
    return bool(glob.glob(f"{checkpoint_prefix}.index") or glob.glob(checkpoint_prefix))


def meta_graph_filename(checkpoint_filename: str, meta_graph_suffix: str = "meta") -> str:
    """The file of the graph beside a checkpoint; shards of a checkpoint have one."""
    return f"{re.sub(r'-[0-9?]+-of-[0-9]+$', '', checkpoint_filename)}.{meta_graph_suffix}"


@export("train.get_checkpoint_mtimes")
def get_checkpoint_mtimes(checkpoint_prefixes: Sequence[str]) -> list[float]:
    """When checkpoints were written, seconds since 1970; those that are not there are left out."""
    times: list[float] = []
    for prefix in checkpoint_prefixes:
        found = glob.glob(f"{prefix}.index") or glob.glob(prefix)
        if found:
            times.append(os.stat(found[0]).st_mtime)
    return times


@export("train.remove_checkpoint")
def remove_checkpoint(
    checkpoint_prefix: str, checkpoint_format_version: int = 2, meta_graph_suffix: str = "meta"
) -> None:
    """Deletes the files of a checkpoint."""
    escaped = glob.escape(checkpoint_prefix)
    patterns = [f"{escaped}.index", f"{escaped}.data-?????-of-?????"] if checkpoint_format_version == 2 else [escaped]
    for pattern in (glob.escape(meta_graph_filename(checkpoint_prefix, meta_graph_suffix)), *patterns):
        for path in glob.glob(pattern):
            os.remove(path)
