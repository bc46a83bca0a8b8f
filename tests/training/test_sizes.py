import pytest

from elman.training.sizes import batch_tokens_for, epochs_for, neighbours_for


@pytest.mark.parametrize("tokens", [0, 1, 500, 20_000, 200_000, 10**9])
def test_every_size_has_a_pace(tokens: int) -> None:
    assert 6 <= epochs_for(tokens) <= 40
    assert 256 <= batch_tokens_for(tokens) <= 512


def test_smaller_sets_are_seen_more_often_in_smaller_batches() -> None:
    assert epochs_for(1_000) > epochs_for(200_000) > epochs_for(10**7)
    assert batch_tokens_for(1_000) < batch_tokens_for(200_000)


def test_only_large_sets_have_their_words_predicted() -> None:
    assert neighbours_for(20_000) == 0
    assert neighbours_for(200_000) > 0
