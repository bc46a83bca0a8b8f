import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.runtime.blocks import BLOCK, blocks_for, linear

sizes = st.integers(1, 40)


def test_blocks():
    assert [blocks_for(rows) for rows in (0, 1, BLOCK, BLOCK + 1, 10 * BLOCK)] == [0, 1, 1, 2, 10]


@settings(deadline=None)
@given(st.integers(0, 300), sizes, sizes)
def test_it_is_the_linear_map(rows, inputs, outputs):
    rng = np.random.default_rng(rows)
    x, weight = (rng.standard_normal(shape).astype(np.float32) for shape in ((rows, inputs), (outputs, inputs)))
    bias = rng.standard_normal(outputs).astype(np.float32)
    result = linear(x, weight, bias)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, x @ weight.T + bias, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("inputs", "outputs"), [(180, 800), (200, 800), (400, 17), (37, 5), (512, 1200), (1, 1)])
@settings(max_examples=20, deadline=None)
@given(rows=st.integers(1, 200), data=st.data())
def test_a_row_does_not_depend_on_the_others(inputs, outputs, rows, data):
    rng = np.random.default_rng(rows)
    x, weight = (rng.standard_normal(shape).astype(np.float32) for shape in ((rows, inputs), (outputs, inputs)))
    bias = rng.standard_normal(outputs).astype(np.float32)
    result = linear(x, weight, bias)
    at = data.draw(st.integers(0, rows - 1))
    np.testing.assert_array_equal(linear(x[at : at + 1], weight, bias)[0], result[at])
    order = rng.permutation(rows)
    np.testing.assert_array_equal(linear(x[order], weight, bias), result[order])
