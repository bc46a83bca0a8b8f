"""An audit as a page: counts, histograms, and the findings with filters; one file, no script, nothing fetched.

The filters are check boxes and a few rules of style, so that nothing has to run in a page that shows texts of
unknown origin.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from elman.cli.audit_table import share
from elman.cli.page_parts import TABLES, isolated, wide, writable
from elman.data.formats.html import FOOT, colour_classes, head, text_of
from elman.data.formats.sinks import written
from elman.pipelines.audit.counts import bars, edges
from elman.pipelines.audit.kinds import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from elman.pipelines.audit import Audit, Kind
    from elman.pipelines.audit.counts import Counts
    from elman.pipelines.audit.findings import Finding, Place

SHOWN = 200
"""At most so many findings of a kind are shown: more make a page that browsers are slow to open."""

_PAIRS = 50

_STYLE = (
    TABLES
    + """\
:root { --error: #b3261e; --warning: #8a5a00; --note: #2b5f8a; --raised: #f4f5f7; }
@media (prefers-color-scheme: dark) {
  :root { --error: #ff8a80; --warning: #f2b84b; --note: #8ec7f2; --raised: #1f2329; }
}
body { max-width: 72rem; }
.notes { font-size: .9rem; }
label { cursor: pointer; }
input { accent-color: var(--note); }
.error { --mood: var(--error); } .warning { --mood: var(--warning); } .note { --mood: var(--note); }
.name { font: .85em ui-monospace, monospace; color: var(--mood); }
.filters { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; margin: .75rem 0; padding: .6rem .9rem;
  background: var(--raised); border-radius: 6px; }
.filters fieldset { border: 0; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1rem; }
.filters legend { float: inline-start; padding: 0; margin-inline-end: .75rem; color: var(--soft); }
.key { display: inline-block; width: .8em; height: .8em; border-radius: 2px; background: var(--solid); }
.keys { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .25rem 0 .75rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(24rem, 1fr)); gap: 1.5rem 2rem; }
figure { margin: 0; min-width: 0; }
figcaption { font-weight: 600; margin-bottom: .5rem; }
.plot { display: flex; align-items: stretch; gap: 8px; height: 9rem; border-bottom: 1px solid var(--soft); }
.plot > span { flex: 1; display: flex; align-items: flex-end; gap: 1px; min-width: 0; }
.plot i { flex: 1; background: var(--solid); border-radius: 2px 2px 0 0; min-height: 0; }
.axis { display: flex; gap: 8px; font-size: .7rem; color: var(--soft); font-variant-numeric: tabular-nums; }
.axis > span { flex: 1; min-width: 0; overflow-wrap: normal; }
.labels { display: grid; grid-template-columns: minmax(5rem, max-content) 1fr; gap: .5rem 1rem; }
.labels > b { font-weight: 600; }
.rows { display: grid; gap: 2px; align-content: center; }
.row { display: flex; align-items: center; gap: .5rem; font-size: .75rem; line-height: 1.1;
  font-variant-numeric: tabular-nums; }
.row i { height: .7rem; min-width: 1px; background: var(--solid); border-radius: 2px; }
.row span { flex: none; color: var(--soft); }
details.kind { border-bottom: 1px solid var(--line); padding: .6rem 0; }
details.kind > summary { cursor: pointer; font-weight: 600; }
details.kind > summary .soft { font-weight: 400; }
ol { margin: .5rem 0; padding: 0; list-style: none; display: block; }
ol.findings > li { padding: .5rem 0 .5rem .9rem; border-inline-start: 3px solid var(--mood); margin: .6rem 0; }
ol.places { display: block; font-size: .9rem; margin: .25rem 0 0; }
ol.places > li { padding: .1rem 0; }
ol.places .where { color: var(--soft); font-size: .8rem; margin-inline-end: .6rem; }
ol.places mark { background: var(--spot); border: 0; border-radius: 3px; padding: .05em .15em; }
:root { --spot: #ffe9a8; }
@media (prefers-color-scheme: dark) { :root { --spot: #5b4a12; } }
.tag { border: 1px solid var(--soft); border-radius: 3px; padding: 0 .3em; font-size: .72rem; margin-inline: .35rem; }
.count { font-variant-numeric: tabular-nums; font-weight: 700; margin-inline-end: .5rem; }
@media (max-width: 40rem) { .figures { grid-template-columns: 1fr; } }
"""
)


def write_page(path: Path, audit: Audit) -> None:
    """Write the page; what is there is replaced when the new page is whole.

    Raises:
        DataError: if the file cannot be written.
    """
    with written(path) as put:
        for piece in _page(audit):
            put(piece)


def _page(audit: Audit) -> Iterator[str]:
    names = [counts.split.name for counts in audit.splits]
    title = f"Audit of {', '.join(names)}"
    yield head(writable(title), _STYLE + _rules(audit))
    yield f"<header><h1>{isolated(title)}</h1>\n"
    if audit.notes:
        notes = "".join(f"<li>{isolated(note)}</li>\n" for note in audit.notes)
        yield f'<details class="soft notes"><summary>What the readers say</summary>\n<ol>{notes}</ol></details>\n'
    yield "</header>\n<main>\n"
    yield f"<h2>What there is</h2>\n{_counts(audit)}"
    yield f"<h2>What was found</h2>\n{_summary(audit)}"
    yield f"<h2>Distributions</h2>\n{_keys(names)}{_distributions(audit.splits)}"
    if any(counts.labels for counts in audit.splits):
        yield f"<h2>Spans of each label</h2>\n{_keys(names)}{_label_bars(audit.splits)}"
    if audit.pairs:
        yield f"<h2>Labels that compete</h2>\n{_pairs(audit)}"
    if audit.findings.kinds:
        yield f"<h2>Findings</h2>\n{_filters(names)}"
        for kind in audit.findings.kinds:
            yield from _kind(audit, kind, names)
    yield f"</main>\n{FOOT}"


def _counts(audit: Audit) -> str:
    header = ("", "documents", "sentences", "tokens", "spans", "in spans", "words", "unseen words")
    rows = [
        (
            isolated(counts.split.name) + (' <span class="soft">to learn from</span>' if counts.split.trains else ""),
            f"{counts.documents:,}",
            f"{counts.sentences:,}",
            f"{counts.tokens:,}",
            f"{counts.spans:,}",
            share(counts.inside, counts.tokens),
            f"{counts.words:,}",
            share(counts.unseen_words, counts.tokens) or "–",
            share(counts.unseen_entities, counts.spans) or "–",
        )
        for counts in audit.splits
    ]
    page = wide("counts", (*header, "unseen entities"), rows)
    for name, coverage in audit.coverage.items():
        page += f'<p class="soft">Vectors on {isolated(name)}: {text_of(str(coverage))}</p>\n'
    return page


def _summary(audit: Audit) -> str:
    if not audit.findings.kinds:
        return "<p>Nothing to complain of.</p>\n"
    rows = [
        (
            f'<label class="{kind.severity}"><input type="checkbox" id="k-{kind.name}" checked> '
            f'<span class="name">{kind.name}</span></label>',
            kind.severity,
            f"{audit.findings.count(kind.name):,} {kind.unit}",
            f"{len(audit.findings.of(kind.name)) + audit.findings.more(kind.name):,}",
            text_of(kind.title),
        )
        for kind in audit.findings.kinds
    ]
    hint = '<p class="soft">Kinds that are ticked are shown below.</p>\n'
    return (
        wide("kinds of findings", ("kind", "severity", "how much", "different", "what it is"), rows, worded=True) + hint
    )


def _keys(names: Sequence[str]) -> str:
    keys = [
        f'<span><span class="key {colour_classes(number)}"></span> {isolated(name)}</span>'
        for number, name in enumerate(names)
    ]
    return f'<p class="keys">{"".join(keys)}</p>\n'


def _distributions(splits: Sequence[Counts]) -> str:
    figures = []
    for name in splits[0].histograms:
        starts = edges(sum((counts.histograms[name] for counts in splits), Counter[int]()))
        heights = [bars(counts.histograms[name], starts) for counts in splits]
        totals = [max(1, sum(count for *_, count in bars_of)) for bars_of in heights]
        tallest = max(
            (count / total for bars_of, total in zip(heights, totals, strict=True) for *_, count in bars_of), default=1
        )
        columns, axis = [], []
        for at, start in enumerate(starts):
            pieces = []
            last = max(bars_of[at][1] for bars_of in heights if bars_of) if at == len(starts) - 1 else None
            for number, (bars_of, total) in enumerate(zip(heights, totals, strict=True)):
                if not bars_of:
                    continue
                low, high, count = bars_of[at]
                between = f"{low:,}" if low == high else f"{low:,} to {high:,}"
                told = f"{writable(splits[number].split.name)}: {count:,} ({count / total:.1%}) with {between}"
                height = 100 * count / total / (tallest or 1)
                pieces.append(
                    f'<i class="{colour_classes(number)}" style="height:{height:.1f}%" title="{text_of(told)}"></i>'
                )
            columns.append(f"<span>{''.join(pieces)}</span>")
            axis.append(f"<span>{start:,}{'+' if last is not None and last > start else ''}</span>")
        figures.append(
            f"<figure><figcaption>{name[0].upper()}{name[1:]}</figcaption>\n"
            f'<div class="plot">{"".join(columns)}</div>\n<div class="axis">{"".join(axis)}</div></figure>\n'
        )
    told = '<p class="soft">Shares of each split; the last bar holds all that is longer.</p>\n'
    return f'<div class="figures">\n{"".join(figures)}</div>\n{told}'


def _label_bars(splits: Sequence[Counts]) -> str:
    totals = sum((counts.labels for counts in splits), Counter[str]())
    most = max(count / counts.spans for counts in splits for count in counts.labels.values())
    items = []
    for label, _ in sorted(totals.items(), key=lambda item: (-item[1], item[0])):
        rows = []
        for number, counts in enumerate(splits):
            part = counts.labels[label] / max(1, counts.spans)
            told = f"{counts.labels[label]:,} · {part:.1%} · {counts.strings[label]:,} different"
            rows.append(
                f'<div class="row"><i class="{colour_classes(number)}" style="width:{70 * part / most:.1f}%"></i>'
                f"<span>{told}</span></div>"
            )
        items.append(f'<b>{isolated(label)}</b><div class="rows">{"".join(rows)}</div>\n')
    return f'<div class="labels">\n{"".join(items)}</div>\n'


def _pairs(audit: Audit) -> str:
    rows = [
        (
            isolated(pair.labels[0]) + " and " + isolated(pair.labels[1]),
            f"{pair.strings:,}",
            f"{pair.spans:,}",
            f"{pair.neighbours:,}",
            isolated(pair.example),
        )
        for pair in audit.pairs[:_PAIRS]
    ]
    header = ("", "strings under both", "their spans of the rarer", "side by side", "such as")
    return wide("labels that compete", header, rows, worded=True)


def _filters(names: Sequence[str]) -> str:
    severities = "".join(
        f'<label class="{severity}"><input type="checkbox" id="v-{severity}" checked> '
        f'<span class="name">{severity}s</span></label>'
        for severity in SEVERITIES
    )
    splits = "".join(
        f'<label><input type="checkbox" id="p-{number}" checked> {isolated(name)}</label>'
        for number, name in enumerate(names)
    )
    return (
        f'<div class="filters"><fieldset><legend>Show</legend>{severities}</fieldset>\n'
        f"<fieldset><legend>in</legend>{splits}</fieldset></div>\n"
    )


def _kind(audit: Audit, kind: Kind, names: Sequence[str]) -> Iterator[str]:
    found = audit.findings.of(kind.name)
    opened = " open" if kind.severity == "error" else ""
    yield (
        f'<details class="kind {kind.severity} k-{kind.name}"{opened}><summary>{text_of(kind.title)} '
        f'<span class="name">{kind.name}</span> <span class="soft">{audit.findings.count(kind.name):,} '
        f'{kind.unit}</span></summary>\n<p>{text_of(kind.advice)}</p>\n<ol class="findings">\n'
    )
    for finding in found[:SHOWN]:
        yield _finding(finding, names)
    rest = len(found) - SHOWN + audit.findings.more(kind.name)
    yield "</ol>\n" + (f'<p class="soft">And {rest:,} more.</p>\n' if rest > 0 else "") + "</details>\n"


def _finding(finding: Finding, names: Sequence[str]) -> str:
    places = "".join(_place(place, names) for place in finding.places)
    rest = finding.count - len(finding.places)
    more = (
        f'<p class="soft">The first {len(finding.places)} places.</p>' if rest > 0 and len(finding.places) > 1 else ""
    )
    return (
        f'<li class="{_group(finding, names)}"><span class="count">{finding.count:,}×</span>{isolated(finding.what)}\n'
        f'<ol class="places">{places}</ol>{more}</li>\n'
    )


def _place(place: Place, names: Sequence[str]) -> str:
    offsets = f"{place.start}–{place.end}" if place.end else ""
    where = " ".join(filter(None, (place.split, place.document, offsets)))
    label = "" if place.label is None else f'<span class="tag">{isolated(place.label)}</span>'
    told = f"{text_of(writable(place.before))}<mark>{text_of(writable(place.text))}</mark>" if place.text else ""
    return (
        f'<li class="p-{names.index(place.split)}"><span class="where">{isolated(where)}</span>'
        f'<bdi lang="">{told}{text_of(writable(place.after))}</bdi>{label}</li>'
    )


def _numbers(finding: Finding, names: Sequence[str]) -> list[int]:
    return sorted({names.index(place.split) for place in finding.places})


def _group(finding: Finding, names: Sequence[str]) -> str:
    """The class of the findings in the same splits."""
    return "in-" + "-".join(map(str, _numbers(finding, names)))


def _rules(audit: Audit) -> str:
    """What each check box hides."""
    names = [counts.split.name for counts in audit.splits]
    kinds = audit.findings.kinds
    rules = [f"body:has(#k-{kind.name}:not(:checked)) .k-{kind.name}" for kind in kinds]
    rules += [f"body:has(#v-{severity}:not(:checked)) details.{severity}" for severity in SEVERITIES]
    rules += [f"body:has(#p-{number}:not(:checked)) li.p-{number}" for number in range(len(names))]
    groups = {tuple(_numbers(finding, names)) for kind in kinds for finding in audit.findings.of(kind.name)[:SHOWN]}
    rules += [
        "body" + "".join(f":has(#p-{number}:not(:checked))" for number in group) + f" li.in-{'-'.join(map(str, group))}"
        for group in sorted(groups)
        if group
    ]
    return "".join(f"{rule} {{ display: none; }}\n" for rule in rules)
