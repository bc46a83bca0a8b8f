r"""What WebAnno TSV 3 is made of: the header with its layers, cells of stacked values, escapes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable

FORMAT = "#FORMAT=WebAnno TSV 3"
TEXT = "#Text="
NAMED_ENTITY = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"
CUSTOM = "webanno.custom."
NOTHING, ANY = "_", "*"

_RESERVED = "[]|_-;>*\\"
_CONTROLS = {"\t": "t", "\n": "n", "\r": "r", "\b": "b", "\f": "f"}
_CONTROLLED = {letter: control for control, letter in _CONTROLS.items()}
_KINDS = {"#T_SP=": "span", "#T_RL=": "relation", "#T_CH=": "chain"}
_TOKEN_LAYERS = ("POS", "Lemma", "Stem", "MorphologicalFeatures")
_LABELS = ("value", "label", "identifier")
_PIECES = re.compile(r"\\.?|\||[^\\|]+", re.DOTALL)
_NUMBERED = re.compile(r"(.*?)(?<!\\)((?:\\\\)*)\[(\d+)\]", re.DOTALL)
_BASE = "BT_"
HEADER = (FORMAT, *_KINDS)
"""How the lines of the header begin."""


class Layer(NamedTuple):
    """A layer of the header.

    Attributes:
        kind: span, relation or chain.
        type: the full name of its type.
        features: one for each of its columns, the base type of a relation without its prefix.
        column: the index of the first of its columns.
        entities: whether it is that of the entities.
    """

    kind: str
    type: str
    features: tuple[str, ...]
    column: int
    entities: bool = False

    @property
    def name(self) -> str:
        """The last part of the type's name, which is the layer's."""
        return decoded(self.type.removeprefix(CUSTOM)) if self.type.startswith(CUSTOM) else self.type.split(".")[-1]

    @property
    def of_tokens(self) -> bool:
        """Whether it says something of single tokens."""
        return self.type.split(".")[-1] in _TOKEN_LAYERS and not self.type.startswith(CUSTOM)

    @property
    def label(self) -> int | None:
        """Which of its columns is the label; None if it has only its address."""
        own = self.features[:-1] if self.kind == "relation" else self.features
        return next((own.index(name) for name in _LABELS if name in own), 0 if own else None)


def header(lines: Iterable[tuple[int, str]], name: str) -> list[Layer]:
    """The layers that a file's first lines say it has.

    Raises:
        DataError: with the line, if one of them is none.
    """
    layers: list[Layer] = []
    column = 3
    for number, line in lines:
        kind = _KINDS.get(line[:6])
        if kind is None:
            continue
        type_name, *features = line[6:].rstrip("\r").split("|")
        if not type_name.strip():
            raise DataError(f"expected a layer's type behind {line[:6]}, got nothing; mend the header", name, number)
        if kind == "relation":
            if not features or not features[-1].startswith(_BASE):
                raise DataError(
                    f"expected the layer that the relations are between behind {_BASE}, got {line!r}; mend the header",
                    name,
                    number,
                )
            features[-1] = features[-1].removeprefix(_BASE)
        layers.append(Layer(kind, type_name, tuple(features) or ("",), column))
        column += len(features) or 1
    return layers


class Value(NamedTuple):
    """One of the values stacked in a cell: None where the annotation has none, and its number, 0 for none."""

    text: str | None
    number: int


def values(cell: str) -> list[Value]:
    """The values stacked in a cell; none if nothing is there."""
    if cell == NOTHING:
        return []
    stack = [""]
    for piece in _PIECES.findall(cell):
        if piece == "|":
            stack.append("")
        else:
            stack[-1] += piece
    return [_value(one) for one in stack]


def _value(text: str) -> Value:
    match = _NUMBERED.fullmatch(text)
    text, number = (match[1] + match[2], int(match[3])) if match else (text, 0)
    return Value(None if text == ANY else unescaped(text), number)


def cell(stacked: Iterable[Value]) -> str:
    """The inverse of ``values``."""
    pieces = [(ANY if text is None else escaped(text)) + (f"[{number}]" if number else "") for text, number in stacked]
    return "|".join(pieces) if pieces else NOTHING


def escaped(text: str) -> str:
    """A value with a backslash before what is reserved."""
    return "".join(
        f"\\{_CONTROLS.get(character, character)}" if character in _RESERVED or character in _CONTROLS else character
        for character in text
    )


def escaped_text(text: str) -> str:
    """The text of a sentence on one line."""
    return "".join(
        f"\\{_CONTROLS.get(character, character)}" if character == "\\" or character in _CONTROLS else character
        for character in text
    )


def unescaped(text: str) -> str:
    """The inverse of both."""
    if "\\" not in text:
        return text
    return re.sub(r"\\(.)", lambda match: _CONTROLLED.get(match[1], match[1]), text, flags=re.DOTALL)


def encoded(layer: str) -> str:
    """A layer's name as the name of a type: letters, digits and ``_``; others as ``_x2f_``."""
    return re.sub(r"[^A-Za-z0-9_]|_(?=x[0-9a-f]+_)", lambda match: f"_x{ord(match[0]):x}_", layer)


def decoded(name: str) -> str:
    """The inverse of ``encoded``."""
    return re.sub(r"_x([0-9a-f]{1,6})_", lambda match: chr(int(match[1], 16)), name)
