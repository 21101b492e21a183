"""The command line of `diptych view`."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..files import file_errors
from ..options import above_zero, add_target, check_output, programs, together
from ..roofline import Peak


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    add_target(parser)
    parser.add_argument("-o", "--output", metavar="PAGE.html", required=True, help="the page, one file")
    parser.add_argument("--no-source", action="store_true", help="without source text, and folders of files")
    parser.add_argument("--peak", type=above_zero, metavar="GFLOP/S", help="of the machine; by default it is measured")
    parser.add_argument("--bandwidth", type=above_zero, metavar="GB/S", help="of its memory; with --peak")


def command(options: argparse.Namespace) -> tuple[str, int]:
    """Writes the page; says how large it is."""
    from .layouts import layout
    from .page import page

    check_output(options.output, ".html", options.target)
    layout()  # which may be missing: to be said before a script runs
    together(options, "peak", "bandwidth")
    peak = Peak(options.peak, options.bandwidth) if options.peak is not None else None
    text = page(programs(options), title=options.target, redacted=options.no_source, peak=peak)
    file = Path(options.output)
    with file_errors(file):
        file.write_text(text, encoding="utf-8")
    return f"{file}: {len(text.encode()) / 1000:.0f} kB\n", 0
