"""Where a system is good and where it is not: scores by groups of documents or of spans."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

import numpy as np

from elman.data.document import ENTITIES
from elman.errors import UsageError
from elman.metrics.comparison import compare, judged
from elman.metrics.pairing import PAIRED, pair_spans
from elman.metrics.report import aligned, heading, ratios
from elman.metrics.score import score
from elman.text.tokens import tokens_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from elman.data.document import Document, Span, Tokens
    from elman.metrics.comparison import Comparison, Judged
    from elman.metrics.matching import Mode
    from elman.metrics.score import Result

    Ints = NDArray[np.int64]

SCHEMA = "elman.breakdown/1"
"""The name and version of what ``breakdown_json`` gives."""

Kind = Literal["length", "frequency", "seen", "seen-tokens", "position"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""What spans can be grouped by; anything else is a key of the documents' ``meta``."""

META = "meta:"
"""Stands before a key of ``meta`` that is called like one of KINDS."""

NAMELESS = "(none)"
"""The group of documents that do not have the key."""

GROUPS: dict[Kind, tuple[str, ...]] = {
    "length": ("1 token", "2 tokens", "3 tokens", "4 tokens", "5 tokens or more"),
    "frequency": ("never in train", "once", "2 to 4 times", "5 to 9 times", "10 times or more"),
    "seen": ("seen string", "unseen string"),
    "seen-tokens": ("all tokens seen", "some tokens seen", "no token seen"),
    "position": ("first token", "first third", "middle third", "last third"),
}
"""The groups of each kind, in the order of the table."""

_FREQUENCIES = np.array([1, 2, 5, 10])


class _Train(NamedTuple):
    """What a training set has: how often which strings are spans, and its tokens."""

    strings: Counter[str]
    tokens: frozenset[str]


def breakdown(
    pairs: Iterable[Judged],
    by: str,
    train: Iterable[Document] | None = None,
    *,
    layer: str = ENTITIES,
    mode: Mode = "exact",
) -> dict[str, Result]:
    """Score groups apart. Each span is in one group, so the counts of the groups add up to those of the whole.

    The groups of spans, gold and predicted ones alike:

    - ``length``: how many tokens it touches.
    - ``frequency``: how often its string, white space aside, is a span of the training set, with any label.
    - ``seen``: whether it is one at all.
    - ``seen-tokens``: whether its tokens occur in the training set's text.
    - ``position``: whether it begins with its sentence's first token; else in which third of the sentence.

    Tokens and sentences are the document's own, or else those that Elman finds. In the modes that pair spans
    a predicted span with a partner is in its partner's group.

    Args:
        pairs: gold and predicted documents.
        by: one of KINDS, or a key of the gold documents' ``meta``, with ``meta:`` before it if it is called
            like one of them.
        train: what the system has learned from, for ``frequency``, ``seen`` and ``seen-tokens``.
        layer: the layer of spans.
        mode: how spans are matched; for groups of spans ``exact`` or one of those that pair spans. In
            ``surface`` a form counts in each group of documents that has it.

    Returns:
        The groups with a span on either side, or those of documents, with their results.

    Raises:
        UsageError: if no document has the key, the training set is missing, or the mode counts no spans.
    """
    listed = list(pairs)
    if by not in KINDS:
        return _by_documents(listed, by.removeprefix(META), layer, mode)
    if mode != "exact" and mode not in PAIRED:
        raise UsageError(
            f"the mode {mode} does not count spans, and {by} groups spans; choose exact or one of {', '.join(PAIRED)}"
        )
    if train is None and by in ("frequency", "seen", "seen-tokens"):
        raise UsageError(f"{by} needs the training set that the system has learned from")
    known = _known(train or (), layer)
    places: tuple[list[int], list[int]] = [], []
    for pair in listed:
        tokens = pair.gold.tokens or pair.predicted.tokens or tokens_of(pair.gold.text)
        for spans, found in zip(judged(pair, layer), places, strict=True):
            found += _RULES[by](spans, tokens, known) if spans else []
    groups = np.array(places[0], np.int64), np.array(places[1], np.int64)
    comparison = compare(listed, layer)
    if mode in PAIRED:
        scope = np.array([0, 1, 1, 1] if comparison.running else [1, 1, 1, 1])
        partner = pair_spans(comparison.gold * scope, comparison.predicted * scope, mode)
        groups[1][partner[partner >= 0]] = groups[0][partner >= 0]
    return {
        name: score(_part(comparison, groups[0] == number, groups[1] == number), mode)
        for number, name in enumerate(GROUPS[by])
        if any(number in side for side in groups)
    }


def breakdown_json(groups: Mapping[str, Result], by: str) -> dict[str, Any]:
    """The groups as plain values: ``schema``, ``by``, and under ``groups`` what ``Result.to_json`` gives."""
    return {"schema": SCHEMA, "by": by, "groups": {name: result.to_json() for name, result in groups.items()}}


def render_breakdown(groups: Mapping[str, Result], by: str) -> str:
    """A line for each group, all labels together, as aligned plain text that ends with a line break."""
    rows = [
        ratios(name, result.micro, result.intervals.micro if result.intervals else None)
        for name, result in groups.items()
    ]
    return "\n".join([*aligned([heading(by.removeprefix(META)), *rows]), ""])


def _by_documents(pairs: Sequence[Judged], key: str, layer: str, mode: Mode) -> dict[str, Result]:
    keys = {name for pair in pairs for name in pair.gold.meta}
    if pairs and key not in keys:
        there = ", ".join(sorted(keys)) or "none"
        raise UsageError(
            f"no document has the key {key!r}; their keys are: {there}; spans can be grouped by {', '.join(KINDS)}"
        )
    groups: dict[str, list[Judged]] = {}
    for pair in pairs:
        groups.setdefault(str(pair.gold.meta.get(key, NAMELESS)), []).append(pair)
    return {name: score(compare(groups[name], layer), mode) for name in sorted(groups)}


def _known(train: Iterable[Document], layer: str) -> _Train:
    strings: Counter[str] = Counter()
    tokens: set[str] = set()
    for document in train:
        strings.update(_string(document.surface(span)) for span in document.layer(layer))
        tokens.update((document.tokens or tokens_of(document.text)).surfaces)
    return _Train(strings, frozenset(tokens))


def _string(surface: str) -> str:
    return " ".join(surface.split())


def _touched(spans: Sequence[Span], tokens: Tokens) -> tuple[Ints, Ints]:
    """The first token that each span touches, and one past the last."""
    begin, end = np.array([(span.start, span.end) for span in spans]).T
    first = np.searchsorted(tokens.offsets[:, 1], begin, side="right")
    return first, np.maximum(np.searchsorted(tokens.offsets[:, 0], end, side="left"), first)


def _length(spans: Sequence[Span], tokens: Tokens, _: _Train) -> list[int]:
    first, last = _touched(spans, tokens)
    return list((np.clip(last - first, 1, len(GROUPS["length"])) - 1).tolist())


def _frequency(spans: Sequence[Span], tokens: Tokens, known: _Train) -> list[int]:
    times = [known.strings[_string(tokens.text[span.start : span.end])] for span in spans]
    return list(np.searchsorted(_FREQUENCIES, times, side="right").tolist())


def _seen(spans: Sequence[Span], tokens: Tokens, known: _Train) -> list[int]:
    return [int(_string(tokens.text[span.start : span.end]) not in known.strings) for span in spans]


def _seen_tokens(spans: Sequence[Span], tokens: Tokens, known: _Train) -> list[int]:
    groups = []
    for first, last in zip(*(side.tolist() for side in _touched(spans, tokens)), strict=True):
        new = [token.text not in known.tokens for token in tokens[first:last]]
        groups.append(2 if all(new) else int(any(new)))
    return groups


def _position(spans: Sequence[Span], tokens: Tokens, _: _Train) -> list[int]:
    if not len(tokens):
        return [0] * len(spans)
    first = np.minimum(_touched(spans, tokens)[0], len(tokens) - 1)
    sentence = np.searchsorted(tokens.sentences, first, side="right") - 1
    begin = tokens.sentences[sentence]
    end = np.append(tokens.sentences[1:], len(tokens))[sentence]
    third = 1 + 3 * (first - begin) // (end - begin)
    return list(np.where(first == begin, 0, third).tolist())


_RULES: dict[str, Callable[[Sequence[Span], Tokens, _Train], list[int]]] = {
    "length": _length,
    "frequency": _frequency,
    "seen": _seen,
    "seen-tokens": _seen_tokens,
    "position": _position,
}


def _part(comparison: Comparison, gold: NDArray[np.bool_], predicted: NDArray[np.bool_]) -> Comparison:
    """The comparison of some spans only; the units stay."""
    return replace(
        comparison,
        gold=comparison.gold[gold],
        predicted=comparison.predicted[predicted],
        ignored=0,
        touched=None,
    )
