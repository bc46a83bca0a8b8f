"""What the doctor remembers of a run."""

import math

import pytest

from elman.training.doctor.course import Course
from elman.training.records import Incident, Step


def step(number, loss=1.0, norm=1.0, ratio=None):
    return Step(number, 100, 1, loss, norm, False, 0.1, 10, 1.0, None if ratio is None else {"encode": ratio})


def test_what_the_guard_took_back_is_forgotten():
    course = Course()
    for number in range(1, 31):
        course(step(number, ratio=float(number)))
    course(Incident(31, "the loss is not a number", (), 20, 0.01, 1))
    assert list(course.numbers) == list(range(1, 21))
    assert len(course.losses) == len(course.norms) == len(course.clipped) == 20
    assert [at for at, _ in course.ratios] == list(range(1, 21))
    assert len(course.incidents) == 1


def test_losses_and_ratios_are_of_their_parts_of_the_run():
    course = Course()
    for number in range(1, 101):
        course(step(number, loss=float(number), ratio=1.0 if number <= 20 else 3.0))
    assert course.last_loss() == pytest.approx(95.5)
    assert course.middle_loss() == pytest.approx(50.5)
    assert course.peak_ratio() == 1
    assert course.ratio() == 3


def test_growth_is_the_factor_over_the_window():
    course = Course()
    for number in range(101):
        course(step(number, norm=2.0 ** (number / 10)))
    assert course.growth(11) == pytest.approx(2)


def test_before_the_first_step_there_is_nothing():
    course = Course()
    assert math.isnan(course.last_loss())
    assert math.isnan(course.ratio())
    assert course.to_json() == {"clipped": None, "update_ratios": {}}


def test_metrics_have_the_share_of_clipped_steps_and_median_ratios():
    course = Course()
    for number, ratio in enumerate((1.0, 2.0, 9.0), 1):
        course(step(number, ratio=ratio))
    assert course.to_json() == {"clipped": 0.0, "update_ratios": {"encode": 2.0}}
