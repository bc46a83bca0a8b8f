"""Which formats there are: a line for each of Elman's own, which is imported when it is wanted, and those of plugins.

A package that is installed beside Elman adds formats by the entry point group ``elman.formats``; each is a
``Format``.
"""

from __future__ import annotations

import codecs
import re
import sys
from collections.abc import Iterator, MutableMapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from elman.data.formats.compression import without_suffix
from elman.data.formats.format import Format
from elman.errors import UsageError

if TYPE_CHECKING:
    from elman.data.formats.format import Head

GROUP = "elman.formats"
"""The group of entry points in which packages name their formats."""

_JSON = (b"{", b"[")
_NUMBERED = (b"#", *(str(digit).encode() for digit in range(10)))


class Home(NamedTuple):
    """Where a format is, and what is known of it before it is imported, which takes a while for all of them.

    Attributes:
        place: the module in this package, and the name in it.
        suffixes: the format's.
        begins: with what a file can begin, white space and a byte order mark apart; with anything if with b"".
    """

    place: str
    suffixes: tuple[str, ...] = ()
    begins: tuple[bytes, ...] = (b"",)


HOMES: dict[str, Home] = {
    "conll": Home("conll.CONLL", (".conll", ".iob", ".bio", ".iob2", ".tsv")),
    "conllu": Home("conllu.CONLLU", (".conllu", ".conllup"), _NUMBERED),
    "jsonl": Home("jsonl.JSONL", (".jsonl", ".ndjson"), _JSON),
    "html": Home("html.HTML", (".html", ".htm"), ()),
    "prodigy": Home("prodigy.PRODIGY", (), _JSON),
    "label-studio": Home("label_studio.LABEL_STUDIO", (), _JSON),
    "spacy-json": Home("spacy.SPACY_JSON", (), _JSON),
    "spacy-v2": Home("spacy_v2.SPACY_V2", (), _JSON),
    "spacy": Home("docbin.DOCBIN", (".spacy",), (b"\x78",)),
    "gliner": Home("gliner.GLINER", (), _JSON),
    "doccano": Home("doccano.DOCCANO", (), _JSON),
    "presidio": Home("presidio.PRESIDIO", (), _JSON),
    "germeval": Home("germeval.GERMEVAL", (), _NUMBERED),
    "inline": Home("inline.INLINE"),
    "parallel": Home("parallel.PARALLEL"),
    "webanno": Home("webanno.WEBANNO", (), (b"#FORMAT",)),
    "spert": Home("spert.SPERT", (), _JSON),
    "dygie": Home("dygie.DYGIE", (), _JSON),
    "marked": Home("marked.MARKED", (), _JSON),
    "multihead": Home("multihead.MULTIHEAD", (), _NUMBERED),
    "factrueval": Home("factrueval.FACTRUEVAL", (), ()),
    "classes": Home("classes.CLASSES"),
    "brat": Home("brat.BRAT", (".ann",), (b"T", b"R", b"E", b"A", b"M", b"N", b"#", b"*")),
    "csv": Home("csv.CSV", (".csv", ".tsv")),
    "parquet": Home("hf.PARQUET", (".parquet",), (b"PAR1",)),
    "arrow": Home("hf.ARROW", (".arrow", ".feather"), (b"ARROW1", b"\xff\xff\xff\xff")),
    "hf-jsonl": Home("hf.HF_JSONL", (), _JSON),
    "hf": Home("hf.HF_FOLDER", (), ()),
    "hf-pipeline": Home("hf_pipeline.HF_PIPELINE", (), _JSON),
    "kaggle": Home("kaggle.KAGGLE"),
    "text": Home("text.TEXT", (".txt", ".text"), ()),
    "pdf": Home("pdf.PDF", (".pdf",), (b"%PDF",)),
    "docx": Home("docx.DOCX", (".docx", ".docm"), (b"PK", b"\xd0\xcf\x11\xe0")),
    "webpage": Home("webpage.WEBPAGE", (".html", ".htm", ".xhtml"), (b"<",)),
    "epub": Home("epub.EPUB", (".epub",), (b"PK",)),
}
"""Elman's own formats by name; of those that share a suffix, the first has it."""


class _Formats(MutableMapping[str, Format]):
    """The formats of ``HOMES``, each imported when it is asked for."""

    def __init__(self) -> None:
        self._found: dict[str, Format] = {}
        self._names = dict.fromkeys(HOMES)

    def __getitem__(self, name: str) -> Format:
        if name not in self._found:
            if name not in self._names:
                raise KeyError(name)
            module, _, constant = HOMES[name].place.partition(".")
            self._found[name] = getattr(import_module(f"elman.data.formats.{module}"), constant)
        return self._found[name]

    def __setitem__(self, name: str, entry: Format) -> None:
        self._names[name], self._found[name] = None, entry

    def __delitem__(self, name: str) -> None:
        del self._names[name]
        self._found.pop(name, None)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


FORMATS: MutableMapping[str, Format] = _Formats()
"""The formats that come with Elman, by name."""


def formats() -> dict[str, Format]:
    """All formats by name: Elman's own, and then those of plugins, none of which can take an own one's name.

    Raises:
        UsageError: if a plugin cannot be loaded.
    """
    return {**FORMATS, **plugins()}


def named(name: str) -> Format:
    """The format of that name.

    Raises:
        UsageError: if there is none.
    """
    if name.lower() in FORMATS:
        return FORMATS[name.lower()]
    known = {entry.lower(): found for entry, found in formats().items()}
    if name.lower() not in known:
        raise UsageError(f"there is no format {name!r}; choose one of {', '.join(known)}")
    return known[name.lower()]


class Asked(NamedTuple):
    """How a file is to be read.

    Attributes:
        format: what it is in.
        options: of the format, as text.
        encoding: of the file's characters; None if that is not said.
    """

    format: Format
    options: dict[str, str]
    encoding: str | None


def asked(text: str) -> Asked:
    """How a person wants a file to be read: a format, behind which its options may stand.

    Args:
        text: ``NAME`` or ``NAME:OPTION=VALUE,...``, as in ``csv:text=headline,label=topic``; every format has the
            option ``encoding``.

    Raises:
        UsageError: if there is no such format, or what stands behind the colon is no option.
    """
    name, colon, behind = text.partition(":")
    parts = [part.partition("=") for part in re.split(r",(?=\w+=)", behind)] if colon else []
    if any(not (option and equals) for option, equals, _ in parts):
        raise UsageError(f"options of a format read {name}:OPTION=VALUE,OPTION=VALUE; got {text!r}")
    options = {option: value for option, _, value in parts}
    encoding = options.pop("encoding", None)
    return Asked(named(name), options, encoding)


def candidates(head: Head) -> Iterator[Format]:
    """The formats that a folder or a file with this head can be in, by how it begins or is named."""
    begin, suffix = head.data.removeprefix(codecs.BOM_UTF8).lstrip(b" \t\r\n"), _suffix(head.name)
    for name in FORMATS:
        home = HOMES.get(name)
        if home is None or head.folder is not None or begin.startswith(home.begins) or suffix in home.suffixes:
            yield FORMATS[name]
    yield from plugins().values()


def by_suffix(name: str, *, writing: bool) -> Format | None:
    """The first format that the suffix of a file's name, that of a compression apart, stands for.

    Args:
        name: the file's.
        writing: whether it is to be written; one that cannot be is named if there is no other.
    """
    suffix = _suffix(name)
    own = [FORMATS[one] for one in FORMATS if suffix in (HOMES[one] if one in HOMES else FORMATS[one]).suffixes]
    found = next((entry for entry in own if (entry.write if writing else entry.read)), None)
    if found is not None:
        return found
    others = [entry for entry in plugins().values() if suffix in entry.suffixes]
    fitting = (entry for entry in others if (entry.write if writing else entry.read))
    return next(fitting, next(iter(own + others), None))


@cache
def plugins() -> dict[str, Format]:
    """The formats of other packages, by name.

    Raises:
        UsageError: if one cannot be loaded.
    """
    if not _announced():
        return {}
    from importlib.metadata import entry_points

    found = {}
    for point in entry_points(group=GROUP):
        try:
            entry = point.load()
        except Exception as error:
            raise UsageError(f"the format {point.name} of {point.value} cannot be loaded: {error!r}") from error
        if not isinstance(entry, Format):
            raise UsageError(f"the format {point.name} of {point.value} is no Format, but {type(entry).__name__}")
        if entry.name not in FORMATS:
            found[entry.name] = entry
    return found


def _announced() -> bool:
    """Whether any package on the path has entry points for formats; to read all metadata takes ten times as long."""
    group = f"[{GROUP}]".encode()
    return any(
        group in path.read_bytes()
        for folder in dict.fromkeys(map(Path, sys.path))
        for path in folder.glob("*-info/entry_points.txt")
    )


def _suffix(name: str) -> str:
    return Path(without_suffix(name)).suffix.lower()
