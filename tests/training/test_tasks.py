"""Every task learns its examples by heart, and its folder gives the same output, without torch."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import torch

from elman.errors import DataError, UsageError
from elman.runtime.parts import Network as Computed
from elman.runtime.predictor import load, outputs_of
from elman.tasks import registry
from elman.tasks.registry import TASKS, modules_of, register, task_named
from elman.training.objective import tensors_of
from elman.training.task_data import Examples, TaskData
from elman.training.task_session import TaskSession
from elman.training.train import _objective, settings_for, train
from tests.training.task_examples import SMALL, settings_of

if TYPE_CHECKING:
    from pathlib import Path

EACH = pytest.mark.parametrize("name", SMALL)


def session(name: str) -> TaskSession:
    """A fresh one on the small set."""
    examples = list(SMALL[name]().examples)
    data = TaskData(Examples(examples, "examples"), Examples(examples, "examples"), Examples(examples[:2], "two"))
    return TaskSession(_objective(name), data, settings_of(name), None, torch.device("cpu"), lambda _: None)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """For a task its session after training, and its folder."""
    made: dict[str, tuple[TaskSession, Path]] = {}

    def make(name: str) -> tuple[TaskSession, Path]:
        if name not in made:
            place = tmp_path_factory.mktemp("models") / name
            one = session(name)
            one.run(place, resume=False, force=False, observers=())
            made[name] = one, place
        return made[name]

    return make


def outputs(model: Any, examples: Any) -> list[str]:
    """What it says, as JSON."""
    return [json.dumps(output.to_json()) for output in model.predict(examples)]


def test_every_task_is_tried() -> None:
    assert set(TASKS) == set(SMALL), "add the task's examples to tests/training/task_examples.py"


@EACH
def test_a_task_learns_by_heart_and_its_folder_gives_the_same_output(name: str, trained: Any) -> None:
    one, place = trained(name)
    small = SMALL[name]()
    predictor = load(place)
    assert type(predictor.task) is task_named(name)
    scores = predictor.evaluate(small.examples)
    assert scores.figure.value >= small.least
    metrics = json.loads((place / "metrics.json").read_text())
    assert json.loads(json.dumps(scores.to_json())) == metrics["dev"]
    assert predictor.evaluate(small.examples[:2]).figure.value == metrics["test"]["figure"]["value"]
    sequences = one.task.prepare(map(one.task.example, small.examples))
    before = outputs_of(one.task, Computed(one.task.parts, tensors_of(one.task, one.network)), sequences)
    assert outputs(predictor, small.examples) == [json.dumps(output.to_json()) for output in before]


@EACH
def test_what_an_example_gets_does_not_depend_on_its_batch(name: str, trained: Any) -> None:
    _, place = trained(name)
    predictor, examples = load(place), list(SMALL[name]().examples)
    alone = [text for example in examples for text in outputs(predictor, [example])]
    assert outputs(predictor, examples) == alone
    assert outputs(predictor, reversed(examples)) == alone[::-1]


@EACH
def test_scores_say_what_they_are_to_people_and_programs(name: str, trained: Any) -> None:
    _, place = trained(name)
    predictor, examples = load(place), list(SMALL[name]().examples)
    scores = predictor.evaluate(examples)
    tree = scores.to_json()
    assert tree["schema"].startswith("elman.")
    assert tree["figure"] == scores.figure._asdict()
    assert json.loads(json.dumps(tree, allow_nan=False))
    assert all(isinstance(value, float) for value in scores.curves.values())
    assert len(list(scores.lines())) >= 1
    for example, output in predictor.pairs(examples[:2]):
        assert all(isinstance(line, str) for line in predictor.task.lines(predictor.task.example(example), output))


@EACH
def test_the_same_seed_gives_the_same_weights(name: str, trained: Any, tmp_path: Path) -> None:
    _, place = trained(name)
    session(name).run(tmp_path / "again", resume=False, force=False, observers=())
    again = (tmp_path / "again" / "weights.safetensors").read_bytes()
    assert again == (place / "weights.safetensors").read_bytes()


@EACH
def test_a_task_comes_back_from_what_its_folder_says(name: str, trained: Any) -> None:
    one, _ = trained(name)
    task = one.task
    about = json.loads(json.dumps(task.about()))
    assert type(task).open(about, task.texts(), task.parts).about() == task.about()


def test_predicting_needs_neither_torch_nor_pydantic(trained: Any, tmp_path: Path) -> None:
    cases = {name: (str(trained(name)[1]), list(SMALL[name]().examples)) for name in SMALL}
    (tmp_path / "cases").write_bytes(pickle.dumps(cases))
    code = (
        "import json, pickle, sys\n"
        "from elman.runtime.loading import load\n"
        f"cases = pickle.load(open({str(tmp_path / 'cases')!r}, 'rb'))\n"
        "said = {}\n"
        "for name, (place, examples) in cases.items():\n"
        "    said[name] = [json.dumps(output.to_json()) for output in load(place).predict(examples)]\n"
        "    loaded = [top for top in ('torch', 'pydantic') if top in sys.modules]\n"
        "    assert not loaded, (name, loaded)\n"
        "print(json.dumps(said))\n"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout) == {
        name: outputs(load(place), examples) for name, (place, examples) in cases.items()
    }


def test_no_task_needs_torch_to_be_there() -> None:
    code = (
        "import sys\n"
        "import elman.runtime.predictor\n"
        "from elman.tasks.registry import TASKS, task_named\n"
        "print(sorted(task_named(name).name for name in TASKS))\n"
        "print([top for top in ('torch', 'pydantic') if top in sys.modules])\n"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.splitlines() == [str(sorted(TASKS)), "[]"]


def test_examples_without_a_dev_set_are_held_out(tmp_path: Path) -> None:
    said: list[str] = []
    examples = list(SMALL["classification"]().examples)
    train(
        examples,
        out=tmp_path / "model",
        settings=settings_of("classification", training={"epochs": 1}),
        say=said.append,
    )
    assert any("held out to judge by" in line for line in said)
    metrics = json.loads((tmp_path / "model" / "metrics.json").read_text())
    assert metrics["data"]["train"]["examples"] + metrics["data"]["dev"]["examples"] == len(examples)
    assert "# A model for classification" in (tmp_path / "model" / "README.md").read_text()


def test_options_of_taggers_are_refused(tmp_path: Path) -> None:
    examples = list(SMALL["classification"]().examples)
    for option in ({"init": tmp_path}, {"labels": {"A": "B"}}, {"scheme": "iob2"}):
        with pytest.raises(UsageError, match="are for taggers; leave them out with --task classification"):
            train(examples, examples, out=tmp_path / "m", settings=settings_of("classification"), **option)  # type: ignore[arg-type]


def test_a_file_without_examples_is_refused(tmp_path: Path) -> None:
    (tmp_path / "nothing.csv").write_text("text,label\n")
    with pytest.raises(DataError, match="expected at least one example, found none"):
        train(tmp_path / "nothing.csv", out=tmp_path / "m", settings=settings_of("classification"))


@pytest.mark.parametrize(("name", "hint"), [("slotz", "did you mean slots?"), ("poss", "did you mean pos?")])
def test_a_task_that_is_not_there_is_told_what_there_is(name: str, hint: str) -> None:
    for look in (task_named, lambda name: settings_for(name, None, ())):
        with pytest.raises(UsageError, match="there is no task") as error:
            look(name)
        assert hint in str(error.value)
        assert "tagging, pos, chunks, classification" in str(error.value)


def test_a_task_of_another_package_is_registered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_registered", {})
    register("other", "elman.tasks.frames", "elman.training.objectives.frames")
    register("other", "elman.tasks.frames", "elman.training.objectives.frames")
    assert modules_of("other").objective == "elman.training.objectives.frames"
    assert task_named("other").name == "frames"
    for name in ("other", "frames", "tagging", "pos"):
        with pytest.raises(UsageError, match=f"there is a task '{name}' already"):
            register(name, "elsewhere", "elsewhere")


def test_an_installed_package_brings_its_task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    about = tmp_path / "brought-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: brought\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[elman.tasks]\nbrought = brought_task\n")
    (tmp_path / "brought_task.py").write_text(
        "from elman.tasks.registry import register\nregister('brought', 'elman.tasks.frames', 'nowhere')\n"
    )
    monkeypatch.setattr(registry, "_registered", {})
    monkeypatch.syspath_prepend(tmp_path)
    assert modules_of("brought").objective == "nowhere"
