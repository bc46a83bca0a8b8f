"""The parts of ``elman bench`` for themselves; tests/cli/test_bench.py runs it as a whole."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elman.data.document import Document, Span, Tokens
from elman.errors import UsageError
from elman.pipelines.bench import minilm, of_transformer
from elman.pipelines.bench.comparing import sentences_of
from elman.pipelines.bench.figures import Measured, Spread, compared, quantile
from elman.pipelines.bench.holding import environment
from elman.pipelines.bench.judging import judge
from elman.pipelines.bench.machine import cores, machine
from elman.pipelines.bench.measuring import Bench, Entry, count_words, entries_of, first_words
from elman.pipelines.bench.of_slovnet import OfSlovnet
from elman.pipelines.bench.of_spacy import OfSpacy
from elman.pipelines.bench.of_transformer import OfTransformer, _batches, _groups, _spans
from elman.pipelines.bench.system import Options, size_on_disk, system_class

if TYPE_CHECKING:
    from pathlib import Path


def entry(name: str, threads: int = 1) -> Entry:
    return Entry(f"tests.bench_fakes:{name}", name, Options(threads, 1, (), ""))


def result(**values: Any) -> dict[str, Any]:
    return {
        "seconds": 1.0,
        "seconds_again": 1.0,
        "start_seconds": 1.0,
        "latencies": [0.1],
        "peak_bytes": None,
        "entities": 0,
        "facts": {"labels": ["PER", "LOC"]},
        "threads": None,
    } | values


def measured(*rounds: dict[str, Any], words: int = 100) -> Measured:
    return Measured("one", 1, 1, {}, words, list(rounds))


@given(st.lists(st.floats(0, 1e6), min_size=1), st.sampled_from([0.01, 0.5, 0.99, 1.0]))
def test_a_quantile_is_the_nearest_rank(values: list[float], share: float) -> None:
    assert quantile(values, share) == np.quantile(values, share, method="inverted_cdf")


def test_comparisons_say_how_much_better_elman_is_round_by_round() -> None:
    elman = measured(result(seconds=1.0, latencies=[0.001], start_seconds=0.5), result(seconds=2.0, latencies=[0.004]))
    peer = measured(result(seconds=10.0, latencies=[0.01]), result(seconds=10.0, latencies=[0.02]))
    told = compared(elman, peer)
    assert told["throughput"] == {"median": 7.5, "least": 5.0, "most": 10.0}
    assert told["latency_p50"] == pytest.approx({"median": 7.5, "least": 5.0, "most": 10.0})
    assert told["start"] == {"median": 1.5, "least": 1.0, "most": 2.0}
    assert elman.speeds() == [100.0, 50.0]
    assert Spread.of(elman.speeds()) == (75.0, 50.0, 100.0)


def quiet(line: str) -> None:
    assert line


class Recorded(Bench):
    """A bench whose processes are not started."""

    def __init__(self, folder: Path, stop_after: int = 1 << 30) -> None:
        super().__init__(["a b", "c"], ["a b"], [entry("Capitals"), entry("Words")], folder, say=quiet)
        self.ran: list[str] = []
        self.stop_after = stop_after

    def _run(self, entry: Entry, *, texts: str, **job: Any) -> dict[str, Any]:
        assert (self.folder / f"{texts}.json").is_file()
        if job["task"] == "try":
            return {"seconds": {"8": 2.0, "16": 1.0 if entry.name == "Capitals" else 3.0}}
        if len(self.ran) == self.stop_after:
            raise KeyboardInterrupt
        self.ran.append(entry.name)
        return result()


def test_the_order_turns_around_from_round_to_round(tmp_path: Path) -> None:
    bench = Recorded(tmp_path)
    assert bench.choose() == []
    assert [one.batch for one in bench.measured] == [16, 8]
    assert list(bench.rounds(3, keep=False)) == [1, 2, 3]
    assert "".join(name[0] for name in bench.ran) == "CWWCCW"
    assert [len(one.rounds) for one in bench.measured] == [3, 3]


def test_an_interrupted_round_leaves_nothing(tmp_path: Path) -> None:
    bench = Recorded(tmp_path, stop_after=3)
    bench.choose()
    with pytest.raises(KeyboardInterrupt):
        list(bench.rounds(3, keep=False))
    assert [len(one.rounds) for one in bench.measured] == [1, 1]


def test_a_peer_that_fails_is_named_and_elman_may_not(tmp_path: Path) -> None:
    bench = Bench(["Ada wrote"], ["Ada wrote"], [entry("Capitals"), entry("Broken")], tmp_path, say=quiet)
    (failed,) = bench.choose()
    assert failed == ("Broken", "Broken stopped with 1: it has no wheels, and 1 thread(s)")
    assert [one.name for one in bench.entries] == ["Capitals"]
    bench = Bench(["Ada wrote"], ["Ada wrote"], [entry("Broken")], tmp_path, say=quiet)
    with pytest.raises(UsageError, match="it has no wheels"):
        bench.choose()


def test_who_takes_part_and_who_cannot(tmp_path: Path) -> None:
    entries, absent = entries_of(["tests.bench_fakes:Capitals", "tests.bench_fakes:Rare"], {}, 2, tmp_path)
    assert [(one.name, one.options.processes) for one in entries] == [("Capitals", 1), ("Capitals, 2 processes", 2)]
    assert absent == [("Rare", "no_such_package_anywhere not installed (pip install it)")]
    entries, _ = entries_of(["tests.bench_fakes:Capitals"], {}, 1, tmp_path)
    assert [one.name for one in entries] == ["Capitals"]


@pytest.mark.parametrize("peer", ["spacey", "no_such_module:Class", "json:NoSuchClass"])
def test_a_peer_that_there_is_not(peer: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"no peer '{peer}'"):
        entries_of([peer], {}, 1, tmp_path)


@pytest.mark.parametrize("name", ["elman", "spacy", "slovnet", "transformer"])
def test_each_named_system_is_there(name: str) -> None:
    assert system_class(name).title


def test_files_that_a_peer_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OfSlovnet, "packages", ())
    monkeypatch.setattr(OfSpacy, "packages", ())
    assert "--slovnet" in (OfSlovnet.missing([]) or "")
    assert "got 1 names" in (OfSlovnet.missing(["a.tar"]) or "")
    assert OfSlovnet.missing([str(tmp_path / "a.tar"), str(tmp_path / "b.tar")]) == (
        f"no file {tmp_path / 'a.tar'} and no file {tmp_path / 'b.tar'}"
    )
    assert "no pipeline no_such_pipeline" in (OfSpacy.missing(["no_such_pipeline"]) or "")


def test_a_process_is_held_to_threads_and_instructions() -> None:
    held = environment(3, "native")
    assert {held[name] for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")} == {"3"}
    assert held["PATH"] == os.environ["PATH"]
    older = environment(1, "avx2")
    assert (older["ONEDNN_MAX_CPU_ISA"], older["OPENBLAS_CORETYPE"]) == ("AVX2", "Haswell")
    assert "OPENBLAS_CORETYPE" not in held


def test_the_machine() -> None:
    told = machine()
    assert told["cores"] == cores() >= 1
    assert told["processor"]


GOLD = [Document("Ada met Bo in Rome", spans=(Span(0, 3, "PERSON"), Span(14, 18, "GPE"), Span(8, 10, "MISC")))]
NAMES = {"PERSON": "PER", "GPE": "LOC", "MISC": ""}


def judged(found: list[tuple[int, int, str]], labels: list[str] | None, names: dict[str, str]) -> Measured:
    one = measured(result(facts={"labels": labels}))
    judge(one, [found], GOLD, names, "entities")
    return one


def test_f1_of_the_labels_of_the_data() -> None:
    # Of two entities one is found, and one of those found is none; the date does not count.
    one = judged([(0, 3, "PER"), (8, 10, "PERSON"), (4, 7, "DATE")], ["PER", "LOC", "PERSON", "DATE"], NAMES)
    assert one.f1 == 0.5
    assert one.f1_note == "of LOC, PER; its labels DATE are left out"


def test_no_f1_and_why() -> None:
    told = judged([], ["PER", "LOC"], {})
    assert told.f1 is None
    assert "does not know GPE, MISC, PERSON, but LOC, PER; --map" in (told.f1_note or "")
    assert judged([], None, NAMES).f1_note == "its weights are random"
    assert judged([], ["PER"], dict.fromkeys(["PERSON", "GPE", "MISC"], "")).f1_note == "no labels in the data"


def test_sentences_are_the_documents_own_or_cut_by_elman() -> None:
    own = Document("a b c", tokens=Tokens("a b c", [(0, 1), (2, 3), (4, 5)], sentences=[0, 2]))
    assert sentences_of([own], 9) == ["a b", "c"]
    assert sentences_of([Document("He came. She went.")], 9) == ["He came.", "She went."]
    assert sentences_of([own] * 9, 6) == ["a b", "c"] * 3


def test_words_are_counted_alike_for_all() -> None:
    assert count_words(["a b\nc", " d "]) == 4
    assert first_words(["a b", "c", "d"], 3) == ["a b", "c"]
    assert first_words(["a b", "c"], 1) == ["a b"]


def test_size_on_disk(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a").write_bytes(b"123")
    (tmp_path / "b").write_bytes(b"12")
    assert size_on_disk([tmp_path]) == 5
    assert size_on_disk([tmp_path / "b", tmp_path / "deep" / "a"]) == 5


class Part:
    """An input of so many pieces, as the tokenizers give it."""

    def __init__(self, *offsets: tuple[int, int]) -> None:
        self.ids = [1] * len(offsets)
        self.offsets = offsets


def test_entities_of_tags_of_pieces() -> None:
    part = Part((0, 0), (0, 2), (2, 5), (6, 9), (10, 12), (0, 0))
    # Outside is 0; then B-PER 1, I-PER 2, B-LOC 3, I-LOC 4.
    assert list(_spans(part, [1, 1, 2, 0, 4, 3])) == [(0, 5, "PER"), (10, 12, "LOC")]
    assert list(_spans(part, [0, 1, 1, 4, 4, 0])) == [(0, 2, "PER"), (2, 5, "PER"), (6, 12, "LOC")]


def test_inputs_that_go_together() -> None:
    inputs = [(0, 0, Part(*[(0, 1)] * length)) for length in (1, 2, 2, 5, 9)]
    assert [[len(part.ids) for *_, part in some] for some in _batches(inputs, 6)] == [[1, 2, 2], [5], [9]]
    assert list(_groups(["a\n\nb", " "])) == [[(0, 0, "a\n"), (0, 3, "b")]]


def test_the_transformer_finds_the_same_however_batched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm, "LAYERS", 1)
    monkeypatch.setattr(of_transformer, "PIECES", 100)
    for package in OfTransformer.packages:
        pytest.importorskip(package)
    texts = ["Ada wrote to Charles .\nHe read it .", "Bo", "", "a " * 600]
    OfTransformer.prepare(texts, str(tmp_path))
    system = OfTransformer(Options(1, 1, (), str(tmp_path)))
    together, apart = (list(system.tag(texts, batch)) for batch in (4096, 1))
    assert together == apart == [system.one(text) for text in texts]
    assert together[2] == []
    assert all(
        0 <= start < end <= len(text) for text, spans in zip(texts, together, strict=True) for start, end, _ in spans
    )


def bert(weights: dict[str, Any], ids: Any) -> Any:
    """One layer of BERT on one input, as Devlin et al. (2019) and Vaswani et al. (2017) have it."""

    def norm(values: Any, at: str) -> Any:
        centred = values - values.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12)
        return scaled * weights[f"{at}.gamma"] + weights[f"{at}.beta"]

    hidden = norm(weights["words"][ids] + weights["positions"][: len(ids)], "embedding")
    query, key, value = np.split(hidden @ weights["layer.0.qkv"] + weights["layer.0.qkv.bias"], 3, axis=-1)
    seen = []
    for head in np.split(np.arange(minilm.HIDDEN), minilm.HEADS):
        scores = query[:, head] @ key[:, head].T / np.sqrt(len(head))
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        seen.append(shares / shares.sum(-1, keepdims=True) @ value[:, head])
    out = np.concatenate(seen, -1) @ weights["layer.0.out.weight"] + weights["layer.0.out.bias"]
    middle = norm(out + hidden, "layer.0.seen")
    inner = middle @ weights["layer.0.inner.weight"] + weights["layer.0.inner.bias"]
    inner = inner * 0.5 * (1 + np.vectorize(math.erf)(inner / math.sqrt(2)))
    outer = inner @ weights["layer.0.outer.weight"] + weights["layer.0.outer.bias"]
    return norm(outer + middle, "layer.0.outer") @ weights["head.weight"] + weights["head.bias"]


def test_the_transformer_computes_what_bert_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    onnx, runtime = pytest.importorskip("onnx"), pytest.importorskip("onnxruntime")
    monkeypatch.setattr(minilm, "LAYERS", 1)
    minilm.write_minilm(tmp_path / "minilm.onnx", pieces=50, tags=9)
    graph = onnx.load(tmp_path / "minilm.onnx").graph
    weights = {each.name: onnx.numpy_helper.to_array(each).astype(np.float64) for each in graph.initializer}
    session = runtime.InferenceSession(tmp_path / "minilm.onnx", providers=["CPUExecutionProvider"])
    ids = np.array([[2, 7, 31, 4, 3], [2, 9, 3, 0, 0]], np.int32)
    (logits,) = session.run(None, {"ids": ids, "mask": (ids > 0).astype(np.int32)})
    np.testing.assert_allclose(logits[0], bert(weights, ids[0]), atol=1e-4)
    np.testing.assert_allclose(logits[1, :3], bert(weights, ids[1, :3]), atol=1e-4)


def test_spacys_recogniser_alone(tmp_path: Path) -> None:
    spacy = pytest.importorskip("spacy")
    made = spacy.blank("en")
    made.add_pipe("sentencizer")
    made.add_pipe("ner").add_label("PER")
    made.initialize()
    made.to_disk(tmp_path / "pipeline")
    assert OfSpacy.missing([str(tmp_path / "pipeline")]) is None
    system = OfSpacy(Options(1, 1, (str(tmp_path / "pipeline"),), ""))
    facts = system.facts()
    assert facts["about"] == "pipeline 0.0.0, ner alone"
    assert facts["labels"] == ["PER"]
    texts = ["Ada wrote to Charles .", ""]
    assert list(system.tag(texts, 8)) == [system.one(text) for text in texts]
