"""Runs the commands of a page and puts in what they print: ``python docs/how-to/run.py docs/how-to/score.md``.

Blocks of ``text NAME`` and ``python NAME`` are files; in ``console`` what stands after ``$`` is run, in ``pycon`` what
stands after ``>>>``, all in one empty folder and in the order of the page. A test does the same and compares.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import sys
import tempfile
from pathlib import Path

from typer.testing import CliRunner

from elman.cli.app import app

_BLOCK = re.compile(r"^```(console|pycon|(?:text|python) (\S+))\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def filled(page: str) -> str:
    """The page with what its commands print now."""
    names: dict[str, object] = {}
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        sys.path.insert(0, folder)
        try:
            return _BLOCK.sub(lambda found: _block(found, names), page)
        finally:
            sys.path.remove(folder)
            os.chdir(before)


def _block(found: re.Match[str], names: dict[str, object]) -> str:
    kind, file, body = found.groups()
    if file:
        Path(file).write_text(body, "utf-8")
        return found.group()
    lines = body.splitlines()
    if kind == "console":
        parts = [f"{line}\n{_command(line[2:])}" for line in lines if line.startswith("$ ")]
    else:
        parts = [f"{line}\n{_statement(line[4:], names)}" for line in lines if line.startswith(">>> ")]
    return f"```{kind}\n{''.join(parts)}```"


def _command(line: str) -> str:
    """What a command prints: standard error first, unless it ends in 2>/dev/null; ``| head -N`` cuts the rest short."""
    line, _, head = line.partition(" | head -")
    line, quiet, _ = line.partition(" 2>/dev/null")
    verb, *arguments = shlex.split(line)
    assert verb == "elman", line
    result = CliRunner().invoke(app, arguments)
    output = result.stdout if quiet else result.stderr + result.stdout
    return "".join(output.splitlines(keepends=True)[: int(head) if head else None])


def _statement(code: str, names: dict[str, object]) -> str:
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        exec(compile(code, "page", "single"), names)
    return shown.getvalue()


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]):
        path.write_text(filled(path.read_text("utf-8")), "utf-8")
