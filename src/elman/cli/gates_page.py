"""Gates and states as one page: a map of tokens and units with a cursor, half-lives, tables; nothing is fetched."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import numpy as np

from elman.cli.gates_script import SCRIPT
from elman.cli.inspect.looking import entity_marks
from elman.cli.page_parts import TABLES, isolated, wide, writable
from elman.data.formats.html import FOOT, colour_classes, head, text_of
from elman.data.formats.marks import Colours
from elman.data.formats.sinks import written
from elman.inspection.anatomy import CELL, HIDDEN
from elman.inspection.gates_table import about, lives, rows, tokens_told

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from elman.inspection.gates import Track, Values
    from elman.inspection.sentences import Sentence

COLUMN = 30
"""Pixels across for a token."""

_STYLE = """\
:root { --raised: #f4f5f7; --cursor: #d55e00; }
@media (prefers-color-scheme: dark) { :root { --raised: #1f2329; --cursor: #ffb26b; } }
body { max-width: 84rem; }
section { min-width: 0; }
.controls { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; padding: .6rem .9rem; margin: 1rem 0 .5rem;
  background: var(--raised); border-radius: 6px; }
.controls select { font: inherit; color: inherit; background: var(--page); border: 1px solid var(--soft);
  border-radius: 4px; padding: .15rem .3rem; max-width: 100%; }
:focus-visible { outline: 2px solid var(--cursor); outline-offset: 2px; }
.sheet { overflow-x: auto; padding-bottom: .5rem; }
.sheet > div { display: grid; grid-template-columns: 64px max-content; width: max-content; }
.above { display: grid; align-items: end; }
.entity { grid-row: 1; padding: 0 1px; }
.above .chip { display: block; writing-mode: vertical-rl; transform: rotate(180deg); margin: 0 auto;
  padding: .35em .15em; border-radius: 3px; }
.bar { height: 4px; background: var(--solid); margin: 3px 0; }
.word { grid-row: 2; writing-mode: vertical-rl; transform: rotate(180deg); font-size: .85rem; line-height: 30px;
  max-height: 9rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; padding-top: 4px; }
.side { position: sticky; inset-inline-start: 0; background: var(--page); z-index: 1; font-size: .7rem;
  color: var(--soft); line-height: 1.2; align-self: end; padding: 0 4px 4px 0; }
.side canvas { display: block; }
#map { position: relative; cursor: crosshair; touch-action: pan-x pan-y; }
#map canvas { display: block; }
#cursor { position: absolute; border: 2px solid var(--cursor); box-shadow: 0 0 0 1px var(--page);
  pointer-events: none; }
#told { display: block; min-height: 3em; font-variant-numeric: tabular-nums; }
.scale { display: flex; gap: .5rem; align-items: center; font-size: .8rem; font-variant-numeric: tabular-nums; }
@media (max-width: 40rem) {
  .wide th:first-child { white-space: normal; overflow-wrap: break-word; max-width: 8rem; }
}
.scale canvas { border: 1px solid var(--line); }
"""


def write_page(path: Path, model: str, sentence: Sentence, tracks: Sequence[Track], chosen: Track, name: str) -> None:
    """Write the page.

    Args:
        path: the file; what is there is replaced when the new page is whole.
        model: what the model is called.
        sentence: what was read.
        tracks: of all layers and directions.
        chosen: the one that is shown first.
        name: the gate or state that is shown first.

    Raises:
        DataError: if the file cannot be written.
    """
    with written(path) as put:
        for piece in _page(model, sentence, tracks, chosen, name):
            put(writable(piece))


def _page(model: str, sentence: Sentence, tracks: Sequence[Track], chosen: Track, name: str) -> Iterator[str]:
    title = f"Gates of {model}"
    colours = Colours()
    yield head(writable(title), TABLES + _STYLE, SCRIPT)
    yield f'<header><h1>{isolated(title)}</h1>\n<p class="text" dir="auto" lang="">'
    yield f"{entity_marks(sentence, colours)}</p></header>\n<main>\n"
    yield '<section aria-labelledby="h-map"><h2 id="h-map">Tokens and units</h2>\n'
    yield "<noscript><p>The map is drawn by a script; the tables below need none.</p></noscript>\n"
    yield _controls(tracks, chosen, name)
    yield _sheet(sentence, colours)
    yield '<output id="told" for="map"></output>\n'
    yield (
        '<p class="scale"><span id="low"></span><canvas id="scale" width="160" height="12" aria-hidden="true"></canvas>'
        '<span id="high"></span></p>\n<p class="soft" id="about"></p></section>\n'
    )
    yield '<section aria-labelledby="h-lives"><h2 id="h-lives">How long a fact stays</h2>\n'
    yield from _lives(tracks)
    yield "</section>\n"
    for track in tracks:
        yield f"<section><h2>{track.name}: means over {track.units} units</h2>\n"
        header, *lines = rows(track, sentence)
        yield wide(
            f"means of {track.name}",
            [text_of(cell) for cell in header],
            [[isolated(row[0]), isolated(row[1]), *row[2:]] for row in lines],
        )
        yield '<p class="soft">Of gates the mean, of states the mean of the sizes without sign.</p></section>\n'
    numbers = json.dumps(_data(sentence, tracks), separators=(",", ":"))
    yield f'</main>\n<div id="data" hidden>{text_of(numbers)}</div>\n'
    yield f"<script>{SCRIPT}</script>\n{FOOT}"


def _controls(tracks: Sequence[Track], chosen: Track, name: str) -> str:
    def select(key: str, label: str, options: Sequence[tuple[str, str]], first: str) -> str:
        inner = "".join(
            f'<option value="{value}"{" selected" * (value == first)}>{text_of(told)}</option>'
            for value, told in options
        )
        return f'<label>{label} <select id="{key}" autocomplete="off">{inner}</select></label>\n'

    cells = [(str(at), track.name) for at, track in enumerate(tracks)]
    values = [(key, key) for key in chosen.values]
    orders = [("life", "half-life"), ("activity", "activity"), ("unit", "number")]
    if lives(chosen) is None:
        orders = orders[1:]
    return (
        '<div class="controls" role="group" aria-label="what is shown">'
        + select("track", "cell", cells, str(next(at for at, track in enumerate(tracks) if track is chosen)))
        + select("value", "shown", values, name)
        + select("order", "units by", orders, orders[0][0])
        + "</div>\n"
    )


def _sheet(sentence: Sentence, colours: Colours) -> str:
    marks = "".join(
        f'<div class="entity {colour_classes(colours.number(one.label))}" '
        f'style="grid-column:{one.first + 1}/{one.stop + 1}" title="{text_of(one.label)}, {one.score:.1%}">'
        f'<span class="chip" data-label="{text_of(one.label)}"></span><div class="bar"></div></div>'
        for one in sentence.entities
    )
    words = "".join(
        f'<div class="word" style="grid-column:{at}" lang="">{isolated(word)}</div>'
        for at, word in enumerate(sentence.words, 1)
    )
    columns = f"grid-template-columns:repeat({len(sentence.words)},{COLUMN}px)"
    return (
        '<div class="sheet" role="region" aria-label="map"><div>'
        f'<div class="side" id="axis"></div><div class="above" style="{columns}">{marks}{words}</div>'
        '<div class="side"><canvas id="lives" aria-hidden="true"></canvas></div>'
        '<div id="map" tabindex="0" role="group" aria-roledescription="heat map" aria-describedby="told" '
        'aria-label="tokens across, units down; the arrow keys move, Home and End go to the first and last token">'
        '<canvas></canvas><div id="cursor" hidden></div></div></div></div>\n'
    )


def _lives(tracks: Sequence[Track]) -> Iterator[str]:
    table = []
    for track in tracks:
        spread = lives(track)
        told = ["-"] * 3 if spread is None else [tokens_told(life) for life in spread]
        highest = "-" if spread is None or track.half_life is None else tokens_told(float(track.half_life.max()))
        table.append((track.name, track.retains or "none", *told, highest))
    header = ("", "gate that keeps", "a quarter up to", "half up to", "three quarters up to", "the longest")
    yield wide("half-lives", header, table)
    yield (
        '<p class="soft">Half-life of a unit: the number of tokens after which half of what was in it is gone, at the '
        "rate at which the product of the gate that keeps goes down from the second token read to the last.</p>\n"
    )


def _data(sentence: Sentence, tracks: Sequence[Track]) -> dict[str, object]:
    """What the script draws: numbers only, in 16 bits each between a map's lowest and highest."""
    return {
        "tokens": len(sentence.words),
        "column": COLUMN,
        "tracks": [
            {
                "units": track.units,
                "lives": None
                if lives(track) is None or track.half_life is None
                else [float(f"{life:.4g}") for life in track.half_life.tolist()],
                "values": {name: _packed(name, value) for name, value in track.values.items()},
                "about": {name: about(name) for name in track.values},
            }
            for track in tracks
        ],
    }


def _packed(name: str, values: Values) -> dict[str, object]:
    signed = name in (HIDDEN, CELL)
    high = float(f"{np.abs(values).max() or 1.0:.3g}") * 1.005 if signed else 1.0
    low = -high if signed else 0.0
    steps = np.round((values.astype(np.float64) - low) / (high - low) * 65535).clip(0, 65535).astype("<u2")
    return {"low": low, "high": high, "signed": signed, "data": base64.b64encode(steps.tobytes()).decode()}
