"""Packages that only some of Elman's parts need, and what to install where one is missing."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from elman.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGES = {
    "train": ("torch", "pydantic"),
    "tensorboard": ("tensorboardX",),
    "zstd": ("zstandard",),
    "datasets": ("pyarrow",),
    "synthesis": ("faker",),
    "spacy": ("spacy",),
    "onnx": ("onnx", "onnxruntime"),
    "plots": ("matplotlib",),
    "tune": ("optuna",),
    "speech": ("soundfile", "soxr"),
    "subwords": ("tokenizers",),
    "translation": ("sacrebleu",),
    "documents": ("pypdfium2", "docx", "selectolax"),
}
"""Of each extra in ``pyproject.toml``, what it brings."""


@contextmanager
def needs(extra: str, purpose: str) -> Iterator[None]:
    """Around imports: say which extra to install if its packages are not there.

    Args:
        extra: its name.
        purpose: what it is for, as the beginning of a sentence.

    Raises:
        UsageError: in the place of a ``ModuleNotFoundError`` for one of the extra's packages.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _PACKAGES[extra]:
            raise
        raise UsageError(f'{purpose} needs {package}, which is not installed: pip install "elman[{extra}]"') from None
