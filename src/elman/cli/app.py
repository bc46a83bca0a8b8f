"""The application: its verbs, and how each way of ending becomes a message and an exit code."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

import elman
from elman.errors import ElmanError

BAD_INPUT = 2
INTERRUPTED = 130

VERBS = (
    "quickstart",
    "train",
    "tune",
    "evaluate",
    "calibrate",
    "compress",
    "score",
    "tag",
    "predict",
    "generate",
    "fill",
    "forecast",
    "stream",
    "export",
    "split",
    "synthesize",
    "convert",
    "audit",
    "agree",
    "suspect",
    "inspect",
    "bench",
)
"""All verbs, as help lists them; ``elman.cli.VERB`` has a function ``VERB`` for each that has no parts."""

PARTS: dict[str, tuple[str, ...]] = {"inspect": ("gradients", "gates", "memory", "cells", "curve", "order")}
"""The verbs that have parts of their own; ``elman.cli.VERB.PART`` has a function ``PART`` for each."""

_PLAIN: dict[str, Any] = {"add_completion": False, "rich_markup_mode": None, "pretty_exceptions_enable": False}


class _Commands(Mapping[str, Any]):
    """The command of each verb; none is imported before it is asked for, so that no verb waits for the others.

    Args:
        verbs: their names.
        package: where each has a module.
    """

    def __init__(self, verbs: tuple[str, ...], package: str) -> None:
        self._verbs = verbs
        self._package = package

    def __getitem__(self, verb: str) -> Any:
        if verb not in self._verbs:
            raise KeyError(verb)
        if verb in PARTS:
            return _Parts(verb)
        alone = typer.Typer(**_PLAIN)
        alone.command(verb)(getattr(import_module(f"{self._package}.{verb}"), verb))
        return typer.main.get_command(alone)

    def __iter__(self) -> Iterator[str]:
        return iter(self._verbs)

    def __len__(self) -> int:
        return len(self._verbs)


class _Parts(TyperGroup):
    """A verb that has parts: ``elman inspect gates``."""

    def __init__(self, verb: str) -> None:
        package = f"elman.cli.{verb}"
        super().__init__(name=verb, help=import_module(package).__doc__, no_args_is_help=True, rich_markup_mode=None)
        self.commands: Any = _Commands(PARTS[verb], package)


class Verbs(TyperGroup):
    """Runs a verb, and ends quietly or with one message where it cannot."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands: Any = _Commands(VERBS, "elman.cli")

    def invoke(self, ctx: Any) -> Any:
        """What the verb returns.

        Raises:
            typer.Exit: with the exit code, after the message.
        """
        try:
            result = super().invoke(ctx)
            # Here a full disk or a closed pipe can still be told; at the interpreter's end it is too late.
            sys.stdout.flush()
        except ElmanError as error:
            _fail(str(error))
        except KeyboardInterrupt:
            print("interrupted", file=sys.stderr)
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            # Whoever read has had enough, `head` for one: nothing is wrong.
            _drop_output()
            raise typer.Exit from None
        except OSError as error:
            _drop_output()
            place = f"{error.filename}: " if error.filename else ""
            _fail(f"{place}{error.strerror or error}")
        return result


def _fail(message: str) -> NoReturn:
    print(f"error: {message}", file=sys.stderr)
    raise typer.Exit(BAD_INPUT)


def _drop_output() -> None:
    """Let what is buffered for standard output go nowhere, so that the interpreter ends without complaint."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


app = typer.Typer(
    cls=Verbs,
    help="Train, judge and run recurrent networks on an ordinary CPU: named entities, and every other sequence task.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    **_PLAIN,
)


def _version(asked: bool) -> None:
    if asked:
        print(elman.__version__)
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    # One error message on standard error must not be stopped by a character that a terminal cannot show.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
