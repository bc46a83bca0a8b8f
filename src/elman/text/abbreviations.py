"""Abbreviations that are written with a full stop, and the words by which a sentence often starts."""

from __future__ import annotations

TITLES = frozenset(
    "Adm Avv Capt Cmdr Col Cpl Dipl Dr Dra Drs Fr Gen Gov Hon Hr Ing Lt Maj Messrs Mr Mrs Ms Pres Prof Rep Rev Sen Sgt Sig Sra "
    "Srta St Sts Ste dhr dott inż mevr prof sig św акад доц им проф тов ул".split()
)
"""A name follows these: no sentence ends with one."""

COMPANIES = frozenset("Bros Co Corp Cos Inc Jr Ltd Plc Pty Pvt Sr".split())
"""These end a name: a sentence may end with one, and no letter shows whether it does."""

REFERENCES = frozenset(
    "Abs Art Aufl Fig Ft Hrsg Mt Nr Tel Vol approx aprox bspw bijv bzw ca cf ed eds evtl ext fig geb gest ggf hrsg inkl núm np pp "
    "pág sog vgl vol vs стр".split()
)
"""What they point to follows: no sentence ends with one."""

CLOSERS = frozenset("enz etc itd itp usw гг др млн млрд пр руб тыс".split())
"""A list or an amount ends with these: a capital after one starts a sentence."""

OTHERS = frozenset(
    "Apr Ariz Assn Aug Ave Blvd Calif Colo Conn Dec Dept Feb Fla Ga Ill Ind Intl Jan Jh Jul Jun Kan Ky Mar Mass Md Mich Minn Mio Mo "
    "Mon Mrd Nov Oct Okla Okt Ore Pa Rd Sep Sept Std Str Tenn Tex Thu Thurs Tue Tues Uds Univ Va Wash Wed Wis Dez al est".split()
)
"""Months, days, places, measures: a sentence may end with one."""

ABBREVIATIONS = TITLES | COMPANIES | REFERENCES | CLOSERS | OTHERS | {word.upper() for word in TITLES | COMPANIES if word.isascii()}
"""Every word that keeps its full stop. Single letters and chains of them (``J.``, ``U.N.``) follow from their form."""

STARTERS = frozenset(
    "A After All Also Although An And As At Both But By Each For From He Her His How However I If In It Its Many Most My No Not On "
    "One Or Our She So Some That The Their Then There These They This Those To We What When Where While Who Why With Yet You "
    "Aber Als Am Auch Auf Bei Das Der Die Doch Ein Eine Er Es Für Ich Im Mit Nach Sie Und Von Wenn Wir Zu "
    "А Без Было В Все Для До Его Если Еще За И Из К Как Когда На Не Но О Об Он Она Они От По При С Так То У Это".split()
)
"""Words that, capitalised after an abbreviation, show that a sentence starts there."""

ORDINAL_LEADERS = frozenset("ab am an bei beim bis das dem den der des die im in ins seit vom zum zur".split())
"""German words that lead to an ordinal number (``am 16. August``), after which a full stop ends no sentence."""
