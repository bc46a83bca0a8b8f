"""Labelled text made from templates: personal data in any amount, the same again from the same seed.

A template is a text with slots in double braces. ``{{PERSON}}``, in capitals, is filled and labelled;
``{{order_number}}``, in small letters, is filled and stays unlabelled. Slots with the same key,
``{{PERSON#1}}``, ``{{EMAIL#1}}``, are of one person. ``{{PRODUCT=color_name}}`` labels what Faker's maker of
that name gives; ``{{color_name}}`` only fills it in.

In a text file, a line that begins with ``---`` begins a template; what follows it there, such as
``kind=letter language=de``, goes with the template. In JSONL, a template is ``{"text": ...}`` with such keys
beside it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import count as count_from
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from elman.data.document import Document, Span
from elman.data.slots import SLOTS, Maker, Slot, faker_methods, from_faker
from elman.errors import DataError, UsageError
from elman.extras import needs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

SHIPPED = Path(__file__).with_name("templates")
"""The templates of the package, a file a language."""

FALLBACK = "en"
"""The language of the templates where there are none in that of a locale."""

SEPARATOR = "---"

_SLOT = re.compile(r"\{\{([^{}]*)\}\}")
_NAME = re.compile(r"([A-Z][A-Z0-9_]*)(?:=([a-z][a-z0-9_]*))?(?:#(\w+))?|([a-z][a-z0-9_]*)(?:#(\w+))?")


class Hole(NamedTuple):
    """A slot as it stands in a template.

    Attributes:
        name: of the slot.
        label: of the span that it becomes, None if it becomes none.
        method: the maker of Faker that fills it, None if it is one of ``SLOTS``.
        key: what it shares with others of the same person.
        line: where it stands in the file.
    """

    name: str
    label: str | None
    method: str | None
    key: str | None
    line: int


@dataclass(frozen=True)
class Template:
    """A text with holes.

    Attributes:
        pieces: the text between the holes, one more than there are holes.
        holes: in order.
        language: of the text, None if it goes with any.
        meta: what else was said of it; it goes to the documents' ``meta``.
        source: the file.
        line: where it begins.
    """

    pieces: tuple[str, ...]
    holes: tuple[Hole, ...]
    language: str | None = None
    meta: Mapping[str, object] = field(default_factory=dict)
    source: str = ""
    line: int = 1

    @property
    def labels(self) -> set[str]:
        """The labels that its documents have; a template without is a hard negative."""
        return {hole.label for hole in self.holes if hole.label is not None}


def read_templates(path: Path) -> list[Template]:
    """Read templates from a text or JSONL file.

    Raises:
        DataError: with file and line, if there is no template, braces are wrong, or there is no such slot.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read it: {getattr(error, 'strerror', None) or error}", path) from None
    parse = _parse_jsonl if path.suffix.lower() in {".jsonl", ".ndjson"} else _parse_text
    templates = parse(text, str(path))
    if not templates:
        raise DataError(
            f"has no template; templates are texts with slots such as {{{{PERSON}}}}, {SEPARATOR} between", path
        )
    return templates


def _parse_text(text: str, name: str) -> list[Template]:
    templates: list[Template] = []
    keys: dict[str, object] = {}
    lines: list[str] = []
    first = 1

    def done() -> None:
        body = "\n".join(lines).strip("\n")
        if body.strip():
            blank = next(at for at, line in enumerate(lines) if line.strip())
            templates.append(_template(body, dict(keys), name, first + blank, in_lines=True))

    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith(SEPARATOR):
            done()
            keys, lines, first = _keys(line[len(SEPARATOR) :], name, number), [], number + 1
        else:
            lines.append(line.removesuffix("\r"))
    done()
    return templates


def _keys(text: str, name: str, line: int) -> dict[str, object]:
    keys: dict[str, object] = {}
    for word in text.strip(" -\r").split():
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise DataError(f"expected KEY=VALUE behind {SEPARATOR}, such as kind=letter; got {word!r}", name, line)
        keys[key] = value
    return keys


def _parse_jsonl(text: str, name: str) -> list[Template]:
    templates = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DataError(f"expected a JSON object on each line, got invalid JSON: {error}", name, number) from None
        if not isinstance(value, dict) or not isinstance(value.get("text"), str):
            raise DataError('expected an object with "text", a template, on each line', name, number)
        templates.append(_template(value.pop("text"), value, name, number, in_lines=False))
    return templates


def _template(text: str, keys: dict[str, object], name: str, line: int, *, in_lines: bool) -> Template:
    language = keys.pop("language", None)
    if language is not None and not isinstance(language, str):
        raise DataError(f"a template's language has to be a string, such as de; got {language!r}", name, line)

    def line_at(offset: int) -> int:
        return line + in_lines * text.count("\n", 0, offset)

    pieces: list[str] = []
    holes: list[Hole] = []
    done = 0
    for match in _SLOT.finditer(text):
        pieces.append(_plain(text[done : match.start()], name, line_at(done), in_lines))
        holes.append(_hole(match[1].strip(), name, line_at(match.start())))
        done = match.end()
    pieces.append(_plain(text[done:], name, line_at(done), in_lines))
    return Template(tuple(pieces), tuple(holes), language, keys, name, line)


def _plain(text: str, name: str, line: int, in_lines: bool) -> str:
    at = re.search(r"\{\{|\}\}", text)
    if at is not None:
        line += in_lines * text.count("\n", 0, at.start())
        raise DataError("has double braces that do not enclose a slot; a slot reads {{PERSON}}", name, line)
    return text


def _hole(inner: str, name: str, line: int) -> Hole:
    match = _NAME.fullmatch(inner)
    if match is None:
        raise DataError(
            f"{{{{{inner}}}}} is no slot; one reads {{{{PERSON}}}}, or {{{{PERSON#1}}}} to name it again", name, line
        )
    label, method, key, small, small_key = match.groups()
    if small is not None:
        return Hole(small, None, None if small in SLOTS else small, small_key, line)
    if method is not None:
        return Hole(label, label, method, key, line)
    if label not in SLOTS:
        raise DataError(f"there is no slot {{{{{inner}}}}}; {_listed()}", name, line)
    return Hole(label, SLOTS[label].label, None, key, line)


def _listed() -> str:
    return f"there are {', '.join(SLOTS)}, any maker of Faker in small letters, and LABEL=maker to label what it makes"


class Synthesis:
    """Makes documents from templates; document i depends on the seed and on i, and not on how many are made.

    The same corpus comes of the same seed, templates and version of Faker.

    Args:
        locales: of Faker, such as ``de_DE``; each document is in one of them.
        templates: a file; by default those of the package in the locales' languages.
        labels: which labels to give; what has another is filled in and stays unlabelled, and templates that
            have none of these are left out. By default all.
        negatives: the share of documents in which nothing is labelled, made to look as if something should be;
            the package's, if the file has no template without labels.

    Attributes:
        notes: what a person has to know, a line each.

    Raises:
        DataError: if the templates are at fault, with file and line.
        UsageError: if there is no such locale or label, the share is not in [0, 1], or ``elman[synthesis]`` is
            not installed.
    """

    def __init__(
        self,
        locales: Sequence[str] = ("en_US",),
        templates: Path | None = None,
        labels: Collection[str] | None = None,
        negatives: float = 0.2,
    ) -> None:
        with needs("synthesis", "making text up"):
            from faker import Faker
            from faker.config import AVAILABLE_LOCALES
        if not 0 <= negatives <= 1:
            raise UsageError(f"the share of hard negatives has to be between 0 and 1, got {negatives}")
        if not locales:
            raise UsageError("expected at least one locale, such as en_US")
        for locale in locales:
            if locale not in AVAILABLE_LOCALES:
                raise UsageError(f"Faker has no locale {locale!r}; it has {', '.join(sorted(AVAILABLE_LOCALES))}")
        self.notes: list[str] = []
        self._negatives = negatives
        self._labels = None if labels is None else frozenset(labels)
        given = None if templates is None else read_templates(templates)
        self._makers = [Maker(Faker(locale), locale) for locale in locales]
        self._pools = [self._pool(maker, given) for maker in self._makers]

    def _pool(self, maker: Maker, given: list[Template] | None) -> tuple[list[Template], list[Template]]:
        """The templates of a locale: with labels, and without."""
        shipped = self._in_language(read_shipped(maker.language), maker) if given is None or self._negatives else []
        chosen = shipped if given is None else self._in_language(given, maker)
        known = sorted(set().union(*(template.labels for template in chosen)))
        positive = [
            template
            for template in chosen
            if template.labels and (self._labels is None or template.labels & self._labels)
        ]
        negative = [template for template in chosen if not template.labels]
        if not negative and self._negatives:
            negative = [template for template in shipped if not template.labels]
        for label in sorted(self._labels or ()):
            if label not in known:
                raise UsageError(f"no template for {maker.locale} has the label {label}; there are {', '.join(known)}")
        if not positive and self._negatives < 1:
            raise UsageError(f"no template for {maker.locale} has a label; give --negatives 1 if that is meant")
        methods = faker_methods(maker.fake)
        for template in (*positive, *negative):
            _check_methods(template, methods, maker)
        return positive, negative

    def _in_language(self, templates: list[Template], maker: Maker) -> list[Template]:
        fitting = [each for each in templates if each.language in (None, maker.language, maker.locale)]
        if fitting:
            return fitting
        there = sorted({each.language for each in templates if each.language})
        language = FALLBACK if FALLBACK in there else there[0]
        self.notes.append(f"there are no templates in the language of {maker.locale}; those in {language} are filled")
        return [each for each in templates if each.language == language]

    def document(self, number: int, seed: int) -> Document:
        """One document.

        Args:
            number: which, from 0.
            seed: any whole number.
        """
        random = Random(blake2b(f"{seed} {number}".encode(), digest_size=16).digest())
        at = random.randrange(len(self._makers))
        maker, (positive, negative) = self._makers[at], self._pools[at]
        template = random.choice(negative if random.random() < self._negatives else positive)
        maker.seed(random.getrandbits(64))
        text, spans = self._filled(template, maker)
        meta = {"locale": maker.locale, **template.meta, "template": f"{Path(template.source).name}:{template.line}"}
        return Document(text, tuple(spans), id=str(number), meta=meta)

    def _filled(self, template: Template, maker: Maker) -> tuple[str, list[Span]]:
        pieces: list[str] = []
        spans: list[Span] = []
        length = 0
        for piece, hole in zip(template.pieces, (*template.holes, None), strict=True):
            pieces.append(piece)
            length += len(piece)
            if hole is None:
                continue
            value = _slot(hole).make(maker, hole.key).strip()
            if value and hole.label is not None and (self._labels is None or hole.label in self._labels):
                spans.append(Span(length, length + len(value), hole.label))
            pieces.append(value)
            length += len(value)
        return "".join(pieces), spans

    def documents(self, count: int | None = None, seed: int = 1) -> Iterator[Document]:
        """Documents, one at a time; without a count, endlessly."""
        for number in count_from() if count is None else range(count):
            yield self.document(number, seed)


def read_shipped(language: str) -> list[Template]:
    """The package's templates in a language, or those that stand in for them."""
    path = SHIPPED / f"{language}.txt"
    name = language if path.exists() else FALLBACK
    templates = read_templates(SHIPPED / f"{name}.txt")
    return [Template(each.pieces, each.holes, name, each.meta, each.source, each.line) for each in templates]


def _slot(hole: Hole) -> Slot:
    return SLOTS[hole.name] if hole.method is None else Slot(hole.label, from_faker(hole.method))


def _check_methods(template: Template, methods: set[str], maker: Maker) -> None:
    for hole in template.holes:
        if hole.method is None:
            continue
        if hole.method not in methods:
            raise DataError(
                f"there is no slot {{{{{hole.method}}}}}, and no maker of that name in Faker for {maker.locale} "
                f"(those that look at the clock are left out); {_listed()}",
                template.source,
                hole.line,
            )
        maker.seed(0)
        try:
            value = getattr(maker.fake, hole.method)()
        except Exception as error:  # whatever Faker's makers raise without their arguments
            raise DataError(
                f"Faker's {hole.method} cannot be used without arguments: {error}", template.source, hole.line
            ) from None
        if not isinstance(value, str | int | float):
            raise DataError(
                f"Faker's {hole.method} gives a {type(value).__name__}, expected text", template.source, hole.line
            )
