"""What a label rests on as one page: arcs over the sentence, and a table with the effect of erasing each token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elman.cli.page_parts import TABLES, isolated, wide, writable
from elman.data.formats.html import FOOT, head, text_of
from elman.data.formats.sinks import written
from elman.inspection.attribution_table import rows, signed, summary

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from elman.inspection.attribution_table import Story

_COLUMN, _STROKE, _LONGEST = 34, 7, 16
_FAINT = 0.02

_STYLE = """\
:root { --for: #0072b2; --against: #b34700; --own: #e8eaed; }
@media (prefers-color-scheme: dark) { :root { --for: #56b4e9; --against: #f0a04b; --own: #2b3037; } }
body { max-width: 72rem; }
section { min-width: 0; }
.arcs { overflow-x: auto; }
.arcs svg { display: block; font: 14px system-ui, sans-serif; fill: var(--ink); }
.arcs :focus-visible, .arcs:focus-visible { outline: 2px solid var(--soft); outline-offset: 2px; }
.arcs .for, .key .for { stroke: var(--for); fill: none; }
.arcs .against, .key .against { stroke: var(--against); fill: none; stroke-dasharray: 6 4; }
.arcs g:hover path, .arcs g:focus path { stroke-opacity: 1; }
.arcs g:hover text, .arcs g:focus text { font-weight: 700; }
.arcs text { unicode-bidi: plaintext; }
.arcs .own { font-weight: 700; }
.arcs .box { fill: var(--own); }
.arcs .ground { stroke: var(--soft); }
.key { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; font-size: .9rem; }
.key svg { width: 34px; height: 8px; vertical-align: middle; }
.effect { display: inline-grid; grid-template-columns: 1fr 1fr; width: 8rem; height: .8rem; vertical-align: middle;
  background: linear-gradient(var(--soft), var(--soft)) center / 1px 100% no-repeat; }
.effect i { height: 100%; }
.effect .down { background: var(--for); justify-self: end; grid-column: 1; }
.effect .up { background: repeating-linear-gradient(45deg, var(--against) 0 4px, transparent 4px 6px);
  grid-column: 2; }
@media (max-width: 40rem) {
  .wide th:first-child { white-space: normal; overflow-wrap: break-word; max-width: 8rem; }
}
td b { font-weight: 700; }
tr:has(.mine) th { background: var(--own); }
"""


def write_page(path: Path, model: str, story: Story) -> None:
    """Write the page.

    Args:
        path: the file; what is there is replaced when the new page is whole.
        model: what the model is called.
        story: what to tell.

    Raises:
        DataError: if the file cannot be written.
    """
    with written(path) as put:
        for piece in _page(model, story):
            put(writable(piece))


def _page(model: str, story: Story) -> Iterator[str]:
    title = f"What {story.title} rests on"
    yield head(writable(title), TABLES + _STYLE)
    yield f"<header><h1>{isolated(title)}</h1>\n"
    yield from (f'<p class="soft">{isolated(line)}</p>\n' for line in [f"model {model}", *list(summary(story))[1:]])
    yield "</header>\n<main>\n"
    yield '<section aria-labelledby="h-arcs"><h2 id="h-arcs">Over the sentence</h2>\n'
    yield _key()
    yield f'<div class="arcs" tabindex="0" role="region" aria-label="arcs">{_arcs(story)}</div>\n'
    yield (
        '<p class="soft">The larger a token\'s share of the log-probability (integrated gradients), the thicker its '
        f"arc. Shares below {_FAINT:.0%} of the largest have no arc.</p></section>\n"
    )
    yield '<section aria-labelledby="h-tokens"><h2 id="h-tokens">Token by token</h2>\n'
    yield _table(story)
    yield (
        '<p class="soft">Erased: the probability of the label if in the place of this token alone stands a word of '
        "which nothing is known. Shares divide up what all tokens do together, so the two need not agree: of two "
        "tokens that say the same, each has a share, and neither is missed.</p></section>\n"
    )
    yield f"</main>\n{FOOT}"


def _key() -> str:
    def sample(kind: str) -> str:
        return f'<svg viewBox="0 0 34 8" aria-hidden="true"><path class="{kind}" stroke-width="4" d="M0 4H34"/></svg>'

    pairs = (("for", "speaks for it"), ("against", "speaks against it"))
    return f'<p class="key">{"".join(f"<span>{sample(kind)} {told}</span>" for kind, told in pairs)}</p>\n'


def _arcs(story: Story) -> str:
    target, words = story.found.target, story.sentence.words
    shares = story.found.shares.tolist()
    most = max(map(abs, shares)) or 1.0
    centre = (target.first + target.stop) / 2 * _COLUMN
    places = [(at + 0.5) * _COLUMN for at in range(len(words))]
    drawn = [at for at, share in enumerate(shares) if abs(share) >= _FAINT * most]
    far = max((abs(places[at] - centre) for at in drawn), default=_COLUMN)
    ground = min(260.0, far / 2 + _STROKE) + _STROKE
    sizes = [7.5 * min(len(word), _LONGEST) * 0.71 for word in words]  # of a slanted word, about
    left = max(10.0, *(size - place for size, place in zip(sizes, places, strict=True)))
    across, high = left + len(words) * _COLUMN + 10, ground + max(sizes) + 28
    extent = f'x="{target.first * _COLUMN}" width="{(target.stop - target.first) * _COLUMN}"'
    box = f'<rect class="box" y="0" {extent} height="{ground:.0f}"/>'
    pieces = [box, f'<path class="ground" d="M0 {ground:.0f}H{len(words) * _COLUMN}"/>']
    for at, (word, share, place) in enumerate(zip(words, shares, places, strict=True)):
        own = target.first <= at < target.stop
        shown = word if len(word) <= _LONGEST else f"{word[: _LONGEST - 1]}…"
        text = (
            f'<text{" class=" + chr(34) + "own" + chr(34) if own else ""} text-anchor="end" '
            f'transform="translate({place + 4:.0f} {ground + 16:.0f}) rotate(-45)">{text_of(shown)}</text>'
        )
        if own:
            pieces.append(text)
            continue
        told = f"{word}: {signed(share, 3)} nats; erased {story.found.erased[at]:.4f}"
        path = ""
        if at in drawn:
            radius, rise = abs(place - centre) / 2, min(abs(place - centre) / 2, ground - _STROKE)
            part = abs(share) / most
            path = (
                f'<path class="{"for" if share > 0 else "against"}" stroke-width="{1 + (_STROKE - 1) * part:.1f}" '
                f'stroke-opacity="{0.35 + 0.6 * part:.2f}" d="M{min(place, centre):.1f} {ground:.1f}'
                f'a{radius:.1f} {rise:.1f} 0 0 1 {2 * radius:.1f} 0"/>'
            )
        pieces.append(f'<g role="img" aria-label="{text_of(told)}"><title>{text_of(told)}</title>{path}{text}</g>')
    return (
        f'<svg width="{across:.0f}" height="{high:.0f}" viewBox="{-left:.0f} 0 {across:.0f} {high:.0f}" role="group" '
        f'aria-label="arcs from the label to the tokens">{"".join(pieces)}</svg>'
    )


def _table(story: Story) -> str:
    header, *lines = rows(story)
    most = max(map(abs, story.effects)) or 1.0
    body = []
    for at, (row, effect) in enumerate(zip(lines, story.effects, strict=True)):
        own = story.found.target.first <= at < story.found.target.stop
        kind = "down" if effect < 0 else "up"
        size = f"width:{100 * abs(effect) / most:.0f}%"
        bar = f'<span class="effect" aria-hidden="true"><i class="{kind}" style="{size}"></i></span>'
        share = f'<b class="mine">{row[1]}</b>' if own else row[1]
        body.append((isolated(row[0]), share, row[2], row[3], bar))
    return wide("tokens", (*map(text_of, header), ""), body)
