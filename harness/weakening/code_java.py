"""Tests in Java: JUnit 3, 4 and 5, TestNG, AssertJ, Truth, Hamcrest, Mockito. By the syntax tree.
Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from harness.syntax.tree import Node, SyntaxTree
from harness.weakening.code_demands import Words, approx, call_demand, pair, truth
from harness.weakening.code_flow import Shapes
from harness.weakening.code_tests import Written
from harness.weakening.code_text import Bound, CodeNames, scope_of, tokens
from harness.weakening.demands import Demand

TYPES = frozenset(
    ("class_declaration", "interface_declaration", "enum_declaration", "record_declaration")
)
SHAPES = Shapes(
    functions=frozenset(("lambda_expression", "method_declaration")),
    blocks=frozenset(("block", "switch_block_statement_group", "constructor_body")),
    branches=frozenset(("if_statement", "ternary_expression")),
    cases=frozenset(("switch_block_statement_group", "switch_rule")),
    loops=frozenset(("for_statement", "enhanced_for_statement", "while_statement", "do_statement")),
    over=("value",),
    tries=frozenset(("try_statement", "try_with_resources_statement")),
    catches=frozenset(("catch_clause",)),
    leaves=frozenset(
        ("return_statement", "break_statement", "continue_statement", "yield_statement")
    ),
    jumps=frozenset(("break_statement", "continue_statement")),
    later=frozenset(),
    later_calls=frozenset(("submit", "execute", "runAsync", "supplyAsync", "schedule", "Thread")),
    empty=re.compile(
        r"(⟨[\w.]*)?(List|Set|Stream)⟩?\.(<.*>)?of\(\)|new .*\{\}|new \w+(<.*>)?\(\)"
        r"|(⟨[\w.]*)?Collections⟩?\.empty\w+\(\)"
    ),
)
SCOPES = SHAPES.functions | SHAPES.loops | SHAPES.cases | TYPES | {
    *("block", "class_body", "catch_clause", "program", "try_with_resources_statement"),
}  # fmt: skip
TEST = frozenset(
    ("Test", "ParameterizedTest", "RepeatedTest", "TestFactory", "TestTemplate", "Theory")
)
SILENT = frozenset(("Disabled", "Ignore"))
ROWS = frozenset(
    (
        *("ValueSource", "CsvSource", "CsvFileSource", "MethodSource", "EnumSource", "NullSource"),
        *("EmptySource", "NullAndEmptySource", "ArgumentsSource", "FieldSource", "Parameters"),
    )
)
HARMLESS = TEST | ROWS | frozenset(
    (
        *("DisplayName", "Override", "SuppressWarnings", "Timeout", "Nested", "Deprecated"),
        "Order",
        *("Before", "After", "BeforeEach", "AfterEach", "BeforeClass", "AfterClass", "BeforeAll"),
        *("AfterAll", "TempDir", "ExtendWith", "RunWith", "Mock", "InjectMocks", "Rule", "Captor"),
        *("ClassRule", "SafeVarargs", "TestInstance", "SpringBootTest", "Autowired", "Tag"),
        *("TestMethodOrder", "DisplayNameGeneration", "Spy", "MockBean", "FixMethodOrder"),
    )
)  # fmt: skip
# (operation, how many of its arguments count)
JUNIT = {
    "assertEquals": "eq", "assertSame": "eq", "assertArrayEquals": "eq", "assertNotEquals": "ne",
    "assertIterableEquals": "eq", "assertLinesMatch": "alike", "assertNotSame": "ne",
    "assertThatExceptionOfType": "raises",
}  # fmt: skip
ALONE = {"assertNull": ("eq", "null"), "assertNotNull": ("ne", "null")}
BOOLEAN = {"assertTrue": True, "assertFalse": False}
THROWS = frozenset(("assertThrows", "assertThrowsExactly", "expectThrows"))
BROAD = frozenset(("Exception.class", "Throwable.class", "RuntimeException.class"))
CHAIN = {
    "isEqualTo": "eq", "isSameAs": "eq", "containsExactly": "eq", "isNull": "eq", "isTrue": "eq",
    "isFalse": "eq", "isEmpty": "eq", "hasSize": "eq", "hasMessage": "eq", "isZero": "eq",
    "containsExactlyInAnyOrder": "alike", "isEqualToIgnoringCase": "alike", "isCloseTo": "approx",
    "contains": "in", "containsOnly": "alike", "containsEntry": "in", "containsKey": "in",
    "matches": "match", "startsWith": "match", "endsWith": "match", "hasMessageContaining": "match",
    "isGreaterThan": "bound", "isLessThan": "bound", "isBetween": "bound", "isAtLeast": "bound",
    "isAtMost": "bound", "isGreaterThanOrEqualTo": "bound", "isLessThanOrEqualTo": "bound",
    "isInstanceOf": "isinstance", "isExactlyInstanceOf": "isinstance", "isNotNull": "ne",
    "isNotEqualTo": "ne", "isNotEmpty": "ne", "isPresent": "truth", "isNotSameAs": "ne",
}  # fmt: skip
STARTS = frozenset(
    ("assertThat", "assertWithMessage", "then", "assertThatThrownBy", "assertThatCode", "verify")
)
PLAIN = frozenset(("as", "describedAs", "withFailMessage", "overridingErrorMessage", "extracting"))
ASSUMES = re.compile(r"^assum(e|ing)\w*$")
ASSERTS = re.compile(r"^(assert|expect|verify|check)([A-Z]\w*)?$")
STANDARD = re.compile(
    r"^(java|javax|org\.junit|org\.assertj|org\.hamcrest|org\.mockito|org\.testng|com\.google\.common)\."
)
LANG = frozenset(
    (
        *("String", "Integer", "Long", "Double", "Math", "Object", "Boolean", "System", "Thread"),
        *("Character", "StringBuilder", "Exception", "RuntimeException", "Byte", "Short", "Float"),
    )
)


class Java:
    shapes = SHAPES
    calls = frozenset(("method_invocation", "object_creation_expression", "assert_statement"))

    def origins(self, root: Node) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for node in root.parts:
            if node.type == "import_declaration" and not any(
                c.type == "asterisk" for c in node.children
            ):
                path = "".join(node.parts[-1].text.split())
                found[path.rpartition(".")[2]] = f"⟨{path}⟩"
        for node in root.walk():
            title = node.get("name")
            if node.type in (*TYPES, "method_declaration") and title is not None:
                found[title.text] = f"⟨here⟩{title.text}"
        return found

    def bound(self, root: Node) -> Iterator[Bound]:
        for node in root.walk():
            reading = BOUND.get(node.type)
            if reading is not None:
                yield from reading(node, scope_of(node, SCOPES))

    def written(self, root: Node, names: CodeNames) -> Iterator[Written]:
        globs = tuple(sorted(_globs(root)))
        for node in root.walk():
            title, body = node.get("name"), node.get("body")
            if node.type != "method_declaration" or title is None or body is None:
                continue
            above = [up for up in node.above() if up.type in TYPES]
            marks = list(_marks(node))
            around = [m for up in above for m in _marks(up)]
            is_test = any(name in TEST for name, _ in marks) or _is_old_test(title, above)
            path = [n.text for up in reversed(above) if (n := up.get("name")) is not None]
            demands = list(_head(marks, names))
            yield Written(
                id="::".join([*path, title.text]),
                node=node,
                body=body,
                helper=not is_test,
                silenced=next((n for n, _ in (*marks, *around) if n in SILENT), "")
                or ("enabled = false" if _is_off(marks) else ""),
                wrapped=tuple(
                    text.removeprefix("@")
                    for name, text in ((n, m.text) for n, m in (*marks, *around))
                    if name not in HARMLESS and name not in SILENT
                ),
                replaced=globs,
                guarded=sum(d.op == "raises" for d in demands),
                demands=tuple(demands),
            )

    def read_assertions(self, call: Node, names: CodeNames) -> Iterator[Demand]:
        if call.type == "assert_statement":
            yield from truth(tokens(call.parts[0]), names)
            return
        if call.type != "method_invocation":
            return
        name, given = _name(call), self.given(call)
        if names.origins.get(name, "").startswith("⟨here⟩"):
            return  # one of the file's own
        start = _start(call)
        if start is not None and start is not call:
            yield from _chained(call, start, name, given, names)
        elif name == "assertThat" and len(given) > 1:
            looked, wanted = given[-2], given[-1]
            yield Demand(op="eq", subject=names.normal(looked), expected=names.normal(wanted))
        elif (ASSERTS.match(name) and name not in STARTS and call.get("object") is None) or (
            ASSERTS.match(name) and name not in STARTS and _is_library(call, names)
        ):
            yield from _junit(name, given, names)

    def fails(self, node: Node) -> bool:
        if node.type == "throw_statement":
            return True
        if node.type != "method_invocation" or _name(node) != "fail":
            return False
        return node.get("object") is None or node.text.startswith(("Assert", "org."))

    def skips(self, node: Node) -> bool:
        if node.type == "throw_statement":
            return bool(
                re.search(r"new (\w+\.)*(Skip|TestAborted|AssumptionViolated)\w*", node.text)
            )
        return node.type == "method_invocation" and bool(ASSUMES.match(_name(node)))

    def callee(self, call: Node) -> str:
        if call.type == "object_creation_expression":
            kind = call.get("type")
            return f"new {kind.text.partition('<')[0]}" if kind is not None else ""
        owner, name = call.get("object"), _name(call)
        if owner is None or owner.type == "this":
            return name
        return f"{owner.text}.{name}" if owner.type == "identifier" else f"?.{name}"

    def given(self, call: Node) -> list[Words]:
        found = call.get("arguments")
        return [tokens(part) for part in found.parts] if found is not None else []

    def is_foreign(self, name: str, names: CodeNames) -> bool:
        root = name.removeprefix("new ").partition(".")[0]
        origin = names.origins.get(root, "").strip("⟨⟩")
        if origin.startswith("here") or STANDARD.match(origin) or root in LANG:
            return False
        return bool(origin) or root[:1].isupper()

    def find_silences(self, tree: SyntaxTree) -> tuple[str, int]:
        return "", 0


def _name(call: Node) -> str:
    found = call.get("name")
    return found.text if found is not None else ""


def _is_library(call: Node, names: CodeNames) -> bool:
    owner = call.get("object")
    said = owner.text if owner is not None else ""
    if said in ("this", "super"):
        return True
    origin = names.origins.get(said, f"⟨{said}⟩").strip("⟨⟩")
    return bool(re.search(r"(^|\.)(\w*Assert(ions)?|MatcherAssert|Truth|TestCase)$", origin))


def _start(call: Node) -> Node | None:
    """The `assertThat(...)` that a chain of calls begins with."""
    node: Node | None = call
    while node is not None and node.type == "method_invocation":
        owner = node.get("object")
        if _name(node) in STARTS and (owner is None or owner.type != "method_invocation"):
            return node
        node = owner
    return None


def _chained(
    call: Node, start: Node, name: str, given: Sequence[Words], names: CodeNames
) -> Iterator[Demand]:
    found = start.get("arguments")
    looked = ", ".join(names.normal(part) for part in (found.parts if found is not None else []))
    owner = call.get("object")
    between = names.normal(owner) if owner is not None and owner is not start else ""
    steps = re.findall(r"\.(extracting\w*|map\w*|filtered\w*|element|first|last|get)\(", between)
    subject = f"{looked}{'.' + '.'.join(steps) if steps else ''}"
    if name in PLAIN or (call.parent is not None and name in ("extracting", "usingRecursive")):
        return
    expected = ", ".join(names.normal(one) for one in given)
    op = "call" if _name(start) == "verify" else CHAIN.get(name, "call")
    if op == "approx":
        yield Demand(op=op, subject=subject, expected=expected, slack=_offset(expected))
        return
    word = "" if op == "eq" and given else name
    yield Demand(op=op, subject=subject, expected=f"{word} {expected}".strip())


def _offset(said: str) -> float:
    found = re.search(
        r"(?:within|offset|byLessThan|withPercentage)\((\d+\.?\d*(?:[eE]-?\d+)?)", said
    )
    return float(found[1]) if found else 1.0


def _junit(name: str, given: Sequence[Words], names: CodeNames) -> Iterator[Demand]:
    kept = [one for one in given if one]
    first = kept[0][0].text if kept else ""
    if name in BOOLEAN and kept:
        told = len(kept) > 1 and first.startswith('"')
        yield from truth(kept[1] if told else kept[0], names, positive=BOOLEAN[name])
    elif name in ALONE and kept:
        op, expected = ALONE[name]
        told = len(kept) > 1 and first.startswith('"')
        yield Demand(op=op, subject=names.normal(kept[1] if told else kept[0]), expected=expected)
    elif name in THROWS and kept:
        kind = names.normal(kept[0])
        subject = names.normal(kept[1]) if len(kept) > 1 else ""
        broad = kind.strip("⟨⟩").rpartition(".")[0].rpartition(".")[2] + ".class" in BROAD
        yield Demand(op="raises", subject=subject, expected=kind, broad=broad or kind in BROAD)
    elif name in JUNIT and len(kept) > 1:
        if len(kept) > 2 and first.startswith('"') and _is_text(kept):
            kept = kept[1:]  # JUnit 4 has its message first
        if len(kept) > 2 and re.fullmatch(r"-?\d*\.?\d+(e-?\d+)?[dDfF]?", _text(kept[2])):
            yield approx(kept[1], kept[0], kept[2], names)
        else:
            yield pair(JUNIT[name], kept[1], kept[0], names)
    elif kept:
        yield call_demand(name, kept, names)


def _is_text(given: Sequence[Words]) -> bool:
    """Whether the first of three is a message: the last is no text."""
    return not given[-1][0].text.startswith('"')


def _text(words: Words) -> str:
    return "".join(token.text for token in words)


def _marks(node: Node) -> Iterator[tuple[str, Node]]:
    """The annotations of a declaration, by name."""
    head = next((c for c in node.children if c.type == "modifiers"), None)
    for one in head.parts if head is not None else ():
        title = one.get("name")
        if title is not None:
            yield title.text.rpartition(".")[2], one


def _head(marks: Sequence[tuple[str, Node]], names: CodeNames) -> Iterator[Demand]:
    """What annotations demand: an exception, and rows."""
    for name, mark in marks:
        given = mark.get("arguments")
        if name == "Test" and given is not None:
            found = re.search(r"expected\w*\s*=\s*\{?\s*([\w.]+)", given.text)
            if found:
                broad = f"{found[1].removesuffix('.class')}.class" in BROAD
                yield Demand(
                    op="raises", subject="", expected=found[1], broad=broad, text=mark.text
                )
        elif name in ROWS:
            rows = _values(given) if given is not None else []
            for row in rows or [mark]:
                yield Demand(op="call", subject="each", expected=names.normal(row), text=row.text)


def _values(given: Node) -> list[Node]:
    held = next((n for n in given.walk() if n.type == "element_value_array_initializer"), None)
    return held.parts if held is not None else []


def _is_off(marks: Sequence[tuple[str, Node]]) -> bool:
    return any(n == "Test" and re.search(r"enabled\s*=\s*false", m.text) for n, m in marks)


def _is_old_test(title: Node, above: Sequence[Node]) -> bool:
    """JUnit 3: a method `test...` of a TestCase."""
    kinds = [kind.text for up in above if (kind := up.get("superclass")) is not None]
    return title.text.startswith("test") and any(k.endswith("TestCase") for k in kinds)


def _globs(root: Node) -> Iterator[str]:
    for node in root.parts:
        if node.type == "import_declaration" and any(c.type == "asterisk" for c in node.children):
            path = "".join(node.parts[0].text.split())
            if not STANDARD.match(f"{path}."):
                yield f"{path}.*"


def _declared(node: Node, scope: Node) -> Iterator[Bound]:
    title, value = node.get("name"), node.get("value")
    if title is None:
        return
    field = node.parent is not None and node.parent.type == "field_declaration"
    at = scope.start if field else node.end
    yield Bound(title.text, at, scope, value, "" if value is not None else title.text)


def _assigned(node: Node, scope: Node) -> Iterator[Bound]:
    left = node.get("left")
    if left is not None and left.type == "identifier":
        plain = any(c.type == "=" for c in node.children)
        yield Bound(left.text, node.end, scope, node.get("right") if plain else node, anew=False)


def _looped(node: Node, scope: Node) -> Iterator[Bound]:
    title, over = node.get("name"), node.get("value")
    if title is not None:
        yield Bound(title.text, over.end if over is not None else node.start, node, None, "each")


def _taken(node: Node, scope: Node) -> Iterator[Bound]:
    title = node.get("name")
    if title is not None:
        function = scope_of(node, SHAPES.functions)
        yield Bound(title.text, node.end, function, None, title.text)


BOUND: Mapping[str, Callable[[Node, Node], Iterator[Bound]]] = {
    "variable_declarator": _declared,
    "resource": _declared,
    "assignment_expression": _assigned,
    "enhanced_for_statement": _looped,
    "formal_parameter": _taken,
}
