from __future__ import annotations

import numpy as np

from elman.metrics.report import HEADER, Row, render_text, table
from elman.metrics.score import Result

COUNTS = np.array([[[5, 10, 5], [3, 3, 4]], [[5, 10, 5], [3, 3, 4]]], dtype=np.int32)
RESULT = Result(("LOC", "PERSON"), COUNTS)


def test_rows_are_percent_with_two_decimals() -> None:
    assert table(RESULT) == [
        Row("LOC", "50.00", "100.00", "66.67", "66.67 to 66.67", "10", "20"),
        Row("PERSON", "100.00", "75.00", "85.71", "85.71 to 85.71", "8", "6"),
        Row("micro", "61.54", "88.89", "72.73", "72.73 to 72.73", "18", "26"),
        Row("macro", "75.00", "87.50", "76.19", "76.19 to 76.19", "", ""),
        Row("weighted", "72.22", "88.89", "75.13", "", "", ""),
    ]


def test_text_is_aligned() -> None:
    assert render_text(RESULT) == (
        "          precision  recall     F1  interval of F1  support  predicted\n"
        "LOC           50.00  100.00  66.67  66.67 to 66.67       10         20\n"
        "PERSON       100.00   75.00  85.71  85.71 to 85.71        8          6\n"
        "micro         61.54   88.89  72.73  72.73 to 72.73       18         26\n"
        "macro         75.00   87.50  76.19  76.19 to 76.19\n"
        "weighted      72.22   88.89  75.13\n"
        "\n"
        "A span is right if its start, end and label are.\n"
        "Intervals: 95 %, bootstrap over 2 documents, 2000 samples, seed 1.\n"
    )


def test_without_intervals_the_text_says_why() -> None:
    result = Result(("LOC",), COUNTS[:1, :1], ignored=3)
    assert [row.interval for row in table(result)] == [""] * 4
    text = render_text(result)
    assert "No intervals: they take at least two documents, or sentences.\n" in text
    assert "Left out: 3 predicted spans in regions that nobody annotated.\n" in text


def test_nothing_scored_is_a_table_too() -> None:
    result = Result((), np.zeros((2, 0, 3), dtype=np.int32))
    assert table(result) == [
        Row("micro", "0.00", "0.00", "0.00", "", "0", "0"),
        Row("macro", "0.00", "0.00", "0.00", "", "", ""),
        Row("weighted", "0.00", "0.00", "0.00", "", "", ""),
    ]
    assert len({len(row) for row in [HEADER, *table(result)]}) == 1
