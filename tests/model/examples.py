"""Small models with random weights, made without training and without torch."""

import hashlib
import json
from types import SimpleNamespace

import numpy as np

from elman.features.vocabulary import Vocabulary, encode_words
from elman.model.folder import write_model
from elman.model.layout import FIXED, layout
from elman.model.manifest import File, decode_manifest, encode_manifest

WORDS = ("the", "bank", "said", "on", "Monday", "Mr", "Smith", "of", "0000", ",", ".", "old\\new", "Ä")
LEARNED = 9
CHARACTERS = "etaoinshrdlu MSB0.,"
SHAPES = ("x", "Xx", "d", ".", ",", "XX")
METRICS = {"schema": "elman.metrics/1", "dev": None, "test": None, "seed": 1}


def tree(**changes):
    """A manifest as training gives it; a dotted key with dots as ``__`` changes one value."""
    whole = {
        "protocol": 1,
        "elman": "0.1.0",
        "task": "tagging",
        "scheme": "iobes",
        "labels": ["LOC", "ORG", "PER"],
        "layer": "entities",
        "architecture": {
            "embedding": {
                "word_size": 7,
                "characters": "convolution",
                "character_size": 5,
                "character_output": 6,
                "shape_size": 3,
            },
            "encoder": {
                "cell": "lstm",
                "directions": "both",
                "lookahead": 0,
                "hidden": 10,
                "layers": 1,
                "context": 5,
            },
            "head": {"kind": "crf"},
        },
        "tokenizer": {"name": "elman", "version": 1},
        "normalisation": {"lower": True, "digits": True, "character_limit": 24},
        "calibration": {"temperature": 1.0},
        "learned_words": LEARNED,
        "texts": {"words": "words.txt", "characters": "chars.txt", "shapes": "shapes.txt"},
    }
    for key, value in changes.items():
        *groups, last = key.split("__")
        place = whole
        for group in groups:
            place = place[group]
        place[last] = value
    return whole


def texts(words=WORDS):
    return {
        "words": encode_words(words),
        "characters": encode_words(CHARACTERS),
        "shapes": encode_words(SHAPES),
    }


def tensors(manifest, words=WORDS, seed=1, scale=0.7):
    """Random weights of the shapes that a manifest implies."""
    names = ("weights.safetensors", "metrics.json", *manifest["texts"].values())
    checked = decode_manifest(encode_manifest(manifest, {name: File("0" * 64, 0) for name in names}))

    tables = SimpleNamespace()
    tables.words, tables.characters, tables.shapes = map(Vocabulary, (words, CHARACTERS, SHAPES))
    rng = np.random.default_rng(seed)
    return {
        name: (scale * rng.standard_normal(shape)).astype(np.float16 if name == FIXED else np.float32)
        for name, (_, shape) in layout(checked, tables).items()
    }


def write(path, *, seed=1, scale=0.7, replace=False, words=WORDS, metrics=METRICS, card="# A card\n", **changes):
    """Write a model folder and return its path."""
    manifest = tree(**changes)
    write_model(path, manifest, tensors(manifest, words, seed, scale), texts(words), metrics, card, replace=replace)
    return path


def forge(path, change_manifest=None, **contents):
    """Change a model folder and make its digests and its checksum fit, as somebody might who means to."""
    whole = json.loads((path / "model.json").read_text())
    names = {
        "weights": "weights.safetensors",
        "words": "words.txt",
        "chars": "chars.txt",
        "metrics": "metrics.json",
    }
    for key, content in contents.items():
        (path / names[key]).write_bytes(content)
    files = {}
    for name in whole.pop("files"):
        content = (path / name).read_bytes()
        files[name] = File(hashlib.sha256(content).hexdigest(), len(content))
    del whole["checksum"]
    if change_manifest:
        change_manifest(whole, files)
    (path / "model.json").write_text(encode_manifest(whole, files))
