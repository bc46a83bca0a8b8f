"""``elman agree``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from elman.cli.options import Format, Json, Labels, RepairOption, Scheme, print_json, say

if TYPE_CHECKING:
    from elman.metrics.agreement import Agreement, Coefficient, Measures

_MANY = 10
"""Of more pairs than so many, those that agree best and worst are shown."""


def agree(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE FILE...",
            help="A labelled file for each annotator, of any format; with --annotator-key one of all.",
            show_default=False,
        ),
    ],
    key: Annotated[
        str | None,
        typer.Option("--annotator-key", metavar="KEY", help="Key in the documents' meta that names the annotator."),
    ] = None,
    json: Json = False,
    layer: Annotated[str, typer.Option(metavar="NAME", help="The layer of spans to compare.")] = "entities",
    samples: Annotated[
        int, typer.Option(min=0, metavar="N", help="How often intervals draw the documents; 0: no intervals.")
    ] = 1000,
    seed: Annotated[int, typer.Option(metavar="N", help="Where the random numbers start.")] = 1,
    format: Format = None,  # noqa: A002  # the option's name
    scheme: Scheme = None,
    labels: Labels = "",
    repair: RepairOption = "conlleval",
    encoding: Annotated[str, typer.Option(metavar="NAME", help="Encoding of the files.")] = "utf-8",
) -> None:
    """Measure how far annotators of the same texts agree: F1, kappa and alpha, with intervals.

    Documents belong together by their ids, where the files have them, or else by their order; the texts have to
    be the same. In one file of all annotators those with the same text belong together.
    """
    from elman.data.labels import parse_map
    from elman.metrics.agreement import agreement
    from elman.pipelines.annotators import read_annotators

    found = read_annotators(
        files, key=key, format=format, scheme=scheme, repair=repair, labels=parse_map(labels), encoding=encoding
    )
    for note in found.notes:
        say(note)
    result = agreement(found.rows, found.names, layer, samples=samples, seed=seed)
    if json:
        print_json(result.to_json())
    else:
        print("\n".join(_lines(result)))


def _lines(result: Agreement) -> list[str]:
    """Tables of what all annotators and every two agree on, and what a reader has to know of them."""
    from elman.cli.tables import aligned

    header = ["", "F1", "interval", "kappa", "interval", "alpha", "interval"]
    everyone = result.everyone
    rows = [[*header, *result.spans]]
    for label, measures in everyone.labels.items():
        rows.append([label, *_cells(measures), *(f"{counts[label]:,}" for counts in result.spans.values())])
    totals = [f"{sum(counts.values()):,}" for counts in result.spans.values()]
    rows.append(["all labels", *_cells(everyone.overall), *totals])
    rows.append(["in any span", "", "", "", "", *_cell(everyone.marked), *([""] * len(totals))])
    pairs = sorted(result.pairs, key=lambda pair: -(pair.overall.f1.value or 0)) if len(result.pairs) > _MANY else []
    shown = [*pairs[: _MANY // 2], *pairs[-_MANY // 2 :]] or result.pairs
    two = [[*header, "documents"]]
    two += [[" and ".join(pair.annotators), *_cells(pair.overall), f"{pair.documents:,}"] for pair in shown]
    more = len(result.pairs) - len(shown)
    return [
        *aligned(rows),
        "",
        *aligned(two),
        *([f"{more} more pairs: those that agree best and worst by F1 are shown; --json has all"] if more else []),
        "",
        *_notes(result),
    ]


def _notes(result: Agreement) -> list[str]:
    documents = result.everyone.documents
    return [
        f"{documents:,} documents that at least two annotated; layer {result.layer}. 1 is full agreement; nothing is "
        "shown where nothing was marked or all that was said is the same.",
        "F1, in percent: spans with the same start, end and label; of all annotators over their pairs together.",
        f"kappa, over {result.piece}s: Fleiss' of all annotators, Cohen's of two; of a label against the rest.",
        "alpha: Krippendorff's for unitising (Krippendorff, Mathet, Bouvry and Widlöcher 2016), over characters; of a "
        "label by its spans alone.",
        f"Intervals: {100 * result.level:g} %, bootstrap over documents, {result.samples} samples, seed {result.seed}."
        if documents > 1 and result.samples
        else "No intervals: they take samples, and at least two documents.",
    ]


def _cells(measures: Measures) -> list[str]:
    return [*_cell(measures.f1, 100, 2), *_cell(measures.kappa), *_cell(measures.alpha)]


def _cell(coefficient: Coefficient, factor: int = 1, digits: int = 3) -> list[str]:
    """A value and its interval; "" for what is not there."""
    if coefficient.value is None:
        return ["", ""]
    interval = coefficient.interval
    ends = "" if interval is None else " to ".join(f"{factor * end:.{digits}f}" for end in interval)
    return [f"{factor * coefficient.value:.{digits}f}", ends]
