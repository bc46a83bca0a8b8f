"""The lines of brat's ``.ann`` files: what they say, which others they name, and how they are written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

# A dot numbers the fragments of a span, so no id of a file has one.
_BOUND = re.compile(r"(T[^\s.]+)\t(\S.*?) (\d+ \d+(?:;\d+ \d+)*)(?:\t(.*))?", re.DOTALL)
_BEGINS = re.compile(r"(?:[TREAMN#][^\t ]*|\*)\t")
_RELATION = re.compile(r"(R\S*)\t(\S+) ([^\s:]+):(\S+) ([^\s:]+):(\S+)\s*")
_EQUIVALENCE = re.compile(r"\*\t(\S+)((?: \S+){2,})\s*")
_OTHER = re.compile(r"([EAMN#][^\t]*)\t([^\t]+)(?:\t.*)?", re.DOTALL)
_ATTACHED = "AMN#"
_EXPECTED = {
    "T": "'T1<tab>Label 0 4<tab>text'",
    "R": "'R1<tab>Label Arg1:T1 Arg2:T2'",
    "*": "'*<tab>Equiv T1 T2'",
    "E": "'E1<tab>Label:T1 Role:T2'",
    "A": "'A1<tab>Name T1'",
    "M": "'M1<tab>Name T1'",
    "N": "'N1<tab>Reference T1 Source:id<tab>text'",
    "#": "'#1<tab>AnnotatorNotes T1<tab>text'",
}
# An interior run of line ends: brat wants a span that runs over lines in fragments.
_LINE_ENDS = re.compile(r"(?<=[^\r\n])[\r\n]+(?=[^\r\n])")


class Bound(NamedTuple):
    """A T line: a label and the fragments that it is on."""

    line: int
    id: str
    label: str
    fragments: tuple[tuple[int, int], ...]
    surface: str | None


class Link(NamedTuple):
    """What becomes relations: an R line of two spans, or the pairs of neighbours in a ``*`` line."""

    label: str
    members: tuple[str, ...]


@dataclass
class Annotations:
    """What an ``.ann`` file says.

    Attributes:
        bounds: its T lines.
        links: its R and ``*`` lines, in their order, as far as they link T lines.
        lines: as they stand, all lines from which ``bounds`` and ``links`` cannot be written again.
        loose: attributes, normalisations and notes of what is not there; annotators leave such behind.
    """

    bounds: list[Bound] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)


def parse(text: str, reject: Callable[[DataError, str], None]) -> Annotations:
    r"""Read the lines of an ``.ann`` file; they end with ``\n`` or ``\r\n``.

    Args:
        text: the whole file.
        reject: takes a line of no kind that is known, which nothing can name, so that the others can do without it.

    Raises:
        DataError: with the line, if one is malformed, has an id that another has, or, as a
            relation or event, names one that is not there.
    """
    found = Annotations()
    ids: dict[str, int] = {}
    others: list[tuple[int, str]] = []
    for number, line in _known(text, reject):
        name = line.partition("\t")[0]
        if name != "*" and ids.setdefault(name, number) != number:
            raise DataError(f"the id {name} stands in line {ids[name]} already; give one of them another", line=number)
        if name[0] == "T":
            found.bounds.append(_bound(line, number))
        else:
            others.append((number, line))
    for number, line in others:
        names = references(line)
        if not names:
            raise DataError(f"expected {_EXPECTED[line[0]]}, got {line[:60]!r}; mend the line", line=number)
        missing = next((name for name in names if name not in ids), None)
        if missing and line[0] in _ATTACHED:
            found.loose.append(line)
        elif missing:
            raise DataError(f"{line[:60]!r} names {missing}, which no line of the file has; mend it", line=number)
    loose = set(found.loose)
    _sort(found, [line for _, line in others if line not in loose])
    return found


def _known(text: str, reject: Callable[[DataError, str], None]) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, with their numbers; of a T line whose text runs over lines, all of them."""
    begun: tuple[int, str] | None = None
    for number, ended in enumerate(text.split("\n"), 1):
        line = ended.removesuffix("\r")
        if not line.strip():
            continue
        if begun and not _BEGINS.match(line) and _is_cut(begun[1]):
            begun = begun[0], f"{begun[1]}\n{line}"
            continue
        if line[0] not in _EXPECTED:
            problem = f"expected a line of brat, which begins with one of {' '.join(_EXPECTED)}, got {line[:60]!r}"
            reject(DataError(f"{problem}; mend it", line=number), line)
            continue
        if begun:
            yield begun
        begun = number, line
    if begun:
        yield begun


def _is_cut(line: str) -> bool:
    """Whether this is a T line with less text than its offsets say."""
    match = _BOUND.fullmatch(line)
    if not match or match[4] is None:
        return False
    pairs = [pair.split(" ") for pair in match[3].split(";")]
    return len(match[4]) + 1 < sum(int(end) - int(start) + 1 for start, end in pairs)


def _sort(found: Annotations, lines: Sequence[str]) -> None:
    """Find out which lines are links, and which have more than can be written again from those."""
    named = {name for line in lines if line[0] != "R" for name in references(line)}
    spans = {bound.id for bound in found.bounds}
    count = 0
    for line in lines:
        link = _link(line, spans)
        if link:
            found.links.append(link)
        count += line[0] == "R"
        plain = _RELATION.fullmatch(line) if link and f"R{count}" not in named else None
        if not plain or (plain[1], plain[3], plain[5]) != (f"R{count}", "Arg1", "Arg2"):
            found.lines.append(line)


def _bound(line: str, number: int) -> Bound:
    match = _BOUND.fullmatch(line)
    if not match:
        raise DataError(f"expected {_EXPECTED['T']}, got {line[:60]!r}; mend the line", line=number)
    name, label, offsets, surface = match.groups()
    fragments = tuple((int(start), int(end)) for start, end in (pair.split(" ") for pair in offsets.split(";")))
    if any(end <= start for start, end in fragments):
        raise DataError(f"a fragment has to have start < end, got {offsets!r}; mend the line", line=number)
    return Bound(number, name, label, fragments, surface)


def _link(line: str, spans: Collection[str]) -> Link | None:
    relation = _RELATION.fullmatch(line)
    if relation:
        link = Link(relation[2], (relation[4], relation[6]))
    else:
        equivalence = _EQUIVALENCE.fullmatch(line)
        if not equivalence:
            return None
        link = Link(equivalence[1], tuple(equivalence[2].split()))
    return link if all(name in spans for name in link.members) else None


def references(line: str) -> list[str]:
    """The ids that an R, ``*``, E, A, M, N or # line names; none if it is malformed."""
    if line[0] == "R":
        relation = _RELATION.fullmatch(line)
        return [relation[4], relation[6]] if relation else []
    if line[0] == "*":
        equivalence = _EQUIVALENCE.fullmatch(line)
        return equivalence[2].split() if equivalence else []
    other = _OTHER.fullmatch(line)
    words = other[2].split() if other else []
    if line[0] == "E":
        pairs = [word.partition(":") for word in words]
        return [name for _, colon, name in pairs if name] if all(colon for _, colon, _ in pairs) else []
    return words[1:2]


def surviving(lines: Iterable[str], ids: Collection[str], links: Collection[tuple[str, str, str]]) -> list[str]:
    """Of the lines that came along those of which all that they name is still there.

    Args:
        lines: R, ``*``, E, A, M, N and # lines.
        ids: of the spans that are there.
        links: the relations that are there, as label, head and tail.
    """
    kept = [line for line in lines if line and line[0] in _EXPECTED and "\n" not in line and references(line)]
    spans = set(ids)
    kept = [line for line in kept if (link := _link(line, spans)) is None or set(pairs(link)) <= set(links)]
    while True:
        known = spans | {line.partition("\t")[0] for line in kept}
        still = [line for line in kept if all(name in known for name in references(line))]
        if len(still) == len(kept):
            return kept
        kept = still


def pairs(link: Link) -> Iterator[tuple[str, str, str]]:
    """Label, head and tail of the relations that a link is."""
    for head, tail in zip(link.members, link.members[1:], strict=False):
        yield link.label, head, tail


def linking(lines: Iterable[str], ids: Collection[str]) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    """Those of the lines that are relations already, with the relations as label, head and tail."""
    for line in lines:
        link = _link(line, ids)
        if link:
            yield line, list(pairs(link))


def fragments(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The pieces of a span between line ends inside it."""
    places = [start]
    for match in _LINE_ENDS.finditer(text, start, end):
        # A lookbehind sees what is before the start.
        if match.start() > start:
            places += [match.start(), match.end()]
    places.append(end)
    return list(zip(places[::2], places[1::2], strict=True))


def bound_line(name: str, label: str, places: Sequence[tuple[int, int]], text: str) -> str:
    """A T line, without its end."""
    offsets = ";".join(f"{start} {end}" for start, end in places)
    return f"{name}\t{label} {offsets}\t{flat(' '.join(text[start:end] for start, end in places))}"


def flat(surface: str) -> str:
    """A surface as brat writes it: a blank for each line end."""
    return re.sub(r"\r\n|[\r\n]", " ", surface)
