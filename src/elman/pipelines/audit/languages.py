"""Frequent words of languages, by which a language is known.

They are words of grammar, which every text of some length has and which hardly come into names. A word may be
in several languages; it then speaks for each.
"""

from __future__ import annotations

_FREQUENT = {
    "English": "the of and to in is was for that with on as by at from are were this his it be not or which an has",
    "German": "der die und das ist nicht ein eine zu den von mit sich auf für dem im auch wird sind als des bei war",
    "French": "le la les et des du une est dans que qui pour pas sur au avec il ce par plus sont aux ne été cette",
    "Spanish": "el la los las y de que en un una por con del se para es al lo como más su fue pero sus está",
    "Italian": "il di che la e è per un una non sono della con del si da dei le nel anche alla gli come più questo",
    "Portuguese": "o a os as e de que em um uma para com do da não no na por mais dos foi ao são pelo seu ou também",
    "Dutch": "de het een en van is dat op te in niet zijn voor met die aan er ook werd door wordt naar bij hij",
    "Swedish": "och att det som en på är av för med den till inte om har ett var han men jag från så efter sig",
    "Danish, Norwegian": "og at det som en på er af av for med den til ikke har et var han men jeg fra der blev ble",
    "Polish": "w i na z się do nie jest to że od o jak za przez po był dla oraz są jego tym także ale lub",
    "Czech": "a v se na je že s z do o i k jako pro byl ve za od jsou by které ale po není také jeho",
    "Hungarian": "a az és hogy nem is egy van ez meg volt csak már mint ki el de még vagy után amely lett",
    "Finnish": "ja on ei se että oli hän ovat myös kun mutta joka kuin sen tai ole mukaan jotka sekä vuonna hänen",
    "Turkish": "ve bir bu da de için ile olarak daha çok olan gibi kadar en sonra var ne olduğu ancak tarafından",
    "Romanian": "și de la în a cu pe care din nu este o că mai un au fost pentru prin sau al se sunt ale",
    "Catalan": "el la els les i de que a en un una per amb del és no al va més com seva els són també aquest",
    "Indonesian, Malay": "yang dan di ini itu dengan untuk dari dalam tidak pada akan adalah juga ke oleh ada bahwa",
    "Vietnamese": "của và là có trong được cho không một với các những người này đã để từ khi đến năm ông",
    "Russian": "и в не на что с по как это из к за был для от его но он она они также или был была при",
    "Ukrainian": "і в не на що з та у як це до за був для від його але він вона вони також або було при є",
    "Bulgarian": "и в на не се за от да е с по са като че при това който или но той бе са като към след",
    "Serbian, Macedonian": "и у на се је да за од са су као који не из што по би био које на во со ги",
    "Greek": "και το η της του να με για την τον οι στο που από στη τα είναι θα στην των δεν μια ένα",
    "Arabic": "في من على إلى عن أن التي الذي هذا هذه ما لا كان مع كما قد بعد بين و أو كانت",
    "Persian": "و در به از که این را با است برای آن یک می بود شد شده خود تا هم یا بر",
    "Hebrew": "של את על לא הוא היא זה עם כי גם או אל היה בין כל מה הם אך אני יש אם",
    "Hindi": "के में की है और से का को पर ने हैं यह कि एक भी था इस लिए हो थे कर",
}

LANGUAGES = tuple(_FREQUENT)
"""The languages that can be told."""

SPEAKS_FOR: dict[str, tuple[int, ...]] = {}
"""Of each frequent word the indices of its languages."""

for _number, _words in enumerate(_FREQUENT.values()):
    for _word in dict.fromkeys(_words.split()):
        SPEAKS_FOR[_word] = (*SPEAKS_FOR.get(_word, ()), _number)


def language(folded: list[str]) -> str | None:
    """The language of a text, or None if it cannot be told.

    The language whose frequent words come most must have a tenth of the words, at least three different ones,
    and half as many again as the second.

    Args:
        folded: its words, casefolded.
    """
    frequent = [word for word in folded if word in SPEAKS_FOR]
    hits = [0] * len(LANGUAGES)
    kinds = [0] * len(LANGUAGES)
    for word in frequent:
        for number in SPEAKS_FOR[word]:
            hits[number] += 1
    for word in set(frequent):
        for number in SPEAKS_FOR[word]:
            kinds[number] += 1
    first, second = sorted(range(len(LANGUAGES)), key=lambda number: -hits[number])[:2]
    sure = hits[first] >= 0.1 * len(folded) and hits[first] >= 1.5 * hits[second] and kinds[first] >= 3
    return LANGUAGES[first] if sure else None
