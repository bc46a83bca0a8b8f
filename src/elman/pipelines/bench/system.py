"""What is measured: a recogniser, made in a process of its own, so that making it is its start.

Modules of systems import the standard library alone until a system is made: what they import then counts as its start.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from importlib import import_module, metadata
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

Found = list[tuple[int, int, str]]
"""The entities of a text: start, end (exclusive, in code points), label."""

SYSTEMS = {
    "elman": "elman.pipelines.bench.of_elman:OfElman",
    "spacy": "elman.pipelines.bench.of_spacy:OfSpacy",
    "slovnet": "elman.pipelines.bench.of_slovnet:OfSlovnet",
    "transformer": "elman.pipelines.bench.of_transformer:OfTransformer",
}
"""Where each is: module and class."""


class Options(NamedTuple):
    """What a system is made of.

    Attributes:
        threads: how many it may use, at least 1.
        processes: how many of these it is to share out among processes of its own; 1 for none.
        paths: its files and names of models.
        scratch: a folder with what ``prepare`` left there.
        engine: Elman's.
        precision: Elman's.
    """

    threads: int
    processes: int
    paths: tuple[str, ...]
    scratch: str
    engine: str = "auto"
    precision: str = "float32"


class System(ABC):
    """A recogniser.

    Attributes:
        title: what tables call it.
        packages: what has to be importable.
        install: how to get them.
        expected_paths: what ``paths`` have to be; empty if it needs none.
        batches: sizes to choose from by trial, in a unit of its own; larger is not always faster.
        trial_words: the words of that trial, several of the largest batches.
        shares: whether it shares its work out among threads of its own, so that libraries get one each.
        splits: whether it can share its work out among processes.
        prepares: whether there is something to make before it starts, by ``prepare``.
    """

    title: ClassVar[str]
    packages: ClassVar[tuple[str, ...]] = ()
    install: ClassVar[str] = ""
    expected_paths: ClassVar[str] = ""
    batches: ClassVar[tuple[int, ...]] = (1,)
    trial_words: ClassVar[int] = 20_000
    shares: ClassVar[bool] = False
    splits: ClassVar[bool] = False
    prepares: ClassVar[bool] = False

    @abstractmethod
    def __init__(self, options: Options) -> None:
        """Import and load everything."""

    @abstractmethod
    def tag(self, texts: Sequence[str], batch: int) -> Iterable[Found]:
        """The entities of many texts, in order, as fast as it can."""

    @abstractmethod
    def one(self, text: str) -> Found:
        """The entities of one text, as soon as it can."""

    @abstractmethod
    def facts(self) -> dict[str, object]:
        """What it is: ``about``, ``precision``, ``versions``, ``disk_bytes`` (of the model), ``labels``.

        ``labels`` is None if what it finds means nothing; ``layer`` is the layer of gold spans that it learned.
        """

    @classmethod
    def prepare(cls, texts: Sequence[str], scratch: str) -> None:
        """Make what it needs and does not come with, before anything is timed; only called if ``prepares``."""
        raise NotImplementedError

    @classmethod
    def missing(cls, paths: Sequence[str]) -> str | None:
        """Why it cannot be measured here, and what to do; None if it can."""
        from importlib.util import find_spec

        absent = [package for package in cls.packages if find_spec(package) is None]
        if absent:
            return f"{', '.join(absent)} not installed ({cls.install})"
        if cls.expected_paths and not paths:
            return f"expected {cls.expected_paths}"
        return None


def system_class(name: str) -> type[System]:
    """The class of a system.

    Args:
        name: of ``SYSTEMS``, or ``module:Class``.

    Raises:
        ImportError: if there is no such module.
        AttributeError: if there is no such class in it.
    """
    module, _, attribute = SYSTEMS.get(name, name).partition(":")
    found: type[System] = getattr(import_module(module), attribute)
    return found


def versions(*packages: str) -> dict[str, str]:
    """The installed version of each package."""
    return {package: metadata.version(package) for package in packages}


def size_on_disk(paths: Iterable[str | Path]) -> int:
    """The bytes of files, and of all files in folders."""
    return sum(file.stat().st_size for path in paths for file in _files(Path(path)))


def _files(path: Path) -> Iterator[Path]:
    return (file for file in path.rglob("*") if file.is_file()) if path.is_dir() else iter((path,))


def plain(options: Mapping[str, object]) -> Options:
    """Options that came as JSON."""
    values = dict(options)
    values["paths"] = tuple(values["paths"])  # type: ignore[arg-type]
    return Options(**values)  # type: ignore[arg-type]
