"""The verbs generate, fill and forecast."""

import json

import pytest
from typer.testing import CliRunner

from elman.cli.app import app

TEXT = "the cat sat on the mat. the dog sat on the rug.\n"


def run(*arguments):
    return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    (folder / "text.txt").write_text(TEXT * 10 + "\f" + TEXT * 3)
    rows = "".join(f"2020-01-{day:02},{day % 5}\n" for day in range(1, 32))
    (folder / "days.csv").write_text(f"day,x\n{rows}")
    small = ["--set", "encoder.hidden=8", "--set", "training.epochs=1", "--set", "training.threads=1"]
    for name, task, file, *more in (
        ("characters", "language_model", "text.txt"),
        ("words", "language_model", "text.txt", "--set", "text.unit=words"),
        ("days", "forecasting", "days.csv", "--set", "series.window=4", "--set", "series.horizon=2"),
    ):
        train = folder / file
        result = run("train", "--task", task, "--train", train, "--dev", train, "--out", folder / name, *small, *more)
        assert result.exit_code == 0, result.output
    return folder


def test_generate_writes_the_prompt_and_goes_on(models):
    one = run("generate", "-m", models / "characters", "the ", "--length", 20, "--seed", 5)
    assert one.exit_code == 0
    assert one.stdout.startswith("the ")
    assert run("generate", "-m", models / "characters", "the ", "--length", 20, "--seed", 5).stdout == one.stdout
    told = json.loads(run("generate", "-m", models / "words", "the", "--length", 5, "--json").stdout)
    assert told["prompt"] == "the"


def test_fill_ranks_words(models):
    for model in ("characters", "words"):
        for context in ("left", "both"):
            result = run(
                "fill", "-m", models / model, "the ___ sat on the mat.", "--context", context, "--top", 3, "--json"
            )
            words = json.loads(result.stdout)["words"]
            assert len(words) == 3
            assert words[0]["probability"] >= words[1]["probability"]
    assert "%" in run("fill", "-m", models / "words", "the ___ sat").stdout


def test_forecast_tells_and_draws(models, tmp_path):
    result = run("forecast", "-m", models / "days", models / "days.csv", "--plot", tmp_path / "days.png")
    assert result.exit_code == 0
    assert result.stdout.startswith("days.csv: after 2020-01-31")
    assert (tmp_path / "days.png").read_bytes().startswith(b"\x89PNG")
    told = json.loads(run("forecast", "-m", models / "days", models / "days.csv", "--json").stdout)
    assert len(told["series"]["x"]) == 2
    assert run("predict", "-m", models / "days", models / "days.csv").exit_code == 0
    assert "wins" in run("evaluate", models / "days", models / "days.csv").stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["generate", "-m", "days", "x"], "expected a language model, got a model for forecasting"),
        (["generate", "-m", "characters", "x", "--top-p", "2"], "top_p"),
        (["fill", "-m", "words", "no blank"], "expected one blank"),
        (["forecast", "-m", "words", "days.csv"], "no forecaster"),
        (["forecast", "-m", "days", "days.csv", "--plot", "days.gif"], ".png or .svg"),
        (["forecast", "-m", "days", "text.txt"], "expected"),
    ],
)
def test_wrong_calls_end_with_2_and_a_message(models, monkeypatch, arguments, message):
    monkeypatch.chdir(models)
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
