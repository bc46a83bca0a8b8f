"""Write ``formats.md`` beside this file: the page's text, and a table made of the formats as they are.

python docs/reference/formats.py
"""

from __future__ import annotations

from pathlib import Path

from elman.data.formats import FORMATS
from elman.data.formats.format import HOLDS, Format
from elman.data.formats.options import Option, options_of

PAGE = Path(__file__).with_suffix(".md")

TEXT = """\
# Formats

`elman convert SRC... DST` turns any of these into any other, `elman.read(path)` and `elman.write(documents, path)` do
the like in Python. This page is written by `docs/reference/formats.py`; write a format's facts into its module.

## How a format is found
By content; only if that leaves it open, by the suffix of the name. What was found and why is told on standard error
and is in `report.format_evidence`. `--from NAME` and `--to NAME` say it. Of formats that share a suffix, the first in
the table is written.

Files in `.gz`, `.bz2`, `.xz` and `.zst` (`pip install "elman[zstd]"`) are read as what is in them, and written by the
suffix of the name. A `.zip` of several files, and a folder that is in no folder's format, are read file by file, and
an option goes to the files whose format has it.

## What a format cannot hold
`holds` in the table says what a format can express. What it cannot is said before it is written, and is in the
account afterwards: documents, sentences, tokens, spans, relations, regions, labels, scores, ids, entries of meta and
columns, each kept, moved, split, joined or refused, with the reason, and the place of the first of each. The account
of a stage is what the stage before it made; `elman convert` checks that itself and writes nothing if it is not so.
`--ledger FILE.json` writes the account as JSON (`"schema": "elman.convert/1"`). Under `--strict` nothing is written,
and the exit code is 1, if anything is refused. Ids that a reader made up (the file's name and a number) do not count.

## Spans that overlap
`--overlap keep`, the default, keeps all where the target can hold them, and elsewhere the longest. `longest` and
`first` keep one of those that overlap, `error` refuses them. `layers` spreads them over flat layers `entities`,
`entities/2` and so on, the outermost first, and `merge` puts them back on one. Columns have a column for each layer
with `--set write.layers=entities,entities/2`, and one of them with `--layer entities/2`. A model learns one layer
(`elman train --overlap layers --layer entities/2`), and `elman tag` leaves the spans of all others where they are, so
what one model has tagged another can add to.

## Texts without tokens
A text without tokens gets those of `elman.text` where the target needs tokens; they are counted as added.

## Records at fault
They do not stop a conversion. They go to `DST.rejects.jsonl`, or to `--rejects FILE`: a line of JSON each, with
`file`, `line`, `problem` and `raw`. Under `--strict` nothing is written if there are any. If all are at fault, that is
an error, and the exit code is 2.

A document that the target cannot hold at all (a token with a blank in columns cut by blanks, say) goes there too, as a
line of JSONL that can be mended and converted for itself. The files are then read a second time, and each document is
tried before it is written; that cannot be done with standard input and output, where it is an error.

## Options
An option of the source's format is `--set read.NAME=VALUE`, one of the target's `--set write.NAME=VALUE`; in Python
they are keywords of `read` and `write`. Lists are written with commas, a tab as `\\t`, truth values as `yes` and `no`.
Some have a name of their own: `--scheme`, `--repair`, `--overlap`, `--partial`, `--layer`, `--offsets`.

Wherever a file's format is named, `--format` of `train` and `evaluate` included, and in Python, options to read may
stand behind it: `csv:text=headline,label=topic`, `conll:column=2`. All formats have the option `encoding` there:
`conll:encoding=latin-1`.

## Formats of other packages
A package adds a format by an entry point in the group `elman.formats`, each an `elman.data.formats.format.Format`:

```toml
[project.entry-points."elman.formats"]
ours = "our_package.our_format:OURS"
```

One of Elman's own is a module in `elman/data/formats` and a line in `registry.py`.

## All formats
"""


def page() -> str:
    """The page."""
    rows = ["| format | what it is | suffixes | holds | options to read | options to write |", "| --- " * 6 + "|"]
    rows += [row(entry) for entry in FORMATS.values()]
    return TEXT + "\n".join(rows) + "\n"


def row(entry: Format) -> str:
    """The row of a format."""
    use = "" if entry.read and entry.write else " (read only)" if entry.read else " (written only)"
    lacks = sorted(HOLDS - entry.holds)
    holds = f"all but {', '.join(lacks)}" if 0 < len(lacks) < 5 else ", ".join(sorted(entry.holds)) or "nothing"
    cells = (
        f"`{entry.name}`{use}",
        entry.description + (", a folder" if entry.container == "folder" else ""),
        " ".join(f"`{suffix}`" for suffix in entry.suffixes),
        holds if lacks else "everything",
        ", ".join(map(shown, options_of(entry.read).values())),
        ", ".join(map(shown, options_of(entry.write).values())),
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def shown(option: Option) -> str:
    """An option with its default, if that says anything."""
    default = option.default
    plain = default is None or default == "" or not isinstance(default, str | int | float)
    value = {"\t": r"\t", " ": "a space"}.get(default, default) if isinstance(default, str) else default
    return f"`{option.name}`" if plain else f"`{option.name}={value}`"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
