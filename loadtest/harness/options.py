"""What the commands of this directory have in common on their command lines."""

import os
import sys
from pathlib import Path


def binary(directory: Path, name: str) -> Path:
    path = directory / name
    if not path.exists():
        raise RuntimeError(f"`{path}` is not there: swift build -c release --product {name}")
    return path.resolve()


def progress(line: str) -> None:
    """One line that overwrites itself on a terminal; nothing in a log."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)


def skip(what: str) -> None:
    """Names what cannot be looked at here, for `ops/test` to say at its end: as its own checks do."""
    if path := os.environ.get("POSTERN_SKIPPED"):
        with open(path, "a") as file:
            file.write(f"{what}\n")
