from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import elman
from elman.errors import ElmanError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

VERBS = ["quickstart", "train", "evaluate", "tag"]


@pytest.mark.parametrize("arguments", [["--help"], *([verb, "-h"] for verb in VERBS)])
def test_help_is_there(run: Run, arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 0
    assert "Usage:" in result.stdout


def test_help_names_every_verb(run: Run) -> None:
    assert all(verb in run("--help").stdout for verb in VERBS)


def test_the_version_is_printed(run: Run) -> None:
    assert run("--version").stdout == f"{elman.__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [["nothing"], ["tag"], ["evaluate"], ["train", "--seeds", "0"], ["tag", "--to", "xml"], ["train", "--x"]],
)
def test_bad_usage_ends_with_2(run: Run, arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Usage:" in result.stderr


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (ElmanError("what to do"), 2, "error: what to do\n"),
        (OSError(28, "No space left on device", "model"), 2, "error: model: No space left on device\n"),
        (OSError("no number"), 2, "error: no number\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (BrokenPipeError(), 0, ""),
    ],
)
def test_every_end_has_its_code_and_message(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, message: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("elman.runtime.tagger.load", fail)
    result = run("tag", "--model", "model", "--text", "x")
    assert (result.exit_code, result.stderr, result.stdout) == (code, message, "")


def shell(command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a shell command in which $ELMAN is the command line."""
    environment = {**os.environ, **variables, "ELMAN": f"{sys.executable} -m elman"}
    return subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=environment, check=False)


def test_a_closed_pipe_ends_quietly(model: Path, tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("Ada Byron went to Paris in winter .\n" * 20_000)
    result = shell(f'$ELMAN tag --unit line -m "{model}" "{text}" | head -n 1; echo ${{PIPESTATUS[0]}}')
    assert result.stderr == ""
    assert result.stdout.splitlines()[0].startswith('{"id": "text.txt:1", "text": "Ada Byron went')
    assert result.stdout.splitlines()[1:] == ["0"]


@pytest.mark.parametrize("target", ["jsonl", "ansi"])
def test_a_full_disk_is_an_error(model: Path, target: str) -> None:
    result = shell(f'$ELMAN tag -m "{model}" --to {target} --text "Ada" > /dev/full')
    assert result.returncode == 2
    assert "No space left on device" in result.stderr
    assert "Traceback" not in result.stderr


BLOCKED = """
import sys
for name in ("torch", "tensorboardX"):
    sys.modules[name] = None
from elman.cli import main
main()
"""


def without_extras(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as the base install has it."""
    return subprocess.run([sys.executable, "-c", BLOCKED, *arguments], capture_output=True, text=True, check=False)


def test_the_base_install_tags_and_evaluates(model: Path, data: Path) -> None:
    tagged = without_extras("tag", "--model", str(model), "--text", "Ada Byron went to Paris in winter .")
    assert (tagged.returncode, tagged.stderr) == (0, "")
    assert '"label": "PER"' in tagged.stdout
    judged = without_extras("evaluate", str(model), str(data))
    assert (judged.returncode, "Traceback" in judged.stderr) == (0, False)


@pytest.mark.parametrize("verb", [["train", "--train", "a", "--out", "b"], ["quickstart"]])
def test_the_base_install_says_what_training_needs(verb: list[str]) -> None:
    result = without_extras(*verb)
    assert result.returncode == 2
    assert 'pip install "elman[train]"' in result.stderr
    assert "Traceback" not in result.stderr
