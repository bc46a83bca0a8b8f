"""What a file's spans say of how its offsets are counted.

Each way to count is a hypothesis with a likelihood. Under it, a span whose text the file gives has to have that
text, and another begins and ends where words do, all but a few. A random place does so about once in
twenty-five, so each span that fits weighs against chance. That offsets are code points is given a lead, and
spans that fall anywhere in words may still be those of an honest file: against both, another way has to prove
itself.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from math import log
from typing import TYPE_CHECKING, NamedTuple

from elman.data.units import COUNTINGS, PLAIN, Counting, Traits, places

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Place = tuple[int, int] | None

_FITS, _MISFITS = log(0.97), log(0.03)
_EMPTY, _IMPOSSIBLE, _CONTRADICTED = log(1e-3), log(1e-6), log(1e-7)
LEAD = 12.0
"""How many nats another way than code points has to be ahead: 160,000 to 1."""
OUT = 25.0
"""How many nats behind a way to count is ruled out."""
CLEAR = 2.0
"""How many nats the best has to be ahead of a rival that puts the spans elsewhere."""
_COST = {"utf-16": 1.0, "bytes": 2.0, "crlf": 2.0, "lf": 2.0, "counted": 5.0, "uncounted": 5.0}
_REMEMBERED = 20_000

# Scripts that write words without spaces between them, or inflect behind the name: each character is a piece.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_JOINED = "[\u0300-\u036f\u0590-\u05bd\u064b-\u065f\u0900-\u0903\u093a-\u094f\u200c\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]"


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A piece of a text, and what joins or modifies at its end; compiled when they are used, for that takes a while."""
    piece = rf"(?:[{_UNSPACED}]|[^\W{_UNSPACED}](?:{_JOINED}|[^\W{_UNSPACED}])*|[^\w\s])(?:{_JOINED}|\u200d\S)*"
    return re.compile(piece), re.compile(rf"(?<=.)(?:{_JOINED}|\u200d)+$", re.DOTALL)


def cost(counting: Counting) -> float:
    """How unusual a way to count is, in nats."""
    return sum(_COST.get(part, 0.0) for part in counting if isinstance(part, str)) + counting.inclusive


USUAL_FIRST = tuple(sorted(COUNTINGS, key=cost))
"""All ways to count, the usual ones first."""


class Rims(NamedTuple):
    """Where spans can be expected to begin and to end: at words and at what is neither word nor white space."""

    starts: frozenset[int]
    ends: frozenset[int]

    @classmethod
    def of(cls, text: str) -> Rims:
        """The rims in a text."""
        piece, joining = _patterns()
        pieces = [match.span() for match in piece.finditer(text)]
        # What joins or modifies, at the end of a piece, need not belong to it.
        bare = (start + len(joining.sub("", text[start:end])) for start, end in pieces if not text[end - 1].isalnum())
        return cls(frozenset(start for start, _ in pieces), frozenset((*(end for _, end in pieces), *bare)))

    def fit(self, place: Place) -> bool:
        """Whether a span begins and ends at them."""
        return place is not None and place[0] < place[1] and place[0] in self.starts and place[1] in self.ends


def same(text: str, place: Place, surface: str) -> bool:
    """Whether this text stands at this place; white space and composed characters may be written otherwise."""
    if place is None:
        return False
    found = text[place[0] : place[1]]
    if found == surface:
        return True
    return len(found) <= 4 * len(surface) and _plain(found) == _plain(surface)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", re.sub(r"\r\n|\s", " ", text))


@dataclass(slots=True)
class Told:
    """What the spans that stand elsewhere than as code points say of a way to count."""

    spans: int = 0
    texts: int = 0
    fit: int = 0
    plain: int = 0

    def spans_fit(self, count: int) -> str:
        """That so many of the spans fit, as a clause."""
        spans, texts = ("span" if self.spans == 1 else "spans"), ("text" if self.texts == 1 else "texts")
        fit = "fits" if self.spans == 1 else "fit"
        return f"{count:,} of {self.spans:,} {spans} in {self.texts:,} {texts} {fit}"

    def add(
        self, here: Sequence[Place], plain: Sequence[Place], fit: Sequence[bool], fit_plain: Sequence[bool]
    ) -> None:
        """Count a text's spans in, of which the places and fits are given as counted so and as code points."""
        differ = [at for at, place in enumerate(here) if place != plain[at]]
        self.spans += len(differ)
        self.texts += bool(differ)
        self.fit += sum(fit[at] for at in differ)
        self.plain += sum(fit_plain[at] for at in differ)


class Evidence:
    """The likelihoods of the ways to count, over the texts seen so far.

    Attributes:
        live: the ways that are not ruled out.
        refuted: whether a span cannot be there as code points, or has another text there.
        spans: how many spans have been weighed.
    """

    def __init__(self) -> None:
        self.live: list[Counting] = list(COUNTINGS)
        self.refuted = False
        self.spans = 0
        self.told: dict[Counting, Told] = {counting: Told() for counting in COUNTINGS}
        self._words = dict.fromkeys(COUNTINGS, 0.0)
        self._anywhere = 0.0
        self._met: set[int] = set()
        self._ways: dict[Traits, set[Counting]] = {}

    def differ(self, text: str, spans: Sequence[tuple[int, int]]) -> bool:
        """Whether the ways that are not ruled out put these spans into different places."""
        if len(self.live) == 1 or not spans:
            return False
        traits = Traits.of(text)
        ways = self._ways.get(traits)
        if ways is None:
            ways = self._ways[traits] = {counting.among(traits) for counting in self.live}
        if len(ways) == 1:
            return False
        first, *rest = (places(text, spans, way) for way in ways)
        return any(other != first for other in rest)

    def weigh(self, text: str, spans: Sequence[tuple[int, int]], surfaces: Sequence[str | None]) -> None:
        """Take in the spans of a text; a place counts once, whatever labels it has."""
        fresh = {hash((text, *span)): at for at, span in enumerate(spans)}
        chosen = [at for key, at in fresh.items() if key not in self._met]
        if len(self._met) < _REMEMBERED:
            self._met.update(fresh)
        spans, surfaces = [spans[at] for at in chosen], [surfaces[at] for at in chosen]
        if not spans:
            return
        self.spans += len(spans)
        rims = Rims.of(text)
        plain = places(text, spans, PLAIN)
        judged: dict[Counting, tuple[float, list[Place], list[bool]]] = {}
        traits = Traits.of(text)
        simplest = {counting: counting.among(traits) for counting in (PLAIN, *self.live)}
        for way in set(simplest.values()):
            here = places(text, spans, way)
            fit = fits(text, here, surfaces, rims)
            judged[way] = _words(text, here, surfaces, fit, rims), here, fit
        fit_plain = judged[PLAIN][2]
        for counting in self.live:
            words, here, fit = judged[simplest[counting]]
            self._words[counting] += words
            self.told[counting].add(here, plain, fit, fit_plain)
        self._anywhere += _anywhere(text, plain, surfaces, fit_plain)
        self.refuted |= any(
            place is None or (surface and not good)
            for place, surface, good in zip(plain, surfaces, fit_plain, strict=True)
        )
        top = max(map(self.score, self.live))
        left = [counting for counting in self.live if self.score(counting) > top - OUT]
        if len(left) < len(self.live):
            self.live = left
            self._ways.clear()

    def likelihood(self, counting: Counting) -> float:
        """The log-likelihood of a way to count, in nats; only those of live ways are complete."""
        words = self._words[counting]
        return max(words, self._anywhere) if counting == PLAIN else words

    def score(self, counting: Counting) -> float:
        """The log-likelihood, less the lead that code points have and the price of what is unusual."""
        if counting == PLAIN:
            return self.likelihood(counting)
        return self.likelihood(counting) - cost(counting) - LEAD

    @property
    def decided(self) -> bool:
        """Whether all ways that are left put all spans weighed so far into the same places."""
        return all(self._agree(counting, self.live[0]) for counting in self.live)

    @property
    def best(self) -> Counting:
        """The way to count that the evidence is clearly for; code points as they are if it is for none."""
        best = max(self.live, key=self.score)
        rivals = (way for way in self.live if not self._agree(way, best))
        return best if all(self.score(best) - self.score(way) >= CLEAR for way in rivals) else PLAIN

    def _agree(self, one: Counting, other: Counting) -> bool:
        return abs(self._words[one] - self._words[other]) < 1e-6

    def rival(self, among: Iterable[Counting] = COUNTINGS) -> Counting | None:
        """Of the ways that put a span elsewhere than code points do, the one most spans would fit."""
        telling = [counting for counting in among if counting != PLAIN and self.told[counting].spans]
        return max(telling, key=lambda way: (self.told[way].fit - self.told[way].plain, self.score(way)), default=None)


def fits(text: str, here: Sequence[Place], surfaces: Sequence[str | None], rims: Rims) -> list[bool]:
    """Of each span, whether it has its text there, or where it has none, begins and ends as words do."""
    return [
        same(text, place, surface) if surface else rims.fit(place)
        for place, surface in zip(here, surfaces, strict=True)
    ]


def _words(text: str, here: Sequence[Place], surfaces: Sequence[str | None], fit: Sequence[bool], rims: Rims) -> float:
    """The log-likelihood of spans that begin and end where words do, all but a few."""
    total = 0.0
    for place, surface, good in zip(here, surfaces, fit, strict=True):
        if surface:
            total += 0.0 if good else _CONTRADICTED
        elif good:
            total += _FITS - log(len(rims.starts)) - log(len(rims.ends))
        else:
            total += _odd(place, _MISFITS) - 2 * log(len(text) + 1)
    return total


def _anywhere(text: str, here: Sequence[Place], surfaces: Sequence[str | None], fit: Sequence[bool]) -> float:
    """The log-likelihood of spans that begin and end anywhere."""
    total = 0.0
    for place, surface, good in zip(here, surfaces, fit, strict=True):
        if surface:
            total += 0.0 if good else _CONTRADICTED
        else:
            total += _odd(place, 0.0) - 2 * log(len(text) + 1)
    return total


def _odd(place: Place, usual: float) -> float:
    """The log-probability of a place that no word has: worse where no span can be."""
    if place is None:
        return _IMPOSSIBLE
    return usual if place[0] < place[1] else _EMPTY
