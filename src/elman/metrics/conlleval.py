"""The report of conlleval, the scorer of the CoNLL-2000, 2002 and 2003 shared tasks, byte for byte.

The original is a Perl script (https://www.clips.uantwerpen.be/conll2000/chunking/conlleval.txt). Its counts are those
of the repair ``conlleval``; its numbers are percent with two decimals, ``%6.2f``. It does not know schemes that mark
the last or the only token of an entity beside the first (IOBES, BILUO, BMEWO): what it would print of such tags is
what it prints after they have been converted to IOB2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from elman.metrics.score import score

if TYPE_CHECKING:
    from elman.metrics.counts import Counts
    from elman.metrics.score import Result
    from elman.metrics.tags import TagComparison

_WIDTH = 17
"""Of a type's name, in bytes of UTF-8, for Perl counts those."""


def conlleval_report(found: TagComparison) -> str:
    """What conlleval prints of these tags, with the line break at the end."""
    return render_conlleval(score(found.comparison), found.tokens, found.agreeing)


def render_conlleval(result: Result, tokens: int, agreeing: int) -> str:
    """The report from counts.

    Args:
        result: of exact matching.
        tokens: how many tokens there are.
        agreeing: how many of them have the same tag on both sides.
    """
    total = result.micro
    lines = [
        f"processed {tokens} tokens with {total.support} phrases; "
        f"found: {total.predicted} phrases; correct: {total.correct}.\n"
    ]
    if tokens:
        lines.append(f"accuracy: {100 * agreeing / tokens:6.2f}%; {_ratios(total)}\n")
    for name, counts in sorted(result.labels.items()):
        pad = " " * (_WIDTH - len(name.encode("utf-8", "surrogateescape")))
        lines.append(f"{pad}{name}: {_ratios(counts)}  {counts.predicted}\n")
    return "".join(lines)


def _ratios(counts: Counts) -> str:
    """Precision, recall and F in percent, in the script's order of operations, on which the last digit may hang."""
    precision = 100 * counts.correct / counts.predicted if counts.predicted else 0.0
    recall = 100 * counts.correct / counts.support if counts.support else 0.0
    together = precision + recall
    balanced = 2 * precision * recall / together if together else 0.0
    return f"precision: {precision:6.2f}%; recall: {recall:6.2f}%; FB1: {balanced:6.2f}"
