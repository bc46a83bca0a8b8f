"""``elman export``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from elman.cli.options import Format, Json, Scheme, print_json, say

if TYPE_CHECKING:
    from elman.runtime.export.file import Exported

NOT_ALIKE = 1


def export(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Model folder.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="The file to write.")],
    to: Annotated[Literal["onnx"], typer.Option(help="What the file is.")] = "onnx",
    data: Annotated[
        Path | None, typer.Option(metavar="DATA", help="Compare on this file, too, beside the built-in windows.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file at --out.")] = False,
    format: Format = None,  # noqa: A002  # the option's name
    scheme: Scheme = None,
    json: Json = False,
) -> None:
    """Write a model as one ONNX file that ONNX Runtime runs without elman: from ids of tokens to tags.

    The file holds the network, the search for the best tags, and as metadata the tables that make ids of words. It is
    written only if ONNX Runtime and elman tag alike: the same tags, emissions within 0.0001; else the exit code is 1.
    """
    from elman.extras import needs
    from elman.model.task_folder import layer_in
    from elman.runtime.evaluation import read_gold

    with needs("onnx", f"elman export --to {to}"):
        from elman.runtime.export.file import export_onnx

    documents = None if data is None else read_gold(data, format, scheme, layer=layer_in(model))
    exported = export_onnx(model, out, documents, force=force)
    if data is not None and documents is not None:
        for line in documents.report.lines():
            say(f"{data.name}: {line}")
    if json:
        print_json(exported.to_json())
    else:
        _show(exported)
    if not exported.written:
        say(f"{out} was not written: what ONNX Runtime makes of this model does not tag as the model does")
        raise typer.Exit(NOT_ALIKE)


def _show(exported: Exported) -> None:
    for name, found in exported.parity.items():
        alike = (
            "tags identical, emissions within 0.0001"
            if found.passed
            else f"{found.different:,} tags differ, emissions by up to {found.worst:.2g}"
        )
        print(f"{name}: {found.windows:,} windows, {found.tokens:,} tokens: {alike}")
    if exported.written:
        print(f"{exported.path}: {exported.bytes / 1e6:.1f} MB")
