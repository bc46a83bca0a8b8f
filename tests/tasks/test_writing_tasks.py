"""Texts to texts and vectors to texts: from data to a model folder and back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

import elman
from elman.cli.app import app
from elman.data.captioned import Captioned
from elman.data.example import Pair
from elman.errors import DataError, ModelError, UsageError
from elman.model.task_folder import read_task
from elman.nn.parts import Network
from elman.runtime.parts import Network as Computed
from elman.runtime.predictor import Predictor
from elman.tasks.translation import Task as Translation
from elman.tasks.writing import Written, shifted, target_at, targets_of
from elman.training.objective import tensors_of
from elman.training.objectives.captions import Objective as CaptionObjective
from elman.training.objectives.translation import (
    Objective,
    growth_of,
    source_units,
    target_units,
)
from elman.training.train import settings_for

if TYPE_CHECKING:
    from pathlib import Path

    from elman.tasks.captions import Task as Captions

SMALL = [
    "encoder.hidden=24",
    "decoder.hidden=32",
    "decoder.size=24",
    "units.size=24",
    *(f"{group}.{name}=0" for group in ("encoder", "decoder") for name in ("input_dropout", "dropout")),
    "decoder.output_dropout=0",
    "training.learning_rate=0.02",
    "training.averaging=0.9",
    "training.threads=1",
    "training.batch_tokens=120",
]
SPELLING = [
    Pair("cat", ("K AE T",)),
    Pair("tack", ("T AE K",)),
    Pair("act", ("AE K T",)),
    Pair("sack", ("S AE K",)),
    Pair("sat", ("S AE T",)),
    Pair("cast", ("K AE S T",)),
    Pair("a", ("AH", "EY")),
    Pair("tea", ("T IY",)),
]


def small(task: str, *more: str) -> Any:
    of_task = [one for one in SMALL if task == "translation" or not one.startswith(("encoder.", "units."))]
    return settings_for(task, None, [*of_task, *more])


@pytest.fixture(scope="module")
def spelling(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("spelling") / "model"
    more = ("training.epochs=28", "training.label_smoothing=0", "search.width=1")
    elman.train(SPELLING, SPELLING, SPELLING, out=place, settings=small("translation", *more))
    return place


def test_what_is_learned_by_heart_is_there_after_loading(spelling: Path) -> None:
    metrics = json.loads((spelling / "metrics.json").read_text())
    assert metrics["test"]["exact"] == 1
    model = elman.load(spelling)
    found = list(model.predict(pair.source for pair in SPELLING))
    assert all(one.text in pair.targets for one, pair in zip(found, SPELLING, strict=True))
    assert [model(pair.source) for pair in SPELLING] == found, "alone as together"
    assert json.loads(json.dumps(model.evaluate(SPELLING).to_json())) == metrics["test"]


def test_nothing_and_what_was_never_seen_are_read(spelling: Path) -> None:
    model = elman.load(spelling)
    nothing, unseen = model.predict(["", "ÜÜÜ"])
    assert nothing == Written("", 0.0, (("", 0.0),))
    assert isinstance(unseen.text, str)


def test_the_command_line_writes_a_line_for_a_line(spelling: Path, tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("cat\n\ntea\n")
    result = CliRunner().invoke(app, ["predict", "-m", str(spelling), str(path)])
    assert result.output == "K AE T\n\nT IY\n"
    result = CliRunner().invoke(app, ["predict", "-m", str(spelling), "--text", "sack", "--json"])
    found = json.loads(result.output)
    assert found["text"] == "S AE K"
    assert found["ended"] is True
    assert found["candidates"][0] == {"text": "S AE K", "score": found["score"]}
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("a\tAH\tEY\ncat\tK AH T\n")
    result = CliRunner().invoke(app, ["evaluate", str(spelling), str(pairs), "--json"])
    assert json.loads(result.output)["exact"] == 0.5


def digits(count: int = 6) -> list[Captioned]:
    rng = np.random.default_rng(1)
    names = [("zero", "nil"), ("one",), ("two",), ("three",), ("four",), ("five",)]
    return [Captioned(rng.normal(size=9).astype(np.float32), names[at]) for at in range(count)]


def test_captions_learned_by_heart_are_there_after_loading(tmp_path: Path) -> None:
    vectors, texts = tmp_path / "v.npy", tmp_path / "v.tsv"
    np.save(vectors, np.stack([one.vector for one in digits()]).reshape(6, 3, 3))
    texts.write_text("".join("\t".join(one.captions) + "\n" for one in digits()))
    both, place = f"{vectors}:{texts}", tmp_path / "model"
    settings = small(
        "captions", "training.epochs=40", "vector.hidden=16", "vector.dropout=0", "training.batch_tokens=20"
    )
    outcome = elman.train(both, both, both, out=place, settings=settings)
    assert outcome.best.metrics["test"]["exact"] == 1
    model = elman.load(place)
    (row,) = np.load(vectors)[1:2]
    assert model(row).text == "one"
    listed = model(digits()[1]).candidates
    assert listed[0] == ("one", model(digits()[1]).score)
    assert [score for _, score in listed] == sorted((score for _, score in listed), reverse=True)
    assert model(digits()[0]).text in ("zero", "nil")
    assert {"zero", "nil"} <= {text for text, _ in model(digits()[0]).candidates}, "both captions were learned"
    assert model.evaluate(digits()).to_json() == outcome.best.metrics["test"]
    result = CliRunner().invoke(app, ["predict", "-m", str(place), str(vectors)])
    assert result.output.split()[1:] == ["one", "two", "three", "four", "five"]
    with pytest.raises(DataError, match="expected 9 numbers, got 4"):
        model(np.ones(4))
    result = CliRunner().invoke(app, ["predict", "-m", str(place), "--text", "x"])
    assert result.exit_code != 0


@pytest.mark.parametrize("more", [(), ("decoder.attention=dot", "decoder.hidden=48"), ("decoder.cell=gru",)])
def test_torch_and_numpy_say_the_same(more: tuple[str, ...]) -> None:
    torch.manual_seed(3)
    settings = small("translation", *more)
    task = Objective.design(SPELLING, settings, None, lambda _: None)
    check_equal(task, SPELLING)


def test_torch_and_numpy_say_the_same_of_vectors() -> None:
    torch.manual_seed(3)
    task = CaptionObjective.design(digits(), small("captions", "decoder.layers=2"), None, lambda _: None)
    check_equal(task, digits())


def check_equal(task: Translation | Captions, examples: list[Any]) -> None:
    net = Network(task.parts).eval()
    sequences = task.prepare(examples)
    batch: Any = task.batch(sequences, range(len(examples)))
    arrays = (torch.from_numpy(array.astype(np.int64) if array.dtype.kind == "i" else array) for array in batch)
    with torch.no_grad():
        expected = task.forward(net, type(batch)(*arrays)).numpy()
    found = task.forward(Computed(task.parts, tensors_of(task, net)), batch)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert expected.std() > 0.01


def test_targets_stand_one_after_the_other() -> None:
    task = Objective.design(SPELLING, small("translation"), None, lambda _: None)
    units = task.target
    rows = targets_of(units, ("AH", "T IY", "EY"))
    assert [units.decode(target_at(rows, units.end, at).tolist()) for at in range(5)] == [
        "AH",
        "T IY",
        "EY",
        "AH",
        "T IY",
    ]
    assert target_at(rows, units.end, 1)[-1] == units.end
    assert shifted(np.array([[5, 6, 9], [7, 9, 0]], np.int32), 9).tolist() == [[9, 5, 6], [9, 7, 9]]
    assert task.prepare(SPELLING[6:7]).lengths.tolist() == [1 + 2]


def test_each_epoch_has_its_own_choice_of_targets() -> None:
    settings = small("translation")
    task = Objective.design(SPELLING, settings, None, lambda _: None)
    sequences = task.prepare(SPELLING)
    objective = Objective(task, Network(task.parts), sequences, sequences, settings, torch.device("cpu"))
    seen = set()
    for epoch in range(10):
        objective.epoch(np.random.default_rng(epoch))
        seen.add(objective._choices[6] % 2)
    assert seen == {0, 1}
    first = small("translation", "data.targets=first")
    objective = Objective(task, Network(task.parts), sequences, sequences, first, torch.device("cpu"))
    objective.epoch(np.random.default_rng(1))
    assert not objective._choices.any()


def test_units_are_chosen_by_what_texts_look_like() -> None:
    assert source_units(["cat", "3 May 2021"]) == "characters"
    assert source_units(["A man in a hat sits on a bench."]) == "subwords"
    assert target_units(["K AE T", "D AO G"]) == "words"
    assert target_units(["2021-05-03"]) == "characters"
    assert target_units([" ".join(f"word{at}" for at in range(300))]) == "subwords"


def test_what_may_be_written_is_as_long_as_training_has_shown() -> None:
    task = Objective.design(SPELLING, small("translation"), None, lambda _: None)
    assert growth_of(task.source, task.target, SPELLING) == 1.0
    assert growth_of(task.source, task.target, [Pair("a", ("K K K",))]) == 3.0


def test_subwords_are_learned_and_kept(tmp_path: Path) -> None:
    pairs = [Pair(f"the {word} sat", (f"die {word} sass",)) for word in ("cat", "dog", "cow")]
    more = ["units.source=subwords", "units.target=subwords", "units.subwords=300", "training.epochs=1"]
    elman.train(pairs, pairs, out=tmp_path / "model", settings=small("translation", *more))
    model = elman.load(tmp_path / "model")
    again = elman.load(tmp_path / "model")
    assert model("the cat sat") == again("the cat sat")
    assert "signature" in read_task(tmp_path / "model").metrics["dev"]["bleu"]


@pytest.mark.parametrize("pair", [Pair(" ", ("a",)), Pair("a"), Pair("a", ("b", "")), Pair("", ())])
def test_a_pair_without_one_side_is_not_learned(pair: Pair) -> None:
    with pytest.raises(DataError, match="example 2: expected a source and at least one target"):
        Objective.design([SPELLING[0], pair], small("translation"), None, lambda _: None)


def test_a_vector_without_a_caption_is_not_learned() -> None:
    bare = Captioned(digits()[0].vector, id="the third")
    with pytest.raises(DataError, match="the third: expected at least one caption"):
        CaptionObjective.design([*digits(2), bare], small("captions"), None, lambda _: None)


def test_what_has_no_target_is_not_judged(spelling: Path) -> None:
    with pytest.raises(DataError, match="expected a target for every text"):
        elman.load(spelling).evaluate([Pair("cat", ("K AE T",)), Pair("sat")])


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("encoder.cell=bag", "expected a recurrent encoder.cell"),
        ("decoder.directions=both", "expected decoder.directions"),
        ("decoder.attention=dot", "expected decoder.hidden = 48"),
    ],
)
def test_settings_that_do_not_fit_are_refused(more: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Objective.design(SPELLING, small("translation", more), None, lambda _: None)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"search": {"width": 0, "length_penalty": 1, "coverage_penalty": 0}}, "expected a search"),
        ({"search": None}, "expected a search"),
        ({"growth": "much"}, "growth|number"),
        ({"source": "syllables"}, "expected units out of"),
        ({"target": "characters"}, "expected a network for"),
        ({"by": "feeling"}, "expected a network for|train anew"),
    ],
)
def test_a_folder_that_does_not_fit_together_is_refused(spelling: Path, change: dict[str, Any], said: str) -> None:
    folder = read_task(spelling)
    texts = dict(folder.texts)
    if "target" in change:
        texts["target"] += "x\n"
    with pytest.raises(ModelError, match=said):
        Translation.open({**folder.about, **change}, texts, folder.parts)
    assert isinstance(Predictor(folder).task, Translation)
