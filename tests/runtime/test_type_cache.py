"""The rows of word types that are kept."""

from threading import Thread

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.runtime.inputs import TypeRows
from elman.runtime.type_cache import TypeCache

WIDTHS = (3, 1)


class Computer:
    """Rows that tell their word; and what was asked for."""

    def __init__(self):
        self.asked = []

    def __call__(self, types):
        self.asked += types
        values = np.array([float(word) for word in types], np.float32)[:, None]
        return TypeRows(np.repeat(values, 3, axis=1), -values)


def cache_of(capacity):
    computer = Computer()
    return TypeCache(computer, WIDTHS, capacity * 16), computer


batches = st.lists(st.lists(st.integers(0, 20), unique=True, max_size=12), max_size=20)


@settings(deadline=None)
@given(batches, st.integers(0, 15))
def test_rows_are_those_that_were_computed_and_memory_is_bounded(batches, capacity):
    cache, _ = cache_of(capacity)
    for batch in batches:
        rows = cache([str(number) for number in batch])
        assert rows.gates[:, 0].tolist() == batch
        assert rows.seen[:, 0].tolist() == [-number for number in batch]
        assert len(cache) <= cache.capacity == capacity


@settings(deadline=None)
@given(batches)
def test_with_room_for_all_each_type_is_computed_once(batches):
    cache, computer = cache_of(21)
    for batch in batches:
        cache([str(number) for number in batch])
    assert len(computer.asked) == len(set(computer.asked)) == len(cache)


def test_types_that_are_asked_for_often_stay():
    cache, computer = cache_of(4)
    for number in range(10, 40):
        cache(["1", "2", str(number)])
    assert computer.asked.count("1") == computer.asked.count("2") == 1


def test_what_is_handed_out_is_not_overwritten_later():
    cache, _ = cache_of(1)
    first = cache(["1"])
    cache(["2"])
    assert first.gates.tolist() == [[1, 1, 1]]


def test_threads_get_their_own_rows():
    cache, _ = cache_of(5)
    wrong = []

    def work(seed):
        rng = np.random.default_rng(seed)
        for _ in range(300):
            batch = rng.permutation(20)[:8]
            rows = cache([str(number) for number in batch])
            if rows.gates[:, 0].tolist() != batch.tolist():
                wrong.append(batch)

    threads = [Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
