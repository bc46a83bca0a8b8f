"""The audit: each document of each split goes through all checks once, and is forgotten."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elman.data.document import ENTITIES
from elman.data.formats import read
from elman.data.labels import Relabelling
from elman.errors import UsageError
from elman.pipelines.audit.counts import Counts
from elman.pipelines.audit.duplicates import Duplicates
from elman.pipelines.audit.encoding import check_encoding
from elman.pipelines.audit.findings import Findings
from elman.pipelines.audit.labels import Labels
from elman.pipelines.audit.mentions import Mentions, Pair
from elman.pipelines.audit.reading import check_report
from elman.pipelines.audit.script import Scripts
from elman.pipelines.audit.sentences import Sentences
from elman.pipelines.audit.spans import check_size, check_spans
from elman.pipelines.audit.unit import Split, Unit
from elman.pipelines.audit.words import Words
from elman.text.segment import WINDOW

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from elman.data.document import Document
    from elman.data.formats.files import Reject
    from elman.data.formats.format import Reading
    from elman.data.schemes import Repair
    from elman.features.vectors import Coverage, Vectors

SCHEMA = "elman.audit/1"

RARE = 50
"""A label of fewer spans to learn from is rare."""


@dataclass
class Audit:
    """What was found.

    Attributes:
        splits: how much each of them has.
        findings: by kind.
        pairs: labels that compete.
        coverage: of each split by the vectors, if there are any.
        languages: scripts and languages of the documents, and how many have none that can be told.
        notes: what the readers say, a line each.
        layer: of the spans.
    """

    splits: list[Counts]
    findings: Findings
    pairs: list[Pair]
    coverage: dict[str, Coverage] = field(default_factory=dict)
    languages: Mapping[str, object] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    layer: str = ENTITIES

    def failed(self, kinds: Iterable[str]) -> list[str]:
        """Those of the kinds of which something was found, in the order in which they are reported."""
        wanted = set(kinds)
        return [kind.name for kind in self.findings.kinds if kind.name in wanted]

    def to_json(self) -> dict[str, Any]:
        """All of it, in JSON's types."""
        return {
            "schema": SCHEMA,
            "layer": self.layer,
            "splits": [counts.to_json() for counts in self.splits],
            "kinds": self.findings.to_json(),
            "competing_labels": [pair.to_json() for pair in self.pairs],
            "vectors": {
                name: {
                    unit: {"exact": share.exact, "fallback": share.fallback, "missing": share.missing}
                    for unit, share in (("types", coverage.types), ("tokens", coverage.tokens))
                }
                for name, coverage in self.coverage.items()
            },
            "languages": dict(self.languages),
            "notes": self.notes,
        }


def audit(
    splits: Mapping[str, Iterable[Document]],
    *,
    trains: Sequence[str] = (),
    layer: str = ENTITIES,
    vectors: Vectors | None = None,
    rare: int = RARE,
    longest: int = WINDOW,
    examples: int = 10,
) -> Audit:
    """Audit documents.

    Args:
        splits: the documents of each split, by its name.
        trains: the names of those that a model learns from; by default as ``training_names`` says.
        layer: of the spans.
        vectors: word vectors, to see which words they lack.
        rare: a label of fewer spans to learn from is rare.
        longest: a sentence of more tokens is too long.
        examples: how many places are held on to of each finding.

    Raises:
        UsageError: if there is no split, or one to learn from is not there.
    """
    if not splits:
        raise UsageError("expected at least one data set to audit, got none")
    unknown = set(trains) - set(splits)
    if unknown:
        raise UsageError(f"there is no data set {', '.join(sorted(unknown))}; there are {', '.join(splits)}")
    learned = set(trains) or training_names(list(splits))
    auditor = _Auditor(layer, longest, examples)
    for number, (name, documents) in enumerate(splits.items()):
        auditor.read(Split(name, number, name in learned), documents)
    return auditor.finish(vectors, rare)


def audit_files(
    paths: Sequence[Path | str],
    *,
    format: str | None = None,  # noqa: A002
    encoding: str = "utf-8",
    labels: Mapping[str, str] | None = None,
    scheme: str | None = None,
    repair: Repair = "conlleval",
    **settings: Any,
) -> Audit:
    """Audit labelled files, each a split; a bad record is a finding and stops nothing.

    Args:
        paths: files or folders.
        format: theirs, or None to find it out.
        encoding: theirs.
        labels: new names for labels, an empty one to leave a label out.
        scheme: their tags', or None to find it out.
        repair: what happens to an invalid tag, if the format has tags; how many there are is a finding.
        settings: as for ``audit``.

    Raises:
        DataError: if a file cannot be read at all.
        UsageError: if there is no such format, or as ``audit`` says.
    """
    names = names_of(paths)
    rejects: dict[str, list[Reject]] = {name: [] for name in names}
    readings = {
        name: _open(path, format, encoding, scheme, repair, rejects[name])
        for name, path in zip(names, paths, strict=True)
    }
    renamed = {name: Relabelling(labels or {}) for name in names}
    found = audit({name: renamed[name](reading) for name, reading in readings.items()}, **settings)
    for counts in found.splits:
        name = counts.split.name
        report = readings[name].report
        check_report(report, rejects[name], counts.split, found.findings)
        found.notes += [f"{name}: {line}" for line in report.lines()]
    seen = sum((each.seen for each in renamed.values()), Counter[str]())
    found.notes += [
        f"no span has the label {label}, which was to be renamed" for label in labels or {} if not seen[label]
    ]
    return found


def _open(
    path: Path | str,
    format: str | None,  # noqa: A002
    encoding: str,
    scheme: str | None,
    repair: Repair,
    rejects: list[Reject],
) -> Reading:
    options: dict[str, object] = {"scheme": scheme} if scheme else {}
    defaults = {"repair": repair}
    return read(path, format, encoding=encoding, rejects=rejects.append, defaults=defaults, **options)


def training_names(names: Sequence[str]) -> set[str]:
    """Which data sets a model learns from: those with ``train`` in their name, or else the first."""
    named = {name for name in names if "train" in Path(name).name.lower()}
    return named or set(names[:1])


def names_of(paths: Sequence[Path | str]) -> list[str]:
    """A name for each file: its own, with as much of its path as tells it from the others.

    Raises:
        UsageError: if a file is given twice.
    """
    parts = [Path(path).parts or (str(path),) for path in paths]
    if len(set(parts)) < len(parts):
        raise UsageError(f"expected each file once, got {', '.join(str(path) for path in paths)}")
    depth = 1
    while len({part[-depth:] for part in parts}) < len(parts):
        depth += 1
    return ["/".join(part[-depth:]) for part in parts]


class _Auditor:
    """The checks, while documents pass."""

    def __init__(self, layer: str, longest: int, examples: int) -> None:
        self.layer = layer
        self.longest = longest
        self.splits: list[Counts] = []
        self.findings = Findings(examples)
        self.labels = Labels()
        self.mentions = Mentions()
        self.duplicates = Duplicates()
        self.sentences = Sentences()
        self.scripts = Scripts()
        self.words = Words()
        self.others: Counter[str] = Counter()

    def read(self, split: Split, documents: Iterable[Document]) -> None:
        """Take in the documents of a split."""
        counts = Counts(split)
        self.splits.append(counts)
        for number, document in enumerate(documents, 1):
            unit = Unit(split, number, document, self.layer)
            if len(unit.spans) < len(document.spans):
                self.others.update(span.layer for span in document.spans if span.layer != self.layer)
            counts.add(unit)
            check_size(unit, self.findings, self.longest)
            check_spans(unit, self.findings)
            check_encoding(unit, self.findings)
            self.labels.add(unit)
            self.mentions.add(unit)
            self.duplicates.add(unit)
            self.sentences.add(unit)
            self.scripts.add(unit, self.findings)
            self.words.add(unit)

    def finish(self, vectors: Vectors | None, rare: int) -> Audit:
        """What only shows when all has passed."""
        splits, findings = self.splits, self.findings
        self.labels.finish(splits, findings, rare)
        self.mentions.finish(splits, findings)
        self.duplicates.finish(findings)
        self.sentences.finish(findings)
        self.scripts.finish(findings)
        self.words.finish(splits, findings)
        coverage = {} if vectors is None else self.words.cover(splits, vectors, findings)
        result = Audit(splits, findings, self.mentions.pairs(), coverage, self.scripts.to_json(), layer=self.layer)
        if self.others:
            told = ", ".join(f"{name} ({count:,})" for name, count in self.others.most_common())
            result.notes.append(f"only the layer {self.layer} is audited; there are also spans in {told}")
        return result
