"""The pages that show commands show what the commands print."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[1] / "docs" / "how-to"


@pytest.mark.parametrize("page", sorted(page.name for page in PAGES.glob("*.md")))
def test_what_a_page_shows_is_what_its_commands_print(page: str) -> None:
    spec = importlib.util.spec_from_file_location("run", PAGES / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    text = (PAGES / page).read_text("utf-8")
    assert "$ elman" in text
    assert module.filled(text) == text
