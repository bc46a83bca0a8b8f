"""The pages that show commands show what the commands print."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[1] / "docs" / "how-to"
FRACTION = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")


@pytest.mark.parametrize("page", sorted(page.name for page in PAGES.glob("*.md")))
def test_what_a_page_shows_is_what_its_commands_print(page: str) -> None:
    spec = importlib.util.spec_from_file_location("run", PAGES / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    text = (PAGES / page).read_text("utf-8")
    assert "$ elman" in text
    found = module.filled(text)
    # Processors differ in the last digits of what a training comes to; whole numbers and words they do not.
    assert FRACTION.sub("#", found) == FRACTION.sub("#", text)
    shown = [float(number) for number in FRACTION.findall(text)]
    assert [float(number) for number in FRACTION.findall(found)] == pytest.approx(shown, rel=0.05, abs=1.0)


def test_a_page_that_shows_another_result_is_found_out() -> None:
    assert FRACTION.sub("#", "96.3%  cow") == FRACTION.sub("#", "96.2%  cow") != FRACTION.sub("#", "96.2%  cat")
