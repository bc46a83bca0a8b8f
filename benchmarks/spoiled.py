"""Ten ways to spoil a run, and healthy runs beside them: does the doctor name the cause, and is it silent otherwise?"""

from __future__ import annotations

import argparse
import json
import os
import re
import tempfile
import time
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

import _needs
from elman.errors import TrainingError
from elman.features.vectors import Vectors, read_vectors
from elman.model.atomic import replace_file
from elman.settings import Settings, load
from elman.training.data import Data, Part, load_part
from elman.training.doctor.doctor import Doctor
from elman.training.doctor.facts import Facts, Familiarity, VectorFacts
from elman.training.records import Incident, Step
from elman.training.tagging_session import TaggingSession

if TYPE_CHECKING:
    from collections.abc import Callable


ROOT = Path(os.environ.get("ELMAN_DATA", "../shared/data"))
RESULTS = Path(__file__).with_name("results")

FILES = {"conll2003": ROOT / "conll2003-en" / "train.txt", "wnut17": ROOT / "wnut17" / "wnut17train.conll"}
"""Train, dev and test are drawn from one file, so that no dev set is of another domain but where that is the point."""

FOREIGN = {
    "conll2003": (
        ROOT / "wnut17" / "emerging.dev.conll",
        "person=PER,location=LOC,corporation=ORG,group=ORG,product=MISC,creative-work=MISC",
    ),
    "wnut17": (ROOT / "conll2003-en" / "valid.txt", "PER=person,LOC=location,ORG=corporation,MISC=product"),
}
"""For each set a dev set of another domain, and its labels in the set's own."""

SENTENCES = {"train": 1500, "dev": 400, "test": 400}

BASE = [
    "encoder.hidden=100",
    "encoder.context=50",
    "training.epochs=8",
    "training.threads=1",
]


class Case:
    """One run.

    Args:
        kind: what the doctor has to call it; None of a healthy run.
        overrides: settings.
        data: what is done to the data.
        vectors: what the run's vectors are made of, if it has any.
        session: what is done to the session before its first step.
    """

    def __init__(
        self,
        kind: str | None,
        *overrides: str,
        data: Callable[[Data, str], Data] | None = None,
        vectors: Callable[[Vectors], Vectors] | None = None,
        session: Callable[[TaggingSession], None] | None = None,
    ) -> None:
        self.kind = kind
        self.overrides = overrides
        self.data = data or (lambda whole, _: whole)
        self.vectors = vectors
        self.session = session


def shuffled(whole: Data, _: str) -> Data:
    """Each entity of the training set somewhere else, with the label of some other."""
    rng = np.random.default_rng(1)
    examples = whole.train.examples
    taken = [np.zeros(length, bool) for length in examples.lengths.tolist()]
    rows = []
    for start, end, label in examples.spans[rng.permutation(len(examples.spans)), 1:].tolist():
        while True:
            window = int(rng.integers(len(examples)))
            at = int(rng.integers(max(1, len(taken[window]) - (end - start) + 1)))
            place = taken[window][at : at + end - start]
            if len(place) == end - start and not place.any():
                break
        place[:] = True
        rows.append((window, at, at + end - start, label))
    spans = np.array(rows, np.int32)
    spans[:, 3] = rng.permutation(spans[:, 3])
    return with_spans(whole, spans[np.lexsort((spans[:, 1], spans[:, 0]))], examples.labels)


def one_class(whole: Data, _: str) -> Data:
    """Of the training set's entities only those of the most frequent label."""
    examples = whole.train.examples
    label = int(np.bincount(examples.spans[:, 3]).argmax())
    spans = examples.spans[examples.spans[:, 3] == label].copy()
    spans[:, 3] = 0
    return with_spans(whole, spans, (examples.labels[label],))


def with_spans(whole: Data, spans: np.ndarray[Any, Any], labels: tuple[str, ...]) -> Data:
    """The training set with other entities."""
    part = whole.train
    return replace(whole, train=replace(part, examples=replace(part.examples, spans=spans, labels=labels)))


def leaked(whole: Data, _: str) -> Data:
    """The test set in the training set."""
    assert whole.test is not None
    return replace(whole, train=joined(whole.train, whole.test))


def joined(one: Part, other: Part) -> Part:
    """Two parts of one file as one."""
    a, b = one.examples, other.examples
    spans = b.spans.copy()
    spans[:, 0] += len(a)
    tokens = np.concatenate((a.tokens, b.tokens))
    examples = replace(
        a,
        counts=np.bincount(tokens, minlength=len(a.types)),
        tokens=tokens,
        starts=np.concatenate((a.starts, a.starts[-1] + b.starts[1:])),
        spans=np.concatenate((a.spans, spans)),
        documents=np.concatenate((a.documents, b.documents)),
    )
    return replace(one, examples=examples)


def foreign(whole: Data, name: str) -> Data:
    """The dev set of another data set."""
    path, labels = FOREIGN[name]
    renamed = dict(pair.split("=") for pair in labels.split(","))
    part = load_part(path, Settings().data, labels=renamed, format=None, scheme=None, say=lambda _: None)
    drawn = np.random.default_rng(1).permutation(len(part.examples))[: SENTENCES["dev"]]
    return replace(whole, dev=replace(part, examples=part.examples.select(np.sort(drawn))))


def constant(vectors: Vectors) -> Vectors:
    """Every number the same."""
    return Vectors(vectors.words, np.full_like(vectors.matrix, 0.1))


def with_nan(vectors: Vectors) -> Vectors:
    """One number of a common word is none. A file with one is refused on reading, word and line named."""
    matrix = vectors.matrix.copy()
    matrix[vectors.words.index("the"), 7] = np.nan
    return Vectors(vectors.words, matrix)


def grown(session: TaggingSession) -> None:
    """Recurrent matrices three times as large as they start."""
    with torch.no_grad():
        for name, value in session.network.named_parameters():
            if name.startswith("encode.") and name.endswith("weight_hh"):
                value.mul_(3.0)


RATE = load(None).training.learning_rate
CASES = {
    "healthy, seed 1": Case(None),
    "healthy, seed 2": Case(None, "training.seed=2"),
    "healthy, seed 3": Case(None, "training.seed=3"),
    "healthy, vectors": Case(None, vectors=lambda vectors: vectors),
    "learning rate x 100": Case("step-too-large", f"training.learning_rate={100 * RATE:g}"),
    "learning rate / 100": Case("step-too-small", f"training.learning_rate={RATE / 100:g}"),
    "bad start, no clipping": Case(
        "exploding-gradients", 'encoder.cell="elman"', "training.clip_norm=1e9", session=grown
    ),
    "labels shuffled": Case("labels-shuffled", data=shuffled),
    "one class only": Case("labels-missing", data=one_class),
    "dropout 0.95": Case("dropout-too-high", "encoder.dropout=0.95"),
    "constant vectors": Case("vectors-constant", vectors=constant),
    "NaN in the vectors": Case("vectors-not-finite", vectors=with_nan),
    "test in train": Case("test-in-train", data=leaked),
    "dev of another domain": Case("other-domain", data=foreign),
}


def sets(name: str) -> Data:
    """Train, dev and test: sentences of one file, drawn once for all seeds."""
    part = load_part(FILES[name], Settings().data, labels={}, format=None, scheme=None, say=lambda _: None)
    drawn = np.random.default_rng(1).permutation(len(part.examples))
    parts, at = {}, 0
    for role, count in SENTENCES.items():
        chosen = np.sort(drawn[at : at + count])
        parts[role] = Part(part.examples.select(chosen), f"{role} of {FILES[name].name}", f"{role}-{name}")
        at += count
    return Data(parts["train"], parts["dev"], parts["test"])


def run(case: Case, whole: Data, name: str, vectors: Vectors | None) -> dict[str, Any]:
    """One run: what is known before it, its records, and how it ended."""
    settings = load(None, [*BASE, *case.overrides])
    given = None if case.vectors is None or vectors is None else case.vectors(vectors)
    session = TaggingSession(case.data(whole, name), settings, given, None, torch.device("cpu"), lambda _: None)
    if case.session is not None:
        case.session(session)
    facts = asdict(session.facts())
    began = time.monotonic()
    records: list[dict[str, object]] = []
    dev, ended = 0.0, None
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "model"
        try:
            metrics = session.run(
                place, resume=False, force=True, observers=[lambda record: records.append(record.to_json())]
            )
            dev = metrics["dev"]["micro"]["f1"]
        except TrainingError as error:
            ended = str(error)
    return {
        "facts": facts,
        "records": records,
        "dev_f1": dev,
        "ended": ended,
        "seconds": round(time.monotonic() - began, 1),
    }


def judged(case: Case, course: dict[str, Any]) -> dict[str, Any]:
    """What the doctor says of a run, told its records one by one, as in training."""
    values = course["facts"]
    parts = {
        name: values[name] and kind(**values[name])
        for name, kind in (
            ("dev", Familiarity),
            ("test", Familiarity),
            ("within", Familiarity),
            ("vectors", VectorFacts),
        )
    }
    doctor = Doctor(Facts(**{**values, **parts}), lambda _: None)
    kinds: dict[str, Any] = {"step": Step, "incident": Incident}
    for record in course["records"]:
        if record["record"] in kinds:
            doctor(kinds[record["record"]](**{name: value for name, value in record.items() if name != "record"}))
    findings = [finding.to_json() for finding in doctor.findings()]
    said = [finding["kind"] for finding in findings]
    return {
        "expected": case.kind,
        "found": said,
        "right": not said if case.kind is None else case.kind in said,
        "others": [kind for kind in said if kind != case.kind],
        "dev_f1": course["dev_f1"],
        "ended": course["ended"],
        "seconds": course["seconds"],
        "findings": findings,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", choices=FILES, default="conll2003")
    parser.add_argument("--only", action="append", choices=CASES, help="one case; may be repeated")
    parser.add_argument(
        "--traces",
        type=Path,
        default=Path(tempfile.gettempdir()) / "elman-spoiled",
        help="a folder for the records of the runs; those that are there are judged without training again",
    )
    chosen = parser.parse_args()
    _needs.data(FILES[chosen.data].parent)
    chosen.traces.mkdir(parents=True, exist_ok=True)
    target = RESULTS / f"spoiled-{chosen.data}-{date.today()}.json"
    whole, vectors, read = sets(chosen.data), _needs.vectors(), None
    report = {}
    for name, case in CASES.items():
        trace = chosen.traces / f"{chosen.data}-{re.sub('[^a-z0-9]+', '-', name.lower())}.json"
        if chosen.only and name not in chosen.only:
            continue
        if not trace.exists():
            if case.vectors is not None:
                if vectors is None:
                    print(f"{name}: left out, for want of ELMAN_VECTORS", flush=True)
                    continue
                read = read or read_vectors(vectors)
            replace_file(trace, json.dumps(run(case, whole, chosen.data, read)).encode())
        one = report[name] = judged(case, json.loads(trace.read_bytes()))
        verdict = "right" if one["right"] else "WRONG"
        print(
            f"{name:24} {verdict}  expected {one['expected'] or 'nothing'}, said {', '.join(one['found']) or 'nothing'}"
            f"  (dev F1 {one['dev_f1']:.1%}, {one['seconds']:.0f} s)",
            flush=True,
        )
        RESULTS.mkdir(exist_ok=True)
        target.write_text(json.dumps(report, indent=1) + "\n")
    spoiled = [one for one in report.values() if one["expected"]]
    healthy = [one for one in report.values() if not one["expected"]]
    print(
        f"named: {sum(one['right'] for one in spoiled)} of {len(spoiled)}; "
        f"silent: {sum(one['right'] for one in healthy)} of {len(healthy)} healthy runs"
    )


if __name__ == "__main__":
    main()
