"""Settings from the environment and from `configure`, and the exact text of every error."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, asdict, fields

import pytest
from diptych.backends import settings as module
from diptych.backends.settings import Settings, configure, settings
from diptych.ir import DiptychError


@pytest.fixture(autouse=True)
def untouched(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No variable is set and nothing was read before; what was in force comes back."""
    for each in fields(Settings):
        monkeypatch.delenv(f"DIPTYCH_{each.name.upper()}", raising=False)
    monkeypatch.setattr(module, "_current", None)
    yield


def test_defaults() -> None:
    assert asdict(settings()) == {
        "backend": "numpy",
        "checked": False,
        "fast_math": False,
        "device": None,
        "matmul_precision": "highest",
        "compilation_cache": None,
        "cache_size": 512,
        "pending_bytes": 256 * 2**20,
        "pending_calls": 20_000,
        "compile_after": None,
        "threads": None,
        "memory_budget": None,
        "bucket": None,
        "log": frozenset(),
    }
    assert all(each.metadata["description"] for each in fields(Settings))


@pytest.mark.parametrize(
    "name, text, value",
    [
        ("BACKEND", "jax", "jax"),
        ("BACKEND", "reference", "reference"),
        ("BACKEND", "jax:cpu", "jax"),
        ("CHECKED", "1", True),
        ("CHECKED", "false", False),
        ("LOG", "retrace, sync", frozenset({"sync", "retrace"})),
        ("LOG", "", frozenset()),
        ("FAST_MATH", "true", True),
        ("FAST_MATH", "off", False),
        ("CACHE_SIZE", "7", 7),
        ("PENDING_BYTES", "1048576", 2**20),
        ("PENDING_CALLS", "1", 1),
        ("COMPILE_AFTER", "0", 0),
        ("MEMORY_BUDGET", "1000000", 1_000_000),
        ("THREADS", "2", 2),
        ("MATMUL_PRECISION", "high", "high"),
    ],
)
def test_environment(monkeypatch: pytest.MonkeyPatch, name: str, text: str, value: object) -> None:
    monkeypatch.setenv(f"DIPTYCH_{name}", text)
    assert getattr(settings(), name.lower()) == value


def test_the_environment_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = settings()
    monkeypatch.setenv("DIPTYCH_BACKEND", "jax")
    assert settings() is first


def test_configure_changes_what_it_names() -> None:
    assert configure(backend="jax", cache_size=3).backend == "jax"
    assert configure(checked=True) is settings()
    assert (settings().backend, settings().cache_size, settings().checked) == ("jax", 3, True)


def test_a_backend_may_have_a_device() -> None:
    assert (configure(backend="jax:gpu:1").backend, settings().device) == ("jax", "gpu:1")
    assert configure(cache_size=3).device == "gpu:1"
    assert configure(backend="jax").device is None
    assert configure(device="tpu:0").device == "tpu:0"
    assert configure(backend="numpy").device is None


def test_configure_takes_texts_as_the_environment_does() -> None:
    found = configure(threads="2", log="sync", checked="off", fast_math=1)
    assert (found.threads, found.log, found.checked, found.fast_math) == (2, frozenset({"sync"}), False, True)
    assert configure(threads=None, log=["retrace"]).threads is None
    assert settings().log == frozenset({"retrace"})


def test_a_first_run_does_not_wait_for_pydantic() -> None:
    program = """
import sys
import diptych.static as tf
import diptych.eager as torch
with tf.Session() as session:
    session.run(tf.constant(1.0) + 1.0)
(torch.ones(2) + 1).numpy()
torch.compile(lambda x: x + 1)(torch.ones(2)).numpy()
assert "pydantic" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_settings_cannot_be_written_to() -> None:
    with pytest.raises(FrozenInstanceError):
        settings().backend = "jax"  # pyright: ignore[reportAttributeAccessIssue]


DEVICES = "cpu, gpu, tpu or one of several, such as gpu:0, of backend jax"
WRONG = [
    ("BACKEND", "torch", "'torch' but must be 'numpy', 'jax' or 'reference'"),
    ("MATMUL_PRECISION", "low", "'low' but must be 'highest', 'high' or 'default'"),
    ("CHECKED", "perhaps", "'perhaps' but must be true or false"),
    ("FAST_MATH", "2", "'2' but must be true or false"),
    ("CACHE_SIZE", "many", "'many' but must be an integer"),
    ("CACHE_SIZE", "0", "'0' but must be 1 or more"),
    ("CACHE_SIZE", "1000001", "'1000001' but must be 1000000 or less"),
    ("PENDING_BYTES", "-1", "'-1' but must be 1 or more"),
    ("PENDING_CALLS", "1.5", "'1.5' but must be an integer"),
    ("LOG", "sync,noise", "'noise' but must be 'sync' or 'retrace'"),
]


@pytest.mark.parametrize("name, text, problem", WRONG)
def test_errors_of_the_environment(monkeypatch: pytest.MonkeyPatch, name: str, text: str, problem: str) -> None:
    monkeypatch.setenv(f"DIPTYCH_{name}", text)
    for _ in range(2):  # a wrong variable stays wrong
        with pytest.raises(DiptychError) as caught:
            settings()
        assert str(caught.value) == f"environment variable DIPTYCH_{name} is {problem}"


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"backend": "torch"}, "setting backend is 'torch' but must be 'numpy', 'jax' or 'reference'"),
        ({"backend": "numpy:cpu"}, f"setting device is 'cpu' but must be {DEVICES}"),
        ({"backend": "jax:moon"}, f"setting device is 'moon' but must be {DEVICES}"),
        ({"backend": "jax:gpu:x"}, f"setting device is 'gpu:x' but must be {DEVICES}"),
        ({"backend": "numpy", "device": "gpu"}, f"setting device is 'gpu' but must be {DEVICES}"),
        ({"backend": 3}, "setting backend is 3 but must be 'numpy', 'jax' or 'reference'"),
        ({"checked": "maybe"}, "setting checked is 'maybe' but must be true or false"),
        ({"checked": None}, "setting checked is None but must be true or false"),
        ({"cache_size": 0}, "setting cache_size is 0 but must be 1 or more"),
        ({"cache_size": 2.5}, "setting cache_size is 2.5 but must be an integer"),
        ({"cache_size": None}, "setting cache_size is None but must be an integer"),
        ({"pending_bytes": []}, "setting pending_bytes is [] but must be an integer"),
        ({"threads": 0}, "setting threads is 0 but must be 1 or more"),
        ({"log": 3}, "setting log is 3 but must be a collection of 'sync' and 'retrace'"),
        ({"log": ["noise"]}, "setting log is 'noise' but must be 'sync' or 'retrace'"),
        (
            {"bakcend": "jax"},
            "setting bakcend is unknown but must be one of backend, device, matmul_precision, compilation_cache, checked, fast_math, cache_size, "
            "pending_bytes, pending_calls, compile_after, threads, memory_budget, bucket, log",
        ),
    ],
)
def test_errors_of_configure(changes: dict[str, object], message: str) -> None:
    before = settings()
    with pytest.raises(DiptychError) as caught:
        configure(**changes)
    assert str(caught.value) == message
    assert settings() is before
