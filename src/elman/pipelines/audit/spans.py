"""Checks of each document by itself: its spans' rims, how they lie to each other and to the tokens, its size."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from elman.data.align import COLLIDING, DUPLICATE, OVERLAPPING, TRIMMED
from elman.text.abbreviations import CLOSERS, OTHERS, REFERENCES, TITLES

if TYPE_CHECKING:
    from elman.data.document import Span
    from elman.pipelines.audit.findings import Findings
    from elman.pipelines.audit.unit import Unit

_ABBREVIATIONS = frozenset(word.casefold() for word in (*TITLES, *REFERENCES, *CLOSERS, *OTHERS, "Ltda"))
_PAIRS = {")": "(", "]": "[", "}": "{", "»": "«", "”": "“", "’": "‘", "）": "（", "」": "「", "』": "『", "》": "《"}
_OPENING = {opening: closing for closing, opening in _PAIRS.items()}
_PARTS = frozenset("#@%&*/\\_†")  # of hashtags, user names, percentages, paths
_BLANK = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
_TOLD = frozenset({DUPLICATE, OVERLAPPING, COLLIDING})


def check_spans(unit: Unit, findings: Findings) -> None:
    """Rims, overlaps and tokens of a document's spans."""
    if not unit.spans:
        return
    for span in unit.spans:
        _check_rim(unit, span, findings)
    if any(former.end > latter.start for former, latter in zip(unit.spans, unit.spans[1:], strict=False)):
        _check_overlaps(unit, findings)
    for entry in unit.alignment.entries:
        if entry.kind == "kept" or entry.reason in _TOLD:
            continue
        # White space at the rim is told of above.
        if entry.reason != TRIMMED or not (blank(entry.surface[0]) or blank(entry.surface[-1])):
            findings.add("misaligned", entry.reason, unit.place_of(entry.span))


def check_size(unit: Unit, findings: Findings, longest: int) -> None:
    """Documents that are empty or not annotated, and sentences of more than ``longest`` tokens."""
    if not unit.text.strip():
        findings.add("empty-document", "no text" if not unit.text else "nothing but white space", unit.whole)
        return
    if not unit.spans and not any(region.layer == unit.layer for region in unit.document.unknown):
        findings.add("unannotated-document", "no span", unit.whole)
    if len(unit.offsets) <= longest:
        return
    for first, stop in unit.ranges():
        if stop - first > longest:
            start, end = int(unit.offsets[first, 0]), int(unit.offsets[stop - 1, 1])
            place = unit.place(start, end, around=False)
            findings.add("long-sentence", f"more than {longest:,} tokens", place)


def _check_rim(unit: Unit, span: Span, findings: Findings) -> None:
    surface = unit.text[span.start : span.end]
    for side, character in (("begins", surface[0]), ("ends", surface[-1])):
        if character.isalnum():
            continue
        if blank(character):
            findings.add("span-whitespace", f"{side} with {named(character)}", unit.place_of(span))
        elif is_rim(surface, side == "begins", unit.text[span.end : span.end + 8]):
            findings.add("span-punctuation", f"{side} with {named(character)}", unit.place_of(span))


def blank(character: str) -> bool:
    """Whether a character shows nothing: white space, control and format characters."""
    return character.isspace() or unicodedata.category(character) in _BLANK


def is_rim(surface: str, begins: bool, after: str = "") -> bool:
    """Whether the first, or last, character of an entity is punctuation that can hardly be part of it.

    Args:
        surface: the entity.
        begins: whether it is about its first character.
        after: what stands after it.
    """
    character = surface[0] if begins else surface[-1]
    if unicodedata.category(character)[0] != "P" or character in _PARTS:
        return False
    inner = surface[1:-1]
    if begins:
        # (Beyond) Good: a pair that closes inside. 'Til and ’90s: a clitic.
        if character in "'’‘" and surface[1:2].isalnum():
            return surface[-1] in "'’" and len(surface) > 1
        return character not in _OPENING or _OPENING[character] not in inner
    if character == ".":
        # Where the sentence goes on it is no full stop.
        goes_on = after.lstrip(" ")[:1]
        return not (goes_on.islower() or (goes_on and goes_on in ",;:)")) and not _is_abbreviation(surface)
    if character in "'’" and surface[-2:-1].isalpha() and surface[0] not in "'‘’":
        return False  # Workers'
    return character not in _PAIRS or _PAIRS[character] not in inner


def _is_abbreviation(surface: str) -> bool:
    word = surface.split()[-1]
    stem = word[:-1]
    # U.S., Inc., J., and the like; in a name of several words also a short capitalised one.
    return "." in stem or len(stem) <= 3 or stem.casefold() in _ABBREVIATIONS


def named(character: str) -> str:
    """A character as it looks if it looks like anything, and by its code."""
    if character.isprintable() and not character.isspace():
        return f"“{character}”"
    names = {" ": "a space", "\t": "a tab", "\n": "a line break", "\r": "a carriage return"}
    code = f"U+{ord(character):04X}"
    return names.get(character) or " ".join(filter(None, [code, unicodedata.name(character, "").lower()]))


def _check_overlaps(unit: Unit, findings: Findings) -> None:
    """Each span is compared with those that are still open where it starts."""
    open_spans: list[Span] = []
    for span in unit.spans:
        open_spans = [other for other in open_spans if other.end > span.start]
        kinds: dict[str, str] = {}
        for other in open_spans:
            pair = " and ".join(sorted({span.label, other.label}))
            if (other.start, other.end) == (span.start, span.end):
                kind, what = ("duplicate-span", span.label) if other.label == span.label else ("stacked-labels", pair)
            elif span.end <= other.end:
                kind, what = "nested-spans", f"{span.label} in {other.label}"
            else:
                kind, what = "crossing-spans", pair
            kinds[kind] = what
        for kind, what in kinds.items():
            findings.add(kind, what, unit.place_of(span))
        open_spans.append(span)
