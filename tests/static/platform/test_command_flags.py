"""tf.flags and tf.app.run."""

import subprocess
import sys

import diptych.static as tf

PROGRAM = """
import sys
import diptych.static as tf
flags = tf.app.flags
flags.DEFINE_string("name", "x", "a name")
flags.DEFINE_integer("number", default_value=3, docstring="a number")
tf.flags.DEFINE_bool("yes", True, "whether")
FLAGS = tf.flags.FLAGS
{body}
"""


def _ran(body, *arguments):
    code = PROGRAM.format(body=body)
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=60)


def test_flags_are_parsed_when_one_is_read():
    found = _ran("print(FLAGS.name, FLAGS.number, flags.FLAGS.yes, 'name' in FLAGS)", "--name=hi", "--noyes")
    assert found.stdout == "hi 3 False True\n" and "please use (name, default, help) instead." in found.stderr


def test_run_leaves_unknown_flags_to_main():
    found = _ran("def main(argv):\n    FLAGS.number = 9\n    print(argv[1:], FLAGS.number)\n    return 5\ntf.app.run(main)",
                 "--name=a", "--other=b", "rest")  # fmt: skip
    assert (found.stdout, found.returncode) == ("['--other=b', 'rest'] 9\n", 5)


def test_wrong_values_are_refused():
    found = _ran("FLAGS.number", "--number=x")
    assert found.returncode and "flag --number=x: invalid literal for int() with base 10: 'x'" in found.stderr


def test_names_are_absl_s():
    import absl.flags

    assert tf.flags.DEFINE_enum is absl.flags.DEFINE_enum and tf.app.flags.FLAGS is tf.flags.FLAGS
