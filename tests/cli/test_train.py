from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest

import elman
from elman.settings import Settings, load
from tests.cli.conftest import QUICK

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run


def test_a_labelled_file_and_a_place_are_enough(run: Run, data: Path, tmp_path: Path) -> None:
    result = run("train", "--train", data, "--out", tmp_path / "model", *QUICK)
    assert result.exit_code == 0
    assert "Scores on the dev set:" in result.stdout
    assert re.search(r"^PER +\d", result.stdout, re.MULTILINE)
    assert f"The model is the folder {tmp_path / 'model'}" in result.stdout
    # What was found out is told to a person, and is no result.
    for said in ("format", "scheme", "tokenizer", "held out", "epoch 6"):
        assert said in result.stderr
    assert elman.load(tmp_path / "model")("Ada Byron went to Paris").text


def test_all_options_reach_the_training(run: Run, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, object] = {}

    def record(*sets: object, **options: object) -> None:
        given.update(options, sets=sets)
        raise KeyboardInterrupt

    monkeypatch.setattr(elman, "train", record)
    config = tmp_path / "settings.toml"
    config.write_text("[encoder]\nhidden = 7\nlayers = 2\n")
    out = tmp_path / "model"
    options = "--vectors v --init i --map PER=PERSON,LOC= --device cpu --seeds 2 --resume --force --format conll"
    result = run(
        *(
            "train",
            "--train",
            data,
            "--dev",
            "d",
            "--test",
            "t",
            "--out",
            out,
            *options.split(),
            "--scheme",
            "iob1",
        ),
        *("--config", config, "--set", "encoder.hidden=9", "--set", "training.seed=3"),
    )
    assert result.exit_code == 130
    assert [str(path) for path in given.pop("sets")] == [str(data), "d", "t"]
    settings = given.pop("settings")
    assert (settings.encoder.hidden, settings.encoder.layers, settings.training.seed) == (9, 2, 3)
    assert {name: str(given.pop(name)) for name in ("out", "vectors", "init")} == {
        "out": str(out),
        "vectors": "v",
        "init": "i",
    }
    for name in ("observers", "say"):
        given.pop(name)
    assert given == {
        "labels": {"PER": "PERSON", "LOC": ""},
        "device": "cpu",
        "seeds": 2,
        "resume": True,
        "force": True,
        "format": "conll",
        "scheme": "iob1",
    }


def test_a_folder_that_is_there_is_not_replaced_unless_forced(run: Run, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "model"
    first = ["train", "--train", data, "--out", out, *QUICK]
    assert run(*first).exit_code == 0
    before = (out / "model.json").read_bytes()
    result = run(*first, "--set", "encoder.hidden=6")
    assert result.exit_code == 2
    assert "--force" in result.stderr
    assert (out / "model.json").read_bytes() == before
    assert run(*first, "--set", "encoder.hidden=6", "--force").exit_code == 0
    assert (out / "model.json").read_bytes() != before


def test_seeds_and_json(run: Run, data: Path, tmp_path: Path) -> None:
    command = ["train", "--train", data, "--dev", data, "--test", data, "--out", tmp_path / "model", *QUICK]
    result = run(*command, "--seeds", 2, "--json")
    values = json.loads(result.stdout)
    assert values["schema"] == "elman.train/1"
    assert [each["seed"] for each in values["runs"]] == [1, 2]
    assert sorted(path.name for path in tmp_path.iterdir()) != []
    assert (tmp_path / "model" / "model.json").exists()
    result = run(*command, "--seeds", 2, "--force")
    assert "Scores on the test set:" in result.stdout
    assert re.search(r"2 seeds: test F1 [\d.]+, standard deviation [\d.]+ \(.*\); seed [12] is the best", result.stdout)


def test_labels_are_renamed_and_left_out(run: Run, data: Path, tmp_path: Path) -> None:
    result = run("train", "--train", data, "--out", tmp_path / "m", "--map", "PER=PERSON,LOC=", *QUICK)
    assert result.exit_code == 0
    assert elman.load(tmp_path / "m").labels == ("PERSON",)


def test_logs_are_written(run: Run, data: Path, tmp_path: Path) -> None:
    log, curves = tmp_path / "log.jsonl", tmp_path / "curves"
    result = run("train", "--train", data, "--out", tmp_path / "m", *QUICK, "--log", log, "--tensorboard", curves)
    assert result.exit_code == 0
    records = [json.loads(line)["record"] for line in log.read_text().splitlines()]
    assert records.count("evaluation") == 6
    assert list(curves.iterdir()) != []


def test_the_settings_are_shown_as_toml(run: Run, tmp_path: Path) -> None:
    result = run("train", "--show-config", "--set", "encoder.hidden=77")
    assert tomllib.loads(result.stdout)["encoder"]["hidden"] == 77
    path = tmp_path / "all.toml"
    path.write_text(run("train", "--show-config").stdout)
    assert load(path) == Settings()


BAD = {
    "empty.conll": b"",
    "binary.conll": bytes(range(256)) * 4,
    "latin.conll": "Zoë B-PER\n".encode("latin-1"),
    "columns.conll": b"Ada NN B-PER\nwrote O\n. . O\nx y O\n",
    "none.conll": b"Ada O\nwrote O\n\nThis O\ntoo O\n",
    "span.jsonl": b'{"text": "Ada", "spans": [{"start": 0, "end": 9, "label": "PER"}]}\n',
    "order.jsonl": b'{"text": "Ada", "spans": [{"start": 2, "end": 1, "label": "PER"}]}\n',
}


@pytest.mark.parametrize("name", [*BAD, "missing.conll"])
def test_bad_data_is_an_error_and_nothing_is_overwritten(run: Run, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name in BAD:
        path.write_bytes(BAD[name])
    log = tmp_path / "log.jsonl"
    log.write_text("old")
    result = run("train", "--train", path, "--out", tmp_path / "model", "--log", log)
    assert result.exit_code == 2
    # The lines before it may tell what was found out.
    assert re.match(rf"error: .*{name}", result.stderr.splitlines()[-1])
    assert result.stdout == ""
    assert not (tmp_path / "model").exists()
    assert log.read_text() == "old"


def test_all_faults_of_settings_are_told(run: Run, data: Path, tmp_path: Path) -> None:
    options = ["--set", "encoder.hiden=3", "--set", "training.seed=-1", "--set", "nothing"]
    result = run("train", "--train", data, "--out", tmp_path / "m", *options)
    assert result.exit_code == 2
    assert all(part in result.stderr for part in ("3 fault(s)", "encoder.hidden", "training.seed", "'nothing'"))


@pytest.mark.parametrize("options", [[], ["--train", "x"], ["--out", "x"]])
def test_what_is_missing_is_said(run: Run, options: list[str]) -> None:
    result = run("train", *options)
    assert (result.exit_code, "expected --train FILE and --out DIR" in result.stderr) == (2, True)


def test_interrupted_it_keeps_the_best_and_says_where(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "model"
    command = [sys.executable, "-m", "elman", "train", "--train", data, "--dev", data, "--out", out, *QUICK]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [*command, "--set", "training.epochs=100000"], stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("epoch 3"):
                process.send_signal(signal.SIGINT)
                break
        rest = process.stderr.read()
    assert process.returncode == 130
    assert f"are in {out}" in rest
    assert rest.endswith("interrupted\n")
    assert elman.load(out)("Ada").text == "Ada"
