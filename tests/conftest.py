"""Where tests find data that is not in the repository."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

DATA = Path(os.environ.get("ELMAN_DATA", Path(__file__).parents[2] / "shared" / "data"))


def pytest_configure() -> None:
    """Where the tests run in the background, their shell ignores Ctrl-C, and what they start would, too."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def shared() -> Callable[[str], Path]:
    """Gives the path of a file in the measuring data, and skips the test where it is absent."""

    def find(name: str) -> Path:
        path = DATA / name
        if not path.exists():
            pytest.skip(f"{name} is not in {DATA}; set ELMAN_DATA to the folder with the measuring data")
        return path

    return find


@pytest.fixture
def data() -> Path:
    """The folder of sample files."""
    return Path(__file__).parent / "data"
