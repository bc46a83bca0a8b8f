"""Where in MISC of CoNLL-U the tags are, and which columns are worth keeping."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from elman.data.formats.conllu_rows import EMPTY, FIELDS, MISC, Misc, Row, Word, escape, unescape
from elman.data.formats.conllu_writing import ROWS
from elman.data.formats.tagged import is_tag
from elman.data.schemes import OUTSIDE
from elman.data.unknown import MARK

if TYPE_CHECKING:
    from collections.abc import Iterable

KEYS = ("ner", "ne", "name", "tag", "entity")
"""The keys in MISC, in any case, under which tags are looked for."""

_BARE_KEYS = ("ner", "ne")
_TAGS = 0.9


class Key(NamedTuple):
    """Where the tags are: the key, None if there is none; whether O is written; and the evidence."""

    name: str | None
    explicit: bool
    evidence: str


def find_key(given: Iterable[Row], said: str | None) -> Key:
    """Find out under which key the tags are."""
    values: dict[str, Counter[str]] = {}
    for row in given:
        for name, value in row.misc.entries:
            if value is not None and (name == said or (said is None and name.lower() in KEYS)):
                values.setdefault(name, Counter())[unescape(value)] += 1
    if said is not None:
        seen = values.get(said, Counter())
        return Key(said, OUTSIDE in seen, f"tags are under {said} in MISC, as was said")
    best: Key | None = None
    most = 0
    for name, seen in values.items():
        total = seen.total()
        tags = sum(count for value, count in seen.items() if is_tag(escape(value)))
        bare = name.lower() in _BARE_KEYS and not any(mark in value for value in seen for mark in "()")
        if (tags >= _TAGS * total or bare) and total > most:
            most, best = total, Key(name, OUTSIDE in seen, f"tags are under {name} in MISC ({total:,} in the head)")
    return best or Key(None, False, "no key in MISC has tags, so there are no spans; name the key if one has")


def used_columns(given: Iterable[Row], key: str | None) -> tuple[str, ...]:
    """The columns that have something in the head."""
    used = set()
    for row in given:
        if row.kind:
            used.add(ROWS)
        if row.misc.rest(key) != EMPTY:
            used.add(MISC)
        used.update(name for name, cell in zip(FIELDS, row.cells[2:], strict=False) if cell != EMPTY)
    return tuple(name for name in (*FIELDS, MISC, ROWS) if name in used)


def tags_of(found: Iterable[Word], key: Key) -> tuple[list[str], list[int]]:
    """The tags of a sentence, and of each tag the index of its token: a range has as many as it has words."""
    tags, at = [], []
    for index, word in enumerate(found):
        for row in word.tagged:
            value = row.misc.get(key.name) if key.name else None
            tags.append(unescape(value) if value else MARK if key.explicit else OUTSIDE)
            at.append(index)
    return tags, at


def rows_around(word: Word, key: str | None) -> str:
    """The rows around a token that are no tokens, an empty one in the place of its own; ``_`` if there are none."""
    if not word.before and not word.after:
        return EMPTY
    before, after = (["\t".join(_untagged(row, key)) for row in part] for part in (word.before, word.after))
    return escape("\n".join((*before, "", *after)))


def _untagged(row: Row, key: str | None) -> list[str]:
    """The cells of a row without its tag."""
    return [*row.cells[:-1], Misc(row.cells[-1]).without(key) if key else row.cells[-1]]
