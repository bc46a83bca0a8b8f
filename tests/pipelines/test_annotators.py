from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from elman.data.document import Document, Region, Span
from elman.data.formats import write
from elman.errors import DataError, UsageError
from elman.pipelines.annotators import read_annotators

if TYPE_CHECKING:
    from pathlib import Path

ONE = Document("Ada met Bob.", (Span(0, 3, "PER"),), id="d1")
TWO = Document("Rome is old.", (Span(0, 4, "LOC"),), id="d2")
THREE = Document("Nothing here.", id="d3")


def files(folder: Path, **sides: list[Document]) -> list[Path]:
    paths = []
    for name, documents in sides.items():
        paths.append(folder / f"{name}.jsonl")
        write(documents, paths[-1])
    return paths


def spans(rows: list[list[Document | None]]) -> list[list[tuple[str, ...] | None]]:
    return [[None if one is None else tuple(one.surface(span) for span in one.spans) for one in row] for row in rows]


def test_documents_belong_together_by_their_ids(tmp_path: Path) -> None:
    blank = [replace(one, spans=()) for one in (ONE, TWO, THREE)]
    found = read_annotators(files(tmp_path, a=[ONE, TWO], b=[TWO, ONE, THREE], c=[blank[2], blank[0]]))
    assert found.names == ("a", "b", "c")
    assert spans(found.rows) == [[("Ada",), ("Ada",), ()], [("Rome",), ("Rome",), None], [None, (), ()]]
    assert found.notes[-2:] == ["a lacks 1 of 3 documents", "c lacks 1 of 3 documents"]


def test_without_ids_by_their_order(tmp_path: Path) -> None:
    bare = [replace(one, id=None) for one in (ONE, TWO)]
    found = read_annotators(files(tmp_path, a=bare, b=[replace(bare[0], spans=()), bare[1]]))
    assert spans(found.rows) == [[("Ada",), ()], [("Rome",), ("Rome",)]]
    with pytest.raises(DataError, match=r"(?s)the texts part:.*a, line 1.*>>>Ada met.*b, line 1.*>>>Rome is") as error:
        read_annotators(files(tmp_path, a=bare, b=bare[::-1]))
    assert "--align" not in str(error.value)
    with pytest.raises(DataError, match="one side ends before the other"):
        read_annotators(files(tmp_path, a=bare, b=bare[:1]))


def test_ids_that_no_two_files_share_say_nothing(tmp_path: Path) -> None:
    found = read_annotators(files(tmp_path, a=[ONE, TWO], b=[replace(ONE, id="x"), replace(TWO, id="y")]))
    assert spans(found.rows) == [[("Ada",), ("Ada",)], [("Rome",), ("Rome",)]]


def test_one_id_with_two_texts(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)the texts part:.*a, line 1.*>>>Ada met.*b, line 2.*>>>Rome is"):
        read_annotators(files(tmp_path, a=[ONE], b=[THREE, replace(TWO, id="d1")]))


def test_white_space_may_differ_and_what_is_unknown_stays_so(tmp_path: Path) -> None:
    wide = Document("Ada  met\nBob.", (Span(9, 12, "PER"),), unknown=(Region(0, 4), Region(3, 5)), id="d1")
    found = read_annotators(files(tmp_path, a=[ONE], b=[wide]))
    (row,) = found.rows
    assert spans(found.rows) == [[("Ada",), ("Bob",)]]
    assert row[1] is not None
    assert row[1].text == ONE.text
    assert [row[1].surface(region) for region in row[1].unknown] == ["Ada"]
    assert any("differ in white space alone" in note for note in found.notes)


def test_texts_that_are_cut_otherwise(tmp_path: Path) -> None:
    whole = Document("Ada met Bob. Rome is old.")
    with pytest.raises(DataError, match="b cuts the text into documents otherwise than a, from a, line 1 on"):
        read_annotators(files(tmp_path, a=[ONE, TWO], b=[whole]))


def test_one_file_of_all_annotators(tmp_path: Path) -> None:
    def by(document: Document, who: object) -> Document:
        return replace(document, meta={"who": who}, id=None)

    documents = [by(ONE, "eva"), by(TWO, "ben"), by(replace(ONE, spans=()), "ben"), by(TWO, "ben"), by(THREE, 7)]
    found = read_annotators(files(tmp_path, all=documents), key="who")
    assert found.names == ("7", "ben", "eva")
    assert spans(found.rows) == [
        [None, (), ("Ada",)],
        [None, ("Rome",), None],
        [None, ("Rome",), None],
        [(), None, None],
    ]
    with pytest.raises(
        DataError, match=r"all, line 1 does not name its annotator.*under 'name' in meta, which has who"
    ):
        read_annotators(files(tmp_path, all=documents), key="name")


def test_labels_are_renamed_and_left_out(tmp_path: Path) -> None:
    found = read_annotators(files(tmp_path, a=[ONE, TWO], b=[ONE, TWO]), labels={"PER": "", "LOC": "PLACE"})
    assert spans(found.rows) == [[(), ()], [("Rome",), ("Rome",)]]
    assert {span.label for row in found.rows for one in row if one for span in one.spans} == {"PLACE"}


def test_files_of_one_name(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        write([ONE], tmp_path / folder / "data.jsonl")
    paths = [tmp_path / folder / "data.jsonl" for folder in ("a", "b")]
    assert read_annotators(paths).names == tuple(map(str, paths))
    assert read_annotators(paths[:1] * 2).names == (f"{paths[0]} (1)", f"{paths[0]} (2)")


def test_how_many_files(tmp_path: Path) -> None:
    paths = files(tmp_path, a=[ONE], b=[ONE])
    for given, key in ((paths[:1], None), (paths, "who"), ([], None)):
        with pytest.raises(UsageError, match="expected a file for each annotator, or one file and the key"):
            read_annotators(given, key=key)
