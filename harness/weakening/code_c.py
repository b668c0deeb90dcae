"""Tests in C and C++: GoogleTest, Catch2, doctest, Unity, plain programs with `assert` or a code of
their own. By the syntax tree of a text that `c_text.py` prepared. Pure."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping

from harness.syntax.tree import Node, SyntaxTree
from harness.weakening.c_text import HEADS, INNER, Head, title_of
from harness.weakening.code_c_asserts import ASSERTS, is_stem, read_assertion
from harness.weakening.code_c_names import bound_names, declaration_of, tables
from harness.weakening.code_demands import Words, call_demand, truth
from harness.weakening.code_flow import Shapes
from harness.weakening.code_tests import Written
from harness.weakening.code_text import Bound, CodeNames, tokens
from harness.weakening.demands import Demand

SHAPES = Shapes(
    functions=frozenset(("lambda_expression", "function_definition")),
    blocks=frozenset(("compound_statement", "case_statement")),
    branches=frozenset(("if_statement", "conditional_expression")),
    cases=frozenset(("case_statement", "preproc_if", "preproc_ifdef", "preproc_else")),
    loops=frozenset(("for_statement", "for_range_loop", "while_statement", "do_statement")),
    over=("right",),
    tries=frozenset(("try_statement",)),
    catches=frozenset(("catch_clause",)),
    leaves=frozenset(
        ("return_statement", "break_statement", "continue_statement", "goto_statement")
    ),
    jumps=frozenset(("break_statement", "continue_statement")),
    later=frozenset(),
    later_calls=frozenset(),
    empty=re.compile(r"(?:std::\w+(?:<.*>)?)?\{\}"),
)
CONDITIONS = frozenset(("preproc_if", "preproc_ifdef", "preproc_elif", "preproc_else"))
TYPES = frozenset(("class_specifier", "struct_specifier", "namespace_definition"))
TESTLIKE = re.compile(r"(?i)^_*(?:tests?(?:_|[A-Z0-9]|$)|it_|should_)|_tests?$")
RUNS = re.compile(r"(?i)^(?:\w+_)?(?:run_?tests?|unit_test|unit_test_setup\w*|add_test|run)$")
ROWS = re.compile(r"^INSTANTIATE_\w+$")
FAILS = frozenset(
    (
        *("FAIL", "FAIL_CHECK", "ADD_FAILURE", "GTEST_FAIL", "TEST_FAIL", "TEST_FAIL_MESSAGE"),
        *("abort", "std::abort", "fail", "fail_msg", "DOCTEST_FAIL", "ADD_FAILURE_AT", "terminate"),
    )
)
SKIPS = frozenset(("GTEST_SKIP", "TEST_IGNORE", "TEST_IGNORE_MESSAGE", "SKIP", "TEST_PASS", "skip"))
EXITS = re.compile(r"^(?:std::)?_?(?:quick_)?[eE]xit$")
ZERO = frozenset(("0", "EXIT_SUCCESS", "false", "", "()"))
SKIPPED = "77"
SHOUTED = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
QUIET = re.compile(
    r"UNITY_(?:BEGIN|END)|RUN_TEST\w*|INIT_\w+|SCOPED_TRACE|RECORD_PROPERTY|TEST_MESSAGE|"
    r"UNSCOPED_INFO|TEST_SUITE\w*|INSTANTIATE_\w+|ON_CALL|DOCTEST_INFO"
)
KEYWORDS = frozenset(("if", "return", "while", "for", "int", "void", "else", "switch", "do"))
DIRECTIVES = frozenset(("#undef", "#error", "#line", "#pragma", "#warning", "#ident"))
SYSTEM = frozenset(
    (
        *("printf", "fprintf", "puts", "putchar", "memset", "memcpy", "memcmp", "strlen", "strcmp"),
        *("strncmp", "strcpy", "snprintf", "sprintf", "malloc", "calloc", "free", "sizeof", "fabs"),
        *("abs", "fflush", "perror", "exit", "strdup", "fclose", "fopen", "remove", "main"),
    )
)


class C:
    """`heads`: what the macros at the heads of functions were given."""

    shapes = SHAPES
    calls = frozenset(("call_expression", "return_statement", "static_assert_declaration"))

    def __init__(self, heads: Mapping[int, Head]) -> None:
        self._heads = heads
        self._tests: set[str] = set()
        self._macros: dict[str, str] = {}
        self._uses: Counter[str] = Counter()
        self._run: set[str] = set()
        self._own: set[str] = set()

    def origins(self, root: Node) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for node in root.walk():
            if node.type == "identifier":
                around = node.parent.type if node.parent is not None else ""
                self._uses[node.text] += around != "function_declarator"
            elif node.type == "call_expression" and RUNS.match(self.callee(node)):
                self._run |= {n.text for n in node.walk() if n.type == "identifier"}
            elif node.type in ("preproc_function_def", "preproc_def"):
                found |= self._defined(node)
            elif node.type == "preproc_call":
                directive = node.get("directive")
                if directive is None or directive.text not in DIRECTIVES:
                    raise ValueError("a directive that is not known")
            elif node.type == "function_definition":
                title, given = declaration_of(node)
                found[title] = f"⟨here⟩{title}"
                self._own.add(title)
                if TESTLIKE.search(title) and _takes_nothing(given):
                    self._tests.add(title)
        self._tests |= self._run & self._own
        return found

    def _defined(self, node: Node) -> dict[str, str]:
        title, value = node.get("name"), node.get("value")
        said = " ".join(value.text.split()) if value is not None else ""
        if title is None:
            return {}
        if node.type == "preproc_def":
            return {title.text: said} if said else {}
        self._macros[title.text] = said
        return {title.text: f"⟨{_digest(said)}⟩{title.text}"}

    def bound(self, root: Node) -> Iterator[Bound]:
        return bound_names(root)

    def written(self, root: Node, names: CodeNames) -> Iterator[Written]:
        rows = tables(root)
        for node in root.walk():
            if node.type == "function_definition" and not _is_inside(node):
                yield from self._function(node, names, rows)
            elif node.type == "call_expression" and ROWS.match(self.callee(node)):
                given = [names.normal(one) for one in self.given(node)[:2]]
                made = [
                    Demand(op="call", subject="each", expected=names.normal(one), text=one.text)
                    for one in _rows(node)
                ]
                name = f"{self.callee(node)}::{'/'.join(given)}"
                yield Written(id=name, node=node, body=node, demands=tuple(made))

    def _function(
        self, node: Node, names: CodeNames, rows: Mapping[str, list[Node]]
    ) -> Iterator[Written]:
        body = node.get("body")
        if body is None:
            return
        title = declaration_of(node)[0]
        head = self._heads.get(node.start)
        above = [up for up in reversed([*node.above()]) if up.type in TYPES]
        path = [name.text for up in above if (name := up.get("name")) is not None]
        used = {n.text for n in body.walk() if n.type == "identifier"} & {*rows}
        demands = [
            Demand(op="call", subject="each", expected=names.normal(row), text=row.text)
            for name in sorted(used)
            for row in rows[name]
        ]
        is_test, silenced = True, ""
        if head is not None:
            title, silenced = title_of(head)
        elif title == "main":
            is_test = self._asks_itself(body, names)
        else:
            is_test = title in self._tests
            if is_test and "main" in self._own and not self._uses[title]:
                silenced = "not called"
        whole = self._whole(node, body, names)
        yield Written(
            id="::".join([*path, title]),
            node=node,
            body=body,
            helper=not is_test,
            silenced=silenced,
            wrapped=tuple(dict.fromkeys(_conditions(node))),
            demands=(*demands, *whole),
        )

    def _asks_itself(self, body: Node, names: CodeNames) -> bool:
        """Whether a `main` is a test, and not only what calls tests."""
        calls = [n for n in body.walk() if n.type in self.calls]
        own = {self.callee(n) for n in calls} & self._own
        return bool(own) or any(
            self.fails(n) or any(True for _ in self.read_assertions(n, names)) for n in calls
        )

    def _whole(self, node: Node, body: Node, names: CodeNames) -> list[Demand]:
        """A function that tells by a number how it went, and asserts nothing that is known here:
        any change of it counts."""
        said = {
            "".join(token.text for token in tokens(n)[1:-1])
            for n in body.walk()
            if n.type == "return_statement"
        }
        plain = {s for s in said if re.fullmatch(r"-?\d+|true|false|EXIT_\w+", s)}
        title, _ = declaration_of(node)
        if len(plain) < 2 or title == "main" or node.start in self._heads:
            return []
        digest = _digest(names.normal(body))
        return [Demand(op="call", subject="body", expected=digest, text=f"{title}()")]

    # ------------------------------------------------------------ what a call is

    def read_assertions(self, call: Node, names: CodeNames) -> Iterator[Demand]:
        if call.type == "static_assert_declaration":
            condition = call.get("condition")
            yield from truth(tokens(condition), names) if condition is not None else ()
            return
        if call.type == "return_statement":
            yield from self._returned(call, names)
            return
        name, given = self.callee(call), self.given(call)
        short = name.rpartition("::")[2]
        guarded = int(_may_be_passed_over(call))
        for one in self._read(call, short, given, names):
            yield one.model_copy(update={"guarded": one.guarded + guarded})

    def _read(
        self, call: Node, name: str, given: list[Words], names: CodeNames
    ) -> Iterator[Demand]:
        if name in self._own or name in FAILS or name in SKIPS or not name:
            return
        if name in self._macros:
            said = self._macros[name]
            if re.search(r"(?i)assert|expect|check|require|verify|fail|return|exit|\+\+", said):
                yield call_demand(f"⟨{_digest(said)}⟩{name}", given, names)
            return
        if name == "EXPECT_CALL":
            top = call
            while top.parent is not None and top.parent.type in (
                *("field_expression", "call_expression"),
            ):
                top = top.parent
            yield Demand(op="call", subject=names.normal(call), expected=names.normal(top))
            return
        found = list(read_assertion(name, given, names))
        yield from found
        if found or ASSERTS.fullmatch(name) or not SHOUTED.fullmatch(name) or QUIET.fullmatch(name):
            return
        if call.parent is not None and call.parent.type == "expression_statement":
            yield call_demand(name, given, names)

    def _returned(self, node: Node, names: CodeNames) -> Iterator[Demand]:
        """What a `main` gives must be nothing."""
        value = next(iter(node.parts), None)
        if value is None or not _in_main(node) or self.fails(node) or value.text in ZERO:
            return
        if value.text != SKIPPED:
            yield from truth(tokens(value), names, positive=False)

    def fails(self, node: Node) -> bool:
        if node.type == "throw_statement":
            return True
        if node.type == "return_statement":
            value = next(iter(node.parts), None)
            return value is not None and _in_main(node) and _is_failure(value.text)
        if node.type == "binary_expression":  # FAIL() << "why"
            left = node.get("left")
            return left is not None and self.fails(left)
        if node.type != "call_expression":
            return False
        name = self.callee(node)
        return name in FAILS or (bool(EXITS.match(name)) and _is_failure(_argument(node)))

    def skips(self, node: Node) -> bool:
        if node.type == "return_statement":
            value = next(iter(node.parts), None)
            return value is not None and _in_main(node) and value.text == SKIPPED
        if node.type == "binary_expression":
            left = node.get("left")
            return left is not None and self.skips(left)
        if node.type != "call_expression":
            return False
        name = self.callee(node)
        if EXITS.match(name) and _argument(node) in (*ZERO, SKIPPED):
            return not _is_last(node)
        return name.rpartition("::")[2] in SKIPS

    def callee(self, call: Node) -> str:
        function = call.get("function")
        said = "".join(function.text.split()) if function is not None else ""
        if said in self._tests:
            return ""  # a test by itself
        return said if re.fullmatch(r"[\w:]+", said) else ""

    def given(self, call: Node) -> list[Words]:
        found = call.get("arguments")
        return [tokens(part) for part in found.parts] if found is not None else []

    def is_foreign(self, name: str, names: CodeNames) -> bool:
        known = name in SYSTEM | FAILS | SKIPS or name.startswith(
            ("std::", "testing::", "::testing")
        )
        return not known and not SHOUTED.fullmatch(name) and not ASSERTS.fullmatch(name)

    def find_silences(self, tree: SyntaxTree) -> tuple[str, int]:
        """What gives another meaning to the words that tests are written in."""
        for node in tree.root.walk():
            title = node.get("name") if node.type.startswith("preproc_") else None
            if node.type == "preproc_call":
                title = node.get("argument")
            if title is None or node.type in CONDITIONS:
                continue
            name = title.text.strip()
            meant = name in HEADS or name in INNER or name in KEYWORDS or name == "NDEBUG"
            if meant or name in FAILS or _is_known_assertion(name):
                return f"{node.text.split()[0]} {name}", tree.text.count("\n", 0, node.start) + 1
        return "", 0


def _is_known_assertion(name: str) -> bool:
    """One of the libraries', not one that a project made for itself."""
    found = re.fullmatch(r"(?:EXPECT|ASSERT|REQUIRE|CHECK|TEST_ASSERT)(?:_([A-Z_]+))?", name)
    return name in ("assert", "static_assert") or (found is not None and is_stem(found[1] or ""))


def _conditions(node: Node) -> Iterator[str]:
    """What a preprocessor must be told for a function to be there."""
    for up in node.above():
        if up.type not in CONDITIONS or _is_guard(up):
            continue
        line = " ".join(up.text.partition("\n")[0].split())
        if line != "#ifdef __cplusplus":
            yield line


def _is_guard(node: Node) -> bool:
    """`#ifndef X` around a file that defines X."""
    name = node.get("name")
    first = next((p for p in node.parts if p.field != "name"), None)
    said = first.get("name") if first is not None and first.type == "preproc_def" else None
    return name is not None and said is not None and said.text == name.text


def _rows(call: Node) -> list[Node]:
    """What a suite is run for."""
    found = call.get("arguments")
    made = found.parts[2] if found is not None and len(found.parts) > 2 else None
    inner = made.get("arguments") if made is not None else None
    return inner.parts if inner is not None else ([made] if made is not None else [])


def _may_be_passed_over(call: Node) -> bool:
    """Right of `&&` or `||`, or where nothing is evaluated."""
    child = call
    for up in call.above():
        if up.type in ("sizeof_expression", "decltype"):
            return True
        if up.type == "binary_expression" and child.field == "right":
            sign = up.get("operator")
            if sign is not None and sign.text in ("&&", "||"):
                return True
        if up.type.endswith("_statement"):
            return False
        child = up
    return False


def _is_inside(node: Node) -> bool:
    return any(up.type == "function_definition" for up in node.above())


def _takes_nothing(given: str) -> bool:
    return given in ("()", "(void)", "(void**)", "")


def _in_main(node: Node) -> bool:
    around = next((up for up in node.above() if up.type in SHAPES.functions), None)
    return around is not None and declaration_of(around)[0] == "main"


def _is_failure(said: str) -> bool:
    return bool(re.fullmatch(r"-?[1-9]\d*|EXIT_FAILURE|true", said)) and said != SKIPPED


def _argument(call: Node) -> str:
    found = call.get("arguments")
    return found.parts[0].text if found is not None and found.parts else ""


def _is_last(node: Node) -> bool:
    """Whether nothing stands behind it in its function."""
    statement = node
    while statement.parent is not None and statement.parent.type != "compound_statement":
        statement = statement.parent
    block = statement.parent
    outer = block.parent if block is not None else None
    is_body = outer is not None and outer.type == "function_definition"
    return is_body and block is not None and block.parts[-1] is statement


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]
