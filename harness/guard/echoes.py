"""Comments that only agree: "me too", "+1", an emoji, "any news?". Pure.

Only a comment that is nothing else counts, in whatever order it says it: one word more ("same here
on 3.12") and it is kept.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LONGEST: Final = 300
"""Characters: a longer comment says something."""
_SAME = "(?:exactly |the |this |that |exact |very )*"
_LANGUAGES: Final = (
    # English
    "me too|me 2|me as well|same here|same for me|same with me|same|ditto|idem|bump|bumping",
    f"{_SAME}same (?:issue|problem|bug|error|question|thing|behaviou?r)",
    "(?:i|we|im)(?: am| are| ve)?(?: also| too)? (?:have|had|having|got|get|getting|see|seeing|face"
    f"|facing|hit|hitting|experience|experiencing|encountered|ran into) {_SAME}(?:same )?"
    "(?:issue|problem|bug|error)",
    "any (?:updates?|news|progress|eta|luck|solutions?|workarounds?|fix)|plus one|one more|mark",
    "following|subscribing|subscribed|subscribe|upvote|ping|up|please fix|pls fix|fix this",
    "(?:i |we )?(?:need|want|would love)(?: to see| to have)?",
    "thanks|thank you|thx|ty|so much|in advance|lol|wow|hi|hello|hey|guys|folks|everyone|team",
    "please|pls|here|too|also|as well|yet|this|it|for this|on this|about this|asap",
    "on my side|on my end|for me|with me",
    # Korean
    "저두요|저도요|저도 (?:그래요|그렇습니다|그러네요|동일합니다|같습니다|궁금합니다)|저도|저희도",
    "동일합니다|동일하네요|동일해요|마찬가지입니다|마찬가지예요|마찬가지에요",
    "(?:똑같은|같은|동일한|동일) (?:문제|증상|현상|이슈|에러|오류|버그)(?:가|를|을|이)?"
    "(?:입니다|예요|에요|네요)?(?: (?:있습니다|있어요|있네요|발생합니다|발생했습니다|발생해요"
    "|생깁니다|겪고 있습니다|겪고 있어요|겪었습니다|나타납니다))?",
    "감사합니다|고맙습니다|공감합니다|공감|업데이트 있나요|소식 있나요|진행 상황 궁금합니다",
    "수정 부탁드립니다|부탁드립니다|ㅋ+|ㅠ+|ㅜ+|ㅎ+|ㅇㅈ|2{2,}",
    # Japanese, Chinese
    "私も(?:同じ問題です|同じです|同様です|です)?|自分も(?:同じです|です)?|同じく(?:です)?",
    "同様です|同じです|同じ問題です|同じ現象です",
    "我也(?:遇到了?同样的问题|遇到了?|有同样的问题|有这个问题|是|一样)?|同样的?问题|相同问题",
    "同问|同求|同样|一样|顶|蹲一个|蹲|马克|插眼",
    # German, French, Spanish, Portuguese, Italian
    "ich auch|bei mir (?:auch|genauso)|dito|(?:das )?(?:gleiche|gleiches|selbe|selbes) problem",
    "hier auch|hier|geht mir auch so|danke",
    "moi aussi|pareil pour moi|pareil|(?:le )?même (?:problème|souci|erreur)|ici|chez moi aussi",
    "des nouvelles|merci|yo también|a m[ií] también|lo mismo|igual|alguna novedad",
    "(?:el )?mismo (?:problema|error)|me pasa lo mismo|tengo el mismo problema|gracias|aquí",
    "eu também|comigo também|aqui também|aqui|(?:o )?mesmo (?:problema|erro)|obrigad[oa]",
    "anche io|anchio|anche a me|stesso problema|stessa cosa|grazie",
    # Slavic, Turkish, Dutch, Vietnamese, Indonesian, Swedish
    "у меня (?:тоже|также|то же самое)|тоже|аналогично|та ?же (?:проблема|ошибка)",
    "такая же (?:проблема|ошибка|ситуация)|то же самое|плюсую|плюс один|поддерживаю|спасибо",
    "ja też|u mnie to samo|to samo|ten sam problem|ben de|bende de|aynı (?:sorun|problem|hata)",
    "ik ook|zelfde probleem|bedankt|tôi cũng (?:vậy|bị|thế)|saya juga|jag också|samma problem",
)
_PHRASES: Final = tuple(re.compile(f"(?:{one})(?: |$)") for one in _LANGUAGES)
_SHORT_CODE = re.compile(r":[+\-\w]{1,40}:")
_COUNT = re.compile(r"[+＋]\s*\d+")
_MENTION = re.compile(r"(?<!\w)@[\w-]+")


def only_agrees(comment: str) -> bool:
    """True for a comment that says no more than that its author has it too, wants it or thanks."""
    if len(comment) > LONGEST:
        return False
    said = comment.casefold()
    for pattern in (_SHORT_CODE, _COUNT, _MENTION):
        said = pattern.sub(" ", said)
    said = re.sub("['’]", "", said)
    said = " ".join("".join(c if _says(c) else " " for c in said).split())
    while said:
        ends = [found.end() for one in _PHRASES if (found := one.match(said))]
        if not ends:
            return False
        said = said[max(ends) :]
    return True


def _says(char: str) -> bool:
    """Letters, numbers and their marks; and signs that code is made of, so that code is kept."""
    return unicodedata.category(char)[0] in "LNM" or char in "`<>=/\\{}[]()#%&$"
