"""The short texts that models read stand in prompts/answers, and code chooses each by its name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import harness
from harness.prompting.templates import PromptError, Prompts, prompt_text, prompts_root

CODE = Path(harness.__file__).parent
CHOOSES = {"prompt", "prompt_text", "Refused", "NoPlace"}
"""Calls whose first argument names a prompt and whose other arguments are its variables."""
LONG, WORDS = 24, 4
HOW_IT_WAS_CUT = "characters left out"


def trees(under: str = "") -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((CODE / under).rglob("*.py")):
        yield path.relative_to(CODE).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def choices() -> Iterator[tuple[str, str, frozenset[str] | None]]:
    """Where, which prompt, and the variables in the call; None where it is only named."""
    for path, tree in trees():
        called: set[int] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args and _name(node.func) in CHOOSES:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    called.add(id(first))
                    given = frozenset(word.arg for word in node.keywords if word.arg)
                    yield f"{path}:{node.lineno}", first.value, given
        for node in ast.walk(tree):
            if id(node) not in called and isinstance(node, ast.Constant):
                yield f"{path}:{node.lineno}", str(node.value), None


def _name(called: ast.expr) -> str:
    if isinstance(called, ast.Attribute):
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""


def answers(prompts: Prompts) -> set[str]:
    """Names of those that stand under a heading."""
    files = {path.stem for path in (prompts_root() / "answers").glob("*.md")}
    return {name for name in prompts.names if name.partition("/")[0] in files and "/" in name}


def test_code_chooses_every_answer_and_none_that_is_not_there() -> None:
    prompts, named = Prompts(prompts_root()), set[str]()
    known = answers(prompts)
    areas = {name.partition("/")[0] for name in known}
    for place, name, given in choices():
        area, _, rest = name.partition("/")
        if area in areas and rest.isidentifier():
            assert name in known, place
            named.add(name)
            assert given is None or given == prompts.variables(name), (place, name)
        else:
            assert given is None, (place, name)  # words where a name is due
    assert known - named == set()
    assert len(known) > 80


def test_no_text_for_a_model_stands_in_the_pipeline() -> None:
    found = {place: text for place, text in long_strings("pipeline") if HOW_IT_WAS_CUT not in text}
    assert found == {}


def long_strings(under: str) -> Iterator[tuple[str, str]]:
    """Strings of several words that are no docstring, pattern or line of a log (with "%s")."""
    for path, tree in trees(under):
        apart: set[int] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                apart.add(id(node.value))
            elif isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re."):
                apart |= {id(part) for part in ast.walk(node)}
            elif isinstance(node, ast.JoinedStr):
                apart |= {id(part) for part in node.values}
        for node in ast.walk(tree):
            text = "" if id(node) in apart else _text(node)
            if len(text) > LONG and len(text.split()) >= WORDS and "%s" not in text:
                yield f"{path}:{getattr(node, 'lineno', 0)}", text


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) or "x" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


# ---------------------------------------------------------------- how they are read


def made(root: Path, text: str) -> Prompts:
    folder = root / "answers"
    folder.mkdir(exist_ok=True)
    (folder / "verdicts.md").write_text(text, encoding="utf-8")
    return Prompts(root)


def test_each_heading_is_a_text_of_its_own(tmp_path: Path) -> None:
    page = "Head {{nothing}}.\n\n## one\n\nFirst.\n\n### no name\nmore\n## two\n{{a}} b\n"
    prompts = made(tmp_path, page)
    assert prompts.names == ("verdicts/one", "verdicts/two")
    assert prompts.text("verdicts/one") == "First.\n\n### no name\nmore"
    assert prompts.text("verdicts/two", a="## one") == "## one b"


@pytest.mark.parametrize(
    "page",
    [
        "## one\na\n## one\nb\n",
        "## Not a name\na\n",
        "## a-b\na\n",
        "##\na\n",
        "## one\n\n## two\nb\n",
        "## one",
    ],
)
def test_a_heading_that_names_nothing_or_twice_is_an_error(page: str, tmp_path: Path) -> None:
    with pytest.raises(PromptError):
        made(tmp_path, page)


def test_a_name_of_a_file_is_not_taken_twice(tmp_path: Path) -> None:
    (tmp_path / "verdicts").mkdir()
    (tmp_path / "verdicts" / "one.md").write_text("a", encoding="utf-8")
    with pytest.raises(PromptError, match="twice"):
        made(tmp_path, "## one\nb\n")


def test_a_version_follows_each_of_them_and_the_words_for_editors(tmp_path: Path) -> None:
    pages = ("## one\na\n", "## one\nb\n", "head\n## one\nb\n")
    assert len({made(tmp_path, page).version for page in pages}) == 3


def test_a_chosen_text_may_hold_another(tmp_path: Path) -> None:
    prompts = made(tmp_path, "## one\n{{a}}, {{b}}\n## two\n<{{c}}>\n")
    chosen = prompt_text("verdicts/one", a="{{b}}", b=prompt_text("verdicts/two", c="x"))
    assert prompts.fill(chosen) == "{{b}}, <x>"
    with pytest.raises(PromptError):
        prompts.fill(prompt_text("verdicts/one", a="x"))
    with pytest.raises(PromptError):
        prompts.fill(prompt_text("verdicts/one", a="x", b=prompt_text("verdicts/three")))
