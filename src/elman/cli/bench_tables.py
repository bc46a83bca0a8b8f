"""What ``elman bench`` prints of its result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from elman.cli.tables import aligned

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Spread = Mapping[str, float]


def tables(result: Mapping[str, Any]) -> str:
    """The tables of a result, and what to know about them.

    Args:
        result: as ``--json`` prints it.
    """
    return "\n".join(_lines(result)) + "\n"


def _lines(result: Mapping[str, Any]) -> Iterator[str]:
    data, machine = result["data"], result["machine"]
    yield (
        f"{data['name']}: {data['texts']:,} texts, {data['words']:,} words; {machine['processor']}, "
        f"{result['threads']} threads, {'AVX2 at most' if result['isa'] == 'avx2' else 'all its instructions'}; "
        f"median of {result['rounds']} round(s) (least-most)"
    )
    yield ""
    rows = [["", "words/s", "seen before", "times", "sentence p50 ms", "p99 ms", "p50 times"]]
    times = {one["peer"]: one for one in result["comparisons"]}
    for one in result["systems"]:
        against = times.get(one["name"])
        rows.append(
            [
                one["name"],
                _spread(one["words_per_second"], ",.0f"),
                _spread(one["words_per_second_again"], ",.0f"),
                _spread(against["throughput"], ".1f") if against else "",
                _spread(one["latency_seconds"]["p50"], ".2f", 1000),
                _spread(one["latency_seconds"]["p99"], ".2f", 1000),
                _spread(against["latency_p50"], ".1f") if against else "",
            ]
        )
    yield from aligned(rows)
    yield ""
    rows = [["", "start s", "peak MB", "model MB", "F1", "precision", "batch"]]
    for one in result["systems"]:
        f1 = "-" if one["f1"] is None else f"{one['f1']:.2%}"
        peak = _spread(one["peak_bytes"], ".0f", 1e-6) if one["peak_bytes"] else "-"
        start = _spread(one["start_seconds"], ".2f")
        disk = f"{one['disk_bytes'] / 1e6:.1f}"
        rows.append([one["name"], start, peak, disk, f1, one["precision"], f"{one['batch']:,}"])
    yield from aligned(rows)
    yield ""
    for one in result["systems"]:
        versions = ", ".join(f"{package} {version}" for package, version in one["versions"].items())
        yield f"{one['name']}: {one['about']} ({versions})"
        if one["f1_note"]:
            yield f"  F1: {one['f1_note']}"
    for one in result["absent"]:
        yield f"{one['name']}: not measured: {one['reason']}"
    yield from result["notes"]
    yield (
        "words/s: the first time that a process sees the texts, and (seen before) the second; times: how often Elman's "
        "figure is as good; start: a new process, until the first sentence is tagged"
    )
    loads = [machine["load_before"], machine["load_after"]]
    if None not in loads and max(loads) > machine["cores"] + 0.5:
        told = f"load {loads[0]} before, {loads[1]} after, {machine['cores']} cores"
        yield f"warning: other work disturbed the figures: {told}"


def _spread(values: Spread, form: str, scale: float = 1.0) -> str:
    middle, least, most = (values[key] * scale for key in ("median", "least", "most"))
    spread = f"{least:{form}}-{most:{form}}"
    return f"{middle:{form}} ({spread})" if most > least else f"{middle:{form}}"
