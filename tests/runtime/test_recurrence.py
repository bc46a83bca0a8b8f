import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.runtime.later_cells import RECURRENCES
from tests.nn import equations

lengths_of_windows = st.lists(st.integers(1, 30), min_size=1, max_size=200).map(np.array)


def reference(cell, w, x, lengths, backward):
    """The equations of the papers, one window and one step after the other, in float64."""
    parts = np.split(x.astype(np.float64), np.cumsum(lengths)[:-1])
    return np.concatenate([equations.run(cell, part, w, backward=backward)[0] for part in parts])


@pytest.mark.parametrize("cell", RECURRENCES)
@pytest.mark.parametrize("backward", [False, True])
@settings(max_examples=25, deadline=None)
@given(lengths=lengths_of_windows, hidden=st.integers(1, 9), inputs=st.integers(1, 9))
def test_it_computes_the_equations(cell, backward, lengths, hidden, inputs):
    rng = np.random.default_rng(hidden)
    w = {
        name: rng.standard_normal(shape).astype(np.float32)
        for name, shape in equations.shapes(cell, inputs, hidden).items()
    }
    if cell == "elman-relu":  # which grows without end where its matrix is large
        w["weight_hh"] /= 2 * np.linalg.norm(w["weight_hh"], 2)
    layer = RECURRENCES[cell](w, backward=backward)
    types = rng.standard_normal((20, inputs)).astype(np.float32)
    places = rng.integers(0, len(types), lengths.sum())
    outputs = layer.run(layer.project(types), places, lengths)
    expected = reference(cell, w, types[places], lengths.tolist(), backward)
    np.testing.assert_allclose(outputs, expected, atol=1e-4)
