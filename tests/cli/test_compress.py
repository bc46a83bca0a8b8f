from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import elman
from elman.data.formats import write
from elman.model.folder import read_model, write_model
from elman.model.precision import FIXED, LEARNED
from elman.runtime.words import WordTable
from elman.settings import from_dict
from tests.training.examples import DOCUMENTS, SMALL

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

TEXT = "Ada Byron went to Paris in winter ."


@pytest.fixture(scope="module")
def wide(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model with more words than it learned: some of those with fixed vectors."""
    folder = read_model(model)
    manifest = json.loads((model / "model.json").read_text())
    words = folder.lexicon.words.words
    manifest["learned_words"] = len(words) - 6
    tensors = dict(folder.tensors)
    rows = tensors[LEARNED]
    tensors |= {LEARNED: rows[:-6], FIXED: rows[-6:]}
    out = tmp_path_factory.mktemp("models") / "wide"
    kept = {key: value for key, value in manifest.items() if key not in ("files", "checksum")}
    write_model(out, kept, tensors, folder.texts, folder.metrics, "# A card\n", replace=False)
    return out


@pytest.fixture
def pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six vectors are enough for pieces."""
    monkeypatch.setattr("elman.pipelines.compression.FEWEST", 1)


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def printed(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.mark.usefixtures("pieces")
@pytest.mark.parametrize("form", ["product", "int8", "float16"])
def test_a_small_model_finds_the_same(run: Run, wide: Path, data: Path, tmp_path: Path, form: str) -> None:
    before = contents(wide)
    out = tmp_path / "small"
    result = run("compress", wide, out, "--data", data, "--train", data, "--vectors", form, "--json")
    assert result.exit_code == 0, result.stderr
    found = printed(result.stdout)
    assert found["schema"] == "elman.compress/1"
    assert found["written"] is True
    assert found["precision"] == {
        "weights": "float16",
        "learned": "int8",
        "vectors": form,
        "frequent": 50_000,
        "columns": [2, 5],
    }
    assert found["f1"] == {"before": 1.0, "after": 1.0}
    assert found["unseen"] is None  # all of them have been seen
    assert found["same"] == 1.0
    for part in ("learned", "weights"):
        sizes = found["bytes"][part]
        assert sizes["after"] < 0.6 * sizes["before"]
    assert contents(wide) == before
    assert read_model(out).manifest.precision.vectors == form
    assert elman.load(out)(TEXT).spans[0].label == "PER"
    account = json.loads((out / "metrics.json").read_text())["compression"]
    assert account["of"] == read_model(wide).manifest.checksum
    assert (account["data"], account["f1"]) == (data.name, found["f1"])
    card = (out / "README.md").read_text()
    assert "## Compression" in card
    assert "| F1 | 100.00 | 100.00 |" in card


def test_what_is_judged_is_what_is_written(run: Run, wide: Path, data: Path, tmp_path: Path) -> None:
    """The folder scores what the model scored that was judged before it was written."""
    run("compress", wide, tmp_path / "small", "--data", data)
    account = json.loads((tmp_path / "small" / "metrics.json").read_text())["compression"]
    assert elman.evaluate(tmp_path / "small", data).micro.f1 == account["f1"]["after"]


def test_a_person_gets_a_table(run: Run, wide: Path, data: Path, tmp_path: Path) -> None:
    result = run("compress", wide, tmp_path / "small", "--data", data, "--train", data)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["megabytes", "before", "after", "form"]
    assert ["F1", "100.00", "100.00", "+0.00"] in [line.split() for line in lines]
    assert lines[-1] == "Of the spans found before, 100.00 % are found after."
    assert result.stderr.endswith("small is written\n")


def test_words_are_left_out(run: Run, wide: Path, tmp_path: Path) -> None:
    all_words = read_model(wide).lexicon.words.words
    result = run("compress", wide, tmp_path / "small", "--words", len(all_words) - 4, "--json")
    assert result.exit_code == 0
    assert "not known" in result.stderr
    assert printed(result.stdout)["words"] == {"before": len(all_words), "after": len(all_words) - 4}
    small = read_model(tmp_path / "small")
    assert small.lexicon.words.words == all_words[:-4]
    assert len(WordTable(small.tensors)) == len(all_words) - 4 + 2
    assert elman.load(tmp_path / "small")(TEXT).spans


@pytest.mark.parametrize("there", [False, True])
def test_what_costs_too_much_is_not_written(
    run: Run, model: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    from elman.pipelines import compression

    out = tmp_path / "small"
    if there:
        run("compress", model, out)
    before = contents(out) if there else None

    def ruin(tensors: Any, precision: Any) -> Any:
        worse = {name: 0 * array if name.startswith("head.project") else array for name, array in tensors.items()}
        return whole(worse, precision)

    whole = compression.encode
    monkeypatch.setattr(compression, "encode", ruin)
    result = run("compress", model, out, "--data", data, "--force", "--json")
    assert result.exit_code == 1
    assert "refused: F1 fell by more than 0.1 points, and nothing was written" in result.stderr
    assert printed(result.stdout)["written"] is False
    assert [entry.name for entry in tmp_path.iterdir()] == (["small"] if there else [])
    assert not there or contents(out) == before
    assert run("compress", model, out, "--data", data, "--force", "--max-loss", "100").exit_code == 0


def test_a_small_model_is_not_made_smaller(run: Run, model: Path, tmp_path: Path) -> None:
    run("compress", model, tmp_path / "small")
    result = run("compress", tmp_path / "small", tmp_path / "smaller")
    assert result.exit_code == 2
    assert "small is compressed already; compress the model that it was made from" in result.stderr
    assert not (tmp_path / "smaller").exists()


def test_it_is_evaluated_calibrated_and_trained_on_like_any_other(
    run: Run, wide: Path, data: Path, tmp_path: Path
) -> None:
    small = tmp_path / "small"
    assert run("compress", wide, small).exit_code == 0
    precision = read_model(small).manifest.precision
    assert run("evaluate", small, data, "--json").exit_code == 0
    assert run("calibrate", small, data, "--recall", "0.5").exit_code == 0
    assert read_model(small).manifest.precision == precision
    settings = from_dict({**SMALL, "training": {**SMALL["training"], "epochs": 1}})
    elman.train(DOCUMENTS, DOCUMENTS, out=tmp_path / "on", settings=settings, init=small)
    assert elman.load(tmp_path / "on")(TEXT).spans


def test_entities_unseen_in_training_are_told_apart(run: Run, wide: Path, data: Path, tmp_path: Path) -> None:
    known = tmp_path / "known.conll"
    write([document for document in DOCUMENTS if "Byron" not in document.text], known)
    result = run("compress", wide, tmp_path / "small", "--data", data, "--train", known, "--json")
    assert printed(result.stdout)["unseen"] == {"before": 1.0, "after": 1.0}


def test_data_in_which_nothing_can_be_lost(run: Run, model: Path, data: Path, tmp_path: Path) -> None:
    result = run("compress", model, tmp_path / "small", "--data", data, "--map", "PER=P,LOC=L")
    assert result.exit_code == 2
    assert "finds nothing in the data as it is labelled there" in result.stderr
    assert not (tmp_path / "small").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--max-loss", "1"], "--max-loss needs labelled text to judge by: --data FILE"),
        (["--train", "x.conll"], "--train needs labelled text to judge by: --data FILE"),
        (["--words", "3"], "words that learned, got 3"),
    ],
)
def test_what_cannot_be_asked(run: Run, model: Path, tmp_path: Path, options: list[str], message: str) -> None:
    result = run("compress", model, tmp_path / "small", *options)
    assert result.exit_code == 2
    assert message in result.stderr
    assert not (tmp_path / "small").exists()


def test_the_model_itself_stays(run: Run, model: Path, tmp_path: Path) -> None:
    result = run("compress", model, model, "--force")
    assert result.exit_code == 2
    assert "is the model itself" in result.stderr
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "letter").write_text("Dear")
    assert "give another folder" in run("compress", model, tmp_path / "taken", "--force").stderr
    assert "exists" in run("compress", model, tmp_path / "taken").stderr
