"""One person at one repository of the embedded forge: who they are, what they may, what is
stored. Blocking; nothing here knows git."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select, update

from harness.core.errors import Conflict, Forbidden, NotFound, UsageError
from harness.core.forge_types import Actor, Permission
from harness.forge.embedded.tables import (
    ITEMS,
    MEMBERS,
    REPOSITORIES,
    TIMELINE,
    USERS,
    ForgeDatabase,
)
from harness.ports.clock import Clock

BODY_LIMIT = 1 << 20
TITLE_LIMIT = 256
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}/[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
_LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})(?:\[bot\])?")


def checked_name(name: str) -> str:
    """`name` when it is "owner/name" and safe as a path; UsageError otherwise."""
    bad = not _NAME.fullmatch(name) or name.endswith(".git") or ".." in name
    if bad:
        raise UsageError("forge.bad_repository_name", name=name)
    return name


def checked_login(login: str) -> str:
    """`login` when it has the form of one; UsageError otherwise."""
    if not _LOGIN.fullmatch(login):
        raise UsageError("forge.bad_login", login=login)
    return login


def one_line(text: str) -> str:
    """Text as one line: control bytes and runs of space become one space."""
    spaced = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    return " ".join(_storable(spaced).split())


def clean_title(text: str) -> str:
    """A title to store. UsageError when nothing is left or it is too long."""
    title = one_line(text)
    if not title:
        raise UsageError("forge.empty_title")
    if len(title) > TITLE_LIMIT:
        raise UsageError("forge.long_title", limit=TITLE_LIMIT, length=len(title))
    return title


def clean_body(text: str) -> str:
    """A body to store. UsageError over BODY_LIMIT bytes."""
    body = _storable(text).replace("\0", "")
    size = len(body.encode())
    if size > BODY_LIMIT:
        raise UsageError("forge.long_body", size=size, limit=BODY_LIMIT)
    return body


def clean_label(text: str) -> str:
    """A label to store: one line of at most 50 characters."""
    label = one_line(text)
    if not label or len(label) > 50:
        raise UsageError("forge.bad_label", label=label[:60])
    return label


def _storable(text: str) -> str:
    # a lone surrogate cannot be written as UTF-8
    return text.encode(errors="replace").decode()


@dataclass(frozen=True)
class Transaction:
    """One transaction of one person at one repository."""

    conn: Connection
    repo: int
    name: str
    default_branch: str
    me: Actor
    permission: Permission
    now: datetime
    people: dict[int, Actor] = field(default_factory=dict)
    """Those looked up so far."""

    def need(self, permission: Permission) -> None:
        """Forbidden unless I have it."""
        if not self.permission.covers(permission):
            raise Forbidden(
                "forge.forbidden",
                login=self.me.login,
                needed=permission.value,
                permission=self.permission.value,
            )

    def need_over(self, item: RowMapping, permission: Permission) -> None:
        """Forbidden unless I wrote it or have the permission."""
        self.need(Permission.READ if item["author"] == self.me.id else permission)

    def actor(self, user: int) -> Actor:
        """Someone by number."""
        if user not in self.people:
            row = self.conn.execute(select(USERS).where(USERS.c.id == user)).mappings().one()
            self.people[user] = _actor(row)
        return self.people[user]

    def by_login(self, login: str) -> Actor:
        """Someone by login. NotFound."""
        return find_user(self.conn, login)

    def item(self, number: int, kind: str = "") -> RowMapping:
        """An issue or a pull request. NotFound."""
        row = self.find_item(number)
        if row is None or (kind and row["kind"] != kind):
            missing = "forge.no_pr" if kind == "pr" else "forge.no_issue"
            raise NotFound(missing, number=number, repository=self.name)
        return row

    def find_item(self, number: int) -> RowMapping | None:
        """The same, or None."""
        wanted = select(ITEMS).where(ITEMS.c.repo == self.repo, ITEMS.c.number == number)
        return self.conn.execute(wanted).mappings().one_or_none()

    def next_number(self) -> int:
        """The next number; issues and pull requests share them."""
        return self._count(REPOSITORIES.c.numbers.name)

    def next_change(self) -> int:
        """The next place in the order of changes; cursors are made of it."""
        return self._count(REPOSITORIES.c.changes.name)

    def _count(self, column: str) -> int:
        counter = REPOSITORIES.c[column]
        asked = (
            update(REPOSITORIES)
            .where(REPOSITORIES.c.id == self.repo)
            .values({column: counter + 1})
            .returning(counter)
        )
        return int(self.conn.execute(asked).scalar_one())

    def touch(self, number: int, **values: Any) -> None:
        """Change an item, or only say that something about it changed."""
        values |= {"updated_at": self.now, "change": self.next_change()}
        here = (ITEMS.c.repo == self.repo) & (ITEMS.c.number == number)
        self.conn.execute(update(ITEMS).where(here).values(values))

    def tell(self, number: int, kind: str, subject: str = "", actor: int = 0) -> None:
        """Write an event into a timeline."""
        self.conn.execute(
            TIMELINE.insert().values(
                repo=self.repo,
                number=number,
                kind=kind,
                actor=actor or self.me.id,
                subject=subject,
                at=self.now,
            )
        )


def _actor(row: RowMapping) -> Actor:
    return Actor(id=row["id"], login=row["login"], kind=row["kind"])


def find_user(conn: Connection, login: str) -> Actor:
    """A user of the forge. NotFound names those there are."""
    row = conn.execute(select(USERS).where(USERS.c.login == login)).mappings().one_or_none()
    if row is None:
        known = conn.execute(select(USERS.c.login).order_by(USERS.c.id).limit(20)).scalars()
        raise NotFound("forge.no_user", login=one_line(login)[:60], known=", ".join(known))
    return _actor(row)


def find_repository(conn: Connection, name: str) -> RowMapping:
    """A repository's row. NotFound."""
    row = conn.execute(select(REPOSITORIES).where(REPOSITORIES.c.name == name)).mappings()
    found = row.one_or_none()
    if found is None:
        raise NotFound("forge.no_repository", repository=name)
    return found


def permission_of(conn: Connection, repo: int, user: int) -> Permission:
    """What someone may do to a repository; none when nothing was said."""
    asked = select(MEMBERS.c.permission).where(MEMBERS.c.repo == repo, MEMBERS.c.user == user)
    return Permission(conn.execute(asked).scalar_one_or_none() or "none")


def newest_change(desk: Transaction) -> int:
    """The last change of any item so far."""
    asked = select(func.max(ITEMS.c.change)).where(ITEMS.c.repo == desk.repo)
    return int(desk.conn.execute(asked).scalar_one_or_none() or 0)


def logins(desk: Transaction, given: Sequence[str]) -> list[str]:
    """The stored spelling of logins, each once. NotFound."""
    return list(dict.fromkeys(desk.by_login(login).login for login in given))


class Access:
    """Opens desks for one person at one repository under `root`."""

    def __init__(self, root: Path, repository: str, acting_as: str, clock: Clock) -> None:
        self.root = root
        self.repository = checked_name(repository)
        self.acting_as = acting_as
        self._clock = clock
        self._database = ForgeDatabase(root / "forge.db")

    @property
    def gitdir(self) -> Path:
        """The bare repository."""
        return self.root / f"{self.repository}.git"

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A consistent look; writes are an error of the caller."""
        with self._open(write=False) as desk:
            yield desk

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """The only writer until it ends."""
        with self._open(write=True) as desk:
            yield desk

    @contextmanager
    def _open(self, *, write: bool) -> Iterator[Transaction]:
        if not self._database.path.exists():
            raise NotFound("forge.no_repository", repository=self.repository)
        with self._database.transaction(write=write) as conn:
            repo = find_repository(conn, self.repository)
            me = find_user(conn, self.acting_as)
            yield Transaction(
                conn=conn,
                repo=repo["id"],
                name=self.repository,
                default_branch=repo["default_branch"],
                me=me,
                permission=permission_of(conn, repo["id"], me.id),
                now=self._clock.now(),
            )


def refuse(condition: bool, key: str, **facts: str | int) -> None:
    """Conflict with this sentence when the condition holds."""
    if condition:
        raise Conflict(key, **facts)
