"""Frequent words of languages, by which a language is known.

They are words of grammar, which every text of some length has and which hardly come into names. A word may be
in several languages; it then speaks for each.
"""

from __future__ import annotations

from collections import Counter

_FREQUENT = {
    "English": (
        "the of and to in is was for that with on as by at from are were this his it be not or which an has i "
        "you we they he she my your me do have can will so if but what there their all would about out up "
        "just like when how who no than been had more after also its into only some could them then"
    ),
    "German": (
        "der die und das ist nicht ein eine zu den von mit sich auf für dem im auch wird sind als des bei war "
        "ich du wir sie er es aber so noch nur wie oder wenn man hat haben an aus nach vor über zum zur bis "
        "durch einen einer eines um dass kann mehr schon mich mir"
    ),
    "French": (
        "le la les et des du une est dans que qui pour pas sur au avec il ce par plus sont aux ne été cette "
        "je tu nous vous ils elle on mais ou où son sa ses leur comme tout fait être avoir deux même aussi "
        "entre sans mon ma mes ça"
    ),
    "Spanish": (
        "el la los las y de que en un una por con del se para es al lo como más su fue pero sus está yo tú me "
        "te mi no si sí ya muy también cuando donde este esta son hay sobre entre desde hasta todo porque ser "
        "ha"
    ),
    "Italian": (
        "il di che la e è per un una non sono della con del si da dei le nel anche alla gli come più questo "
        "io tu mi ti ma se lo ha ho delle dal dalla tra quando molto suo sua essere stato perché ai al ci i"
    ),
    "Portuguese": (
        "o a os as e de que em um uma para com do da não no na por mais dos foi ao são pelo seu ou também eu "
        "você me meu minha se mas como muito quando está isso ele ela já só até sem nos das tem ser à"
    ),
    "Dutch": (
        "de het een en van is dat op te in niet zijn voor met die aan er ook werd door wordt naar bij hij ik "
        "je wij we ze maar als nog om uit kan heeft hebben dan over deze dit wel geen mijn zo was"
    ),
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

    A frequent word counts for each of its languages, the less the more they are. The language that gets most
    must get twice as much as the second, and have a tenth of the words and at least three different ones.

    Args:
        folded: its words, casefolded.
    """
    counts = Counter(word for word in folded if word in SPEAKS_FOR)
    score, hits, kinds = Counter[int](), Counter[int](), Counter[int]()
    for word, count in counts.items():
        spoken = SPEAKS_FOR[word]
        for number in spoken:
            score[number] += count / len(spoken)  # type: ignore[assignment]  # a counter of shares
            hits[number] += count
            kinds[number] += 1
    if not counts:
        return None
    (first, most), (_, second) = (*score.most_common(2), (-1, 0.0))[:2]
    sure = hits[first] >= 0.1 * len(folded) and most >= 2 * second and kinds[first] >= 3
    return LANGUAGES[first] if sure else None
