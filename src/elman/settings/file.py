"""Settings as commented TOML, and what is wrong with them in words."""

from __future__ import annotations

import difflib
import json
import re
import textwrap
import tomllib
from dataclasses import asdict, is_dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar, get_type_hints, overload

from pydantic import TypeAdapter, ValidationError

from elman.errors import SettingsError
from elman.settings.groups import Settings
from elman.settings.spelling import AUTO, spelt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from elman.settings.groups import HoldoutSettings, TrainingSettings


class TaskSettings(Protocol):
    """What the settings of every task have: its name, how the weights are found, how files are read.

    Further groups are frozen dataclasses, too; each group has its defaults, which may be other ones for each task.
    """

    @property
    def task(self) -> str:
        """Its name."""
        ...

    @property
    def training(self) -> TrainingSettings:
        """How the weights are found."""
        ...

    @property
    def data(self) -> HoldoutSettings:
        """How files are read."""
        ...


Kind = TypeVar("Kind")

_BOUNDS = {
    "minimum": "of at least",
    "exclusiveMinimum": "above",
    "maximum": "of at most",
    "exclusiveMaximum": "below",
}
_KEY = r"[\w-]+(?:\s*\.\s*[\w-]+)*"

TASK = "task"
"""The key under which a file may say which task it is for."""


class _Groups(NamedTuple):
    """The groups of a task's settings.

    Attributes:
        kinds: the class of each.
        fields: of each field of each group its JSON Schema: description, type, range.
        defaults: of each field its default for this task.
    """

    kinds: dict[str, Any]
    fields: dict[str, dict[str, dict[str, Any]]]
    defaults: dict[str, dict[str, Any]]


def _groups(kind: Any) -> _Groups:
    """See ``_Groups``; made once for each class."""
    if kind not in _made:
        defaults = asdict(kind())
        kinds = {name: found for name, found in get_type_hints(kind).items() if name in defaults}
        _made[kind] = _Groups(kinds, {name: _fields(group) for name, group in kinds.items()}, defaults)
    return _made[kind]


_made: dict[Any, _Groups] = {}


def _fields(group: Any) -> dict[str, dict[str, Any]]:
    """Of each field its JSON Schema; a field that a class inherits has its docstring there."""
    bases: list[Any] = [base for base in group.__mro__ if is_dataclass(base)]
    schemas = [TypeAdapter(base).json_schema()["properties"] for base in bases]
    return {
        name: {"description": next(one[name]["description"] for one in schemas if "description" in one[name]), **schema}
        for name, schema in schemas[0].items()
    }


@overload
def load(path: Path | None = None, overrides: Sequence[str] = ()) -> Settings: ...
@overload
def load(path: Path | None, overrides: Sequence[str], kind: type[Kind]) -> Kind: ...
def load(path: Path | None = None, overrides: Sequence[str] = (), kind: Any = Settings) -> Any:
    """Settings from a TOML file, with some of them replaced.

    Args:
        path: the file, as ``dumps`` writes it; what it leaves out has its default. None: defaults only.
        overrides: ``group.name=value``, the value as TOML writes it or a bare word. The last one wins.
        kind: the task's settings; those of the tagger if not given.

    Raises:
        SettingsError: with all faults: a file that cannot be read or is no TOML (the line is named), unknown
            keys, wrong types, values out of range, malformed overrides.
    """
    tree: dict[str, object] = {}
    places: dict[str, str] = {}
    faults: list[str] = []
    if path is not None:
        try:
            tree, places = _parse(path)
        except ValueError as error:
            faults.append(str(error))
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
    settings, wrong = _build(tree, places, kind)
    if faults or wrong:
        raise SettingsError([*faults, *wrong], "settings" if path is None else str(path))
    return settings


def task_of(path: Path) -> str | None:
    """The task that a TOML file is for, if it says so.

    Raises:
        SettingsError: if it cannot be read, or is no TOML.
    """
    try:
        tree, _ = _parse(path)
    except ValueError as error:
        raise SettingsError([str(error)], str(path)) from None
    task = tree.get(TASK)
    return task if isinstance(task, str) else None


@overload
def from_dict(tree: Mapping[str, object], source: str = "settings") -> Settings: ...
@overload
def from_dict(tree: Mapping[str, object], source: str, kind: type[Kind]) -> Kind: ...
def from_dict(tree: Mapping[str, object], source: str = "settings", kind: Any = Settings) -> Any:
    """Settings from groups of plain values, as ``to_dict`` gives them; what is left out has its default.

    Args:
        tree: group, name, value.
        source: where the tree came from, for the message.
        kind: the task's settings; those of the tagger if not given.

    Raises:
        SettingsError: with all faults: unknown keys, wrong types, values out of range.
    """
    settings, faults = _build(tree, {}, kind)
    if faults:
        raise SettingsError(faults, source)
    return settings


def to_dict(settings: Any) -> dict[str, dict[str, bool | int | float | str | None]]:
    """The settings as groups of plain values, ready for JSON; the inverse of ``from_dict``."""
    return asdict(settings)


def dumps(settings: Any) -> str:
    """The settings as TOML: every group and every field, with its meaning, range and default as a comment.

    ``load`` reads it back to equal settings.
    """
    groups = _groups(type(settings))
    lines = ["# Settings of Elman. What is left out has its default.", "", f"{TASK} = {spelt(settings.task)}"]
    for group, values in to_dict(settings).items():
        lines += ["", *_comment(str(groups.kinds[group].__doc__)), f"[{group}]"]
        for name, value in values.items():
            schema = groups.fields[group][name]
            expected = _expected(schema)
            lines += _comment(schema["description"])
            lines += _comment(f"{expected[0].upper()}{expected[1:]}; by default {spelt(groups.defaults[group][name])}.")
            lines += [f"{name} = {spelt(value)}"]
    return "\n".join(lines) + "\n"


def _parse(path: Path) -> tuple[dict[str, object], dict[str, str]]:
    """What a TOML file says, and where; ValueError says what is wrong with it."""
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}; name a TOML file with settings") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8 (byte {error.start}); settings are a TOML file in UTF-8") from None
    try:
        return tomllib.loads(text), _lines(text.split("\n"))
    except ValueError as error:
        raise ValueError(_syntax(str(error), text)) from None


def _build(tree: Mapping[str, object], places: Mapping[str, str], kind: type[Kind]) -> tuple[Kind, list[str]]:
    """Settings from a tree, with defaults where it is wrong, and what is wrong with it and where."""
    known, groups = _groups(kind), dict[str, Any]()
    faults: list[tuple[str, str]] = []
    for group, table in tree.items():
        if group == TASK:
            own: str = kind.task  # type: ignore[attr-defined]
            if table != own:
                faults.append((TASK, f"expected {spelt(own)}, which these settings are for, got {_shown(table)}"))
        elif group not in known.kinds:
            faults.append((group, _unknown(group, {name: name for name in known.kinds}, known)))
        elif not isinstance(table, dict):
            faults.append((group, f"expected a table, [{group}], got {_shown(table)}"))
        else:
            groups[group], wrong = _build_group(group, table, known)
            faults += wrong
    said = [f"{places[key]}: {key}: {problem}" if key in places else f"{key}: {problem}" for key, problem in faults]
    return kind(**groups), said


def _build_group(group: str, table: Mapping[str, object], known: _Groups) -> tuple[Any, list[tuple[str, str]]]:
    """One group, with its defaults if anything is wrong, and the keys at fault, each with its problem."""
    fields, defaults = known.fields[group], known.defaults[group]
    here = {name: f"{group}.{name}" for name in fields}
    faults = [(f"{group}.{name}", _unknown(name, here, known)) for name in table if name not in fields]
    given = {
        name: None if value == AUTO and fields[name]["default"] is None else value
        for name, value in table.items()
        if name in fields
    }
    kind = known.kinds[group]
    try:
        return kind(**{**defaults, **given}), faults
    except ValidationError as error:
        wrong = dict.fromkeys(str(fault["loc"][0]) for fault in error.errors() if fault["loc"])
        together = [str(fault["ctx"]["error"]) for fault in error.errors() if not fault["loc"]]
    faults += [(group, problem) for problem in together]
    said = [(here[name], f"expected {_expected(fields[name])}, got {_shown(table[name])}") for name in wrong]
    return kind(**defaults), faults + said


def _unknown(name: str, here: Mapping[str, str], known: _Groups) -> str:
    """What to say of an unknown name: the nearest of this place or any group, and all names of this place."""
    everywhere = {field: f"{group}.{field}" for group, fields in known.fields.items() for field in fields}
    names = {**everywhere, **here}
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"; did you mean {names[near[0]]}?" if near else "."
    return f"there is no such setting{hint} Known here: {', '.join(here)}"


def _expected(schema: Mapping[str, Any]) -> str:
    """What a field takes, in words, from its JSON Schema."""
    if "anyOf" in schema:
        inner, _ = schema["anyOf"]
        return f"{_expected(inner)}, or {spelt(None)}"
    if "enum" in schema:
        return "one of " + ", ".join(map(spelt, schema["enum"]))
    if schema["type"] == "boolean":
        return "true or false"
    if schema["type"] == "string":
        return "text"
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


def _shown(value: object) -> str:
    """A value of any kind, as a message shows it."""
    return textwrap.shorten(json.dumps(value, ensure_ascii=False, default=str), 60, placeholder=" ...")
