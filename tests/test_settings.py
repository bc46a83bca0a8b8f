from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from contextlib import suppress
from dataclasses import FrozenInstanceError, fields, replace
from typing import TYPE_CHECKING, Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from elman import settings as module
from elman.errors import SettingsError
from elman.settings import EncoderSettings, Settings, TaggerTrainingSettings, dumps, from_dict, load, to_dict

if TYPE_CHECKING:
    from pathlib import Path

GROUPS: dict[str, Any] = get_type_hints(Settings)


def schema_of(group: Any) -> dict[str, Any]:
    """Of each field its JSON Schema; a field that is inherited has its docstring in the class above."""
    above = [schema_of(base) for base in group.__bases__ if base is not object]
    own = TypeAdapter(group).json_schema()["properties"]
    return {name: {**next((one[name] for one in above if name in one), {}), **field} for name, field in own.items()}


SCHEMAS = {name: schema_of(group) for name, group in GROUPS.items()}


def values(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "anyOf" in schema:
        return st.one_of(st.none(), values(schema["anyOf"][0]))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema["type"] == "string":
        return st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=schema["minLength"])
    if schema["type"] == "boolean":
        return st.booleans()
    if schema["type"] == "integer":
        top = schema.get("exclusiveMaximum")
        return st.integers(schema.get("minimum"), None if top is None else top - 1)
    return st.floats(
        schema.get("minimum", schema.get("exclusiveMinimum")),
        schema.get("maximum", schema.get("exclusiveMaximum")),
        exclude_min="exclusiveMinimum" in schema,
        exclude_max="exclusiveMaximum" in schema,
        allow_nan=False,
        allow_infinity=False,
    )


OPTIONS = {
    "activation": ("elman",),
    "start": ("elman",),
    "forget_bias": ("lstm", "minlstm", "slstm"),
    "peepholes": ("lstm",),
    "coupled": ("lstm",),
    "reach": ("window", "convolution"),
}


def fitting(name: str, drawn: dict[str, Any]) -> dict[str, Any]:
    """Values of a group that go together."""
    if name != "encoder":
        return drawn
    cell = drawn["cell"]
    defaults = {field.name: field.default for field in fields(EncoderSettings)}
    foreign = {option: defaults[option] for option, cells in OPTIONS.items() if cell not in cells}
    directions = "both" if cell in ("bag", "window", "convolution") else drawn["directions"]
    alone: dict[str, Any] = {"lookahead": 0} if directions == "both" else {"context": 0}
    if {**drawn, **foreign}["start"] == "identity":
        alone["recurrent_dropout"] = 0.0
    return {**drawn, **foreign, **alone, "directions": directions}


SETTINGS = st.builds(
    Settings,
    **{
        name: st.fixed_dictionaries({field: values(schema) for field, schema in SCHEMAS[name].items()}).map(
            lambda drawn, name=name, group=group: group(**fitting(name, drawn))
        )
        for name, group in GROUPS.items()
    },
)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
KEYS = st.sampled_from([*GROUPS, *(field for schema in SCHEMAS.values() for field in schema)]) | st.text()


def write(folder: Path, text: str) -> Path:
    path = folder / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(path: Path | None, *overrides: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        load(path, overrides)
    return caught.value.faults


@examples(max_examples=30)
@given(SETTINGS)
def test_toml_loads_back_equal(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> None:
    path = write(tmp_path_factory.mktemp("settings"), dumps(settings))
    assert load(path) == settings


@examples(max_examples=30)
@given(SETTINGS)
def test_json_loads_back_equal(settings: Settings) -> None:
    assert from_dict(json.loads(json.dumps(to_dict(settings)))) == settings


@examples(max_examples=30)
@given(SETTINGS)
def test_every_value_can_be_an_override(settings: Settings) -> None:
    parsed = tomllib.loads(dumps(settings))
    assert parsed.pop("task") == "tagging"
    overrides = [
        f"{group}.{name}={json.dumps(value, ensure_ascii=False)}"
        for group, table in parsed.items()
        for name, value in table.items()
    ]
    assert load(None, overrides) == settings


@examples(max_examples=50)
@given(st.dictionaries(KEYS, PLAIN | st.dictionaries(KEYS, PLAIN, max_size=4), max_size=4))
def test_any_tree_gives_settings_or_a_settings_error(tree: dict[str, Any]) -> None:
    with suppress(SettingsError):
        settings = from_dict(tree)
        assert from_dict(to_dict(settings)) == settings


@given(st.text())
def test_any_override_gives_settings_or_a_settings_error(override: str) -> None:
    assert len(faults(None, override)) == 1


def test_the_file_says_of_every_field_what_it_means() -> None:
    text = " ".join(line.removeprefix("# ") for line in dumps(Settings()).splitlines())
    for group, schema in SCHEMAS.items():
        assert f"[{group}]" in text
        for name, field in schema.items():
            assert " ".join(field["description"].split()) in text
            assert f" {name} = " in text


def test_every_field_has_a_description_and_every_number_a_range() -> None:
    for schema in SCHEMAS.values():
        for field in schema.values():
            assert field["description"].endswith(".")
            kind = field["anyOf"][0] if "anyOf" in field else field
            assert kind.get("type") not in {"integer", "number"} or {"minimum", "exclusiveMinimum"} & kind.keys()


def test_lines_of_the_file_fit_a_screen() -> None:
    assert max(map(len, dumps(Settings()).splitlines())) <= 100


def test_the_default_is_no_file_and_an_empty_file(tmp_path: Path) -> None:
    assert load() == load(write(tmp_path, "")) == from_dict({}) == Settings()


def test_a_byte_order_mark_is_read_over(tmp_path: Path) -> None:
    assert load(write(tmp_path, "\ufeff[encoder]\nhidden = 5\n")).encoder.hidden == 5


def test_overrides_win_over_the_file_and_later_ones_over_earlier_ones(tmp_path: Path) -> None:
    path = write(tmp_path, "[encoder]\nhidden = 5\nlayers = 2\n[training]\nepochs = 3\n")
    settings = load(path, ["encoder.hidden=6", "encoder.hidden = 7", "encoder.cell=gru", "training.epochs=auto"])
    assert settings.encoder == EncoderSettings(hidden=7, layers=2, cell="gru")
    assert settings.training.epochs is None


@pytest.mark.parametrize(
    ("value", "cell"), [("gru", "gru"), ('"gru"', "gru"), ("'gru'", "gru"), (' "gru" # why', "gru")]
)
def test_an_override_is_a_toml_value_or_a_bare_word(value: str, cell: str) -> None:
    assert load(None, [f"encoder.cell={value}"]).encoder.cell == cell


def test_a_whole_number_does_for_a_number() -> None:
    rate = load(None, ["training.learning_rate=1"]).training.learning_rate
    assert rate == 1
    assert isinstance(rate, float)


def test_all_faults_are_said_at_once_with_their_places(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "dropout = 1\n[encoder]\nhiden = 3\nlayers = true\ndropout = 1.0\n\n"
        "[ training ]\nepochs = 0\n[hed]\nkind = 1\n",
    )
    said = faults(path, "head.kind=hmm", "data.holdout", "data.holdout=.5", "training.epochs.x=1")
    assert said == (
        "override 'data.holdout': expected group.name=value, such as encoder.hidden=100",
        "override 'data.holdout=.5': '.5' is neither a TOML value (100, 0.5, true, \"text\") nor a bare word",
        "override 'training.epochs.x=1': expected group.name=value, such as encoder.hidden=100",
        "line 1: dropout: there is no such setting; did you mean encoder.dropout? "
        "Known here: embedding, encoder, head, training, data",
        "line 3: encoder.hiden: there is no such setting; did you mean encoder.hidden? "
        f"Known here: {', '.join(SCHEMAS['encoder'])}",
        "line 4: encoder.layers: expected a whole number of at least 1, got true",
        "line 5: encoder.dropout: expected a number of at least 0 and below 1, got 1.0",
        'line 8: training.epochs: expected a whole number of at least 1, or "auto", got 0',
        "line 9: hed: there is no such setting; did you mean head? "
        "Known here: embedding, encoder, head, training, data",
        'override \'head.kind=hmm\': head.kind: expected one of "crf", "softmax", got "hmm"',
    )


@pytest.mark.parametrize(
    ("override", "problem"),
    [
        ("encoder.hidden=true", "expected a whole number of at least 1, got true"),
        ("encoder.hidden=1.0", "expected a whole number of at least 1, got 1.0"),
        ("encoder.hidden=auto", 'expected a whole number of at least 1, got "auto"'),
        ('encoder.hidden="1"', 'expected a whole number of at least 1, got "1"'),
        ("encoder.hidden=[1]", "expected a whole number of at least 1, got [1]"),
        ("encoder.hidden={a = 1}", 'expected a whole number of at least 1, got {"a": 1}'),
        ("encoder.dropout=false", "expected a number of at least 0 and below 1, got false"),
        ("encoder.dropout=-0.1", "expected a number of at least 0 and below 1, got -0.1"),
        ("encoder.dropout=1979-05-27", 'expected a number of at least 0 and below 1, got "1979-05-27"'),
        ("training.learning_rate=0", "expected a number above 0, got 0"),
        ("training.learning_rate=inf", "expected a number above 0, got Infinity"),
        ("training.clip_norm=nan", "expected a number above 0, got NaN"),
        (
            "training.seed=4294967296",
            "expected a whole number of at least 0 and below 4294967296, got 4294967296",
        ),
        ("embedding.lowercase=1", "expected true or false, got 1"),
        ("embedding.lowercase=True", 'expected true or false, got "True"'),
        ("embedding.unknown_rate=1.5", "expected a number of at least 0 and of at most 1, got 1.5"),
        ("head.kind=[1]", 'expected one of "crf", "softmax", got [1]'),
    ],
)
def test_wrong_types_and_ranges(override: str, problem: str) -> None:
    key = override.partition("=")[0]
    assert faults(None, override) == (f"override {override!r}: {key}: {problem}",)


@pytest.mark.parametrize(
    ("overrides", "problem"),
    [
        (
            ["encoder.lookahead=2"],
            'expected lookahead = 0 with directions = "both", which reads all that follows; got 2',
        ),
        (
            ["encoder.directions=forward"],
            'expected context = 0 with directions = "forward", since the summary is of the whole sentence; got 100',
        ),
    ],
)
def test_what_does_not_go_together(overrides: list[str], problem: str) -> None:
    assert faults(None, *overrides) == (f"override {overrides[0]!r}: encoder: {problem}",)
    with pytest.raises(ValidationError, match=re.escape(problem)):
        EncoderSettings(directions="forward" if "directions" in overrides[0] else "both", lookahead=2, context=100)


@pytest.mark.parametrize(("option", "cells"), OPTIONS.items())
@pytest.mark.parametrize("cell", SCHEMAS["encoder"]["cell"]["enum"])
def test_an_option_is_for_some_cells(option: str, cells: tuple[str, ...], cell: str) -> None:
    value = {"activation": "relu", "start": "identity", "forget_bias": -1.5, "reach": 3}.get(option, True)
    overrides = [f"encoder.{option}={json.dumps(value)}", f"encoder.cell={cell}", "encoder.recurrent_dropout=0"]
    if cell in cells:
        assert getattr(load(None, overrides).encoder, option) == value
        return
    default = {field.name: field.default for field in fields(EncoderSettings)}[option]
    expected = (
        f'expected {option} = {json.dumps(default)} with cell = "{cell}", since it is for {" and ".join(cells)} alone; '
        f"got {json.dumps(value)}"
    )
    assert faults(None, *overrides) == (f"override {overrides[0]!r}: encoder: {expected}",)


def test_identity_and_recurrent_dropout_do_not_go_together() -> None:
    (said,) = faults(None, "encoder.start=identity", "encoder.cell=elman", "encoder.activation=relu")
    assert 'expected recurrent_dropout = 0 with start = "identity"' in said
    assert said.endswith("got 0.25")


@pytest.mark.parametrize("cell", ["bag", "window", "convolution"])
def test_without_recurrence_there_is_no_direction(cell: str) -> None:
    (said,) = faults(None, f"encoder.cell={cell}", "encoder.directions=forward", "encoder.context=0")
    assert f'expected directions = "both" with cell = "{cell}"' in said


@pytest.mark.parametrize(
    "override",
    ["", "=", "a.b", "a.b=", "a=1", "a.b.c=1", ".b=1", "a b.c=1", "encoder.hidden=1\nx = 2", "a.b==1"],
)
def test_malformed_overrides(override: str) -> None:
    (said,) = faults(None, override)
    assert said.startswith(f"override {override!r}: ")


def test_a_name_of_another_group_is_found() -> None:
    (said,) = faults(None, "training.hidden=3")
    assert "did you mean encoder.hidden?" in said


def test_a_group_that_is_no_table_is_a_fault_whatever_overrides_say(tmp_path: Path) -> None:
    said = faults(write(tmp_path, "head = 3\n"), "head.kind=crf")
    assert said == ("line 1: head: expected a table, [head], got 3",)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[encoder\n", 1),
        ("[encoder]\nhidden = 1\nhidden = 2\n", 3),
        ("a = [1,\n\n", 2),
        ("a = .5", 1),
        ("a = 1 b", 1),
    ],
)
def test_a_syntax_error_names_its_line(tmp_path: Path, text: str, line: int) -> None:
    said = faults(write(tmp_path, text), "x=")
    assert said[0].startswith("is no TOML: ")
    assert f"at line {line}, " in said[0]
    assert len(said) == 2


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    assert faults(tmp_path / "none.toml")[0].startswith("cannot be read: No such file")
    assert faults(tmp_path)[0].startswith("cannot be read: ")
    path = tmp_path / "latin.toml"
    path.write_bytes(b"[head]\n# \xe9")
    assert faults(path) == ("is not UTF-8 (byte 9); settings are a TOML file in UTF-8",)


def test_the_error_names_its_source(tmp_path: Path) -> None:
    path = write(tmp_path, "a = 1")
    with pytest.raises(SettingsError, match="1 fault") as caught:
        load(path)
    assert caught.value.source == str(path)
    with pytest.raises(SettingsError, match=r"model\.json: 1 fault"):
        from_dict({"a": 1}, "model.json")


def test_auto_is_none_only_where_none_is_allowed() -> None:
    assert from_dict({"training": {"epochs": "auto", "batch_tokens": "auto"}}).training == TaggerTrainingSettings()
    assert 'epochs = "auto"' in dumps(Settings())


def test_settings_are_frozen_keyword_only_and_strict() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().encoder.hidden = 3  # type: ignore[misc]
    with pytest.raises(ValidationError):
        EncoderSettings("lstm")  # type: ignore[misc]
    with pytest.raises(ValidationError, match="3 validation errors"):
        EncoderSettings(hidden=True, layers=0, cells="gru")  # type: ignore[call-arg]
    assert replace(Settings(), encoder=EncoderSettings(hidden=3)).encoder.hidden == 3
    assert hash(Settings()) == hash(Settings())
    assert [field.name for field in fields(Settings)] == list(GROUPS)


def test_reading_settings_needs_no_torch() -> None:
    code = f"import sys, {module.__name__}; assert 'torch' not in sys.modules and 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
