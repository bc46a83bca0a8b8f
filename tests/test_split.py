import pytest
from hypothesis import given
from hypothesis import strategies as st

from elman.data.document import Document, Span
from elman.data.split import folds, holdout
from elman.errors import DataError, UsageError

DOCUMENTS = [Document(f"text {number}", id=str(number)) for number in range(50)]
texts = st.lists(st.text(), min_size=2, max_size=40).filter(lambda drawn: len(set(drawn)) > 1)


def test_a_tenth_is_held_out_in_order():
    learned, held = holdout(DOCUMENTS, 0.1, seed=1)
    assert (len(learned), len(held)) == (45, 5)
    assert sorted(learned + held, key=DOCUMENTS.index) == DOCUMENTS
    assert learned == sorted(learned, key=DOCUMENTS.index)
    assert held == sorted(held, key=DOCUMENTS.index)


def test_the_seed_decides():
    assert holdout(DOCUMENTS, 0.1, seed=1) == holdout(DOCUMENTS, 0.1, seed=1)
    assert holdout(DOCUMENTS, 0.1, seed=1) != holdout(DOCUMENTS, 0.1, seed=2)
    assert [document.id for document in holdout(DOCUMENTS, 0.1, seed=1)[1]] == ["1", "6", "31", "34", "48"]


def test_order_labels_and_ids_do_not_matter():
    _, held = holdout(DOCUMENTS, 0.1, seed=1)
    relabelled = [Document(document.text, (Span(0, 4, "X"),), id="new") for document in reversed(DOCUMENTS)]
    assert [document.text for document in holdout(relabelled, 0.1, seed=1)[1]] == [
        document.text for document in reversed(held)
    ]


def test_a_larger_set_holds_out_nearly_the_same():
    more = [*DOCUMENTS, *(Document(f"more {number}") for number in range(5))]
    before, after = holdout(DOCUMENTS, 0.2, seed=3)[1], holdout(more, 0.2, seed=3)[1]
    assert len(set(before) - set(after)) <= 5


@given(texts=texts, fraction=st.floats(0.01, 0.99), seed=st.integers())
def test_no_text_is_on_both_sides(texts, fraction, seed):
    documents = [Document(text) for text in texts]
    learned, held = holdout(documents, fraction, seed)
    assert learned
    assert held
    assert len(learned) + len(held) == len(documents)
    assert not {document.text for document in learned} & {document.text for document in held}


@given(texts=texts, data=st.data())
def test_folds_hold_each_document_out_once(texts, data):
    documents = [Document(text, id=str(number)) for number, text in enumerate(texts)]
    k = data.draw(st.integers(2, len(set(texts))))
    parts = folds(documents, k, seed=data.draw(st.integers()))
    assert len(parts) == k
    assert sorted(document.id for _, held in parts for document in held) == sorted(d.id for d in documents)
    sizes = [len({document.text for document in held}) for _, held in parts]
    assert max(sizes) - min(sizes) <= 1
    for learned, held in parts:
        assert len(learned) + len(held) == len(documents)
        assert not {document.text for document in learned} & {document.text for document in held}


def test_other_things_than_documents_can_be_split():
    learned, held = holdout(list(range(20)), 0.25, seed=0)
    assert (len(learned), len(held)) == (15, 5)


@pytest.mark.parametrize("documents", [[], [Document("a")], [Document("a"), Document("a", id="again")]])
def test_too_few_documents_cannot_be_split(documents):
    with pytest.raises(DataError, match="at least two documents"):
        holdout(documents, 0.1, seed=1)
    with pytest.raises(DataError, match="for 2 folds"):
        folds(documents, 2, seed=1)


def test_impossible_shares_are_refused():
    for fraction in (0, 1, -0.5, float("nan")):
        with pytest.raises(UsageError, match="between 0 and 1"):
            holdout(DOCUMENTS, fraction, seed=1)
    with pytest.raises(UsageError, match="at least 2 folds"):
        folds(DOCUMENTS, 1, seed=1)
