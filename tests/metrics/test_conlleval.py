"""The conlleval report against texts that were worked out by hand from the script's format strings.

The script prints ``processed %d tokens with %d phrases; found: %d phrases; correct: %d.``, and if there are tokens
``accuracy: %6.2f%%; precision: %6.2f%%; recall: %6.2f%%; FB1: %6.2f``; then for each type ``%17s: precision: %6.2f%%;
recall: %6.2f%%; FB1: %6.2f  %d``, the number being that of the phrases found.
"""

from __future__ import annotations

import pytest

from elman.metrics.conlleval import conlleval_report
from elman.metrics.tags import compare_tags

CASES = {
    # 5 of 5 tokens; both types perfect. Types are sorted.
    "all right": (
        "B-PER I-PER O B-LOC O",
        "B-PER I-PER O B-LOC O",
        """\
processed 5 tokens with 2 phrases; found: 2 phrases; correct: 2.
accuracy: 100.00%; precision: 100.00%; recall: 100.00%; FB1: 100.00
              LOC: precision: 100.00%; recall: 100.00%; FB1: 100.00  1
              PER: precision: 100.00%; recall: 100.00%; FB1: 100.00  1
""",
    ),
    # 1 of 3 found is right, of 2: 33.33, 50, F 2 x 33.33 x 50 / 83.33 = 40. The tokens B-PER, O and B-LOC agree.
    "some right": (
        "B-PER O B-LOC I-LOC O O",
        "B-PER O B-LOC O B-ORG I-ORG",
        """\
processed 6 tokens with 2 phrases; found: 3 phrases; correct: 1.
accuracy:  50.00%; precision:  33.33%; recall:  50.00%; FB1:  40.00
              LOC: precision:   0.00%; recall:   0.00%; FB1:   0.00  1
              ORG: precision:   0.00%; recall:   0.00%; FB1:   0.00  1
              PER: precision: 100.00%; recall: 100.00%; FB1: 100.00  1
""",
    ),
    # Neither side has an entity: no line of a type, and every ratio but the accuracy is zero.
    "only O": (
        "O O|O",
        "O O|O",
        """\
processed 3 tokens with 0 phrases; found: 0 phrases; correct: 0.
accuracy: 100.00%; precision:   0.00%; recall:   0.00%; FB1:   0.00
""",
    ),
    # Without tokens the script leaves out its second line.
    "no tokens": ("", "", "processed 0 tokens with 0 phrases; found: 0 phrases; correct: 0.\n"),
    # Missed and not found again: the type has a line, and its count of found phrases is 0.
    "nothing found": (
        "B-PER I-PER O",
        "O O O",
        """\
processed 3 tokens with 1 phrases; found: 0 phrases; correct: 0.
accuracy:  33.33%; precision:   0.00%; recall:   0.00%; FB1:   0.00
              PER: precision:   0.00%; recall:   0.00%; FB1:   0.00  0
""",
    ),
    # A leading I- starts an entity, so the phrase is right, although its first tag is not: 2 of 3 tokens.
    "a leading I-": (
        "B-PER I-PER O",
        "I-PER I-PER O",
        """\
processed 3 tokens with 1 phrases; found: 1 phrases; correct: 1.
accuracy:  66.67%; precision: 100.00%; recall: 100.00%; FB1: 100.00
              PER: precision: 100.00%; recall: 100.00%; FB1: 100.00  1
""",
    ),
    # An I- of another type starts one, too: PER (0, 1) and LOC (1, 3) for PER (0, 3). No entity crosses sentences.
    "a type that changes, and a sentence that ends": (
        "B-PER I-PER I-PER|B-PER",
        "B-PER I-LOC I-LOC|I-PER",
        """\
processed 4 tokens with 2 phrases; found: 3 phrases; correct: 1.
accuracy:  25.00%; precision:  33.33%; recall:  50.00%; FB1:  40.00
              LOC: precision:   0.00%; recall:   0.00%; FB1:   0.00  1
              PER: precision:  50.00%; recall:  50.00%; FB1:  50.00  2
""",
    ),
    # IOB1: I-A I-A is one entity, I-A B-A are two. Gold 3, found 2, one right (the MISC).
    "IOB1": (
        "I-PER B-PER O I-MISC",
        "I-PER I-PER O I-MISC",
        """\
processed 4 tokens with 3 phrases; found: 2 phrases; correct: 1.
accuracy:  75.00%; precision:  50.00%; recall:  33.33%; FB1:  40.00
             MISC: precision: 100.00%; recall: 100.00%; FB1: 100.00  1
              PER: precision:   0.00%; recall:   0.00%; FB1:   0.00  1
""",
    ),
    # IOBES has first been converted: to IOB2 B-PER I-PER B-PER O, and found B-PER I-PER I-PER O; 3 of 4 tokens.
    "IOBES": (
        "B-PER E-PER S-PER O",
        "B-PER I-PER E-PER O",
        """\
processed 4 tokens with 2 phrases; found: 1 phrases; correct: 0.
accuracy:  75.00%; precision:   0.00%; recall:   0.00%; FB1:   0.00
              PER: precision:   0.00%; recall:   0.00%; FB1:   0.00  1
""",
    ),
    # The type is what follows the first hyphen. It is set right in 17 bytes, of which Perl counts two for each letter
    # of ЛИЦО (8 and 9 spaces) and a longer one is not cut. Sorted by their bytes: A, a, then what is not ASCII.
    "names": (
        "B-very-long-type-name B-ЛИЦО B-a B-A",
        "B-very-long-type-name B-ЛИЦО B-a B-A",
        """\
processed 4 tokens with 4 phrases; found: 4 phrases; correct: 4.
accuracy: 100.00%; precision: 100.00%; recall: 100.00%; FB1: 100.00
                A: precision: 100.00%; recall: 100.00%; FB1: 100.00  1
                a: precision: 100.00%; recall: 100.00%; FB1: 100.00  1
very-long-type-name: precision: 100.00%; recall: 100.00%; FB1: 100.00  1
         ЛИЦО: precision: 100.00%; recall: 100.00%; FB1: 100.00  1
""",
    ),
    # 1 of 8 found is 12.5; 1 of 16 there is 6.25; F 2 x 12.5 x 6.25 / 18.75 = 8.333; of A alone 2 x 6.25 / 1.0625.
    "thirds": (
        " ".join(["B-A"] * 16),
        " ".join(["B-A", *["B-B"] * 7, *["O"] * 8]),
        """\
processed 16 tokens with 16 phrases; found: 8 phrases; correct: 1.
accuracy:   6.25%; precision:  12.50%; recall:   6.25%; FB1:   8.33
                A: precision: 100.00%; recall:   6.25%; FB1:  11.76  1
                B: precision:   0.00%; recall:   0.00%; FB1:   0.00  7
""",
    ),
    # IO without prefixes has no tags that the script could read; converted, touching tokens of a type are one entity.
    "bare labels": (
        "PER PER O LOC O O",
        "PER O O LOC O O",
        """\
processed 6 tokens with 2 phrases; found: 2 phrases; correct: 1.
accuracy:  83.33%; precision:  50.00%; recall:  50.00%; FB1:  50.00
              LOC: precision: 100.00%; recall: 100.00%; FB1: 100.00  1
              PER: precision:   0.00%; recall:   0.00%; FB1:   0.00  1
""",
    ),
}


def split(text: str) -> list[list[str]]:
    return [line.split() for line in text.split("|")]


@pytest.mark.parametrize("case", CASES)
def test_the_report_is_the_script_s_byte_for_byte(case: str) -> None:
    gold, predicted, expected = CASES[case]
    assert conlleval_report(compare_tags(split(gold), split(predicted))) == expected


def test_the_report_of_the_sample_in_the_notes_on_formats() -> None:
    # 371 phrases are right. 80 are cut in two, 35 of which lose their last token, and 8 have another type:
    # 371 + 80 + 8 = 459 there, 371 + 160 + 8 = 539 found. 371 + 80 + 387 = 838 of 961 tokens agree.
    groups = [
        ("B-NP", "B-NP", 371),
        ("B-NP I-NP", "B-NP B-NP", 45),
        ("B-NP I-NP I-NP", "B-NP B-NP O", 35),
        ("B-VP", "B-NP", 7),
        ("B-VP", "B-ADJP", 1),
        ("O", "O", 387),
    ]
    gold, predicted = ([row[side].split() for row in groups for _ in range(row[2])] for side in (0, 1))
    assert conlleval_report(compare_tags(gold, predicted)) == (
        """\
processed 961 tokens with 459 phrases; found: 539 phrases; correct: 371.
accuracy:  87.20%; precision:  68.83%; recall:  80.83%; FB1:  74.35
             ADJP: precision:   0.00%; recall:   0.00%; FB1:   0.00  1
               NP: precision:  68.96%; recall:  82.26%; FB1:  75.03  538
               VP: precision:   0.00%; recall:   0.00%; FB1:   0.00  0
"""
    )


def test_of_dropped_tags_the_accuracy_is_that_of_what_is_left() -> None:
    found = compare_tags([["I-A", "O"]], [["O", "O"]], scheme="IOB2", repair="drop")
    assert conlleval_report(found) == (
        "processed 2 tokens with 0 phrases; found: 0 phrases; correct: 0.\n"
        "accuracy: 100.00%; precision:   0.00%; recall:   0.00%; FB1:   0.00\n"
    )
