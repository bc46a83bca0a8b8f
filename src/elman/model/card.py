"""The model card, the folder's ``README.md``: written from manifest and metrics and from nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from elman.data.label_columns import CHUNKS, POS
from elman.settings import Settings, to_dict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_CELLS = {
    "elman": "simple recurrent (Elman) network",
    "lstm": "LSTM",
    "gru": "GRU",
    "sru": "SRU",
    "mingru": "minGRU",
    "minlstm": "minLSTM",
    "slstm": "sLSTM",
}
_BASELINES = {
    "bag": "A fully connected net over a token and its sentence's bag of words",
    "window": "A fully connected net over a token and its neighbours",
    "convolution": "A convolution over time",
}
_OPTIONS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"cell": "elman", "activation": "sigmoid"}, "the logistic sigmoid"),
    ({"cell": "elman", "activation": "relu"}, "rectified linear units"),
    ({"cell": "lstm", "peepholes": True}, "peepholes"),
    ({"cell": "lstm", "coupled": True}, "coupled gates"),
)
_NER = ("A named entity recogniser", ("ner", "named-entity-recognition"))
_KINDS = {
    POS: ("A part-of-speech tagger", ("pos", "part-of-speech")),
    CHUNKS: ("A chunker", ("chunking",)),
}
_HEADS = {"crf": "a linear-chain CRF", "softmax": "a softmax at each token"}
_CHARACTERS = {"convolution": "a convolution over characters", "lstm": "an LSTM over characters"}


def card(manifest: Mapping[str, Any], metrics: Mapping[str, Any]) -> str:
    """The card as Markdown with YAML front matter, as model hubs read it.

    Args:
        manifest: what ``model.json`` says; the files need not be there.
        metrics: what ``metrics.json`` says. Parts that are missing or None are left out of the card.
    """
    sections = [
        ("", _introduction(manifest)),
        ("Use", _use()),
        ("Labels", _labels(manifest, metrics)),
        ("Scores", _scores(metrics)),
        ("Compression", _compression(manifest, metrics)),
        ("Probabilities", _probabilities(manifest)),
        ("Data", _data(metrics)),
        ("Training", _training(metrics)),
        ("Limits", _limits(manifest, metrics)),
    ]
    body = [f"## {title}\n\n{text}" if title else text for title, text in sections if text]
    return "\n\n".join([_front_matter(manifest), *body]) + "\n"


def _front_matter(manifest: Mapping[str, Any]) -> str:
    tags = [*_KINDS.get(manifest["layer"], _NER)[1], manifest["architecture"]["encoder"]["cell"]]
    if manifest["architecture"]["head"]["kind"] == "crf":
        tags.append("crf")
    lines = ["---", "library_name: elman", "pipeline_tag: token-classification", "tags:"]
    lines += [f"- {tag}" for tag in dict.fromkeys(tags)]
    return "\n".join([*lines, "metrics:", "- precision", "- recall", "- f1", "---"])


def _introduction(manifest: Mapping[str, Any]) -> str:
    architecture = manifest["architecture"]
    embedding, encoder = architecture["embedding"], architecture["encoder"]
    layers = "one layer" if encoder["layers"] == 1 else f"{encoder['layers']} layers"
    parts = [f"word vectors of {embedding['word_size']} numbers"]
    if embedding["characters"] in _CHARACTERS:
        parts.append(_CHARACTERS[embedding["characters"]])
    if embedding["shape_size"]:
        parts.append("word shapes")
    if encoder["context"]:
        parts.append("a summary of the sentence")
    return (
        f"# {_KINDS.get(manifest['layer'], _NER)[0]}\n\n"
        f"{_reading(encoder)}, {layers}, "
        f"over {_joined(parts)}; then {_HEADS[architecture['head']['kind']]} with "
        f"{manifest['scheme'].upper()} tags. It finds {len(manifest['labels'])} kinds of spans in text. "
        f"Elman {manifest['elman']} wrote it."
    )


def _reading(encoder: Mapping[str, Any]) -> str:
    units = encoder["hidden"]
    if encoder["cell"] in _BASELINES:
        return f"{_BASELINES[encoder['cell']]}, {units} units"
    cell = _CELLS[encoder["cell"]]
    if options := [text for option, text in _OPTIONS if option.items() <= encoder.items()]:
        cell += f" with {_joined(options)}"
    if encoder.get("directions", "both") == "both":
        return f"A bidirectional {cell}, {units} units in each direction"
    ahead = encoder.get("lookahead", 0)
    tokens = "one token" if ahead == 1 else f"{ahead} tokens"
    return f"A forward {cell} that reads {tokens} ahead, {units} units"


def _use() -> str:
    return (
        "In a shell:\n\n"
        '```sh\nelman tag --model PATH_OF_THIS_FOLDER --text "..."\n```\n\n'
        "In Python:\n\n"
        "```python\n"
        "import elman\n\n"
        'model = elman.load("PATH_OF_THIS_FOLDER")\n'
        'document = model("...")\n'
        "for span in document.spans:\n"
        "    print(span.start, span.end, span.label, span.score, document.surface(span))\n"
        "```\n\n"
        "Predicting needs no torch. Loading runs no code out of this folder and checks its files first."
    )


def _labels(manifest: Mapping[str, Any], metrics: Mapping[str, Any]) -> str:
    spans = _dig(metrics, "data", "train", "spans") or {}
    if not spans:
        return _joined([f"`{label}`" for label in manifest["labels"]]) + "."
    rows = [(f"`{_cell(label)}`", f"{spans.get(label, 0):,}") for label in manifest["labels"]]
    return _table(("label", "spans in training"), rows)


def _scores(metrics: Mapping[str, Any]) -> str:
    texts = []
    for part, name in (("test", "Test set"), ("dev", "Development set, by which the weights were chosen")):
        result = metrics.get(part)
        if not result:
            continue
        rows = [_score_row(f"`{_cell(label)}`", counts) for label, counts in sorted(result["labels"].items())]
        rows.append(_score_row("all (micro)", result["micro"]))
        note = "A span counts as found only if start, end and label are all right."
        drawn = result.get("bootstrap")
        if drawn:
            note += (
                f" The interval is that of F1: {drawn['level']:.0%}, bootstrap over {drawn['units']:,} "
                f"{drawn['unit']}s, {drawn['samples']:,} samples."
            )
        if "accuracy" in result:
            note = f"Of the tokens {100 * result['accuracy']:.2f} have the right label. {note}"
        header = ("label", "precision", "recall", "F1", "interval", "support")
        texts.append(f"{name}, in percent:\n\n{_table(header, rows)}\n\n{note}")
    return "\n\n".join(texts) or "None were taken."


def _compression(manifest: Mapping[str, Any], metrics: Mapping[str, Any]) -> str:
    """What became smaller, and what it cost."""
    account, form = metrics.get("compression"), manifest.get("precision")
    if not account or not form:
        return ""
    before, after = (sum(sizes[side] for sizes in account["bytes"].values()) / 1e6 for side in ("before", "after"))
    words = account["words"]
    text = (
        f"Words and weights take {after:.1f} MB, of {before:.1f} MB before: weights as {form['weights']}, words that "
        f"learned as {form['learned']}, words with fixed vectors as {form['vectors']}; {words['after']:,} of "
        f"{words['before']:,} words are kept. Scores on other data than said here are those before."
    )
    if account["f1"]:
        costs = [("F1", account["f1"]), ("F1, entities unseen in training", account["unseen"])]
        rows = [
            (name, *(f"{100 * cost[side]:.2f}" for side in ("before", "after")))
            for name, cost in costs
            if cost is not None
        ]
        text += f" On {_cell(account['data'])}, in percent:\n\n{_table(('', 'before', 'after'), rows)}"
    return text


def _probabilities(manifest: Mapping[str, Any]) -> str:
    """What was done so that a span's score can be taken for a probability, and which scores were chosen to do."""
    lines = []
    heat, fit = _dig(manifest, "calibration", "temperature"), _dig(manifest, "calibration", "fit")
    if fit and heat != 1.0:
        lines.append(
            f"A span's score is the probability that just it is there, at a temperature of {heat:g} that was fitted on "
            f"{_cell(fit['data'])} ({fit['spans']:,} spans). The expected calibration error there (ten bins of equal "
            f"mass) was {fit['before']:.2%} before and is {fit['after']:.2%} since; on other text it is larger."
        )
    thresholds = _dig(manifest, "calibration", "thresholds")
    if thresholds:
        asked = _dig(manifest, "calibration", "asked") or {}
        rows = [
            (f"`{_cell(label)}`", f"{value:g}", f"{asked[label]['wanted']} {asked[label]['level']:.2%}")
            for label, value in thresholds.items()
            if label in asked
        ]
        if rows:
            lines.append(
                "Thresholds for `elman tag --threshold model --overlaps keep`:\n\n"
                f"{_table(('label', 'threshold', 'asked for'), rows)}"
            )
            promises = (
                f"Of {asked[label]['of']}: {asked[label]['guarantee']}." for label in thresholds if label in asked
            )
            lines += dict.fromkeys(map(_cell, promises))
    return "\n\n".join(lines)


def _score_row(name: str, counts: Mapping[str, Any]) -> tuple[str, ...]:
    interval = counts.get("interval")
    ends = "" if not interval else f"{100 * interval[0]:.1f} to {100 * interval[1]:.1f}"
    return (
        name,
        *(f"{100 * counts[key]:.2f}" for key in ("precision", "recall", "f1")),
        ends,
        f"{counts['support']:,}",
    )


def _data(metrics: Mapping[str, Any]) -> str:
    rows = []
    for name, part in (metrics.get("data") or {}).items():
        if part:
            sizes = (f"{part[key]:,}" for key in ("documents", "sentences", "tokens"))
            source = _cell(part.get("name") or ", ".join(part.get("sources", ())))
            rows.append((name, source, *sizes, f"{sum(part['spans'].values()):,}", f"`{part['fingerprint']}`"))
    header = ("part", "source", "documents", "sentences", "tokens", "spans", "fingerprint (SHA-256)")
    return _table(header, rows) if rows else ""


def _training(metrics: Mapping[str, Any]) -> str:
    lines = []
    training = metrics.get("training") or {}
    if training:
        lines.append(
            f"{training['epochs']} epochs ({training['steps']:,} steps), the best after epoch "
            f"{training['best_epoch']}; {_duration(training['seconds'])}."
        )
        incidents = len(training.get("incidents") or ())
        if incidents:
            times = "once" if incidents == 1 else f"{incidents} times"
            lines.append(f"The guard stepped in {times}; `metrics.json` says why.")
    for title, key in (("Versions", "versions"), ("Machine", "machine")):
        if metrics.get(key):
            lines.append(f"{title}: " + ", ".join(f"{name} {value}" for name, value in metrics[key].items()) + ".")
    if metrics.get("seed") is not None:
        lines.append(f"Seed: {metrics['seed']}.")
    settings = metrics.get("settings")
    if settings:
        rows = _changed(settings)
        said = _table(("setting", "value", "default"), rows) if rows else "None."
        lines.append(f"Settings that differ from the defaults:\n\n{said}")
    return "\n\n".join(lines)


def _changed(settings: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, ...]]:
    defaults = to_dict(Settings())
    return [
        (f"`{group}.{name}`", f"`{json.dumps(value)}`", f"`{json.dumps(defaults.get(group, {}).get(name))}`")
        for group, values in settings.items()
        for name, value in values.items()
        if group not in defaults or name not in defaults[group] or defaults[group][name] != value
    ]


def _limits(manifest: Mapping[str, Any], metrics: Mapping[str, Any]) -> str:
    lines = [
        "It knows the kinds of text that it was trained on; on others, and in other languages, expect lower "
        "scores, and measure before you rely on it: `elman evaluate`.",
        "Spans neither overlap nor nest, and none crosses the end of a sentence or, in one of more than 256 "
        "tokens, a cut.",
    ]
    if _dig(manifest, "calibration", "temperature") == 1.0:
        lines.append("The scores are the probabilities that the network gives; they have not been calibrated.")
    if not metrics.get("test"):
        lines.append("No test set was scored. The scores on the development set flatter it: they chose the weights.")
    spans = _dig(metrics, "data", "train", "spans") or {}
    rare = [f"`{label}` ({spans.get(label, 0)})" for label in manifest["labels"] if spans.get(label, 0) < 100]
    if spans and rare:
        lines.append(f"Labels with fewer than 100 spans in training, whose scores say little: {', '.join(rare)}.")
    return "\n".join(f"- {line}" for line in lines)


def _dig(tree: Mapping[str, Any], *keys: str) -> Any:
    """The value at a path of keys, or None where there is nothing."""
    value: Any = tree
    for key in keys:
        value = (value or {}).get(key)
    return value


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    """A text that does not end a table's cell."""
    return " ".join(text.replace("|", "\\|").split())


def _joined(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 6000 else f"{seconds / 3600:.1f} hours"
