import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.text.tokenizer import _TOKEN, LONGEST, REACH, offsets, tokenize

# Tokens and spaces between bars: the whole is the text, the pieces that are not white space are its tokens.
PARTITIONS = """
mr|.| |smith
Mr.| |Smith| |left|.
John|'s| |dog| |does|n't| |bark|;| |John|’s| |ca|n’t
we|'d| |they|'ve| |I|'m| |he|'ll| |you|'re
players|'| |o'clock| |O'Brien| |rock'n'roll| |d'Artagnan
the| |'90s| |and| |'96
the| |U.N.| |and| |U.S.-led| |forces|,| |Ill.-based| |Acme| |Inc.| |,| |e.g.| |a| |Ph.D.
J.| |S.| |Bach| |at| |10| |a.m.| |EST
in| |the| |U.S.| |and| |the| |U.S.|,| |too
see| |chapter| |3|.
3.| |A| |line|,| |as| |in| |lists
und| |z.B.| |Nr.| |5| |bzw.| |usw.
Е.| |И.| |Петров|,| |г.| |Москва| |и| |т.д.
mid-week| |AL-AIN| |EU-wide| |12-year-old| |Land-| |und| |Forstwirtschaft
1,204.50| |1.204,50| |1996-12-06| |12/05/2020| |10:30| |1-0| |1961–64| |+44| |-5| |.500| |5|%
$|5| |€|12| |£|3.50|,| |US$|5.5m| |C$| |20
http://a.b/c?d=e,f|,| |(|https://x.org/a_(b)|)| |www.foo.com/bar| |bit.ly/abc|.
a.b+c@d-e.co.uk|,| |info@müller.de|.
@user|:| |#tag|,| |#1
and|/|or| |w/o| |b/c| |s/he| |km|/|h
AT&T| |S&P| |a|&|b| |&amp;| |x|=|1
bbc.co.uk| |end|.|Next| |J.J.Lehto| |No.2
...| |--| |!!!| |?!| |word|...|word| |“|quoted|”| |«|да|»
:-)| |:D| |10|:|D
x|*|y| |C|#
e\u0301te\u0301| |na\u0308her| |x\u200by| |\ufeff|Hello| |soft\u00adhyphen
👨\u200d👩\u200d👧| |👍🏽|🇩🇪|🇫🇷| |1\ufe0f\u20e3| |#\ufe0f\u20e3| |❤\ufe0f|😂|😂
中|文|，|你|好|。|北|京|2008|年
張|三|abc@qq.com|発|送|。
トヨタ|の|車|は| |한국어는
ร|า|ค|า| |ทำ
हिन्दी| |में| |कि
שָׁלוֹם| |צה"ל| |"|צבא|"
مرحبا|،| |كيف|؟
a|\x00\x01|b|\x85|c
""".strip().split("\n")


CUTS = [
    ("x" * 600, [256, 512, 600]),
    ("=" * 300, [256, 300]),
    ("a" * 256 + "\u0301", [255, 257]),
    ("\u0301" * 300, [256, 300]),
    ("http://a.b/" + "c" * 500, [247, 503, 511]),
    ("#" + "y" * 300, [221, 301]),
]

BASES = st.sampled_from(
    [*"aZé5.,-'’/:@#&$%+\"()!?=_ \n\t", "漢", "か", "カ", "ก", "ह", "ש", "ع", "한", "😀", "👩", "ß"]
)
MARKS = st.sampled_from(
    ["", "", "", "", "\u0301", "\u200d", "\ufe0f", "\u200b", "\u0308\u0301", "🏽", "\u093f", "\u0e33"]
)
CLUSTERS = st.tuples(BASES, MARKS).map("".join)
WORDS = st.sampled_from(
    [
        "don't",
        "U.N.",
        "Mr.",
        "http://a.b/c",
        "a@b.cd",
        "3.",
        " 3. ",
        "n't",
        "'s",
        "US$5",
        "w/o",
        "Inc.",
        ":-)",
        "x" * 40,
        "&amp;",
    ]
)
TEXTS = st.lists(st.one_of(CLUSTERS, CLUSTERS, CLUSTERS, WORDS, st.characters()), max_size=60).map("".join)
LONG_TEXTS = st.lists(
    st.tuples(st.one_of(CLUSTERS, WORDS), st.integers(1, 90)).map(lambda pair: pair[0] * pair[1]), max_size=6
).map("".join)


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in tokenize(text).tolist()]


def is_space(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) in {"Cc", "Zs", "Zl", "Zp"}


@pytest.mark.parametrize("partition", PARTITIONS)
def test_partition(partition: str) -> None:
    pieces = partition.split("|")
    assert split("".join(pieces)) == [piece for piece in pieces if not all(map(is_space, piece))]


@pytest.mark.parametrize(("text", "ends"), CUTS)
def test_a_long_run_is_cut(text: str, ends: list[int]) -> None:
    assert tokenize(text)[:, 1].tolist() == ends


def test_a_text_without_tokens_has_an_empty_array_of_two_columns() -> None:
    for text in ("", " \t\n", "\x00\x1f\x7f"):
        assert tokenize(text).shape == (0, 2)
        assert tokenize(text).dtype == np.int32


def test_lone_surrogates_are_characters() -> None:
    assert tokenize("\ud800a \udfff").tolist() == [[0, 2], [3, 4]]


@pytest.mark.parametrize("wrong", [None, b"text", 5, ["text"]])
def test_text_has_to_be_str(wrong: object) -> None:
    with pytest.raises(TypeError, match="expected text as str"):
        tokenize(wrong)  # type: ignore[arg-type]


@given(st.one_of(TEXTS, st.text(st.characters(exclude_categories=()))))
def test_each_visible_character_lies_in_exactly_one_token(text: str) -> None:
    spans = tokenize(text)
    covered = np.zeros(len(text), dtype=int)
    for start, end in spans.tolist():
        assert 0 < end - start <= LONGEST
        covered[start:end] += 1
    assert covered.tolist() == [0 if is_space(character) else 1 for character in text]
    assert (np.diff(spans.reshape(-1)) >= 0).all()


@given(st.lists(CLUSTERS, max_size=60).map("".join))
def test_no_token_begins_with_a_mark_that_has_a_base(text: str) -> None:
    for start, _ in tokenize(text).tolist():
        if start and not is_space(text[start - 1]):
            assert unicodedata.category(text[start])[0] != "M"
            assert text[start] not in "\u200b\u200d🏽"


@given(TEXTS)
def test_the_first_alternatives_change_no_token(text: str) -> None:
    lines = _TOKEN.split("\n")
    slow = re.compile("\n".join([lines[0], lines[5].replace("|", "", 1), *lines[6:]]), re.VERBOSE)
    assert [list(match.span()) for match in slow.finditer(text)] == tokenize(text).tolist()


@given(TEXTS, st.data())
def test_tokenizing_can_go_on_at_any_token(text: str, data: st.DataObject) -> None:
    flat = offsets(text, 0)
    at = data.draw(st.integers(0, len(flat) // 2))
    start = flat[2 * at - 1] if at else 0
    assert offsets(text, start) == flat[2 * at :]


@settings(deadline=None)
@given(LONG_TEXTS, st.text(max_size=5))
def test_what_comes_beyond_the_reach_changes_no_token(text: str, more: str) -> None:
    before = [span for span in tokenize(text).tolist() if span[0] + REACH <= len(text)]
    assert tokenize(text + more).tolist()[: len(before)] == before


@given(TEXTS, TEXTS)
def test_what_comes_behind_white_space_changes_no_token(text: str, more: str) -> None:
    before = tokenize(text + " ").tolist()
    assert tokenize(text + " " + more).tolist()[: len(before)] == before


@pytest.mark.shared
@pytest.mark.parametrize("between", ["\n", " "])
def test_tokens_of_newswire_are_those_of_people(shared: Callable[[str], Path], between: str) -> None:
    lines = shared("conll2003-en/valid.txt").read_text(encoding="utf-8").split("\n")
    words = [line.split(" ")[0] for line in lines if not line.startswith("-DOCSTART-")]
    text = " ".join(words).replace("  ", between)
    gold = {match.span() for match in re.finditer(r"\S+", text)}
    found = {(start, end) for start, end in tokenize(text).tolist()}
    assert 2 * len(gold & found) / (len(gold) + len(found)) > 0.99
