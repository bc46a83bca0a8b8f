"""Models that are asked about what they have not learned from."""

import json
import shutil
from dataclasses import replace

import pytest

from elman.data.document import Document
from elman.errors import DataError, UsageError
from elman.metrics.suspicion import suspicion
from elman.model.folder import read_model
from elman.training.crossvalidation import cross_validate

from .examples import document, settings

CHOSEN = settings({"epochs": 2, "seed": 3})


def marked(number):
    """A document with a word that no other has."""
    whole = document(number)
    text = whole.text.replace("winter", f"w{'abcdefghijklmnop'[number]}nter")
    return replace(whole, text=text, tokens=type(whole.tokens)(text, whole.tokens.offsets, whole.tokens.sentences))


MARKED = [marked(number) for number in range(9)]


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    scratch = tmp_path_factory.mktemp("folds") / "scratch"
    return scratch, cross_validate(MARKED, 3, scratch=scratch, settings=CHOSEN)


def test_no_model_learns_from_what_it_is_asked_about(done):
    scratch, result = done
    assert [fold.number for fold in result.folds] == [1, 2, 3]
    assert sum(fold.held for fold in result.folds) == len(MARKED)
    seen = []
    for fold in result.folds:
        folder = read_model(fold.path)
        assert fold.path.parent == scratch
        parts = folder.metrics["data"]
        assert parts["train"]["documents"] + parts["dev"]["documents"] == fold.learned == len(MARKED) - fold.held
        words = set(folder.texts["words"].split("\n"))
        seen.append({at for at in range(len(MARKED)) if f"w{'abcdefghijklmnop'[at]}nter" in words})
    for at in range(len(MARKED)):
        assert sum(at in numbers for numbers in seen) <= 2


def test_each_document_is_asked_about_once_and_in_order(done):
    _, result = done
    assert [belief.document for belief in result.beliefs] == MARKED
    for belief in result.beliefs:
        assert all(0 <= probability <= 1 for probability in belief.own)
        assert len(belief.own) == len(belief.lengths) == 4
        assert belief.lengths == [len(belief.document.surface(span).split()) for span in belief.document.spans]


def test_called_again_it_goes_on_where_it_was_and_gives_the_same(done, tmp_path):
    scratch, result = done
    copy = tmp_path / "copy"
    shutil.copytree(scratch, copy)
    shutil.rmtree(copy / "repeat-1-fold-2")
    records = []
    again = cross_validate(MARKED, 3, scratch=copy, settings=CHOSEN, observers=[records.append])
    assert again.beliefs == result.beliefs
    assert again.to_json() == result.to_json()
    trained = len(records)
    assert trained
    cross_validate(MARKED, 3, scratch=copy, settings=CHOSEN, observers=[records.append])
    assert len(records) == trained


def test_repeats_are_averaged(done, tmp_path):
    _, first = done
    other = settings({"epochs": 2, "seed": 4})
    second = cross_validate(MARKED, 3, scratch=tmp_path / "second", settings=other)
    both = cross_validate(MARKED, 3, scratch=tmp_path / "both", settings=CHOSEN, repeats=2)
    assert len(both.folds) == 6
    for one, two, mean in zip(first.beliefs, second.beliefs, both.beliefs, strict=True):
        assert mean.own == pytest.approx([(a + b) / 2 for a, b in zip(one.own, two.own, strict=True)])
        sides = [{span.key: span.score for span in belief.candidates} for belief in (one, two)]
        expected = {key: sum(side.get(key, 0.0) for side in sides) / 2 for key in {*sides[0], *sides[1]}}
        assert {span.key: span.score for span in mean.candidates} == pytest.approx(expected)


def test_a_wrong_label_comes_first(tmp_path):
    """The whole of it: a training set with one label that is wrong, by models that did not learn it."""
    documents = [document(number) for number in range(24)]
    name, *others = documents[5].spans
    wrong = replace(documents[5], spans=(replace(name, label="LOC"), *others))
    documents[5] = wrong
    chosen = settings({"epochs": 15})
    result = cross_validate(documents, 2, scratch=tmp_path / "scratch", settings=chosen)
    first = suspicion(result.beliefs).suspects[0]
    assert (first.number, first.span, first.kind) == (5, wrong.spans[0], "label")
    assert first.proposed.label == "PER"


def test_the_folder_of_something_else_is_refused(done, tmp_path):
    scratch, _ = done
    for documents, k, chosen in (
        (MARKED[1:], 3, CHOSEN),
        (MARKED, 4, CHOSEN),
        (MARKED, 3, settings({"epochs": 3, "seed": 3})),
        ([replace(MARKED[0], spans=()), *MARKED[1:]], 3, CHOSEN),
    ):
        with pytest.raises(UsageError, match="other documents or with other settings"):
            cross_validate(documents, k, scratch=scratch, settings=chosen)
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="is not the folder of a cross-validation"):
        cross_validate(MARKED, 3, scratch=tmp_path, settings=CHOSEN)
    with pytest.raises(UsageError, match="is not the folder of a cross-validation"):
        cross_validate(MARKED, 3, scratch=tmp_path / "mine.txt", settings=CHOSEN)
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_what_was_done_can_be_written_down(done):
    values = json.loads(json.dumps(done[1].to_json()))
    assert values["schema"] == "elman.crossvalidation/1"
    assert [fold["held"] for fold in values["folds"]] == [fold.held for fold in done[1].folds]


def test_too_little_to_divide(tmp_path):
    with pytest.raises(DataError, match="at least 3 documents"):
        cross_validate(MARKED[:2], 2, scratch=tmp_path / "a", settings=CHOSEN)
    with pytest.raises(DataError, match="at least 5 documents"):
        cross_validate([MARKED[0]] * 9, 5, scratch=tmp_path / "b", settings=CHOSEN)
    with pytest.raises(UsageError, match="at least 2 folds"):
        cross_validate(MARKED, 1, scratch=tmp_path / "c", settings=CHOSEN)
    unlabelled = [Document(f"text {number}") for number in range(6)]
    with pytest.raises(DataError, match="labelled entities to learn from"):
        cross_validate(unlabelled, 2, scratch=tmp_path / "d", settings=CHOSEN)
