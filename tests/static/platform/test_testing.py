"""tf.test."""

import os
import unittest

import diptych.static as tf
import numpy as np


def test_cases_run():
    class Case(tf.test.TestCase):
        def test_values(self):
            with self.test_session() as session:
                x = tf.constant([1.0, 2.0])
                self.assertAllEqual(x, [1, 2])
                self.assertAllClose({"a": x.eval()}, {"a": [1.0, 2.0 + 1e-7]})
                self.assertAllClose(session.run(x), self.evaluate(x))
            self.assertShapeEqual(np.zeros(2), x)
            self.assertNear(1.0, 1.1, 0.2)
            self.assertTrue(os.path.isdir(self.get_temp_dir()) and self.get_temp_dir() == self.get_temp_dir())

        def test_what_differs(self):
            self.assertAllEqual([1], [2])

    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(Case).run(result)
    assert result.testsRun == 3 and not result.errors and [reason for _, reason in result.skipped] == ["Not a test."]
    assert [case.id().rpartition(".")[2] for case, _ in result.failures] == ["test_what_differs"]


def test_there_is_no_gpu():
    assert not tf.test.is_gpu_available() and not tf.test.is_built_with_cuda() and tf.test.gpu_device_name() == ""
    assert os.path.isdir(tf.test.get_temp_dir())
