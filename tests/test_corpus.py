"""The corpus inside the package keeps what its README and the annotation guide promise."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from importlib.resources import files
from itertools import pairwise
from typing import Any

import pytest

from elman.data.document import Document, Span

CORPUS = files("elman") / "corpus"
SPLITS = ("train", "dev", "test")
VOICES = ("news", "email", "billing", "contract", "clinical", "chat")
LABELS = ("PERSON", "ORG", "LOC", "DATE", "MONEY", "NORP", "EMAIL", "PHONE", "ACCOUNT")
FORBIDDEN = re.compile("thrun|google|udacity|recode", re.IGNORECASE)
BREAK = re.compile(r"\n+|(?<=[.!?])(?<!\b[DM][rs]\.)[\"”’)]*\s+")
WORD = re.compile(r"[^\W\d_]{2,}")
TITLE = re.compile(r"(?:Dr|Mrs?|Ms|Prof|Professor|Judge|Rev|Sen|Señora|Father|Uncle|Auntie)\b")
SHAPES = {
    "EMAIL": re.compile(r"[\w.+-]+@(?:[\w-]+\.)+example|[\w.+-]+@example\.(?:com|org|net)"),
    "PHONE": re.compile(r"(?:\+|\()?\d[\d ()-]*\d(?:,? ext\. \d+)?|ext\. \d+"),
    "ACCOUNT": re.compile(r"[A-Z\d*•x][A-Z\d*•x ./-]*\d[A-Z\d*•x ./-]*"),
    "MONEY": re.compile(r".*(?:\d|[a-z]{3}).*"),
}


def rows(split: str) -> list[dict[str, Any]]:
    with (CORPUS / f"{split}.jsonl").open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def spans(row: dict[str, Any]) -> list[tuple[int, int, str]]:
    return [(span["start"], span["end"], span["label"]) for span in row["spans"]]


def surfaces(data: list[dict[str, Any]], label: str) -> set[str]:
    return {row["text"][start:end].casefold() for row in data for start, end, found in spans(row) if found == label}


def sentences(text: str) -> int:
    return sum(len(WORD.findall(piece)) >= 4 for piece in BREAK.split(text))


@pytest.fixture(scope="module")
def corpus() -> dict[str, list[dict[str, Any]]]:
    return {split: rows(split) for split in SPLITS}


@pytest.fixture(scope="module")
def everything(corpus: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    return [row for data in corpus.values() for row in data]


def test_it_has_at_least_600_sentences(everything):
    assert sum(sentences(row["text"]) for row in everything) >= 600


def test_documents_are_valid(everything):
    for row in everything:
        assert set(row) == {"id", "text", "spans", "meta"}
        assert row["text"] == row["text"].strip()
        assert unicodedata.is_normalized("NFC", row["text"])
        assert row["meta"]["voice"] in VOICES
        assert row["id"].startswith(row["meta"]["voice"] + "-")
        Document(row["text"], tuple(Span(*span) for span in spans(row)), id=row["id"], meta=row["meta"])


def test_spans_are_sorted_and_flat(everything):
    for row in everything:
        for (_, end, _), (start, _, _) in pairwise(spans(row)):
            assert end <= start, row["id"]


def test_labels_are_exactly_the_nine(everything):
    assert {label for row in everything for _, _, label in spans(row)} == set(LABELS)


def test_rims_are_clean(everything):
    for row in everything:
        for start, end, label in spans(row):
            text = row["text"]
            surface = text[start:end]
            place = f"{row['id']}: {surface!r}"
            assert surface == surface.strip(), place
            assert "\n" not in surface, place
            assert surface[0] not in ".,;:!?'\"“‘<>@-–", place
            assert surface[-1] not in ",;:!?\"”<>-–'", place
            assert surface[-1] != ")" or "(" in surface, place
            assert not surface.endswith(("'s", "’s")) or label == "ORG", place
            cut = re.compile(r"\w")
            assert not (cut.match(surface[0]) and start and cut.match(text[start - 1])), place
            assert not (cut.match(surface[-1]) and end < len(text) and cut.match(text[end])), place


def test_determiners_and_titles_stay_outside(everything):
    for row in everything:
        for start, end, label in spans(row):
            surface = row["text"][start:end]
            if label == "PERSON":
                assert not TITLE.match(surface), f"{row['id']}: {surface!r}"
            elif label != "DATE":
                assert not surface.lower().startswith("the "), f"{row['id']}: {surface!r}"


@pytest.mark.parametrize("label", SHAPES)
def test_what_has_a_shape_has_it(everything, label):
    for row in everything:
        for start, end, found in spans(row):
            if found == label:
                assert SHAPES[label].fullmatch(row["text"][start:end]), f"{row['id']}: {row['text'][start:end]!r}"


def test_no_address_is_left_unlabelled(everything):
    for row in everything:
        emails = [(start, end) for start, end, label in spans(row) if label == "EMAIL"]
        for match in re.finditer(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", row["text"]):
            assert any(start <= match.start() < end for start, end in emails), f"{row['id']}: {match[0]!r}"


def test_forbidden_names_do_not_occur(everything):
    assert not [row["id"] for row in everything if FORBIDDEN.search(row["text"])]
    assert not FORBIDDEN.search((CORPUS / "README.md").read_text(encoding="utf-8"))


def test_ids_and_texts_are_unique(everything):
    assert len({row["id"] for row in everything}) == len(everything)
    assert len({row["text"] for row in everything}) == len(everything)


def test_no_long_sentence_occurs_in_two_splits(corpus):
    seen: dict[str, str] = {}
    for split, data in corpus.items():
        for row in data:
            for piece in BREAK.split(row["text"]):
                if len(WORD.findall(piece)) >= 6:
                    assert seen.setdefault(piece.casefold(), split) == split, piece


def test_split_is_70_15_15_in_each_voice(corpus):
    for voice in VOICES:
        sizes = [sum(row["meta"]["voice"] == voice for row in corpus[split]) for split in SPLITS]
        for size, share in zip(sizes, (0.70, 0.15, 0.15), strict=True):
            assert abs(size - share * sum(sizes)) < 1.5, voice


def test_every_label_occurs_in_every_split(corpus):
    for split, data in corpus.items():
        counts = Counter(label for row in data for _, _, label in spans(row))
        assert min(counts[label] for label in LABELS) >= 10, split


@pytest.mark.parametrize("label", ["PERSON", "ORG", "LOC"])
def test_at_least_half_of_the_names_in_test_are_new(corpus, label):
    test = surfaces(corpus["test"], label)
    assert len(test - surfaces(corpus["train"], label)) / len(test) >= 0.5


def test_readme_counts_are_the_files_counts(corpus):
    readme = (CORPUS / "README.md").read_text(encoding="utf-8")

    def line(split: str, voice: str, data: list[dict[str, Any]]) -> str:
        counts = Counter(label for row in data for _, _, label in spans(row))
        numbers = [
            len(data),
            sum(sentences(row["text"]) for row in data),
            *(counts[label] for label in LABELS),
        ]
        return f"| {split} | {voice} | " + " | ".join(str(number) for number in numbers) + " |"

    for split, data in corpus.items():
        assert line(f"**{split}**", "all", data) in readme
        for voice in VOICES:
            assert line(split, voice, [row for row in data if row["meta"]["voice"] == voice]) in readme
    assert line("**all**", "all", [row for data in corpus.values() for row in data]) in readme
