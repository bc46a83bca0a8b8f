"""Characters that no text should have: text decoded wrongly, lost and invisible characters."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elman.pipelines.audit.findings import Findings
    from elman.pipelines.audit.unit import Unit

# What the bytes 0x80 to 0xBF are in Windows-1252, or in Latin-1 where that has nothing.
_CONTINUING = "".join(
    sorted({bytes([byte]).decode(coding, "ignore") for byte in range(0x80, 0xC0) for coding in ("cp1252", "latin-1")})
)
_NEXT = f"[{re.escape(_CONTINUING)}]"

# UTF-8 that was read so: é as Ã©, ’ as â€™, emoji as ðŸ..., and runs of Cyrillic, Greek, Hebrew and Arabic, of
# which one letter alone could be meant. É” is the end of a quotation in capitals, so quotes after Ã and Â need more.
_MOJIBAKE = re.compile(
    rf"(?:[ÂÃ](?![“”‘’–—…»](?:\W|$)){_NEXT}|â[€‚„†ˆ‰Š‹Œž™šœ]{_NEXT}|ð[Ÿ\x9f]{_NEXT}{{2}}|ï[»¿¼½]{_NEXT}"
    rf"|(?:[ÐÑ]{_NEXT}){{2}}|(?:[ÎÏ]{_NEXT}){{2}}|(?:×{_NEXT}){{2}}|(?:[ØÙ]{_NEXT}){{2}})+"
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_PLAIN = re.compile(r"[\t\n\r -~]*")


def check_encoding(unit: Unit, findings: Findings) -> None:
    """Report what is wrong with a document's characters."""
    text = unit.text
    if _PLAIN.fullmatch(text):
        return
    taken = []
    for start, end, meant in mojibake(text):
        taken.append(range(start, end))
        findings.add("mojibake", f"{text[start:end]} for {meant}", unit.place(start, end))
    for match in _CONTROL.finditer(text):
        at = match.start()
        if not any(at in piece for piece in taken):
            code = ord(match[0])
            name = unicodedata.name(match[0], "next line" if code == 0x85 else "")
            findings.add("control-character", f"U+{code:04X} {name}".rstrip(), unit.place(at, at + 1))
    for match in _SURROGATE.finditer(text):
        code = ord(match[0])
        findings.add("lone-surrogate", f"U+{code:04X}", unit.place(match.start(), match.end()))
    at = text.find("\ufffd")
    while at >= 0:
        findings.add("replacement-character", "U+FFFD", unit.place(at, at + 1))
        at = text.find("\ufffd", at + 1)


def mojibake(text: str) -> Iterator[tuple[int, int, str]]:
    """Pieces of a text that are UTF-8 read as Windows-1252, each with what it was meant to be."""
    for match in _MOJIBAKE.finditer(text):
        meant = decoded(match[0])
        if meant is not None:
            yield match.start(), match.end(), meant


def decoded(piece: str) -> str | None:
    """A piece decoded as it should have been, several times over if need be; None if it is no UTF-8."""
    try:
        meant = b"".join(map(_byte, piece)).decode()
    except (UnicodeEncodeError, UnicodeDecodeError):
        return None
    return decoded(meant) or meant if _MOJIBAKE.fullmatch(meant) else meant


def _byte(character: str) -> bytes:
    return bytes([ord(character)]) if ord(character) < 0x100 else character.encode("cp1252")
