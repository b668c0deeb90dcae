"""Every number on every page comes from the database: each is recomputed with plain SQL, and one
that has no source there fails. The pages are those of the demo, in the terminal, as Markdown, as
HTML and on the forge."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.e2e.books import Books, changed_lines, words_in
from tests.e2e.demo import play_demo
from tests.e2e.world import World

SIDES = {
    "the base": "base",
    "the change": "change",
    "the product's change under the base's tests": "product",
    "an earlier commit": "earlier",
}
NUMBER = re.compile(r"(?<![\w.:/-])[~$#]*(\d[\d,]*(?:\.\d+)?)(?![\w:/-])")
MONTH_DAY = re.compile(r"\d\d-\d\d \d\d:\d\d:\d\d")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> World:
    return play_demo(tmp_path_factory.mktemp("demo"), "C.UTF-8")


@pytest.fixture(scope="module")
def books(demo: World) -> Books:
    return Books(demo.state)


# ---------------------------------------------------------------- one report


class Ledger:
    """Says of each line of a page where its numbers come from."""

    def __init__(self, demo: World, books: Books, issue: int) -> None:
        self.books = books
        self.issue = issue
        self.row = books.run(issue)
        self.texts = sorted({t for t in books.texts(issue) if len(t) > 3}, key=len, reverse=True)
        self.known = books.stored_words(issue)
        self.rules: list[tuple[str, Callable[[re.Match[str]], bool]]] = [
            (r"\| (?:Pull request) \| #(\d+) \(\w+\) \|", lambda m: int(m[1]) == self.row["pr"]),
            (r"\| Merged as \| (\w+) \|", lambda m: self.row["merged_sha"][:12] == m[1]),
            (r"\| Began \| (.+) UTC \|", self._began),
            (r"\| Took \| ([\d.]+) min \|", self._took),
            (r".* asked for it in issue #(\d+)\.", lambda m: int(m[1]) == issue),
            (r"\| (.+) \| \w+ \| \+(\d+) -(\d+) \|", self._lines_of(demo)),
            (r"\| (\S+) \| (~?[\d,]+) \| (~?[\d,]+) \| (~?[\d,]+) \| (~?[\d,]+) \| (~?\$.+) \|",
             self._cost),
            (r"Models: .*\. Tool calls: (\d+)\.", lambda m: int(m[1]) == books.spent(issue)[3]),
            (r"`(.+)` on .+ ended with exit code (\d+):", self._ran),
            (r"<!-- harness:[\w-]+ -->", lambda m: True),  # nobody is shown it
            (r"Closes #(\d+)", lambda m: int(m[1]) == issue),
            (r"# (?:.+: )?#(\d+) (.*)",
             lambda m: (int(m[1]), m[2]) == (issue, self.row["snapshot"]["title"])),
        ]  # fmt: skip

    def account(self, page: str) -> None:
        lines = list(self._prose(page))
        assert lines
        for line in lines:
            if words_in(line):
                assert self._explained(line), f"#{self.issue}: no source for: {line}"
        self._evidence([line for line in lines if line.count("|") > 4])

    def _prose(self, page: str) -> Iterator[str]:
        """The lines of the page but verbatim ones, each of which is stored."""
        verbatim = {line.strip() for text in self.texts for line in text.splitlines()}
        fenced = False
        for line in page.replace("\\", "").splitlines():
            if line.startswith("```"):
                fenced = not fenced
            elif fenced:
                assert not line.strip() or line.strip() in verbatim, line
            else:
                yield line.strip()

    def _explained(self, line: str) -> bool:
        for pattern, holds in self.rules:
            found = re.fullmatch(pattern, line)
            if found is not None:
                return holds(found)
        return self._event(line) or self._result(line) or self._stored(line)

    def _stored(self, line: str) -> bool:
        """Nothing but texts, names and hashes that the database holds."""
        for text in self.texts:
            line = line.replace(" ".join(text.split()), " ")
        return all(self._known(word) for word in words_in(line))

    def _known(self, word: str) -> bool:
        return word in self.known or (
            len(word) >= 10 and any(known.startswith(word) for known in self.known)
        )

    def _event(self, line: str) -> bool:
        """What an event says: its own numbers and no other."""
        said = re.sub(r"^(\| |- )|( \|)$", "", line)
        at, _, rest = said.partition(" | ")
        if at.isdigit():
            at, _, rest = rest.partition(" | ")
        timed = MONTH_DAY.search(at)
        for event in self.books.events(self.issue):
            when = event["at"][5:19].replace("T", " ")
            facts = words_in(json.dumps(event["facts"], ensure_ascii=False).replace('"', " "))
            if (timed is None or timed[0] == when) and words_in(rest if timed else said) <= facts:
                return True
        return False

    def _result(self, line: str) -> bool:
        """A row of the evidence table; `_evidence` counts them all."""
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        return len(cells) >= 4 and _told(cells[-1]) is not None

    def _evidence(self, lines: list[str]) -> None:
        """The rows of the table together are the runs that are stored, each once."""
        rows = [[c.strip() for c in line.strip("|").split(" | ")] for line in lines]
        told = [(row, found) for row in rows if len(row) == 4 and (found := _told(row[-1]))]
        stored = self.books.evidence(self.issue)
        if not told:
            return
        assert sum(times for _, (_, times) in told) == len(stored)
        standing = [times for row, (_, times) in told if "an earlier version" not in row[1]]
        assert sum(standing) == self.books.standing(self.issue)
        shown: Counter[object] = Counter()
        for row, (numbers, times) in told:
            side = SIDES[row[1].removesuffix(", an earlier version")]
            shown[side, row[2].strip("`"), numbers] += times
        assert shown == Counter(
            (e["side"], " ".join(e["command"].split()), _numbers(e)) for e in stored
        )

    def _began(self, found: re.Match[str]) -> bool:
        return str(self.row["created_at"])[:16].replace("T", " ") == found[1]

    def _took(self, found: re.Match[str]) -> bool:
        sql = "SELECT (julianday(?) - julianday(?)) * 1440"
        ((minutes,),) = self.books.ask(sql, self.row["updated_at"], self.row["created_at"])
        return bool(abs(float(found[1]) - minutes) <= 0.06)

    def _lines_of(self, demo: World) -> Callable[[re.Match[str]], bool]:
        def holds(found: re.Match[str]) -> bool:
            bare = demo.state / "forge" / f"{demo.repository}.git"
            counted = changed_lines(bare, self.row["merged_sha"])
            return counted[found[1]] == (int(found[2]), int(found[3]))

        return holds

    def _cost(self, found: re.Match[str]) -> bool:
        *counts, dollars = (text.lstrip("~$").replace(",", "") for text in found.groups()[1:])
        figures = (*map(int, counts), float(dollars))
        name = "" if found[1] == "total" else found[1]
        return (name, *figures) in self.books.costs(self.issue)

    def _ran(self, found: re.Match[str]) -> bool:
        ran = {(e["command"], e["exit_code"]) for e in self.books.evidence(self.issue)}
        return (found[1], int(found[2])) in ran


def _told(cell: str) -> tuple[tuple[int, ...], int] | None:
    """A result cell: its numbers, and how often."""
    found = re.fullmatch(
        r"(?:(\d+) passed, (\d+) failed \()?exit code (\d+)\)?(?:, (\d+) times)?", cell
    )
    if found is None:
        return None
    return tuple(int(n) for n in found.groups()[:3] if n is not None), int(found[4] or 1)


def _numbers(evidence: dict[str, Any]) -> tuple[int, ...]:
    """The same of a stored run."""
    if evidence["kind"] not in ("tests", "reproduction"):
        return (evidence["exit_code"],)
    outcomes = list(evidence["tests"]["outcomes"].values())
    failed = outcomes.count("failed") + outcomes.count("error")
    return outcomes.count("passed"), failed, evidence["exit_code"]


# ---------------------------------------------------------------- the pages


@pytest.mark.parametrize("issue", [1, 2, 3, 4, 5])
def test_every_number_of_a_runs_pages_has_its_source(demo: World, books: Books, issue: int) -> None:
    ledger = Ledger(demo, books, issue)
    page = demo.run("report", str(issue)).stdout
    ledger.account(page)
    ledger.account((demo.folder(issue) / "PROGRESS.md").read_text())
    for comment in demo.comments(issue):
        ledger.account(comment.body)
    plan = books.plan(issue)
    if plan is not None:
        text = (demo.folder(issue) / "PLAN.md").read_text()
        assert f"Version: {plan['version']}\n" in text
        ((hashed,),) = books.ask(
            "SELECT hash FROM plans WHERE run = ? AND version = ?",
            books.run(issue)["id"],
            plan["version"],
        )
        assert f"`{hashed}`" in text
    pulls = [p for p in demo.pulls() if p.number == books.run(issue)["pr"]]
    for pull in pulls:
        ledger.account(pull.body)
    file = demo.folder(issue) / "page.html"
    demo.run("report", str(issue), "--html", str(file))
    assert words_in(_shown(file.read_text())) == words_in(_plain(page))


def test_a_number_that_is_one_off_is_found(demo: World, books: Books) -> None:
    """Else the test above would prove nothing."""
    ledger = Ledger(demo, books, 1)
    lines = re.sub(r"^```.*?^```", "", demo.run("report", "1").stdout, flags=re.S | re.M).split(
        "\n"
    )
    places = [(n, found) for n, line in enumerate(lines) for found in NUMBER.finditer(line)]
    assert len(places) > 60
    for n, found in places:
        more = float(found[1].replace(",", "")) + 1
        wrong = f"{more:,.0f}" if "." not in found[1] else f"{more}"
        line = lines[n][: found.start(1)] + wrong + lines[n][found.end(1) :]
        with pytest.raises(AssertionError):
            ledger.account("\n".join([*lines[:n], line, *lines[n + 1 :]]))


def test_facts_that_count_count_what_is_stored(books: Books) -> None:
    for issue in books.issues:
        run, events, plan = books.run(issue), books.events(issue), books.plan(issue)
        last = {event["kind"]: event["facts"] for event in events}
        if plan is not None:
            assert last["planned"]["tasks"] == len(plan["tasks"])
            assert last["planned"]["version"] == run["plan_version"] == plan["version"]
        if "verified" in last:
            assert last["verified"]["checks"] == books.standing(issue)
        for kind in ("published", "merged"):
            assert kind not in last or last[kind]["pr"] == run["pr"]
        attempts = [e["facts"]["attempt"] for e in events if e["kind"] == "implemented"]
        assert attempts == list(range(1, len(attempts) + 1))


def test_what_was_spent_is_the_same_everywhere(demo: World, books: Books) -> None:
    table = demo.run("status", "--all").stdout
    tokens, dollars, _, _ = books.spent()
    assert not dollars
    assert f"Spent today: ~{tokens:,} tok (estimated)." in table
    rows = {int(m[1]): m[0] for m in re.finditer(r"^#(\d+) .*$", table, re.MULTILINE)}
    assert sorted(rows) == books.issues
    for issue, row in rows.items():
        spent, _, calls, tools = books.spent(issue)
        assert f"  ~{spent:,} tok (estimated)" in row
        assert spent == sum(books.costs(issue)[-1][2:5])
        why = demo.run("why", str(issue)).stdout
        said = f"{_many(calls, 'model call')} and {_many(tools, 'tool call')}"
        assert f"Spent: ~{spent:,} tok (estimated) in {said}." in why
    week = demo.run("report", "--since", "7d").stdout.replace("\\", "")
    over = [books.run(issue) for issue in books.issues]
    merged = sum(bool(run["merged_sha"]) for run in over)
    open_ = sum(run["state"] not in ("done", "failed", "cancelled") for run in over)
    total = f"{len(over)} runs, {merged} merged, {open_} still open; ~$0.00, ~{tokens:,} tok."
    assert total in week
    for issue in books.issues:
        assert re.search(rf"^\| larder #{issue} \| .* \| ~\$0\.00 \|$", week, re.MULTILINE)


def test_lists_and_single_issues_say_what_is_stored(demo: World, books: Books) -> None:
    listed = demo.run("issue", "list", "--state", "all").stdout
    pulls = {pull.number: pull for pull in demo.pulls()}
    for issue in books.issues:
        ((title,),) = books.ask("SELECT data->>'$.snapshot.title' FROM runs WHERE issue = ?", issue)
        assert re.search(rf"^#{issue} .*{re.escape(title)}", listed, re.MULTILINE)
        shown = demo.run("issue", "show", str(issue)).stdout
        assert shown.startswith(f"#{issue} {title}")
        assert len(demo.comments(issue)) == shown.count("harness-bot  ") or demo.comments(issue)
        number = books.run(issue)["pr"]
        if number:
            assert f"#{number}" in demo.run("pr", "show", str(number)).stdout
            assert pulls[number].head_sha == books.run(issue)["head_sha"]
    assert len(pulls) == sum(bool(books.run(issue)["pr"]) for issue in books.issues)


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _plain(page: str) -> str:
    """A Markdown page without the marks that HTML has no characters for."""
    return re.sub(r"^(```.*|#+ |\| ---.*)", "", page.replace("\\", ""), flags=re.MULTILINE)


class _Shown(HTMLParser):
    text = ""
    hidden = ("style", "title")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag
        self.text += " " if tag != "code" else ""

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""
        self.text += " " if tag != "code" else ""

    def handle_data(self, data: str) -> None:
        self.text += "" if getattr(self, "inside", "") in self.hidden else data


def _shown(html: str) -> str:
    page = _Shown()
    page.feed(html)
    return page.text
