"""From documents to arrays and back."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.document import Document, Region, Span, Tokens
from elman.data.schemes import SCHEMES, scheme
from elman.features.lexicon import Lexicon
from elman.tasks.tagging import TaggingTask, prepare, spans_of, tokens_and_windows
from elman.text.segment import WINDOW, segment


def spaced(words, spans=(), sentences=None, name=None):
    """A document of words joined by spaces, spans in tokens."""
    offsets, at = [], 0
    for word in words:
        offsets.append((at, at + len(word)))
        at += len(word) + 1
    found = tuple(Span(offsets[start][0], offsets[end - 1][1], label) for start, end, label in spans)
    text = " ".join(words)
    return Document(text, found, tokens=Tokens(text, offsets, sentences), id=name)


BILL = spaced(
    ["On", "April", "4,", "1975", "Bill", "Gates", "found", "Microsoft", "."],
    [(1, 4, "DATE"), (4, 6, "PER"), (7, 8, "ORG")],
)


def task_for(examples, name="iobes"):
    return TaggingTask(Lexicon.build(examples.type_counts())[0], name, examples.labels)


def test_documents_become_arrays():
    examples = prepare([BILL, Document("Nothing here."), spaced(["Bill"], [(0, 1, "PER")], name="third")])
    assert examples.labels == ("DATE", "ORG", "PER")
    assert examples.lengths.tolist() == [9, 3, 1]
    assert examples.spans.tolist() == [[0, 1, 4, 0], [0, 4, 6, 2], [0, 7, 8, 1], [2, 0, 1, 2]]
    assert examples.ids == ("document 1", "document 2", "third")
    assert examples.names([2, 0, 2]) == ["third", "document 1"]
    assert examples.type_counts()["Bill"] == 2
    assert examples.ledger.kept == 4


def test_nothing_becomes_empty_arrays():
    examples = prepare([Document(""), Document(" \n ")])
    assert len(examples) == 0
    assert examples.spans.shape == (0, 4)
    assert not len(prepare([]))


def test_text_without_tokens_is_cut_by_the_segmenter():
    text = "Ada wrote it. " * 3
    prepared = tokens_and_windows(Document(text))
    windows = segment(text)
    assert len(prepared.starts) == len(windows) == 3
    assert [text[start:end] for start, end in prepared.offsets.tolist()][:4] == ["Ada", "wrote", "it", "."]


def test_long_sentences_are_cut_and_spans_across_the_cut_are_refused():
    examples = prepare([spaced(["w"] * (WINDOW + 10), [(0, 2, "A"), (WINDOW - 1, WINDOW + 1, "A")])])
    assert examples.lengths.tolist() == [WINDOW, 10]
    assert examples.cuts == 1
    assert examples.ledger.refused == 1
    assert examples.spans.tolist() == [[0, 0, 2, 0]]


def test_selected_windows_keep_their_spans_and_documents():
    examples = prepare([BILL, spaced(["Bill", "left", "Bill"], [(0, 1, "PER"), (2, 3, "PER")], [0, 1], "two")])
    chosen = examples.select(np.array([2, 0]))
    assert chosen.lengths.tolist() == [2, 9]
    assert chosen.spans.tolist() == [[0, 1, 2, 2], [1, 1, 4, 0], [1, 4, 6, 2], [1, 7, 8, 1]]
    assert chosen.names([0]) == ["two"]
    assert [chosen.types[token] for token in chosen.tokens[:2]] == ["left", "Bill"]


def test_batches_hold_each_type_once_and_in_its_places():
    examples = prepare([spaced(["a", "b", "a"], [(0, 1, "X")]), spaced(["b"])])
    task = task_for(examples)
    batch = task.batch(examples, task.lexicon.features(examples.types), np.array([1, 0]), task.encode(examples))
    assert batch.lengths.tolist() == [1, 3]
    assert len(batch.types.words) == 2
    words = batch.types.words[batch.places]
    assert words[0, 0] == words[1, 1]
    assert words[1, 0] == words[1, 2]
    tags = scheme_tags(task)
    assert [tags[tag] for tag in batch.tags[1]] == ["S-X", "O", "O"]


def scheme_tags(task):
    return scheme(task.scheme_name).tags(task.labels)


SPANS = st.lists(st.tuples(st.integers(0, 9), st.integers(1, 4), st.sampled_from("AB")), max_size=4)


@settings(deadline=None, max_examples=80)
@given(st.sampled_from(sorted(set(SCHEMES) - {"IO"})), st.lists(SPANS, min_size=1, max_size=4))
def test_tags_decode_to_the_spans_that_were_encoded(name, drawn):
    documents = []
    for spans in drawn:
        taken, at = [], 0
        for start, length, label in sorted(spans):
            if start >= at and start + length <= 12:
                taken.append((start, start + length, label))
                at = start + length
        documents.append(spaced([f"w{number}" for number in range(12)], taken))
    examples = prepare(documents)
    task = task_for(examples, name)
    windows = np.arange(len(examples))
    batch = task.batch(examples, task.lexicon.features(examples.types), windows, task.encode(examples))
    found = spans_of(batch.tags, batch.lengths, windows, task.decoder)
    assert found.tolist() == examples.spans.tolist()
    result = task.score(examples, found)
    assert result.micro.correct == result.micro.support == len(examples.spans)


def test_scores_count_labels_that_the_model_never_saw():
    task = task_for(prepare([spaced(["a"], [(0, 1, "A")])]))
    gold = prepare([spaced(["a", "b"], [(0, 1, "A"), (1, 2, "NEW")])])
    assert not task.encode(gold)[1]
    result = task.score(gold, np.array([[0, 0, 1, 0]], np.int32))
    assert (result.micro.correct, result.micro.predicted, result.micro.support) == (1, 1, 2)
    assert result.labels["NEW"].recall == 0


def test_tokens_in_regions_that_nobody_annotated_are_unknown():
    words = ["Ada", "met", "Bill", "Gates", "in", "Paris"]
    labelled = spaced(words, [(2, 4, "PER")])
    # From within "met" to within "Gates", and another layer's.
    regions = (Region(6, 10), Region(18, 20, "other"))
    examples = prepare([replace(labelled, unknown=regions), BILL])
    assert examples.unknown[:6].tolist() == [False, True, False, False, False, False]
    assert not examples.unknown[6:].any()
    task = task_for(examples)
    tags = task.encode(examples)
    names = scheme_tags(task)
    assert [names[tag] if tag >= 0 else "?" for tag in tags[:6]] == ["O", "?", "B-PER", "E-PER", "O", "O"]
    features = task.lexicon.features(examples.types)
    batch = task.batch(examples, features, np.array([0, 1]), tags)
    assert {names[tag] for tag in np.flatnonzero(batch.allowed[0, 1])} == {"O", "S-PER", "S-DATE", "S-ORG"}
    assert task.batch(examples, features, np.array([1]), tags).allowed is None
    chosen = examples.select(np.array([1, 0]))
    assert chosen.unknown.tolist() == np.roll(examples.unknown, 9).tolist()
    assert prepare([labelled, BILL]).unknown is None


def test_entities_found_on_unknown_tokens_are_left_out_and_counted():
    words = ["Ada", "met", "Bill", "Gates", "in", "Paris"]
    gold = replace(spaced(words, [(0, 1, "PER"), (5, 6, "LOC")]), unknown=(Region(8, 18), Region(22, 27)))
    examples = prepare([gold])
    task = task_for(examples)
    # Right; right, in a region; in a region; partly in it; wrong.
    found = np.array([[0, 0, 1, 1], [0, 5, 6, 0], [0, 2, 4, 1], [0, 3, 5, 1], [0, 1, 2, 1]], np.int32)
    result = task.score(examples, found)
    assert (result.micro.correct, result.micro.predicted, result.micro.support) == (2, 3, 2)
    assert result.ignored == 2
    assert result.to_json()["matching"]["ignored"] == 2
