"""What the tests of a JavaScript or TypeScript file demand, by its syntax tree. Pure.

What does not parse, or writes names in escapes, is not understood: no test of it is read.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property

from harness.syntax.script import UNKNOWN, arguments, bare, dotted_name, literal
from harness.syntax.tree import Node, parse
from harness.weakening.demands import Demand, DemandedTest, TestFile
from harness.weakening.script_blocks import GROUPS, Block, Blocks, member, title
from harness.weakening.script_demands import demand_of
from harness.weakening.script_flow import DEAD, ScriptFlow, is_awaited
from harness.weakening.script_names import VALUES, ScriptNames, scope_of
from harness.weakening.script_text import normal

SKIPS = frozenset(("skip", "todo", "fails", "failing", "skipIf", "runIf", "fixme", UNKNOWN))
EXPECT = re.compile(r"expect(\.(soft|poll))?|(assert|should)(\.\w+)*|t(\.assert)?\.\w+")
OPTION = re.compile(r"\b(skip|todo):(?!false\b)")
STOP = re.compile(r"((this|t|ctx|context|test|it)\.)?(skip|todo)")
NAMES = ("identifier", "identifier_pattern")
HOOKS = frozenset(("before", "beforeEach", "beforeAll", "setup", "suiteSetup"))
MOCK = re.compile(
    r"(?:^|\.)(?:(?:jest|vi|vitest)\.(?:mock|doMock|unmock|setMock|unstable_mockModule|hoisted"
    r"|spyOn|stubGlobal|replaceProperty|\?)|mock\.(?:module|method)|td\.replace(?:Esm)?"
    r"|mockery\.\w+|sinon\.(?:stub|replace)|Object\.(?:assign|defineProperty)|proxyquire|rewire)$"
)
HOISTED = re.compile(r"(?:^|\.)(?:jest|vi|vitest)\.(?:mock|unmock|hoisted)$")
PLATFORM = re.compile(
    r"^(console|process|Math|Date|global\w*|window|document|performance|\w*[sS]torage|navigator"
    r"|\{|\w+\.stdout|\w+\.stderr)"
)
ASSERTS = re.compile(r"^⟨(?:node:)?assert(?:/strict)?⟩(\S+)$")
GIVEN = re.compile(r"^⟨(?:node:test|vitest|@jest/globals|bun:test|chai|sinon)⟩(?:(?:\*|default)$)?")
LIBRARY = re.compile(r"^(?:chai|vitest)\.(?=expect|assert|should|vi\b)")
LIBRARIES = frozenset(
    ("expect", "assert", "jest", "vi", "vitest", "mock", "sinon", "td", "chai", "Object")
)
WORDS = re.compile(r"[\w$]+(\.[\w$]+)*")
MOST_NESTED = 30
MOST_TESTS = 5000
MOST_DEMANDS = 5000


class ScriptFile:
    """One file, read. Raises ValueError where it is not understood."""

    def __init__(self, text: str, path: str, own: frozenset[str] = frozenset()) -> None:
        tree = parse(text, path)
        if tree is None or not tree.whole:
            raise ValueError("not understood")
        self.text = text
        self.nodes: dict[str, list[Node]] = {}
        for node in tree.root.walk():
            self.nodes.setdefault(node.type, []).append(node)
            if node.type.endswith(NAMES) and "\\" in node.text:
                raise ValueError("a name in escapes")
        self.root = tree.root
        self._lines = [m.start() for m in re.finditer("\n", text)]
        self.calls = [(c, self._callee_name(c)) for c in self.nodes.get("call_expression", ())]
        self._starts = [c.start for c, _ in self.calls]
        self.meanings = ScriptNames(self.nodes, own)
        found = Blocks(self.nodes, self.meanings.origins)
        self.blocks, self.groups_above = found.all, found.above
        self.flow = ScriptFlow(self.meanings, self.nodes, tree.root)

    @property
    def own(self) -> frozenset[str]:
        """What the file itself defines outside its tests."""
        return frozenset(n for n, o in self.meanings.origins.items() if o.startswith("⟨here⟩"))

    def read_tests(self) -> TestFile:
        blocks = self.blocks
        if len(blocks) > MOST_TESTS or (
            sum(b.end - b.open for b in blocks) > MOST_NESTED * len(self.text)
        ):
            raise ValueError("nested beyond what people write")
        tests = [b for b in blocks if b.kind not in GROUPS]
        spans = [(b.start, b.end) for b in tests]
        self.meanings.tests = sorted(spans)
        probes: dict[str, DemandedTest] = {}
        for test in tests:
            probe = self._probe(test, self.groups_above[test.start], spans)
            number = 2
            while probe.id in probes:
                probe = probe.model_copy(update={"id": f"{probe.id.split(' #')[0]} #{number}"})
                number += 1
            probes[probe.id] = probe
        return TestFile(probes=probes)

    def line(self, at: int) -> int:
        return bisect_right(self._lines, at) + 1

    # ------------------------------------------------------------ what keeps a test from running

    def _silenced_by(self, block: Block, *, own: bool) -> str:
        if block.kind.startswith("x"):
            return block.kind
        for modifier in block.modifiers:
            if modifier in SKIPS:
                return "[...]" if modifier == UNKNOWN else modifier
        for option in block.given.parts:
            found = self._option(bare(option))
            if found:
                return found
        if own:
            for call, name in self._within(block):
                if STOP.fullmatch(name):
                    return name.rpartition(".")[2] or call.text
        return ""

    def _option(self, option: Node) -> str:
        if option.type == "identifier":
            found = OPTION.search(self.meanings.value(option))
            return found[1] if found else ""
        for pair in option.parts if option.type == "object" else ():
            key, value = pair.get("key") or pair, pair.get("value")
            name = literal(key) or key.text
            if name in ("skip", "todo") and (value is None or bare(value).text != "false"):
                return name
        return ""

    def _probe(
        self, block: Block, above: list[Block], spans: list[tuple[int, int]]
    ) -> DemandedTest:
        silenced = self._silenced_by(block, own=True)
        for outer in (block, *above):
            if self.meanings.at(outer.kind, outer.node).startswith("⟨here⟩"):
                silenced = silenced or outer.kind  # `it` is one of the file's own
        for group in above:
            silenced = silenced or self._silenced_by(group, own=False)
        silenced = silenced or self._skip_in_hook(block) or self._on_condition((*above, block))
        body = next((n for n in block.given.walk() if n.type in VALUES), None)
        inner = body.get("body") if body is not None else None
        said = normal(body) if body is not None else ""
        acts = ("call_expression", "new_expression")
        return DemandedTest(
            id=" > ".join([*(title(g) for g in above), title(block)]),
            line=self.line(block.start),
            silenced=silenced or ("" if body else "todo"),
            demands=(*self._demands(block), *(d for b in (*above, block) for d in self._rows(b))),
            acts=inner is not None and any(n.type in acts for n in inner.walk()),
            replaced=tuple(sorted(set(self._find_replaced(block, spans)))),
            body=hashlib.sha256(said.encode("utf-8", "replace")).hexdigest(),
        )

    def _rows(self, block: Block) -> Iterator[Demand]:
        """One demand for each row of the table that a test is made from."""
        line, found = self.line(block.start), list[str]()
        for above in block.node.above():
            over = above.get("right") if above.type == "for_in_statement" else None
            found += map(self.meanings.value, self.meanings.rows_of_loop(over) if over else ())
        if "each" in block.modifiers and block.table is not None:
            found += self._table(block.table)
        for row in filter(None, found):
            yield Demand(op="call", subject="each", expected=row, line=line, text=row)

    def _table(self, table: Node) -> list[str]:
        if table.type == "template_string":
            holes = [c for c in table.parts if c.type == "template_substitution"]
            head = table.text[1:-1].strip().partition("\n")[0]
            wide = head.count("|") + 1
            cells = [self.meanings.value(h.parts[0]) if h.parts else "" for h in holes]
            return ["|".join(cells[n : n + wide]) for n in range(0, len(cells), wide)]
        given = bare(table.parts[0]) if table.parts else None
        named = (
            self.meanings.node(given.text, given) if given and given.type == "identifier" else None
        )
        rows = bare(named) if named is not None else given
        if rows is not None and rows.type == "array":
            return [self.meanings.value(row) for row in rows.parts]
        return [self.meanings.value(given)] if given is not None else []

    def _skip_in_hook(self, block: Block) -> str:
        """A skip in what runs before the test."""
        for begin, end, stop in self._stopping:
            if begin < block.start < end:
                return stop
        return ""

    @cached_property
    def _stopping(self) -> list[tuple[int, int, str]]:
        found = []
        for call, name in self.calls:
            if name.rpartition(".")[2] in HOOKS:
                scope = scope_of(call)
                for _, inner in self._below(call):
                    if inner != name and STOP.fullmatch(inner):
                        begin = scope.start if scope.type != "program" else -1
                        found.append((begin, scope.end + 1, inner.rpartition(".")[2]))
        return found

    def _on_condition(self, blocks: Iterable[Block]) -> str:
        """What a test stands in or behind that may keep it from being defined."""
        for block in blocks:
            if self.flow.guards(block.node, None):
                return "if"
            if "each" in block.modifiers and (block.table is None or not self._table(block.table)):
                return "each"
        return ""

    # ------------------------------------------------------------ what a test demands

    def _demands(self, block: Block) -> Iterator[Demand]:
        for call, written in self._within(block):
            name = self._canonical(call, written)
            if not EXPECT.fullmatch(name):
                continue
            root = written.partition(".")[0]
            origin = self.meanings.at(root, call)
            chain, last, outer = _chain(call)
            depth = self.flow.guards(outer, block.given)
            if depth >= DEAD or origin.startswith("⟨here⟩") or self._is_shadowed(block, root):
                continue
            if ({"resolves", "rejects"} & set(chain) and not is_awaited(outer)) or "catch" in chain[
                1:
            ]:
                depth += 1
            first = [self.meanings.value(a) for a in arguments(call)]
            demand = demand_of(name, first, chain, [self.meanings.value(a) for a in last])
            if demand is None:
                continue
            yield demand.model_copy(
                update={
                    "subject": (origin if origin.startswith("⟨.") else "") + demand.subject,
                    "guarded": depth,
                    "line": self.line(call.start),
                    "text": self.text[call.start : outer.end],
                }
            )

    def _canonical(self, call: Node, written: str) -> str:
        """The name that a called function has in its library, whatever it is called here."""
        root, dot, rest = written.partition(".")
        if not root or not self.meanings.knows(root):
            return LIBRARY.sub("", written)
        meaning = self.meanings.at(root, call)
        found = ASSERTS.match(meaning)
        if found:
            words = [] if found[1] in ("default", "*", "strict") else [found[1]]
            return ".".join(["assert", *words, *([rest] if dot else [])])
        given = GIVEN.sub("", meaning).replace("(", "").replace(")", "")
        known = WORDS.fullmatch(given) and given.partition(".")[0] in LIBRARIES
        return LIBRARY.sub("", f"{given if known else root}{dot}{rest}")

    def _is_shadowed(self, block: Block, name: str) -> bool:
        """True when the test itself gives `expect` another meaning."""
        return any(block.start < at < block.end for at in self._declared_at.get(name, ()))

    @cached_property
    def _declared_at(self) -> dict[str, list[int]]:
        """Where each name is declared, not counting parameters."""
        found: dict[str, list[int]] = {}
        for kind in ("variable_declarator", "function_declaration"):
            for node in self.nodes.get(kind, ()):
                title = node.get("name")
                if title is not None:
                    found.setdefault(title.text, []).append(node.start)
        return found

    def _find_replaced(self, block: Block, tests: list[tuple[int, int]]) -> Iterator[str]:
        """What is mocked while the test runs: in it, and outside of every test."""
        for call, name in self.mocks:
            at = call.start
            mine = block.start < at < block.end
            if not mine and not HOISTED.search(name) and _inside(at, tests):
                continue
            parts = [self.meanings.value(a) for a in arguments(call)]
            if parts and not PLATFORM.match(normal(arguments(call)[0])):
                target = ".".join(parts[: 2 if "spy" in name else 1])
                yield f"{re.sub(r'[^A-Za-z.]', '', name)} {target}"

    @cached_property
    def mocks(self) -> list[tuple[Node, str]]:
        """Calls that put something in the place of something else, each with its name."""
        found = ((call, self._canonical(call, name)) for call, name in self.calls if name)
        return [(call, name) for call, name in found if MOCK.search(name)]

    # ------------------------------------------------------------ calls

    def _callee_name(self, call: Node) -> str:
        callee = call.get("function")
        return dotted_name(callee) if callee is not None else ""

    def _within(self, block: Block) -> Iterator[tuple[Node, str]]:
        return self._below(block.given)

    def _below(self, node: Node) -> Iterator[tuple[Node, str]]:
        begin = bisect_right(self._starts, node.start)
        return iter(self.calls[begin : bisect_left(self._starts, node.end)])


def _inside(at: int, spans: list[tuple[int, int]]) -> bool:
    return any(begin < at < end for begin, end in spans)


def _chain(call: Node) -> tuple[list[str], list[Node], Node]:
    """The words after `expect(...)`, the arguments of the last call, and the whole of it."""
    words: list[str] = []
    last: list[Node] = []
    node, up = call, call.parent
    while up is not None:
        if up.type in ("member_expression", "subscript_expression") and node.field == "object":
            words.append(member(up))
        elif up.type == "call_expression" and node.field == "function" and words:
            last = arguments(up)
        elif bare(up) is not bare(node):
            break
        node, up = up, up.parent
    return words, last, node


def read_script(text: str, path: str, own: frozenset[str] = frozenset()) -> TestFile | None:
    """The tests of one file; None when it is beyond reading. Ids are `suite > name`. `own`: what
    the base's version of the file defined itself."""
    try:
        found = ScriptFile(text, path, own).read_tests()
    except ValueError:
        return None
    return found if sum(len(p.demands) for p in found.probes.values()) <= MOST_DEMANDS else None


def own_names(text: str, path: str) -> frozenset[str]:
    """What a script defines itself outside its tests; nothing where it is not understood."""
    try:
        return ScriptFile(text, path).own
    except ValueError:
        return frozenset()


def focused_line(text: str, path: str) -> int:
    """The line of the first test that runs alone (`.only`, `fit`), 0 when there is none."""
    try:
        script = ScriptFile(text, path)
    except ValueError:
        return 0
    for block in script.blocks:
        if block.kind in ("fit", "ftest", "fdescribe") or "only" in block.modifiers:
            return script.line(block.start)
    return 0
