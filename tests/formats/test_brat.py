"""brat: folders of texts and standoff; nothing on any line is lost, and no name leads out of the folder."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from drawn import documents, strange
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.document import Document, Region, Relation, Span, Tokens
from elman.data.formats import brat, brat_writing
from elman.data.formats.file_names import LONGEST, file_name, free_path
from elman.data.formats.files import Source
from elman.data.formats.sinks import sink
from elman.errors import DataError


def read(path, rejects=None, **options):
    source = Source(path, rejects=rejects)
    reading = brat.read(source, **options)
    source.attach(reading.report)
    return list(reading), reading.report


def written(docs, folder, **options):
    shutil.rmtree(folder, ignore_errors=True)
    with sink(folder, "folder") as opened:
        return brat.BRAT.write(docs, opened, **options)


@pytest.fixture
def folder(data):
    return data / "brat" / "valid"


def test_reads_every_kind_of_line(folder):
    (letter, crlf), report = read(folder)
    assert (letter.id, crlf.id) == ("letter", "sub/crlf")
    assert [(span.id, letter.surface(span), span.label) for span in letter.spans] == [
        ("T1", "Ada Byron", "PER"),
        ("T2", "Charles Babbage", "PER"),
        ("T3", "London", "ORG"),
        ("T3.2", "Cambridge University", "ORG"),
        ("T4", "London", "LOC"),
        ("T5", "wrote to\nCharles", "GROUP"),
    ]
    assert letter.relations == (
        Relation("T1", "T2", "Knows"),
        Relation("T1", "T2", "Equiv"),
        Relation("T2", "T4", "Equiv"),
    )
    assert [line[0] for line in letter.meta["brat"]] == ["*", "E", "A", "M", "N", "#"]
    assert [crlf.surface(span) for span in crlf.spans] == ["Ada", "Ada"]
    assert "\r\n" in crlf.text
    ledger = report.account()
    assert (ledger.given("span"), ledger.split, ledger.made("span")) == (7, 1, 8)
    assert (ledger.given("relation"), ledger.made("relation")) == (2, 3)
    assert report.notes == [
        'kept in meta["brat"], and written to brat only: 1 events, 2 attributes, 1 normalisations, 1 notes'
    ]


def test_writes_the_same_lines_again(folder, tmp_path):
    docs, _ = read(folder)
    ledger = written(docs, tmp_path / "out")
    assert (ledger.kept, ledger.given("span"), ledger.refused) == (8, 8, 0)
    assert {kind for (_, kind, _) in ledger.counts} == {"kept"}
    for name in ("letter", "sub/crlf"):
        for suffix in (".txt", ".ann"):
            lines = [(base / f"{name}{suffix}").read_bytes().split(b"\n") for base in (folder, tmp_path / "out")]
            assert sorted(line.rstrip(b"\t") for line in lines[0]) == sorted(lines[1])
    assert read(tmp_path / "out")[0] == docs


def test_reads_one_file_with_the_text_beside_it(folder):
    docs, _ = read(folder / "letter.ann")
    assert docs == read(folder)[0][:1]


def test_lines_whose_spans_are_gone_are_left_out(folder, tmp_path):
    (letter, _), _ = read(folder)
    gone = replace(
        letter,
        spans=tuple(span for span in letter.spans if span.id != "T5"),
        relations=letter.relations[:1],
    )
    ledger = written([gone], tmp_path / "out")
    lines = (tmp_path / "out" / "letter.ann").read_text().split("\n")
    assert [line for line in lines if line[:1] in "EA*" and line] == []
    assert [line[:2] for line in lines if line[:1] in "RMN#" and line] == ["R1", "M1", "N1", "#1"]
    assert ledger.counts["meta", "moved", brat_writing.LINES_GONE] == 1
    assert ledger.given("meta") == 1


@pytest.mark.parametrize(("encoding", "moved"), [("utf-16", 7), ("bytes", 7), ("lf", 5)])
def test_offsets_that_count_something_else_are_mended(encoding, moved, tmp_path):
    text = "👩‍👩‍👧 ä Ada Byron lives\r\nin 𝔸 London Town\r\n" * 3
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_bytes(text.encode())
    spans = [(m.start(), m.end()) for m in re.finditer(r"Ada Byron|London Town", text)]

    def count(at):
        before = text[:at]
        if encoding == "lf":
            return len(before.replace("\r\n", "\n"))
        return len(before.encode("utf-16-le")) // 2 if encoding == "utf-16" else len(before.encode())

    lines = [f"T{n}\tX {count(a)} {count(b)}\t{text[a:b]}\n" for n, (a, b) in enumerate(spans, 1)]
    # Fragments, with nothing but white space between them, and with more.
    first = text.index("Ada")
    lines.append(f"T90\tY {count(first)} {count(first + 3)};{count(first + 4)} {count(first + 9)}\tAda Byron\n")
    lines.append(f"T91\tY {count(first)} {count(first + 3)};{count(first + 10)} {count(first + 15)}\tAda lives\n")
    (folder / "a.ann").write_text("".join(lines))
    (document,), report = read(folder)
    assert [document.surface(span) for span in document.spans[:6]] == ["Ada Byron", "London Town"] * 3
    assert [document.surface(span) for span in document.spans[6:]] == ["Ada Byron", "Ada", "lives"]
    ledger = report.account()
    assert (ledger.moved, ledger.split, ledger.given("span"), ledger.made("span")) == (moved, 1, 8, 9)
    assert report.offsets


@pytest.mark.parametrize(
    ("name", "line", "problem"),
    [
        ("no-label", 1, "expected 'T1<tab>Label 0 4<tab>text', got 'T1\\t0 3\\tAda'; mend the line"),
        ("no-tab", 2, "expected 'T1<tab>Label 0 4<tab>text', got 'T2 PER 4 9 Byron'"),
        ("backwards", 1, "a fragment has to have start < end, got '3 0'"),
        ("empty-fragment", 1, "a fragment has to have start < end, got '0 3;4 4'"),
        ("twice", 2, "the id T1 stands in line 1 already"),
        ("outside", None, "the span 0-99 PER says that its text is 'Ada'"),
        ("surface", None, "the span 0-3 PER says that its text is 'Bob', but at its offsets stands 'Ada'"),
        ("missing-span", 2, "names T7, which no line of the file has"),
        ("one-member", 2, "expected '*<tab>Equiv T1 T2'"),
        ("unknown-line", 2, "expected a line of brat, which begins with one of T R * E A M N #, got 'X1"),
        ("event", 2, "expected 'E1<tab>Label:T1 Role:T2', got 'E1\\tPER T1'"),
        ("loop", 2, "expected 'R1<tab>Label Arg1:T1 Arg2:T2'"),
        ("no-text", None, "needs its text in invalid-no-text.txt beside it, which is not there"),
        ("latin-1", 2, "expected utf-8, got the byte 0xe4"),
    ],
)
def test_invalid_files(data, name, line, problem, tmp_path):
    path = data / "brat" / f"invalid-{name}.ann"
    if problem.startswith("the span 0-99"):
        # A span that ends outside, but has its text where it begins, is mended.
        problem = ""
        assert [span.end for span in read(path)[0][0].spans] == [3]
        return
    with pytest.raises(DataError) as caught:
        read(path)
    assert problem in caught.value.problem
    assert caught.value.line == line
    # In a folder it is set aside, and the others are read.
    (tmp_path / "good.txt").write_text("Ada")
    (tmp_path / "good.ann").write_text("T1\tPER 0 3\tAda\n")
    for suffix in (".ann", ".txt"):
        beside = path.with_suffix(suffix)
        if beside.exists():
            shutil.copy(beside, tmp_path)
    rejects = []
    docs, report = read(tmp_path, rejects.append)
    names = ["good", path.stem] if name == "unknown-line" else ["good"]
    assert ([document.id for document in docs], report.rejected) == (names, 1)
    (reject,) = rejects
    assert problem in reject.problem
    assert (Path(reject.name).stem, reject.line) == (path.stem, line)
    with pytest.raises(DataError):
        read(tmp_path)


def test_fragments_in_any_order_and_notes_of_what_is_gone(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("Ada Byron wrote")
    ann = "T1\tPER 10 15;0 3\twrote Ada\nT2\tPER 4 9\tByron\nN1\tReference T7 Wikidata:Q1\tx\n#1\tNote N1\ty\n"
    (tmp_path / "in" / "a.ann").write_text(ann)
    docs, report = read(tmp_path / "in")
    assert [(span.id, span.start, span.end) for span in docs[0].spans] == [("T1", 10, 15), ("T1.2", 0, 3), ("T2", 4, 9)]
    assert report.ignored == {"normalisations of what is not there": 1}
    written(docs, tmp_path / "out")
    assert (tmp_path / "out" / "a.ann").read_text() == ann.partition("N1")[0]


def test_the_text_of_a_line_may_run_over_lines(tmp_path):
    (tmp_path / "a.txt").write_text("Ada\nByron wrote")
    (tmp_path / "a.ann").write_text("T1\tPER 0 9\tAda\nByron\nT2\tVERB 10 15\twrote\n")
    ((document,), _) = read(tmp_path)
    assert [document.surface(span) for span in document.spans] == ["Ada\nByron", "wrote"]


def test_what_is_no_pair_is_counted(tmp_path):
    for name in ("a.txt", "a.ann", "b.txt", "c.html", "tools.conf"):
        (tmp_path / name).write_text("")
    docs, report = read(tmp_path)
    assert [(document.id, document.text) for document in docs] == [("a", "")]
    assert sorted(report.ignored.values()) == [1, 1]


def test_what_brat_cannot_hold_is_in_the_ledger(tmp_path):
    document = Document(
        "Ada Byron",
        (Span(0, 3, "a b", score=0.5, id="x"), Span(4, 9, "PER", id="T1"), Span(0, 3, "NNP", "pos")),
        (Relation("x", "T1", "is with"),),
        (Region(0, 3),),
        ("news",),
        Tokens("Ada Byron", [(0, 3), (4, 9)], None, {"1": ("a", "b")}),
        "d",
        {"source": "x"},
    )
    ledger = written([document], tmp_path / "out")
    assert (tmp_path / "out" / "d.ann").read_text().split("\n") == [
        "T2\ta_b 0 3\tAda",
        "T1\tPER 4 9\tByron",
        "R1\tis_with Arg1:T2 Arg2:T1",
        "",
    ]
    assert {(item, kind): count for (item, kind, _), count in ledger.counts.items()} == {
        ("document", "kept"): 1,
        ("sentence", "refused"): 1,
        ("token", "refused"): 2,
        ("column", "refused"): 1,
        ("span", "kept"): 1,
        ("span", "moved"): 1,
        ("span", "refused"): 1,
        ("relation", "moved"): 1,
        ("region", "refused"): 1,
        ("label", "refused"): 1,
        ("score", "refused"): 1,
        ("id", "kept"): 2,
        ("id", "moved"): 1,
        ("meta", "refused"): 1,
    }


def test_no_id_leads_out_of_the_folder(tmp_path):
    ids = ["../../x", "/etc/passwd", "..", "a/../../b", "", "a//b", ".hidden", "C:\\x", "nul", "a\0b", "x" * 999]
    ids += ["/".join("abcdefghijklmnop"), "ok/fine", "ok", "ok.txt/deep", "ok", "ok-2", "\ud800", "trail. "]
    out = tmp_path / "base" / "out"
    out.parent.mkdir()
    ledger = written([Document(f"text {n}", id=name) for n, name in enumerate(ids)], out)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert all(path.is_relative_to(out) for path in files)
    assert len(files) == 2 * len(ids)
    docs, _ = read(out)
    assert sorted(document.text for document in docs) == sorted(f"text {n}" for n in range(len(ids)))
    assert len({document.id for document in docs}) == len(ids)
    assert ledger.counts["id", "moved", brat_writing.RENAMED] == len(ids) - 2
    assert ledger.given("id") == len(ids)


@given(st.lists(st.text(max_size=40), min_size=1, max_size=3).map("/".join))
@settings(max_examples=60, deadline=None)
def test_file_names_are_safe(name):
    parts = file_name(name).split("/")
    assert all(part not in ("", ".", "..") and "\0" not in part for part in parts)
    assert all(len(part.encode()) <= LONGEST for part in parts)


def test_a_link_is_not_written_through(tmp_path):
    # The folder is new, so what is in the place of the old one does not matter; a file in the way is not taken.
    (tmp_path / "a.txt").write_text("mine")
    assert free_path(tmp_path, "a", (".txt", ".ann")).name == "a-2"


def test_nothing_is_left_of_a_folder_that_could_not_be_written(tmp_path):
    with pytest.raises(DataError, match="lone surrogate"):
        written([Document("fine"), Document("\ud800", id="bad")], tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def plain(document):
    """A document as brat has it."""
    names = {}
    spans = []
    for at, span in enumerate(document.spans):
        names.setdefault(span.id, f"s{at}")
        spans.append((span.start, span.end, re.sub(r"\s", "_", span.label) or "_", span.layer))
    number = {span.id: at for at, span in reversed(list(enumerate(document.spans)))}
    links = sorted((number[r.head], number[r.tail], re.sub(r"\s", "_", r.label) or "_") for r in document.relations)
    return document.text, spans, links


@given(docs=st.lists(documents(text=strange.filter(lambda text: not re.search("[\ud800-\udfff]", text))), max_size=3))
@settings(max_examples=40, deadline=None)
def test_round_trip(docs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("brat") / "out"
    docs = [replace(document, id=f"d{at}") for at, document in enumerate(docs)]
    ledger = written(docs, folder)
    back, report = read(folder)
    assert [plain(document) for document in back] == [plain(document) for document in docs]
    assert ledger.made("span") == report.account().given("span") == sum(len(document.spans) for document in docs)
    again = folder.with_name("again")
    written(back, again)
    assert read(again)[0] == back


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "documents", "spans", "relations"),
    [
        ("nerel/NEREL-v1.1/train", 746, 44_867, 31_388),
        ("nerel/NEREL-v1.1/dev", 94, 5_590, 4_012),
        ("nerel/NEREL-v1.1/test", 93, 5_827, 4_096),
        ("scienceie2017/train", 350, 2_992 + 2_608 + 1_132, 420 + 253),
        ("scienceie2017/dev", 50, 458 + 567 + 137, 123 + 45),
        ("scienceie2017/test", 100, 954 + 904 + 194, 95 + 112),
    ],
)
def test_the_sets_have_the_counts_of_their_source(shared, name, documents, spans, relations):
    # One file of NEREL has a stray line.
    docs, report = read(shared(name), lambda _: None)
    ledger = report.account()
    assert (len(docs), ledger.given("span"), ledger.given("relation")) == (documents, spans, relations)
