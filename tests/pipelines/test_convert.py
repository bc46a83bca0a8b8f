"""Conversion: what comes out, what is told, and that the account adds up."""

import json
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from elman.data import formats
from elman.data.align import OVERLAPPING
from elman.data.document import Document, Region, Relation, Span, Tokens
from elman.data.formats import read, write
from elman.data.layers import layers
from elman.data.ledger import ITEMS, Ledger
from elman.errors import DataError, UsageError
from elman.pipelines.changes import DROPPED, RENAMED, Labels, Step, resolving, spreading
from elman.pipelines.convert import convert

ADA = Document(
    "Ada Lovelace wrote. Bo ran.",
    (Span(0, 3, "PER", id="a", score=0.5), Span(0, 12, "PER"), Span(20, 22, "PER", id="b"), Span(23, 26, "ACT")),
    (Relation("a", "b", "knows", 0.25),),
    id="ada",
)


@pytest.fixture
def given_file(tmp_path):
    path = tmp_path / "in.jsonl"
    write([ADA, Document("nothing")], path)
    return path


def adds_up(conversion):
    """Whether each stage was given what the one before it made, and what was added."""
    accounts = list(conversion.stages.items())
    for (name, before), (_, after) in pairwise(accounts):
        for item in ITEMS:
            assert before.made(item) + conversion.added.get(name, {}).get(item, 0) == after.given(item), (name, item)
    return True


def test_texts_get_tokens_where_the_target_needs_them(tmp_path, given_file):
    out, said = tmp_path / "out.conll", []
    conversion = convert([given_file], out, say=said.append)
    assert out.read_text().split("\n\n")[1] == "Ada B-PER\nLovelace I-PER\nwrote O\n. O"
    assert conversion.done
    assert list(conversion.stages) == ["read", "tokens", "write"]
    assert conversion.added["tokens"] == {"token": 8, "sentence": 3}
    written = conversion.stages["write"]
    assert (written.given(), written.kept, written.refused) == (4, 3, 1)
    assert adds_up(conversion)
    assert f"{given_file}: the format is jsonl: its first line is a JSON object with a text" in said
    losses = next(line for line in said if line.startswith("conll cannot hold all that jsonl can: "))
    assert "relations" in losses
    assert "spans that overlap" in losses
    assert said.index(losses) < len(said) - 1
    account = json.loads(json.dumps(conversion.to_json()))
    assert account["schema"] == "elman.convert/1"
    (refused,) = (
        reason for reason in account["stages"][-1]["reasons"] if (reason["item"], reason["kind"]) == ("span", "refused")
    )
    assert refused["reason"] == OVERLAPPING
    assert refused["examples"][0] | {"to": None} == {
        "document": "ada",
        "start": 0,
        "end": 3,
        "label": "PER",
        "layer": "entities",
        "text": "Ada",
        "to": None,
    }


def test_strict_writes_nothing_if_anything_is_refused(tmp_path, given_file):
    out = tmp_path / "out.conll"
    conversion = convert([given_file], out, strict=True)
    assert not conversion.done
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl"]
    assert convert([given_file], tmp_path / "out.jsonl", strict=True).done
    assert list(read(tmp_path / "out.jsonl")) == list(read(given_file))


def test_ids_that_a_reader_made_up_are_no_loss(tmp_path):
    (tmp_path / "a.conll").write_text("Ada B-PER\n\nBo B-PER\n\n")
    conversion = convert([tmp_path / "a.conll"], tmp_path / "b.conll", strict=True, scheme="IOBES")
    assert conversion.done
    assert "Ada S-PER" in (tmp_path / "b.conll").read_text()


def test_what_is_at_fault_goes_to_the_rejects(tmp_path):
    path, out = tmp_path / "in.jsonl", tmp_path / "out.conll"
    path.write_text('{"text": "Ada"}\n{"text": 3}\n{"text": "Bo"}\n')
    said = []
    conversion = convert([path], out, say=said.append)
    assert (conversion.rejected, conversion.rejects) == (1, f"{out}.rejects.jsonl")
    (line,) = (tmp_path / "out.conll.rejects.jsonl").read_text().splitlines()
    assert json.loads(line) == {
        "file": str(path),
        "line": 2,
        "problem": "'text' of a document has to be a string, got a whole number",
        "raw": '{"text": 3}',
    }
    assert f"rejected: {path}:2: 'text' of a document has to be a string, got a whole number" in said
    assert conversion.stages["read"].given("document") == 3
    assert adds_up(conversion)
    (tmp_path / "out.conll.rejects.jsonl").unlink()
    out.unlink()
    assert not convert([path], out, strict=True).done
    assert not convert([path], out, strict=True, rejects=tmp_path / "bad.jsonl").done
    assert sorted(file.name for file in tmp_path.iterdir()) == ["bad.jsonl", "in.jsonl"]


@pytest.mark.parametrize("to", ["conll", "inline", "germeval"])
def test_what_the_target_cannot_hold_at_all_is_set_aside(tmp_path, to):
    text = "Ada\twrote it."
    whole = Document(text, (Span(0, 9, "PER"),), tokens=Tokens(text, [(0, 9), (10, 12), (12, 13)]), id="odd")
    path, out, said = tmp_path / "in.jsonl", tmp_path / "out", []
    write([ADA, whole, Document("nothing")], path)
    conversion = convert([path], out, to=to, say=said.append)
    assert len(list(read(out, to))) == conversion.stages["write"].given("document") == 2
    assert conversion.stages["holds"].total("refused", "document") == 1
    assert conversion.stages["holds"].total("refused", "span") == 1
    assert adds_up(conversion)
    (line,) = (tmp_path / "out.rejects.jsonl").read_text().splitlines()
    assert json.loads(line)["file"] == str(path)
    assert "'odd' has " in json.loads(line)["problem"]
    # What is set aside can be mended and converted for itself.
    (tmp_path / "raw.jsonl").write_text(json.loads(line)["raw"] + "\n")
    assert list(read(tmp_path / "raw.jsonl")) == [whole]
    assert len(said) == len(set(said))
    for options in ({"strict": True}, {"overlap": "error", "labels": {"ACT": ""}}):
        with pytest.raises(DataError):
            convert([path], tmp_path / "no", to=to, **options)
    assert not (tmp_path / "no").exists()


def test_nothing_but_rejects_is_an_error(tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text('{"text": 3}\n{"text": 4}\n')
    with pytest.raises(DataError, match=r"in.jsonl:1: all 2 records are at fault, the first because: 'text'"):
        convert([path], tmp_path / "out.conll")
    assert [file.name for file in tmp_path.iterdir()] == ["in.jsonl"]


def test_labels_are_renamed_and_dropped_and_relations_go_with_their_spans(tmp_path, given_file):
    out = tmp_path / "out.jsonl"
    conversion = convert([given_file], out, labels={"PER": "", "ACT": "VERB"})
    assert [span.label for document in read(out) for span in document.spans] == ["VERB"]
    account = conversion.stages["labels"]
    assert account.counts["span", "refused", DROPPED] == 3
    assert account.counts["span", "moved", RENAMED] == 1
    assert account.total("refused", "relation") == 1
    assert account.total("refused", "score") == account.total("refused", "id") == 2
    assert adds_up(conversion)
    with pytest.raises(UsageError, match="names LOC, which the data does not have; it has ACT, PER"):
        convert([given_file], tmp_path / "no.jsonl", labels={"LOC": "GPE"})
    assert not (tmp_path / "no.jsonl").exists()


@pytest.mark.parametrize(("overlap", "starts"), [("longest", [0, 20, 23]), ("first", [0, 20, 23])])
def test_overlaps_are_resolved_where_asked(tmp_path, given_file, overlap, starts):
    out = tmp_path / "out.jsonl"
    conversion = convert([given_file], out, overlap=overlap)
    spans = [span for document in read(out) for span in document.spans]
    assert [span.start for span in spans] == starts
    assert spans[0].end == {"longest": 12, "first": 3}[overlap]
    assert conversion.stages["overlap"].refused == 1
    assert adds_up(conversion)
    with pytest.raises(DataError, match=r"document 'ada': .* overlap; choose keep, longest or first"):
        convert([given_file], out, overlap="error")
    # Columns resolve it by themselves.
    columns = convert([given_file], tmp_path / "out.conll", overlap=overlap)
    assert (columns.stages["write"].kept, "overlap" in columns.stages) == (3, False)


def test_nested_spans_go_to_layers_and_back(tmp_path, given_file):
    spread, whole = tmp_path / "spread.jsonl", tmp_path / "whole.jsonl"
    there = convert([given_file], spread, overlap="layers", strict=True)
    assert [span.layer for document in read(spread) for span in document.spans].count("entities/2") == 1
    assert (there.stages["layers"].moved, there.done, adds_up(there)) == (1, True, True)
    back = convert([spread], whole, overlap="merge", strict=True)
    assert (back.stages["merge"].moved, back.done, adds_up(back)) == (1, True, True)
    assert list(read(whole)) == list(read(given_file))
    # A column each, or a file each.
    columns = {"layers": "entities,entities/2"}
    convert([given_file], tmp_path / "both.conll", overlap="layers", write_options=columns)
    assert "Ada B-PER B-PER\nLovelace I-PER O\n" in (tmp_path / "both.conll").read_text()
    convert([given_file], tmp_path / "inner.conll", overlap="layers", layer="entities/2")
    assert "Ada B-PER\nLovelace O\n" in (tmp_path / "inner.conll").read_text()


def test_regions_on_several_layers_are_one_again(tmp_path):
    document = Document("Ada wrote", (Span(0, 9, "A"), Span(0, 3, "B")), unknown=(Region(4, 9),))
    write([document], tmp_path / "a.jsonl")
    there = convert([tmp_path / "a.jsonl"], tmp_path / "b.jsonl", overlap="layers", strict=True)
    assert (there.added["layers"], adds_up(there)) == ({"region": 1}, True)
    back = convert([tmp_path / "b.jsonl"], tmp_path / "c.jsonl", overlap="merge", strict=True)
    assert (back.done, adds_up(back), list(read(tmp_path / "c.jsonl"))) == (True, True, [document])


def test_options_reach_the_reader_and_the_writer(tmp_path):
    path, out = tmp_path / "a.conll", tmp_path / "b.conll"
    path.write_bytes("x\tKöln\tB-LOC\n\nx\tin\tI-LOC\n\n".encode("latin-1"))
    options = {"encoding": "latin-1", "repair": "conlleval", "read_options": {"token": "1"}, "layer": "entities"}
    conversion = convert([path], out, from_="conll", write_options={"delimiter": r"\t"}, **options)
    assert "Köln\tx\tB-LOC" in out.read_text()
    assert conversion.sources[0][1].repairs == 1
    with pytest.raises(UsageError, match="to read jsonl there is no option repair"):
        convert([path], out, from_="jsonl", repair="drop")
    with pytest.raises(UsageError, match="to write jsonl there is no option layer"):
        convert([path], tmp_path / "b.jsonl", layer="entities")
    # A scheme is that of the tags written, or, of a target without tags, of those read.
    tagged = convert([path], tmp_path / "b.jsonl", from_="conll", scheme="IOB1", **options | {"layer": None})
    assert tagged.sources[0][1].scheme_evidence == "as was said"


def test_several_sources_a_folder_and_an_empty_list(tmp_path, given_file):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "1.conll").write_text("Ada B-PER\n\n")
    (folder / "2.conll").write_text("Bo B-PER\n\n")
    out = tmp_path / "out.jsonl"
    conversion = convert([given_file, folder], out)
    assert [document.text for document in read(out)] == [ADA.text, "nothing", "Ada", "Bo"]
    assert [report.documents for _, report in conversion.sources] == [2, 2]
    assert adds_up(conversion)
    with pytest.raises(UsageError, match="got no source"):
        convert([], out)
    with pytest.raises(UsageError, match="which is read; name a place outside of it"):
        convert([folder], folder / "out.jsonl")


def test_a_writer_that_loses_count_is_found_out_and_nothing_is_written(tmp_path, given_file, monkeypatch):
    def careless(documents, put, /):
        put(str(len(list(documents))))
        return Ledger()

    fake = formats.Format("careless", (".less",), "loses count", lambda _: None, None, careless)
    monkeypatch.setitem(formats.FORMATS, "careless", fake)
    with pytest.raises(RuntimeError, match=r"the account does not add up: 2 of document .* accounts for 0"):
        convert([given_file], tmp_path / "out.less")
    assert not (tmp_path / "out.less").exists()


spans = st.lists(
    st.tuples(st.integers(0, 9), st.integers(1, 6), st.sampled_from("AB"), st.sampled_from(["entities", "parts"])),
    max_size=6,
).map(lambda drawn: tuple(Span(start, start + size, label, layer) for start, size, label, layer in drawn))


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(spans=spans, rule=st.sampled_from(["longest", "first"]))
def test_what_stays_does_not_overlap_and_what_goes_was_in_the_way(spans, rule):
    document = Document("x" * 20, spans)
    step = Step("overlap", resolving(rule))
    (after,) = step([document])
    for layer in ("entities", "parts"):
        stay = sorted((span.start, span.end) for span in after.layer(layer))
        assert all(a[1] <= b[0] for a, b in pairwise(stay))
    account = step.account({"document": 1, "span": len(spans)})
    assert (account.given(), account.made()) == (len(spans), len(after.spans))
    for span in Counter(spans) - Counter(after.spans):
        assert any(one.layer == span.layer and one.start < span.end and span.start < one.end for one in after.spans)


@settings(max_examples=50)
@given(spans=spans)
def test_what_is_spread_is_moved_and_none_is_lost(spans):
    document = Document("x" * 20, spans)
    step = Step("layers", spreading)
    (after,) = step([document])
    account = step.account({"document": 1, "span": len(spans)})
    assert account.given() == account.made() == len(after.spans) == len(spans)
    assert account.refused == 0
    assert after == layers(layers(document, "entities"), "parts")


def test_labels_that_do_not_occur_are_told():
    labels = Labels({"X": "Y"})
    with pytest.raises(UsageError, match="it has none"):
        labels.check()
