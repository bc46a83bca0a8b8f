"""The model folder of a task: read as it was written, or refused with what is wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from elman.errors import ModelError, UsageError
from elman.model.folder import read_model
from elman.model.parts import Linear, Words
from elman.model.task_folder import layer_in, layout, metrics_in, read_task, task_in, write_task
from tests.model.examples import forge
from tests.model.examples import write as write_tagger

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PARTS = {"words": Words(learned=3, fixed=2, size=4), "head": Linear(inputs=4, outputs=2)}
ABOUT = {"labels": ["a", "b"]}
METRICS = {"schema": "elman.metrics/1", "dev": {"figure": {"name": "accuracy", "value": 0.5, "shown": "50.00%"}}}


def weights() -> dict[str, Any]:
    """Random ones, of the shapes and the precision that a folder holds."""
    rng = np.random.default_rng(1)
    kinds = {"F16": np.float16, "F32": np.float32}
    return {name: rng.normal(size=one.shape).astype(kinds[one.dtype]) for name, one in layout(PARTS).items()}


def write(path: Path, **changed: Any) -> Path:
    """A folder."""
    given = {"task": "classification", "about": ABOUT, "parts": PARTS, "texts": {"words": "the\nbank\n"}, **changed}
    write_task(
        path, tensors=given.pop("tensors", weights()), metrics=METRICS, card="# A card\n", replace=False, **given
    )
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "model")


def test_what_was_written_is_read(folder: Path) -> None:
    found = read_task(folder)
    assert (found.task, found.about, found.parts, found.metrics) == ("classification", ABOUT, PARTS, METRICS)
    assert found.texts == {"words": "the\nbank\n"}
    for name, array in weights().items():
        np.testing.assert_array_equal(found.tensors[name], array)
        assert found.tensors[name].dtype == array.dtype
        with pytest.raises(ValueError, match="read-only"):
            found.tensors[name][...] = 0
    assert task_in(folder) == "classification"
    assert metrics_in(folder) == METRICS
    assert json.loads((folder / "model.json").read_text())["protocol"] == 4


def test_the_same_model_has_the_same_bytes_and_another_another_checksum(tmp_path: Path) -> None:
    one, two = write(tmp_path / "a"), write(tmp_path / "b")
    for file in one.iterdir():
        assert file.read_bytes() == (two / file.name).read_bytes()
    other = write(tmp_path / "c", about={"labels": ["a", "c"]})
    assert read_task(one).checksum == read_task(two).checksum != read_task(other).checksum


@pytest.mark.parametrize("name", ["model.json", "weights.safetensors", "words.txt", "metrics.json"])
@pytest.mark.parametrize("how", ["missing", "truncated", "altered"])
def test_a_file_that_is_not_as_it_was_written_is_named(folder: Path, name: str, how: str) -> None:
    content = (folder / name).read_bytes()
    if how == "missing":
        (folder / name).unlink()
    elif how == "truncated":
        (folder / name).write_bytes(content[:-3])
    else:
        at = content.index(b"a") if b"a" in content else len(content) // 2
        (folder / name).write_bytes(content[:at] + b"b" + content[at + 1 :])
    with pytest.raises(ModelError, match=name) as error:
        read_task(folder)
    assert str(folder) in str(error.value)


def test_a_newer_protocol_is_told_to_upgrade(folder: Path) -> None:
    forge(folder, lambda whole, _: whole.update(protocol=5))
    for read in (read_task, task_in):
        with pytest.raises(ModelError, match=r"model protocol 5; this version reads up to 4\. Upgrade elman"):
            read(folder)


def drop(*names: str) -> Callable[[Any, Any], None]:
    """Take entries of the manifest out."""
    return lambda whole, _: [whole.pop(name) for name in names]  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda whole, _: whole["parts"]["head"].update(outputs=3), "head.weight"),
        (lambda whole, _: whole["parts"].pop("head"), "head.weight"),
        (lambda whole, _: whole["parts"].update(more={"kind": "scale", "size": 2}), "more.mean"),
        (lambda whole, _: whole["parts"]["head"].update(kind="liner"), "parts.head: expected a part out of"),
        (lambda whole, _: whole.update(parts=[]), "parts: expected an object"),
        (lambda whole, _: whole.update(about="x"), "about: expected an object"),
        (lambda whole, _: whole.update(task=7), "task: expected a name, got 7"),
        (lambda whole, _: whole.update(texts={"words": "../words.txt"}), "plain names of files inside the folder"),
        (lambda whole, _: whole.update(texts={"words": ["words.txt"]}), "texts: expected an object of file names"),
        (lambda whole, _: whole.update(texts={"more": "more.txt"}), "expected more.txt to be listed"),
        (lambda whole, _: whole.update(protocol="4"), "expected a protocol number"),
        (drop("texts"), "texts: expected an object of file names"),
        (drop("about"), "about: expected an object"),
    ],
)
def test_what_does_not_fit_together_is_refused(folder: Path, change: Any, said: str) -> None:
    forge(folder, change)
    with pytest.raises(ModelError, match=said):
        read_task(folder)


@pytest.mark.parametrize("name", ["head.bias", "words.fixed"])
def test_weights_of_other_shapes_are_not_written(tmp_path: Path, name: str) -> None:
    wrong = weights()
    wrong[name] = wrong[name][:-1]
    with pytest.raises(ModelError, match=name):
        write(tmp_path / "model", tensors=wrong)
    assert not list(tmp_path.iterdir())


def test_nothing_is_replaced_unless_it_is_said(folder: Path) -> None:
    before = (folder / "model.json").read_bytes()
    with pytest.raises(UsageError, match="exists"):
        write(folder)
    assert (folder / "model.json").read_bytes() == before


def test_what_is_no_model_is_told_so(tmp_path: Path) -> None:
    for read in (read_task, task_in, metrics_in, layer_in):
        with pytest.raises(ModelError, match="no such folder"):
            read(tmp_path / "nothing")
        with pytest.raises(ModelError, match=r"it has no model\.json"):
            read(tmp_path)


def test_a_tagger_and_a_model_for_another_task_know_each_other(folder: Path, tmp_path: Path) -> None:
    tagger = write_tagger(tmp_path / "tagger")
    assert (task_in(tagger), layer_in(tagger)) == ("tagging", "entities")
    with pytest.raises(ModelError, match="a model for tagging, not for predict; run it with elman tag"):
        read_task(tagger)
    with pytest.raises(ModelError, match="expected a tagger, got a model for classification; elman predict runs it"):
        read_model(folder)
