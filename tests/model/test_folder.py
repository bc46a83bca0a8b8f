import errno
import os
import re
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load, save

from elman.errors import ModelError, UsageError
from elman.model.folder import read_model, write_model
from elman.model.manifest import File
from elman.model.place import is_model, move_model
from tests.model import examples
from tests.model.examples import METRICS, WORDS, forge, tensors, texts, tree, write

FILES = {
    "model.json",
    "weights.safetensors",
    "words.txt",
    "chars.txt",
    "shapes.txt",
    "metrics.json",
    "README.md",
}


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "model")


def content(path):
    return {entry.name: entry.read_bytes() for entry in path.iterdir()}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"architecture__head__kind": "softmax", "scheme": "io"},
        {"architecture__encoder__cell": "gru", "architecture__encoder__layers": 2},
        {"architecture__encoder__cell": "elman", "architecture__embedding__characters": "none"},
        {"architecture__embedding__characters": "lstm", "architecture__embedding__character_output": 7},
        {"architecture__embedding__shape_size": 0, "learned_words": len(WORDS)},
        {"learned_words": 0, "labels": [], "calibration__temperature": 2},
    ],
)
def test_what_was_written_is_read(tmp_path, changes):
    folder = write(tmp_path / "model", **changes)
    assert {entry.name for entry in folder.iterdir()} == FILES
    manifest = tree(**changes)
    model = read_model(folder)
    expected = {name: array for name, array in tensors(manifest).items() if array.size or "fixed" not in name}
    assert model.tensors.keys() == expected.keys()
    for name, array in expected.items():
        assert model.tensors[name].dtype == array.dtype
        np.testing.assert_array_equal(model.tensors[name], array)
        with pytest.raises(ValueError, match="read-only"):
            model.tensors[name][...] = 0
    assert model.texts == texts()
    assert model.metrics == METRICS
    assert model.lexicon.words.words == WORDS
    assert (model.lexicon.lower, model.lexicon.digits, model.lexicon.character_limit) == (True, True, 24)
    said = model.manifest
    assert said.labels == tuple(manifest["labels"])
    assert said.architecture == manifest["architecture"]
    assert (said.scheme, said.layer, said.elman) == (manifest["scheme"], "entities", "0.1.0")
    assert (said.learned_words, said.temperature) == (
        manifest["learned_words"],
        manifest["calibration"]["temperature"],
    )
    assert (folder / "README.md").read_text() == "# A card\n"


def test_writing_twice_gives_the_same_bytes(tmp_path):
    assert content(write(tmp_path / "a")) == content(write(tmp_path / "b"))


def test_memory_order_and_precision_do_not_matter(tmp_path):
    manifest = tree()
    given = {name: np.asfortranarray(array.astype(np.float64)) for name, array in tensors(manifest).items()}
    write_model(tmp_path / "model", manifest, given, texts(), METRICS, "", replace=False)
    model = read_model(tmp_path / "model")
    for name, array in tensors(manifest).items():
        np.testing.assert_array_equal(model.tensors[name], array)


def test_surrogates_and_foreign_scripts_survive(tmp_path):
    words = ("\ud800", "привет", "e\u0301", "\n", "")
    folder = write(tmp_path / "model", words=words, learned_words=2, labels=["ЛИЦО", "场所"], card="\ud800 é")
    model = read_model(folder)
    assert model.lexicon.words.words == words
    assert model.manifest.labels == ("ЛИЦО", "场所")


def test_the_folders_above_are_made(tmp_path):
    assert read_model(write(tmp_path / "runs" / "new" / "model")).metrics == METRICS


# --- what is there already


def test_what_exists_is_not_replaced_unasked(folder):
    before = content(folder)
    with pytest.raises(UsageError, match="--force"):
        write(folder, seed=2)
    assert content(folder) == before


def test_a_model_and_an_empty_folder_give_way(tmp_path, folder):
    write(folder, seed=2, replace=True)
    np.testing.assert_array_equal(
        read_model(folder).tensors["head.project.bias"], tensors(tree(), seed=2)["head.project.bias"]
    )
    empty = tmp_path / "empty"
    empty.mkdir()
    write(empty, replace=True)
    assert is_model(empty)
    assert {entry.name for entry in tmp_path.iterdir()} == {"model", "empty"}


def test_a_damaged_model_gives_way(folder):
    (folder / "weights.safetensors").unlink()
    write(folder, replace=True)
    assert read_model(folder)


def test_what_is_not_the_models_own_stays(folder):
    (folder / "notes.txt").write_text("mine")
    (folder / "plots").mkdir()
    (folder / "plots" / "loss.png").write_bytes(b"p")
    write(folder, seed=2, replace=True)
    assert (folder / "notes.txt").read_text() == "mine"
    assert (folder / "plots" / "loss.png").read_bytes() == b"p"
    assert [entry.name for entry in folder.parent.iterdir()] == ["model"]
    assert read_model(folder)


def test_files_of_the_old_model_go_with_it(folder):
    write(folder, replace=True, texts={"words": "w.txt", "characters": "c.txt", "shapes": "s.txt"})
    write(folder, replace=True)
    assert {entry.name for entry in folder.iterdir()} == FILES


@pytest.mark.parametrize("name", ["thesis.tex", "model.json"])
def test_a_folder_that_is_no_model_is_never_replaced(tmp_path, name):
    other = tmp_path / "other"
    other.mkdir()
    (other / name).write_text('{"class_name": "Sequential", "protocol": "keras"}')
    with pytest.raises(UsageError, match="no model folder, so it is not replaced"):
        write(other, replace=True)
    assert [entry.name for entry in other.iterdir()] == [name]


def test_a_file_is_never_replaced(tmp_path):
    (tmp_path / "model").write_text("a file")
    with pytest.raises(UsageError, match="not replaced"):
        write(tmp_path / "model", replace=True)
    assert (tmp_path / "model").read_text() == "a file"


def test_through_a_link_the_folder_it_names_is_replaced(tmp_path, folder):
    link = tmp_path / "latest"
    link.symlink_to(folder)
    write(link, seed=2, replace=True)
    assert link.is_symlink()
    assert read_model(folder).manifest.checksum == read_model(link).manifest.checksum


# --- a full disk, an interruption


def full_disk(*_args, **_kwargs):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def interruption(*_args, **_kwargs):
    raise KeyboardInterrupt


class Failing:
    """Calls a function, but for one of the calls, which fails."""

    def __init__(self, function, number, failure):
        self.function, self.left, self.failure = function, number, failure

    def __call__(self, *args, **kwargs):
        self.left -= 1
        return self.failure() if self.left == -1 else self.function(*args, **kwargs)


@pytest.mark.parametrize("failure", [full_disk, interruption])
@pytest.mark.parametrize("number", range(len(FILES)))
@pytest.mark.parametrize("existing", [True, False])
def test_when_a_file_cannot_be_written_all_is_as_before(tmp_path, monkeypatch, failure, number, existing):
    folder = tmp_path / "model"
    before = content(write(folder)) if existing else None
    monkeypatch.setattr("elman.model.atomic.os.fsync", Failing(os.fsync, number, failure))
    with pytest.raises(ModelError if failure is full_disk else KeyboardInterrupt) as caught:
        write(folder, seed=2, replace=True)
    monkeypatch.undo()
    if failure is full_disk:
        assert re.search("No space left on device.*untouched", str(caught.value))
    assert [entry.name for entry in tmp_path.iterdir()] == (["model"] if existing else [])
    if existing:
        assert content(folder) == before
        assert read_model(folder)


@pytest.mark.parametrize("failure", [full_disk, interruption])
@pytest.mark.parametrize("number", [0, 1])
def test_when_a_folder_cannot_be_renamed_all_is_as_before(folder, monkeypatch, failure, number):
    before = content(folder)
    rename = Failing(Path.rename, number, failure)
    monkeypatch.setattr(Path, "rename", lambda self, target: rename(self, target))
    with pytest.raises(ModelError if failure is full_disk else KeyboardInterrupt):
        write(folder, seed=2, replace=True)
    monkeypatch.undo()
    assert content(folder) == before
    assert [entry.name for entry in folder.parent.iterdir()] == ["model"]


def test_when_the_old_one_cannot_be_removed_the_new_one_is_there(folder, monkeypatch):
    monkeypatch.setattr("elman.model.atomic.shutil.rmtree", full_disk)
    write(folder, seed=2, replace=True)
    assert read_model(folder)


def test_no_rights_to_write(tmp_path):
    if os.geteuid() == 0:
        (tmp_path / "file").write_text("")
        place = tmp_path / "file" / "model"
    else:
        tmp_path.chmod(0o500)
        place = tmp_path / "model"
    with pytest.raises(ModelError, match="cannot be written"):
        write(place)


def test_parts_that_do_not_fit_are_not_written(folder):
    before = content(folder)
    wrong = {**tensors(tree()), "head.project.bias": np.zeros(3)}
    with pytest.raises(ModelError, match=r"head.project.bias is F32 of 3, expected F32 of 13"):
        write_model(folder, tree(), wrong, texts(), METRICS, "", replace=True)
    with pytest.raises(ModelError, match="learned_words"):
        write_model(folder, tree(learned_words=-1), wrong, texts(), METRICS, "", replace=True)
    assert content(folder) == before


# --- moving


def test_a_model_is_moved(tmp_path, folder):
    target = write(tmp_path / "best", seed=2)
    before = content(folder)
    with pytest.raises(UsageError, match="--force"):
        move_model(folder, target, replace=False)
    move_model(folder, target, replace=True)
    assert content(target) == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["best"]
    with pytest.raises(ModelError, match="no model folder"):
        move_model(folder, target, replace=True)


def test_what_is_a_model(tmp_path, folder):
    assert is_model(folder)
    assert not is_model(tmp_path)
    assert not is_model(tmp_path / "nothing")
    assert not is_model(folder / "words.txt")


# --- damage


def test_a_missing_folder(tmp_path):
    with pytest.raises(ModelError, match=r"no such folder.*elman train"):
        read_model(tmp_path / "nothing")
    with pytest.raises(ModelError, match=r"no model folder, it has no model\.json"):
        read_model(tmp_path)


@pytest.mark.parametrize("name", sorted(FILES - {"model.json", "README.md"}))
@pytest.mark.parametrize(
    ("damage", "word"),
    [
        (lambda path: path.unlink(), "missing"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "truncated"),
        (lambda path: path.write_bytes(b""), "truncated"),
        (lambda path: path.write_bytes(path.read_bytes() + b"\n"), "altered"),
        (lambda path: path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:]), "altered"),
    ],
)
def test_a_damaged_file_is_named(folder, name, damage, word):
    damage(folder / name)
    with pytest.raises(ModelError, match=f"model: {name} .*{word}.*copy the model folder again"):
        read_model(folder)


def test_a_file_that_is_a_folder(folder):
    (folder / "words.txt").unlink()
    (folder / "words.txt").mkdir()
    with pytest.raises(ModelError, match=r"words\.txt is missing"):
        read_model(folder)


def test_the_card_may_be_changed(folder):
    (folder / "README.md").unlink()
    assert read_model(folder)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"PER"', '"PRS"', "altered"),
        ('"temperature": 1.0', '"temperature": 1.5', "altered"),
        ("{", "", "no JSON object"),
        (
            '"protocol": 1',
            '"protocol": 5',
            r"elman 0\.1\.0 with model protocol 5; this version reads up to 4\. Upgrade",
        ),
        ('"protocol": 1', '"protocol": 0', "expected a protocol number"),
        ('"protocol": 1', '"protocol": "1"', "expected a protocol number"),
        ('"protocol": 1', '"protocol": true', "expected a protocol number"),
    ],
)
def test_a_changed_manifest(folder, old, new, message):
    path = folder / "model.json"
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(ModelError, match=message):
        read_model(folder)


@pytest.mark.parametrize("junk", [b"", b"[]", b"null", b"\xff\xfe", b"[" * 100_000])
def test_a_manifest_that_is_none(folder, junk):
    (folder / "model.json").write_bytes(junk)
    with pytest.raises(ModelError, match="no JSON object"):
        read_model(folder)


# --- folders that fit their digests, and are wrong all the same


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda w: w.pop("head.crf.end"), "head.crf.end is absent, expected F32 of 13"),
        (lambda w: w.update(extra=np.zeros(2, np.float32)), "extra is F32 of 2, expected absent"),
        (lambda w: w.update({"head.crf.end": np.zeros(12, np.float32)}), "head.crf.end is F32 of 12"),
        (lambda w: w.update({"head.crf.end": np.zeros(13, np.float64)}), "head.crf.end is F64 of 13"),
        (
            lambda w: w.update({"embed.words.fixed": np.zeros((4, 7), np.float32)}),
            "embed.words.fixed is F32 of 4 x 7",
        ),
        (lambda w: w.pop("embed.words.fixed"), "embed.words.fixed is absent, expected F16 of 4 x 7"),
        (lambda w: w.clear(), r"; and \d+ more"),
    ],
)
def test_tensors_that_do_not_fit(folder, change, message):
    weights = load((folder / "weights.safetensors").read_bytes())
    change(weights)
    forge(folder, weights=save(weights))
    with pytest.raises(ModelError, match=f"weights.safetensors does not fit the model.*{message}"):
        read_model(folder)


def test_a_header_that_promises_more_than_there_is(folder):
    header = b'{"head.crf.end":{"dtype":"F32","shape":[1000000000000],"data_offsets":[0,4000000000000]}}'
    forge(folder, weights=len(header).to_bytes(8, "little") + header)
    with pytest.raises(ModelError, match="not what its name says"):
        read_model(folder)
    forge(folder, weights=b"\xff" * 100)
    with pytest.raises(ModelError, match="not what its name says"):
        read_model(folder)


def test_wrong_sizes_are_found_before_tensors_are_read(folder):
    def change(whole, _files):
        whole["architecture"]["encoder"]["hidden"] = 10**12

    forge(folder, change)
    with pytest.raises(ModelError, match=r"encode\.layers\.0\.0\.bias_hh is F32 of 40, expected F32 of 4000000000000"):
        read_model(folder)


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        ({"words": b"a\na\n"}, r"words\.txt:2.*on line 1 already"),
        ({"words": b"a\n\xff\n"}, "not what its name says"),
        ({"chars": b"a\n\n"}, r"chars\.txt:2.*empty line"),
        ({"words": b"a\n"}, "says that 9 words learned, its word list has 1"),
        ({"metrics": b"{"}, "not what its name says"),
    ],
)
def test_texts_that_are_none(folder, contents, message):
    forge(folder, **contents)
    with pytest.raises(ModelError, match=message):
        read_model(folder)


@pytest.mark.parametrize(
    "name",
    [
        "../words.txt",
        "/etc/passwd",
        "a/b",
        "a\\b",
        "",
        ".",
        "..",
        ".hidden",
        "c:words",
        "a\0b",
        "é.txt",
        "a\n",
        7,
        None,
    ],
)
def test_only_plain_names_inside_the_folder(folder, name):
    def by_text(whole, files):
        whole["texts"]["words"] = name
        files[str(name)] = files["words.txt"]

    def by_file(_whole, files):
        files[name] = File("0" * 64, 0)

    for change in (by_text, by_file) if isinstance(name, str) else (by_text,):
        examples.write(folder, replace=True)
        forge(folder, change)
        with pytest.raises(ModelError, match="plain"):
            read_model(folder)
