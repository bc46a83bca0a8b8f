"""Parts of speech and chunks: the tagger, with a layer, a scheme and a head of their own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import elman
from elman.data.document import Document, Span
from elman.data.formats import read
from elman.data.label_columns import reading_options
from elman.errors import DataError, UsageError
from elman.metrics.token_labels import TokenResult
from elman.runtime.evaluation import read_gold
from elman.runtime.tagger import load
from elman.settings import PRESETS, Settings, dumps
from elman.tasks.registry import PRESETS as NAMES
from elman.training.train import settings_for
from tests.training.examples import SMALL

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

QUICK = {
    **SMALL,
    "embedding": {**SMALL["embedding"], "unknown_rate": 0.0},
    "encoder": {"hidden": 16, "context": 0, "input_dropout": 0.0, "dropout": 0.0, "recurrent_dropout": 0.0},
    "training": {**SMALL["training"], "epochs": 12, "batch_tokens": 16, "averaging": 0.5},
}
SENTENCES = [
    "the/DET cat/NOUN saw/VERB a/DET dog/NOUN ./PUNCT",
    "a/DET dog/NOUN saw/VERB the/DET saw/NOUN ./PUNCT",
    "they/PRON bark/VERB loudly/ADV ./PUNCT",
    "the/DET bark/NOUN is/AUX loud/ADJ ./PUNCT",
] * 6


def quick(task: str, **head: str) -> Settings:
    """The settings of a task that take a second."""
    chosen = [(group, name, value) for group, values in QUICK.items() for name, value in values.items()]
    overrides = [f"{group}.{name}={json.dumps(value)}" for group, name, value in chosen]
    found: Settings = settings_for(task, None, overrides + [f"head.{name}={value}" for name, value in head.items()])
    return found


def conllu(path: Path, sentences: list[str]) -> Path:
    """A file of sentences."""
    blocks = []
    for sentence in sentences:
        pairs = [pair.split("/") for pair in sentence.split()]
        numbered = enumerate(pairs, 1)
        rows = [[str(at), word, word, tag, f"X{tag}", "_", "_", "_", "_", "_"] for at, (word, tag) in numbered]
        text = " ".join(word for word, _ in pairs)
        blocks.append("\n".join([f"# text = {text}", *map("\t".join, rows)]))
    path.write_text("\n\n".join(blocks) + "\n\n")
    return path


@pytest.fixture(scope="module")
def tagger(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A model of parts of speech that knows the sentences by heart, and their file."""
    folder = tmp_path_factory.mktemp("pos")
    file = conllu(folder / "train.conllu", SENTENCES)
    elman.train(file, file, file, out=folder / "model", settings=quick("pos"))
    return folder / "model", file


def test_the_presets_are_the_registry_s_and_say_what_they_change() -> None:
    assert tuple(PRESETS) == NAMES
    pos, chunks = settings_for("pos", None, ()), settings_for("chunks", None, ())
    assert (pos.task, pos.data.layer, pos.head.scheme, pos.head.kind) == ("pos", "pos", "token", "softmax")
    assert (chunks.task, chunks.data.layer, chunks.head.scheme) == ("chunks", "chunks", "iobes")
    assert isinstance(pos, Settings)
    assert pos.encoder == Settings().encoder


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_comes_back_from_its_file(name: str, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(dumps(settings_for(name, None, ["encoder.hidden=7"])))
    assert f'task = "{name}"' in file.read_text()
    assert settings_for(None, file, ()) == settings_for(name, None, ["encoder.hidden=7"])


def test_parts_of_speech_are_learned_by_heart_and_judged_by_accuracy(tagger: Any) -> None:
    folder, file = tagger
    metrics = json.loads((folder / "metrics.json").read_text())
    assert metrics["dev"]["accuracy"] == metrics["test"]["accuracy"] == 1.0
    assert metrics["dev"]["figure"] == {"name": "accuracy", "value": 1.0, "shown": "100.00%"}
    result = elman.evaluate(folder, file)
    assert isinstance(result, TokenResult)
    assert result.to_json() == metrics["test"] | {"matching": {"mode": "exact", "layer": "pos", "ignored": 0}} | {
        "bootstrap": result.to_json()["bootstrap"]
    }
    assert next(result.lines()) == "accuracy 100.00% of 126 tokens"
    assert "# A part-of-speech tagger" in (folder / "README.md").read_text()


def test_every_engine_tags_and_streams_it_unchanged(tagger: Any) -> None:
    folder, _ = tagger
    text = "the cat saw a dog.\n\nthey bark loudly."
    for engine in ("numpy", "auto"):
        model = load(folder, engine)
        document = model(text)
        labels = " ".join(span.label for span in document.spans)
        assert labels == "DET NOUN VERB DET NOUN PUNCT PRON VERB ADV PUNCT"
        assert all(span.layer == "pos" and 0 < (span.score or 0) <= 1 for span in document.spans)
        assert tuple(model.stream([text[:7], text[7:]])) == document.spans


def test_a_head_with_a_crf_knows_the_scheme_too(tmp_path: Path) -> None:
    file = conllu(tmp_path / "train.conllu", SENTENCES)
    settings = quick("pos", kind="crf")
    elman.train(file, file, out=tmp_path / "model", settings=settings)
    assert [span.label for span in load(tmp_path / "model")("the dog").spans] == ["DET", "NOUN"]


def test_one_can_go_on_from_a_model_of_parts_of_speech(tagger: Any, tmp_path: Path) -> None:
    folder, file = tagger
    said: list[str] = []
    elman.train(file, file, out=tmp_path / "more", settings=quick("pos"), init=folder, say=said.append)
    assert any("9 of its tags" in line for line in said), said
    assert json.loads((tmp_path / "more" / "metrics.json").read_text())["dev"]["accuracy"] == 1.0


def test_longer_spans_are_refused_where_each_token_has_its_own_label(tmp_path: Path) -> None:
    documents = [Document("in New York .", (Span(3, 11, "LOC", "pos"), Span(0, 2, "IN", "pos")))]
    with pytest.raises(UsageError, match=r"one token each .* got 1 longer ones in documents \(such as a LOC\)"):
        elman.train(documents, documents, out=tmp_path / "m", settings=quick("pos"))


def test_a_file_without_the_layer_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "in Oslo", "spans": [{"start": 3, "end": 7, "label": "LOC"}]}\n')
    with pytest.raises(DataError, match="expected labels of the layer pos to learn from, found none"):
        elman.train(tmp_path / "a.jsonl", tmp_path / "a.jsonl", out=tmp_path / "m", settings=quick("pos"))


def test_columns_of_conll_u_become_layers(tmp_path: Path) -> None:
    file = conllu(tmp_path / "a.conllu", SENTENCES[:2])
    for layer, first in (("pos", "DET"), ("upos", "DET"), ("xpos", "XDET")):
        documents = list(read_gold(file, layer=layer))
        assert [span.label for span in documents[0].spans][:1] == [first]
        assert {span.layer for document in documents for span in document.spans} == {layer}
        assert len(documents[0].spans) == len(documents[0].tokens or ())
    assert next(iter(read(file))).spans == ()
    with pytest.raises(UsageError, match="there is no column 'pos' in CoNLL-U; choose one of lemma, upos"):
        read(file, column="pos")


def test_words_without_a_label_of_their_own_are_unknown(tmp_path: Path) -> None:
    (tmp_path / "a.conllu").write_text(
        "# text = vámonos ya .\n1-2\tvámonos\t_\t_\t_\t_\t_\t_\t_\t_\n1\tvamos\tir\tVERB\t_\t_\t0\t_\t_\t_\n"
        "2\tnos\tnosotros\tPRON\t_\t_\t1\t_\t_\t_\n3\tya\tya\tADV\t_\t_\t1\t_\t_\t_\n4\t.\t.\t_\t_\t_\t1\t_\t_\t_\n\n"
    )
    (document,) = read_gold(tmp_path / "a.conllu", layer="pos")
    assert [(document.surface(span), span.label) for span in document.spans] == [("ya", "ADV")]
    assert [document.surface(region) for region in document.unknown] == ["vámonos", "."]
    assert {region.layer for region in document.unknown} == {"pos"}


def test_columns_of_the_shared_tasks_become_layers(tmp_path: Path) -> None:
    file = tmp_path / "a.conll"
    file.write_text("Peter NNP B-NP B-PER\nBlack NNP I-NP I-PER\nsat VBD B-VP O\n. . O O\n\n")
    read_as = {layer: next(iter(read_gold(file, layer=layer))) for layer in ("pos", "chunks", "entities")}
    assert [span.label for span in read_as["pos"].spans] == ["NNP", "NNP", "VBD", "."]
    assert [(span.start, span.end, span.label) for span in read_as["chunks"].spans] == [(0, 11, "NP"), (12, 15, "VP")]
    assert [span.label for span in read_as["entities"].spans] == ["PER"]
    assert reading_options("entities", "conll") == reading_options("pos", "jsonl") == {}
    with pytest.raises(DataError, match="'B-NP' is not a tag of the scheme TOKEN"):
        list(read(file, "conll", column=2, scheme="token"))


@pytest.mark.shared
def test_every_word_of_the_english_treebank_has_its_part_of_speech(shared: Callable[[str], Path]) -> None:
    documents = list(read_gold(shared("ud-english-ewt/en_ewt-ud-test.conllu"), layer="pos"))
    spans = [span for document in documents for span in document.spans]
    assert len(spans) == 25_094
    assert len({span.label for span in spans}) == 17
    assert not any(document.unknown for document in documents)
