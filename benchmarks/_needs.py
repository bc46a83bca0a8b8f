"""What a benchmark needs besides the package. What is not there ends it with 2, and it says what to do."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import NoReturn

MODELS = Path(__file__).with_name("models")
"""Where models of CoNLL-2003 stay; git ignores it."""


def data(folder: Path) -> None:
    """A folder of the measuring data."""
    if not folder.is_dir():
        _stop(
            f"expected a folder of the measuring data, got {folder}, which is not there: "
            "name the folder that holds all of it in the environment variable ELMAN_DATA"
        )


def spacy() -> str:
    """The interpreter of an environment with spaCy: this one."""
    if importlib.util.find_spec("spacy") is None:
        _stop(
            f"expected an interpreter with spaCy, got {sys.executable}, which has none: "
            'install it with pip install "elman[spacy]", or name another interpreter: --spacy PYTHON'
        )
    return sys.executable


def vectors() -> Path | None:
    """The file of word vectors that ELMAN_VECTORS names, if it names one."""
    name = os.environ.get("ELMAN_VECTORS")
    if name and not Path(name).is_file():
        _stop(f"expected a file of word vectors in ELMAN_VECTORS, got {name}, which is none: correct it, or unset it")
    return Path(name) if name else None


def model() -> Path:
    """Of the models that conll2003.py trained, the one that is best on dev."""
    scores = {
        file.parent: float(json.loads(file.read_bytes())["dev"]["micro"]["f1"])
        for file in sorted(MODELS.glob("with*-vectors-*/metrics.json"))
    }
    if not scores:
        _stop(
            f"expected a model of CoNLL-2003, got none in {MODELS}: "
            "run python benchmarks/conll2003.py first, or name a model (--help says how)"
        )
    best = max(scores, key=scores.__getitem__)
    print(f"model: {best}, the best on dev of {len(scores)}, F1 {scores[best]:.2%}", flush=True)
    return best


def _stop(problem: str) -> NoReturn:
    print(f"error: {problem}", file=sys.stderr)
    raise SystemExit(2)
