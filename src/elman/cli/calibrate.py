"""``elman calibrate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from elman.cli.options import Format, Json, Labels, RepairOption, Scheme, print_json, say
from elman.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elman.pipelines.calibrating import Calibrated


def calibrate(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Model folder, which is changed.")],
    data: Annotated[Path, typer.Argument(metavar="DATA", help="Labelled file that the model has not learned from.")],
    recall: Annotated[
        float | None, typer.Option(metavar="SHARE", help="Find thresholds for this recall, such as 0.98.")
    ] = None,
    precision: Annotated[
        float | None, typer.Option(metavar="SHARE", help="Find thresholds for this precision, such as 0.95.")
    ] = None,
    label: Annotated[
        list[str] | None,
        typer.Option(metavar="LABEL", help="A threshold for this label alone; may be given several times."),
    ] = None,
    by_label: Annotated[bool, typer.Option("--by-label", help="A threshold for each label.")] = False,
    cap: Annotated[
        int, typer.Option(metavar="N", help="A document with more spans weighs as much as one with N.")
    ] = 10,
    confidence: Annotated[float, typer.Option(metavar="SHARE", help="How sure a precision is to hold.")] = 0.9,
    floor: Annotated[float, typer.Option(metavar="P", help="Spans that are less probable do not count.")] = 0.001,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Leave the model as it is.")] = False,
    json: Json = False,
    format: Format = None,  # noqa: A002  # the option's name
    scheme: Scheme = None,
    labels: Labels = "",
    repair: RepairOption = "conlleval",
) -> None:
    """Make a model's scores probabilities, or find thresholds for a wanted recall or precision.

    Without --recall or --precision, fits the temperature. With one of them, finds the threshold for it, of all labels
    together or of labels one by one, at the temperature that the model has: on other text than the temperature was
    fitted on, or what is promised does not hold. Use them with elman tag --threshold model --overlaps keep.
    """
    from elman.data.labels import parse_map
    from elman.model.folder import read_model
    from elman.model.recalibration import recalibrate
    from elman.model.task_folder import layer_in
    from elman.pipelines.calibrating import calibrate_temperature, calibrate_thresholds
    from elman.runtime.evaluation import read_gold

    wanted = recall is not None or precision is not None
    if not wanted and (label or by_label):
        raise UsageError("thresholds need a --recall or a --precision to be asked for")
    if recall is not None and precision is not None:
        raise UsageError("expected either --recall or --precision, got both")
    if label and by_label:
        raise UsageError("expected either --label or --by-label, got both")
    names = list(read_model(model).manifest.labels) if by_label else label or []
    documents = read_gold(data, format, scheme, repair, layer=layer_in(model))
    renamed = parse_map(labels)
    if wanted:
        found = calibrate_thresholds(
            model,
            documents,
            renamed,
            recall=recall,
            precision=precision,
            only=names,
            cap=cap,
            confidence=confidence,
            floor=floor,
        )
    else:
        found = calibrate_temperature(model, documents, data.name, renamed)
    for line in documents.report.lines():
        say(f"{data.name}: {line}")
    if found.foreign:
        say(f"warning: {found.foreign} gold spans have labels that the model does not know; --map renames labels")
    current = dry_run or recalibrate(model, found.calibration)
    if json:
        print_json(found.to_json())
    else:
        print("\n".join(_lines(found)))
    for note in found.notes:
        say(f"warning: {note}")
    if not current:
        say(f"warning: {model / 'README.md'} is not the card that elman wrote, and stays as it is")
    say(f"{model} is as it was" if dry_run else f"{model} has the new calibration")


def _lines(found: Calibrated) -> Iterator[str]:
    from elman.cli.tables import aligned

    yield f"{found.units:,} {found.unit}s, {found.spans:,} gold spans; temperature {found.temperature:g}"
    yield ""
    if found.fit is not None:
        rows = [("", "temperature", "error before", "error after")]
        rows.append(("all", f"{found.fit.temperature:.3f}", _percent(found.fit.before), _percent(found.fit.after)))
        for name, half in zip(("one half", "the other"), found.halves, strict=False):
            rows.append((f"fitted on {name}", f"{half.temperature:.3f}", _percent(half.before), _percent(half.after)))
        yield from aligned(rows)
        yield ""
        yield (
            "Expected calibration error of the predicted spans in percent, ten bins of equal mass; of a half, on the "
            f"{found.unit}s that the temperature was not fitted on."
        )
        return
    yield from aligned(
        [
            ("threshold", "", "asked for", "recall", "precision", "spans", found.unit + "s"),
            *(
                (
                    of,
                    f"{one.value:g}",
                    f"{one.wanted} {_percent(one.level)}",
                    _percent(one.recall),
                    _percent(one.precision),
                    f"{one.spans:,}",
                    f"{one.units:,}",
                )
                for of, one in found.thresholds.items()
            ),
        ]
    )
    yield ""
    for of, one in found.thresholds.items():
        yield f"Of {of}: {one.guarantee}."
    yield ""
    for name, what in (("keep", "kept"), ("best", "resolved, the most probable first")):
        recall, precision = found.reached[name]
        yield (
            f"With all thresholds of the model, overlapping spans {what}: recall {_percent(recall)}, precision "
            f"{_percent(precision)} here."
        )
    yield f"Expected calibration error of the predicted spans: {_percent(found.reliability.expected_error)}."


def _percent(share: float) -> str:
    return f"{100 * share:.2f}"
