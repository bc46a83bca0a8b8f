"""What is learned from, and what is said of the rest."""

from elman.data.document import Document, Span
from elman.settings import DataSettings
from elman.training.data import load_part

NESTED = Document(
    "Ada of the University of Turin wrote",
    (Span(0, 3, "PER"), Span(11, 30, "ORG"), Span(25, 30, "LOC"), Span(31, 36, "V", "pos")),
    id="nested",
)


def learned(**settings):
    said = []
    part = load_part([NESTED], DataSettings(**settings), labels={}, format=None, scheme=None, say=said.append)
    return dict(part.examples.label_counts()), said


def test_of_overlapping_spans_the_longest_is_learned_and_the_rest_is_said():
    counts, said = learned()
    assert counts == {"PER": 1, "ORG": 1}
    assert any("1 of 3 spans refused: overlaps a span that was kept" in line for line in said)
    assert "documents: only the layer entities is learned; there are also spans in pos (1)" in said
    assert any("--overlap layers spreads spans that overlap over layers" in line for line in said)
    assert learned(overlap="first")[0] == {"PER": 1, "ORG": 1}


def test_each_layer_can_be_learned():
    counts, said = learned(overlap="layers")
    assert counts == {"PER": 1, "ORG": 1}
    assert said == ["documents: only the layer entities is learned; there are also spans in entities/2 (1), pos (1)"]
    assert learned(overlap="layers", layer="entities/2")[0] == {"LOC": 1}
    assert learned(layer="pos")[0] == {"V": 1}
