"""Series with dates, from CSV."""

import numpy as np
import pytest

from elman.data.histories import cleaned, read_history, steps_told
from elman.errors import DataError

TABLE = ",Date,price,kind,volume\n1,2020/01/02,1.5,up,7\n2,2020/01/03,,up,8\n3,2020/01/06,2.5,down,nan\n"


def written(tmp_path, text):
    path = tmp_path / "prices.csv"
    path.write_text(text, "utf-8")
    return path


def test_columns_of_numbers_are_read_and_others_told(tmp_path):
    history = read_history(written(tmp_path, TABLE))
    assert history.names == ("price", "volume")
    assert history.others == ("kind",)
    assert history.dates == ("2020/01/02", "2020/01/03", "2020/01/06")
    np.testing.assert_array_equal(history.values, [[1.5, 7], [np.nan, 8], [2.5, np.nan]])
    assert steps_told(history) == "3 rows, 1 to 3 days apart, mostly 2; each row is a step"


@pytest.mark.parametrize(("gaps", "price", "volume"), [("forward", 1.5, 8), ("linear", 2.0, 8)])
def test_gaps_are_filled_where_that_is_asked_for(tmp_path, gaps, price, volume):
    history = read_history(written(tmp_path, TABLE))
    values = cleaned(history, ("volume", "price"), "refuse", gaps).values
    np.testing.assert_array_equal(values, [[7, 1.5], [8, price], [volume, 2.5]])


def test_gaps_are_else_refused_with_their_line(tmp_path):
    history = read_history(written(tmp_path, TABLE))
    with pytest.raises(DataError, match=r"prices\.csv:3: price: expected a finite.*2020/01/03.*series\.gaps = forward"):
        cleaned(history, ("price",), "refuse", "refuse")
    start = read_history(written(tmp_path, "day,x,y\n2020-01-01,,1\n2020-01-02,5,\n"))
    with pytest.raises(DataError, match="x: expected a value in the first row"):
        cleaned(start, ("x",), "refuse", "forward")
    np.testing.assert_array_equal(cleaned(start, ("y",), "refuse", "linear").values[:, 0], [1, 1])


def test_rows_out_of_order_are_refused_or_sorted(tmp_path):
    history = read_history(written(tmp_path, "day,x\n2020-01-03,3\n2020-01-01,1\n2020-01-02,2\n"))
    with pytest.raises(DataError, match=r"prices\.csv:3: expected a date after 2020-01-03, got 2020-01-01; sort"):
        cleaned(history, ("x",), "refuse", "refuse")
    ordered = cleaned(history, ("x",), "sort", "refuse")
    assert ordered.dates == ("2020-01-01", "2020-01-02", "2020-01-03")
    assert ordered.values[:, 0].tolist() == [1, 2, 3]
    twice = read_history(written(tmp_path, "day,x\n2020-01-03,3\n2020-01-03,1\n"))
    with pytest.raises(DataError, match="give each date once"):
        cleaned(twice, ("x",), "sort", "refuse")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("day,x\n", "too few rows"),
        ("day,x\n2020-01-01,1,2\n", r":2: expected 2 cells"),
        ("day,x\nMonday,1\n", r":2: expected a date"),
        ("day,x\n2020-01-01,1\n2020-13-01,1\n", r":3: expected a date such as .* got '2020-13-01'"),
        ("day,x\n2020-01-01,1\n2020-01-02,two\n", r":3: x: expected a number, got 'two'"),
        ("day,x\n2020-01-01,up\n", "expected a column of numbers"),
        ("day,x,x\n2020-01-01,1,2\n", "different names"),
    ],
)
def test_what_is_no_table_of_series_is_refused(tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        read_history(written(tmp_path, text))


def test_a_column_that_is_not_there_is_told(tmp_path):
    with pytest.raises(DataError, match="expected a column 'close' of numbers, got price, volume"):
        cleaned(read_history(written(tmp_path, TABLE)), ("close",), "refuse", "refuse")
