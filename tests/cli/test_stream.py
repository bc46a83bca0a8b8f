from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

import elman

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.conftest import Run

TEXT = "Ada Byron went to Paris in winter ."
FOUND = [(0, 9, "PER", "Ada Byron"), (18, 23, "LOC", "Paris")]


def entities(lines: str) -> list[tuple[int, int, str, str]]:
    values = map(json.loads, lines.splitlines())
    return [(value["start"], value["end"], value["label"], value["text"]) for value in values]


def moved(by: int) -> list[tuple[int, int, str, str]]:
    return [(start + by, end + by, label, text) for start, end, label, text in FOUND]


def test_each_entity_is_a_line(run: Run, model: Path) -> None:
    result = run("stream", "-m", model, stdin=f"{TEXT}\n{TEXT}")
    assert (result.exit_code, result.stderr) == (0, "")
    assert entities(result.stdout) == FOUND + moved(len(TEXT) + 1)
    first = json.loads(result.stdout.splitlines()[0])
    assert list(first) == ["start", "end", "label", "score", "text"]
    assert 0 < first["score"] <= 1


@pytest.mark.parametrize(
    "text",
    [
        f"\ufeff{TEXT}\r\n{TEXT}\r\n",
        f"😀 Zoë\r{TEXT}\n\n\x0c{TEXT}",
        "",
        " \n",
        "no name",
        f"{'Ada Byron , ' * 400}\n{TEXT}",
        f"{'x' * 70_000}\n{TEXT}",
    ],
)
def test_it_finds_what_tag_finds(run: Run, model: Path, text: str) -> None:
    found = [json.loads(line) for line in run("stream", "-m", model, stdin=text.encode()).stdout.splitlines()]
    whole = text.removeprefix("\ufeff")
    assert all(value.pop("text") == whole[value["start"] : value["end"]] for value in found)
    if text:
        (line,) = run("tag", "-m", model, stdin=text.encode()).stdout.splitlines()
        assert found == json.loads(line)["spans"]


def test_thresholds(run: Run, model: Path) -> None:
    for options in (["--threshold", "0.01", "--overlaps", "keep"], ["--threshold", "0.9"]):
        found = run("stream", "-m", model, *options, stdin=TEXT).stdout
        (line,) = run("tag", "-m", model, "--text", TEXT, *options).stdout.splitlines()
        assert [value[:3] for value in entities(found)] == [
            (span["start"], span["end"], span["label"]) for span in json.loads(line)["spans"]
        ]


def test_a_sentence_that_is_cut_is_told(run: Run, model: Path) -> None:
    result = run("stream", "-m", model, stdin="word " * 600)
    assert "more than 256 tokens were tagged in parts, cut in 2 places" in result.stderr


RECORDS = [
    {"text": TEXT},
    {"text": ""},
    {"text": f"\x00 Zoë\r\n{TEXT}", "id": "a", "page": 3},
    {"text": f"\ud800 {TEXT}"},
    {
        "text": TEXT,
        "spans": [{"start": 0, "end": 3, "label": "NN", "layer": "pos"}, {"start": 0, "end": 3, "label": "X"}],
    },
    {"text": f"é {TEXT}", "spans": [{"start": 2, "end": 5, "label": "NN", "layer": "pos"}]},
    {"text": "Ada Byron", "tokens": [[0, 3], [4, 9]]},
]


def test_records_are_those_of_tag(run: Run, model: Path) -> None:
    lines = "\r\n\n".join(map(json.dumps, RECORDS))
    result = run("stream", "-m", model, "--from", "jsonl", stdin=lines)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == run("tag", "-m", model, "--from", "jsonl", "--to", "jsonl", stdin=lines).stdout
    assert len(result.stdout.splitlines()) == len(RECORDS)


@pytest.mark.parametrize(
    "bad", ["bad", '{"text": 1}', '{"text": "é", "spans": [{"start": 5, "end": 9, "label": "X"}]}']
)
def test_what_is_wrong_with_a_record_is_told_after_those_before_it(run: Run, model: Path, bad: str) -> None:
    good = json.dumps({"text": TEXT})
    result = run("stream", "-m", model, "--from", "jsonl", stdin=f"{good}\n{bad}\n{good}\n")
    assert (result.exit_code, len(result.stdout.splitlines())) == (2, 1)
    assert result.stderr.startswith("error: -:2: ")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"good\n" * 30_000 + b"Zo\xeb", "-:30001: expected utf-8: the byte 0xeb at offset 150,002 of the stream"),
        (
            b"a\nb\0c",
            "-:2: expected text, got binary data or another encoding: the byte 0x00 at offset 3 of the stream",
        ),
        (b"\xed\xa0\x80", "the byte 0xed at offset 0"),
        (b"caf\xc3", "the byte 0xc3 at offset 3"),
        ("text".encode("utf-16"), "is in utf-16, expected utf-8"),
    ],
)
def test_bytes_that_are_no_text_are_an_error(run: Run, model: Path, data: bytes, message: str) -> None:
    result = run("stream", "-m", model, stdin=data)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_bytes_that_are_no_text_are_replaced_if_asked(run: Run, model: Path) -> None:
    data = b"\xff\xed\xa0\x80 \0 caf\xc3\n" + TEXT.encode()
    result = run("stream", "-m", model, "--errors", "replace", stdin=data)
    assert (result.exit_code, result.stderr) == (0, "")
    assert entities(result.stdout) == moved(data.decode("utf-8", "replace").index("Ada"))


# --- as a process


@pytest.fixture
def process(model: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "elman", "stream", "-m", str(model)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0) as running:
        yield running
        running.kill()


def put(process: subprocess.Popen[bytes], data: bytes) -> None:
    assert process.stdin is not None
    process.stdin.write(data)


def got(process: subprocess.Popen[bytes], count: int) -> bytes:
    """So many lines, when they are there."""
    assert process.stdout is not None
    until, data = time.monotonic() + 60, b""
    while data.count(b"\n") < count and time.monotonic() < until:
        if select.select([process.stdout], [], [], 1)[0]:
            data += os.read(process.stdout.fileno(), 1 << 16)
    return data


def test_an_entity_is_out_when_its_sentence_is_over(process: subprocess.Popen[bytes]) -> None:
    put(process, f"{TEXT}\n".encode())
    assert entities(got(process, 2).decode()) == FOUND
    put(process, f"{TEXT}\nAda".encode())
    assert entities(got(process, 2).decode()) == moved(len(TEXT) + 1)


def test_sigterm_finishes_the_sentence_in_hand(process: subprocess.Popen[bytes]) -> None:
    put(process, f"{TEXT}\nAda Byron went to Paris in winter \xc3".encode("latin-1"))
    got(process, 2)
    process.send_signal(signal.SIGTERM)
    rest, complaint = process.communicate(timeout=60)
    assert (process.returncode, complaint) == (0, b"")
    assert entities(rest.decode()) == moved(len(TEXT) + 1)


def test_sigint_is_an_interruption(process: subprocess.Popen[bytes]) -> None:
    put(process, f"{TEXT}\n".encode())
    got(process, 2)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60) == (b"", b"interrupted\n")
    assert process.returncode == 130


def test_a_closed_pipe_ends_quietly(process: subprocess.Popen[bytes]) -> None:
    put(process, f"{TEXT}\n".encode())
    got(process, 2)
    assert process.stdout is not None
    process.stdout.close()
    put(process, f"{TEXT}\n".encode())
    assert process.wait(60) == 0
    assert process.stderr is not None
    assert process.stderr.read() == b""


LONG = {
    "no full stop": b"word another, and more of it ",
    "no space": b"x",
    "wide": "漢".encode(),
    "line breaks": b"\n",
    "short sentences": b"Ada went .\r\n",
}


@pytest.mark.parametrize("name", LONG)
def test_memory_does_not_grow_with_the_text(model: Path, name: str) -> None:
    peaks = []
    for size in (200_000, 600_000):
        command = [sys.executable, "-m", "elman", "stream", "-m", str(model), "--threads", "1"]
        pipe, none = subprocess.PIPE, subprocess.DEVNULL
        with subprocess.Popen(command, stdin=pipe, stdout=none, stderr=none) as running:
            assert running.stdin is not None
            for _ in range(size // 20_000):
                running.stdin.write(LONG[name] * (20_000 // len(LONG[name])))
            running.stdin.close()
            _, status, usage = os.wait4(running.pid, 0)
            running.returncode = os.waitstatus_to_exitcode(status)
        assert running.returncode == 0
        peaks.append(usage.ru_maxrss)
    assert peaks[1] < 1.1 * peaks[0]


def test_standard_input_that_is_closed(model: Path) -> None:
    command = [sys.executable, "-m", "elman", "stream", "-m", str(model)]
    result = subprocess.run(["bash", "-c", '"$@" <&-', "-", *command], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (2, "error: expected text on standard input, which is closed\n")


def test_python_and_the_command_line_agree(run: Run, model: Path) -> None:
    spans = elman.load(model).stream(TEXT)
    assert entities(run("stream", "-m", model, stdin=TEXT).stdout) == [
        (span.start, span.end, span.label, TEXT[span.start : span.end]) for span in spans
    ]
