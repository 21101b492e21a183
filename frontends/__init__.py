"""Two ways to write a deep-learning program, one typed IR to read, optimise and run it.

`import diptych.static as tf` builds TensorFlow-1 graphs, `import diptych.eager as torch` records PyTorch programs.
"""

import os
from typing import Any

from diptych.ir import DiptychError, Unsupported

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # The backends take long to import, and `diptych check` needs none of them: only who asks for settings waits.
    if name in ("Settings", "configure", "settings"):
        from diptych.backends import settings

        return getattr(settings, name)
    if name in ("batch", "join_processes", "mesh", "shard"):
        from . import meshes

        return getattr(meshes, name)
    if name in ("checkpoints", "load_checkpoint", "restore_session", "save_checkpoint", "session_state"):
        from . import saving

        return getattr(saving, name)
    if name == "export":
        from .exporting import export

        return export
    if name == "recording":
        from .inspector.bundles import recording

        return recording
    raise AttributeError(f"module 'diptych' has no attribute {name!r}")


if os.environ.get("DIPTYCH_TRACE"):
    from .inspector.bundles import record_process

    record_process(os.environ["DIPTYCH_TRACE"])
