from __future__ import annotations

import shutil
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import elman
from elman.cli.quickstart import SENTENCE
from elman.settings import from_dict
from tests.training.examples import SMALL

if TYPE_CHECKING:
    from tests.cli.conftest import Run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, in which training is short."""
    train = elman.train
    settings = from_dict({**SMALL, "training": {**SMALL["training"], "epochs": 2}})

    def short(learned: Path, judged: Path, **options: Any) -> Any:
        few = [list(islice(elman.read(path), 20)) for path in (learned, judged)]
        return train(*few, **{**options, "vectors": None, "settings": settings})

    monkeypatch.setattr(elman, "train", short)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_trains_judges_tags_and_reports(run: Run, folder: Path) -> None:
    result = run("quickstart")
    assert result.exit_code == 0
    for stage in ("1. Training", "2. Judging", "3. Tagging", "4. The scores"):
        assert stage in result.stderr
    assert "micro" in result.stdout
    assert SENTENCE[-40:] in result.stdout
    page = (folder / "report.html").read_text("utf-8")
    parts = "Elman quickstart", "F1 of each label", "took him seriously", "seconds", "unseen string", "How it learned"
    for part in parts:
        assert part in page
    assert elman.load(folder / "model").labels


def test_it_replaces_only_what_it_made(run: Run, folder: Path) -> None:
    assert run("quickstart").exit_code == 0
    assert run("quickstart").exit_code == 0
    shutil.copytree(folder / "model", folder / "mine", ignore=shutil.ignore_patterns("quickstart.json"))
    result = run("quickstart", "--out", "mine")
    assert (result.exit_code, "mine is there, and not from a quickstart" in result.stderr) == (2, True)
    (folder / "mine.html").write_text("mine")
    result = run("quickstart", "--report", "mine.html")
    assert (result.exit_code, "mine.html is there, and not from" in result.stderr) == (2, True)
    assert (folder / "mine.html").read_text() == "mine"


def test_it_does_not_replace_what_another_training_put_there(run: Run, folder: Path) -> None:
    assert run("quickstart").exit_code == 0
    documents = list(islice(elman.read(Path(elman.__file__).with_name("corpus") / "dev.jsonl"), 9))
    # The stand-in for training takes paths.
    (folder / "own.jsonl").write_text("")
    elman.write(documents, folder / "own.jsonl")
    elman.train(folder / "own.jsonl", folder / "own.jsonl", out=folder / "model", force=True)
    assert (folder / "model" / "quickstart.json").exists()
    assert run("quickstart").exit_code == 2


def test_interrupted_it_can_be_run_again(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short = elman.train

    def interrupted(*sets: Any, **options: Any) -> Any:
        short(*sets, **options)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(elman, "train", interrupted)
        assert run("quickstart").exit_code == 130
    assert run("quickstart", "--report", folder / "other.html").exit_code == 0


def test_a_report_that_cannot_be_written_is_told_before_the_training(run: Run, folder: Path) -> None:
    result = run("quickstart", "--report", "nowhere/report.html")
    assert (result.exit_code, "there is no folder nowhere" in result.stderr) == (2, True)
    result = run("quickstart", "--report", "report.md")
    assert (result.exit_code, "a name in .html" in result.stderr) == (2, True)
    assert list(folder.iterdir()) == []
