"""tf.gfile."""

import diptych.static as tf
import pytest

gfile = tf.gfile


def test_files_are_written_and_read(tmp_path):
    path = str(tmp_path / "a.txt")
    with gfile.GFile(path, "w") as file:
        file.write("one\n")
        file.write(b"two\n")
    with gfile.Open(path, "ab") as file:
        file.write("\N{GREEK SMALL LETTER PI}")
    file = gfile.FastGFile(path)
    assert file.size() == 10 and file.readline() == "one\n" and list(file) == ["two\n", "\N{GREEK SMALL LETTER PI}"]
    file.seek(0)
    assert file.read(3) == "one" and file.tell() == 3 and file.seekable() and file.readlines()[1] == "two\n"
    file.flush()
    file.close()
    with gfile.GFile(path, "rb") as again:
        assert file.read() == again.read().decode()
    file.close()
    gfile.GFile(str(tmp_path / "empty"), "w").close()
    assert gfile.Exists(str(tmp_path / "empty"))


def test_folders(tmp_path):
    gfile.MakeDirs(str(tmp_path / "a" / "b"))
    gfile.MakeDirs(str(tmp_path / "a" / "b"))
    gfile.MkDir(str(tmp_path / "c"))
    with gfile.GFile(str(tmp_path / "c" / "x.txt"), "w") as file:
        file.write("x")
    gfile.Copy(str(tmp_path / "c" / "x.txt"), str(tmp_path / "c" / "y.txt"))
    gfile.Rename(str(tmp_path / "c" / "y.txt"), str(tmp_path / "c" / "z.txt"), overwrite=True)
    assert gfile.Glob(str(tmp_path / "c" / "*.txt")) == [str(tmp_path / "c" / name) for name in ("x.txt", "z.txt")]
    assert gfile.Glob([str(tmp_path / "a"), str(tmp_path / "none")]) == [str(tmp_path / "a")]
    assert sorted(gfile.ListDirectory(str(tmp_path))) == ["a", "c"] and gfile.IsDirectory(str(tmp_path / "a"))
    assert [(len(folders), len(files)) for _, folders, files in gfile.Walk(str(tmp_path / "c"))] == [(0, 2)]
    found = gfile.Stat(str(tmp_path / "c" / "x.txt"))
    assert found.length == 1 and found.mtime_nsec > 0 and not found.is_directory
    gfile.Remove(str(tmp_path / "c" / "x.txt"))
    gfile.DeleteRecursively(str(tmp_path / "c"))
    assert not gfile.Exists(str(tmp_path / "c"))


def test_refusals(tmp_path):
    gone, there = str(tmp_path / "gone"), str(tmp_path / "there")
    gfile.MkDir(there)
    for kind, message, call in (
        (tf.errors.NotFoundError, f"{gone}; No such file or directory", lambda: gfile.GFile(gone).read()),
        (tf.errors.NotFoundError, f"{gone}; No such file or directory", lambda: gfile.Remove(gone)),
        (tf.errors.NotFoundError, f"{gone}; No such file or directory", lambda: gfile.GFile(gone).size()),
        (tf.errors.NotFoundError, f"Could not find directory {gone}", lambda: gfile.ListDirectory(gone)),
        (tf.errors.AlreadyExistsError, f"{there}; File exists", lambda: gfile.MkDir(there)),
        (tf.errors.AlreadyExistsError, "file already exists", lambda: gfile.Copy(there, there)),
        (tf.errors.FailedPreconditionError, f"{there}; Is a directory", lambda: gfile.GFile(there).read()),
        (tf.errors.InvalidArgumentError, "mode is not 'r' or 'w' or 'a': x", lambda: gfile.GFile(gone, "x")),
        (TypeError, "seek(): offset argument required", lambda: gfile.GFile(there).seek()),
    ):
        with pytest.raises(kind) as caught:
            call()
        assert str(caught.value) == message
