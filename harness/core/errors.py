"""Every error of ours, each with its audience.

```text
HarnessError                 a person reads it: one sentence of the catalogue and an exit code
├── UsageError          2    the command line is wrong
├── ConfigError         3    a setting is wrong: the key, the line, the fix
├── MissingError        4    something the machine must have is not there
├── RefusedError        5    refused or held by a rule; a second daemon too
├── CapReached          5    a limit of turns, time, tokens or money is used up
├── LeaseLost           5    another daemon works on that issue
├── Unauthorised        5    what let a run begin does not hold any more
├── WriteRefused        5    no policy lets this write to the forge pass, or its text may not leave
├── GitError            1    git answered something unexpected
├── ForgeError          1    the forge answered something unexpected
│   ├── NotFound             no such issue, pull request, file, ref
│   ├── Conflict             already exists, head moved, not mergeable
│   ├── Forbidden            the token or the person may not
│   │   └── Strayed          behind the name is not the repository that was registered
│   └── Unavailable          down, cut, limited: try again at `retry_at`
│       └── Lost             a write whose answer was lost: it may have happened
├── ModelError          1    the model's server; `retry` says whether asking again may help
├── SandboxError        1    the Box died, was killed, or could not be opened
└── EngineError         1    the durable engine or its database
    ├── StorageError         the disk takes nothing: full, read-only, broken; it may pass
    ├── StateReplaced        behind a path of ours is another file than the one that was opened
    ├── NewerDatabase   3    a newer harness wrote it
    └── JournalMismatch      a recorded call was made with another request
```
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from harness.core.base import Fact
from harness.core.message_types import Usage
from harness.core.run_types import LocalizedText


class HarnessError(Exception):
    """Root. `key` names a catalogue entry; `facts` fill it in. str() is "key {facts}"; the
    command line says it in the reader's language."""

    exit_code: ClassVar[int] = 1

    def __init__(self, key: str, **facts: Fact) -> None:
        super().__init__(key, facts)
        self.key = key
        self.facts: dict[str, Fact] = facts

    def __str__(self) -> str:
        return f"{self.key} {self.facts}" if self.facts else self.key

    @property
    def say(self) -> LocalizedText:
        """The sentence as a value, to store in a wait or an event."""
        return LocalizedText(key=self.key, facts=self.facts)


class UsageError(HarnessError):
    """The command line is wrong."""

    exit_code = 2


class ConfigError(HarnessError):
    """A setting is wrong."""

    exit_code = 3


class MissingError(HarnessError):
    """Something the machine must have is not there."""

    exit_code = 4


class RefusedError(HarnessError):
    """A rule refuses or holds this."""

    exit_code = 5


class CapReached(RefusedError):
    """A limit is used up. Raised before the call that would cross it."""


class LeaseLost(RefusedError):
    """Another daemon works on that issue; asking again may help at `until`."""

    def __init__(self, key: str, until: datetime, **facts: str | int) -> None:
        super().__init__(key, until=until.isoformat(timespec="minutes"), **facts)
        self.until = until


class Unauthorised(RefusedError):
    """Nothing of a run may leave, for what let it begin does not hold any more. `subject` is what
    a person's approval would be about; "": none helps."""

    def __init__(self, key: str, subject: str = "", **facts: Fact) -> None:
        super().__init__(key, **facts)
        self.subject = subject


class WriteRefused(RefusedError):
    """A write to the forge, or a push, that does not pass the door. The facts show no secret."""


class GitError(HarnessError):
    """git answered something unexpected."""


class ForgeError(HarnessError):
    """The forge answered something unexpected."""


class NotFound(ForgeError):
    """No such thing on the forge."""


class Conflict(ForgeError):
    """Already exists, head moved, not mergeable."""


class Forbidden(ForgeError):
    """The token or the person may not."""


class Strayed(Forbidden):
    """The name of a project's repository leads elsewhere, or to another repository."""


class Unavailable(ForgeError):
    """Down, cut or limited."""

    def __init__(self, key: str, retry_at: datetime | None = None, **facts: str | int) -> None:
        super().__init__(key, **facts)
        self.retry_at = retry_at


class Lost(Unavailable):
    """A write whose answer was lost: it may have happened. Look before it is repeated."""


class ModelError(HarnessError):
    """The model's server failed. `retry`: asking again may help; `after_s`: not before, if said;
    `sort` classes it: connection, cut, rate, overloaded, server, auth, invalid, too_long,
    over_rate, refusal, spend. `limit_tokens` and `asked_tokens` are the sizes of what was too
    large, 0 when not said. `spent`: what the call took all the same; None: nothing paid for."""

    def __init__(
        self,
        key: str,
        *,
        sort: str,
        retry: bool,
        after_s: float | None = None,
        limit_tokens: int = 0,
        asked_tokens: int = 0,
        spent: Usage | None = None,
        **facts: str | int,
    ) -> None:
        super().__init__(key, **facts)
        self.sort = sort
        self.retry = retry
        self.after_s = after_s
        self.limit_tokens = limit_tokens
        self.asked_tokens = asked_tokens
        self.spent = spent


class LookupUnavailable(HarnessError):
    """A server that is asked for something to look up cannot be asked now."""


class SandboxError(HarnessError):
    """The Box died, was killed, or could not be opened."""


class EngineError(HarnessError):
    """The durable engine or its database."""


class StorageError(EngineError):
    """The disk takes nothing: full, read-only, an error of it. What was to be written is not; the
    same may be tried again."""


class StateReplaced(EngineError):
    """A file of the state is not the one that was opened: the process ends, whatever it does."""


class NewerDatabase(EngineError):
    """The state database was written by a newer harness."""

    exit_code = 3


class JournalMismatch(EngineError):
    """A recorded call was made with another request."""
