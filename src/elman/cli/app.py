"""The application: its verbs, and how each way of ending becomes a message and an exit code."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

import elman
from elman.cli.agree import agree
from elman.cli.audit import audit
from elman.cli.calibrate import calibrate
from elman.cli.convert import convert
from elman.cli.evaluate import evaluate
from elman.cli.quickstart import quickstart
from elman.cli.score import score
from elman.cli.split import split
from elman.cli.suspect import suspect
from elman.cli.synthesize import synthesize
from elman.cli.tag import tag
from elman.cli.train import train
from elman.errors import ElmanError

BAD_INPUT = 2
INTERRUPTED = 130


class Verbs(TyperGroup):
    """Runs a verb, and ends quietly or with one message where it cannot."""

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
    help="Train, judge and run recognisers of named entities on an ordinary CPU.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
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


for verb in (quickstart, train, evaluate, calibrate, score, tag, split, synthesize, convert, audit, agree, suspect):
    app.command()(verb)
