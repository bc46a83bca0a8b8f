import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from elman.model.quantisation import CENTRES, decode_pieces, decode_scaled, encode_pieces, encode_scaled

RNG = np.random.default_rng(3)


def decoded(pieces):
    return decode_pieces(pieces.codes, pieces.centres) @ pieces.mixing.T + pieces.mean


def spread_table(rows=3000, width=12, seed=1):
    """Rows whose columns are correlated and vary by very different amounts."""
    rng = np.random.default_rng(seed)
    own = rng.standard_normal((rows, width)) * np.geomspace(4, 0.05, width)
    return (own @ np.linalg.qr(rng.standard_normal((width, width)))[0] + 0.3).astype(np.float32)


@settings(max_examples=60)
@given(
    arrays(
        np.float32,
        array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9),
        elements=st.floats(-(2.0**90), 2.0**90, width=32),
    )
)
def test_no_scaled_number_moves_by_more_than_half_a_step(table):
    codes, scales = encode_scaled(table)
    assert (codes.dtype, scales.dtype) == (np.int8, np.float32)
    assert codes.min() >= -127
    error = np.abs(decode_scaled(codes, scales).astype(np.float64) - table)
    # Rounding of the scale itself moves the largest numbers a little, too; the smallest float has no half.
    assert (error <= scales[:, None].astype(np.float64) * 0.50001 + 1e-42).all()


def test_a_row_of_zeros_stays_one():
    codes, scales = encode_scaled(np.array([[0, 0], [1, -2]], np.float32))
    np.testing.assert_array_equal(decode_scaled(codes, scales)[0], [0, 0])
    assert codes[1].tolist() == [64, -127]


def test_rows_that_are_few_come_back_but_for_half_precision():
    table = RNG.standard_normal((CENTRES, 6)).astype(np.float32)
    pieces = encode_pieces(table, 3, np.eye(6))
    assert (pieces.codes.dtype, pieces.codes.shape) == (np.uint8, (CENTRES, 2))
    assert (pieces.centres.dtype, pieces.centres.shape) == (np.float16, (2, CENTRES, 3))
    np.testing.assert_allclose(decoded(pieces), table, atol=6e-3)


@pytest.mark.parametrize(("rows", "width", "columns"), [(1, 4, 2), (5, 7, 3), (40, 3, 5), (300, 1, 1), (9, 2, 16)])
def test_any_shape_comes_back(rows, width, columns):
    table = RNG.standard_normal((rows, width)).astype(np.float32)
    pieces = encode_pieces(table, columns, np.eye(width))
    assert pieces.codes.shape == (rows, -(-width // columns))
    assert np.sqrt(((decoded(pieces) - table) ** 2).mean()) < 0.02


def test_rows_that_are_all_one_come_back():
    pieces = encode_pieces(np.full((500, 4), 2.5, np.float32), 2, np.eye(4))
    np.testing.assert_allclose(decoded(pieces), 2.5, atol=1e-5)


def test_each_row_has_the_nearest_of_all_combinations():
    """In the turned space the error of a row is the least that these centres allow."""
    table = spread_table(400, 4)
    pieces = encode_pieces(table, 2, np.eye(4))
    turned = (table - pieces.mean) @ np.linalg.inv(pieces.mixing.T.astype(np.float64))
    for place in range(2):
        part = turned[:, 2 * place : 2 * place + 2]
        all_of_them = ((part[:, None] - pieces.centres[place].astype(np.float64)) ** 2).sum(2)  # rows x centres
        chosen = all_of_them[np.arange(len(part)), pieces.codes[:, place]]
        np.testing.assert_allclose(chosen, all_of_them.min(1), atol=1e-5)


def test_what_matters_is_kept_better_than_what_does_not():
    table = RNG.standard_normal((3000, 8)).astype(np.float32)
    matters = np.diag([100.0] * 2 + [1e-2] * 6)
    errors = [((decoded(encode_pieces(table, 4, how)) - table) ** 2).mean(0) for how in (matters, np.eye(8))]
    assert errors[0][:2].mean() < errors[1][:2].mean() / 3


def test_turning_pays_where_columns_are_correlated():
    """Against the same number of pieces cut from the rows as they are."""
    table = spread_table()
    ours = ((decoded(encode_pieces(table, 4, np.eye(12))) - table) ** 2).mean()
    plain = np.hstack([decoded(encode_pieces(table[:, at : at + 4], 4, np.eye(4))) for at in (0, 4, 8)])
    assert ours < ((plain - table) ** 2).mean()


def test_the_same_table_gives_the_same_bytes():
    one, other = (encode_pieces(spread_table(), 5, np.eye(12)) for _ in range(2))
    for part, again in zip(one, other, strict=True):
        np.testing.assert_array_equal(part, again)


def test_directions_that_do_not_matter_at_all_are_no_obstacle():
    table = spread_table(600)
    found = decoded(encode_pieces(table, 4, np.diag([1.0] + [0.0] * 11)))
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found[:, 0], table[:, 0], atol=0.35)
