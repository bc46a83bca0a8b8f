"""A whole comparison: from labelled texts to a result that is written and shown."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elman.data.document import ENTITIES
from elman.errors import ModelError, UsageError
from elman.pipelines.bench.figures import SCHEMA, compared
from elman.pipelines.bench.holding import UNHELD, Isa
from elman.pipelines.bench.judging import judge
from elman.pipelines.bench.machine import cores, load, machine
from elman.pipelines.bench.measuring import Bench, count_words, entries_of, first_words
from elman.text.segment import segment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from elman.data.document import Document
    from elman.runtime.engine import EngineName, Precision


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to compare, and how.

    Attributes:
        model: Elman's model folder.
        peers: with whom; names of systems.
        paths: for each name of a system its files and names of models.
        threads: of each system; 0 for one a core.
        isa: what instructions libraries are held to.
        rounds: how often each is measured.
        words: texts are taken up to so many; 0 for all.
        sentences: how many are tagged one by one.
        names: new names for labels, of the data and of systems.
        engine: Elman's; held to AVX2, ``auto`` is NumPy, which can be held.
        precision: Elman's.
        unjudged: why there is to be no F1; empty if there is.
    """

    model: Path
    peers: Sequence[str]
    paths: Mapping[str, Sequence[str]] = field(default_factory=dict)
    threads: int = 0
    isa: Isa = "native"
    rounds: int = 5
    words: int = 0
    sentences: int = 500
    names: Mapping[str, str] = field(default_factory=dict)
    engine: EngineName = "auto"
    precision: Precision = "float32"
    unjudged: str = ""


def compare_systems(plan: Plan, documents: Sequence[Document], name: str, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure Elman and its peers on the texts of documents.

    Args:
        plan: what to compare.
        documents: texts, with gold spans or without.
        name: of the data.
        say: is told what is going on.

    Returns:
        What ``--json`` prints: ``schema`` is ``elman.bench/1``.

    Raises:
        ModelError: if there is no such model.
        UsageError: if there is no such peer, the texts have no words, or a system stops in the middle.
        KeyboardInterrupt: if it comes before the first round is over; later it ends the rounds.
    """
    if not plan.model.is_dir():
        raise ModelError(f"{plan.model}: no such folder; name a model's, or make one with elman quickstart")
    texts = first_words([document.text for document in documents], plan.words or _ENDLESS)
    documents = documents[: len(texts)]
    if not count_words(texts):
        raise UsageError(f"{name}: expected texts with words, got none; give other data")
    threads = plan.threads or cores()
    if threads > cores():
        raise UsageError(f"expected at most {cores()} threads, one a core, got {threads}")
    held = plan.isa == "avx2"
    engine = "numpy" if held and plan.engine == "auto" and plan.precision == "float32" else plan.engine
    before = load()
    with tempfile.TemporaryDirectory() as name_of_scratch:
        scratch = Path(name_of_scratch)
        paths = {**plan.paths, "elman": [str(plan.model.absolute())]}
        entries, absent = entries_of(["elman", *plan.peers], paths, threads, scratch, engine, plan.precision)
        for one in absent:
            say(f"not measured: {one.name}: {one.reason}")
        bench = Bench(texts, sentences_of(documents, plan.sentences), entries, scratch, plan.isa, say)
        absent += bench.choose()
        done = 0
        try:
            for done in bench.rounds(plan.rounds, keep=not plan.unjudged):  # noqa: B007
                pass
        except KeyboardInterrupt:
            if not done:
                raise
            say(f"interrupted: the figures are those of {done} rounds of {plan.rounds}")
        layer = bench.measured[0].facts.get("layer", ENTITIES)
        for at, measured in enumerate(bench.measured):
            if plan.unjudged:
                measured.f1_note = plan.unjudged
            else:
                judge(measured, bench.found(at), documents, plan.names, layer)
    elman, *others = bench.measured
    return {
        "schema": SCHEMA,
        "date": datetime.now(tz=UTC).isoformat(timespec="seconds"),
        "data": {
            "name": name,
            "texts": len(texts),
            "words": count_words(texts),
            "characters": sum(map(len, texts)),
            "sentences": len(bench.sentences),
        },
        "threads": threads,
        "isa": plan.isa,
        "rounds": done,
        "machine": machine() | {"load_before": before, "load_after": load()},
        "systems": [one.to_json() for one in bench.measured],
        "comparisons": [compared(elman, other) for other in others],
        "absent": [one._asdict() for one in absent],
        "notes": [UNHELD] if held and any("onnxruntime" in one.facts["versions"] for one in bench.measured) else [],
    }


def sentences_of(documents: Sequence[Document], count: int) -> list[str]:
    """Sentences from all over the texts: as the documents have them, else as Elman cuts them.

    Args:
        documents: not all of them empty.
        count: how many, if there are that many.
    """
    found: list[str] = []
    for document in documents:
        tokens, text = document.tokens, document.text
        if tokens is not None and len(tokens):
            offsets = tokens.offsets
            found += [text[offsets[first, 0] : offsets[end - 1, 1]] for first, end in tokens.ranges()]
        else:
            windows = segment(text)
            found += [text[window.start : window.end].strip() for window in windows]
    found = [sentence for sentence in found if sentence]
    step = max(1, len(found) // count)
    return found[::step][:count]


def write_result(result: Mapping[str, Any], path: Path) -> None:
    """Write a result as JSON, whole or not at all."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        fresh.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", "utf-8")
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


_ENDLESS = 1 << 62
