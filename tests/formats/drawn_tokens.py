"""Documents with tokens that Hypothesis draws for round trips through columns."""

from itertools import pairwise

import numpy as np
from drawn import strange
from hypothesis import strategies as st

from elman.data.document import Document, Relation, Span, Tokens
from elman.data.unknown import regions_of

texts = strange.map(lambda text: text.replace("\0", ""))
words = st.text(st.characters(exclude_characters=" \t\n\r\0", codec="utf-8"), min_size=1, max_size=4).filter(
    lambda word: not word.startswith("\ufeff")
)
anything = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=4)


@st.composite
def flat(draw, tokens, layer="entities", labels=("PER", "ORG"), unknown=True):
    """Spans on whole tokens of one layer, none over another or over the border of a sentence; and regions."""
    spans, free = [], []
    ends = {end - 1 for _, end in tokens.ranges()}
    rims = tokens.offsets.tolist()
    at = 0
    while at < len(rims):
        label = draw(st.sampled_from(("", "", *labels, "?") if unknown else ("", *labels)))
        if label in ("", "?"):
            free += [at] if label else []
            at += 1
            continue
        last = at
        while last not in ends and draw(st.booleans()):
            last += 1
        spans.append(Span(rims[at][0], rims[last][1], label, layer))
        at = last + 1
    return spans, regions_of(free, tokens.offsets, tokens.sentences.tolist(), layer)


@st.composite
def cut(draw, text):
    """Tokens of a text, whatever it is, with gaps between them or not."""
    places = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    offsets = [pair for pair in pairwise(places) if draw(st.integers(0, 3))]
    starts = sorted({0, *draw(st.sets(st.integers(0, max(len(offsets) - 1, 0)), max_size=3))}) if offsets else None
    return Tokens(text, offsets, starts)


@st.composite
def sentences_of_words(draw, words=words, most=3):
    """Tokens that are words joined by blanks, sentences by line feeds."""
    rows = draw(st.lists(st.lists(words, min_size=1, max_size=4), min_size=1, max_size=most))
    text = "\n".join(" ".join(row) for row in rows)
    offsets, starts, place = [], [], 0
    for row in rows:
        starts.append(len(offsets))
        for word in row:
            offsets.append((place, place + len(word)))
            place += len(word) + 1
    return Tokens(text, offsets, starts)


@st.composite
def pieces_of_tokens(draw, tokens, layers=("entities",), labels=anything):
    """Spans that begin and end within tokens, and may nest and overlap; and relations between those of one layer."""
    covered = np.concatenate([np.arange(*pair) for pair in tokens.offsets.tolist()] or [np.zeros(0, int)]).tolist()
    if not covered:
        return (), ()
    place = st.tuples(st.sampled_from(covered), st.sampled_from(covered)).map(sorted)
    found = draw(st.lists(st.tuples(place, labels, st.sampled_from(layers)), max_size=4))
    spans = tuple(Span(a, b + 1, label, layer, None, f"s{at}") for at, ((a, b), label, layer) in enumerate(found))
    pairs = [(one, other) for one in spans for other in spans if one.layer == other.layer]
    drawn = draw(st.lists(st.tuples(st.sampled_from(pairs), labels), max_size=3)) if pairs else []
    return spans, tuple(Relation(one.id, other.id, label) for (one, other), label in drawn)


def without_ids(document):
    """The relations as what they are between, in any order, and the spans without ids."""
    named = {span.id: span.key for span in document.spans}
    relations = sorted((named[one.head], named[one.tail], one.label) for one in document.relations)
    return sorted(span.key for span in document.spans), relations


def holding(tokens, spans, regions, **more):
    """A document of these."""
    return Document(tokens.text, tuple(spans), unknown=tuple(regions), tokens=tokens, **more)
