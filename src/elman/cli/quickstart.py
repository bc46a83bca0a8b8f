"""``elman quickstart``."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from elman.cli.options import say
from elman.cli.report import report_form
from elman.errors import UsageError

SENTENCE = "When Sebastian Thrun started at Google in 2007, few people outside of the company took him seriously."
"""What the new model is tried on; no name in it occurs in the corpus."""

MARK = "quickstart.json"
"""The file that says that a model folder is the quickstart's own, and may be replaced by it."""

MANIFEST = "model.json"
_TITLE = "Elman quickstart"


def quickstart(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Model folder to write.")] = Path("model"),
    report: Annotated[Path, typer.Option(metavar="FILE.html", help="Page to write.")] = Path("report.html"),
) -> None:
    """Train a first model on the corpus inside the package, judge it, tag a sentence, write a report."""
    import elman
    from elman.cli.report import write_report
    from elman.cli.terminal import painted
    from elman.data.formats.marks import Colours
    from elman.extras import needs
    from elman.metrics.assessment import Curve, assess
    from elman.metrics.breakdown import KINDS, breakdown
    from elman.metrics.comparison import compare
    from elman.metrics.report import render_text
    from elman.metrics.score import score
    from elman.runtime.evaluation import judge
    from elman.runtime.tagger import load

    with needs("train", "training"):
        from elman.training.records import Evaluation, Record
        from elman.training.watch import Console
    began = time.monotonic()
    _check_targets(out, report)
    corpus = Path(elman.__file__).with_name("corpus")
    train, dev, test = (corpus / f"{part}.jsonl" for part in ("train", "dev", "test"))
    vectors = corpus / "vectors.safetensors"
    say("1. Training a tagger on the corpus inside the package")
    learned: list[tuple[float, float]] = []

    def remember(record: Record) -> None:
        if isinstance(record, Evaluation):
            learned.append((record.epoch, record.figure.value))

    try:
        with closing(Console()) as console:
            elman.train(
                train,
                dev,
                out=out,
                vectors=vectors if vectors.exists() else None,
                force=True,
                observers=[console, remember],
                say=say,
            )
    finally:
        # An interrupted training leaves a model too, which is no less the quickstart's own.
        if (out / MANIFEST).exists():
            mark = {"schema": "elman.quickstart/1", "model": _digest(out)}
            (out / MARK).write_text(json.dumps(mark) + "\n")
    trained = time.monotonic()
    say(f"   {trained - began:.0f} s; the model is the folder {out}")

    say("2. Judging it on the part of the corpus that it has not seen\n")
    tagger = load(out)
    pairs = list(judge(tagger, elman.read(test)))
    result = score(compare(pairs))
    print(render_text(result), flush=True)

    say("3. Tagging a sentence\n")
    tried = tagger(SENTENCE)
    print(painted(tried, Colours(), colour=sys.stdout.isatty()) + "\n", flush=True)

    sizes = [sum(1 for _ in elman.read(part)) for part in (train, dev)]
    seconds = time.monotonic() - began
    facts = [
        f"Trained on {sizes[0]} documents, the weights chosen by {sizes[1]}, scored on {len(pairs)} others.",
        f"Training took {trained - began:.0f} seconds, everything {seconds:.0f}.",
    ]
    known = list(elman.read(train))
    assessment = assess(
        pairs,
        title=_TITLE,
        facts=facts,
        result=result,
        curve=Curve(across="epoch", lines={"F1 on what chose the weights": learned}),
        breakdowns={by: breakdown(pairs, by, known) for by in KINDS},
    )
    write_report(report, assessment, tried=tried)
    say(f"4. The scores, and every error, are in {report}")
    say(f'Go on with: elman tag --model {out} --text "..."')


def _digest(model: Path) -> str:
    return hashlib.sha256((model / MANIFEST).read_bytes()).hexdigest()


def _is_own(folder: Path) -> bool:
    """Whether a quickstart wrote the model in a folder; another training may have replaced it since."""
    try:
        return bool(json.loads((folder / MARK).read_text())["model"] == _digest(folder))
    except (OSError, ValueError, LookupError, TypeError):
        return False


def _check_targets(out: Path, report: Path) -> None:
    """Replace nothing that the quickstart has not made."""
    if report_form(report) != "html":
        raise UsageError(f"{report}: the quickstart's report is a page; give --report a name in .html")
    if out.exists() and not _is_own(out):
        raise UsageError(f"{out} is there, and not from a quickstart before; give --out another folder")
    if report.exists() and f"<title>{_TITLE}</title>" not in report.read_text("utf-8", "replace")[:2000]:
        raise UsageError(f"{report} is there, and not from a quickstart before; give --report another file")
