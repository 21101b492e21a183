"""What `diptych launch` starts, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from diptych.cli import main
from diptych.running.launch import environments, parsed


@pytest.fixture(autouse=True)
def a_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.py").touch()


def test_processes_know_their_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DIPTYCH_BACKEND", raising=False)
    hosts = ["--hosts", "3", "--host", "1", "--address", "one:29500"]
    found = environments(parsed(["--processes", "2", *hosts, "x.py", "-v"]))
    assert [each["RANK"] for each in found] == ["2", "3"] and [each["LOCAL_RANK"] for each in found] == ["0", "1"]
    for each in found:
        assert (each["MASTER_ADDR"], each["MASTER_PORT"]) == ("one", "29500")
        assert (each["WORLD_SIZE"], each["LOCAL_WORLD_SIZE"], each["GROUP_RANK"]) == ("6", "2", "1")
        assert each["DIPTYCH_BACKEND"] == "jax"


def test_one_host_finds_a_place_to_meet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIPTYCH_BACKEND", "numpy")
    (found,) = environments(parsed(["x.py"]))
    assert found["MASTER_ADDR"] == "127.0.0.1" and 0 < int(found["MASTER_PORT"]) < 65536
    assert found["DIPTYCH_BACKEND"] == "numpy"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--processes", "0", "x.py"], "--processes is 0 and --hosts 1, but there must be from 1 to 1024 processes"),
        (["--processes", "600", "--hosts", "2", "x.py"], "--processes is 600 and --hosts 2, but there must be from 1"),
        (["--hosts", "2", "--host", "2", "x.py"], "--host is 2 but must be from 0 to 1, of 2 hosts"),
        (["--host", "-1", "x.py"], "--host is -1 but must be 0, of one host"),
        (["--hosts", "2", "x.py"], "--address is not given, at which the hosts meet"),
        (["--address", "one", "x.py"], "--address is one but must be HOST:PORT"),
        (["--address", "one:99999", "x.py"], "--address is one:99999 but must be HOST:PORT"),
        (["--address", ":29500", "x.py"], "--address is :29500 but must be HOST:PORT"),
        (["nowhere.py"], "nowhere.py: there is no such file"),
        (["--backend", "moon", "x.py"], "--backend is moon but must be numpy, jax or reference"),
        (["--processes", "x", "x.py"], "--processes: x is no whole number; try: diptych launch --help"),
        (["--hosts=1.5", "x.py"], "--hosts: 1.5 is no whole number; try: diptych launch --help"),
        (["--processes"], "--processes: expected one argument; try: diptych launch --help"),
        (["--process", "2", "x.py"], "unrecognized arguments: --process; try: diptych launch --help"),
        (["--processes", "2"], "there is no script; try: diptych launch --help"),
        ([], "there is no script; try: diptych launch --help"),
    ],
)
def test_refusals(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["launch", *arguments]) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"diptych: launch: {message}") and told.count("\n") == 1


def test_what_follows_the_script_is_the_scripts() -> None:
    options = parsed(["--processes", "2", "x.py", "--processes", "3", "y", "-h"])
    assert (options.processes, options.script, options.arguments) == (2, "x.py", ["--processes", "3", "y", "-h"])
