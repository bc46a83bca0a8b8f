"""Each sign on a made stream of records that has it; none on a healthy one."""

import math
from dataclasses import replace

import numpy as np
import pytest

from elman.training.doctor.doctor import Doctor
from elman.training.doctor.facts import Facts, Familiarity, VectorFacts
from elman.training.records import Incident, Step

STEPS = 400
NEAR = Familiarity("dev", 5000, 300, 0.01, 0.2, 0.03, 0.0)
FACTS = Facts(
    labels={"LOC": 300, "PER": 300},
    entropy=0.9,
    word_agreement=0.9,
    dev=NEAR,
    test=replace(NEAR, name="test"),
    within=replace(NEAR, divergence=0.06),
    vectors=VectorFacts(1000, 0, "", 1.0),
    learning_rate=0.004,
    dropouts={"encoder.dropout": 0.5},
    clip_norm=5.0,
    recurrence={"encode.layers.0.0.weight_hh": 2.0},
)


def course(loss=(1.7, 0.03), norm=lambda _: 2.5, ratio=0.008, clipped=0.06):
    """Records of a run: the loss falls from one value to another, the norm is a function of the step's share."""
    rng = np.random.default_rng(1)
    high, low = loss
    for number in range(1, STEPS + 1):
        share = number / STEPS
        yield Step(
            number,
            STEPS,
            1,
            low + (high - low) * math.exp(-8 * share),
            norm(share) * float(np.exp(0.4 * rng.standard_normal())),
            bool(rng.random() < clipped),
            0.004,
            100,
            float(number),
            {"encode": ratio, "head": ratio} if number % 20 == 0 else None,
        )


def diagnosed(facts=FACTS, records=None):
    """Kinds found in the end, and what was said on the way."""
    said = []
    doctor = Doctor(facts, said.append)
    for record in course() if records is None else records:
        doctor(record)
    return [finding.kind for finding in doctor.findings()], said


def test_a_healthy_run_gives_no_finding():
    assert diagnosed() == ([], [])


def test_a_start_that_is_steep_is_healthy():
    assert diagnosed(records=course(norm=lambda share: 2.5 + 70 * math.exp(-60 * share))) == ([], [])


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("vectors-not-finite", {"vectors": VectorFacts(1000, 2, "the", 1.0)}),
        ("vectors-constant", {"vectors": VectorFacts(1000, 0, "", 0.0)}),
        ("labels-missing", {"dev": replace(NEAR, unseen=0.4)}),
        ("test-in-train", {"test": replace(NEAR, repeated=0.9)}),
        ("dev-in-train", {"dev": replace(NEAR, repeated=0.9)}),
        ("other-domain", {"dev": replace(NEAR, divergence=0.2)}),
    ],
)
def test_what_the_data_show_is_said_before_the_first_step(kind, changed):
    facts, said = replace(FACTS, **changed), []
    assert [finding.kind for finding in Doctor(facts, said.append).findings()] == [kind]
    assert len(said) == 1
    assert said[0].startswith(f"doctor: {kind}: ")
    assert diagnosed(facts)[0] == [kind]


@pytest.mark.parametrize("changed", [{"sentences": 10, "repeated": 0.9}, {"tokens": 500, "divergence": 0.2}])
def test_nothing_is_said_of_sets_that_are_too_small(changed):
    assert diagnosed(replace(FACTS, dev=replace(NEAR, **changed))) == ([], [])


POOR = (1.7, 0.5)
"""A loss that stays high."""


@pytest.mark.parametrize(
    ("kind", "changed", "records"),
    [
        ("step-too-large", {}, {"loss": (2.5, 0.8), "ratio": 0.06}),
        ("step-too-small", {}, {"loss": POOR, "ratio": 2e-4, "clipped": 1.0}),
        ("dropout-too-high", {"dropouts": {"encoder.dropout": 0.95}}, {"loss": POOR}),
        ("labels-shuffled", {"word_agreement": 0.02}, {"loss": POOR}),
        ("clipped-always", {}, {"loss": POOR, "clipped": 1.0}),
        ("not-learning", {}, {"loss": (1.7, 0.85)}),
        ("exploding-gradients", {}, {"loss": POOR, "norm": lambda _: 5e3, "clipped": 0.0}),
    ],
)
def test_what_the_course_shows(kind, changed, records):
    facts = replace(FACTS, **changed)
    found, _ = diagnosed(facts, course(**records))
    assert found == [kind]


@pytest.mark.parametrize(
    ("changed", "records"),
    [
        ({"dropouts": {"encoder.dropout": 0.95}}, {}),
        ({"word_agreement": 0.02}, {}),
        ({}, {"ratio": 2e-4}),
        ({}, {"clipped": 1.0}),
    ],
    ids=["dropout", "agreement", "small steps", "clipping"],
)
def test_what_does_no_harm_is_no_finding(changed, records):
    assert diagnosed(replace(FACTS, **changed), course(**records)) == ([], [])


def test_an_explosion_is_told_by_its_trend_before_it_is_there():
    said = []
    doctor = Doctor(FACTS, said.append)
    for record in course(norm=lambda share: 2.5 * math.exp(20 * max(0, share - 0.5))):
        doctor(record)
        if said:
            break
    assert "exploding-gradients" in said[0]
    assert record.gradient_norm < 500
    assert record.step < STEPS


def test_a_divergence_names_the_step_size_that_was_kept():
    records = list(course())
    incident = Incident(60, "the running loss has been above 2 times its start for 50 steps", (), 0, 0.0004, 1)
    found, _ = diagnosed(records=[*records[:60], incident, *records])
    assert found == ["step-too-large"]


def test_a_loss_that_is_no_number_names_the_documents():
    records = list(course())
    said = []
    doctor = Doctor(FACTS, said.append)
    for record in [*records[:60], Incident(61, "the loss is not a number", ("doc-7",), 40, 0.0004, 1), *records[40:]]:
        doctor(record)
    (finding,) = doctor.findings()
    assert finding.kind == "not-a-number"
    assert "doc-7" in finding.seen
    doctor.close()
    assert said == [str(finding)]


def test_a_run_that_never_made_a_step_gives_no_finding():
    assert diagnosed(records=[]) == ([], [])


def test_findings_have_figures_for_machines():
    finding = Doctor(replace(FACTS, dev=replace(NEAR, unseen=0.4)), lambda _: None).findings()[0]
    values = finding.to_json()
    assert values["figures"] == {"unseen": 0.4, "labels": 2}
    assert set(values) == {"kind", "seen", "means", "advice", "figures"}
