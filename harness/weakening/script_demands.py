"""What one assertion of JavaScript demands, by its words. Pure."""

from __future__ import annotations

import re

from harness.weakening.demands import Demand

EXACT = {
    "toBe", "toEqual", "toStrictEqual", "toMatchSnapshot", "toMatchInlineSnapshot", "toThrow",
    "toThrowError", "toHaveLength", "toHaveBeenCalledWith", "toHaveBeenCalledTimes",
    "toHaveBeenLastCalledWith", "toBeNull", "toBeUndefined", "toBeNaN", "equal", "equals", "eql",
    "eq", "strictEqual", "deepEqual", "deepStrictEqual", "is", "throws", "throw", "rejects",
    "doesNotThrow", "doesNotReject", "lengthOf", "null", "undefined", "true", "false", "snapshot",
    "calledWith", "calledOnceWith", "resolves", "toResolve", "partialDeepStrictEqual",
}  # fmt: skip
WEAKER = {
    "toMatchObject": "alike",
    "toBeCloseTo": "approx",
    "closeTo": "approx",
    "toContain": "in",
    "toContainEqual": "in",
    "include": "in",
    "includes": "in",
    "contain": "in",
    "toHaveProperty": "in",
    "property": "in",
    "toMatch": "match",
    "match": "match",
    "toBeGreaterThan": "bound",
    "toBeGreaterThanOrEqual": "bound",
    "toBeLessThan": "bound",
    "toBeLessThanOrEqual": "bound",
    "above": "bound",
    "below": "bound",
    "least": "bound",
    "most": "bound",
    "toBeInstanceOf": "isinstance",
    "instanceOf": "isinstance",
    "instanceof": "isinstance",
    "a": "isinstance",
    "an": "isinstance",
    "toBeFalsy": "falsy",
    "notOk": "falsy",
    "toBeTruthy": "truth",
    "toBeDefined": "truth",
    "toHaveBeenCalled": "truth",
    "called": "truth",
    "ok": "truth",
    "exist": "truth",
    "exists": "truth",
    "truthy": "truth",
}
NEGATED = {"notEqual", "notStrictEqual", "notDeepEqual", "notDeepStrictEqual"}
# exact, but a little more forgiving than the word beside it
LOOSE_SLACK = {"toEqual": 1.0, "deepEqual": 1.0, "equal": 1.0, "eql": 1.0}


def demand_of(name: str, first: list[str], chain: list[str], last: list[str]) -> Demand | None:
    if name.startswith("expect"):
        words = [w for w in chain if w not in ("to", "be", "been", "have", "has", "and", "that")]
        if not words or not first:
            return None
        return _build_demand(
            words[-1], first[0], last, negated="not" in words, path=".".join(words[:-1])
        )
    method = name.rsplit(".", 1)[-1] if "." in name else "ok"
    if name.startswith("t.") and method not in EXACT | WEAKER.keys() | NEGATED:
        return None  # `t.test(...)` and its like assert nothing
    if not first:
        return None
    if method == "ok" and (pair := re.fullmatch(r"([^=!]+?)(!?)===?([^=]+)", first[0])):
        return _build_demand("equal", pair[1], [pair[3]], negated=bool(pair[2]), path="")
    return _build_demand(method, first[0], first[1:2], negated=False, path="")


def _build_demand(word: str, subject: str, last: list[str], *, negated: bool, path: str) -> Demand:
    expected = ", ".join(last)
    exact = word in EXACT
    op = WEAKER.get(word, "eq" if exact else "call")
    if word in ("toThrow", "toThrowError", "throws", "throw", "rejects"):
        return Demand(op="raises", subject=subject, expected="not" * negated, detail=expected)
    if word in NEGATED or (negated and op in ("eq", "alike")):
        return Demand(op="ne", subject=subject, expected=expected)
    if word == "toBeCloseTo":
        digits = last[1] if len(last) > 1 and last[1].isdigit() else "2"
        return Demand(
            op=op, subject=subject, expected=last[0] if last else "", slack=10.0 ** -int(digits)
        )
    if not last and exact:
        expected = word  # toBeNull, .true: the word is the expectation
    slack = LOOSE_SLACK.get(word, 0.0)
    if negated or "not" in path:
        op = {"truth": "falsy", "falsy": "truth"}.get(op, op)
        expected = f"not {expected}"
    return Demand(op=op, subject=subject, expected=expected, slack=slack)
