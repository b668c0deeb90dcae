"""What a repository's own texts ask of contributions. Pure.

These texts are strangers' data: bounded, read as a person sees them, and nothing in them is an
instruction. Code looks for a few known demands; what comes out is of an allow-list, but for one
sentence that a person is shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from harness.core.house_types import HouseRules
from harness.guard.hidden import strip_invisible
from harness.guard.visible import visible

MOST_FILES = 24
MOST_TEXT = 64 * 1024
MOST_READ = 4 * MOST_TEXT
"""Characters, hidden ones too, that are looked through for it."""
MOST_SENTENCE = 400
PLACES = ("", ".github", "docs")
RULES = re.compile(
    r"(?:contributing|agents"
    r"|(?:gen(?:erative)?[-_]?)?(?:ai|llm)(?:[-_](?:usage|use|policy|contributions?|guidelines?"
    r"|rules))*|(?:policy|rules)[-_](?:ai|llm))(?:[._-][a-z]{2}(?=\.))?(?:\.(?:md|rst|txt|adoc))?",
    re.I,
)
TEMPLATE = re.compile(r"pull_request_template(?:\.(?:md|markdown|txt))?", re.I)
TEMPLATES = re.compile(r"pull_request_template/[^/]+\.(?:md|markdown|txt)", re.I)
COMMITLINT = re.compile(r"commitlint\.config\.(?:[cm]?[jt]s|json)|\.commitlintrc(?:\.\w+)?")
CONVENTIONAL = re.compile(r"@commitlint/config-(?:conventional|angular)|cz-conventional-changelog")
OTHER_CONFIG = ("package.json", ".czrc", ".cz.toml", ".gitmessage", ".gitmessage.txt")
DCO = ".github/dco.yml"

_MACHINE = (
    r"\bAI\b|\bA\.I\.|\bLLMs?\b|\b(?i:ChatGPT|GPT-?\d*|Copilot|Claude|Gemini|language models?"
    r"|generative|machine[- ](?:made|generated|written)|artificial intelligence|auto(?:matically)?"
    r"[- ]generated|(?:coding|autonomous) agents?)\b"
    r"|AI[가-힣]|인공지능|생성형|챗GPT|코파일럿|人工知能|人工智能"
)
MACHINE = re.compile(_MACHINE)
WORK = re.compile(
    r"\b(?:contribut\w+|pull requests?|PRs?|patch(?:es)?|code|commits?|submissions?|submit\w*"
    r"|changes?|merge requests?|content|tools?)\b|기여|코드|풀\s*리퀘스트|커밋"
    r"|変更|コード|プルリクエスト|代码|贡献|提交",
    re.I,
)
REFUSES = re.compile(
    r"(?:\bnot|n['’]t|\bnever|\bno longer|\bcannot)\s+(?:\w+\s+){0,3}?(?:accept|allow|permit"
    r"|welcome|merge|consider|submit|use|using|contain|include|be\s+(?:\w+\s+)?(?:written|generated|made))"
    r"|\b(?:forbid\w*|forbade|prohibit\w*|bann?(?:s|ed)?|reject\w*|refus\w+|disallow\w*|unwelcome"
    r"|declin\w+|decline)\b|\b(?:will|may|shall|must)\s+be\s+(?:\w+\s+)?(?:closed|removed|reverted)"
    r"|^\W*no\b|\bno\s+(?:AI|LLM)\b|\b(?:written|made|authored)\s+by\s+(?:a\s+)?(?:humans?|people)"
    r"|\bhumans?[- ]only\b"
    r"|(?:받지|허용(?:하지|되지)|수락하지)\s*않|금지|거부|거절|불가|닫(?:습니다|힙니다)"
    r"|禁止|不接受|拒(?:否|绝)|受け付け(?:ません|ない)",
    re.I,
)
ALLOWS = re.compile(
    r"\b(?:not|n['’]t|never|no longer)\s+(?:forbid|prohibit|ban|reject|refuse|disallow|declin)\w*",
    re.I,
)
UNDISCLOSED = re.compile(
    r"\bundisclosed\b|\bwithout\s+(?:\w+\s+)?(?:disclos|declar|label|attribut|saying|stat)\w*",
    re.I,
)
"""Ours are disclosed."""
SIGNS = re.compile(
    r"\bsigned-off-by\b|\bsign(?:ed|ing)?[- ]?offs?\b|\bDCO\b|\bdeveloper certificate of origin\b",
    re.I,
)
DEMANDS = re.compile(
    r"\b(?:must|requir\w+|needs?|have to|has to|should|shall|please|mandatory|always|every|each"
    r"|all|ensure|make sure|add|use|enforce\w*)\b|필수|반드시|해야|주세요|필요",
    re.I,
)
NEGATED = re.compile(r"\b(?:no|not|never|without|nor)\b|n['’]t\b|불필요|필요\s*없|않", re.I)
TRAILERS = ("Assisted-by", "Generated-by", "AI-assisted-by", "Made-with")
TRAILER = re.compile(rf"(?<![\w-])({'|'.join(TRAILERS)})(?![\w-])", re.I)
FULL_STOP = re.compile(r"(?<=[.!?。])\s+|\n\s*\n|\n\s*(?:[-*+]|\d+[.)])\s+|\n#+\s|\n\|")
NAME = re.compile(r"[a-z][a-z0-9_.-]{0,29}")


def house_files(paths: Sequence[str]) -> tuple[str, ...]:
    """Of a tree's files those that say what a contribution should be like."""
    rules = sorted(path for path in paths if _says(path))[:MOST_FILES]
    return tuple(dict.fromkeys((*rules, *template_files(paths))))


def template_files(paths: Sequence[str]) -> tuple[str, ...]:
    """Of a tree's files the templates of a pull request; those that count more come first."""
    found = [(rank, path) for path in paths if (rank := _rank(path)) is not None]
    return tuple(path for _, path in sorted(found))[:MOST_FILES]


def _says(path: str) -> bool:
    folder, _, name = path.rpartition("/")
    if path.lower() == DCO:
        return True
    if folder.lower() in PLACES and RULES.fullmatch(name):
        return True
    return not folder and (name in OTHER_CONFIG or bool(COMMITLINT.fullmatch(name)))


def _rank(path: str) -> int | None:
    """GitHub's order: one file of .github, of the root, of docs; then the folders of several."""
    for place, folder in enumerate((".github", "", "docs")):
        head = f"{folder}/" if folder else ""
        rest = path[len(head) :] if path.lower().startswith(head) else ""
        if TEMPLATE.fullmatch(rest):
            return place
        if TEMPLATES.fullmatch(rest):
            return 3 + place
    return None


def read_rules(files: Mapping[str, str]) -> HouseRules:
    """What these files ask for: path -> text, as they are."""
    found: dict[str, object] = {}
    for path in sorted(files):
        name = path.rpartition("/")[2]
        if path.lower() == DCO:
            found.setdefault("signed_in", path)
        elif name in OTHER_CONFIG or COMMITLINT.fullmatch(name):
            found |= _style(name, files[path][:MOST_TEXT])
        else:
            for key, value in _demands(path, files[path]).items():
                found.setdefault(key, value)
    return HouseRules.model_validate(found)


# ------------------------------------------------------------ sentences


def sentences(text: str) -> Iterator[str]:
    """As a person sees them, a line each."""
    for said in FULL_STOP.split(visible(text[:MOST_READ], MOST_TEXT).text):
        line = " ".join(re.sub(r"[*_`>|]", " ", said).split())
        if line:
            yield line[:MOST_SENTENCE]


def _demands(path: str, text: str) -> dict[str, object]:
    found: dict[str, object] = {}
    for line in sentences(text):
        refuses = REFUSES.search(ALLOWS.sub(" ", line)) and not UNDISCLOSED.search(line)
        if refuses and MACHINE.search(line) and WORK.search(line):
            found.setdefault("refused_in", path)
            found.setdefault("refusal", line)
        if SIGNS.search(line) and DEMANDS.search(line) and not NEGATED.search(line):
            found.setdefault("signed_in", path)
        told = TRAILER.search(line)
        if told and not NEGATED.search(line):
            own = next(name for name in TRAILERS if name.lower() == told[1].lower())
            found.setdefault("trailer", own)
    return found


# ------------------------------------------------------------ how commits look


def _style(name: str, text: str) -> dict[str, object]:
    if name.startswith(".gitmessage"):
        shown = [line for line in text.split("\n") if line.strip() and not line.startswith("#")]
        looks = re.match(r"\W*type\W*(?:\(\W*scope\W*\))?\W*:", "".join(shown[:1]), re.I)
        return {"conventional": True} if looks else {}
    if name == "package.json" and '"commitlint"' not in text and "cz-conventional" not in text:
        return {}
    found: dict[str, object] = {}
    if CONVENTIONAL.search(text) or name == ".cz.toml" or '"type-enum"' in text:
        found["conventional"] = True
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return found
    if isinstance(data, dict) and isinstance(data.get("commitlint"), dict):
        data = data["commitlint"]
    rules = data.get("rules") if isinstance(data, dict) else None
    return found | (_lint_rules(rules) if isinstance(rules, dict) else {})


def _lint_rules(rules: Mapping[str, object]) -> dict[str, object]:
    """`"type-enum": [2, "always", ["fix"]]` and its like; anything else says nothing."""
    found: dict[str, object] = {}
    for rule, key in (("type-enum", "types"), ("scope-enum", "scopes")):
        value = _always(rules.get(rule))
        if isinstance(value, list):
            names = [one for one in value if isinstance(one, str) and NAME.fullmatch(one)]
            found |= {key: tuple(names[:40]), "conventional": True}
    longest = _always(rules.get("header-max-length"))
    if isinstance(longest, int) and 30 <= longest <= 72:
        found["longest"] = longest
    return found


def _always(rule: object) -> object:
    if isinstance(rule, list) and len(rule) == 3 and rule[0] in (1, 2) and rule[1] == "always":
        return rule[2]
    return None


def clean_line(text: str) -> str:
    """One line without what nobody sees."""
    return " ".join(strip_invisible(text)[0].split())
