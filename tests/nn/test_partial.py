"""The marginal likelihood of partly known tags against brute force over all sequences."""

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.schemes import SCHEMES, TokenSpan, scheme
from elman.features.lexicon import Lexicon
from elman.nn.heads import HEADS, CRFHead, SoftmaxHead
from elman.tasks.tagging import UNKNOWN_TAG, TaggingTask
from tests.nn.crf_oracle import DOUBLE, crf_for, every_path, path_score

NAMES = st.sampled_from(sorted(SCHEMES))


def task_for(name, labels):
    return TaggingTask(Lexicon.build({"a": 1})[0], name, labels)


@st.composite
def partly_known(draw, longest=4):
    """A scheme, labels, and sequences of tag ids that it allows with some of them made unknown."""
    name = draw(NAMES)
    labels = ("A", "B")[: draw(st.integers(1, 2 if longest <= 4 else 1))]
    lengths = draw(st.lists(st.integers(1, longest), min_size=1, max_size=3))
    codec, task = scheme(name), task_for(name, labels)
    index = {tag: at for at, tag in enumerate(codec.tags(labels))}
    tags = torch.zeros(len(lengths), max(lengths), dtype=torch.int64)
    for row, length in enumerate(lengths):
        spans, at = [], 0
        while at < length:
            size = draw(st.integers(1, 3))
            kind = draw(st.sampled_from(["O", "unknown", *labels]))
            end = min(length, at + size)
            if kind in labels:
                spans.append(TokenSpan(at, end, kind))
            elif kind == "unknown":
                tags[row, at:end] = UNKNOWN_TAG
            at = end
        found = torch.tensor([index[tag] for tag in codec.encode(spans, length)])
        tags[row, :length] = torch.where(tags[row, :length] == UNKNOWN_TAG, UNKNOWN_TAG, found)
    return task, tags, lengths


def agreeing_paths(allowed, constraints, length):
    return [
        path
        for path in every_path(allowed.shape[-1], length, constraints)
        if all(allowed[at, tag] for at, tag in enumerate(path))
    ]


@settings(deadline=None, max_examples=50)
@given(partly_known(), st.integers(0, 1000))
def test_marginal_likelihood_and_its_gradient_equal_brute_force(drawn, seed):
    task, tags, lengths = drawn
    crf, constraints, generator = crf_for(task.scheme_name, task.labels, seed)
    kinds = len(constraints.start)
    emissions = torch.randn(*tags.shape, kinds, generator=generator, dtype=DOUBLE) * 3
    emissions.requires_grad_()
    allowed = torch.from_numpy(task.allowed(tags.numpy()))
    expected = []
    for row, length in enumerate(lengths):
        every = [path_score(crf, emissions[row], path) for path in every_path(kinds, length, constraints)]
        agreeing = [path_score(crf, emissions[row], path) for path in agreeing_paths(allowed[row], constraints, length)]
        expected.append(torch.logsumexp(torch.stack(agreeing), 0) - torch.logsumexp(torch.stack(every), 0))
    got = crf(emissions, tags, torch.tensor(lengths), allowed)
    torch.testing.assert_close(got, torch.stack(expected), atol=1e-9, rtol=1e-9)
    inputs = [emissions, *crf.parameters()]
    wanted = torch.autograd.grad(torch.stack(expected).sum(), inputs, materialize_grads=True)
    for ours, theirs in zip(torch.autograd.grad(got.sum(), inputs, materialize_grads=True), wanted, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-9, rtol=1e-9)


def agrees(task, path, tags):
    """Whether a path has the known entities, no longer and no shorter, and O where O is known."""
    codec = scheme(task.scheme_name)
    names = codec.tags(task.labels)
    known = codec.decode([names[max(tag, 0)] for tag in tags], "conlleval").spans
    found = codec.decode([names[tag] for tag in path], "refuse").spans
    covered = {at for start, end, _ in found for at in range(start, end)}
    told = {at for start, end, _ in known for at in range(start, end)}
    return set(known) <= set(found) and all(
        tag == UNKNOWN_TAG or at in told or at not in covered for at, tag in enumerate(tags)
    )


@settings(deadline=None, max_examples=80)
@given(partly_known(longest=5))
def test_allowed_tags_are_those_that_agree_with_what_is_known(drawn):
    task, tags, lengths = drawn
    allowed = task.allowed(tags.numpy())
    for row, length in enumerate(lengths):
        known = tags[row, :length].tolist()
        ours = agreeing_paths(allowed[row], task.constraints, length)
        theirs = [p for p in every_path(allowed.shape[-1], length, task.constraints) if agrees(task, p, known)]
        if task.scheme_name in ("IOB1", "IOE1"):  # where the tags of a known entity depend on its neighbours
            theirs = [p for p in theirs if all(tag in (UNKNOWN_TAG, p[at]) for at, tag in enumerate(known))]
        if task.scheme_name == "IO":  # in which known entities that touch are one
            assert set(ours) <= set(every_path(allowed.shape[-1], length, task.constraints))
            assert all(tag in (UNKNOWN_TAG, path[at]) for path in ours for at, tag in enumerate(known))
        assert sorted(ours) == sorted(theirs)
        assert ours


@settings(deadline=None, max_examples=25)
@given(partly_known(), st.sampled_from(sorted(HEADS)), st.integers(0, 100))
def test_all_known_is_the_ordinary_loss_and_nothing_known_is_none(drawn, kind, seed):
    task, tags, lengths = drawn
    torch.manual_seed(seed)
    head = HEADS[kind](3, task.constraints).to(DOUBLE)
    features = torch.randn(*tags.shape, 3, dtype=DOUBLE)
    sizes = torch.tensor(lengths)
    tags = torch.where(tags == UNKNOWN_TAG, 0, tags)
    emissions = head(features)
    kinds = emissions.shape[-1]
    known = torch.nn.functional.one_hot(tags, kinds).bool()
    if (task.constraints.transition[tags[:, :-1], tags[:, 1:]]).all():
        torch.testing.assert_close(
            head.loss(emissions, tags, sizes, known), head.loss(emissions, tags, sizes), atol=1e-9, rtol=1e-9
        )
    nothing = head.loss(emissions, tags, sizes, torch.ones_like(known))
    assert nothing.tolist() == pytest.approx([0.0] * len(lengths), abs=1e-12)
    for gradient in torch.autograd.grad(nothing.sum(), list(head.parameters()), allow_unused=True):
        assert gradient is None or gradient.abs().max() < 1e-12


def test_softmax_sums_the_allowed_tags_of_each_token():
    head = SoftmaxHead(4, scheme("IOB2").constraints(("A",)))
    emissions = head(torch.randn(1, 2, 4))
    allowed = torch.tensor([[[True, True, False], [True, True, True]]])
    loss = head.loss(emissions, torch.zeros(1, 2, dtype=torch.int64), torch.tensor([2]), allowed)
    assert loss.item() == pytest.approx(-torch.log(emissions[0, 0, :2].exp().sum()).item(), rel=1e-3)


@pytest.mark.parametrize("name", sorted(SCHEMES))
def test_extreme_scores_stay_finite(name):
    task = task_for(name, ("A", "B"))
    torch.manual_seed(3)
    head = CRFHead(4, task.constraints)
    emissions = (torch.randn(4, 12, len(task.constraints.start)) * 200).requires_grad_()
    tags = torch.full((4, 12), UNKNOWN_TAG)
    tags[:, [2, 5, 6]] = 0
    tags[:, 11:] = 0
    loss = head.loss(emissions, tags, torch.tensor([12, 11, 11, 4]), torch.from_numpy(task.allowed(tags.numpy())))
    assert loss.isfinite().all()
    assert (loss >= -1e-6).all()
    assert all(gradient.isfinite().all() for gradient in torch.autograd.grad(loss.sum(), [emissions]))


def test_paths_are_counted():
    """With all scores 0 the likelihood is the share of the sequences that agree."""
    task = task_for("IOBES", ("A",))
    crf, constraints, _ = crf_for("IOBES", ("A",), 0)
    for parameter in crf.parameters():
        parameter.data.zero_()
    tags = torch.tensor([[0, UNKNOWN_TAG, UNKNOWN_TAG, 0]])
    got = crf(torch.zeros(1, 4, 5, dtype=DOUBLE), tags, torch.tensor([4]), torch.from_numpy(task.allowed(tags.numpy())))
    # Between two O: O O, O S, S O, S S, B E.
    assert got.exp().item() == pytest.approx(5 / sum(1 for _ in every_path(5, 4, constraints)))
    assert len(list(itertools.islice(every_path(5, 4, constraints), 6))) == 6
