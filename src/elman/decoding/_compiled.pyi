from typing import Any

from numpy.typing import NDArray

def best_tags(
    emissions: NDArray[Any],
    lengths: NDArray[Any],
    transitions: NDArray[Any],
    start: NDArray[Any],
    end: NDArray[Any],
    tags: NDArray[Any],
    /,
) -> int: ...
def entity_scores(
    emissions: NDArray[Any],
    lengths: NDArray[Any],
    transitions: NDArray[Any],
    backward: NDArray[Any],
    start: NDArray[Any],
    end: NDArray[Any],
    joined: NDArray[Any],
    own: NDArray[Any],
    spans: NDArray[Any],
    probabilities: NDArray[Any],
    heat: float,
    /,
) -> int: ...
