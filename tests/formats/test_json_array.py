import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from elman.data.formats import json_array
from elman.data.formats.files import Source
from elman.data.formats.json_array import records
from elman.errors import DataError

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
objects = st.lists(st.dictionaries(st.text(), values, max_size=4) | st.lists(values, max_size=3), max_size=5)


def written(path, text):
    path.write_bytes(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
    return path


def read(path, rejects=None):
    return [(line, value) for line, value, _ in records(Source(path, rejects=rejects))]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    given_values=objects,
    indent=st.sampled_from([None, 1, 2, "\t"]),
    ascii_only=st.booleans(),
    chunk=st.sampled_from([1, 2, 7, 64, 1 << 20]),
    ends=st.sampled_from(["", "\n", "\r\n \t"]),
)
def test_an_array_gives_its_items_however_it_is_cut(tmp_path_factory, given_values, indent, ascii_only, chunk, ends):
    path = tmp_path_factory.mktemp("array") / "a.json"
    text = json.dumps(given_values, indent=indent, ensure_ascii=ascii_only) + ends
    written(path, text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_array, "_CHUNK", chunk)
        found = list(records(Source(path)))
    assert [record.value for record in found] == given_values
    assert [json.loads(record.raw) for record in found] == given_values
    for line, _, raw in found:
        # The raw record begins on the line that is said.
        assert raw.split("\n")[0] in text.split("\n")[line - 1]


def test_lines_of_objects_or_of_lists_are_a_record_each(tmp_path):
    path = written(tmp_path / "a.jsonl", '{"a": 1}\n\n{"a": 2}\r\n{"a": "x\\ny"}')
    assert read(path) == [(1, {"a": 1}), (3, {"a": 2}), (4, {"a": "x\ny"})]
    path = written(tmp_path / "b.jsonl", '["a", {}]\n["b", {}]\n')
    assert read(path) == [(1, ["a", {}]), (2, ["b", {}])]


def test_values_spread_over_lines_are_read_one_behind_the_other(tmp_path):
    path = written(tmp_path / "a.json", '{\n  "a": 1\n}\n{\n  "a": 2\n}\n')
    assert read(path) == [(1, {"a": 1}), (4, {"a": 2})]


def test_a_bad_line_is_set_aside(tmp_path):
    path = written(tmp_path / "a.jsonl", b'{"a": 1}\n{"a": \n{"a": NaN}\n{"a": 4}\n')
    rejects = []
    assert read(path, rejects.append) == [(1, {"a": 1}), (4, {"a": 4})]
    assert [(reject.line, reject.raw) for reject in rejects] == [(2, '{"a": '), (3, '{"a": NaN}')]
    with pytest.raises(DataError, match=r"a.jsonl:2: expected a JSON value on each line, got invalid JSON"):
        read(path)


def test_a_bad_item_of_an_array_on_lines_is_set_aside(tmp_path):
    text = '[\n  {"a": 1},\n  {"a": tru},\n  {"a": Infinity},\n  {"a": 4}\n  {"a": 5},\n  {"a": 6}\n]\n'
    path = written(tmp_path / "a.json", text)
    for chunk in (1, 5, 1 << 20):
        rejects = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(json_array, "_CHUNK", chunk)
            assert read(path, rejects.append) == [(2, {"a": 1}), (5, {"a": 4}), (7, {"a": 6})]
        assert [(reject.line, reject.raw) for reject in rejects] == [
            (3, '{"a": tru}'),
            (4, '{"a": Infinity}'),
            (6, '{"a": 5}'),
        ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[{"a": 1}', r":1: expected a comma or the end of the array after a record, the file ends: it has been cut"),
        ('[{"a": 1},\n', r":2: expected a further record after the comma"),
        ('[{"a": 1},\n]', r":2: expected a further record after the comma"),
        ('[{"a": 1} {"a": 2}]', r":1: expected a comma or the end of the array after a record, got '{'"),
        ('[\n{"a": "b}]', r":2: got invalid JSON: Unterminated string"),
        ('[\n{"a": 1}]\n x', r":3: expected nothing after the array, got 'x'"),
        ("[{" + '"a":[' * 200_000, r":1: got invalid JSON: "),
        (b'[{"a": "\xe9"}]', r":1: expected utf-8, got the byte 0xe9"),
        (b'[{"a": 1},\n{"a": "\xe9', r":2: expected utf-8, got the byte 0xe9"),
        ("[" + "{" * 3 + "9" * 5000 + "]", r":1: got invalid JSON: "),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path, text, message):
    with pytest.raises(DataError, match=f"a.json{message}"):
        read(written(tmp_path / "a.json", text))


def test_the_end_of_a_cut_file_is_set_aside(tmp_path):
    rejects = []
    path = written(tmp_path / "a.json", '[{"a": 1}, {"a": 2}, {"a": ')
    assert read(path, rejects.append) == [(1, {"a": 1}), (1, {"a": 2})]
    assert [reject.raw for reject in rejects] == ['{"a":']
