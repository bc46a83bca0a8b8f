"""Read every labelled data set and compare what was read with what its SOURCE.md says.

Usage: ``python benchmarks/datasets.py [--out FILE]``. Data: the folder that the environment variable ELMAN_DATA
names. One row a set and split: the format as it was found out, the options that were needed, what was read,
what SOURCE.md says, whether the two are equal, and the reason where they are not. Exits with 1 if figures
differ without a reason.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

import _needs
from elman.data.formats import read
from elman.errors import ElmanError

DATA = Path(os.environ.get("ELMAN_DATA", Path(__file__).parents[2] / "shared" / "data"))
RESULTS = Path(__file__).parent / "results"

ORPHANS: dict[str, object] = {"repair": "conlleval"}


class Part(NamedTuple):
    """A split of a set.

    Attributes:
        path: within the data folder.
        told: what SOURCE.md says, by what it counts.
        options: that reading needs.
        reason: why what is read differs from that.
    """

    path: str
    told: dict[str, int]
    options: dict[str, object] = {}  # noqa: RUF012  # never changed
    reason: str = ""


def counts(sentences: int, tokens: int, spans: int) -> dict[str, int]:
    return {"sentences": sentences, "tokens": tokens, "spans": spans}


def brat(documents: int, characters: int, spans: int, relations: int) -> dict[str, int]:
    return {"documents": documents, "characters": characters, "spans": spans, "relations": relations}


def labels(spans: tuple[int, int, int], relations: tuple[int, int], documents: int) -> dict[str, int]:
    names = ("Process", "Material", "Task")
    told = {"documents": documents, **{f"spans {name}": count for name, count in zip(names, spans, strict=True)}}
    return told | {
        f"relations {name}": count for name, count in zip(("Hyponym-of", "Synonym-of"), relations, strict=True)
    }


FRAGMENTS = "SOURCE.md counts lines; a span in fragments with text between them becomes a span for each fragment"
PAIRS = "SOURCE.md counts lines; a line that makes three or more spans equal becomes a relation from each to the next"
PARTS = (
    Part("bc5cdr-iob/train.tsv", counts(4560, 118170, 9385)),
    Part("bc5cdr-iob/devel.tsv", counts(4581, 117453, 9593)),
    Part("bc5cdr-iob/test.tsv", counts(4797, 124750, 9809)),
    Part("cleanconll/data/cleanconll_annotations/cleanconll_annotations.dev", {"spans": 5966}, ORPHANS),
    Part("cleanconll/data/cleanconll_annotations/cleanconll_annotations.test", {"spans": 5725}, ORPHANS),
    Part("conll04-rel/train.txt", {"sentences": 910, "tokens": 26804}, ORPHANS),
    Part("conll04-rel/dev.txt", {"sentences": 243, "tokens": 6975}),
    Part("conll04-rel/test.txt", {"sentences": 288, "tokens": 8408}),
    Part("conll04-rel/spert-json/conll04_train.json", {"sentences": 922, "spans": 3377, "relations": 1283}),
    Part("conll04-rel/spert-json/conll04_dev.json", {"sentences": 231, "spans": 893, "relations": 343}),
    Part("conll04-rel/spert-json/conll04_test.json", {"sentences": 288, "spans": 1079, "relations": 422}),
    Part("conll04-rel/spert-json/conll04_train_dev.json", {"sentences": 1153}),
    Part("conll2003-en/train.txt", counts(14041, 203621, 23499)),
    Part("conll2003-en/valid.txt", counts(3250, 51362, 5942)),
    Part("conll2003-en/test.txt", counts(3453, 46435, 5648)),
    Part("factrueval-2016/devset", {"documents": 122, "tokens": 30940, "spans": 2611}),
    Part("factrueval-2016/testset", {"documents": 132, "tokens": 59382, "spans": 5019}),
    Part("germeval2014/NER-de-dev.tsv", counts(2200, 41653, 2674) | {"spans in entities/2": 212}),
    Part("germeval2014/NER-de-test.tsv", counts(5100, 96499, 6178) | {"spans in entities/2": 515}),
    Part("gum-ner/gum-train.conll", counts(2495, 44111, 8285)),
    Part("gum-ner/gum-test.conll", counts(1000, 18236, 3439)),
    Part("nerel/NEREL-v1.1/train", brat(746, 1210575, 44867, 31388), reason=FRAGMENTS),
    Part("nerel/NEREL-v1.1/dev", brat(94, 143298, 5590, 4012), reason=FRAGMENTS),
    Part("nerel/NEREL-v1.1/test", brat(93, 157083, 5827, 4096), reason=FRAGMENTS),
    Part("pii-presidio/synth_dataset_v2.json", {"documents": 1500, "spans": 2863, "labels of spans": 17}),
    Part("pii-presidio/generated_large.json", {"documents": 2109, "spans": 4055, "labels of spans": 15}),
    Part("pii-presidio/generated_small.json", {"documents": 100, "spans": 173}),
    Part("scienceie2017/train", labels((2992, 2608, 1132), (420, 253), 350), reason=PAIRS),
    Part("scienceie2017/dev", labels((458, 567, 137), (123, 45), 50)),
    Part("scienceie2017/test", labels((954, 904, 194), (95, 112), 100), reason=PAIRS),
    Part("scierc/ner/train.txt", counts(1861, 45412, 5572)),
    Part("scierc/ner/dev.txt", counts(275, 6521, 808)),
    Part("scierc/ner/test.txt", counts(551, 13401, 1683)),
    Part("scierc/relations/train.txt", {"documents": 3219, "relations": 3219, "labels of relations": 7}),
    Part("scierc/relations/dev.txt", {"documents": 455, "relations": 455}),
    Part("scierc/relations/test.txt", {"documents": 974, "relations": 974}),
    Part("sec-filings/FIN5.txt", counts(1164, 41010, 1168)),
    Part("sec-filings/FIN3.txt", counts(303, 13246, 318)),
    Part("sst/stsa.binary.train", {"documents": 6920}),
    Part("sst/stsa.binary.dev", {"documents": 872}),
    Part("sst/stsa.binary.test", {"documents": 1821}),
    Part("sst/stsa.fine.train", {"documents": 8544}),
    Part("sst/stsa.fine.dev", {"documents": 1101}),
    Part("sst/stsa.fine.test", {"documents": 2210}),
    Part("trec-questions/TREC.train.all", {"documents": 5452}, {"encoding": "latin-1"}),
    Part("trec-questions/TREC.test.all", {"documents": 500}),
    Part("trec-questions/raw/TREC.train", {"documents": 5452}, {"encoding": "latin-1"}),
    Part("trec-questions/raw/TREC.test", {"documents": 500}),
    Part("ud-english-ewt/en_ewt-ud-train.conllu", {"sentences": 12544, "tokens": 204577}),
    Part("ud-english-ewt/en_ewt-ud-dev.conllu", {"sentences": 2001, "tokens": 25147}),
    Part("ud-english-ewt/en_ewt-ud-test.conllu", {"sentences": 2077, "tokens": 25094}),
    Part("wikineural/en/val.conllu", counts(11590, 267839, 19621), ORPHANS),
    Part("wikineural/en/test.conllu", counts(11597, 267155, 19675), ORPHANS),
    Part("wikineural/ru/val.conllu", counts(11540, 216818, 18210), ORPHANS),
    Part("wikineural/ru/test.conllu", counts(11580, 217392, 18098), ORPHANS),
    Part("wnut17/wnut17train.conll", counts(3394, 62730, 1975)),
    Part("wnut17/emerging.dev.conll", counts(1009, 15733, 836)),
    Part("wnut17/emerging.test.annotated", counts(1287, 23394, 1079)),
    *(
        Part(f"wnut17/submissions/{name}", {"sentences": 1287, "tokens": 23394}, options)
        for name, options in (
            ("arcada", {}),
            ("drexel_cci", {}),
            ("flytxt", {}),
            ("mic-cis.txt", ORPHANS),
            ("sjtu_adapt.txt", {}),
            ("spinningbytes.txt", ORPHANS),
            ("uh_ritual", {}),
        )
    ),
)
OTHERS = {
    "sroie": "boxes and key fields without offsets: which piece of the text a field is, is what is to be learned",
    "cmudict": "words and their sounds: pairs of sequences, not of one length",
    "fsdd": "sound",
    "multi30k": "translations: no labels",
    "stock-prices": "numbers",
    "ucr-uea-timeseries": "numeric series",
    "lm-bbc-news, lm-reuters-c50, lm-reuters21578, lm-wnut17-raw": "raw text",
}


def measured(part: Part) -> dict[str, Any]:
    """What was read of a split, and how it compares."""
    rejects: list[object] = []
    started = time.perf_counter()
    reading = read(DATA / part.path, rejects=rejects.append, **part.options)  # type: ignore[arg-type]
    found: Counter[str] = Counter()
    kinds: dict[str, set[str]] = {"labels of spans": set(), "labels of relations": set()}
    for document in reading:
        found["documents"] += 1
        found["characters"] += len(document.text)
        found["relations"] += len(document.relations)
        if document.tokens is not None:
            found["tokens"] += len(document.tokens)
            found["sentences"] += len(document.tokens.sentences)
        for span in document.spans:
            found["spans" if span.layer == "entities" else f"spans in {span.layer}"] += 1
            found[f"spans {span.label}"] += 1
            kinds["labels of spans"].add(span.label)
        for relation in document.relations:
            found[f"relations {relation.label}"] += 1
            kinds["labels of relations"].add(relation.label)
    found.update({name: len(values) for name, values in kinds.items()})
    report = reading.report
    seen = {name: found[name] for name in part.told}
    return {
        "set": part.path.partition("/")[0],
        "part": part.path.partition("/")[2],
        "format": report.format,
        "evidence": report.format_evidence,
        "scheme": report.scheme,
        "options": part.options,
        "documents": found["documents"],
        "sentences": found["sentences"],
        "tokens": found["tokens"],
        "spans": found["spans"],
        "relations": found["relations"],
        "repaired_tags": report.repairs,
        "rejected": len(rejects),
        "notes": report.notes,
        "read": seen,
        "source_md": part.told,
        "equal": seen == part.told,
        "reason": part.reason,
        "seconds": round(time.perf_counter() - started, 2),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=RESULTS / f"datasets-{datetime.date.today()}.json")
    parser.add_argument("--only", default="", help="the beginning of the paths to read")
    arguments = parser.parse_args()
    _needs.data(DATA)
    rows = []
    table = Table("set", "part", "format", "options", "documents", "tokens", "spans", "relations", "equal", "reason")
    for part in PARTS:
        if not part.path.startswith(arguments.only):
            continue
        try:
            row = measured(part)
        except ElmanError as error:
            row = {"set": part.path.partition("/")[0], "part": part.path, "equal": False, "error": str(error)[:500]}
            row |= {"source_md": part.told, "reason": part.reason}
        rows.append(row)
        options = ", ".join(f"{key}={value}" for key, value in part.options.items())
        wrong = "" if row["equal"] else f"{row.get('read', row.get('error'))} for {part.told} {part.reason}"
        cells = [f"{row.get(key, 0):,}" for key in ("documents", "tokens", "spans", "relations")]
        table.add_row(
            row["set"], row["part"], row.get("format"), options, *cells, "yes" if row["equal"] else "NO", wrong
        )
    Console(width=200).print(table)
    for name, reason in OTHERS.items():
        print(f"{name}: {reason}")
    arguments.out.write_text(
        json.dumps({"date": str(datetime.date.today()), "rows": rows, "not_read": OTHERS}, indent=1, ensure_ascii=False)
        + "\n"
    )
    return 0 if all(row["equal"] or row["reason"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
