"""Text written a step at a time."""

import numpy as np
import pytest

from elman.decoding.sampling import Sampling
from elman.errors import UsageError
from elman.runtime.generation import Writer, _until
from elman.runtime.parts.stepper import Stepper
from tests.language_models import Untrained

LETTERS = "abcdef ."


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru", "sru", "mingru", "minlstm", "slstm"])
@pytest.mark.parametrize("layers", [1, 2])
def test_a_step_at_a_time_is_the_whole_at_once(cell, layers):
    model = Untrained(LETTERS, "characters", cell=cell, layers=layers)
    net, ids = model.network, np.array([[0, 3, 5, 2, 2, 7, 4]], np.int32)
    whole, carry = net.encode.run(net.symbols(ids), np.array([7]))
    stepper = Stepper(net.encode, net.symbols, len(model.task.vocabulary))
    stepper.read(6)
    stepper.restart()
    steps = [stepper.read(one) for one in ids[0].tolist()]
    np.testing.assert_allclose(steps, whole[0], atol=1e-5)
    for ours, theirs in zip(stepper.carry(), carry, strict=True):
        for one, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-5)


def test_without_temperature_each_symbol_is_the_most_probable_one():
    model = Untrained(LETTERS, "characters")
    text = "".join(Writer(model).write("ab", 12, Sampling(0)))
    ids = model.task.ids("ab").tolist()
    expected = ""
    for _ in range(12):
        logs = model.logs(ids)[-1]
        logs[1] = -np.inf
        best = int(logs.argmax())
        if best == 0:
            break
        expected += LETTERS[best - 2]
        ids.append(best)
    assert text == expected


def test_the_seed_repeats_a_text_and_another_writes_another():
    writer = Writer(Untrained(LETTERS, "characters"))
    one, same, other = ("".join(writer.write("a", 40, seed=seed)) for seed in (3, 3, 4))
    assert one == same != other


def test_words_come_with_their_spaces():
    model = Untrained([" a", " b", ",", "\n"], "words")
    for seed in range(6):
        text = "".join(Writer(model).write("", 30, seed=seed))
        assert not text.startswith(" ")
        assert "\n " not in text
        assert "ab" not in text


def test_a_stop_is_not_written_however_it_comes():
    text = "one two three"
    for stop, expected in (("two", "one "), ("e t", "on"), ("x", text), ("three!", text)):
        assert "".join(_until(iter(text), [stop])) == expected
    assert "".join(_until(iter(text), ["three", "two"])) == "one "


def test_what_cannot_begin_a_stop_is_not_held_back():
    pieces = _until(iter("abXcd"), ["Xc"])
    assert next(pieces) == "a"
    assert next(pieces) == "b"
    assert list(pieces) == []


def test_wrong_calls_are_refused():
    writer = Writer(Untrained(LETTERS, "characters"))
    with pytest.raises(UsageError, match="length"):
        writer.write("", -1)
    with pytest.raises(UsageError, match="empty"):
        writer.write("", 5, stop=[""])
    with pytest.raises(UsageError, match="expected a language model"):
        Writer(object())  # type: ignore[arg-type]
