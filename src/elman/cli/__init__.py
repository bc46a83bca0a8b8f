"""The command line: one file a command, each of which imports what it needs when it runs."""

from __future__ import annotations


def main() -> None:
    """``elman VERB``; exits with 0: done, 1: the answer is no, 2: bad usage or input, 130: interrupted."""
    from elman.cli.app import app

    app()
