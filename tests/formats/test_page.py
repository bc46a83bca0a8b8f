"""The page about formats names all of them and their options."""

from pathlib import Path

import pytest

from elman.data.formats import FORMATS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "formats.md"


@pytest.mark.parametrize("name", FORMATS)
def test_the_page_names_the_format_and_its_options(name):
    entry = FORMATS[name]
    row = next((line for line in PAGE.read_text("utf-8").splitlines() if line.startswith(f"| `{name}`")), "")
    assert row, "run python docs/reference/formats.py"
    for option in (*entry.read_options, *entry.write_options):
        assert f"`{option}`" in row or f"`{option}=" in row, f"{option}: run python docs/reference/formats.py"
