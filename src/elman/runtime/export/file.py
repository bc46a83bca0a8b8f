"""An exported model as a file, which is there only if it tags as the model does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from elman.errors import UsageError
from elman.model.atomic import replace_file
from elman.model.folder import read_model
from elman.runtime.export.parity import TOLERANCE, compare
from elman.runtime.export.tagging import OPSET, tagger_model

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from elman.data.document import Document
    from elman.runtime.export.parity import Parity

SCHEMA = "elman.export/1"
"""The name and version of what ``Exported.to_json`` gives."""


class Exported(NamedTuple):
    """What came of an export.

    Attributes:
        path: the file.
        bytes: its size.
        parity: the comparisons, of the built-in windows and of data if there were any; the file is written if all of
            them passed.
    """

    path: Path
    bytes: int
    parity: dict[str, Parity]

    @property
    def written(self) -> bool:
        """Whether the file was written."""
        return all(one.passed for one in self.parity.values())

    def to_json(self) -> dict[str, Any]:
        """For a machine."""
        return {
            "schema": SCHEMA,
            "file": str(self.path),
            "written": self.written,
            "bytes": self.bytes,
            "opset": OPSET,
            "tolerance": TOLERANCE,
            "parity": {name: {**one._asdict(), "passed": one.passed} for name, one in self.parity.items()},
        }


def export_onnx(
    model: Path, out: Path, documents: Iterable[Document] | None = None, *, force: bool = False
) -> Exported:
    """Write a model as one ONNX file, if what ONNX Runtime makes of it tags as the model does.

    Args:
        model: the folder.
        out: the file.
        documents: to be compared on beside the built-in windows.
        force: whether a file that is there gives way.

    Raises:
        UsageError: if something is there that may not be replaced, or the model is too large.
        ModelError: as ``read_model``.
        OSError: if the file cannot be written; what was there before is still there.
    """
    if out.is_dir():
        raise UsageError(f"{out} is a folder; name a file, such as {out / 'model.onnx'}")
    if out.exists() and not force:
        raise UsageError(f"{out} exists; name another file, or --force to replace it")
    if not out.absolute().parent.is_dir():
        raise UsageError(f"{out}: there is no folder {out.parent}; make it first")
    folder = read_model(model)
    content = tagger_model(folder)
    parity = {"built-in": compare(content, folder)}
    if documents is not None:
        parity["data"] = compare(content, folder, documents)
    exported = Exported(out, len(content), parity)
    if exported.written:
        replace_file(out.resolve(), content)
    return exported
