"""The errors as a list that can be filtered: by kind and label with style alone, by words with a short script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elman.cli.page_parts import isolated
from elman.data.formats.html import Look, colour_classes, marked, text_of
from elman.metrics.mistakes import KINDS

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from elman.data.document import Span
    from elman.data.formats.marks import Colours
    from elman.metrics.errors import Ambiguity, Errors, Example, Group, Named

SHOWN = 1000
"""At most so many groups of errors, and strings with several labels, are shown."""

ROOM = 1_200_000
"""Characters that they may take: more makes a page that browsers are slow to open."""

_ELSEWHERE = "which the JSON form of the report has"

STYLE = """\
.filters { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; margin: .75rem 0; padding: .6rem .9rem;
  background: var(--raised); border-radius: 6px; align-items: center; }
.filters fieldset { flex-basis: 100%; border: 0; margin: 0; padding: 0; display: flex; flex-wrap: wrap;
  gap: .25rem 1rem; min-width: 0; }
.filters legend { float: inline-start; padding: 0; margin-inline-end: .75rem; }
.filters label { cursor: pointer; }
.filters select, .filters input[type=search] { font: inherit; color: inherit; background: var(--page);
  border: 1px solid var(--soft); border-radius: 4px; padding: .15rem .3rem; max-width: 100%; }
.filters output { flex-basis: 100%; font-size: .9rem; color: var(--soft); }
ol.groups, ol.places { list-style: none; margin: 0; padding: 0; }
ol.groups > li { padding: .6rem 0; border-bottom: 1px solid var(--line); }
ol.groups p { margin: 0; }
.times { font-weight: 700; font-variant-numeric: tabular-nums; margin-inline-end: .4em; }
.kind { border: 1px solid var(--soft); border-radius: 3px; padding: 0 .35em; font-size: .8rem; margin-inline-end: .4em;
  white-space: nowrap; }
ol.places { font-size: .9rem; margin-top: .3rem; }
ol.places > li { padding: .15rem 0; line-height: 1.9; }
ol.places .where { color: var(--soft); font-size: .8rem; margin-inline-end: .6rem; }
.places mark .chip { margin-inline-start: .4em; vertical-align: .1em; }
.aside { font-size: .85rem; color: var(--soft); }
"""
"""Rules of style for the list."""

SCRIPT = """\
'use strict';
(() => {
  const items = Array.from(document.querySelectorAll('ol.groups > li'));
  const texts = items.map(item => item.textContent.toLowerCase());
  const find = document.getElementById('find'), told = document.getElementById('told');
  const gold = document.getElementById('gold'), predicted = document.getElementById('predicted');
  const show = () => {
    const words = find.value.toLowerCase().split(/\\s+/).filter(Boolean);
    items.forEach((item, at) => { item.hidden = !words.every(word => texts[at].includes(word)); });
    const shown = items.filter(item => item.getClientRects().length);
    const times = shown.reduce((sum, item) => sum + Number(item.dataset.times), 0);
    told.textContent = shown.length + ' different errors shown, ' + times + ' in all';
  };
  document.querySelectorAll('.scripted').forEach(part => { part.hidden = false; });
  document.querySelector('.filters').addEventListener('input', show);
  document.querySelectorAll('a[data-gold]').forEach(link => link.addEventListener('click', () => {
    gold.value = link.dataset.gold;
    predicted.value = link.dataset.predicted;
    find.value = '';
    document.querySelectorAll('.filters input[type=checkbox]').forEach(box => { box.checked = true; });
    show();
  }));
  show();
})();
"""
"""Filters by words, counts what is shown, and lets the confusion of labels choose. Without it the rest works."""


def browser(errors: Errors, colours: Colours, shown: Container[int], strings: int) -> Iterator[str]:
    """The filters and the list.

    Args:
        errors: what to list.
        colours: of the labels.
        shown: the indices of the documents that are on the page, under ``d`` and the index.
        strings: how many strings with several labels are on the page, under ``s`` and the index.
    """
    if not errors.groups:
        yield "<p>None.</p>\n"
        return
    yield _filters(errors)
    numbers: dict[str | None, int] = {name: at for at, name in enumerate(errors.names)}
    numbers[None] = len(numbers)
    linked = {found.text: number for number, found in enumerate(errors.ambiguities[:strings])}
    room, listed = ROOM, 0
    yield '<ol class="groups">\n'
    for group in errors.groups[:SHOWN]:
        piece = _group(group, numbers, colours, shown, linked)
        room -= len(piece)
        if room < 0:
            break
        listed += 1
        yield piece
    yield "</ol>\n"
    if rest := errors.groups[listed:]:
        times = sum(group.times for group in rest)
        yield f'<p class="soft">And {len(rest):,} more, {times:,} errors, {_ELSEWHERE}.</p>\n'


def rules(errors: Errors) -> str:
    """What each filter hides."""
    hide = [f"body:has(#k-{at}:not(:checked)) .groups > .k{at}" for at in range(len(KINDS))]
    for side, letter in (("gold", "g"), ("predicted", "p")):
        hide += [
            f'body:has(#{side} option[value="{at}"]:checked) .groups > :not(.{letter}{at})'
            for at in range(len(errors.names) + 1)
        ]
    return "".join(f"{rule} {{ display: none; }}\n" for rule in hide)


def ambiguities(errors: Errors, colours: Colours, shown: Container[int]) -> list[str]:
    """Strings with several labels, each with its first places, as many as there is room for."""
    room, pieces = ROOM // 3, []
    for number, found in enumerate(errors.ambiguities[:SHOWN]):
        piece = _ambiguity(number, found, colours, shown)
        room -= len(piece)
        if room < 0:
            break
        pieces.append(piece)
    return pieces


def listed_strings(pieces: Sequence[str], errors: Errors) -> Iterator[str]:
    """What ``ambiguities`` gives as a list, and how many more there are."""
    yield f'<ol class="groups-of-strings">\n{"".join(pieces)}</ol>\n'
    if rest := len(errors.ambiguities) - len(pieces):
        yield f'<p class="soft">And {rest:,} more, {_ELSEWHERE}.</p>\n'


def fault(span: Span, kind: str, sign: str, colours: Colours) -> Look:
    """How a span that is missed or wrong is drawn: with a sign and a border, as colour is not enough."""
    score = "" if span.score is None else f", probability {span.score:.1%}"
    classes = f"{colour_classes(colours.number(span.label))} {kind}"
    return Look(f"{sign} {span.label}", f"{kind}: {span.label}{score}", classes)


def _filters(errors: Errors) -> str:
    kinds = errors.kinds
    boxes = "".join(
        f'<label><input type="checkbox" id="k-{at}" autocomplete="off" checked> {kind} '
        f'<span class="soft">{kinds[kind]:,}</span></label>'
        for at, kind in enumerate(KINDS)
    )
    chosen = []
    for side, absent in (("gold", "none (spurious)"), ("predicted", "none (missed)")):
        options = "".join(
            f'<option value="{at}">{text_of(name)}</option>' for at, name in enumerate((*errors.names, absent))
        )
        anything = f'<select id="{side}" autocomplete="off"><option value="">any</option>'
        chosen.append(f"<label>{side} {anything}{options}</select></label>\n")
    return (
        '<div class="filters" role="group" aria-label="filters">'
        f'<fieldset><legend class="soft">Show</legend>{boxes}</fieldset>\n{"".join(chosen)}'
        '<label class="scripted" hidden>find <input type="search" id="find" autocomplete="off"></label>\n'
        '<output id="told" class="scripted" hidden></output></div>\n'
    )


def _group(
    group: Group,
    numbers: dict[str | None, int],
    colours: Colours,
    shown: Container[int],
    linked: dict[str, int],
) -> str:
    gold, predicted = (numbers[side and side.label] for side in (group.gold, group.predicted))
    kind = f"{group.kind}, {group.bounds}" if group.bounds else group.kind
    sides = [_named(side, colours) for side in (group.gold, group.predicted)]
    if group.gold and group.predicted and group.gold.text == group.predicted.text:
        sides[1] = _chip(group.predicted.label, colours)
    texts = dict.fromkeys(side.text for side in (group.gold, group.predicted) if side)
    links = "".join(f' <a class="aside" href="#s{linked[text]}">several labels</a>' for text in texts if text in linked)
    told = " → ".join(sides) if group.gold and group.predicted else sides[0] or sides[1]
    places = "".join(f"<li>{_place(example, colours, shown)}</li>\n" for example in group.examples)
    rest = group.times - len(group.examples)
    more = f'<p class="aside">and {rest:,} more</p>' if rest else ""
    return (
        f'<li class="k{KINDS.index(group.kind)} g{gold} p{predicted}" data-times="{group.times}">'
        f'<p><span class="times">{group.times:,}×</span><span class="kind">{kind}</span>{told}{links}</p>\n'
        f'<ol class="places">{places}</ol>{more}</li>\n'
    )


def _named(side: Named | None, colours: Colours) -> str:
    return "" if side is None else f"“{isolated(_short(side.text))}” {_chip(side.label, colours)}"


def _short(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:119]}…"


def _chip(label: str, colours: Colours) -> str:
    return f'<span class="chip {colour_classes(colours.number(label))}">{text_of(label)}</span>'


def _place(example: Example, colours: Colours, shown: Container[int]) -> str:
    """A snippet with its spans, and where it is from."""
    name = isolated(example.name)
    where = f'<a href="#d{example.document}">{name}</a>' if example.document in shown else name
    spans = (*example.gold, *example.predicted)
    looks = [fault(span, "missed", "−", colours) for span in example.gold]
    looks += [fault(span, "wrong", "✗", colours) for span in example.predicted]
    body = marked(example.text, spans, looks)
    return f'<span class="where">{where}</span><bdi lang="">{body}</bdi>'


def _ambiguity(number: int, found: Ambiguity, colours: Colours, shown: Container[int]) -> str:
    def side(counts: dict[str, int]) -> str:
        return " ".join(f"{_chip(label, colours)} {count:,}×" for label, count in counts.items()) or "nothing"

    places = "".join(f"<li>{_labelled(example, colours, shown)}</li>\n" for example in found.examples)
    return (
        f'<li id="s{number}"><details><summary>“{isolated(_short(found.text))}” '
        f'<span class="aside">gold</span> {side(found.gold)} <span class="aside">predicted</span> '
        f'{side(found.predicted)}</summary>\n<ol class="places">{places}</ol></details></li>\n'
    )


def _labelled(example: Example, colours: Colours, shown: Container[int]) -> str:
    """A snippet with spans that are there, right or wrong."""
    side = "gold" if example.gold else "predicted"
    name = isolated(example.name)
    where = f'<a href="#d{example.document}">{name}</a>' if example.document in shown else name
    spans: Sequence[Span] = (*example.gold, *example.predicted)
    looks = [Look(span.label, f"{side}: {span.label}", colour_classes(colours.number(span.label))) for span in spans]
    body = marked(example.text, spans, looks)
    return f'<span class="where">{where}, {side}</span><bdi lang="">{body}</bdi>'
