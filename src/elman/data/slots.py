"""What fills the slots of templates: personal data, and what only looks like it, in any of Faker's locales.

Nothing here looks at the clock or at chance other than Faker's own, so that a seed gives the same values on any day.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from random import Random

    from faker import Faker

_FAMILY_FIRST = {"hu", "ja", "ko", "vi", "zh"}
_NO_SPACE = {"ko", "zh"}
_DAY_FIRST = date(1940, 1, 1)
_BORN_UNTIL = date(2007, 12, 31)
_EVENTS_FROM, _EVENTS_UNTIL = date(2015, 1, 1), date(2030, 12, 31)
_MONTH_FIRST = {"en_US", "en_PH", "fil_PH", "tl_PH"}
_ISO_FIRST = {"ja", "ko", "zh", "hu", "lt", "sv"}
_NUMERALS = {"de": ".", "en": "/", "fr": "/", "es": "/", "it": "/", "nl": "-"}

# Faker counts these from today; the same shapes, from a date of ours.
_ID_PATTERNS = {
    "et_EE": "3%y%m%d####",
    "fi_FI": "%d%m%y-###?",
    "lv_LV": "%d%m%y-#####",
    "no_NO": "%d%m%y#####",
    "sv_SE": "%y%m%d-####",
    "zh_CN": "######%Y%m%d####",
}


class Persona(NamedTuple):
    """One person, so that a letter's sender, its signature and the address in between fit together."""

    first: str
    last: str
    full: str
    local: str


class Maker:
    """Makes values in one locale; what it makes depends on the seed that it was last given, and on the order.

    Args:
        fake: of that locale.
        locale: such as ``de_DE``.
    """

    def __init__(self, fake: Faker, locale: str) -> None:
        self.fake: Any = fake
        self.locale = locale
        self.language = locale.partition("_")[0]
        self._personas: dict[str, Persona] = {}

    def seed(self, seed: int) -> None:
        """Begin a document."""
        self.fake.seed_instance(seed)
        self._personas = {}

    @property
    def random(self) -> Random:
        """Chance, as Faker's own values draw on it."""
        random: Random = self.fake.random
        return random

    def persona(self, key: str | None) -> Persona:
        """The person of a key, the same within a document; without a key a new one."""
        if key is None:
            return self._new_persona()
        if key not in self._personas:
            self._personas[key] = self._new_persona()
        return self._personas[key]

    def _new_persona(self) -> Persona:
        gender = self.random.choice(("female", "male"))
        first = str(getattr(self.fake, f"first_name_{gender}")()).strip()
        last = str(getattr(self.fake, f"last_name_{gender}")()).strip()
        between = "" if self.language in _NO_SPACE else " "
        full = between.join((last, first) if self.language in _FAMILY_FIRST else (first, last))
        latin = [_latin(name) for name in (first, last)]
        if all(latin):
            local = self.random.choice(("{0}.{1}", "{0[0]}.{1}", "{1}.{0}", "{0}_{1}", "{0}{1}", "{0[0]}{1}"))
            return Persona(first, last, full, local.format(*latin))
        return Persona(first, last, full, str(self.fake.user_name()))

    def day(self, first: date, last: date) -> date:
        """A day from the first to the last."""
        return first + timedelta(self.random.randint(0, (last - first).days))

    def written(self, day: date) -> str:
        """A day as it is written there: figures mostly, in the usual order, now and then ISO 8601."""
        mark = _NUMERALS.get(self.language, ".")
        if self.language in _ISO_FIRST or self.random.random() < 0.15:
            return day.isoformat()
        order = "%m{0}%d{0}%Y" if self.locale in _MONTH_FIRST else "%d{0}%m{0}%Y"
        text = day.strftime(order.format(mark))
        if self.random.random() < 0.3:
            text = re.sub(rf"(^|\{mark})0", r"\1", text)
        return text

    def figures(self, *patterns: str) -> str:
        """One of the patterns with # made a figure, and % one that is not 0."""
        return str(self.fake.numerify(self.random.choice(patterns)))


def _latin(name: str) -> str:
    """A name as it stands in an e-mail address; "" if it is in another script."""
    for mark, letters in (("ß", "ss"), ("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ø", "o"), ("æ", "ae"), ("ł", "l")):
        name = name.lower().replace(mark, letters)
    folded = unicodedata.normalize("NFKD", name)
    bare = "".join(letter for letter in folded if not unicodedata.combining(letter) and letter not in " '’.-")
    return bare if bare.isascii() and bare.isalnum() else ""


Make = Callable[[Maker, "str | None"], str]
"""Makes a value; the second argument is the slot's key, which slots that fit together share."""


class Slot(NamedTuple):
    """What may stand in double braces.

    Attributes:
        label: of the span; None if what is filled in gets none.
        make: its value.
    """

    label: str | None
    make: Make


def _person(maker: Maker, key: str | None) -> str:
    persona = maker.persona(key)
    turn = maker.random.random()
    if maker.language in _FAMILY_FIRST or key is not None or turn < 0.8:
        return persona.full
    if turn < 0.87:
        return f"{persona.last}, {persona.first}"
    return f"{persona.first[0]}. {persona.last}" if turn < 0.94 else f"{persona.first} {persona.last.upper()}"


def _email(maker: Maker, key: str | None) -> str:
    local = maker.persona(key).local
    number = str(maker.random.randint(1, 99)) if maker.random.random() < 0.25 else ""
    domain = maker.fake.free_email_domain() if maker.random.random() < 0.5 else maker.fake.domain_name()
    return f"{local}{number}@{domain}"


def _phone(maker: Maker, _: str | None) -> str:
    # In the Philippines Faker has numbers of mobile phones and of others, but none of any phone.
    make = getattr(maker.fake, "phone_number", None) or maker.fake.mobile_number
    return _line(make())


def _line(text: str) -> str:
    return ", ".join(line.strip(" ,") for line in text.splitlines() if line.strip(" ,"))


def _block(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _spaced(maker: Maker, text: str) -> str:
    """In groups of four, as people write it, or as it is."""
    if not text.isalnum() or maker.random.random() < 0.5:
        return text
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def _card(maker: Maker, _: str | None) -> str:
    number = str(maker.fake.credit_card_number())
    between = maker.random.choice(("", " ", "-"))
    return between.join(number[at : at + 4] for at in range(0, len(number), 4)) if len(number) == 16 else number


def _id(maker: Maker, _: str | None) -> str:
    pattern = _ID_PATTERNS.get(maker.locale)
    if pattern is None:
        return str(maker.fake.ssn())
    return str(maker.fake.bothify(maker.day(_DAY_FIRST, _BORN_UNTIL).strftime(pattern), "ABCDEFHJKLMNPRSTUVWXY"))


def luhn(number: str) -> bool:
    """Whether the figures of a number have the check figure of payment cards (ISO/IEC 7812-1)."""
    figures = [int(figure) for figure in reversed(number) if figure.isdigit()]
    doubled = (sum(divmod(2 * figure, 10)) for figure in figures[1::2])
    return (sum(figures[::2]) + sum(doubled)) % 10 == 0


def _no_card(maker: Maker, _: str | None) -> str:
    """Sixteen figures that are no card's."""
    number = maker.figures("%### #### #### ####", "%###############", "%###-####-####-####")
    return number if not luhn(number) else number[:-1] + str((int(number[-1]) + 1) % 10)


def _amount(maker: Maker, _: str | None) -> str:
    large = maker.random.random() < 0.4
    number = maker.random.randint(10**11, 10**15) if large else maker.random.randint(100, 9_999_999)
    whole, cents = f"{number // 100:,}", f"{number % 100:02}"
    if maker.language == "en":
        return f"{whole}.{cents}"
    between = "\N{NO-BREAK SPACE}" if maker.language in {"fr", "fi", "pl", "sv", "cs", "ru", "uk"} else "."
    return f"{whole.replace(',', between)},{cents}"


def _version(maker: Maker, _: str | None) -> str:
    parts = [maker.random.randint(0, top) for top in (30, 20, 40, 300)]
    return ".".join(map(str, parts))


SLOTS: dict[str, Slot] = {
    "PERSON": Slot("PERSON", _person),
    "FIRST_NAME": Slot("PERSON", lambda maker, key: maker.persona(key).first),
    "LAST_NAME": Slot("PERSON", lambda maker, key: maker.persona(key).last),
    "ORGANIZATION": Slot("ORGANIZATION", lambda maker, _: _line(maker.fake.company())),
    "ADDRESS": Slot("ADDRESS", lambda maker, _: _line(maker.fake.address())),
    "ADDRESS_LINES": Slot("ADDRESS", lambda maker, _: _block(maker.fake.address())),
    "STREET": Slot("ADDRESS", lambda maker, _: _line(maker.fake.street_address())),
    "POSTCODE": Slot("ADDRESS", lambda maker, _: str(maker.fake.postcode())),
    "CITY": Slot("LOCATION", lambda maker, _: _line(maker.fake.city())),
    "COUNTRY": Slot("LOCATION", lambda maker, _: _line(maker.fake.country())),
    "PHONE": Slot("PHONE", _phone),
    "EMAIL": Slot("EMAIL", _email),
    "USERNAME": Slot("USERNAME", lambda maker, _: str(maker.fake.user_name())),
    "PASSWORD": Slot("PASSWORD", lambda maker, _: str(maker.fake.password(maker.random.randint(8, 16)))),
    "URL": Slot("URL", lambda maker, _: str(maker.fake.uri())),
    "IP_ADDRESS": Slot(
        "IP_ADDRESS", lambda maker, _: str(maker.fake.ipv4() if maker.random.random() < 0.75 else maker.fake.ipv6())
    ),
    "MAC_ADDRESS": Slot("MAC_ADDRESS", lambda maker, _: str(maker.fake.mac_address())),
    "IBAN": Slot("IBAN", lambda maker, _: _spaced(maker, maker.fake.iban())),
    "BIC": Slot("BIC", lambda maker, _: str(maker.fake.swift())),
    "CREDIT_CARD": Slot("CREDIT_CARD", _card),
    "ID_NUMBER": Slot("ID_NUMBER", _id),
    "LICENSE_PLATE": Slot("LICENSE_PLATE", lambda maker, _: _line(maker.fake.license_plate())),
    "DATE": Slot("DATE", lambda maker, _: maker.written(maker.day(_EVENTS_FROM, _EVENTS_UNTIL))),
    "DATE_OF_BIRTH": Slot("DATE_OF_BIRTH", lambda maker, _: maker.written(maker.day(_DAY_FIRST, _BORN_UNTIL))),
    "JOB": Slot("JOB", lambda maker, _: _line(maker.fake.job())),
    "order_number": Slot(
        None,
        lambda maker, _: maker.figures(
            "%##-###-####", "0%##-#######", "0%## ### ## ##", "%###-%######", "(%##) ###-####", "+%# %## #######"
        ),
    ),
    "product_name": Slot(None, lambda maker, _: maker.persona(None).full),
    "product_first_name": Slot(None, lambda maker, _: maker.persona(None).first),
    "version": Slot(None, _version),
    "amount": Slot(None, _amount),
    "card_like": Slot(None, _no_card),
    "serial_number": Slot(None, lambda maker, _: str(maker.fake.bothify("??%# #### #### #### ##"))),
    "ticket_number": Slot(None, lambda maker, _: str(maker.fake.bothify("??-%###").upper())),
    "quantity": Slot(None, lambda maker, _: str(maker.random.randint(2, 500))),
    "clock": Slot(None, lambda maker, _: f"{maker.random.randint(0, 23):02}:{maker.random.randint(0, 59):02}"),
}
"""The slots by name. Those in capitals are labelled; the others stay unlabelled, most of them look-alikes."""

# What of Faker looks at the clock, or is no text.
_CLOCK = {"credit_card_expire", "credit_card_full", "profile", "simple_profile", "ssn", "ein_itin_ssn", "iana_id"}


def faker_methods(fake: Faker) -> set[str]:
    """The names of Faker's own makers in its locale, less those that look at the clock."""
    names: set[str] = set()
    generator: Any = fake
    for provider in generator.factories[0].get_providers():
        if type(provider).__module__.startswith("faker.providers.date_time"):
            continue
        names |= {name for name in dir(provider) if not name.startswith("_") and callable(getattr(provider, name))}
    return {name for name in names - _CLOCK if not name.startswith(("passport", "businesses", "individuals"))}


def from_faker(method: str) -> Make:
    """Makes what one of Faker's makers gives, on one line."""
    return lambda maker, _: _line(str(getattr(maker.fake, method)()))
