"""A request that is too large, in the words of vendors and servers: first the class, then the
size. Pure."""

from __future__ import annotations

import re
from typing import Final

from harness.core.types import Value

_MANY = r"(?<![\w.])(\d[\d,_]{2,11})(?![\w.]*\w)"
_WHAT = (
    r"(prompt|inputs?|context|conversation|messages?|history|request|body|payload|entity|sequence"
    r"|token (length|count))"
)
_ROOM = (
    r"(context|model(\'?s)? length|token limit|tokens limit|prompt length|input length|n_ctx"
    r"|num_ctx|max_model_len|max_seq_len|(max\w*|allowed)( number of)?( allowed)?( input| prompt)?"
    r" (tokens|length|size|sequence)|(configured |the )limit of \d)"
)
_CLASS: Final = re.compile(
    "|".join(
        (
            rf"\b{_WHAT}\b[^.]{{0,60}}\b(is |are )?(too (long|large|big)|超长|过长)",
            r"(exceed\w*|(greater|larger|longer) than|too large for|beyond)\b"
            rf"[^.]{{0,80}}\b{_ROOM}",
            r"\bcontext[ _-]?(length|window|size|limit)?\b[^.]{0,60}"
            r"\b(exceed\w*|overflows?|is only|of only|reached|full)\b",
            r"\b(max\w*|allowed) (context|prompt|input|model|sequence)( \w+)?"
            r" (is|of|:|was)? ?\(?\d",
            rf"\b{_WHAT}( length)? \d[\d,]* exceeds? the max\w* length",
            r"\b(prompt|input|messages?|request)\b[^.]{0,20}\bexceeds? (the )?max\w* (length|size)",
            r"\b(reduce|shorten|decrease) (the )?(length|size|number of tokens) of (the |your )?"
            r"(input )?(messages?|prompt|input|conversation)",
            r"too many (input |prompt |total )?tokens",
            r"range of input length should be",
            r"\binputs?\W{0,3} (tokens \+ .{0,30}must be <=|must have less than \d)",
            r"\d tokens?\b.{0,3} ?> ?\d|\d \+ \d[\d,]* > \d",
            r"input tokens? (count|exceeds?)\b[^.]{0,60}(only supports|exceeds?|limit)",
            r"number of (input )?tokens\b[^.]{0,40}(cannot exceed|exceeds?|greater than)",
            r"larger than the max context|too large to process",
            r"上下文.{0,12}(超|过长)|超(出|过).{0,20}(上下文|最大长度|长度限制)|超长",
        )
    ),
    re.IGNORECASE,
)
_WHOLE_TEXT: Final = re.compile(r"\bcontent\W{1,4}string too long", re.IGNORECASE)
_NOT: Final = re.compile(
    r"(string|id|name|url|description|field|key)\W{0,3} (is )?too long"
    r"|tool_?call_?id|context window (is )?too small|file (is )?too large|image",
    re.IGNORECASE,
)
_FIELDS: Final = (
    re.compile(rf"\bn_ctx\W{{1,4}}{_MANY}"),
    re.compile(rf"\bn_prompt_tokens\W{{1,4}}{_MANY}"),
)
"""llama.cpp tells both beside its sentence."""
_CODES: Final = frozenset({2013})
"""MiniMax puts its error's number behind the sentence."""
_LIMIT: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\bn_ctx\W{{1,4}}{_MANY}",
        rf"> ?{_MANY}",
        rf"\[\d+, ?{_MANY}\]",
        rf"too large for model with {_MANY}",
        r"(?:limit|maximum length|max size|must be <=|less than|cannot exceed|up to|at most"
        rf"|is only|of only|no more than)(?:(?!\bby\b)\D){{0,40}}?{_MANY}",
        r"(?:maximum|max|allowed|context (?:length|size|window))\b"
        rf"(?:(?!\bby\b)\D){{0,60}}?{_MANY}",
    )
)
_MINUTE: Final = re.compile(
    r"tokens? per (min|minute|day|hour)|per[ -]min(ute)?\b|\b[io]?tp[md]\b", re.IGNORECASE
)
_REDUCE: Final = re.compile(
    r"request (is )?too large|must be reduced|reduce your (message|prompt|request|input)",
    re.IGNORECASE,
)
_OUTPUT: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"max\w*_tokens\W{{0,3}} ?\d+ ?> ?{_MANY}",
        rf"(?:supports?|limit\w*)[^.]{{0,20}}(?:at most|up to|to) {_MANY} (?:completion|output)",
        rf"max\w*_tokens\b[^.]{{0,60}}(?:cannot exceed|must be <=|less (?:than )?or equal to"
        rf"|less than|at most|between \d+ and|\[\d+,|maximum (?:value|allowed)\w* (?:is|of))"
        rf"\W{{0,4}}{_MANY}",
    )
)
_ROOM_LEFT: Final = re.compile(
    rf"max\w*_tokens\W* is too large.{{0,80}}context length is {_MANY}.{{0,60}}has {_MANY} input",
    re.IGNORECASE,
)
_LEAST: Final = 256


class Size(Value):
    """What a server said of sizes, in tokens; 0: it did not say."""

    limit: int = 0
    asked: int = 0


def is_too_long(words: str) -> bool:
    """Whether a complaint says that the conversation does not fit the model."""
    if _WHOLE_TEXT.search(words):
        return True
    return bool(_CLASS.search(words)) and not _NOT.search(words)


def is_over_rate(words: str) -> bool:
    """Whether one request alone is more than a limit per minute (or day) lets pass: waiting never
    helps."""
    if not _MINUTE.search(words):
        return False
    limit, asked = _after("limit", words), _after("requested", words)
    if limit and asked:
        return asked > limit
    return bool(_REDUCE.search(words)) and "try again in" not in words.lower()


def size_in(sentence: str, words: str = "") -> Size:
    """The limit that a complaint names, and what was asked for; `words` is all that was written,
    where codes of errors look like sizes."""
    told = [_number(found[1]) if (found := field.search(words)) else 0 for field in _FIELDS]
    named = (n for p in _LIMIT for m in p.finditer(sentence) if (n := _number(m[1])))
    limit = told[0] or next(named, 0)
    others = (_number(found[1]) for found in re.finditer(_MANY, sentence))
    asked = told[1] or min((n for n in others if limit < n <= 1000 * limit), default=0)
    return Size(limit=limit, asked=asked if limit else 0)


def most_output(words: str) -> int:
    """How many tokens one reply may ever have, where that is what the server complains about;
    else 0."""
    return next((_number(found[1]) for p in _OUTPUT if (found := p.search(words))), 0)


def room_left(words: str) -> int:
    """How many tokens are left for the reply beside this conversation, where the server complains
    that more were asked for; else 0."""
    found = _ROOM_LEFT.search(words)
    return max(0, _number(found[1]) - _number(found[2])) if found else 0


def _after(word: str, words: str) -> int:
    found = re.search(rf"\b{word}\b\W{{0,3}}(?:about |is |of )?{_MANY}", words, re.IGNORECASE)
    return _number(found[1]) if found else 0


def _number(digits: str) -> int:
    found = int(re.sub(r"\D", "", digits))
    return found if found >= _LEAST and found not in _CODES else 0
