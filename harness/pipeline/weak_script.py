"""What the tests of a JavaScript or TypeScript file demand, by a tolerant scan. Pure.

No parser: comments and the insides of strings are masked, then calls are found by name and
balanced brackets. A file that cannot be balanced is read as far as it goes.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections.abc import Iterator

from harness.pipeline.weak_types import Demand, Probe, TestFile

TEST = re.compile(
    r"(?<![\w.$])(describe|context|suite|it|test|specify|xit|xtest|xdescribe|xcontext|fit|ftest"
    r"|fdescribe)((?:\s*\.\s*\w+)*)\s*(?=[(`])"
)
GROUPS = ("describe", "context", "suite", "xdescribe", "xcontext", "fdescribe")
SKIPS = ("skip", "todo", "fails", "failing", "skipIf", "runIf", "fixme")
EXPECT = re.compile(
    r"(?<![\w.$])(?:await\s+)?(?:expect(?:\.soft)?|assert(?:\.\w+)*|should(?:\.\w+)*|t\.\w+)\s*(?=\()"
)
CHAIN = re.compile(r"\s*\??\.\s*([\w$]+)")
OPTION = re.compile(r"\b(skip|todo)\s*:\s*(?!false\b)")
STOP = re.compile(r"\b(?:this|t|ctx|context|test)\.(skip|todo)\s*\(")
CONSTANT = re.compile(r"\bconst\s+([\w$]+)(?:\s*:\s*[\w<>\[\]| ]+)?\s*=\s*")
OPEN = "([{"
GUARD = re.compile(r"\b(?:if|catch)\s*\(|\b(?:else|try|catch)\s*\{")
BRACE = re.compile(r"\s*\{")
MOST_NESTED = 30
MOST_TESTS = 5000
MOST_DEMANDS = 5000

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


def mask(text: str) -> str:
    """The same length, comments blanked and the insides of strings replaced by `_`."""
    out: list[str] = []
    at = 0
    for found in re.finditer(
        r"//[^\n]*|/\*.*?(?:\*/|\Z)|'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"|`(?:\\.|[^`\\])*`"
        r"|(?<=[=(,:!&|?;\n])\s{0,20}/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n]){0,200}\]|[^/\\\n\[]){1,400}/[a-z]{0,8}",
        text,
        re.S,
    ):
        out.append(text[at : found.start()])
        token = found[0]
        quoted = token[0] in "'\"`"
        inner = re.sub(r"[^\n]", "_" if quoted else " ", token)
        out.append(token[0] + inner[1:-1] + token[-1] if quoted else inner)
        at = found.end()
    return "".join([*out, text[at:]])


def brackets(masked: str) -> dict[int, int]:
    """Index of each opening bracket -> index of the one that closes it, in one pass; the end of
    the text where there is none."""
    pairs: dict[int, int] = {}
    waiting: list[int] = []
    for found in re.finditer(r"[()\[\]{}]", masked):
        if found[0] in OPEN:
            waiting.append(found.start())
        elif waiting:
            pairs[waiting.pop()] = found.start()
    return {**dict.fromkeys(waiting, len(masked) - 1), **pairs}


class Script:
    """One file, scanned."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.masked = mask(text)
        self.pairs = brackets(self.masked)
        self._lines = [m.start() for m in re.finditer("\n", text)]
        self._guards = self._guarded()
        self.constants = dict(self._constants())

    def read(self) -> TestFile:
        blocks = list(self._blocks())
        if len(blocks) > MOST_TESTS or (
            sum(b.end - b.open for b in blocks) > MOST_NESTED * len(self.text)
        ):
            raise ValueError("nested beyond what people write")
        groups = [b for b in blocks if b.kind in GROUPS]
        tests = [b for b in blocks if b.kind not in GROUPS]
        probes: dict[str, Probe] = {}
        for test in tests:
            above = [g for g in groups if g.start < test.start < g.end]
            probe = self._probe(test, above)
            number = 2
            while probe.id in probes:
                probe = probe.model_copy(update={"id": f"{probe.id.split(' #')[0]} #{number}"})
                number += 1
            probes[probe.id] = probe
        return TestFile(probes=probes)

    def line(self, at: int) -> int:
        return bisect_right(self._lines, at) + 1

    def _guarded(self) -> list[tuple[int, int]]:
        """(position, how many `if` and `try` blocks are open from there), in order."""
        opened: set[int] = set()
        for found in GUARD.finditer(self.masked):
            at = found.end()
            if self.masked[at - 1] == "(":
                following = BRACE.match(self.masked, self.pairs[at - 1] + 1)
                at = following.end() if following else -1
            opened.add(at - 1)
        steps = [(at, 1) for at in opened if at >= 0 and at in self.pairs]
        steps += [(self.pairs[at], -1) for at, _ in steps]
        depths, depth = [(-1, 0)], 0
        for at, step in sorted(steps):
            depth += step
            depths.append((at, depth))
        return depths

    def _depth(self, at: int) -> int:
        return self._guards[bisect_right(self._guards, (at, 1 << 30)) - 1][1]

    def _constants(self) -> Iterator[tuple[str, str]]:
        for found in CONSTANT.finditer(self.masked):
            end = found.end()
            most = min(len(self.masked), end + 2000)
            while end < most and self.masked[end] not in ";\n":
                end = self.pairs[end] + 1 if self.masked[end] in OPEN else end + 1
            value = self.text[found.end() : end].strip()
            if "=>" not in value and "function" not in value and len(value) < 2000:
                yield found[1], normal(value)

    def _blocks(self) -> Iterator[_Block]:
        for found in TEST.finditer(self.masked):
            modifiers = re.findall(r"\w+", found[2])
            start = found.end()
            if {"each", "for", "skipIf", "runIf"} & set(modifiers):
                # a table (or a condition) comes first, then the call itself
                table_end = (
                    self.masked.find("`", start + 1)
                    if self.masked[start] == "`"
                    else self.pairs[start]
                )
                following = re.compile(r"\s*\(").match(self.masked, table_end + 1)
                if following is None:
                    continue
                start = following.end() - 1
            if self.masked[start] != "(":
                continue
            yield _Block(found[1], modifiers, found.start(), start, self.pairs[start])

    def _title(self, block: _Block) -> str:
        found = re.match(r"\(\s*(['\"`])", self.masked[block.open : block.end])
        if not found:
            return normal(self.text[block.open + 1 : block.end].split(",", 1)[0])[:80]
        begin = block.open + found.end()
        end = self.masked.find(found[1], begin)
        return " ".join(self.text[begin:end].split())

    def _silenced(self, block: _Block, *, own: bool) -> str:
        if block.kind.startswith("x"):
            return block.kind
        for modifier in block.modifiers:
            if modifier in SKIPS:
                return modifier
        head = self.masked[block.open : block.end]
        cut = re.search(r"=>|\bfunction\b", head)
        found = OPTION.search(head[: cut.start()] if cut else head)
        if found is None and own and cut:
            found = STOP.search(head[cut.start() :])
        return found[1] if found else ""

    def _probe(self, block: _Block, above: list[_Block]) -> Probe:
        silenced = self._silenced(block, own=True)
        for group in above:
            silenced = silenced or self._silenced(group, own=False)
        body = self.text[block.open : block.end]
        cut = re.search(r"=>|\bfunction\b", self.masked[block.open : block.end])
        inner = normal(body[cut.end() :]) if cut else ""
        return Probe(
            id=" > ".join([*(self._title(g) for g in above), self._title(block)]),
            line=self.line(block.start),
            silenced=silenced or ("" if cut else "todo"),
            demands=tuple(self._demands(block)),
            acts="(" in inner.partition("{")[2] or ("{" not in inner and "(" in inner),
            body=hashlib.sha256(inner.encode("utf-8", "replace")).hexdigest(),
        )

    def _demands(self, block: _Block) -> Iterator[Demand]:
        for found in EXPECT.finditer(self.masked, block.open, block.end):
            depth = self._depth(found.start()) - self._depth(block.open)
            first_end = self.pairs[found.end()]
            first = self._arguments(found.end(), first_end)
            chain, last, end = self._chain(first_end + 1)
            name = re.sub(r"\s|await", "", found[0])
            demand = _demand(name, [self._value(a) for a in first], chain, last)
            if demand is None:
                continue
            yield demand.model_copy(
                update={
                    "expected": self._value(demand.expected),
                    "guarded": depth,
                    "line": self.line(found.start()),
                    "text": self.text[found.start() : end],
                }
            )

    def _value(self, text: str) -> str:
        """Names of constants replaced by what they hold."""
        return re.sub(
            r"(?<![\w.$'\"`])[A-Za-z_$][\w$]*(?![\w$'\"`]|\s*:)",
            lambda m: self.constants.get(m[0], m[0]),
            text,
        )

    def _chain(self, at: int) -> tuple[list[str], list[str], int]:
        """The words after `expect(...)`, the arguments of the last call, and where it ends."""
        words: list[str] = []
        last: list[str] = []
        while found := CHAIN.match(self.masked, at):
            words.append(found[1])
            at = found.end()
            if at < len(self.masked) and self.masked[at] == "(":
                end = self.pairs[at]
                last = self._arguments(at, end)
                at = end + 1
        return words, last, at

    def _arguments(self, start: int, end: int) -> list[str]:
        """The arguments between two brackets, each in a normal form."""
        parts: list[str] = []
        at = begin = start + 1
        while at < end:
            if self.masked[at] in OPEN:
                at = self.pairs[at]
            elif self.masked[at] == ",":
                parts.append(self.text[begin:at])
                begin = at + 1
            at += 1
        parts.append(self.text[begin:end])
        return [n for n in map(normal, parts) if n]


class _Block:
    """A call of `describe`, `it`, ...: from `start`, its arguments between `open` and `end`."""

    def __init__(self, kind: str, modifiers: list[str], start: int, open_: int, end: int) -> None:
        self.kind = kind
        self.modifiers = modifiers
        self.start = start
        self.open = open_
        self.end = end


def normal(code: str) -> str:
    """Spacing, quotes, trailing commas and semicolons taken out of account."""
    code = re.sub(r"'((?:\\.|[^'\\\"\n])*)'", r'"\1"', code.strip())
    code = re.sub(r"\s+", " ", code)
    code = re.sub(r"\s*([^\w\s\"])\s*", r"\1", code)
    return re.sub(r",(?=[)\]}])", "", code).strip(";, ")


def _demand(name: str, first: list[str], chain: list[str], last: list[str]) -> Demand | None:
    if name.startswith("expect"):
        words = [w for w in chain if w not in ("to", "be", "been", "have", "has", "and", "that")]
        if not words or not first:
            return None
        return _ranked(words[-1], first[0], last, negated="not" in words, path=".".join(words[:-1]))
    method = name.rsplit(".", 1)[-1] if "." in name else "ok"
    if name.startswith("t.") and method not in EXACT | WEAKER.keys() | NEGATED:
        return None  # `t.test(...)` and its like assert nothing
    if not first:
        return None
    if method == "ok" and (pair := re.fullmatch(r"([^=!]+?)(!?)===?([^=]+)", first[0])):
        return _ranked("equal", pair[1], [pair[3]], negated=bool(pair[2]), path="")
    return _ranked(method, first[0], first[1:2], negated=False, path="")


def _ranked(word: str, subject: str, last: list[str], *, negated: bool, path: str) -> Demand:
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


def read_script(text: str) -> TestFile | None:
    """The tests of one file; None when it is beyond reading. Ids are `suite > name`."""
    try:
        found = Script(text).read()
    except ValueError:
        return None
    return found if sum(len(p.demands) for p in found.probes.values()) <= MOST_DEMANDS else None


def focused(text: str) -> int:
    """The line of the first test that runs alone (`.only`, `fit`), 0 when there is none."""
    script = Script(text)
    for found in TEST.finditer(script.masked):
        alone = found[1] in ("fit", "ftest", "fdescribe")
        if alone or "only" in re.findall(r"\w+", found[2]):
            return script.line(found.start())
    return 0
