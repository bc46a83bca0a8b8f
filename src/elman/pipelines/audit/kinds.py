"""The kinds of findings: their stable names, how bad they are, and what to do about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from elman.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

Severity = Literal["error", "warning", "note"]
"""An error is wrong whatever the task, a warning mostly is, a note is to be known."""

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
ANY = "any"
"""Stands for every kind."""


class Kind(NamedTuple):
    """A kind of finding.

    Attributes:
        name: what it is called in JSON and on the command line; never changes.
        severity: how bad it is.
        unit: what its counts count.
        title: what it is, in a few words.
        advice: why it matters and what to do.
    """

    name: str
    severity: Severity
    unit: str
    title: str
    advice: str


_ALL = (
    Kind(
        "leak",
        "error",
        "documents",
        "The same text in several splits",
        "Scores on these documents measure memory. Take them out of one side; elman split keeps equal texts together.",
    ),
    Kind(
        "near-leak",
        "warning",
        "documents",
        "Nearly the same text in several splits",
        "Scores on these documents flatter. Look at the pairs, and keep each on one side. Similarities are estimates.",
    ),
    Kind(
        "sentence-leak",
        "warning",
        "sentences",
        "The same sentence in several splits",
        "Sentences of six words or more that are in the training data too. Tables and bylines repeat by nature.",
    ),
    Kind(
        "duplicate",
        "warning",
        "documents",
        "The same text twice in a split",
        "A copy gives its text more weight, and if labels differ it teaches both. Keep one.",
    ),
    Kind(
        "near-duplicate",
        "warning",
        "documents",
        "Nearly the same text twice in a split",
        "Such texts count as one piece of evidence, not several. Similarities are estimates.",
    ),
    Kind(
        "annotation-conflict",
        "error",
        "sentences",
        "The same sentence annotated in different ways",
        "At most one of them is right. Decide, and write the decision into the guidelines.",
    ),
    Kind(
        "label-conflict",
        "warning",
        "spans",
        "The same string under different labels",
        "Some strings are ambiguous and some are mistakes. The minority label is where mistakes are.",
    ),
    Kind(
        "label-spelling",
        "error",
        "spans",
        "Labels that differ by case or spelling",
        "Probably one label. Rename with --map OLD=NEW.",
    ),
    Kind(
        "rare-label",
        "warning",
        "spans",
        "Labels with few examples to learn from",
        "Too few to learn, and too few to judge by. Label more, or join it with another by --map.",
    ),
    Kind(
        "unseen-label",
        "error",
        "spans",
        "Labels that are not in the training data",
        "No model can find them. Split anew with --stratify, or leave the label out by --map LABEL=.",
    ),
    Kind(
        "absent-label",
        "warning",
        "spans",
        "Labels of the training data that a split lacks",
        "They cannot be judged on it. Split anew with --stratify.",
    ),
    Kind(
        "label-everywhere",
        "warning",
        "sentences",
        "Labels that every sentence to learn from has",
        "A model learns that there always is one. Add text without it.",
    ),
    Kind(
        "span-whitespace",
        "error",
        "spans",
        "Spans that begin or end with white space",
        "Matching by offsets fails. elman convert trims them and says so.",
    ),
    Kind(
        "span-punctuation",
        "warning",
        "spans",
        "Spans that begin or end with punctuation",
        "Mostly the marks around a name and no part of it. Full stops of abbreviations are left alone.",
    ),
    Kind(
        "duplicate-span",
        "error",
        "spans",
        "The same span with the same label twice",
        "Counts and scores take it for two. Leave one out.",
    ),
    Kind(
        "stacked-labels",
        "warning",
        "spans",
        "The same span with different labels",
        "A flat tagger can learn only one. Choose one, or spread them over layers.",
    ),
    Kind(
        "crossing-spans",
        "warning",
        "spans",
        "Spans that overlap without one being inside the other",
        "A flat tagger can learn only one of them; mostly one is a slip of the mouse.",
    ),
    Kind(
        "nested-spans",
        "note",
        "spans",
        "Spans inside spans",
        "A flat tagger keeps one. elman train --overlap layers --layer entities/2 learns the inner ones.",
    ),
    Kind(
        "misaligned",
        "error",
        "spans",
        "Spans that do not fit the tokens",
        "Training moves or refuses them. Mend the offsets, or cut the tokens further.",
    ),
    Kind(
        "mojibake",
        "error",
        "places",
        "Text decoded with the wrong encoding",
        "UTF-8 that was read as Windows-1252, once or more. Decode it anew from the source.",
    ),
    Kind(
        "replacement-character",
        "error",
        "places",
        "Replacement characters",
        "Here a character was lost before the text came. Decode it anew from the source.",
    ),
    Kind(
        "control-character",
        "warning",
        "places",
        "Control characters",
        "Nobody sees them, and offsets count them. Take them out at the source, before anything is labelled.",
    ),
    Kind(
        "lone-surrogate",
        "error",
        "places",
        "Half characters",
        "Halves of UTF-16 pairs are no text and cannot be written as UTF-8. Decode it anew from the source.",
    ),
    Kind(
        "mixed-script",
        "warning",
        "words",
        "Words that mix alphabets",
        "Look-alike letters, such as a Cyrillic a in a Latin word, make another word of it.",
    ),
    Kind(
        "wrong-script",
        "warning",
        "documents",
        "Documents in another script than the rest",
        "Take them out, or make sure that they are meant to be there.",
    ),
    Kind(
        "wrong-language",
        "warning",
        "documents",
        "Documents in another language than the rest",
        "Judged by frequent words of the languages that are known; texts of fewer than 15 words are not judged.",
    ),
    Kind(
        "long-sentence",
        "warning",
        "sentences",
        "Sentences that are too long",
        "The tagger reads at most so many tokens at once, and an entity cannot cross the cut. Split the sentences.",
    ),
    Kind("empty-document", "warning", "documents", "Documents without text", "Take them out."),
    Kind(
        "unannotated-document",
        "note",
        "documents",
        "Documents without a span",
        "All of their text counts as O. If nobody looked at them, mark them as unknown or take them out.",
    ),
    Kind(
        "unseen-word",
        "note",
        "tokens",
        "Words that are not in the training data",
        "Only their spelling, vectors and context can help the model.",
    ),
    Kind(
        "unseen-entity",
        "note",
        "spans",
        "Entities whose string is not in the training data",
        "The share of entities that have to be recognised and cannot be remembered.",
    ),
    Kind(
        "uncovered-word",
        "note",
        "tokens",
        "Words without a vector",
        "The vectors say nothing of them, in any spelling that is tried.",
    ),
    Kind(
        "repaired-tags",
        "error",
        "tags",
        "Tags that the scheme forbids",
        "They were read as the scorer of CoNLL reads them. elman convert writes them mended.",
    ),
    Kind(
        "mended-offsets",
        "warning",
        "spans",
        "Offsets that had to be mended",
        "The file counts otherwise than in code points with exclusive ends. elman convert writes it mended.",
    ),
    Kind(
        "rejected-record",
        "error",
        "records",
        "Records that could not be read",
        "The rest of this report is without them.",
    ),
    Kind(
        "left-out",
        "warning",
        "times",
        "What could not be taken from the file",
        "The rest of this report is without it.",
    ),
)

KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}
"""All kinds by name, in the order in which they are reported."""


def chosen(names: Iterable[str]) -> frozenset[str]:
    """The kinds that these names stand for.

    Args:
        names: of kinds; a severity stands for its kinds, ``any`` for all.

    Raises:
        UsageError: if there is no such kind; the message lists those there are.
    """
    found: set[str] = set()
    for name in names:
        if name == ANY:
            found |= set(KINDS)
        elif name in SEVERITIES:
            found |= {kind.name for kind in _ALL if kind.severity == name}
        elif name in KINDS:
            found.add(name)
        else:
            raise UsageError(
                f"there is no kind of finding {name!r}; choose among {', '.join(KINDS)}; "
                f"{', '.join(SEVERITIES)} stand for all of that severity, {ANY} for all"
            )
    return frozenset(found)
