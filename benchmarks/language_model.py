"""Language models of the Reuters articles: bits per character, and blanks filled by a model of words.

python benchmarks/language_model.py [--only characters,words,fill] [--minutes 50] [--word-minutes 28] [--seeds 1]

The articles are parted 90/5/5, the same ones for all; each model is chosen on dev and scored on test once. A training
takes about so many minutes on all cores: how many epochs fit is measured beforehand, so that the step size has come
down when the time is up.

To fill, 500 sentences of the test articles each have one word hidden, drawn with a seed; the sentence alone is given.
Beside the model of words, from the left and from both sides, stands the unigram model: the most frequent words of the
training articles, whatever the sentence. A word counts as found if it is spelt alike, capitals included.

Models stay in benchmarks/models; one that is there is not trained again, a run that was cut off is gone on with.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
import time
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import _needs

DATA = Path(os.environ.get("ELMAN_DATA", "../shared/data")) / "lm-reuters-c50"
RESULTS = Path(__file__).with_name("results")

BAR = 1.75
SPLIT, DRAW, SENTENCES, TOP = 1, 7, 500, 10

CASES: dict[str, list[str]] = {
    "characters": ["encoder.hidden=512", "text.size=128", "encoder.dropout=0.05"],
    "words": [
        "text.unit=words",
        "text.size=256",
        "text.steps=32",
        "text.sampled=2500",
        "text.judged=40000",
        "encoder.hidden=512",
        "encoder.input_dropout=0.1",
        "encoder.dropout=0.2",
        "training.batch_tokens=2048",
        "training.learning_rate=0.003",
    ],
}

WARM, PROBE = 3, 10.0
"""Updates that are not timed, and seconds of those that are, before the epochs are chosen."""

SHARE = 0.9
"""The share of the time that is for updates; the rest is for judging."""


def parts() -> dict[str, list[Any]]:
    """The articles that all models learn from, are chosen by and are scored on."""
    from elman.data.articles import read_articles
    from elman.data.split import holdout

    articles = list(read_articles(DATA / "articles.txt.gz"))
    rest, test = holdout(articles, 0.05, SPLIT)
    train, dev = holdout(rest, 0.05 / 0.95, SPLIT + 1)
    return {"train": train, "dev": dev, "test": test}


def settings_of(name: str, seed: int, epochs: int) -> Any:
    """A case's settings."""
    from elman.training.train import settings_for

    return settings_for("language_model", None, [*CASES[name], f"training.seed={seed}", f"training.epochs={epochs}"])


def symbols_per_second(name: str, articles: dict[str, list[Any]]) -> tuple[float, int]:
    """How fast a run learns, by its first updates, which are thrown away; and the symbols of an epoch."""
    import torch

    from elman.training.checkpoint import Checkpoints
    from elman.training.loop import Run
    from elman.training.objectives.language_model import Objective
    from elman.training.task_data import Examples, TaskData
    from elman.training.task_session import TaskSession

    data = TaskData(Examples(articles["train"], "train"), Examples(articles["dev"], "dev"), None)
    session = TaskSession(Objective, data, settings_of(name, 1, 100), None, torch.device("cpu"), lambda _: None)
    with tempfile.TemporaryDirectory() as folder:
        began, symbols = 0.0, 0
        for count, record in enumerate(Run(session.objective, session.plan, Checkpoints(Path(folder), "")).records()):
            if count == WARM:
                began = time.monotonic()
            elif count > WARM:
                symbols += getattr(record, "tokens", 0)
                if time.monotonic() - began > PROBE:
                    break
    return symbols / (time.monotonic() - began), int(session.objective.train.lengths.sum())


def train_one(name: str, seed: int, articles: dict[str, list[Any]], minutes: float) -> dict[str, Any]:
    """Train a model in so many minutes, or read what it scored."""
    from elman.model.task_folder import metrics_in
    from elman.training.records import Evaluation, Record
    from elman.training.train import train

    place = _needs.MODELS / f"language-{name}-{seed}"
    note = place.with_name(f"{place.name}.json")
    if not note.exists():
        speed, symbols = symbols_per_second(name, articles)
        epochs = max(1, int(60 * minutes * SHARE * speed / symbols))
        print(f"{name}: {speed:,.0f} symbols/s, {symbols:,} an epoch: {epochs} epochs in {minutes:g} min", flush=True)
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(json.dumps({"epochs": epochs, "symbols_per_second": round(speed), "curve": []}), "utf-8")
    told = json.loads(note.read_text("utf-8"))

    def watch(record: Record) -> None:
        if isinstance(record, Evaluation):
            told["curve"].append({"epoch": record.epoch, "seconds": round(record.seconds), "dev": record.figure.shown})
            note.write_text(json.dumps(told), "utf-8")
            print(f"{place.name} epoch {record.epoch} dev {record.figure} after {record.seconds:.0f} s", flush=True)

    settings = settings_of(name, seed, told["epochs"])
    train(
        articles["train"],
        articles["dev"],
        articles["test"],
        out=place,
        settings=settings,
        resume=True,
        observers=[watch],
        say=lambda line: print(line, flush=True),
    )
    metrics = metrics_in(place)
    return {
        "name": name,
        "seed": seed,
        "overrides": CASES[name],
        **told,
        "dev": metrics["dev"],
        "test": metrics["test"],
        "training": {key: metrics["training"][key] for key in ("epochs", "best_epoch", "steps", "seconds")},
        "versions": metrics["versions"],
    }


def blanks(articles: list[Any]) -> list[tuple[str, str]]:
    """Sentences with a blank each, and the words that are hidden."""
    from elman.text.tokens import tokens_of

    rng = random.Random(DRAW)
    sentences = []
    for article in articles:
        tokens = tokens_of(article.text)
        for start, end in tokens.ranges():
            ranges = tokens.offsets[start:end].tolist()
            words = [(a, b) for a, b in ranges if article.text[a:b].isalpha()]
            if len(words) >= 5:
                sentences.append((article.text, ranges[0][0], ranges[-1][1], words))
    found = []
    for text, first, last, words in rng.sample(sentences, SENTENCES):
        start, end = rng.choice(words)
        found.append((f"{text[first:start]}___{text[end:last]}", text[start:end]))
    return found


def fill(seed: int, articles: dict[str, list[Any]]) -> dict[str, Any]:
    """How often the hidden word is the first, and among the first ten."""
    import numpy as np

    from elman.metrics.ratio import ratio, ratio_interval
    from elman.runtime.filling import Filler
    from elman.runtime.loading import load
    from elman.text.tokens import tokens_of

    counts = Counter(
        article.text[start:end]
        for article in articles["train"]
        for start, end in tokens_of(article.text).offsets.tolist()
        if article.text[start:end].isalpha()
    )
    frequent = [word for word, _ in counts.most_common(TOP)]
    hidden = blanks(articles["test"])
    filler = Filler(load(_needs.MODELS / f"language-words-{seed}"))
    ranked: dict[str, list[list[str]]] = {"unigram": [frequent] * len(hidden)}
    seconds: dict[str, float] = {"unigram": 0.0}
    for context in ("left", "both"):
        began = time.monotonic()
        ranked[context] = [[one.word for one in filler.fill(text, context)[:TOP]] for text, _ in hidden]  # type: ignore[arg-type]
        seconds[context] = (time.monotonic() - began) / len(hidden)
    rows = {}
    for name, lists in ranked.items():
        row: dict[str, Any] = {"seconds_each": round(seconds[name], 4)}
        for top in (1, TOP):
            right = [word in words[:top] for words, (_, word) in zip(lists, hidden, strict=True)]
            units = np.array([[int(one), 1] for one in right])
            row[f"top_{top}"] = {"share": ratio(units), "interval": ratio_interval(units)}
        rows[name] = row
    examples = [
        {"text": text, "hidden": word, "both": both, "left": left}
        for (text, word), both, left in list(zip(hidden, ranked["both"], ranked["left"], strict=True))[:20]
    ]
    return {"sentences": len(hidden), "unigram": frequent, "rows": rows, "examples": examples}


def table(report: dict[str, Any]) -> None:
    """What came of it."""
    for run in report["runs"]:
        test = run["test"]
        low, high = test["interval"]
        print(
            f"{run['name']:11} seed {run['seed']}: test {test['bits_per_character']:.4f} bits per character, "
            f"perplexity {test['perplexity']:.2f}; 95 % of the bits per symbol {low:.4f} to {high:.4f}; "
            f"{run['training']['epochs']} epochs, {run['training']['seconds']:.0f} s"
        )
    for seed, found in report["fill"].items():
        print(f"\nblanks in {found['sentences']} sentences, seed {seed}; the right word first / among the first {TOP}")
        for name, row in found["rows"].items():
            shares = "   ".join(
                f"{row[key]['share']:6.1%} ({row[key]['interval'][0]:.1%} to {row[key]['interval'][1]:.1%})"
                for key in ("top_1", f"top_{TOP}")
            )
            print(f"{name:8} {shares}   {1000 * row['seconds_each']:.0f} ms a blank")


def main() -> None:
    """Train, fill, tell; ends with 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="characters,words,fill", help="characters, words and fill, by commas")
    parser.add_argument("--minutes", type=float, default=50, help="of the model of characters")
    parser.add_argument("--word-minutes", type=float, default=28, help="of the model of words")
    parser.add_argument("--seeds", type=int, default=1)
    given = parser.parse_args()
    _needs.data(DATA)
    only = given.only.split(",")
    articles = parts()
    print({name: len(part) for name, part in articles.items()}, flush=True)
    path = RESULTS / f"language-model-{date.today()}.json"
    report: dict[str, Any] = {"articles": {n: len(p) for n, p in articles.items()}, "runs": [], "fill": {}}
    if path.exists():
        report = json.loads(path.read_text("utf-8"))
    for seed in range(1, given.seeds + 1):
        for name, minutes in (("characters", given.minutes), ("words", given.word_minutes)):
            if name in only:
                run = train_one(name, seed, articles, minutes)
                report["runs"] = [r for r in report["runs"] if (r["name"], r["seed"]) != (name, seed)] + [run]
                _write(path, report)
        if "fill" in only:
            report["fill"][str(seed)] = fill(seed, articles)
            _write(path, report)
    table(report)
    missed = [
        f"{run['test']['bits_per_character']:.4f} bits per character, the bar is {BAR}"
        for run in report["runs"]
        if run["name"] == "characters" and run["test"]["bits_per_character"] > BAR
    ]
    for found in report["fill"].values():
        best = found["rows"]["both"][f"top_{TOP}"]["share"]
        plain = found["rows"]["unigram"][f"top_{TOP}"]["share"]
        if best < 2 * plain:
            missed.append(f"{best:.1%} of the hidden words among the first {TOP}, the bar is {2 * plain:.1%}")
    for line in missed:
        print(f"missed: {line}")
    raise SystemExit(bool(missed))


def _write(path: Path, report: dict[str, Any]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(report, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
