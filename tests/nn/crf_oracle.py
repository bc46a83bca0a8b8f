"""Every path through a CRF, and its score."""

import itertools

import torch

from elman.data.schemes import scheme
from elman.nn.crf import CRF

DOUBLE = torch.float64


def crf_for(name, labels, seed):
    constraints = scheme(name).constraints(labels)
    crf = CRF(*constraints).to(DOUBLE)
    generator = torch.Generator().manual_seed(seed)
    for parameter in crf.parameters():
        parameter.data.normal_(generator=generator)
    return crf, constraints, generator


def every_path(tags, length, constraints):
    """All sequences that the constraints allow."""
    start, transition, end = constraints
    for path in itertools.product(range(tags), repeat=length):
        if start[path[0]] and end[path[-1]] and all(transition[a, b] for a, b in itertools.pairwise(path)):
            yield path


def path_score(crf, emissions, path):
    score = crf.start[path[0]] + crf.end[path[-1]] + sum(emissions[at, tag] for at, tag in enumerate(path))
    return score + sum(crf.transition[a, b] for a, b in itertools.pairwise(path))
