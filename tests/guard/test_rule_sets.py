"""Rule sets for other people's secrets: gitleaks's format held to gitleaks itself, detect-secrets'
detectors, and that ordinary source is left alone."""

from __future__ import annotations

import email
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.guard.gitleaks import entropy, parse_rules
from harness.guard.publishing import scan_text
from harness.guard.scanning import DETECTORS, Scanner
from harness.guard.secrets import shapes
from tests.guard.gitleaks_part import Shapes, found, rules_text

ROOT = Path(__file__).parents[2]
TOKEN = "tok_" + "aB3dE6gH9jK2mN5p"
ONE = """
[[rules]]
id = "firm"
regex = '''\\btok_(?i)([a-z0-9]{16})\\b'''
keywords = ["tok_"]
"""


def lines(rules: str, text: str, path: str = "a.txt", *, allowlists: bool = True) -> list[int]:
    return [line for _, line in parse_rules(rules, allowlists=allowlists).find(path, text)]


def test_a_rule_in_gos_syntax() -> None:
    assert lines(ONE, f"a\nkey = {TOKEN}\n") == [2]
    assert lines(ONE, "tok_short and TOK_" + "a" * 16) == []


def test_a_keyword_must_be_there() -> None:
    assert lines(ONE.replace('"tok_"', '"other"'), TOKEN) == []
    assert lines(ONE.replace('"tok_"', '"TOK_"'), TOKEN) == [1]


@pytest.mark.parametrize(("bound", "wanted"), [(3.9, [1]), (4.0, []), (4.1, [])])
def test_entropy_is_the_secrets_own(bound: float, wanted: list[int]) -> None:
    assert entropy("aB3dE6gH9jK2mN5p") == 4.0
    assert lines(ONE + f"entropy = {bound}\n", TOKEN) == wanted


def test_the_group_that_holds_the_secret() -> None:
    rule = "[[rules]]\nid='g'\nregex='''(user|name)=(\\w+)'''\nsecretGroup=2\nentropy=2.5\n"
    assert lines(rule, "name=aaaaaaaa") == []
    assert lines(rule, "name=abcdefgh") == [1]
    assert parse_rules(rule.replace("secretGroup=2", "secretGroup=3"), allowlists=True).skipped == (
        "g",
    )


def test_a_path_alone_and_a_path_with_an_expression() -> None:
    alone = "[[rules]]\nid='p'\npath='''(?i)\\.p12$'''\n"
    assert lines(alone, "", "keys/Store.P12") == [0]
    assert lines(alone, "", "keys/store.txt") == []
    both = ONE + "path='''\\.env$'''\n"
    assert (lines(both, TOKEN, "x.env"), lines(both, TOKEN, "x.py")) == ([1], [])


ALLOWS = {
    "secret": "regexes=['''^aB3d''']",
    "match": "regexTarget='match'\nregexes=['''^tok_''']",
    "line": "regexTarget='line'\nregexes=['''^key = ''']",
    "word": "stopwords=['AB3DE6']",
    "path": "paths=['''^docs/''']",
    "both": "condition='AND'\npaths=['''^docs/''']\nstopwords=['ab3d']",
}


@pytest.mark.parametrize("allow", list(ALLOWS))
@pytest.mark.parametrize("table", ["[[rules.allowlists]]", "[rules.allowlist]", "[allowlist]"])
def test_an_operators_allowlist_counts_and_a_projects_does_not(allow: str, table: str) -> None:
    rules, text = f"{ONE}\n{table}\n{ALLOWS[allow]}\n", f"key = {TOKEN}"
    assert lines(rules, text, "docs/a.md") == []
    assert lines(rules, text, "docs/a.md", allowlists=False) == [1]


def test_both_parts_of_an_allowlist_that_wants_both() -> None:
    rules = f"{ONE}\n[[rules.allowlists]]\n{ALLOWS['both']}\n"
    assert lines(rules, TOKEN, "src/a.md") == [1]


def test_a_comment_beside_a_secret_allows_nothing() -> None:
    assert lines(ONE, f"key = {TOKEN}  # gitleaks:allow") == [1]


def test_what_cannot_be_used_is_skipped_by_name() -> None:
    wrong = "\n".join(
        (
            ONE,
            "[[rules]]\nid='back'\nregex='''(a)\\1'''",
            "[[rules]]\nid='ahead'\nregex='''(?=a)b'''",
            "[[rules]]\nid='open'\nregex='''('''",
            "[[rules]]\nid='none'",
            "[[rules]]\nid='words'\nregex='''a'''\nkeywords='a'",
            "[[rules]]\nid='huge'\nregex='''((a{900}){900}){9}'''",
        )
    )
    rules = parse_rules(wrong, allowlists=True)
    assert rules.skipped == ("back", "ahead", "open", "none", "words", "huge")
    assert [rule.id for rule in rules.rules] == ["firm"]


@pytest.mark.parametrize(
    "text",
    [
        "rules = [",
        "rules = 3",
        "rules = [1]",
        "[allowlist]\nregexes = ['(']",
        "allowlists = 3",
        "allowlists = [3]",
        "[allowlist]\nstopwords = 'a'",
        "[[rules]]\n" * 2001,
    ],
)
def test_a_file_that_is_none_says_why(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_rules(text, allowlists=True)


def test_no_expression_and_no_text_hangs() -> None:
    evil = "[[rules]]\nid='e'\nregex='''(a+)+$'''\n[[rules]]\nid='f'\nregex='''(x|x)*y'''\n"
    began = time.process_time()
    lines(evil, "a" * 200_000 + "b" + "x" * 200_000)
    list(Scanner([evil]).find("a", "a" * 200_000 + "!" + "x" * 100_000))
    assert time.process_time() - began < 5


def test_a_scan_that_is_out_of_time_is_no_scan() -> None:
    with pytest.raises(TimeoutError):
        list(Scanner([ONE]).find("a", "x\n", until=time.monotonic() - 1))

    def unfinished(path: str, text: str, until: float) -> Iterator[tuple[str, int]]:
        return Scanner().find(path, text, until=until)

    held = scan_text("title", "x\n" * 2000, [], unfinished, seconds=-1)
    assert [f.say.key for f in held] == ["guard.scan_unfinished"]


def test_a_projects_rules_add_to_the_operators() -> None:
    project = ONE.replace("tok_", "prj_").replace('id = "firm"', 'id = "ours"')
    text = f"{TOKEN}\nprj_{'aB3dE6gH9jK2mN5p'}\n"
    assert [n for n, _ in Scanner([ONE]).find("a", text)] == ["firm"]
    assert [n for n, _ in Scanner([ONE]).find("a", text, project)] == ["firm", "ours"]
    with pytest.raises(ValueError, match=r"."):
        list(Scanner([ONE]).find("a", text, "rules = 3"))


# ---------------------------------------------------------------- detect-secrets

FORMS = {
    "Artifactory Credentials": "AKC" + "p5bueTFpfypEqQbGJPp7eHFi28fBivfWczrjbPb9",
    "Azure Storage Account access key": "AccountKey=" + "lJzRc1YdHaAA2KCNJJ1tkYwF/+mKK6Ygw0NGe17"
    "0Xu592euJv2wYUtBlV8z+qnlcNQSnIYVTkLWntUO1F8j8rQ==",
    "Discord Bot Token": "MTk4NjIyNDgzNDcxOTI1MjQ4" + ".Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs",
    "Mailchimp Access Key": "343ea45721923ed956e2b38c31db76aa" + "-us30",
    "NPM tokens": "//registry.npmjs.org/:_authToken=" + "743b294a-cd03-11ec-9d64-0242ac120002",
    "SendGrid API Key": "SG.ngeVfQFYQlKU0ufo8x5d1A"
    ".TwL2iGABf9DHoTf-09kqeF8tAmbihYzrnopKc-1s5cr",
    "Slack Token": "https://hooks.slack.com/services/"
    "T0AAAAA00/B0AAAAA00/aB3dE6gH9jK2mN5pQ8sT1vW4",
    "SoftLayer Credentials": "softlayer_api_key = '" + "9f8e7d6c5b4a39281706f5e4d3c2b1a0" * 2 + "'",
    "Square OAuth Secret": "sq0csp-" + "ABCDEFGHIJK_LMNOPQRSTUVWXYZ-0123456789abcde",
    "Telegram Bot Token": "110201543:" + "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0",
    "Twilio API Key": "SK" + "a4e1f27c9b3d5e8f0a6c2b7d9e1f3a5c",
    "IBM Cloud IAM Key": "ibm_cloud_api_key = "
    "'h1JkQ9x7Zr3VbN5mT8wL2cF6yD0sG4pA-uE_iKoXqR7t'",
}  # fmt: skip


@pytest.mark.parametrize("form", list(FORMS))
def test_the_forms_of_services_that_our_own_shapes_do_not_know(form: str) -> None:
    assert form in [name for name, _ in Scanner().find("a", f"\nvalue: {FORMS[form]}\n")]
    assert Counter(n for _, n in Scanner().find("a", f"\n\n{FORMS[form]}\n"))[3] >= 1


def test_what_documentation_writes_is_no_secret() -> None:
    assert list(Scanner().find("a", "AKIAIOSFODNN7EXAMPLE ghp_" + "x" * 36)) == []


def test_a_long_line_is_searched_in_pieces_that_overlap() -> None:
    key = FORMS["Square OAuth Secret"]
    for at in (3980, 3990, 4000, 7300):
        assert list(Scanner().find("a", "x " * (at // 2) + key + " y" * 3000)), at


def ordinary() -> list[Path]:
    """This repository's own source, without its tests (which hold secrets' shapes on purpose), and
    two packages of the standard library."""
    listed = subprocess.run(
        [
            "git",
            "ls-files",
            "harness",
            "prompts",
            "skills",
            "docs",
            "scripts",
            "benchmarks",
            "*.md",
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\n")
    ours = [
        ROOT / name for name in listed if name.endswith((".py", ".md", ".toml", ".json", ".sh"))
    ]
    library = [Path(email.__file__).parent, Path(json.__file__).parent]
    return [*ours, *(path for folder in library for path in sorted(folder.rglob("*.py")))]


def test_ordinary_source_is_left_alone() -> None:
    scanner, alarms, size = Scanner(), [], 0
    for path in ordinary():
        text = path.read_text("utf-8")
        size += len(text)
        alarms += [(path.name, *one) for one in (*shapes(text), *scanner.find(path.name, text))]
    assert size > 1_500_000
    assert alarms == []


def test_nothing_is_loaded_before_the_first_scan() -> None:
    code = (
        "import sys, harness.app.guarding\n"
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'detect_secrets', 're2'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_detector_is_one_of_its_package() -> None:
    scanner = Scanner()
    list(scanner.find("a", "x"))
    assert len(scanner.detectors) == len(DETECTORS) == 22


# ---------------------------------------------------------------- gitleaks itself


@pytest.mark.parts
def test_every_rule_of_gitleaks_compiles() -> None:
    rules = parse_rules(rules_text(), allowlists=True)
    assert rules.skipped == ()
    assert len(rules.rules) == 222


@pytest.mark.parts
def test_gitleaks_and_we_find_the_same(tmp_path: Path) -> None:
    """A file for each rule, with texts drawn from the rule's own expression; what each of the two
    finds in all of them."""
    rules, shapes_of = parse_rules(rules_text(), allowlists=True), Shapes(seed=7)
    folder = tmp_path / "drawn"
    folder.mkdir()
    ours: set[tuple[str, str, int]] = set()
    drawn = 0
    for rule in rules.rules:
        if rule.regex is None:
            continue
        texts = [shapes_of.of(rule.regex.pattern) for _ in range(6)]
        text = "\n".join(t.replace("\n", " ").replace("\r", " ") for t in texts) + "\n"
        (folder / f"{rule.id}.txt").write_text(text)
        drawn += len(texts)
        for name, line in rules.find(f"{rule.id}.txt", text):
            ours.add((name, f"{rule.id}.txt", line))
    theirs = found(folder)
    assert theirs - ours == set()
    # gitleaks drops its catch-all rule where another one hits the same line
    assert {name for name, _, _ in ours - theirs} <= {"generic-api-key"}
    hit = {name for name, file, _ in ours if file == f"{name}.txt"}
    assert drawn == 221 * 6
    print(f"{len(hit)} of 221 rules hit by a text of their own shape; {len(theirs)} findings")
    assert len(hit) >= 205
