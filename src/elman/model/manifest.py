"""``model.json``: what it says of a model, and whether that can be."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from elman.data.schemes import scheme
from elman.errors import DataError, ModelError
from elman.model.layers import ACTIVATIONS, BASELINES, CELLS, CLASSIC, WITH_REACH, variant
from elman.model.precision import COLUMNS, FORMS, PLAIN, Precision

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PROTOCOL = 4
"""The number of the newest layout of a folder, that of every task but tagging; raised whenever a version before could
no longer read it."""

LATER_CELLS = 3
"""The number of a tagger with cells that the first versions do not know."""

COMPRESSED = 2
"""The number of a folder with ``precision``, if no other thing asks for a later one."""

UNCOMPRESSED = 1
"""The number of a folder without ``precision``, which the first version could read, too."""

MANIFEST = "model.json"
WEIGHTS = "weights.safetensors"
METRICS = "metrics.json"
CARD = "README.md"

TOKENIZER = {"name": "elman", "version": 1}
"""The tokenizer that this version has."""

TEXTS = ("words", "characters", "shapes")
"""The vocabularies that a tagger reads types by."""

CHECKSUM = "checksum"
"""The key of the digest over all the rest of the manifest."""

RESTORE = "copy the model folder again from where it is whole, or train anew"
"""What to do about a damaged folder."""

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_MISSING = object()


@dataclass(frozen=True, slots=True)
class File:
    """What a file has to be: SHA-256 of its content, in hexadecimal digits, and its size."""

    sha256: str
    bytes: int


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What ``model.json`` says.

    Attributes:
        elman: the version that wrote it.
        task: the name of the task.
        scheme: the tag scheme that the network learned.
        labels: the labels, in the order of the tags.
        layer: the layer of the spans that the model predicts.
        architecture: ``embedding``, ``encoder`` and ``head``, with all that tensors' shapes follow from.
        lower: whether a word that has no row is looked for in lower case.
        digits: whether it is then looked for with every digit as 0.
        character_limit: at most this many characters of a word are read.
        temperature: what scores are divided by before they become probabilities; above 0.
        thresholds: for some or all labels the probability from which on a span is kept, in (0, 1]; empty where no
            recall or precision was asked for.
        learned_words: how many of the words have rows that learned; the others' vectors are fixed.
        texts: the file of each vocabulary.
        files: what each file of the folder has to be, but for ``model.json`` itself and the card.
        checksum: a digest over all of this, and so over the model: another one, another model.
        precision: in which form the folder holds its numbers.
    """

    elman: str
    task: str
    scheme: str
    labels: tuple[str, ...]
    layer: str
    architecture: Mapping[str, Any]
    lower: bool
    digits: bool
    character_limit: int
    temperature: float
    thresholds: Mapping[str, float]
    learned_words: int
    texts: Mapping[str, str]
    files: Mapping[str, File]
    checksum: str
    precision: Precision = PLAIN

    @property
    def tags(self) -> tuple[str, ...]:
        """The tag inventory."""
        return scheme(self.scheme).tags(self.labels)


def protocol_for(encoder: Mapping[str, Any]) -> int:
    """The least number that a folder with such an encoder can have.

    Versions that read less than 3 know neither all cells nor their options, and would compute something else.
    """
    return UNCOMPRESSED if variant(encoder) in CLASSIC else LATER_CELLS


def encode_manifest(tree: Mapping[str, Any], files: Mapping[str, File]) -> str:
    """The text of ``model.json``: a tree as given, the files, and the checksum over both."""
    listed = {name: {"sha256": file.sha256, "bytes": file.bytes} for name, file in files.items()}
    whole = {**tree, "files": listed}
    return json.dumps({**whole, CHECKSUM: _checksum(whole)}, indent=2, allow_nan=False) + "\n"


def decode_manifest(text: str | bytes) -> Manifest:
    """The inverse of :func:`encode_manifest`, of a tagger's.

    Raises:
        ModelError: if the text is no manifest, was altered, is of a newer protocol or of another task.
    """
    tree = decode_tree(text)
    if "parts" in tree:
        raise ModelError(f"expected a tagger, got a model for {tree.get('task')}; elman predict runs it")
    return _check(tree, tree.pop(CHECKSUM))


def decode_tree(text: str | bytes) -> dict[str, Any]:
    """What ``model.json`` says, whatever the task; with its checksum, which fits.

    Raises:
        ModelError: if the text is no manifest, was altered, or is of a newer protocol.
    """
    tree = _parse(text)
    if tree is None:
        raise ModelError(f"{MANIFEST} is no JSON object; {RESTORE}")
    protocol: Any = tree.get("protocol")
    if not _is_size(protocol):
        raise ModelError(f"{MANIFEST}: expected a protocol number of at least 1, got {protocol!r}; {RESTORE}")
    if protocol > PROTOCOL:
        raise ModelError(
            f"{MANIFEST} was written by elman {tree.get('elman', '(unknown version)')} with model protocol "
            f"{protocol}; this version reads up to {PROTOCOL}. Upgrade elman"
        )
    claimed = tree.pop(CHECKSUM, None)
    if claimed != _checksum(tree):
        raise ModelError(f"{MANIFEST} was altered after it was written: its checksum does not fit; {RESTORE}")
    return tree | {CHECKSUM: claimed}


def claims_model(text: str | bytes) -> bool:
    """Whether this is a model's manifest, of whatever protocol and however damaged in its values."""
    tree = _parse(text)
    return tree is not None and _is_count(tree.get("protocol")) and "elman" in tree


def named_files(text: str | bytes) -> frozenset[str]:
    """The files that are a model's own by its manifest, of whatever protocol, and those that need no name."""
    tree = _parse(text) or {}
    listed = tree.get("files")
    return frozenset({MANIFEST, METRICS, CARD, *(listed if isinstance(listed, dict) else ())})


def _check(tree: Mapping[str, Any], checksum: str) -> Manifest:
    """A manifest from its tree; what the tree has beyond is left alone.

    Raises:
        ModelError: which names the first value that is missing or cannot be.
    """
    _get(
        tree,
        "task",
        lambda value: value == "tagging",
        "'tagging', the task that this version knows (upgrade elman?)",
    )
    _get(
        tree,
        "tokenizer",
        lambda value: value == TOKENIZER,
        f"{TOKENIZER}, this version's tokenizer (upgrade elman?)",
    )
    labels = _get(tree, "labels", _is_strings, "a list of labels")
    name = _get(tree, "scheme", _is_text, "the name of a tag scheme")
    try:
        scheme(name).tags(labels)
    except DataError as error:
        raise ModelError(f"{MANIFEST}: {error.problem}; {RESTORE}") from None
    for key in ("word_size", "character_size", "character_output"):
        _get(tree, f"architecture.embedding.{key}", _is_size, "a number of at least 1")
    _get(tree, "architecture.embedding.shape_size", _is_count, "a number of at least 0")
    _choice(tree, "architecture.embedding.characters", "convolution", "lstm", "none")
    _choice(tree, "architecture.encoder.cell", *(name for name in CELLS if "-" not in name), *BASELINES)
    _get(tree, "architecture.encoder.hidden", _is_size, "a number of at least 1")
    _get(tree, "architecture.encoder.context", _is_count, "a number of at least 0")
    _get(tree, "architecture.encoder.layers", _is_size, "a number of at least 1")
    _check_options(tree)
    architecture = _with_reading(tree["architecture"])
    _choice(tree, "architecture.head.kind", "crf", "softmax")
    texts = {key: _get(tree, f"texts.{key}", _is_plain_name, "a plain file name") for key in TEXTS}
    return Manifest(
        elman=_get(tree, "elman", _is_text, "a version"),
        task=tree["task"],
        scheme=name,
        labels=tuple(labels),
        layer=_get(tree, "layer", _is_text, "the name of a layer"),
        architecture=architecture,
        lower=_get(tree, "normalisation.lower", _is_bool, "true or false"),
        digits=_get(tree, "normalisation.digits", _is_bool, "true or false"),
        character_limit=_get(tree, "normalisation.character_limit", _is_size, "a number of at least 1"),
        temperature=float(_get(tree, "calibration.temperature", _is_positive, "a number above 0")),
        thresholds=_thresholds(tree, labels),
        learned_words=_get(tree, "learned_words", _is_count, "a number of at least 0"),
        texts=texts,
        files=files_of(tree, texts),
        checksum=checksum,
        precision=_precision(tree),
    )


def _precision(tree: Mapping[str, Any]) -> Precision:
    """What compression left, if there was any."""
    if "precision" not in tree:
        return PLAIN
    for part, forms in FORMS.items():
        _choice(tree, f"precision.{part}", *forms)
    _get(tree, "precision.frequent", _is_count, "a number of at least 0")
    columns = _get(
        tree,
        "precision.columns",
        lambda value: (
            isinstance(value, list) and len(value) == 2 and all(_is_count(one) and one in COLUMNS for one in value)
        ),
        f"two numbers from {COLUMNS[0]} to {COLUMNS[-1]}",
    )
    said = {part: tree["precision"][part] for part in Precision._fields}
    return Precision(**said | {"columns": tuple(columns)})


def _check_options(tree: Mapping[str, Any]) -> None:
    """The options of an encoder's layers; a manifest may leave out what they have not.

    Raises:
        ModelError: if one has a value that cannot be.
    """
    encoder = tree["architecture"]["encoder"]
    if "activation" in encoder:
        _choice(tree, "architecture.encoder.activation", *ACTIVATIONS)
    for key in {"coupled", "peepholes"} & encoder.keys():
        _get(tree, f"architecture.encoder.{key}", _is_bool, "true or false")
    if encoder["cell"] in WITH_REACH:
        _get(tree, "architecture.encoder.reach", _is_size, "a number of at least 1")


def _with_reading(architecture: Mapping[str, Any]) -> Mapping[str, Any]:
    """An architecture that says how its encoder reads, which a manifest may leave out: in both directions.

    Raises:
        ModelError: if an encoder is to read in both directions and look ahead, or forward with a summary of all.
    """
    tree = {
        "architecture": {**architecture, "encoder": {"directions": "both", "lookahead": 0, **architecture["encoder"]}}
    }
    _choice(tree, "architecture.encoder.directions", "both", "forward")
    forward = tree["architecture"]["encoder"]["directions"] == "forward"
    least = "a number of at least 0" if forward else "0, since it reads in both directions"
    _get(tree, "architecture.encoder.lookahead", lambda value: _is_count(value) and (forward or value == 0), least)
    if forward:
        _get(
            tree,
            "architecture.encoder.cell",
            lambda value: value not in BASELINES,
            "a recurrent cell, since it reads forward alone",
        )
        _get(tree, "architecture.encoder.context", lambda value: value == 0, "0, since it reads forward alone")
    return tree["architecture"]


def _thresholds(tree: Mapping[str, Any], labels: list[str]) -> dict[str, float]:
    """What a calibration asked for a recall or precision left, if there was one."""
    if "thresholds" not in tree["calibration"]:
        return {}
    found = _get(
        tree,
        "calibration.thresholds",
        lambda value: (
            isinstance(value, dict)
            and value.keys() <= set(labels)
            and all(_is_positive(one) and one <= 1 for one in value.values())
        ),
        "for labels of the model numbers above 0 and at most 1",
    )
    return {label: float(value) for label, value in found.items()}


def files_of(tree: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, File]:
    """The files that a manifest lists: the weights, the metrics, and those of ``texts``.

    Raises:
        ModelError: if one is missing, or has no plain name.
    """
    listed = _get(tree, "files", lambda value: isinstance(value, dict), "an object with the folder's files")
    needed = [WEIGHTS, METRICS, *texts.values()]
    names = [*listed, *needed]
    if len(set(needed)) < len(needed) or not all(map(_is_plain_name, names)) or {MANIFEST, CARD} & set(names):
        raise ModelError(
            f"{MANIFEST}: files: expected distinct plain names of files inside the folder, got "
            f"{sorted(names)}; {RESTORE}"
        )
    if missing := sorted(set(needed) - set(listed)):
        raise ModelError(f"{MANIFEST}: files: expected {', '.join(missing)} to be listed, too; {RESTORE}")
    files = {}
    for name, entry in listed.items():
        if not (
            isinstance(entry, dict)
            and isinstance(entry.get("sha256"), str)
            and _DIGEST.fullmatch(entry["sha256"])
            and _is_count(entry.get("bytes"))
        ):
            raise ModelError(f"{MANIFEST}: files: {name}: expected sha256 and bytes, got {entry!r}; {RESTORE}")
        files[name] = File(entry["sha256"], entry["bytes"])
    return files


def _get(tree: Mapping[str, Any], key: str, fits: Callable[[Any], bool], expected: str) -> Any:
    """The value at a dotted key.

    Raises:
        ModelError: if it is missing or does not fit.
    """
    value: Any = tree
    for part in key.split("."):
        value = value.get(part, _MISSING) if isinstance(value, dict) else _MISSING
    if value is _MISSING or not fits(value):
        came = "nothing" if value is _MISSING else repr(value)[:80]
        raise ModelError(f"{MANIFEST}: {key}: expected {expected}, got {came}; {RESTORE}")
    return value


def _choice(tree: Mapping[str, Any], key: str, *values: str) -> None:
    _get(tree, key, lambda value: value in values, f"one of {', '.join(values)} (upgrade elman?)")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _is_strings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_size(value: object) -> bool:
    return _is_count(value) and value != 0


def _is_positive(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < float("inf")


def _is_plain_name(value: object) -> bool:
    return isinstance(value, str) and _PLAIN_NAME.fullmatch(value) is not None


def _parse(text: str | bytes) -> dict[str, Any] | None:
    """The object that a JSON text holds, or None."""
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return tree if isinstance(tree, dict) else None


def _checksum(tree: Mapping[str, Any]) -> str:
    canonical = json.dumps(tree, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
