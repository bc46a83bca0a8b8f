"""Compare tokenizers and sentence splitters: speed, exact offsets, agreement with people.

Usage: ``python benchmarks/tokenizers.py [--part dev]``. Candidates that are not installed are left out, and
the table says so. Data: the folder that the environment variable ELMAN_DATA names. The test parts are
measured; rules and word lists were chosen on the train and dev parts.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import random
import re
import sys
import time
import unicodedata
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import _needs
from elman.text.segment import segment
from elman.text.tokenizer import _TOKEN, tokenize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Span = tuple[int, int]
DATA = Path(os.environ.get("ELMAN_DATA", Path(__file__).parents[2] / "shared" / "data"))
RESULTS = Path(__file__).parent / "results"

NASTY = [
    "e\u0301te\u0301 na\u0308her",
    "\ufeffHello\u200b world",
    "soft\u00adhyphen",
    "👨\u200d👩\u200d👧 and 👍🏽",
    "🇩🇪🇫🇷 1\ufe0f\u20e3 ❤\ufe0f",
    "हिन्दी में कि",
    "ราคา ทำ",
    "שָׁלוֹם עולם",
    "مرحبا، كيف؟",
    "漢字かな、中文。",
    "𠀋𝒳 astral",
    "a\r\nb\u2028c\u00a0d",
    "''quoted'' ``so''",
    "don’t can't",
    "http://a.b/c?d=e, (x)",
    "a.b+c@d-e.co.uk, now.",
    "$1,204.50 €12 5%",
    "x" * 300,
    "\ud800x",
]
"""Inputs on which tokenizers lose offsets, characters or graphemes."""


class Sample(NamedTuple):
    """A text with the tokens of people, and where their sentences begin."""

    text: str
    tokens: list[Span]
    sentences: list[int]


def columns(path: Path, column: int, separator: str | None = None) -> list[list[str]]:
    """The sentences of a file of one token a line."""
    sentences: list[list[str]] = [[]]
    for line in path.read_text(encoding="utf-8").split("\n"):
        if not line.strip() or line.startswith(("-DOCSTART-", "#\t")):
            sentences.append([])
        else:
            sentences[-1].append(line.split(separator)[column])
    return [sentence for sentence in sentences if sentence]


def joined(sentences: Iterable[list[str]], between: str) -> Sample:
    """Tokens joined by spaces, sentences by what is given."""
    parts: list[str] = []
    tokens: list[Span] = []
    starts: list[int] = []
    at = 0
    for sentence in sentences:
        starts.append(at)
        for word in sentence:
            tokens.append((at, at + len(word)))
            parts += [word, " "]
            at += len(word) + 1
        parts[-1] = between
        at += len(between) - 1
    return Sample("".join(parts), tokens, starts)


def wrapped(sentences: list[list[str]], width: int) -> Sample:
    """Paragraphs of two to six sentences of prose, the punctuation where it belongs, in lines of a width."""
    drawn = random.Random(1)
    prose = [sentence for sentence in sentences if sentence[-1] == "." and len(sentence) > 8]
    text = ""
    tokens: list[Span] = []
    starts: list[int] = []
    while prose:
        taken = drawn.randint(2, 6)
        words: list[list[str]] = []
        heads: list[int] = []
        for sentence in prose[:taken]:
            heads.append(len(words))
            for word in sentence:
                if words and (word in {*",.;:!?)%", "'s", "n't"} or words[-1][-1] in {*"($"}):
                    words[-1].append(word)
                else:
                    words.append([word])
        del prose[:taken]
        text += "\n\n"
        line = 0
        for index, parts in enumerate(words):
            length = sum(map(len, parts))
            if line:
                wraps = line + 1 + length > width
                text += "\n" if wraps else " "
                line = 0 if wraps else line + 1
            line += length
            if index in heads:
                starts.append(len(text))
            for part in parts:
                tokens.append((len(text), len(text) + len(part)))
                text += part
    return Sample(text, tokens, starts)


def conllu(path: Path) -> Sample:
    """Raw text from SpaceAfter, a blank line between paragraphs; the words of a multiword token apart."""
    parts: list[str] = []
    tokens: list[Span] = []
    starts: list[int] = []
    at = 0
    between, whole, whole_start, inside = "", "", 0, 0
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line.startswith(("# newpar", "# newdoc")):
            between = "\n\n" if parts else ""
        if not line:
            starts.append(len(tokens))
        if not line or line.startswith("#"):
            continue
        fields = line.split("\t")
        number, form = fields[0], fields[1]
        if "." in number:
            continue
        if inside:
            inside -= 1
            found = whole.find(form)
            if found >= 0:
                tokens.append((whole_start + found, whole_start + found + len(form)))
                whole_start, whole = whole_start + found + len(form), whole[found + len(form) :]
            continue
        parts += [between, form]
        at += len(between)
        if "-" in number:
            first, last = number.split("-")
            inside, whole, whole_start = int(last) - int(first) + 1, form, at
        else:
            tokens.append((at, at + len(form)))
        at += len(form)
        between = "" if "SpaceAfter=No" in fields[9] else " "
    return Sample("".join(parts), tokens, [tokens[i][0] for i in [0, *starts] if i < len(tokens)])


def standoff(folder: Path) -> Sample:
    """FactRuEval: a text and a file of token offsets, a blank line after each sentence."""
    parts: list[str] = []
    tokens: list[Span] = []
    starts: list[int] = []
    at = 0
    for path in sorted(folder.glob("*.tokens")):
        text = path.with_suffix(".txt").read_bytes().decode("utf-8")
        begins = True
        for line in path.read_text(encoding="utf-8").split("\n"):
            fields = line.split()
            if len(fields) < 4:
                begins = True
                continue
            start, length = at + int(fields[1]), int(fields[2])
            tokens.append((start, start + length))
            if begins:
                starts.append(start)
                begins = False
        parts += [text, "\n\n"]
        at += len(text) + 2
    return Sample("".join(parts), tokens, starts)


def samples(part: str) -> dict[str, Sample]:
    test = part == "test"
    conll = columns(DATA / "conll2003-en" / ("test.txt" if test else "train.txt"), 0)
    wnut = DATA / "wnut17" / ("emerging.test.annotated" if test else "wnut17train.conll")
    gum = DATA / "gum-ner" / ("gum-test.conll" if test else "gum-train.conll")
    german = DATA / "germeval2014" / ("NER-de-test.tsv" if test else "NER-de-dev.tsv")
    return {
        "CoNLL-2003, lines": joined(conll, "\n"),
        "CoNLL-2003, spaces": joined(conll, " "),
        "CoNLL-2003, wrapped": wrapped(conll, 72),
        "EWT, raw": conllu(DATA / "ud-english-ewt" / f"en_ewt-ud-{part}.conllu"),
        "GUM, lines": joined(columns(gum, 0, "\t"), "\n"),
        "WNUT-17, lines": joined(columns(wnut, 0, "\t"), "\n"),
        "GermEval, lines": joined(columns(german, 1, "\t"), "\n"),
        "FactRuEval, raw": standoff(DATA / "factrueval-2016" / ("testset" if test else "devset")),
    }


def tokenizers() -> dict[str, Callable[[str], list[Span]] | str]:
    """What gives the tokens of a text; in place of what is not installed, the name of the package."""

    def spans(array: Any) -> list[Span]:
        return [(start, end) for start, end in array.tolist()]

    def white_space(text: str) -> list[Span]:
        return [match.span() for match in re.finditer(r"\S+", text)]

    found: dict[str, Callable[[str], list[Span]] | str] = {
        "Elman": lambda text: spans(tokenize(text)),
        "white space": white_space,
    }
    try:
        import regex

        pattern = regex.compile(_TOKEN.pattern, regex.VERBOSE)
        found["Elman's pattern, regex module"] = lambda text: [m.span() for m in pattern.finditer(text)]
    except ImportError:
        found["Elman's pattern, regex module"] = "regex"
    try:
        import spacy

        make = spacy.blank("en").tokenizer

        def by_spacy(text: str) -> list[Span]:
            return [(token.idx, token.idx + len(token)) for token in make(text) if not token.is_space]

        found["spaCy, blank English"] = by_spacy
    except ImportError:
        found["spaCy, blank English"] = "spacy"
    try:
        import razdel

        found["razdel"] = lambda text: [(token.start, token.stop) for token in razdel.tokenize(text)]
    except ImportError:
        found["razdel"] = "razdel"
    try:
        from syntok.tokenizer import Tokenizer

        made = Tokenizer(emit_hyphen_or_underscore_sep=True, replace_not_contraction=False)
        found["syntok"] = lambda text: [(t.offset, t.offset + len(t.value)) for t in made.tokenize(text)]
    except ImportError:
        found["syntok"] = "syntok"
    try:
        sys.path = [folder for folder in sys.path if Path(folder).resolve() != Path(__file__).resolve().parent]
        from tokenizers.pre_tokenizers import BertPreTokenizer

        bert = BertPreTokenizer()
        found["tokenizers, BERT"] = lambda text: [span for _, span in bert.pre_tokenize_str(text)]
    except ImportError:
        found["tokenizers, BERT"] = "tokenizers"
    try:
        import blingfire

        found["blingfire"] = lambda text: list(blingfire.text_to_words_with_offsets(text)[1])
    except ImportError:
        found["blingfire"] = "blingfire"
    return found


def splitters() -> dict[str, Callable[[str], list[int]] | str]:
    """What gives the starts of a text's sentences."""

    def elman(text: str) -> list[int]:
        windows = segment(text)
        return [w.start for before, w in zip([None, *windows], windows, strict=False) if not (before and before.forced)]

    found: dict[str, Callable[[str], list[int]] | str] = {
        "Elman": elman,
        "a sentence a line": lambda text: [match.start() for match in re.finditer(r"\S[^\n]*", text)],
    }
    try:
        import spacy

        nlp = spacy.blank("en")
        nlp.add_pipe("sentencizer")
        nlp.max_length = 1 << 30

        def by_spacy(text: str) -> list[int]:
            heads = (next((token for token in sentence if not token.is_space), None) for sentence in nlp(text).sents)
            return [token.idx for token in heads if token is not None]

        found["spaCy's sentencizer"] = by_spacy
    except ImportError:
        found["spaCy's sentencizer"] = "spacy"
    try:
        import razdel

        found["razdel"] = lambda text: [sentence.start for sentence in razdel.sentenize(text)]
    except ImportError:
        found["razdel"] = "razdel"
    try:
        from syntok import segmenter

        found["syntok"] = lambda text: [
            sentence[0].offset for paragraph in segmenter.analyze(text) for sentence in paragraph if sentence
        ]
    except ImportError:
        found["syntok"] = "syntok"
    try:
        import blingfire

        found["blingfire"] = lambda text: [start for start, _ in blingfire.text_to_sentences_and_offsets(text)[1]]
    except ImportError:
        found["blingfire"] = "blingfire"
    return found


def f1(gold: Iterable[Any], predicted: Iterable[Any]) -> float:
    gold_set, predicted_set = set(gold), set(predicted)
    return 200 * len(gold_set & predicted_set) / max(1, len(gold_set) + len(predicted_set))


def survives(find: Callable[[str], list[Span]], text: str) -> bool:
    """Whether every visible character lies in one token and no token begins inside a grapheme."""
    try:
        spans = find(text)
    except Exception:  # a candidate that fails on an input is what is looked for
        return False
    seen = list(chain.from_iterable(range(start, end) for start, end in spans))
    hidden = {"Cc", "Cf", "Zs", "Zl", "Zp"}
    visible = {i for i, character in enumerate(text) if unicodedata.category(character) not in hidden}
    begins = [text[start] for start, _ in spans if 0 < start < len(text) and not text[start - 1].isspace()]
    split = any(unicodedata.category(character)[0] == "M" or character in "\u200d🏽" for character in begins)
    split = split or any(0 < start < len(text) and text[start - 1] == "\u200d" for start, _ in spans)
    return len(seen) == len(set(seen)) and visible <= set(seen) and not split


def rate(call: Callable[[str], Any], text: str, tokens: int, seconds: float) -> float:
    """Thousands of tokens a second of processor time: the best round of those that some seconds allow."""
    times: list[float] = []
    end = time.monotonic() + seconds
    while len(times) < 2 or time.monotonic() < end:
        start = time.process_time()
        call(text)
        times.append(time.process_time() - start)
    return tokens / min(times) / 1000


def table(title: str, heads: list[str], rows: dict[str, dict[str, float]], missing: list[str]) -> None:
    print(f"\n{title}")
    print(f"{'':32}" + "".join(f"{head:>22}" for head in heads))
    for name, row in rows.items():
        print(f"{name:32}" + "".join(f"{row[head]:22.2f}" for head in heads))
    if missing:
        print(f"not installed: {', '.join(missing)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=["dev", "test"], default="test")
    parser.add_argument("--seconds", type=float, default=6, help="time for each candidate's speed")
    options = parser.parse_args()
    _needs.data(DATA)
    data = samples(options.part)
    plain = joined(columns(DATA / "conll2003-en" / "train.txt", 0), "\n")
    count = len(plain.tokens)

    token_rows: dict[str, dict[str, float]] = {}
    missing = []
    for name, find in tokenizers().items():
        if isinstance(find, str):
            missing.append(find)
            continue
        row = {"thousand tokens/s": rate(find, plain.text, count, options.seconds)}
        row["nasty inputs right"] = sum(survives(find, text) for text in NASTY)
        for label, sample in data.items():
            if "wrapped" not in label:
                row[label] = f1(sample.tokens, find(sample.text))
        token_rows[name] = row
    token_rows["Elman"]["thousand tokens/s"] = rate(tokenize, plain.text, count, options.seconds)
    heads = list(token_rows["Elman"])
    table(
        f"Tokens: F1 against people, {options.part} parts; {len(NASTY)} nasty inputs",
        heads,
        token_rows,
        missing,
    )

    sentence_rows: dict[str, dict[str, float]] = {}
    missing = []
    for name, starts in splitters().items():
        if isinstance(starts, str):
            missing.append(starts)
            continue
        sentence_rows[name] = {"thousand tokens/s": rate(starts, plain.text, count, options.seconds)}
        for label, sample in data.items():
            sentence_rows[name][label] = f1(sample.sentences[1:], starts(sample.text)[1:])
    heads = list(sentence_rows["Elman"])
    table(f"Sentence starts: F1 against people, {options.part} parts", heads, sentence_rows, missing)

    RESULTS.mkdir(exist_ok=True)
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    path = RESULTS / f"tokenizers-{options.part}-{today}.json"
    machine = {"python": platform.python_version(), "machine": platform.machine(), "cores": os.cpu_count()}
    result = {
        "version": 1,
        "part": options.part,
        "date": today,
        **machine,
        "tokens": token_rows,
        "sentences": sentence_rows,
    }
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(f"\nwritten to {path}")


if __name__ == "__main__":
    main()
