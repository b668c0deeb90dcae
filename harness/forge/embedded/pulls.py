"""Pull requests of the embedded forge: rows for what people said, git for what is so.

Head, base, mergeability and "merged" are read from git each time. A row that git has overtaken
(head moved, branch gone, merged by a push, a merge that was cut) is put right by the read that
notices it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, insert, select, update

from harness.core.errors import NotFound
from harness.core.forge_types import MergeMethod, Permission, PullRequest
from harness.forge.embedded.access import Access, Transaction, logins, refuse
from harness.forge.embedded.bare_repository import BareRepository, MergeResult, Person
from harness.forge.embedded.issues import add_item, edit_item, shut
from harness.forge.embedded.tables import GIT_USER, ITEMS, PULLS

_CLOSES = re.compile(r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+#(\d{1,9})\b", re.IGNORECASE)
_CODE = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|`[^`\n]*`|<!--.*?-->", re.DOTALL)


def closes(body: str) -> tuple[int, ...]:
    """The issues that a body says it closes, code and hidden comments left out."""
    found = (int(number) for number in _CLOSES.findall(_CODE.sub(" ", body)))
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class PullFacts:
    """What git says about an open pull request."""

    head_sha: str
    base_sha: str
    abandoned: bool
    """The branch is gone, or was set back to what the base already has."""
    merged_sha: str | None
    mergeable: bool


def look(bare: BareRepository, row: RowMapping) -> PullFacts:
    """git's present view of an open pull request."""
    head, base = bare.branch(row["head"]), bare.branch(row["base"])
    head_sha, base_sha = head or row["head_sha"], base or row["base_sha"]
    merged: str | None = None
    emptied = False
    if (head, base) == (row["head_sha"], row["base_sha"]):
        pass  # the last look was at these two, and it left the row open
    elif row["merging_sha"] and bare.contains(base_sha, row["merging_sha"]):
        merged = row["merging_sha"]
    elif bare.contains(base_sha, head_sha):
        # merged only if what was last seen is in the base too; else the branch was set back
        emptied = not bare.contains(base_sha, row["head_sha"])
        merged = None if emptied else bare.merged_by(base_sha, head_sha)
    abandoned = merged is None and (head is None or emptied)
    ready = bool(head and base) and merged is None and not abandoned
    return PullFacts(
        head_sha=row["head_sha"] if abandoned else head_sha,
        base_sha=row["base_sha"] if merged else base_sha,
        abandoned=abandoned,
        merged_sha=merged,
        mergeable=ready and not bare.merge_tree(base_sha, head_sha).conflicts,
    )


class EmbeddedPulls:
    """The pull requests of one repository, as one person sees and changes them."""

    def __init__(self, books: Access, bare: BareRepository) -> None:
        self.books = books
        self.bare = bare

    # -- reading

    def one(self, number: int) -> PullRequest:
        """As git has it now. NotFound."""
        with self.books.read() as desk:
            row = self.row(desk, number)
        if row["state"] != "open":
            with self.books.read() as desk:
                return self._value(desk, self.row(desk, number), None)
        facts = look(self.bare, row)
        if self._overtaken(row, facts):
            with self.books.write() as desk:
                self._settle(desk, row, facts)
        with self.books.read() as desk:
            return self._value(desk, self.row(desk, number), facts)

    def find(self, head: str) -> PullRequest | None:
        """The newest from that branch, open ones first."""
        with self.books.read() as desk:
            asked = (
                select(ITEMS.c.number)
                .join(PULLS, _same())
                .where(PULLS.c.repo == desk.repo, PULLS.c.head == head)
                .order_by((ITEMS.c.state == "open").desc(), ITEMS.c.number.desc())
            )
            number = desk.conn.execute(asked).scalars().first()
        return None if number is None else self.one(number)

    def all(self, state: str = "open") -> tuple[PullRequest, ...]:
        """open, closed, merged or "all", newest first."""
        with self.books.read() as desk:
            asked = select(ITEMS.c.number).where(ITEMS.c.repo == desk.repo, ITEMS.c.kind == "pr")
            # an open row may turn out to be merged or closed, so the open ones are always read
            if state != "all":
                asked = asked.where(ITEMS.c.state.in_({"open", state}))
            numbers = desk.conn.execute(asked.order_by(ITEMS.c.number.desc())).scalars().all()
        found = (self.one(number) for number in numbers)
        return tuple(pull for pull in found if state in ("all", pull.state))

    def diff(self, number: int) -> str:
        """What it changes, as a unified diff."""
        pull = self.one(number)
        with self.books.read() as desk:
            row = self.row(desk, number)
        return self.bare.diff(row["base_sha"], pull.head_sha)

    # -- opening and changing

    def open(self, head: str, base: str, title: str, body: str, *, draft: bool) -> PullRequest:
        """Conflict: no change between them, or one is open already for that head."""
        head_sha, base_sha = self.bare.branch(head), self.bare.branch(base)
        if head_sha is None or base_sha is None:
            raise NotFound("forge.no_branch", branch=base if head_sha else head)
        refuse(not self.bare.differs(base_sha, head_sha), "forge.no_diff", head=head, base=base)
        self.find(head)  # a row that git has overtaken is not in the way
        with self.books.write() as desk:
            desk.need(Permission.WRITE)
            self._refuse_second(desk, head)
            number = add_item(desk, "pr", title, body)
            desk.conn.execute(
                insert(PULLS).values(
                    repo=desk.repo,
                    number=number,
                    head=head,
                    head_sha=head_sha,
                    base=base,
                    base_sha=base_sha,
                    draft=draft,
                )
            )
        self.bare.keep(f"refs/pull/{number}/head", head_sha)
        return self.one(number)

    def edit(self, number: int, title: str | None, body: str | None) -> PullRequest:
        """New text."""
        with self.books.write() as desk:
            edit_item(desk, "pr", number, title, body)
        return self.one(number)

    def ready(self, number: int) -> PullRequest:
        """No longer a draft."""
        with self.books.write() as desk:
            row = self.row(desk, number)
            desk.need_over(row, Permission.WRITE)
            if row["draft"]:
                self._set(desk, number, draft=False)
                desk.tell(number, "ready_for_review")
                desk.touch(number)
        return self.one(number)

    def close(self, number: int) -> PullRequest:
        """Without merging; closed or merged already: as it is."""
        self.one(number)
        with self.books.write() as desk:
            row = self.row(desk, number)
            desk.need_over(row, Permission.TRIAGE)
            if row["state"] == "open":
                desk.tell(number, "closed")
                desk.touch(number, state="closed")
        return self.one(number)

    def request_review(self, number: int, people: list[str]) -> None:
        """Ask these people; asked already: nothing happens."""
        with self.books.write() as desk:
            row = self.row(desk, number)
            desk.need_over(row, Permission.TRIAGE)
            asked = list(row["requested"])
            author = desk.actor(row["author"]).login
            for login in logins(desk, people):
                refuse(login == author, "forge.own_review", number=number)
                if login not in asked:
                    asked.append(login)
                    desk.tell(number, "review_requested", login)
            if asked != row["requested"]:
                self._set(desk, number, requested=asked)
                desk.touch(number)

    # -- merging

    def merge(self, number: int, head_sha: str, method: MergeMethod, message: str) -> PullRequest:
        """Exactly `head_sha`, by compare-and-swap on the base branch. Conflict otherwise."""
        pull = self.one(number)
        if pull.state == "merged" and pull.head_sha == head_sha:
            return pull
        with self.books.read() as desk:
            desk.need(Permission.WRITE)
            me = desk.me
        refuse(pull.state != "open", "forge.pr_not_open", number=number, state=pull.state)
        refuse(pull.draft, "forge.draft", number=number)
        refuse(pull.head_sha != head_sha, "forge.head_moved", number=number, head=pull.head)
        merged = self.bare.merge_tree(pull.base_sha, pull.head_sha)
        _refuse_conflicts(number, merged)
        refuse(
            merged.tree == self.bare.tree(pull.base_sha), "forge.no_diff", head=pull.head,
            base=pull.base,
        )  # fmt: skip
        person = Person(me.login, f"{me.id}+{me.login}@users.noreply.localhost")
        commit = self._commit(pull, method, message, merged.tree, person)
        base = f"refs/heads/{pull.base}"
        with self.books.write() as desk:
            # nobody writes while we look: an earlier intent whose commit is in the base is safe
            refuse(self.bare.branch(pull.base) != pull.base_sha, "forge.ref_moved", ref=pull.base)
            self._set(desk, number, merging_sha=commit, merging_by=me.id)
        with self.books.write() as desk:
            row = self.row(desk, number)
            refuse(row["merging_sha"] != commit, "forge.ref_moved", ref=pull.base)
            self.bare.swap(base, commit, pull.base_sha)
            self._settle(desk, row, PullFacts(head_sha, pull.base_sha, False, commit, False))
        return self.one(number)

    def _commit(
        self, pull: PullRequest, method: MergeMethod, message: str, tree: str, person: Person
    ) -> str:
        text = message or _message(pull, method)
        base, head = pull.base_sha, pull.head_sha
        if method == "merge":
            return self.bare.commit_tree(tree, (base, head), text, person, person)
        if method == "squash":
            author = self.bare.author(head)
            return self.bare.commit_tree(tree, (base,), text, author, person)
        if self.bare.contains(head, base) and not self.bare.has_merges(base, head):
            return head
        tip = self.bare.rebase(base, head, person)
        same = tip is not None and self.bare.tree(tip) == tree
        refuse(not same, "forge.not_rebaseable", number=pull.number)
        return tip or head

    def delete_branch(self, name: str, expected_sha: str) -> None:
        """Gone already is fine; Conflict when it moved."""
        with self.books.read() as desk:
            desk.need(Permission.WRITE)
            refuse(name == desk.default_branch, "forge.default_branch", branch=name)
        if self.bare.branch(name) is not None:
            self.bare.swap(f"refs/heads/{name}", "", expected_sha)

    # -- rows

    def row(self, desk: Transaction, number: int) -> RowMapping:
        """Both rows of a pull request as one. NotFound."""
        asked = (
            select(ITEMS, *(c for c in PULLS.c if c.name not in ("repo", "number")))
            .join(PULLS, _same())
            .where(ITEMS.c.repo == desk.repo, ITEMS.c.number == number)
        )
        row = desk.conn.execute(asked).mappings().one_or_none()
        if row is None:
            raise NotFound("forge.no_pr", number=number, repository=desk.name)
        return row

    def _set(self, desk: Transaction, number: int, **values: Any) -> None:
        here = (PULLS.c.repo == desk.repo) & (PULLS.c.number == number)
        desk.conn.execute(update(PULLS).where(here).values(values))

    def _refuse_second(self, desk: Transaction, head: str) -> None:
        asked = (
            select(ITEMS.c.number)
            .join(PULLS, _same())
            .where(PULLS.c.repo == desk.repo, PULLS.c.head == head, ITEMS.c.state == "open")
        )
        number = desk.conn.execute(asked).scalars().first()
        refuse(number is not None, "forge.pr_exists", number=number or 0, head=head)

    @staticmethod
    def _overtaken(row: RowMapping, facts: PullFacts) -> bool:
        moved = (facts.head_sha, facts.base_sha) != (row["head_sha"], row["base_sha"])
        return moved or facts.merged_sha is not None or facts.abandoned

    def _settle(self, desk: Transaction, seen: RowMapping, facts: PullFacts) -> None:
        """Put a row right by git, unless somebody did so since it was read."""
        number = seen["number"]
        row = self.row(desk, number)
        if row["state"] != "open":
            return
        if facts.head_sha != row["head_sha"]:
            self.bare.keep(f"refs/pull/{number}/head", facts.head_sha)
            desk.touch(number)
        self._set(desk, number, head_sha=facts.head_sha, base_sha=facts.base_sha)
        if facts.merged_sha is not None:
            ours = facts.merged_sha == row["merging_sha"]
            self._record_merge(desk, row, facts.merged_sha, row["merging_by"] if ours else GIT_USER)
        elif facts.abandoned:
            desk.tell(number, "closed", "", GIT_USER)
            desk.touch(number, state="closed")

    def _record_merge(self, desk: Transaction, row: RowMapping, commit: str, by: int) -> None:
        number = row["number"]
        self._set(desk, number, merged_sha=commit)
        desk.tell(number, "merged", commit, by)
        desk.touch(number, state="merged")
        if row["base"] != desk.default_branch:
            return
        for issue in closes(row["body"]):
            item = desk.find_item(issue)
            if item is not None and item["kind"] == "issue":
                shut(desk, item, "completed", commit, by)

    def _value(self, desk: Transaction, row: RowMapping, facts: PullFacts | None) -> PullRequest:
        is_open = row["state"] == "open"
        return PullRequest(
            number=row["number"],
            title=row["title"],
            body=row["body"],
            author=desk.actor(row["author"]),
            state=row["state"],
            draft=row["draft"],
            head=row["head"],
            head_sha=row["head_sha"],
            base=row["base"],
            base_sha=row["base_sha"],
            mergeable=facts.mergeable if facts is not None and is_open else False,
            merged_sha=row["merged_sha"],
            created_at=row["created_at"],
            updated_at=row["updated_at"],
        )


def _same() -> Any:
    return (PULLS.c.repo == ITEMS.c.repo) & (PULLS.c.number == ITEMS.c.number)


def _refuse_conflicts(number: int, merged: MergeResult) -> None:
    shown = ", ".join(merged.conflicts[:5])
    refuse(bool(merged.conflicts), "forge.conflicts", number=number, paths=shown)


def _message(pull: PullRequest, method: MergeMethod) -> str:
    if method == "merge":
        return f"Merge pull request #{pull.number} from {pull.head}\n\n{pull.title}\n"
    return f"{pull.title} (#{pull.number})\n\n{pull.body}\n"
