"""What is compared: gold and what systems predicted, read from files of any format or given as documents."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elman.data.formats import AS_SAID, Detected, asked, detect, read
from elman.errors import DataError, UsageError
from elman.pipelines.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from elman.data.document import Document
    from elman.data.formats import Format, Reading, ReadReport
    from elman.data.schemes import Repair


@dataclass(frozen=True, eq=False)
class Side:
    """Gold, or what one system predicted.

    Attributes:
        name: how messages call it.
        documents: in the order in which they are compared.
        report: what was found out in reading; None of documents that were given.
        path: the file that they are from, None if there is none that can be read again.
        order: the place of each document in the file; None if the order is the file's.
        options: with which it was read.
    """

    name: str
    documents: Sequence[Document]
    report: ReadReport | None = None
    path: Path | None = None
    order: Sequence[int] | None = None
    options: Mapping[str, object] = field(default_factory=dict)

    @property
    def ids(self) -> list[str] | None:
        """The documents' own ids; None if one has none, or readers made them up."""
        if self.report is not None and self.report.numbered:
            return None
        ids = [document.id for document in self.documents if document.id is not None]
        return ids if ids and len(ids) == len(self.documents) else None

    def place(self, at: int, offset: int = 0) -> str:
        """How a message names a place.

        Args:
            at: the index of the document; one past the last stands for the end.
            offset: in its text.
        """
        if at >= len(self.documents):
            return f"{self.name}, at its end"
        document = self.documents[at]
        number = at if self.order is None else self.order[at]
        line = self._line(number, offset)
        if line is not None:
            return f"{self.name}, line {line}"
        return f"{self.name}, document {number + 1}" + ("" if document.id is None else f" ({document.id})")

    def _line(self, number: int, offset: int) -> int | None:
        """The line of a place in the file's own document of this number, if that is known."""
        if self.path is None or self.report is None:
            return None
        documents = self.documents
        if self.order is not None:
            # All of the file's, or none of its lines is known.
            documents = [
                document for _, document in sorted(zip(self.order, documents, strict=True), key=lambda p: p[0])
            ]
        try:
            return Lines(self.path, self.report, documents).line(number, offset)
        except DataError:
            # It was read before; whatever is the matter now, it is not what is to be told.
            return None


def read_side(
    path: Path | str,
    name: str | None = None,
    *,
    like: Side | None = None,
    format: str | None = None,  # noqa: A002  # the option's name
    scheme: str | None = None,
    repair: Repair = "conlleval",
    encoding: str = "utf-8",
    options: Mapping[str, object] | None = None,
) -> Side:
    """Read all documents of a file or folder.

    Args:
        path: of any format that ``read`` knows.
        name: how messages call it; by default the path.
        like: gold, of a file of predictions. Its tags are in gold's scheme unless they are clearly in another.
        format: its format, or None to find it out.
        scheme: its tags' scheme, or None to find it out.
        repair: what happens to an invalid tag, if the format has tags.
        encoding: of its characters.
        options: further ones of the format.

    Raises:
        DataError: if the file is not what it should be.
        UsageError: if there is no such format, scheme or option, or the format has no scheme.
    """
    shown = name or str(path)
    told: dict[str, Any] = dict(options or {})
    if format is None:
        found = detect(path, encoding)
    else:
        chosen, said, named_encoding = asked(format)
        found = Detected(chosen, AS_SAID)
        told |= said
        encoding = named_encoding or encoding
    if scheme is not None:
        if "scheme" not in found.format.read_options:
            raise UsageError(f"{shown}: {found.format.name} has no tags and so no scheme; leave the scheme out for it")
        told["scheme"] = scheme
    if "repair" in found.format.read_options:
        told.setdefault("repair", repair)
    try:
        reading, documents = _read(path, found.format, encoding, told, like)
    except DataError as error:
        raise DataError(error.problem, shown if error.path == str(path) else error.path, error.line) from None
    reading.report.format_evidence = found.evidence
    place = Path(path) if Path(path).is_file() else None
    return Side(shown, documents, reading.report, place, options=told)


def _read(
    path: Path | str, chosen: Format, encoding: str, told: dict[str, Any], like: Side | None
) -> tuple[Reading, list[Document]]:
    """The documents, with tags in gold's scheme, if it allows them, or in their own, or at fault in gold's."""
    report = None if like is None else like.report
    if "repair" in told and "scheme" not in told and report and report.spans and report.scheme not in (None, "IO"):
        # Faults of a system are no scheme of their own, and nor are tags that happen to be all I-.
        gold = {"scheme": report.scheme}
        refused: DataError | None = None
        for more in (gold | {"repair": "refuse"}, {"repair": "refuse"}, gold | {"repair": _lenient(told["repair"])}):
            try:
                reading = read(path, chosen.name, encoding=encoding, **{**told, **more})
                documents = list(reading)
            except DataError as error:
                refused = refused or error
                continue
            if "scheme" in more:
                reading.report.scheme_evidence = "as gold's"
            elif reading.report.scheme == "IO":
                continue
            if reading.report.repairs and told["repair"] == "refuse" and refused is not None:
                raise refused
            reading.report.repair = told["repair"]
            return reading, documents
    reading = read(path, chosen.name, encoding=encoding, **told)
    return reading, list(reading)


def _lenient(repair: Repair) -> Repair:
    """The repair with which all is read that is of the scheme at all."""
    return "conlleval" if repair == "refuse" else repair


def read_columns(
    path: Path | str,
    name: str | None = None,
    format: str | None = None,  # noqa: A002
    schemes: Sequence[str | None] = (None, None),
    options: Sequence[Mapping[str, object]] = ({}, {}),
    **rest: Any,
) -> tuple[Side, Side]:
    """Gold and predictions out of one file of columns, as conlleval reads it: gold is last but one, predicted last.

    Args:
        path: the file, which is read twice.
        name: how messages call it; by default the path.
        format: its format, or None to find it out.
        schemes: of gold's tags and of the predicted ones, None to find it out.
        options: further ones of the format, for gold and for the predictions; ``column`` can be among them.
        rest: as for ``read_side``.

    Raises:
        DataError: if a row has fewer than three columns, or a tag is at fault.
        UsageError: if the file is not columns.
    """
    shown = name or str(path)
    found = asked(format).format if format else detect(path, rest.get("encoding", "utf-8")).format
    if found.name != "conll":
        raise UsageError(
            f"{shown}: expected rows with gold and predicted tags in the last two columns, got {found.name}; "
            "give the file with predictions too: elman score GOLD PREDICTED"
        )
    sides: list[Side] = []
    for title, column, scheme, own in zip(("gold", "predicted"), (-2, -1), schemes, options, strict=True):
        told = {"column": column, **own}
        like = sides[0] if sides else None
        try:
            side = read_side(path, f"{shown} ({title})", like=like, format=format, scheme=scheme, options=told, **rest)
            assert side.report is not None
            side.report.format_evidence = f"{title} tags in column {told['column']}"
            sides.append(side)
        except DataError as error:
            few = error.problem.startswith("too few columns") and error.line is None
            hint = (
                "; of one file alone the last two columns are compared: give a file with predictions too" if few else ""
            )
            raise DataError(f"{error.problem}{hint}", error.path, error.line) from None
    return sides[0], sides[1]
