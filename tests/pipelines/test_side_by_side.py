from __future__ import annotations

import pytest

from elman.errors import UsageError
from elman.pipelines.side_by_side import check_stop, side_by_side


def power(base, exponent):
    check_stop()
    if exponent < 0:
        raise UsageError(f"no power of {exponent}")
    return exponent, base**exponent


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_piece_is_done_once(jobs):
    assert sorted(side_by_side(power, 3, range(5), jobs)) == [(at, 3**at) for at in range(5)]
    assert list(side_by_side(power, 3, [], jobs)) == []
    with pytest.raises(UsageError, match="no power of -1"):
        list(side_by_side(power, 3, [2, -1], jobs))


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_argument_is_taken_when_there_is_a_place_for_it(jobs):
    done = []

    def arguments():
        for number in range(6):
            # At most so many can be under way.
            assert number - len(done) <= jobs
            yield number

    for one in side_by_side(power, 2, arguments(), jobs):
        done.append(one)  # noqa: PERF402  # the generator above looks at it meanwhile
    assert len(done) == 6


def test_an_interrupted_caller_ends_the_work():
    found = side_by_side(power, 2, range(10**6), 2)
    next(found)
    found.close()
