"""Layers of labels that files of columns hold beside their entities: parts of speech and chunks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

POS, CHUNKS = "pos", "chunks"

_OPTIONS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    POS: {"conllu": {"column": "upos"}, "conll": {"column": 1, "scheme": "token"}},
    "upos": {"conllu": {"column": "upos"}},
    "xpos": {"conllu": {"column": "xpos"}},
    CHUNKS: {"conll": {"column": 2}},
}


def reading_options(layer: str, format: str) -> dict[str, Any]:  # noqa: A002  # the option's name
    """The options with which a format reads a layer that has a column of its own; none for every other layer.

    ``pos`` is UPOS of CoNLL-U, and of columns the one behind the token; ``chunks`` is the third one, as in the shared
    tasks of 2000 and 2003. ``upos`` and ``xpos`` are columns of CoNLL-U.
    """
    options = _OPTIONS.get(layer, {}).get(format)
    return {} if options is None else {"layer": layer, **options}
