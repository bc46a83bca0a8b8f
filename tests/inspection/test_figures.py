"""Pictures are written whole, in the form that their names say."""

from pathlib import Path

import pytest

from elman.inspection.figures import line_style, named, picture


@pytest.mark.parametrize(("name", "begins"), [("a.png", b"\x89PNG"), ("a.svg", b"<?xml")])
def test_the_ending_says_the_form(tmp_path: Path, name: str, begins: bytes) -> None:
    with picture(tmp_path / name) as axes:
        axes.plot([0, 1], [0, 1], **line_style(0))
        named(axes, "title", "steps", "loss (nats)")
    assert (tmp_path / name).read_bytes().startswith(begins)


def test_an_error_while_drawing_leaves_the_old_picture(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), picture(path) as axes:
        axes.plot([1 / 0])
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("a.png", b"old")]
