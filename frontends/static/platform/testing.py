"""tf.test: tests of programs, by Python's own unittest."""

from __future__ import annotations

import os
import shutil
import tempfile
import unittest
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..exports import export
from ..graphs.defaults import get_default_graph, reset_default_graph, session_for
from ..running.session import Session


@export("test.get_temp_dir")
def get_temp_dir() -> str:
    """A folder for the files of a test, of this process's own."""
    path = os.path.join(tempfile.gettempdir(), f"diptych_test_{os.getpid()}")
    os.makedirs(path, exist_ok=True)
    return path


@export("test.main")
def main(argv: list[str] | None = None) -> None:
    """Runs the tests of the program."""
    unittest.main(argv=argv)


@export("test.TestCase")
class TestCase(unittest.TestCase):
    """A test that begins with an empty graph."""

    def setUp(self) -> None:
        reset_default_graph()
        self._folders: list[str] = []

    def tearDown(self) -> None:
        for folder in self._folders:
            shutil.rmtree(folder, ignore_errors=True)

    def get_temp_dir(self) -> str:
        """A folder for the files of this test, deleted at its end."""
        if not self._folders:
            self._folders.append(tempfile.mkdtemp())
        return self._folders[0]

    @contextmanager
    def session(
        self, graph: Any = None, config: Any = None, use_gpu: bool = False, force_gpu: bool = False
    ) -> Iterator[Any]:
        """A session of a graph, the default in the block."""
        with Session(graph=get_default_graph() if graph is None else graph, config=config) as session:
            yield session

    cached_session = session

    def test_session(self, *args: Any, **kwargs: Any) -> Any:
        """As `session`; its name makes it look like a test."""
        if self.id().endswith(".test_session"):
            self.skipTest("Not a test.")
        return self.session(*args, **kwargs)

    def evaluate(self, tensors: Any) -> Any:
        """The values of tensors in the default session."""
        return session_for(get_default_graph(), None, "evaluate tensor", "eval").run(tensors)

    def _array(self, value: Any) -> np.ndarray[Any, Any]:
        return np.asarray(self.evaluate(value) if hasattr(value, "op") else value)

    def assertAllEqual(self, a: Any, b: Any, msg: str = "") -> None:
        """The same shape and elements."""
        np.testing.assert_array_equal(self._array(a), self._array(b), err_msg=msg)

    def assertAllClose(self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, msg: str = "") -> None:
        """The same shape, and elements that differ by atol + rtol * |b| at most; dictionaries and lists by parts."""
        if isinstance(a, dict):
            self.assertEqual(a.keys(), b.keys(), msg)
            for key in a:
                self.assertAllClose(a[key], b[key], rtol, atol, f"{msg}[{key}]")
            return
        np.testing.assert_allclose(self._array(a), self._array(b), rtol=rtol, atol=atol, err_msg=msg)

    def assertNear(self, f1: float, f2: float, err: float, msg: str | None = None) -> None:
        """|f1 - f2| <= err."""
        self.assertLessEqual(abs(f1 - f2), err, msg)

    def assertShapeEqual(self, np_array: Any, tf_tensor: Any, msg: str | None = None) -> None:
        """The tensor's static shape is the array's."""
        self.assertEqual(list(np_array.shape), tf_tensor.get_shape().as_list(), msg)
