"""The CRF's likelihood against brute force over all tag sequences."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.schemes import SCHEMES, scheme
from elman.nn.crf import log_partition
from elman.nn.heads import HEADS, CRFHead, SoftmaxHead
from tests.nn.crf_oracle import DOUBLE, crf_for, every_path, path_score


@settings(deadline=None, max_examples=60)
@given(
    name=st.sampled_from(sorted(SCHEMES)),
    labels=st.integers(1, 2),
    lengths=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    seed=st.integers(0, 1000),
)
def test_likelihood_equals_brute_force_and_padding_changes_nothing(name, labels, lengths, seed):
    crf, constraints, generator = crf_for(name, ("A", "B")[:labels], seed)
    tags = len(constraints.start)
    emissions = torch.randn(len(lengths), max(lengths), tags, generator=generator, dtype=DOUBLE) * 3
    gold = torch.zeros(len(lengths), max(lengths), dtype=torch.int64)
    expected = []
    for row, length in enumerate(lengths):
        paths = list(every_path(tags, length, constraints))
        path = paths[seed % len(paths)]
        gold[row, :length] = torch.tensor(path)
        scores = torch.stack([path_score(crf, emissions[row], other) for other in paths])
        expected.append(path_score(crf, emissions[row], path) - torch.logsumexp(scores, 0))
    got = crf(emissions, gold, torch.tensor(lengths))
    torch.testing.assert_close(got, torch.stack(expected), atol=1e-9, rtol=1e-9)


@settings(deadline=None, max_examples=15)
@given(lengths=st.lists(st.integers(1, 4), min_size=1, max_size=3), seed=st.integers(0, 100))
def test_gradient_of_the_partition(lengths, seed):
    generator = torch.Generator().manual_seed(seed)

    def draw(*shape):
        return torch.randn(*shape, generator=generator, dtype=DOUBLE, requires_grad=True)

    sizes = torch.tensor(lengths)
    inputs = (draw(len(lengths), max(lengths), 3), draw(3), draw(3, 3), draw(3))
    assert torch.autograd.gradcheck(lambda e, s, t, x: log_partition(e, sizes, s, t, x), inputs)


def test_gradient_with_forbidden_transitions_is_finite_and_equals_autograd():
    crf, constraints, generator = crf_for("iobes", ("A", "B"), 3)
    tags, lengths = len(constraints.start), [4, 2]
    emissions = torch.randn(2, 4, tags, generator=generator, dtype=DOUBLE, requires_grad=True)
    paths = [next(every_path(tags, length, constraints)) for length in lengths]
    gold = torch.zeros(2, 4, dtype=torch.int64)
    brute = 0
    for row, length in enumerate(lengths):
        gold[row, :length] = torch.tensor(paths[row])
        scores = [path_score(crf, emissions[row], path) for path in every_path(tags, length, constraints)]
        brute = brute + path_score(crf, emissions[row], paths[row]) - torch.logsumexp(torch.stack(scores), 0)
    wanted = torch.autograd.grad(brute, [emissions, *crf.parameters()])
    got = torch.autograd.grad(crf(emissions, gold, torch.tensor(lengths)).sum(), [emissions, *crf.parameters()])
    for ours, theirs in zip(got, wanted, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-9, rtol=1e-9)


def test_padding_that_would_overflow_leaves_the_gradient_finite():
    crf, constraints, _ = crf_for("iob2", ("A",), 0)
    emissions = torch.zeros(2, 5, len(constraints.start), dtype=DOUBLE)
    emissions[1, 2:] = 1e5
    emissions.requires_grad_()
    crf(emissions, torch.zeros(2, 5, dtype=torch.int64), torch.tensor([5, 2])).sum().backward()
    assert emissions.grad.isfinite().all()
    assert not emissions.grad[1, 2:].any()


def test_extreme_scores_stay_finite():
    crf, constraints, generator = crf_for("iobes", ("A",), 1)
    emissions = torch.randn(1, 30, len(constraints.start), generator=generator) * 300
    likelihood = crf(emissions, torch.zeros(1, 30, dtype=torch.int64), torch.tensor([30]))
    assert likelihood.isfinite().all()
    assert likelihood.item() <= 0


def test_a_forbidden_sequence_has_no_likelihood():
    crf, _, _ = crf_for("iob2", ("A",), 0)
    inside = scheme("iob2").tags(("A",)).index("I-A")
    likelihood = crf(torch.zeros(1, 2, 3, dtype=DOUBLE), torch.tensor([[0, inside]]), torch.tensor([2]))
    assert likelihood.item() == -np.inf


@pytest.mark.parametrize("kind", sorted(HEADS))
def test_heads_forbid_what_the_scheme_forbids(kind):
    constraints = scheme("iobes").constraints(("A", "B"))
    head = HEADS[kind](6, constraints)
    for scores, allowed in zip(head.structure(), constraints, strict=True):
        np.testing.assert_array_equal(scores.isfinite().numpy(), allowed)


def test_softmax_loss_is_the_sum_of_the_tags_losses():
    head = SoftmaxHead(4, scheme("io").constraints(("A",)))
    features, tags, lengths = torch.randn(2, 3, 4), torch.tensor([[0, 1, 1], [1, 9, 9]]), torch.tensor([3, 1])
    loss = head.loss(head(features), tags, lengths)
    logits = head.project(features)
    for row, length in enumerate((3, 1)):
        expected = torch.nn.functional.cross_entropy(logits[row, :length], tags[row, :length], reduction="sum")
        assert loss[row].item() == pytest.approx(expected.item(), rel=1e-5)


def test_crf_head_is_the_crf_on_a_projection():
    head = CRFHead(4, scheme("io").constraints(("A",)))
    features, tags, lengths = torch.randn(2, 3, 4), torch.zeros(2, 3, dtype=torch.int64), torch.tensor([3, 1])
    torch.testing.assert_close(
        head.loss(head(features), tags, lengths), -head.crf(head.project(features), tags, lengths)
    )
