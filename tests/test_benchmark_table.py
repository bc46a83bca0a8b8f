"""The table of benchmarks lists each of them."""

from pathlib import Path

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def test_each_benchmark_has_a_row_of_its_own() -> None:
    table = [line for line in (BENCHMARKS / "README.md").read_text("utf-8").splitlines() if line.startswith("|")]
    rows = [line.strip("|").split(" | ") for line in table[2:]]
    assert {len(row) for row in rows} == {5}
    scripts = sorted(path.stem for path in BENCHMARKS.glob("[a-z]*.py"))
    assert sorted(row[0].strip(" `") for row in rows) == scripts
