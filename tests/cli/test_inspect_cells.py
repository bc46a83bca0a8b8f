from __future__ import annotations

import json


def test_the_table_and_the_picture(run, tmp_path):
    picture = tmp_path / "cells.png"
    result = run("inspect", "cells", "--cells=gru,elman", "--lengths=6,3", "--steps=3", "--seeds=2", f"--out={picture}")
    assert result.exit_code == 0
    assert "adding: updates until the mean squared error is under 0.01" in result.stdout
    rows = [line.split()[:2] for line in result.stdout.splitlines()[4:]]
    assert rows == [["3", "gru"], ["3", "elman"], ["6", "gru"], ["6", "elman"]]
    assert result.stderr.count("not solved in 3 updates") == 8
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_json_has_every_attempt(run):
    result = run("inspect", "cells", "--cells=lstm", "--task=lag", "--lengths=4", "--steps=2", "--json")
    values = json.loads(result.stdout)
    assert values["schema"] == "elman.cells/1"
    assert [(one["cell"], one["length"], one["steps"]) for one in values["attempts"]] == [("lstm", 4, 2)]


def test_what_cannot_be_tried_is_refused_before_anything_is(run, tmp_path):
    for options, message in (
        (["--cells=lstm,ltsm"], "expected a cell out of elman, "),
        (["--task=sorting"], "expected a task out of adding, copying, lag"),
        (["--lengths=50,x"], "expected lengths such as 50,200; got '50,x'"),
        (["--lengths=1"], "expected a length of at least 2"),
        ([f"--out={tmp_path / 'cells.jpeg'}"], "ends in .png or .svg"),
    ):
        result = run("inspect", "cells", "--steps=1", *options)
        assert result.exit_code == 2
        assert message in result.stderr
        assert not result.stdout
