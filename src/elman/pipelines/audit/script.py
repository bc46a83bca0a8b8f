"""Documents in another script or language than the rest, and words that mix scripts.

The limits: the script is known by the names that Unicode gives letters; the language by a few frequent words of
grammar, for the languages in ``languages.LANGUAGES`` and for texts of some length only. What cannot be told is
not reported.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from elman.pipelines.audit.languages import language

if TYPE_CHECKING:
    from elman.pipelines.audit.findings import Findings, Place
    from elman.pipelines.audit.unit import Unit

FEWEST = 15
"""Texts of fewer words, of letters, have no language."""

FEWEST_IN_SCRIPT = 4
"""Texts of fewer words have no script."""

PRESENT = 0.2
"""A script in which so many of a text's words are is one of the text's scripts."""

FOREIGN = 0.2
"""What has a larger share of the documents belongs to the data."""

_NAMES = """ARABIC ARMENIAN BENGALI CHEROKEE CJK CYRILLIC DEVANAGARI ETHIOPIC GEORGIAN GREEK GUJARATI GURMUKHI HANGUL
    HEBREW KANNADA KHMER LAO LATIN MALAYALAM MONGOLIAN MYANMAR ORIYA SINHALA SYRIAC TAMIL TELUGU THAANA THAI
    TIBETAN"""
_SCRIPTS = frozenset(_NAMES.split())
_SAME = {"HIRAGANA": "CJK", "KATAKANA": "CJK", "KATAKANA-HIRAGANA": "CJK", "IDEOGRAPHIC": "CJK", "FULLWIDTH": "LATIN"}
_LETTERS = re.compile(r"[^\W\d_]+")
# Of Greek only letters that look like Latin ones: others stand in formulas and units.
_LOOKALIKE_GREEK = frozenset("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο")


class Scripts:
    """Tells each document's script and language, and reports those that are not the data's."""

    def __init__(self) -> None:
        self._scripts: Counter[str] = Counter()
        self._together: Counter[str] = Counter()
        self._languages: Counter[str] = Counter()
        self._judged = 0
        self._places: dict[str, list[Place]] = {}

    def add(self, unit: Unit, findings: Findings) -> None:
        """Take in a document."""
        found: Counter[str] = Counter()
        ascii_only = unit.text.isascii()
        for word, count in Counter(unit.words).items():
            scripts = (_LATIN if word.isalpha() else _NONE) if ascii_only else scripts_of(word)
            if len(scripts) == 1:
                found[scripts[0]] += count
            elif scripts and is_mixed(word):
                at = unit.words.index(word)
                start, end = unit.offsets[at].tolist()
                findings.add("mixed-script", f"{word} ({' and '.join(scripts)})", unit.place(start, end), count)
        words = found.total()
        if words < FEWEST_IN_SCRIPT:
            return
        present = [script for script, count in found.most_common() if count >= PRESENT * words]
        self._scripts.update(present)
        self._together[_AND.join(present)] += 1
        self._keep(_AND.join(present), unit, findings.examples)
        if words >= FEWEST:
            self._judged += 1
            spoken = language(unit.folded)
            if spoken is not None:
                self._languages[spoken] += 1
                self._keep(spoken, unit, findings.examples)

    def _keep(self, name: str, unit: Unit, most: int) -> None:
        places = self._places.setdefault(name, [])
        if len(places) < most:
            places.append(unit.whole)

    def finish(self, findings: Findings) -> None:
        """Report the documents that are not like the rest."""
        judged = self._together.total()
        for most, count in self._scripts.most_common(1):
            others = {names: count for names, count in self._together.items() if most not in names.split(_AND)}
            self._strangers("wrong-script", most, count, others, judged, findings)
        for most, count in self._languages.most_common(1):
            others = {name: count for name, count in self._languages.items() if name != most}
            self._strangers("wrong-language", most, count, others, self._judged, findings)

    def _strangers(
        self, kind: str, most: str, usual: int, others: dict[str, int], judged: int, findings: Findings
    ) -> None:
        # Where none has half of the documents there is none that could be wrong.
        if usual < judged / 2:
            return
        for name, count in others.items():
            if count <= FOREIGN * judged:
                what = f"{name}, where most is {most}"
                findings.put(kind, what, count, self._places[name], {"found": name, "most": most})

    def to_json(self) -> dict[str, object]:
        """How many documents have each script and language."""
        return {
            "scripts": dict(self._scripts.most_common()),
            "languages": dict(self._languages.most_common()),
            "language_not_told": self._judged - self._languages.total(),
        }


_AND = " and "
_LATIN: tuple[str, ...] = ("Latin",)
_NONE: tuple[str, ...] = ()


@lru_cache(1 << 16)
def scripts_of(word: str) -> tuple[str, ...]:
    """The scripts of a word's letters, in order of appearance."""
    return tuple(dict.fromkeys(filter(None, map(_script, word))))


@lru_cache(1 << 14)
def _script(character: str) -> str:
    if not character.isalpha():
        return ""
    first = unicodedata.name(character, "").partition(" ")[0]
    first = _SAME.get(first, first)
    return {"CJK": "Chinese or Japanese"}.get(first, first.capitalize()) if first in _SCRIPTS else ""


@lru_cache(1 << 14)
def is_mixed(word: str) -> bool:
    """Whether Latin letters stand next to Cyrillic ones, or to Greek ones that look like Latin."""
    for run in _LETTERS.findall(word):
        scripts = {_script(character) for character in run}
        if {"Latin", "Cyrillic"} <= scripts:
            return True
        if {"Latin", "Greek"} <= scripts and {c for c in run if _script(c) == "Greek"} <= _LOOKALIKE_GREEK:
            return True
    return False
