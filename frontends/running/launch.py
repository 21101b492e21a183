"""`diptych launch [OPTIONS] SCRIPT [ARGUMENTS]`: several processes that each run the script, as torchrun does it."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import NoReturn

from diptych.ir import DiptychError

MAX_PROCESSES = 1024
_PAUSE = 0.05  # seconds between looks at the processes
_GRACE = 10.0  # seconds that the others have to end when one has failed


def main(arguments: Sequence[str]) -> int:
    """Starts the processes and waits for them: 0 where all end well, else the exit status of the first that does not,
    after which the others are ended."""
    try:
        options = parsed(arguments)
    except DiptychError as error:
        print(f"diptych: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    for asked in (signal.SIGTERM, signal.SIGHUP):  # as whoever runs jobs ends them
        signal.signal(asked, _stop)
    processes: list[subprocess.Popen[bytes]] = []
    try:
        processes.extend(_started(environment, options) for environment in environments(options))
        return _waited(processes)
    except KeyboardInterrupt:
        return 130
    finally:
        _end(processes)


def _stop(number: int, frame: object) -> None:
    raise SystemExit(128 + number)


class _Parser(argparse.ArgumentParser):
    """A parser that raises what is wrong."""

    def error(self, message: str) -> NoReturn:
        raise DiptychError(f"launch: {message.removeprefix('argument ')}; try: diptych launch --help")


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no whole number") from None


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """The options. Ends the process where help is asked for; raises DiptychError for what is unknown or missing, and
    for numbers that make no sense together."""
    parser = _Parser(
        prog="diptych launch",
        usage="diptych launch [OPTIONS] SCRIPT [ARGUMENT ...]",
        allow_abbrev=False,
        description="Runs a program in several processes, whose numbers are in RANK, LOCAL_RANK and WORLD_SIZE, and "
        "which meet at MASTER_ADDR and MASTER_PORT: what torch.distributed and tf.distribute read.",
        epilog="The backend is jax, unless DIPTYCH_BACKEND or --backend says another.",
    )
    parser.add_argument("--processes", type=_whole, default=1, metavar="N", help="on this host; by default 1")
    parser.add_argument("--hosts", type=_whole, default=1, metavar="N", help="how many hosts take part; by default 1")
    parser.add_argument("--host", type=_whole, default=0, metavar="N", help="which of them this one is, from 0 on")
    parser.add_argument("--address", metavar="HOST:PORT", help="of host 0; by default a free port of this one")
    parser.add_argument("--backend", default=os.environ.get("DIPTYCH_BACKEND", "jax"), help="what runs the programs")
    parser.add_argument("script", metavar="SCRIPT", nargs="?")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="ARGUMENT", help="of the script")
    options = parser.parse_args(arguments)
    if options.script is None:
        parser.error("there is no script")
    total = options.processes * options.hosts
    if options.processes < 1 or options.hosts < 1 or total > MAX_PROCESSES:
        counts = f"--processes is {options.processes} and --hosts {options.hosts}"
        raise DiptychError(f"launch: {counts}, but there must be from 1 to {MAX_PROCESSES} processes")
    if not 0 <= options.host < options.hosts:
        known = "0, of one host" if options.hosts == 1 else f"from 0 to {options.hosts - 1}, of {options.hosts} hosts"
        raise DiptychError(f"launch: --host is {options.host} but must be {known}")
    if options.hosts > 1 and options.address is None:
        raise DiptychError("launch: --address is not given, at which the hosts meet")
    if options.address is not None and not is_address(options.address):
        raise DiptychError(f"launch: --address is {options.address} but must be HOST:PORT")
    if options.backend.partition(":")[0] not in ("numpy", "jax", "reference"):
        raise DiptychError(f"launch: --backend is {options.backend} but must be numpy, jax or reference")
    if not os.path.isfile(options.script):
        raise DiptychError(f"launch: {options.script}: there is no such file")
    return options


def is_address(text: str) -> bool:
    """Whether it is HOST:PORT."""
    host, _, port = text.rpartition(":")
    return bool(host) and port.isdecimal() and 0 < int(port) < 65536


def environments(options: argparse.Namespace) -> list[dict[str, str]]:
    """What each process of this host finds in its environment, beside what is there."""
    host, _, port = (options.address or f"127.0.0.1:{_free_port()}").rpartition(":")
    shared = {
        "MASTER_ADDR": host,
        "MASTER_PORT": port,
        "WORLD_SIZE": str(options.processes * options.hosts),
        "LOCAL_WORLD_SIZE": str(options.processes),
        "DIPTYCH_BACKEND": options.backend,
    }
    first = options.host * options.processes
    return [
        {**shared, "RANK": str(first + place), "LOCAL_RANK": str(place), "GROUP_RANK": str(options.host)}
        for place in range(options.processes)
    ]


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def _started(environment: Mapping[str, str], options: argparse.Namespace) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "diptych.cli", "run", options.script, *options.arguments]
    return subprocess.Popen(command, env={**os.environ, **environment})


def _waited(processes: Sequence[subprocess.Popen[bytes]]) -> int:
    while True:
        ended = [process.poll() for process in processes]
        for status in ended:
            if status:
                return status if status > 0 else 128 - status
        if None not in ended:
            return 0
        time.sleep(_PAUSE)


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Asks what still runs to end; what does not is killed."""
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE)
        if process.poll() is None:
            process.kill()
            process.wait()
