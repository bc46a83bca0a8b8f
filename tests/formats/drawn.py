"""Documents that Hypothesis draws for round trips."""

from hypothesis import strategies as st

from elman.data.document import Document, Region, Relation, Span, Tokens
from elman.data.formats.files import Source

# Emoji, joiners, combining marks, right to left, separators, zero width, beyond the first plane.
PIECES = [
    "👩‍👩‍👧",
    "🏳️‍🌈",
    "e\u0301",
    "שלום",
    "\r\n",
    "\n",
    "\r",
    "\u2028",
    "\x85",
    "\u200b",
    "\ufeff",
    "𝔸",
    '"\\',
    " ",
    "ab",
]
strange = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3)), max_size=8).map("".join)
names = st.text(max_size=3)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@st.composite
def documents(draw, text=strange, layers=("entities",), labels=names, flat=False, scores=True, meta=json_values):
    """A document with spans, relations, tokens, whole-document unknowns and so on."""
    body = draw(text)
    places = st.tuples(st.integers(0, len(body)), st.integers(0, len(body))).map(sorted).filter(lambda p: p[0] < p[1])
    found = draw(st.lists(places, max_size=4)) if body else []
    if flat:
        kept = []
        for place in found:
            if all(place[1] <= other[0] or other[1] <= place[0] for other in kept):
                kept.append(place)
        found = sorted(kept)
    probabilities = st.none() | st.floats(0, 1) if scores else st.none()
    spans = tuple(
        Span(
            *place,
            draw(labels),
            draw(st.sampled_from(layers)),
            draw(probabilities),
            draw(st.none() | st.just(f"i{at}")),
        )
        for at, place in enumerate(found)
    )
    ids = [span.id for span in spans if span.id is not None]
    relations = tuple(
        Relation(draw(st.sampled_from(ids)), draw(st.sampled_from(ids)), draw(labels), draw(probabilities))
        for _ in range(draw(st.integers(0, 2)) if ids else 0)
    )
    classes = tuple(draw(st.lists(labels, max_size=2)))
    bare = body and not spans and not classes
    unknown = (Region(0, len(body)),) if bare and draw(st.booleans()) else ()
    tokens = None
    if draw(st.booleans()):
        cuts = sorted(draw(st.sets(st.integers(0, len(body)), max_size=8)))
        tokens = Tokens(body, list(zip(cuts[::2], cuts[1::2], strict=False)))
    entries = draw(st.dictionaries(st.text(max_size=5), meta, max_size=3))
    return Document(body, spans, relations, unknown, classes, tokens, draw(st.none() | st.text(max_size=5)), entries)


def trip(form, given_documents, path, write_options=None, **read_options):
    """Write and read without the care that real files get, which costs time: the ledger and the documents."""
    pieces = []
    ledger = form.write(given_documents, pieces.append, **(write_options or {}))
    path.write_bytes("".join(pieces).encode())
    return ledger, list(form.read(Source(path), **read_options))
