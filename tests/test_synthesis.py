import os
import subprocess
import sys
from itertools import islice

import pytest

pytest.importorskip("faker")

from faker import Faker

from elman.data.slots import SLOTS, Maker, luhn
from elman.data.synthesis import SHIPPED, Synthesis, read_templates
from elman.errors import DataError, UsageError

LOCALES = ["en_US", "de_DE", "fr_FR", "es_ES", "ja_JP", "ru_RU", "en_PH"]


def made(maker, name, times=30):
    for seed in range(times):
        maker.seed(seed)
        yield SLOTS[name].make(maker, None).strip()


def test_a_document_depends_on_the_seed_and_its_number_alone():
    one, other = Synthesis(["en_US", "de_DE"]), Synthesis(["en_US", "de_DE"])
    many = list(one.documents(20, seed=4))
    assert list(islice(other.documents(seed=4), 20)) == many
    assert other.document(11, seed=4) == many[11]
    assert [document.text for document in one.documents(20, seed=5)] != [document.text for document in many]


def test_the_same_corpus_comes_of_another_process():
    program = (
        "from elman.data.synthesis import Synthesis\n"
        "import hashlib\n"
        "made = list(Synthesis(['en_US', 'sv_SE', 'ja_JP']).documents(30))\n"
        "print(hashlib.sha256(repr(made).encode()).hexdigest())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert len(outputs) == 1


@pytest.mark.parametrize("locale", LOCALES)
def test_every_slot_is_filled_in_every_locale(locale):
    maker = Maker(Faker(locale), locale)
    for name in SLOTS:
        values = list(made(maker, name, 5))
        assert all(values), name
        assert len(set(values)) > 1, name


@pytest.mark.parametrize("locale", LOCALES)
def test_spans_cover_what_was_filled_in(locale):
    for document in Synthesis([locale]).documents(60):
        assert "{{" not in document.text
        assert document.meta["locale"] == locale
        for span in document.spans:
            surface = document.surface(span)
            assert surface == surface.strip()
            assert (span.label != "EMAIL") or "@" in surface


def test_checksums_are_valid_where_they_have_to_be_and_only_there():
    maker = Maker(Faker("de_DE"), "de_DE")
    for number in made(maker, "IBAN"):
        bare = number.replace(" ", "")
        assert int("".join(str(int(sign, 36)) for sign in bare[4:] + bare[:4])) % 97 == 1
    assert all(luhn(number) for number in made(maker, "CREDIT_CARD"))
    assert not any(luhn(number) for number in made(maker, "card_like"))


def test_the_share_of_negatives_and_what_they_look_like():
    documents = list(Synthesis(negatives=0.3).documents(300))
    assert 60 < sum(not document.spans for document in documents) < 120
    assert not any(document.spans for document in Synthesis(negatives=1).documents(20))
    assert all(document.spans for document in Synthesis(negatives=0).documents(50))


def test_only_the_labels_asked_for_are_given():
    documents = list(Synthesis(labels=["EMAIL"], negatives=0).documents(30))
    assert {span.label for document in documents for span in document.spans} == {"EMAIL"}
    assert all(document.spans for document in documents)


def test_own_templates_share_persons_and_take_fakers_makers(tmp_path):
    path = tmp_path / "own.txt"
    path.write_text(
        "{{PERSON#a}}: {{COLOUR=color_name}} {{word}}, {{FIRST_NAME#a}} {\n--- kind=x\n\nonly {{version}}\n"
    )
    documents = list(Synthesis(templates=path, negatives=0.5).documents(20))
    for document in documents:
        if document.spans:
            person, colour, first = document.spans
            assert [person.label, colour.label, first.label] == ["PERSON", "COLOUR", "PERSON"]
            assert document.surface(first) in document.surface(person)
            assert document.meta["template"] == "own.txt:1"
        else:
            assert document.text.startswith("only ")
            assert (document.meta["kind"], document.meta["template"]) == ("x", "own.txt:4")


def test_templates_in_jsonl(tmp_path):
    path = tmp_path / "own.jsonl"
    path.write_text('{"text": "Hallo {{PERSON}}\\n--- x", "language": "de", "tone": 1}\n')
    (template,) = read_templates(path)
    assert (template.language, template.meta, template.labels) == ("de", {"tone": 1}, {"PERSON"})
    (document,) = Synthesis(["de_DE"], path, negatives=0).documents(1)
    assert document.text.endswith("\n--- x")


@pytest.mark.parametrize(
    ("name", "content", "line", "problem"),
    [
        ("a.txt", "Dear\n{{PERSN}}", 2, r"there is no slot \{\{PERSN\}\}; there are PERSON, FIRST_NAME"),
        ("a.txt", "{{PERSON}}\n---\n\nDear\n{{nothing_at_all}}", 5, "no maker of that name in Faker for en_US"),
        ("a.txt", "{{PERSON}} {{date_this_year}}", 1, "look at the clock"),
        ("a.txt", "{{PERSON}}\n{{simple profile}}", 2, "is no slot"),
        ("a.txt", "{{PERSON}}\n{{words}}", 2, "gives a list, expected text"),
        ("a.txt", "{{PERSON}}\nand {{PERSON", 2, "do not enclose a slot"),
        ("a.txt", "--- letter\n{{PERSON}}", 1, "expected KEY=VALUE"),
        ("a.txt", "\n---\n", None, "has no template"),
        ("a.txt", "no slot", None, "has a label"),
        ("a.jsonl", '{"text": "{{PERSON}}"}\n[]', 2, 'an object with "text"'),
        ("a.jsonl", '{"text": ', 1, "invalid JSON"),
        ("a.jsonl", '{"text": "{{PERSON}}"}\n\n{"text": "{{PERSN}}"}', 3, "there is no slot"),
    ],
)
def test_templates_at_fault(tmp_path, name, content, line, problem):
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises((DataError, UsageError), match=problem) as caught:
        Synthesis(templates=path)
    if line is not None:
        assert str(caught.value).startswith(f"{path}:{line}: ")


def test_bad_arguments():
    with pytest.raises(UsageError, match=r"no locale 'xx_XX'; it has .*en_US"):
        Synthesis(["xx_XX"])
    with pytest.raises(UsageError, match="no template for en_US has the label HOBBY; there are ADDRESS"):
        Synthesis(labels=["HOBBY"])
    with pytest.raises(UsageError, match="between 0 and 1"):
        Synthesis(negatives=2)
    with pytest.raises(DataError, match="No such file"):
        Synthesis(templates=SHIPPED / "none.txt")


def test_a_language_without_templates_is_said():
    synthesis = Synthesis(["ja_JP"])
    assert synthesis.notes == ["there are no templates in the language of ja_JP; those in en are filled"]
