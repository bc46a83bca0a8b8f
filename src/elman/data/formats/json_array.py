"""Records of JSON, one at a time and in constant memory: of an array, a line each, or one behind the other."""

from __future__ import annotations

import codecs
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from elman.data.formats.encoded import undecodable
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elman.data.formats.files import Source

_CHUNK = 1 << 20
# How near to the end of what is there an error may be so that more text can mend it: a cut literal or escape.
_CUT = 16
# How many characters at fault are set aside at most; with more, the file is not read on.
_LONGEST = 1 << 26
_SPACE = re.compile(r"[ \t\r\n]*")
# Whether a file is an array of records; ["text", {...}] is a record of its own.
_ARRAY = re.compile(rb"\[[ \t\r\n]*[\[{\]]")
_RECURSION = "it nests too deeply"


class Record(NamedTuple):
    """One record: the line that it begins on, counted from 1; its value; the text that it stands as."""

    line: int
    value: Any
    raw: str


def records(source: Source) -> Iterator[Record]:
    """The records of a file that is a JSON array of objects or lists, or has one value a line, or is one value.

    What is at fault goes to ``source.reject``: of lines the line alone; of an array that has its records on
    lines of their own, all up to the next such line.

    Raises:
        DataError: with file and line, where JSON is at fault and nothing says where the next record begins.
    """
    head = source.peek.data.removeprefix(codecs.BOM_UTF8).lstrip(b" \t\r\n")
    if _ARRAY.match(head):
        yield from _Stream(source).values(array=True)
    elif _is_spread(head):
        yield from _Stream(source).values(array=False)
    else:
        yield from _lines(source)


def dumped(value: object, named: str | None) -> str:
    """A record as JSON on one line, without the line feed.

    Args:
        value: what to write.
        named: the id of the document that it is, for messages.

    Raises:
        DataError: if it has what JSON has not.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        try:
            text.encode()
        except UnicodeEncodeError:
            # Lone surrogates are no characters, but a text that has them can still be written, as escapes.
            text = json.dumps(value, allow_nan=False)
            if json.loads(text) != json.loads(json.dumps(value, ensure_ascii=False)):
                raise ValueError("two lone surrogates beside each other would read back as one character") from None
    except (TypeError, ValueError, RecursionError) as error:
        place = "" if named is None else f"document {named!r}: "
        raise DataError(f"{place}cannot be written as JSON: {error}; meta takes JSON's types only") from None
    return text


def _is_spread(head: bytes) -> bool:
    """Whether the first value of a file goes on over further lines."""
    first, found, rest = head.partition(b"\n")
    if not found or first[:1] not in b"{[":
        return False
    try:
        json.loads(first)
    except json.JSONDecodeError as error:
        at_end = error.pos >= len(error.doc.rstrip())
        return at_end and rest.lstrip()[:1] not in (b"{", b"")
    except (ValueError, RecursionError):
        pass
    return False


class _Strict:
    """A decoder that remembers what it met that Python reads, but JSON has not."""

    def __init__(self) -> None:
        self.constants: list[str] = []
        self._decoder = json.JSONDecoder(parse_constant=self._constant)
        self.raw = self._decoder.raw_decode

    def _constant(self, name: str) -> None:
        self.constants.append(name)

    def check(self) -> None:
        """Refuse the value that was read last if it had such a constant."""
        if self.constants:
            name = self.constants[0]
            self.constants.clear()
            raise DataError(f"{name} is not JSON; leave out the number that is not known")

    def whole(self, line: str) -> Any:
        """The value that a line is."""
        self.constants.clear()
        try:
            value = self._decoder.decode(line)
        except RecursionError:
            raise DataError(f"expected a JSON value on each line, got invalid JSON: {_RECURSION}") from None
        except ValueError as error:
            raise DataError(f"expected a JSON value on each line, got invalid JSON: {error}") from None
        self.check()
        return value


def _lines(source: Source) -> Iterator[Record]:
    decoder = _Strict()
    for number, line in source.lines():
        if not line.strip(" \t\r"):
            continue
        try:
            value = decoder.whole(line)
        except DataError as error:
            source.reject(DataError(error.problem, source.name, number), line)
            continue
        yield Record(number, value, line)


class _Stream:
    """A source of JSON values that need not be on lines of their own.

    What has been read of the file and is not yet done with is its window.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._decoder = _Strict()
        self._chunks = _chunks(source)
        self._text = ""
        self._at = 0
        # The lines before the window.
        self._before = 0
        # What indents the records, if they are on lines of their own, and the bracket that they begin with.
        self._indent: str | None = None
        self._opening = ""

    def values(self, array: bool) -> Iterator[Record]:
        """The values, one behind the other or as the items of an array."""
        self._skip()
        if array:
            self._at += 1
        mark = self._skip()
        while mark and not (array and mark == "]"):
            self._opening = self._opening or mark
            try:
                record = self._value()
                if record is not None:
                    yield record
                if array:
                    self._separator()
            except DataError as error:
                if not array:
                    raise
                self._resume(error)
            mark = self._skip()
        if array and mark:
            self._at += 1
            mark = self._skip()
            if mark:
                raise self._error(f"expected nothing after the array, got {mark!r}")

    def _separator(self) -> None:
        """Pass over the comma after a record of an array; before its end there is none."""
        mark = self._skip()
        if mark not in (",", "]"):
            end = f"got {mark!r}" if mark else "the file ends: it has been cut off"
            raise self._error(f"expected a comma or the end of the array after a record, {end}")
        if mark == ",":
            self._at += 1
            if self._skip() in ("]", ""):
                raise self._error("expected a further record after the comma")

    def _skip(self) -> str:
        """Pass over white space; gives the next character, "" at the end."""
        passed = ""
        while True:
            match = _SPACE.match(self._text, self._at)
            if match:
                passed += match.group()
                self._at = match.end()
            if self._at < len(self._text) or not self._more(1):
                break
        if "\n" in passed:
            self._indent = passed.rpartition("\n")[2]
        return self._text[self._at : self._at + 1]

    def _more(self, wanted: int) -> bool:
        """Lengthen the window by at least this many characters; False where the file has no more."""
        self._before += self._text.count("\n", 0, self._at)
        pieces, length = [self._text[self._at :]], 0
        for chunk in self._chunks:
            pieces.append(chunk)
            length += len(chunk)
            if length >= wanted:
                break
        self._text, self._at = "".join(pieces), 0
        return length > 0

    def _advance(self, to: int) -> None:
        """Go to this place; what is before it is dropped once it is long, for lines are counted from there."""
        self._at = to
        if to > _CHUNK >> 4:
            self._before += self._text.count("\n", 0, to)
            self._text, self._at = self._text[to:], 0

    def _value(self) -> Record | None:
        """The value at this place; None if it was rejected."""
        while True:
            self._decoder.constants.clear()
            try:
                value, end = self._decoder.raw(self._text, self._at)
            except json.JSONDecodeError as error:
                cut = error.pos >= len(self._text) - _CUT or error.msg.startswith("Unterminated string")
                if cut and self._more(len(self._text) - self._at):
                    continue
                raise self._error(f"got invalid JSON: {error.msg}", error.pos) from None
            except (ValueError, RecursionError) as error:
                why = _RECURSION if isinstance(error, RecursionError) else error
                raise self._error(f"got invalid JSON: {why}") from None
            # A number may go on in what has not been read.
            if end == len(self._text) and self._more(len(self._text) - self._at):
                continue
            break
        line, raw = self._before + self._text.count("\n", 0, self._at) + 1, self._text[self._at : end]
        self._advance(end)
        try:
            self._decoder.check()
        except DataError as error:
            self._source.reject(DataError(error.problem, self._source.name, line), raw)
            return None
        return Record(line, value, raw)

    def _error(self, problem: str, at: int | None = None) -> DataError:
        line = self._before + self._text.count("\n", 0, self._at if at is None else at) + 1
        return DataError(problem, self._source.name, line)

    def _resume(self, error: DataError) -> None:
        """Set aside what is at fault: all up to the next line that begins as records do, or to the end."""
        border = None if self._indent is None else f"\n{self._indent}{self._opening}"
        at = self._at
        while border is None or (found := self._text.find(border, at)) < 0:
            seen = len(self._text) - self._at
            if seen > _LONGEST:
                raise error
            if not self._more(_CHUNK):
                found = len(self._text)
                break
            at = max(seen - len(border or ""), 0)
        raw = self._text[self._at : found].rstrip().removesuffix(",")
        self._advance(found)
        self._source.reject(error, raw)


def _chunks(source: Source) -> Iterator[str]:
    """The text of a source in pieces of a bounded length, whatever its lines are."""
    decoder = codecs.getincrementaldecoder(source.encoding)()
    line, first = 1, True
    with source.binary() as stream:
        while block := stream.read(_CHUNK):
            if first:
                block = block.removeprefix(codecs.BOM_UTF8)
                first = False
            try:
                yield decoder.decode(block)
            except UnicodeDecodeError as error:
                line += error.object.count(b"\n", 0, error.start)
                raise undecodable(error.object[error.start], source.encoding, source.name, line) from None
            line += block.count(b"\n")
        try:
            yield decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            raise undecodable(error.object[error.start], source.encoding, source.name, line) from None
