"""The settings of a training run: frozen dataclasses, and the same as commented TOML.

What a setting is called, means, may be and is by default stands once, in its dataclass; the comments of the
TOML file and the messages about faults are made from that. Needs pydantic, which comes with ``elman[train]``:
nothing that tagging needs imports this module.
"""

from __future__ import annotations

import difflib
import json
import re
import textwrap
import tomllib
from dataclasses import asdict, fields
from dataclasses import field as default
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass

from elman.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import Self

AUTO = "auto"
"""What a file says where the dataclass has None: the value is chosen by the program. TOML knows no None."""

# Strict: true is no integer, 3.0 neither, and "3" is no number. An integer does for a real number.
_CONFIG = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)

Share = Annotated[float, Field(ge=0, le=1)]
"""A part of a whole, which may be the whole."""

Rate = Annotated[float, Field(ge=0, lt=1)]
"""A part of a whole, which must not be the whole: of dropout, something has to remain."""

Count = Annotated[int, Field(ge=0)]
"""A whole number, 0 included."""

Size = Annotated[int, Field(ge=1)]
"""A whole number, at least 1."""


@dataclass(frozen=True, kw_only=True, config=_CONFIG)
class EmbeddingSettings:
    """How words become vectors: by themselves, by their characters and by their shape."""

    word_size: Size = 100
    """Numbers in a word's vector; ignored when pretrained vectors are given, which have their own size."""
    lowercase: bool = True
    """Whether words are looked up in lower case."""
    digits_to_zero: bool = True
    """Whether every digit of a word is read as 0, so that numbers of one pattern share a row."""
    min_count: Size = 1
    """Words seen less often than this in training share the row of the unknown word."""
    unknown_rate: Share = 0.5
    """The share of the words seen once, and without a pretrained vector, that training shows as unknown."""
    kept_vectors: Count = 400_000
    """Pretrained vectors kept in the model for words that training does not hold, the most frequent first."""
    characters: Literal["convolution", "lstm", "none"] = "convolution"
    """The network that reads a word's characters."""
    character_size: Size = 40
    """Numbers in a character's vector."""
    character_output: Size = 100
    """Numbers that the characters of a word become."""
    character_limit: Size = 24
    """At most this many characters of a word are read."""
    shape_size: Count = 20
    """Numbers in the vector of a word's shape (capitals, digits, punctuation); 0 leaves shapes out."""


OPTIONS = {
    "activation": ("elman",),
    "start": ("elman",),
    "forget_bias": ("lstm", "minlstm", "slstm"),
    "peepholes": ("lstm",),
    "coupled": ("lstm",),
    "reach": ("window", "convolution"),
}
"""The cells that an encoder's option is for."""

_NO_RECURRENCE = ("bag", "window", "convolution")


@dataclass(frozen=True, kw_only=True, config=_CONFIG)
class EncoderSettings:
    """The recurrent network."""

    cell: Literal["elman", "lstm", "gru", "sru", "mingru", "minlstm", "slstm", "bag", "window", "convolution"] = "lstm"
    """The recurrent cell; or, to compare with, layers without recurrence: bag reads a token and the mean of its
    sentence, window a token and its neighbours, convolution neighbours of neighbours in each further layer."""
    activation: Literal["tanh", "sigmoid", "relu"] = "tanh"
    """For elman: what is around its sum."""
    start: Literal["orthogonal", "identity"] = "orthogonal"
    """For elman: what its recurrent matrix is at first; identity goes with relu and recurrent_dropout = 0."""
    forget_bias: Annotated[float, Field(ge=-10, le=10)] = 1.0
    """For lstm, minlstm and slstm: the forget gate's bias at first; the larger, the longer a state is kept."""
    peepholes: bool = False
    """For lstm: whether the gates see the cell state."""
    coupled: bool = False
    """For lstm: whether just so much is taken in as is forgotten, without an input gate."""
    reach: Size = 2
    """For window and convolution: how many tokens on each side one sees; in a convolution's further layers they are
    2, 4, 8, ... apart."""
    directions: Literal["both", "forward"] = "both"
    """both reads a sentence from its start and from its end; forward from its start alone, and wants context = 0."""
    lookahead: Count = 0
    """How many tokens beyond a token a network that only reads forward has read before it tags the token."""
    hidden: Size = 200
    """Units in each direction of each layer."""
    context: Count = 100
    """Numbers in the summary of the whole sentence that each token reads beside its own vector; 0 leaves it out."""
    layers: Size = 1
    """Layers, one on top of the other."""
    input_dropout: Rate = 0.35
    """The share of the word vectors' numbers that training sets to zero before the first layer."""
    dropout: Rate = 0.5
    """The share of each layer's output that training sets to zero."""
    recurrent_dropout: Rate = 0.25
    """The share of the recurrent weights that training sets to zero, other ones in each batch; sru, mingru, minlstm and
    the layers without recurrence have none."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        """What each setting alone may be, but not together."""
        for option in fields(self):
            cells, value = OPTIONS.get(option.name, (self.cell,)), getattr(self, option.name)
            if self.cell not in cells and value != option.default:
                raise ValueError(
                    f'expected {option.name} = {_toml(option.default)} with cell = "{self.cell}", since it is for '
                    f"{' and '.join(cells)} alone; got {_toml(value)}"
                )
        if self.start == "identity" and self.recurrent_dropout:
            raise ValueError(
                'expected recurrent_dropout = 0 with start = "identity", since what remains is scaled up and '
                f"states would grow at every step; got {self.recurrent_dropout:g}"
            )
        if self.cell in _NO_RECURRENCE and self.directions == "forward":
            raise ValueError(
                f'expected directions = "both" with cell = "{self.cell}", which reads on both sides of a token; '
                'got "forward"'
            )
        if self.directions == "both" and self.lookahead:
            raise ValueError(
                f'expected lookahead = 0 with directions = "both", which reads all that follows; got {self.lookahead}'
            )
        if self.directions == "forward" and self.context:
            raise ValueError(
                f'expected context = 0 with directions = "forward", since the summary is of the whole sentence; '
                f"got {self.context}"
            )
        return self


@dataclass(frozen=True, kw_only=True, config=_CONFIG)
class HeadSettings:
    """How the states of the network become tags."""

    kind: Literal["crf", "softmax"] = "crf"
    """crf scores whole sequences of tags, softmax each tag alone."""
    scheme: Literal["io", "iob1", "iob2", "ioe1", "ioe2", "biluo", "iobes", "bmewo"] = "iobes"
    """The tag scheme that the network learns, whichever one the data are in."""


@dataclass(frozen=True, kw_only=True, config=_CONFIG)
class TrainingSettings:
    """How the weights are found."""

    seed: Annotated[int, Field(ge=0, lt=2**32)] = 1
    """Where the random numbers start; the same seed, data and machine give the same weights."""
    epochs: Size | None = None
    """Passes over the training set; chosen from its size if auto."""
    batch_tokens: Size | None = None
    """Tokens in a batch, padding included; chosen from the size of the training set if auto."""
    learning_rate: Annotated[float, Field(gt=0)] = 0.004
    """The largest step size, reached after the warm-up."""
    vector_learning_rate: Annotated[float, Field(ge=0)] = 0.1
    """A factor on the step size of pretrained word vectors; 0 leaves them as they were."""
    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    """How the step size goes from its largest value towards 0, or that it does not."""
    warmup: Rate = 0.05
    """The share of all steps during which the step size grows from 0 to its largest value."""
    neighbours: Annotated[float, Field(ge=0)] | None = None
    """How much predicting the words before and after each word counts beside the tags; 0 leaves it out; chosen from
    the size of the training set if auto."""
    clip_norm: Annotated[float, Field(gt=0)] = 5.0
    """A gradient longer than this is shortened to it."""
    averaging: Rate = 0.999
    """How much of the averaged weights, which are judged and stored, each step keeps; 0 turns it off."""
    patience: Count = 0
    """Evaluations without a gain on the development set before training stops; 0 never stops it early."""
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    """How strongly weights are drawn to 0 at each step, as a factor on the step size."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """The arithmetic of the network's matrix products; bfloat16 is for processors and GPUs that have it."""
    threads: Count = 0
    """Processor threads; 0 takes all cores."""
    checkpoint_seconds: Annotated[float, Field(gt=0)] = 300.0
    """Seconds from one checkpoint to the next: what a killed run loses at most."""


@dataclass(frozen=True, kw_only=True, config=_CONFIG)
class DataSettings:
    """How labelled files are read."""

    holdout: Annotated[float, Field(gt=0, lt=1)] = 0.1
    """The share of the training documents that becomes the development set where none is given."""
    repair: Literal["refuse", "conlleval", "drop"] = "conlleval"
    """What happens to an invalid tag: refuse the file, start an entity there, or drop the entity."""
    partial: Literal["outside", "inside"] = "outside"
    """A span that cuts a token: outside grows it to whole tokens, inside shrinks it to those it covers."""
    layer: Annotated[str, Field(min_length=1)] = "entities"
    """The layer of spans to learn."""
    overlap: Literal["longest", "first", "error", "layers"] = "longest"
    """Which of two overlapping spans is kept, that it is an error, or layers: the inner ones are in entities/2, ..."""


@dataclass(frozen=True, kw_only=True, config=_CONFIG)
class Settings:
    """All settings of a training run, by group; each group has its defaults.

    Raises:
        pydantic.ValidationError: if a value has the wrong type or is out of range, here and in every group;
            ``load`` and ``from_dict`` raise SettingsError instead.
    """

    embedding: EmbeddingSettings = default(default_factory=EmbeddingSettings)
    encoder: EncoderSettings = default(default_factory=EncoderSettings)
    head: HeadSettings = default(default_factory=HeadSettings)
    training: TrainingSettings = default(default_factory=TrainingSettings)
    data: DataSettings = default(default_factory=DataSettings)


_GROUPS: dict[str, Any] = get_type_hints(Settings)
# Of each field of each group its JSON Schema: description, type, range, default.
_FIELDS: dict[str, dict[str, dict[str, Any]]] = {
    group: TypeAdapter(kind).json_schema()["properties"] for group, kind in _GROUPS.items()
}

_BOUNDS = {
    "minimum": "of at least",
    "exclusiveMinimum": "above",
    "maximum": "of at most",
    "exclusiveMaximum": "below",
}
_KEY = r"[\w-]+(?:\s*\.\s*[\w-]+)*"


def load(path: Path | None = None, overrides: Sequence[str] = ()) -> Settings:
    """Settings from a TOML file, with some of them replaced.

    Args:
        path: the file, as ``dumps`` writes it; what it leaves out has its default. None: defaults only.
        overrides: ``group.name=value``, the value as TOML writes it or a bare word. The last one wins.

    Raises:
        SettingsError: with all faults: a file that cannot be read or is no TOML (the line is named), unknown
            keys, wrong types, values out of range, malformed overrides.
    """
    tree: dict[str, object] = {}
    places: dict[str, str] = {}
    faults: list[str] = []
    if path is not None:
        try:
            text = path.read_text("utf-8-sig")
            tree = tomllib.loads(text)
            places = _lines(text.split("\n"))
        except OSError as error:
            faults.append(f"cannot be read: {error.strerror}; name a TOML file with settings")
        except UnicodeDecodeError as error:
            faults.append(f"is not UTF-8 (byte {error.start}); settings are a TOML file in UTF-8")
        except ValueError as error:
            faults.append(_syntax(str(error), text))
    for override in overrides:
        try:
            group, name, value = _override(override)
        except ValueError as error:
            faults.append(f"override {override!r}: {error}")
            continue
        table = tree.get(group, {})
        if isinstance(table, dict):  # if not, the file is at fault
            tree = {**tree, group: {**table, name: value}}
            places = {group: f"override {override!r}", **places, f"{group}.{name}": f"override {override!r}"}
    settings, wrong = _build(tree, places)
    if faults or wrong:
        raise SettingsError([*faults, *wrong], "settings" if path is None else str(path))
    return settings


def from_dict(tree: Mapping[str, object], source: str = "settings") -> Settings:
    """Settings from groups of plain values, as ``to_dict`` gives them; what is left out has its default.

    Args:
        tree: group, name, value.
        source: where the tree came from, for the message.

    Raises:
        SettingsError: with all faults: unknown keys, wrong types, values out of range.
    """
    settings, faults = _build(tree, {})
    if faults:
        raise SettingsError(faults, source)
    return settings


def to_dict(settings: Settings) -> dict[str, dict[str, bool | int | float | str | None]]:
    """The settings as groups of plain values, ready for JSON; the inverse of ``from_dict``."""
    return asdict(settings)


def dumps(settings: Settings) -> str:
    """The settings as TOML: every group and every field, with its meaning, range and default as a comment.

    ``load`` reads it back to equal settings.
    """
    lines = ["# Settings of Elman. What is left out has its default."]
    for group, values in to_dict(settings).items():
        lines += ["", *_comment(str(_GROUPS[group].__doc__)), f"[{group}]"]
        for name, value in values.items():
            schema = _FIELDS[group][name]
            expected = _expected(schema)
            lines += _comment(schema["description"])
            lines += _comment(f"{expected[0].upper()}{expected[1:]}; by default {_toml(schema['default'])}.")
            lines += [f"{name} = {_toml(value)}"]
    return "\n".join(lines) + "\n"


def _build(tree: Mapping[str, object], places: Mapping[str, str]) -> tuple[Settings, list[str]]:
    """Settings from a tree, with defaults where it is wrong, and what is wrong with it and where."""
    groups: dict[str, Any] = {}
    faults: list[tuple[str, str]] = []
    for group, table in tree.items():
        if group not in _GROUPS:
            faults.append((group, _unknown(group, {name: name for name in _GROUPS})))
        elif not isinstance(table, dict):
            faults.append((group, f"expected a table, [{group}], got {_shown(table)}"))
        else:
            groups[group], wrong = _build_group(group, table)
            faults += wrong
    said = [f"{places[key]}: {key}: {problem}" if key in places else f"{key}: {problem}" for key, problem in faults]
    return Settings(**groups), said


def _build_group(group: str, table: Mapping[str, object]) -> tuple[Any, list[tuple[str, str]]]:
    """One group, with its defaults if anything is wrong, and the keys at fault, each with its problem."""
    fields = _FIELDS[group]
    here = {name: f"{group}.{name}" for name in fields}
    faults = [(f"{group}.{name}", _unknown(name, here)) for name in table if name not in fields]
    known = {
        name: None if value == AUTO and fields[name]["default"] is None else value
        for name, value in table.items()
        if name in fields
    }
    try:
        return _GROUPS[group](**known), faults
    except ValidationError as error:
        wrong = dict.fromkeys(str(fault["loc"][0]) for fault in error.errors() if fault["loc"])
        together = [str(fault["ctx"]["error"]) for fault in error.errors() if not fault["loc"]]
    faults += [(group, problem) for problem in together]
    said = [(here[name], f"expected {_expected(fields[name])}, got {_shown(table[name])}") for name in wrong]
    return _GROUPS[group](), faults + said


def _unknown(name: str, here: Mapping[str, str]) -> str:
    """What to say of an unknown name: the nearest of this place or any group, and all names of this place."""
    everywhere = {known: f"{group}.{known}" for group, fields in _FIELDS.items() for known in fields}
    names = {**everywhere, **here}
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"; did you mean {names[near[0]]}?" if near else "."
    return f"there is no such setting{hint} Known here: {', '.join(here)}"


def _expected(schema: Mapping[str, Any]) -> str:
    """What a field takes, in words, from its JSON Schema."""
    if "anyOf" in schema:
        inner, _ = schema["anyOf"]
        return f"{_expected(inner)}, or {_toml(None)}"
    if "enum" in schema:
        return "one of " + ", ".join(map(_toml, schema["enum"]))
    if schema["type"] == "boolean":
        return "true or false"
    kind = "a whole number" if schema["type"] == "integer" else "a number"
    bounds = [f"{words} {schema[key]}" for key, words in _BOUNDS.items() if key in schema]
    return f"{kind} {' and '.join(bounds)}"


def _override(text: str) -> tuple[str, str, object]:
    """Group, name and value of ``group.name=value``; ValueError says what is wrong with it."""
    parts = re.fullmatch(r"\s*([\w-]+)\s*\.\s*([\w-]+)\s*=\s*(.*?)\s*", text, re.DOTALL)
    if parts is None:
        raise ValueError("expected group.name=value, such as encoder.hidden=100")
    group, name, value = parts.groups()
    try:
        parsed = tomllib.loads(f"value = {value}")
    except ValueError:
        parsed = {"value": value} if re.fullmatch(r"[^\W\d][\w-]*", value) else {}
    if parsed.keys() != {"value"}:
        raise ValueError(f'{value!r} is neither a TOML value (100, 0.5, true, "text") nor a bare word')
    return group, name, parsed["value"]


def _lines(lines: Sequence[str]) -> dict[str, str]:
    """Where tables and keys stand, as far as the beginnings of the lines tell; good for messages only."""
    found: dict[str, str] = {}
    table = ""
    for number, line in enumerate(lines, 1):
        if header := re.match(rf"\s*\[\s*({_KEY})\s*\]", line):
            table = header[1]
            found.setdefault(table, f"line {number}")
        elif key := re.match(rf"\s*({_KEY})\s*=", line):
            found.setdefault(f"{table}.{key[1]}".lstrip("."), f"line {number}")
    return found


def _syntax(message: str, text: str) -> str:
    """The parser's message, with a line also where it names the end of the file."""
    end = f"at line {len(text.splitlines())}, the end of the file"
    return f"is no TOML: {message.replace('at end of document', end)}"


def _comment(text: str) -> list[str]:
    return textwrap.wrap(" ".join(text.split()), 100, initial_indent="# ", subsequent_indent="# ")


def _toml(value: object) -> str:
    """A value as TOML writes it; for the values that settings have, JSON writes the same."""
    return json.dumps(AUTO if value is None else value, ensure_ascii=False)


def _shown(value: object) -> str:
    """A value of any kind, as a message shows it."""
    return textwrap.shorten(json.dumps(value, ensure_ascii=False, default=str), 60, placeholder=" ...")
