"""Options of formats: their names, what they are by default, and their values where they come as text."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from elman.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_ESCAPES = {r"\t": "\t", r"\n": "\n"}
_LISTS = ("Sequence", "tuple", "list", "Iterable", "Collection")


class Option(NamedTuple):
    """An option of a reader or a writer.

    Attributes:
        name: the keyword.
        default: its value if nothing is said.
        kind: its annotation, as text.
    """

    name: str
    default: object
    kind: str


def options_of(function: Callable[..., object] | None) -> dict[str, Option]:
    """The options that a reader or writer takes, by name: its keyword-only parameters."""
    if function is None:
        return {}
    return {
        name: Option(name, parameter.default, str(parameter.annotation))
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    }


def checked(doing: str, function: Callable[..., object] | None, given: Mapping[str, object]) -> dict[str, Any]:
    """The options as the function takes them; text stands for numbers, truth values and lists too.

    Args:
        doing: such as ``read conll``, for the message.
        function: the reader or writer.
        given: the options.

    Raises:
        UsageError: if there is no such option, or its value is not of its kind.
    """
    known = options_of(function)
    unknown = [name for name in given if name not in known]
    if unknown:
        listed = f"it has {', '.join(known)}" if known else "it has none"
        raise UsageError(f"to {doing} there is no option {', '.join(unknown)}; {listed}")
    return {
        name: _value(doing, known[name], value) if isinstance(value, str) else value for name, value in given.items()
    }


def _value(doing: str, option: Option, text: str) -> object:
    """A value that came as text, as what the option is."""
    words = set(re.findall(r"\w+", option.kind))
    if "Callable" in words:
        raise UsageError(f"to {doing} the option {option.name} can be given in Python only")
    if "str" in words and not words & {"int", *_LISTS, "Mapping", "dict"}:
        return _ESCAPES.get(text, text)
    try:
        if "bool" in words:
            return _TRUTH[text.lower()]
        if words & {"Mapping", "dict"}:
            return dict(part.split("=", 1) for part in text.split(",") if part)
        if words.intersection(_LISTS):
            parts = [part for part in text.split(",") if part]
            return [int(part) for part in parts] if "int" in words else parts
        if "int" in words and not ("str" in words and not text.lstrip("-").isdigit()):
            return int(text)
        if "float" in words:
            return float(text)
    except (ValueError, KeyError):
        raise UsageError(f"to {doing} the option {option.name} has to be {option.kind}, got {text!r}") from None
    return text
