import textwrap

import pytest

from elman.text.segment import segment

# Sentences between bars; ¶ is a line break.
PARTITIONS = """
He left. | She stayed! | Why? | Nobody knows...
"He left." | "She stayed," he said. | (So it was.) | [Really?] | It was.
Mr. Smith met J. S. Bach of Acme Inc. in the U.S. Senate. | He left.
He works for Acme Inc. | The firm is in the U.S. | It is big.
We sell pens, ink, etc. | Paper is extra.
See No. 5 and fig. 3 for 3.5 of them. | Then go.
He said "Stop!" and left. | It is big.
what? | i do not know. | it was late. | Ok.
Am 16. August kam er. | Das war z.B. gut. | Er ging.
Это г. Москва и т.д. | Он ушёл. | Цена 5 тыс. | Дорого.
他来了。 | 她走了！ | 真的？ | 「是。」 | 好。
वह आया। | वह गया।
ما هذا؟ | هذا بيت.
One line¶ | Two lines¶ | three lines
Acme Inc.¶ | 12 Main Street¶ | Springfield, IL 62701¶ | ¶ | Dear Sir,
a blank line¶¶ | ends a sentence
Items: | • one | • two
The first sentence is long enough to be wrapped¶by hand. | The second one is too.
This sentence has no mark in its first line, and¶then it goes on in lower case, to the U.S.¶Senate¶ | New.
The company's chairman has not yet gone to see the¶Senate¶ | New.
A headline that is quite long but stands alone¶ | Another one that is about as long¶ | End.
"""

PROSE = [
    "The company said that it had sold more cars in May than in any other month since the war.",
    "Its chairman, Mr. Jones, told the Senate of the state of New York that Detroit had to do more.",
    "He said the U.S. Treasury and the Bank of England knew of it; both have since denied that they did.",
    "Nobody asked what became of the workers.",
]


@pytest.mark.parametrize("partition", PARTITIONS.strip().split("\n"))
def test_partition(partition: str) -> None:
    pieces = [piece.replace("¶", "\n") for piece in partition.split(" | ")]
    windows = segment(" ".join(pieces).replace("\n ", "\n"))
    assert [window.text for window in windows] == [piece.strip() for piece in pieces if piece.strip()]
    assert not any(window.forced for window in windows)


@pytest.mark.parametrize("width", [60, 72, 80])
def test_wrapped_prose_is_put_together(width: int) -> None:
    text = "\n".join(textwrap.wrap(" ".join(PROSE * 5), width))
    assert [window.text.replace("\n", " ") for window in segment(text)] == PROSE * 5


def test_white_space_of_any_length_ends_a_sentence() -> None:
    assert [window.text for window in segment("left" + " " * 127 + "right")] == ["left" + " " * 127 + "right"]
    assert [window.text for window in segment("left" + " " * 128 + "right")] == ["left", "right"]


def test_spaced_quotes_open_and_close_in_turn() -> None:
    text = 'He said : " I know . " Then he left . " So do I , " she said .'
    assert [window.text for window in segment(text)] == [
        'He said : " I know . "',
        "Then he left .",
        '" So do I , " she said .',
    ]
