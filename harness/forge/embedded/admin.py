"""The embedded forge as its operator sees it: repositories and people."""

from __future__ import annotations

import asyncio
import secrets
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Select, delete, func, insert, select, update

from harness.core.base import Value
from harness.core.errors import GitError, NotFound
from harness.core.forge_types import Actor, Permission, Repository
from harness.forge.embedded.access import checked_login, checked_name, find_repository, find_user
from harness.forge.embedded.bare_repository import BareRepository
from harness.forge.embedded.linking import link
from harness.forge.embedded.tables import (
    GIT_USER,
    MEMBERS,
    META,
    REPOSITORIES,
    USERS,
    ForgeDatabase,
)
from harness.ports.clock import Clock
from harness.system.clock import SystemClock
from harness.system.files import remove_tree

MOST_ID = 2**31 - 1
GONE = "@"
"""No repository's name has one."""


class Member(Value):
    """Someone and what they may do to one repository."""

    actor: Actor
    permission: Permission


class EmbeddedAdmin:
    """All repositories under `root`. Everything may be repeated."""

    def __init__(self, root: Path, clock: Clock | None = None) -> None:
        self.root = root
        self._clock = clock or SystemClock()
        self._database = ForgeDatabase(root / "forge.db")

    async def create_repository(
        self, name: str, default_branch: str = "main", admin: str = "owner"
    ) -> Repository:
        """A bare repository "owner/name" and its row. There already: as it is. `admin` becomes
        its first user when it has none."""
        return await asyncio.to_thread(self._create, checked_name(name), default_branch, admin)

    async def add_user(
        self,
        repository: str,
        login: str,
        permission: Permission = Permission.READ,
        kind: Literal["user", "bot"] = "user",
    ) -> Actor:
        """Someone with that permission; the first user of a repository becomes its admin. Known
        already: the permission is set."""
        checked_login(login)
        return await asyncio.to_thread(self._add_user, repository, login, permission, kind)

    async def users(self, repository: str) -> tuple[Member, ...]:
        """Who has a permission there, oldest first."""
        return await asyncio.to_thread(self._users, repository)

    async def knows(self, name: str) -> bool:
        """Whether there is a repository of that name, or a folder in its place."""
        return await asyncio.to_thread(self._knows, checked_name(name))

    async def use_branch(self, name: str, branch: str) -> None:
        """`branch`, which must be there, is its default branch from now on. NotFound."""
        await asyncio.to_thread(self._use_branch, checked_name(name), branch)

    async def bring(self, name: str, branch: str, commit: str, objects: Path) -> None:
        """The branch, which is new there, at that commit of another repository of this machine,
        whose objects are in the folder `objects`. GitError when its history is not whole."""
        await asyncio.to_thread(self._bring, checked_name(name), branch, commit, objects)

    async def is_related(self, name: str, branch: str, commit: str, objects: Path) -> bool:
        """Whether the branch has a commit in common with that commit of another repository of this
        machine, whose objects are in the folder `objects`."""
        bare = BareRepository(self.root / f"{checked_name(name)}.git")
        return await asyncio.to_thread(bare.is_related, branch, commit, objects)

    async def remove_repository(self, name: str) -> None:
        """With its issues and pull requests. What is not there is fine."""
        await asyncio.to_thread(self._remove, checked_name(name))

    def _knows(self, name: str) -> bool:
        if (self.root / f"{name}.git").exists():
            return True
        self._database.make_folder()
        with self._database.transaction(write=False) as conn:
            asked = select(REPOSITORIES.c.id).where(REPOSITORIES.c.name == name)
            return conn.execute(asked).first() is not None

    def _use_branch(self, name: str, branch: str) -> None:
        bare = BareRepository(self.root / f"{name}.git")
        with self._database.transaction(write=True) as conn:
            row = find_repository(conn, name)
            if row["default_branch"] == branch:
                return
            if bare.branch(branch) is None:
                raise NotFound("forge.no_ref", ref=branch)
            bare.run("symbolic-ref", "HEAD", f"refs/heads/{branch}")
            here = update(REPOSITORIES).where(REPOSITORIES.c.id == row["id"])
            conn.execute(here.values(default_branch=branch))

    def _bring(self, name: str, branch: str, commit: str, objects: Path) -> None:
        bare = BareRepository(self.root / f"{name}.git")
        try:
            link(objects, bare.path / "objects")
            bare.check_history(commit)
        except GitError:
            # their git may have packed them anew while we looked
            link(objects, bare.path / "objects")
            bare.check_history(commit)
        bare.keep(f"refs/heads/{branch}", commit)

    def _remove(self, name: str) -> None:
        self._database.make_folder()
        with self._database.transaction(write=True) as conn:
            row = conn.execute(_row(name)).mappings().first()
            if row is not None:
                _empty(conn, row["id"], f"{name}{GONE}{row['id']}" if row["numbers"] else "")
            remove_tree(self.root / f"{name}.git")

    def _create(self, name: str, default_branch: str, admin: str) -> Repository:
        checked_login(admin)
        self._database.make_folder()
        bare = BareRepository(self.root / f"{name}.git")
        with self._database.transaction(write=True) as conn:
            # one at a time: git's own locks fail at once where two would have to take turns
            asked = select(REPOSITORIES).where(REPOSITORIES.c.name == name)
            absent = conn.execute(asked).first() is None
            # without a row it may be one whose making was cut short
            if absent or not (bare.path / "HEAD").exists():
                bare.path.parent.mkdir(parents=True, exist_ok=True)
                bare.create(default_branch)
            if absent:
                _insert_repository(conn, name, default_branch, self._clock.now())
            row = find_repository(conn, name)
            if not conn.execute(select(MEMBERS).where(MEMBERS.c.repo == row["id"])).first():
                _join(conn, row["id"], _user(conn, admin, "user"), Permission.ADMIN)
        return Repository(
            id=row["id"], name=name, default_branch=row["default_branch"], private=True
        )

    def _add_user(
        self, repository: str, login: str, permission: Permission, kind: Literal["user", "bot"]
    ) -> Actor:
        with self._database.transaction(write=True) as conn:
            repo = find_repository(conn, repository)["id"]
            actor = _user(conn, login, kind)
            people = select(func.count()).select_from(MEMBERS).where(MEMBERS.c.repo == repo)
            first = kind == "user" and not conn.execute(people).scalar_one()
            _join(conn, repo, actor, Permission.ADMIN if first else permission)
            return actor

    def _users(self, repository: str) -> tuple[Member, ...]:
        with self._database.transaction(write=False) as conn:
            repo = find_repository(conn, repository)["id"]
            asked = (
                select(USERS, MEMBERS.c.permission)
                .join(MEMBERS, MEMBERS.c.user == USERS.c.id)
                .where(MEMBERS.c.repo == repo, USERS.c.id != GIT_USER)
                .order_by(USERS.c.id)
            )
            return tuple(
                Member(
                    actor=Actor(id=row["id"], login=row["login"], kind=row["kind"]),
                    permission=Permission(row["permission"]),
                )
                for row in conn.execute(asked).mappings()
            )


def _row(name: str) -> Select[Any]:
    return select(REPOSITORIES).where(REPOSITORIES.c.name == name)


def _empty(conn: Connection, number: int, kept_as: str) -> None:
    """Nothing of the repository is left but, under a name that none can have, how far it counted;
    without one nothing."""
    for table in reversed(META.sorted_tables):
        if "repo" in table.c:
            conn.execute(delete(table).where(table.c.repo == number))
    here = REPOSITORIES.c.id == number
    gone = update(REPOSITORIES).values(name=kept_as) if kept_as else delete(REPOSITORIES)
    conn.execute(gone.where(here))


def _insert_repository(conn: Connection, name: str, default_branch: str, at: datetime) -> None:
    # no number is given twice: one that is deleted and made again is another repository, and what
    # is remembered of an issue is of no other one
    number = secrets.randbelow(MOST_ID) + 1
    made = insert(REPOSITORIES).values(id=number, name=name, default_branch=default_branch)
    before = REPOSITORIES.c.name.startswith(f"{name}{GONE}", autoescape=True)
    counted = [func.coalesce(func.max(REPOSITORIES.c[one]), 0) for one in ("numbers", "changes")]
    numbers, changes = conn.execute(select(*counted).where(before)).one()
    conn.execute(made.values(created_at=at, numbers=numbers, changes=changes))


def _user(conn: Connection, login: str, kind: Literal["user", "bot"]) -> Actor:
    asked = select(USERS.c.id).where(USERS.c.login == login)
    if conn.execute(asked).first() is None:
        conn.execute(insert(USERS).values(login=login, kind=kind))
    return find_user(conn, login)


def _join(conn: Connection, repo: int, actor: Actor, permission: Permission) -> None:
    here = (MEMBERS.c.repo == repo) & (MEMBERS.c.user == actor.id)
    conn.execute(delete(MEMBERS).where(here))
    conn.execute(insert(MEMBERS).values(repo=repo, user=actor.id, permission=permission.value))
