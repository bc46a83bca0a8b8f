"""What the readers found: tags repaired, offsets mended, records refused, things left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elman.pipelines.audit.findings import Place, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elman.data.formats.files import Reject
    from elman.data.formats.format import ReadReport
    from elman.data.ledger import Example
    from elman.pipelines.audit.findings import Findings
    from elman.pipelines.audit.unit import Split


def check_report(report: ReadReport, rejects: Sequence[Reject], split: Split, findings: Findings) -> None:
    """Turn what a reader reports into findings.

    Args:
        report: the reader's, after the last document.
        rejects: records that it set aside.
        split: whose they are.
        findings: where they go.
    """
    name = split.name
    if report.repairs:
        findings.add(
            "repaired-tags", f"{name}: forbidden by {report.scheme}", Place(name, "", 0, 0, ""), report.repairs
        )
    for key, count in report.ledger.counts.items():
        item, kind, reason = key
        if kind == "kept":
            continue
        places = [_place(example, split) for example in report.ledger.examples.get(key, ())]
        what = f"{name}: {item} {reason}" if item != "span" else f"{name}: {reason}"
        details: dict[str, object] = {"item": item, "fate": kind}
        if kind == "refused":
            findings.put("left-out", what, count, places, details)
        else:
            if report.offsets:
                details["evidence"] = report.offsets
            findings.put("mended-offsets", what, count, places, details)
    for reject in rejects:
        line = "" if reject.line is None else f"line {reject.line}"
        findings.add("rejected-record", f"{name}: {reject.problem}", Place(name, line, 0, 0, shortened(reject.raw)))
    for what, count in sorted(report.ignored.items()):
        findings.add("left-out", f"{name}: {what}", Place(name, "", 0, 0, ""), count)


def _place(example: Example, split: Split) -> Place:
    span = example.entry.span
    text = shortened(example.entry.surface)
    return Place(split.name, example.document or "", span.start, span.end, text, span.label)
