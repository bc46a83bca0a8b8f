"""Units of language models."""

from hypothesis import given, settings
from hypothesis import strategies as st

from elman.text.language_units import CHARACTERS, WORDS, join_units, split_units


def test_words_know_of_the_space_before_them():
    assert split_units('He said: "No."\nShe left', WORDS) == [
        " He", " said", ":", ' "', "No", ".", '"', "\n", " She", " left",
    ]  # fmt: skip


def test_what_follows_something_has_only_its_own_space():
    assert split_units(". So", WORDS, begins=False) == [".", " So"]
    assert split_units(". So", WORDS) == [" .", " So"]


@settings(max_examples=60)
@given(st.text(alphabet="aB1 .,\"'-\n\u00e9", max_size=40))
def test_texts_come_together_again(text):
    assert join_units(split_units(text, CHARACTERS), CHARACTERS) == text
    again = join_units(split_units(text, WORDS), WORDS)
    assert "".join(again.split()) == "".join(text.split())
    assert join_units(split_units(again, WORDS), WORDS) == again


def test_single_spaces_and_line_ends_stay():
    text = "A cat, a dog.\nTwo (2) more"
    assert join_units(split_units(text, WORDS), WORDS) == text
