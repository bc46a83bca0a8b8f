"""``elman inspect gradients``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from elman.cli.options import Format, Json, Labels, Scheme, print_json, say
from elman.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from elman.inspection.examination import Examination, LaneFindings

SHOWN = (0, 1, 2, 3, 5, 8, 12, 20, 30, 50, 80)
"""The distances that the table has, as far as sentences are long enough."""


def gradients(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Folder of a trained tagger.", show_default=False)],
    data: Annotated[Path, typer.Argument(metavar="DATA", help="Labelled file.", show_default=False)],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.png", help="Draw the norms by distance (.png or .svg).")
    ] = None,
    sentences: Annotated[int, typer.Option(min=1, metavar="N", help="Look at N sentences drawn from DATA.")] = 200,
    depth: Annotated[
        int,
        typer.Option(
            min=0,
            metavar="N",
            help="Also train fully connected nets of N layers on the same words, and show how their layers learn.",
        ),
    ] = 0,
    seed: Annotated[int, typer.Option(metavar="N", help="Of what is drawn.")] = 1,
    json: Json = False,
    format: Format = None,  # noqa: A002  # the option's name
    scheme: Scheme = None,
    labels: Labels = "",
) -> None:
    """Show how far back a network's gradients reach, and what stops them.

    For the loss of one step: the norm of its gradient with respect to the hidden state k steps back, in each layer
    and direction, and the rate at which it vanishes or explodes. Beside it the singular values of the steps'
    Jacobians, saturated gates, dead units, and for each parameter the norms of weight and gradient.
    """
    from elman.data.labels import Relabelling, parse_map
    from elman.extras import needs
    from elman.runtime.evaluation import read_gold
    from elman.tasks.tagging import prepare

    with needs("train", "inspection"):
        from elman.inspection.depth import train_by_depth
        from elman.inspection.examination import examine
        from elman.inspection.gradient_pictures import draw_distances
        from elman.training.reopening import reopen

    network, task, _, folder = reopen(model)
    reading = read_gold(data, format, scheme, layer=folder.manifest.layer)
    examples = prepare(Relabelling(parse_map(labels))(reading), layer=folder.manifest.layer)
    for line in reading.report.lines():
        say(f"{data.name}: {line}")
    if not len(examples):
        raise UsageError(f"expected labelled sentences to look at, got none in {data}; give a file that has some")
    found = examine(network, task, examples, sentences=sentences, seed=seed)
    if out is not None:
        lines = {f"{lane.name} ({lane.kind})": lane.gradient for lane in found.lanes}
        draw_distances(lines, out, f"How far back a step's loss reaches: {model.name}")
        say(f"written: {out}")
    nets = train_by_depth(network, task, examples, depth, seed=seed) if depth else ()
    updates = folder.metrics.get("training", {}).get("updates")
    if json:
        print_json({**found.to_json(), "updates": updates, "depth": [net.to_json() for net in nets]})
        return
    print("\n".join([*_page(found), *_updates(updates)]))
    for net in nets:
        print()
        print("\n".join(net.lines()))


def _page(found: Examination) -> Iterator[str]:
    """What a person reads."""
    yield (
        f"{found.sentences} sentences, {found.tokens:,} tokens; the losses of {found.pairs:,} steps t, each the "
        "cross-entropy of that step alone, differentiated by the hidden state h k steps back in the order of reading"
    )
    for lane in found.lanes:
        yield ""
        yield from _lane(lane)
    yield ""
    width = max(len(one.name) for one in found.parameters)
    yield f"{'parameter':{width}}  {'weight norm':>11}  {'gradient norm, per token':>24}"
    for one in found.parameters:
        yield f"{one.name:{width}}  {one.weight:>11.4g}  {one.gradient:>24.3g}"


def _updates(updates: Mapping[str, Any] | None) -> Iterator[str]:
    """What the model's metrics say of its training; older models say nothing."""
    if updates is not None and updates["clipped"] is not None:
        yield ""
        parts = ", ".join(f"{part} {ratio:.2%}" for part, ratio in updates["update_ratios"].items())
        yield f"in training {updates['clipped']:.1%} of the updates were clipped" + (
            f"; an update beside the weights, median: {parts}" if parts else ""
        )


def _lane(lane: LaneFindings) -> Iterator[str]:
    """One layer and direction."""
    gradient = lane.gradient
    shown = [k for k in SHOWN if k < len(gradient.mean)]
    yield f"{lane.name} ({lane.kind}, {lane.units} units)"
    yield "  steps back    " + "".join(f"{k:>9}" for k in shown)
    yield "  gradient norm " + "".join(f"{gradient.mean[k]:>9.2g}" for k in shown)
    if gradient.fit is not None:
        reach = gradient.reach()
        falls = "" if reach is None else f"; below 1 % of its start after {reach} steps"
        yield f"  decay         {gradient.fit}{falls}"
    for name, values in (("dh_t/dh_(t-1)", lane.hidden), ("whole state", lane.whole)):
        if values is not None:
            yield (
                f"  {name:13} singular values: largest {values.largest:.3g} (at most {values.most:.3g}), "
                f"median {values.median:.3g}, over {values.steps} steps"
            )
    for name, shares in lane.gates.items():
        yield f"  {name + ' gate':13} {shares['shut']:.1%} of its values shut, {shares['open']:.1%} open"
    yield f"  dead units    {lane.dead} of {lane.units}"
