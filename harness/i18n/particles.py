"""Korean particles by the sound before them: translators write both forms, as in `{name}이(가)`,
and the one that fits is said; both stay where the sound cannot be told. Pure.
"""

from __future__ import annotations

import re
from typing import Final, Literal

Ending = Literal["vowel", "l", "consonant", "unknown"]

_FORMS: Final = {
    "이(가)": ("이", "가"),
    "을(를)": ("을", "를"),
    "은(는)": ("은", "는"),
    "과(와)": ("과", "와"),
    "와(과)": ("과", "와"),
    "(이)라": ("이라", "라"),
    "(으)로": ("으로", "로"),
}
"""Both forms -> after a consonant, after a vowel."""
_PARTICLE = re.compile("|".join(re.escape(form) for form in _FORMS))
_CLOSING = "`\"'’”」』)]}>*_ \u00a0"
"""What stands between a word and its particle unspoken."""
_HANGUL, _LAST = 0xAC00, 0xD7A3
_FINALS, _RIEUL = 28, 8
_DIGITS: Final[dict[str, Ending]] = {
    **dict.fromkeys("036", "consonant"),
    **dict.fromkeys("178", "l"),
    **dict.fromkeys("2459", "vowel"),
}
"""영 일 이 삼 사 오 육 칠 팔 구; a zero at the end is 십, 백, 천."""
_LETTERS: Final[dict[str, Ending]] = {"l": "l", "r": "l", "m": "consonant", "n": "consonant"}
"""Letters that are spelt out; all others end in a vowel: 에이, 비, 씨."""
_WORD = re.compile(r"[A-Za-z]+$")


def choose_particles(text: str) -> str:
    """The text with one form of each particle where the sound before it is known."""
    if "(" not in text:
        return text
    return _PARTICLE.sub(_chosen, text)


def _chosen(found: re.Match[str]) -> str:
    ending = _ending(found.string[max(0, found.start() - 80) : found.start()].rstrip(_CLOSING))
    if ending == "unknown":
        return found[0]
    after_consonant, after_vowel = _FORMS[found[0]]
    if ending == "l" and found[0] == "(으)로":
        return after_vowel
    return after_vowel if ending == "vowel" else after_consonant


def _ending(before: str) -> Ending:
    if not before:
        return "unknown"
    last = before[-1]
    if _HANGUL <= ord(last) <= _LAST:
        final = (ord(last) - _HANGUL) % _FINALS
        return "vowel" if final == 0 else "l" if final == _RIEUL else "consonant"
    if last in _DIGITS:
        return _DIGITS[last]
    found = _WORD.search(before)
    return (
        _word_ending(found[0], spelt=before[: found.start()][-1:].isdigit()) if found else "unknown"
    )


def _word_ending(word: str, *, spelt: bool) -> Ending:
    """An English word by its letters, as it is commonly written in Korean; `spelt`: part of a
    hash or a version. Many endings can be either: `git` is 깃, `test` is 테스트."""
    last = word[-1].lower()
    if spelt or len(word) == 1 or (word.isupper() and len(word) <= 3):
        return _LETTERS.get(last, "vowel")
    if last == "l":
        return "l"
    if last in "mn" or word.lower().endswith("ng"):
        return "consonant"
    return "vowel" if last in "aiouyrsfvxzjdhw" else "unknown"
