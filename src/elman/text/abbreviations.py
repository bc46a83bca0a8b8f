"""Abbreviations that are written with a full stop, and the words by which a sentence often starts."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TITLES = _words(
    """Adm Avv Capt Cmdr Col Cpl Dipl Dr Dra Drs Fr Gen Gov Hon Hr Ing Lt Maj Messrs Mr Mrs Ms Pres Prof Rep
    Rev Sen Sgt Sig Sra Srta St Ste Sts dhr dott inż mevr prof sig św акад доц им проф тов ул"""
)
"""A name follows these: no sentence ends with one."""

REFERENCES = _words(
    """Abs Art Aufl Fig Ft Hrsg Mt Nr Tel Vol approx aprox bijv bspw bzw ca cf ed eds evtl ext fig geb gest
    ggf hrsg inkl np núm pp pág sog vgl vol vs стр"""
)
"""What they point to follows: no sentence ends with one."""

CLOSERS = _words("enz etc itd itp usw гг др млн млрд пр руб тыс")
"""A list or an amount ends with these: a capital behind one starts a sentence."""

OTHERS = _words(
    """Bros Co Corp Cos Inc Jr Ltd Plc Pty Pvt Sr
    Apr Aug Dec Dez Feb Jan Jul Jun Mar Nov Oct Okt Sep Sept Mon Thu Thurs Tue Tues Wed
    Ariz Calif Colo Conn Fla Ga Ill Ind Kan Ky Mass Md Mich Minn Mo Okla Ore Pa Tenn Tex Va Wash Wis
    Assn Ave B.Sc Blvd Dept Intl Jh M.Sc Mio Mrd Ph.D Rd Std Str Uds Univ al est"""
)
"""Companies, dates, places, measures: a sentence may end with one, and only the next word shows it."""

ABBREVIATIONS = (
    TITLES | REFERENCES | CLOSERS | OTHERS | _words("BROS CO CORP DR GEN INC JR LTD MR MRS MS PROF PVT REP SEN SR ST")
)
"""Every word that keeps its full stop. Single letters and chains of them (``J.``, ``U.N.``) need no list."""

STARTERS = _words(
    """A After All Also Although An And As At Both But By Each For From He Her His How However I If In It Its
    Many Most My No Not On One Or Our She So Some That The Their Then There These They This Those To We What
    When Where While Who Why With Yet You
    Aber Als Am Auch Auf Bei Das Der Die Doch Ein Eine Er Es Für Ich Im Mit Nach Sie Und Von Wenn Wir Zu
    А Без Было В Все Для До Его Если Еще За И Из К Как Когда На Не Но О Об Он Она Они От По При С Так То
    У Это"""
)
"""Words that, capitalised behind an abbreviation, show that a sentence starts there."""

LEADERS = _words(
    """a an and as at but by for from her his in into is its of on or our that the their to was were with your
    als am an auf aus bei das dem den der des die durch ein eine einem einen einer eines für im in mit nach
    ohne oder sich um und vom von vor zu zum zur
    au aux con dans de del des du el en et la le les los para par per por pour sur un una une y
    без в для до и из к на не о об от по при с со у что"""
)
"""Words that lead on to another: a line that ends with one is not finished."""

ORDINAL_LEADERS = _words("ab am an bei beim bis das dem den der des die im in ins seit vom zum zur")
"""German words that lead to an ordinal number (``am 16. August``): its full stop ends no sentence."""
