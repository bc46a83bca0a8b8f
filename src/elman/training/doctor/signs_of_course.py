"""What the doctor sees in a run's course: signs in its records, each a function to a finding or None.

A sign that tells a cause asks for two things at once: for the cause itself (a setting, a figure of the data, the size
of the updates) and, where that alone may be harmless, for harm: a training loss that stays high. For the thresholds see
``signs_of_data``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from elman.training.doctor.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Callable

    from elman.training.doctor.course import Course
    from elman.training.doctor.facts import Facts

HIGH_LOSS = 0.13
"""A training loss at the end that is a larger share of the tags' entropy is high; healthy runs come below a tenth."""

AGREEMENT = 0.15
"""Words that agree less than this on whether they are entities have labels that come from elsewhere."""

LARGE_UPDATE, SMALL_UPDATE = 0.02, 0.001
"""Update ratios outside of these are too large or too small; healthy runs have about 0.008."""

DROPOUT = 0.8
"""More of it leaves too little to learn from."""

EXPLODED = 500.0
"""A gradient norm of this size, of the mean loss of a sentence; healthy runs have between 1 and 70."""

WINDOW = 100
"""Steps over which the gradient's trend is taken."""

GROWTH = 50.0
"""A gradient that grows by this factor within the window explodes soon."""

CLIPPED = 0.95
"""If more steps than this are clipped, the step size is not what decides how far the weights move."""

UNLEARNED = 0.8
"""A loss above this share of the tags' entropy: next to nothing was learned."""


def exploding(facts: Facts, course: Course) -> Finding | None:
    """Gradients far too large, or soon to be."""
    if len(course.norms) < WINDOW // 4:
        return None
    recent = np.array(course.norms[-WINDOW:])
    level = float(np.quantile(recent[-WINDOW // 4 :], 0.75))
    growth = course.growth(WINDOW) if len(recent) == WINDOW else 1.0
    if level <= EXPLODED and growth <= GROWTH:
        return None
    clipped = course.clipped_share()
    gain = max(facts.recurrence.values(), default=0.0)
    means = "Gradients begin to explode"
    if level > EXPLODED:
        means = "Gradients explode on their way back through time" + (
            f": the recurrent matrices began with a largest singular value of {gain:.2g}" if gain else ""
        )
    held = f"{clipped:.0%} of the steps were clipped, at {facts.clip_norm:.3g}"
    return Finding(
        "exploding-gradients",
        f"the gradient's norm is {level:.3g} at step {course.numbers[-1]}, and over the last {len(recent)} steps it "
        f"went up {growth:.2g}-fold; {held}",
        means,
        "clip at about 5 (training.clip_norm), begin with orthogonal recurrent weights that are not scaled up, or take "
        "a gated cell",
        {"norm": level, "growth": growth, "clipped": clipped, "gain": gain, "step": course.numbers[-1]},
    )


def step_too_large(facts: Facts, course: Course, found: tuple[str, ...]) -> Finding | None:
    """The learning rate is far too high."""
    if {"vectors-not-finite", "exploding-gradients"} & set(found):
        return None
    diverged = [incident for incident in course.incidents if incident.reason.startswith("the running loss")]
    if diverged:
        first = diverged[0]
        last = course.incidents[-1]
        return Finding(
            "step-too-large",
            f"at step {first.step} {first.reason}; the guard went back and on, in the end with a step size of "
            f"{last.learning_rate:.3g} in place of {facts.learning_rate:.3g}",
            "The step size was far too large",
            f"training.learning_rate={last.learning_rate:.2g}",
            {"step": first.step, "given": facts.learning_rate, "kept": last.learning_rate},
        )
    ratio, loss = course.peak_ratio(), facts.relative(course.middle_loss())
    if not (ratio > LARGE_UPDATE and loss > HIGH_LOSS):
        return None
    return Finding(
        "step-too-large",
        f"in the first fifth of the run a step changed the weights by {ratio:.1%} of their size (usual: about 1 %), "
        f"and half-way the loss per token was {loss:.2f} times what a model loses that knows only how frequent each "
        "tag is",
        "The steps are so large that they pass over what there is to find",
        f"a training.learning_rate of a tenth or a hundredth of {facts.learning_rate:.3g}",
        {"update_ratio": ratio, "relative_loss": loss, "given": facts.learning_rate},
    )


def step_too_small(facts: Facts, course: Course, found: tuple[str, ...]) -> Finding | None:
    """The learning rate is far too low."""
    ratio, loss = course.ratio(), facts.relative(course.last_loss())
    if found or not (ratio < SMALL_UPDATE and loss > HIGH_LOSS):
        return None
    return Finding(
        "step-too-small",
        f"a step changes the weights by {ratio:.3%} of their size (usual: about 1 %), and at the end the loss per "
        f"token is still {loss:.2f} times what a model loses that knows only how frequent each tag is",
        "The steps are so small that the run ends long before it has learned what there is",
        f"a training.learning_rate of ten or a hundred times {facts.learning_rate:.3g}",
        {"update_ratio": ratio, "relative_loss": loss, "given": facts.learning_rate},
    )


def dropout_too_high(facts: Facts, course: Course, found: tuple[str, ...]) -> Finding | None:
    """Too little is let through."""
    del found
    name, share = max(facts.dropouts.items(), key=lambda item: item[1], default=("", 0.0))
    loss = facts.relative(course.last_loss())
    if not (share > DROPOUT and loss > HIGH_LOSS):
        return None
    return Finding(
        "dropout-too-high",
        f"{name} is {share:g}, so that {1 - share:.0%} of the numbers get through, and at the end the training loss "
        f"per token is {loss:.2f} times what a model loses that knows only how frequent each tag is",
        "What is left is too little to learn from",
        f"{name}=0.5 or less",
        {"dropout": share, "relative_loss": loss},
    )


def labels_shuffled(facts: Facts, course: Course, found: tuple[str, ...]) -> Finding | None:
    """The labels have nothing to do with the words."""
    del found
    loss = facts.relative(course.last_loss())
    if not (facts.word_agreement < AGREEMENT and loss > HIGH_LOSS):
        return None
    return Finding(
        "labels-shuffled",
        f"a word that is in an entity once is in one elsewhere hardly more often than any other word (agreement "
        f"{facts.word_agreement:.2f}; 0 is chance, 1 is always), and at the end the training loss per token is "
        f"{loss:.2f} times what a model loses that knows only how frequent each tag is",
        "The labels do not belong to these words: rows shifted, sentences paired with others' labels, or shuffled",
        "look at the first sentences as elman reads them (elman convert FILE -), and at how the file was made",
        {"agreement": facts.word_agreement, "relative_loss": loss},
    )


def not_a_number(facts: Facts, course: Course, found: tuple[str, ...]) -> Finding | None:
    """The loss was no number, and it is not known why."""
    del facts
    incidents = [one for one in course.incidents if "not a number" in one.reason or "infinite" in one.reason]
    if found or not incidents:
        return None
    names = list(dict.fromkeys(name for one in incidents for name in one.documents))
    return Finding(
        "not-a-number",
        f"{incidents[0].reason} at step {incidents[0].step}, {len(incidents)} times in all, in batches from "
        + ", ".join(names[:5]),
        "A value in these documents or in the weights is out of the ordinary",
        "look at these documents; if there is nothing, begin with a smaller training.learning_rate",
        {"incidents": len(incidents), "step": incidents[0].step},
    )


def clipped_always(facts: Facts, course: Course, found: tuple[str, ...]) -> Finding | None:
    """Nearly every gradient is scaled down, and little is learned."""
    clipped, loss = course.clipped_share(), facts.relative(course.last_loss())
    if found or not (clipped > CLIPPED and loss > HIGH_LOSS):
        return None
    return Finding(
        "clipped-always",
        f"{clipped:.0%} of the steps were clipped, at {facts.clip_norm:.3g}, and at the end the loss per token is "
        f"{loss:.2f} times what a model loses that knows only how frequent each tag is",
        "The gradient's own size never counts",
        "a larger training.clip_norm",
        {"clipped": clipped, "relative_loss": loss},
    )


def not_learning(facts: Facts, course: Course, found: tuple[str, ...]) -> Finding | None:
    """Little was learned, and it is not known why."""
    loss = facts.relative(course.last_loss())
    if found or not loss > UNLEARNED:
        return None
    return Finding(
        "not-learning",
        f"at the end the training loss per token is {loss:.2f} times what a model loses that knows only how frequent "
        "each tag is",
        "Next to nothing was learned, and none of the usual causes is to be seen",
        "look at the labels, train longer, or with a larger encoder.hidden",
        {"relative_loss": loss},
    )


UNDER_WAY: tuple[Callable[[Facts, Course], Finding | None], ...] = (exploding,)
AT_THE_END: tuple[Callable[[Facts, Course, tuple[str, ...]], Finding | None], ...] = (
    step_too_large,
    dropout_too_high,
    labels_shuffled,
    step_too_small,
    not_a_number,
    clipped_always,
    not_learning,
)
"""In the order in which they are asked; the last ones only where nothing else was found."""
