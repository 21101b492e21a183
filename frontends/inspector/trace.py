"""The verb `trace`: a program, and what each pass did to it, in a file for later."""

from __future__ import annotations

import argparse

from .options import add_target, check_output, programs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    add_target(parser)
    parser.add_argument("-o", "--output", metavar="FILE.dipt", required=True, help="the bundle, which all verbs read")
    parser.add_argument(
        "--arrays", action="store_true", help="with large constants, and what it first ran on, in FILE.dipt.npz"
    )
    parser.add_argument("--no-source", action="store_true", help="without source text, and folders of files")


def command(options: argparse.Namespace) -> tuple[str, int]:
    """Writes the bundle; nothing is printed."""
    check_output(options.output, ".dipt", options.target)
    from .bundles import write  # here, since pydantic takes long to import

    found = programs(options, keep_inputs=options.arrays)
    write(options.output, found, arrays=options.arrays, redacted=options.no_source)
    return "", 0
