"""Tests in Go: package testing, testify, gotest.tools, check, Gomega. By the syntax tree. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from harness.syntax.tree import Node, SyntaxTree
from harness.weakening.code_demands import Words, approx, call_demand, pair, truth
from harness.weakening.code_flow import Shapes
from harness.weakening.code_tests import Written, rows_of
from harness.weakening.code_text import Bound, CodeNames, scope_of, tokens
from harness.weakening.demands import Demand

CASES = frozenset(("expression_case", "type_case", "communication_case", "default_case"))
SHAPES = Shapes(
    functions=frozenset(("func_literal", "function_declaration", "method_declaration")),
    blocks=frozenset(("block", "statement_list", *CASES)),
    branches=frozenset(("if_statement",)),
    cases=CASES,
    loops=frozenset(("for_statement",)),
    over=("range_clause", "for_clause"),
    tries=frozenset(),
    catches=frozenset(),
    leaves=frozenset(
        ("return_statement", "break_statement", "continue_statement", "goto_statement")
    ),
    jumps=frozenset(("break_statement", "continue_statement")),
    later=frozenset(("go_statement",)),
    later_calls=frozenset(),
    empty=re.compile(r"\[\].*\{\}|map\[.*\{\}|nil"),
)
SCOPES = SHAPES.functions | CASES | {"block", "if_statement", "for_statement", "source_file"}
BINDS = frozenset(
    (
        *("short_var_declaration", "assignment_statement", "var_spec", "const_spec"),
        *("range_clause", "parameter_declaration", "variadic_parameter_declaration"),
        "inc_statement",
    )
)
TEST = re.compile(r"^(Test|Benchmark|Fuzz|Example)(?![a-z])")
FAILS = frozenset(("Error", "Errorf", "Fatal", "Fatalf", "Fail", "FailNow"))
SKIPS = frozenset(("Skip", "Skipf", "SkipNow"))
ENDS = re.compile(r"^(panic|log\.(Fatal|Panic)\w*|os\.Exit)$")
PAIRS = {
    "Equal": "eq",
    "Exactly": "eq",
    "Same": "eq",
    "DeepEqual": "eq",
    "EqualValues": "alike",
    "ElementsMatch": "alike",
    "JSONEq": "alike",
    "YAMLEq": "alike",
    "NotEqual": "ne",
    "NotSame": "ne",
    "NotEqualValues": "ne",
    "Len": "eq",
    "EqualError": "raises",
    "ErrorIs": "raises",
    "ErrorContains": "match",
    "ErrorAs": "isinstance",
    "Contains": "in",
    "NotContains": "in",
    "Subset": "in",
    "Regexp": "match",
    "NotRegexp": "match",
    "Greater": "bound",
    "GreaterOrEqual": "bound",
    "Less": "bound",
    "LessOrEqual": "bound",
    "IsType": "isinstance",
    "Implements": "isinstance",
    "PanicsWithValue": "raises",
    "PanicsWithError": "raises",
}
ALONE = {
    "Nil": ("eq", "nil"),
    "NoError": ("eq", "nil"),
    "NilError": ("eq", "nil"),
    "NotNil": ("ne", "nil"),
    "Error": ("ne", "nil"),
    "Empty": ("eq", "empty"),
    "NotEmpty": ("ne", "empty"),
    "Zero": ("eq", "zero"),
    "NotZero": ("ne", "zero"),
    "Panics": ("raises", "panic"),
    "NotPanics": ("eq", "no panic"),
}
BOOLEAN = {"True": True, "False": False}
NEAR = frozenset(("InDelta", "InEpsilon", "WithinDuration"))
LOOSE = frozenset(("Assert", "Check", "Eventually", "Never", "Condition", "Fail", "FailNow"))
LIBRARIES = re.compile(r"(^|/)(assert|require|must|is|qt|quicktest|check|testify|suite)(\.v\d+)?$")
MATCHES = frozenset(("To", "ToNot", "NotTo", "Should", "ShouldNot"))
BUILDS = re.compile(r"(?m)^//(?:go:build| ?\+build)[ \t]+(.+)$")
SYSTEMS = re.compile(
    r"_(aix|android|darwin|dragonfly|freebsd|illumos|ios|js|linux|netbsd|openbsd|plan9|solaris"
    r"|wasip1|windows|386|amd64|arm|arm64|loong64|mips\w*|ppc64\w*|riscv64|s390x|wasm)(?=_|$)"
)
OUTPUT = re.compile(r"//\s*(?:Unordered )?output:((?:.*\n\s*//)*.*)", re.I)
BUILTINS = frozenset(
    (
        *("append", "cap", "close", "copy", "delete", "len", "make", "new", "panic", "print"),
        *("println", "recover"),
    )
)


class Go:
    """`name`: the file's own, which may say for which system it is."""

    shapes = SHAPES
    calls = frozenset(("call_expression",))

    def __init__(self, name: str) -> None:
        stem = name.removesuffix(".go").removesuffix("_test")
        self._system = "".join(found[0] for found in SYSTEMS.finditer(stem))

    def origins(self, root: Node) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for node in root.walk():
            if node.type == "import_spec":
                path, name = node.get("path"), node.get("name")
                said = path.text.strip('"`') if path is not None else ""
                short = re.sub(r"^go-|\.go$|\.v\d+$", "", re.sub(r"/v\d+$", "", said))
                title = name.text if name is not None else short.rpartition("/")[2]
                found[title] = f"⟨{said}⟩"
            elif node.type == "function_declaration" and (title_node := node.get("name")):
                found[title_node.text] = f"⟨here⟩{title_node.text}"
        return found

    def bound(self, root: Node) -> Iterator[Bound]:
        for node in root.walk():
            if node.type not in BINDS:
                continue
            scope = scope_of(node, SCOPES)
            if node.type in ("short_var_declaration", "assignment_statement"):
                anew = node.type == "short_var_declaration"
                left, right = node.get("left"), node.get("right")
                yield from _given(node, _parts(left), _parts(right), scope, anew=anew)
            elif node.type in ("var_spec", "const_spec"):
                titles = [c for c in node.children if c.field == "name"]
                yield from _given(node, titles, _parts(node.get("value")), scope, anew=True)
            elif node.type == "range_clause":
                over = _parts(node.get("right"))
                table = bool(over) and over[-1].type in ("identifier", "composite_literal")
                for title in _parts(node.get("left")):
                    value = None if table or not over else over[-1]
                    yield Bound(title.text, node.end, scope, value, "each")
            elif node.type in ("parameter_declaration", "variadic_parameter_declaration"):
                for title in (c for c in node.children if c.field == "name"):
                    yield Bound(title.text, node.end, _function(node), None, title.text)
            elif node.type == "inc_statement":
                yield Bound(node.parts[0].text, node.end, scope, node, anew=False)

    def written(self, root: Node, names: CodeNames) -> Iterator[Written]:
        wrapped = self._conditions(root)
        for node in root.parts:
            title, body = node.get("name"), node.get("body")
            if node.type not in SHAPES.functions or title is None or body is None:
                continue
            receiver = node.get("receiver")
            is_test = bool(TEST.match(title.text)) and title.text != "TestMain"
            kind = re.sub(r"^\(\w*\s*\*?|\)$", "", receiver.text) if receiver is not None else ""
            more: list[Demand] = []
            if title.text.startswith("Example"):
                said = OUTPUT.search(body.text)
                is_test = said is not None
                if said is not None:
                    text = " ".join(said[1].replace("//", " ").split())
                    more.append(Demand(op="eq", subject="output", expected=text, text=text))
            yield Written(
                id=f"{kind}::{title.text}" if kind else title.text,
                node=node,
                body=body,
                helper=not is_test,
                wrapped=wrapped,
                demands=tuple(more),
            )

    def read_assertions(self, call: Node, names: CodeNames) -> Iterator[Demand]:
        name = self.callee(call)
        root, _, last = name.partition(".")
        last = last.rpartition(".")[2]
        given = self.given(call)
        if last in MATCHES and name.split("(")[0].rpartition(".")[2] in (
            "Expect",
            "Ω",
            "Eventually",
        ):
            subject = call.get("function")
            looked = subject.get("operand") if subject is not None else None
            said = ", ".join(names.normal(one) for one in given)
            if looked is not None:
                negated = "Not" in last
                yield Demand(
                    op="ne" if negated else "eq", subject=names.normal(looked), expected=said
                )
            return
        if last == "Add" and self._is_tester(call, root):
            yield call_demand("each", [[], *given], names)
        if not self._is_library(call, root, name, names):
            yield from self._handed_on(call, name, given, names)
            return
        if given and self._is_test_value(call, given[0], names):
            given = given[1:]
        last = last.removesuffix("f") if last not in ("Nilf",) else "Nil"
        yield from _testify(last, given, names)

    def _handed_on(
        self, call: Node, name: str, given: Sequence[Words], names: CodeNames
    ) -> Iterator[Demand]:
        """A statement that gives the test to a function from elsewhere, which asserts for it."""
        parent = call.parent
        if parent is None or parent.type != "expression_statement":
            return
        rest = [one for one in given if not self._is_test_value(call, one, names)]
        if len(rest) == len(given) or names.origins.get(name, "").startswith("⟨here⟩"):
            return
        function = call.get("function")
        owner = function.get("operand") if function is not None else None
        for row in rows_of(owner, names) if owner is not None else ():
            yield Demand(op="call", subject="each", expected=names.normal(row), text=row.text)
        yield call_demand(name or "?", rest, names)

    def fails(self, node: Node) -> bool:
        if node.type != "call_expression":
            return False
        name = self.callee(node)
        root, _, last = name.partition(".")
        if ENDS.match(name):
            return name != "os.Exit" or "(0)" not in node.text
        return last in FAILS and self._is_tester(node, root)

    def skips(self, node: Node) -> bool:
        if node.type != "call_expression":
            return False
        root, _, last = self.callee(node).partition(".")
        return last.rpartition(".")[2] in SKIPS and (
            self._is_tester(node, root) or last.startswith(("T()", "Skip"))
        )

    def callee(self, call: Node) -> str:
        function = call.get("function")
        return _dotted(function) if function is not None else ""

    def given(self, call: Node) -> list[Words]:
        return [tokens(part) for part in _parts(call.get("arguments"))]

    def is_foreign(self, name: str, names: CodeNames) -> bool:
        root, dot, _ = name.partition(".")
        origin = names.origins.get(root, "")
        if not dot:
            return root.isidentifier() and root not in BUILTINS
        path = origin.strip("⟨⟩")
        return "." in path.partition("/")[0] and not LIBRARIES.search(path)

    def find_silences(self, tree: SyntaxTree) -> tuple[str, int]:
        for node in tree.root.parts:
            title, body = node.get("name"), node.get("body")
            if title is not None and title.text == "TestMain" and body is not None:
                calls = {self.callee(n) for n in body.walk() if n.type == "call_expression"}
                if not any(name.endswith(".Run") for name in calls):
                    return "TestMain", tree.text.count("\n", 0, node.start) + 1
        return "", 0

    # ------------------------------------------------------------ what stands for the test

    def _conditions(self, root: Node) -> tuple[str, ...]:
        """On which systems, and with which tags, the file is built."""
        head = root.source[: next((n.start for n in root.parts), 0)]
        found = [f"build {' '.join(m[1].split())}" for m in BUILDS.finditer(head)]
        return (*found, *([self._system] if self._system else []))

    def _is_tester(self, node: Node, name: str) -> bool:
        """Whether a name is a `*testing.T` or its like there."""
        for up in node.above():
            if up.type not in SHAPES.functions:
                continue
            taken = up.get("parameters")
            for one in taken.parts if taken is not None else ():
                kind = one.get("type")
                titles = [c.text for c in one.children if c.field == "name"]
                if name in titles:
                    return kind is not None and bool(
                        re.search(r"testing\.|^\*?\w*\.?(T|TB|B|C|TestingT)$", kind.text)
                    )
        return False

    def _is_test_value(self, call: Node, given: Words, names: CodeNames) -> bool:
        said = "".join(token.text for token in given)
        return self._is_tester(call, said) or bool(re.fullmatch(r"\w+\.T\(\)", said))

    def _is_library(self, call: Node, root: str, name: str, names: CodeNames) -> bool:
        """Whether a call's root is a library of assertions, or made by one."""
        origin = names.origins.get(root, "").strip("⟨⟩")
        if origin:
            return bool(LIBRARIES.search(origin))
        value = names.value_of(root, call)
        if value is not None:
            return bool(re.match(r"(assert|require|is|qt|check|must)\.New\(", value.text))
        if re.match(r"\w+\.(Require|Assert)\(\)\.", name):
            return True
        if self._is_tester(call, root) and not re.search(r"\.(Error|Fail)(f|Now)?$", name):
            return name.endswith((".Assert", ".Check"))
        return any(
            up.type == "method_declaration" and re.match(rf"\(\s*{re.escape(root)}\b", up_text)
            for up in call.above()
            if (up_text := _receiver(up))
        )


def _receiver(node: Node) -> str:
    found = node.get("receiver")
    return found.text if found is not None else ""


def _testify(last: str, given: Sequence[Words], names: CodeNames) -> Iterator[Demand]:
    if last in BOOLEAN and given:
        yield from truth(given[0], names, positive=BOOLEAN[last])
    elif last in ALONE and given:
        op, expected = ALONE[last]
        yield Demand(op=op, subject=names.normal(given[0]), expected=expected)
    elif last in NEAR and len(given) > 2:
        yield approx(given[1], given[0], given[2], names)
    elif last in PAIRS and len(given) > 1:
        op = PAIRS[last]
        if op in ("eq", "ne", "alike"):
            yield pair(op, given[0], given[1], names)
            return
        turned = last in ("Regexp", "NotRegexp", "IsType", "Implements", "PanicsWithValue")
        looked, held = (given[1], given[0]) if turned else (given[0], given[1])
        word = last if op in ("in", "match", "bound", "raises") else ""
        wanted = f"{word} {names.normal(held)}".strip()
        yield Demand(op=op, subject=names.normal(looked), expected=wanted)
    elif last in LOOSE or last.startswith(("Assert", "Check", "Expect")):
        yield call_demand(last, given, names)


def _given(
    node: Node, titles: Sequence[Node], values: Sequence[Node], scope: Node, *, anew: bool
) -> Iterator[Bound]:
    """The names that a statement gives values to, one by one or all from one call."""
    # those of the file hold before they are written down too
    at = -1 if scope.type == "source_file" else node.end
    for number, title in enumerate(titles):
        if title.type != "identifier" or title.text == "_":
            continue
        if len(values) == len(titles):
            yield Bound(title.text, at, scope, values[number], anew=anew)
        elif values:
            prefix = f"{number}:" if len(titles) > 1 else ""
            yield Bound(title.text, at, scope, values[0], prefix, anew=anew)
        else:
            yield Bound(title.text, at, scope, None, "new", anew=anew)


def _parts(node: Node | None) -> list[Node]:
    if node is None:
        return []
    return node.parts if node.type in ("expression_list", "argument_list") else [node]


def _function(node: Node) -> Node:
    return scope_of(node, SHAPES.functions)


def _dotted(node: Node) -> str:
    """`a.b.c`, with `()` for what a call gives; "" for what has no name."""
    if node.type == "call_expression":
        inner = node.get("function")
        return f"{_dotted(inner)}()" if inner is not None else ""
    if node.type == "selector_expression":
        operand, field = node.get("operand"), node.get("field")
        if operand is None or field is None:
            return ""
        return f"{_dotted(operand)}.{field.text}"
    return node.text if node.type in ("identifier", "package_identifier") else ""
