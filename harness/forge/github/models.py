"""PyGithub's models over answers that are here already: it knows the fields' names, types, times
and nulls. A model sends nothing: one that would complete itself over the network is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final, NoReturn, ParamSpec, TypeVar

from github.Auth import Auth
from github.Consts import DEFAULT_BASE_URL
from github.GithubException import BadAttributeException, IncompletableObject
from github.GithubObject import CompletableGithubObject, GithubObject
from github.Requester import Requester

from harness.core.errors import ForgeError
from harness.forge.github.payload import is_plausible, odd

M = TypeVar("M", bound=GithubObject)
P = ParamSpec("P")
T = TypeVar("T")


class Detached(Exception):
    """A model wanted to ask GitHub for what the answer lacks."""


_ABSENT: Final = (Detached, IncompletableObject, BadAttributeException)
_TAKEN_FOR_GRANTED: Final = (
    *(AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError),
)
"""What the constructors meet that look into a part before they look at its type."""
_NONE_THERE: Final = (AttributeError, *_ABSENT)
"""A part that is null has no fields."""


class _NoAuth(Auth):
    """PyGithub asks for it at the start of each request, before anything is connected."""

    @property
    def token_type(self) -> str:
        raise Detached

    @property
    def token(self) -> str:
        raise Detached


class _Nowhere(Requester):
    """Sends nothing. By this a model completes itself; all else needs the authentication."""

    def requestJsonAndCheck(self, *_: object, **__: object) -> NoReturn:
        # before it looks at the address: it makes a session for each host it does not know
        raise Detached


_NOWHERE: Final = _Nowhere(
    auth=_NoAuth(),
    base_url=DEFAULT_BASE_URL,
    timeout=1,
    user_agent="harness",
    per_page=100,
    verify=True,
    retry=0,
    pool_size=None,
)


def model(kind: type[M], data: object) -> M:
    """`data` as PyGithub models it. What GitHub did not send is None. ForgeError for what is no
    object, or one that the library cannot read at all."""
    if isinstance(data, dict):
        # to a model that is complete null and nothing are one, but some constructors want an object
        fields = {name: value for name, value in data.items() if value is not None}
        try:
            if issubclass(kind, CompletableGithubObject):
                return kind(_NOWHERE, {}, fields, completed=True)
            return kind(_NOWHERE, {}, fields)
        except _TAKEN_FOR_GRANTED:
            pass
    raise odd(f"no {kind.__name__}")


def optional(read: Callable[[], T | None]) -> T | None:
    """What `read` finds in a part of a model; None when GitHub did not send it, or sent something
    else in its place."""
    try:
        return read()
    except _NONE_THERE:
        return None


def require(value: T | None, name: str) -> T:
    """A field that must be there. ForgeError, for `true` in the place of a number and a time
    before there were any too."""
    odd_time = isinstance(value, datetime) and not is_plausible(value)
    if value is None or isinstance(value, bool) or odd_time:
        raise odd(f"no {name}")
    return value


def reads(function: Callable[P, T]) -> Callable[P, T]:
    """Makes a ForgeError of what the library refuses in a payload."""

    def read(*args: P.args, **kwargs: P.kwargs) -> T:
        fault: ForgeError
        try:
            return function(*args, **kwargs)
        except _ABSENT as refused:
            fault = odd(f"{function.__name__}: {type(refused).__name__}")
        # outside the clause: the library's error holds what people wrote
        raise fault

    return read
