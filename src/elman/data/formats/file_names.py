"""Names of files for documents, by their ids: safe on every system, and always inside the folder."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LONGEST = 200
"""How many bytes of UTF-8 a part of a name may have; file systems take 255, and suffixes come to it."""

# Separators, drive letters, wildcards, controls, lone surrogates; blanks and dots at the rims; names of devices.
_UNSAFE = re.compile(r'[\\:*?"<>|%\x00-\x1f\x7f\ud800-\udfff]|^[. ]|[. ]$')
_DEVICE = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


def file_name(name: str) -> str:
    """A relative path for a document's id: the id itself if it is one, or it with what is not safe as ``%XX``.

    Slashes make folders. The path has no ``..``, does not begin with a slash and has no empty part.
    """
    parts = [_part(part) for part in name.split("/")]
    if len(parts) > 8:
        parts = [*parts[:8], _short("/".join(parts[8:]).replace("/", "%2F"), LONGEST // 2)]
    return "/".join(parts)


def _part(part: str) -> str:
    if not part:
        return "%"
    safe = _UNSAFE.sub(lambda match: _escaped(match[0]), part)
    if _DEVICE.fullmatch(safe):
        safe = _escaped(safe[0]) + safe[1:]
    return _short(safe, LONGEST)


def _escaped(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))


def _short(part: str, longest: int) -> str:
    """The part itself, or its beginning and a digest of it all."""
    encoded = part.encode()
    if len(encoded) <= longest:
        return part
    return encoded[: longest - 17].decode("utf-8", "ignore") + "~" + blake2b(encoded, digest_size=8).hexdigest()


def free_path(folder: Path, name: str, suffixes: Sequence[str]) -> Path:
    """The path, without suffix, of a document in a folder; a number comes to it if there are such files already.

    Args:
        folder: where to write.
        name: the document's id, whatever it is.
        suffixes: those of the files that will be written.
    """
    *folders, last = file_name(name).split("/")
    place = folder
    for part in folders:
        place /= part
        while place.exists() and not place.is_dir():
            place = place.with_name(place.name + "-2")
    place.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        path = place / (last if number == 1 else f"{last}-{number}")
        if not any(path.with_name(path.name + suffix).exists() for suffix in suffixes):
            return path
        number += 1
