"""Every table of settings, each field with its scope and its sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from harness.config.fields import (
    Both,
    Either,
    LanguageName,
    Least,
    Most,
    Operator,
    Project,
    Section,
    Union,
    strictest,
)
from harness.core.forge_types import MergeMethod, Permission
from harness.core.trust_types import TriggerKind

_PART = r"(\.?[\w*@-]+(\.[\w*@-]+)*|\.)"
_KINDS = (
    "(pytest|unittest|node|jest|vitest|mocha|go|gotestsum|cargo|nextest|ctest|maven|gradle|rspec"
    rf"|minitest|phpunit|dotnet|mix|ava|tape|tap|none|junit:{_PART}(/{_PART})*/?)"
)
Reporter = Annotated[str, Field(pattern=rf"^({_KINDS}(\+{_KINDS})*)?$")]
Positive = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0)]
NotNegative = Annotated[int, Field(ge=0)]
Money = Annotated[float, Field(ge=0)]
Pause = Annotated[float, Field(ge=0)]


class ProjectSettings(Section):
    """[project]: which repository this is."""

    name: Operator[str] = ""
    """Short name; it names folders and is what --project takes. Set by `harness init`."""
    path: Operator[Path | None] = None
    """The user's own checkout. harness never writes a file there, except through `harness pull`."""
    default_branch: Operator[str] = "main"
    """The branch that changes are made for and merged into."""


class DirectoryTests(Section):
    """[test.directories.<path>]: the tests of one part of a monorepo."""

    command: Project[str]
    """Command that runs this directory's tests, started in that directory."""
    reporter: Project[Reporter] = ""
    """How results are read; empty means detected."""


class ProjectTests(Section):
    """[test]: how the project is tested. Empty means detected from its files."""

    command: Project[str] = ""
    """Command that runs all tests, started at the top of the tree."""
    reporter: Project[Reporter] = ""
    """How results are read: the name of a runner (docs/runners.md has them all), "junit:PATH" for
    JUnit XML that the command writes there, or none; joined by + in the order of the command when
    it runs several; empty means detected."""
    directories: Project[dict[str, DirectoryTests]] = {}
    """Path in the tree -> its own test command, for a monorepo."""
    timeout_s: Operator[Seconds] = 1800.0
    """Longest time for one run of the tests, in seconds."""


class ModelSettings(Section):
    """[models.<name>]: one language model."""

    dialect: Operator[Literal["anthropic", "openai", "scripted"]]
    """`openai` also speaks to any server that is compatible with it, local ones included."""
    model: Operator[str] = ""
    """The vendor's name of the model."""
    base_url: Operator[str] = ""
    """Address of the server; empty means the vendor's own."""
    api_key_env: Operator[str] = ""
    """Name of the environment variable that holds the key. Empty: the vendor's usual name."""
    api_key_file: Operator[Path | None] = None
    """File that holds the key, readable by you alone. Goes before api_key_env."""
    max_tokens: Operator[Positive] = 16_000
    """Longest reply, in tokens."""
    context_tokens: Operator[Positive] = 180_000
    """How much of a conversation is sent at most, in tokens."""
    thinking_tokens: Operator[NotNegative] = 0
    """How much the model may reason in one call, in tokens; 0 is not at all."""
    timeout_s: Operator[Seconds] = 600.0
    """Longest wait for one reply, in seconds."""
    price_in: Operator[Money | None] = None
    """Dollars per million fresh input tokens; empty means our own table."""
    price_out: Operator[Money | None] = None
    """Dollars per million output tokens."""
    price_cache_write: Operator[Money | None] = None
    """Dollars per million tokens written to the cache."""
    price_cache_read: Operator[Money | None] = None
    """Dollars per million tokens read from the cache."""
    script: Operator[Path | None] = None
    """The file of replies, for the dialect `scripted`."""


class RoleSettings(Section):
    """[roles]: which model of [models] does what. Empty means the worker's, or the only one."""

    worker: Operator[str] = ""
    """Works on the issue from triage to the finished change."""
    subagent: Operator[str] = ""
    """Works on one task of a plan that was split."""
    reviewer: Operator[str] = ""
    """Reviews a change with no part in making it."""


class CapSettings(Section):
    """[limits.<scope>]: what may be spent. 0 means no limit."""

    tokens: Operator[NotNegative] = 0
    """Tokens in and out."""
    cost_usd: Operator[Money] = 0.0
    """Money, in dollars."""
    tool_calls: Operator[NotNegative] = 0
    """Calls of tools by agents, counted before they run."""


class LimitSettings(Section):
    """[limits]: hard caps, reserved before each model call."""

    turns: Operator[Positive] = 120
    """Model replies in one session."""
    idle_turns: Operator[Positive] = 8
    """Model replies in a row that bring nothing new: no file changed, no result that was not seen
    before. The agent is warned at half of them, then its session ends and a person is asked."""
    session_wall_s: Operator[Seconds] = 7200.0
    """Longest life of one session, in seconds."""
    stage_wall_s: Operator[Seconds] = 21_600.0
    """Longest life of one stage, in seconds; then it is stopped and a person is asked."""
    attempts: Operator[Positive] = 3
    """Tries at one stage before a person is asked."""
    concurrent_runs: Operator[Positive] = 4
    """Issues worked on at once, over all projects."""
    project_runs: Operator[Positive] = 3
    """Issues of one project worked on at once."""
    agents: Operator[Positive] = 25
    """Agents at work at once, over all projects: workers, reviewers and sub-agents. One that waits
    for others does not count."""
    session: Operator[CapSettings] = CapSettings(tokens=6_000_000, cost_usd=15.0, tool_calls=1000)
    """Caps of one session: an agent's conversation."""
    run: Operator[CapSettings] = CapSettings(tokens=8_000_000, cost_usd=20.0, tool_calls=4000)
    """Caps of one run, its sub-agents and reviewers included."""
    issue: Operator[CapSettings] = CapSettings(tokens=16_000_000, cost_usd=40.0, tool_calls=8000)
    """Caps of one issue for its lifetime."""
    project_day: Operator[CapSettings] = CapSettings(tokens=45_000_000, cost_usd=110.0)
    """Caps of one day of one project."""
    day: Operator[CapSettings] = CapSettings(tokens=60_000_000, cost_usd=150.0)
    """Caps of one day over all projects."""

    @model_validator(mode="before")
    @classmethod
    def _keep_the_others(cls, data: Any) -> Any:
        """Who sets one cap of a scope has not lifted its other caps."""
        if not isinstance(data, dict):
            return data
        fields = {name: field.default for name, field in cls.model_fields.items()}
        caps = {k: v.model_dump() for k, v in fields.items() if isinstance(v, CapSettings)}
        given = {k: v for k, v in data.items() if k in caps and isinstance(v, dict)}
        return {**data, **{k: {**caps[k], **v} for k, v in given.items()}}


class PolicySettings(Section):
    """[policy]: what harness may do by itself."""

    merge: Operator[Literal["", "auto", "ask", "never"]] = ""
    """`auto` merges what passed every gate, `ask` waits for approval, `never` leaves it to you.
    Empty: `auto` on the embedded forge, `never` on GitHub."""
    merge_method: Project[MergeMethod] = "merge"
    """merge, squash or rebase."""
    plan_approval: Annotated[
        Literal["never", "risky", "always"], strictest("never", "risky", "always")
    ] = "risky"
    """When a plan waits for a person: `risky` = protected paths, large changes, weakened tests."""
    protected: Union[tuple[str, ...]] = (
        ".github/**",
        ".gitlab-ci.yml",
        "CODEOWNERS",
        "**/CODEOWNERS",
        "CLAUDE.md",
        "AGENTS.md",
        ".claude/**",
        ".mcp.json",
        "harness.toml",
    )
    """Globs of paths that an agent changes only under an approved plan. A project adds to them."""
    review: Either[bool] = True
    """Whether reviewers read a change before it is published."""
    reviewers: Most[Annotated[int, Field(ge=1, le=5)]] = 1
    """How many reviewers, at most five."""
    proof: Annotated[
        Literal["off", "observe", "note", "hold"], strictest("off", "observe", "note", "hold")
    ] = "observe"
    """Whether each part of a change is taken out and its lines are altered (docs/proof.md):
    `observe` records what is unproven, `note` sends it back to the agent once and then tells it,
    `hold` holds the change as well."""
    independent: Annotated[Literal["off", "note", "hold"], strictest("off", "note", "hold")] = "off"
    """A session tests a fix by the issue alone (docs/proof.md): `note` tells it, `hold` holds."""
    probes: Either[bool] = False
    """Whether a reviewer may have three commands run on base and change."""
    lessons: Annotated[
        Literal["propose", "record", "off"], strictest("propose", "record", "off")
    ] = "record"
    """What becomes of what runs teach (docs/lessons.md): `record` keeps it for `harness lessons`,
    `propose` also opens a pull request on the project's own skill for such work, CLAUDE.md or
    AGENTS.md when it comes a second time, which only a person merges, `off` does neither."""
    lessons_open: Least[NotNegative] = 1
    """Most such pull requests open at once in a project; 0 means none."""
    lessons_week: Least[NotNegative] = 2
    """Most of them in seven days; 0 means none."""
    max_files: Least[Positive] = 100
    """Most files that one change may touch."""
    max_lines: Least[Positive] = 5000
    """Most lines added and removed by one change."""
    max_bytes: Least[Positive] = 5_000_000
    """Most bytes that one change may add."""
    max_binaries: Least[NotNegative] = 0
    """Most binary files that one change may hold."""
    max_links: Least[NotNegative] = 10
    """Most symbolic links that one change may make."""
    max_executables: Least[NotNegative] = 10
    """Most executable files that one change may make."""
    manifests: Annotated[Literal["allow", "hold"], strictest("allow", "hold")] = "hold"
    """`hold` asks a person when a change touches what decides which packages are installed or what
    a build runs (package.json, a lock file, Makefile, ...) and no approved plan names the file."""
    secret_rules: Operator[tuple[Path, ...]] = ()
    """Files in gitleaks's format with further rules that find secrets. The project's own
    .gitleaks.toml is read too, from the base commit; what it allows does not count."""
    quiet_s: Operator[Pause | None] = None
    """How long a pull request is left alone, in seconds: so long for its checks to begin after a
    push, and so long without a push or a comment before a merge. Empty: 0 on the embedded forge,
    120 on GitHub."""
    checks_s: Operator[Seconds] = 10_800.0
    """Longest wait for the checks of one head, in seconds; then a person is asked."""
    queue_s: Operator[Seconds] = 21_600.0
    """Longest wait for the forge's own merge queue, in seconds; then a person is asked."""
    ci_fixes: Operator[NotNegative] = 3
    """How often one run mends what its checks hold against it before a person is asked."""
    review_rounds: Operator[Positive] = 3
    """Rounds of people's review requests answered by one run before it asks how to go on."""
    close_answered_days: Operator[NotNegative] = 0
    """After so many days without a word an answered question is closed; 0 means only by people."""
    resolve_threads: Operator[bool] = False
    """Whether a person's review thread is resolved once its request was taken up. Threads of bots
    always are."""
    open_prs: Operator[NotNegative] = 0
    """Most pull requests of harness open at once in a project; 0 means no limit."""
    open_prs_per_reviewer: Operator[NotNegative] = 0
    """Most of them for one reviewer; further ones wait in line. 0 means no limit."""
    reviewers_people: Operator[tuple[str, ...]] = ()
    """Logins whose review is asked for in turn, the one with the fewest open first."""


class TrustSettings(Section):
    """[trust]: whose issues and words count."""

    permission: Operator[Permission] = Permission.WRITE
    """Who has this permission, or a stronger one, may trigger work and answer."""
    people: Operator[tuple[int, ...]] = ()
    """Ids of further people and of bots on the forge who may trigger work."""
    trigger: Operator[tuple[TriggerKind, ...]] = ()
    """What asks for work: `label`, `assign` (to harness's account), `comment` (`/harness go`),
    `author` (opening an issue). Empty: all four on the embedded forge, the first three on GitHub.
    Who does it must be allowed to."""
    label: Operator[str] = "harness"
    """The label that asks for work."""
    word: Operator[Annotated[str, Field(pattern=r"^[/@!][A-Za-z0-9_-]{1,30}$")]] = "/harness"
    """What a word to harness in a comment begins with."""
    labels: Both[tuple[str, ...]] = ()
    """Only issues with one of these labels are taken up; empty means every issue."""
    skip_labels: Union[tuple[str, ...]] = ("harness:skip", "wontfix", "duplicate")
    """Issues with one of these labels are never taken up."""
    milestones: Both[tuple[str, ...]] = ()
    """Only issues of these milestones are taken up, in this order; empty means every issue."""
    authors: Both[tuple[str, ...]] = ()
    """Only issues opened by these logins are taken up; empty means every issue. A filter: it
    gives nobody a right."""
    bots: Operator[bool] = False
    """Whether bots with the permission may trigger work without being listed in `people`."""


class GuardSettings(Section):
    """[guard]: permission rules and hooks, in the form of Claude Code's settings.json. They are
    policy and convenience; the sandbox is the boundary."""

    settings: Operator[tuple[Path, ...]] = ()
    """Settings files of yours, such as ~/.claude/settings.json; their hooks run on the machine."""


class ScheduleSettings(Section):
    """[schedule]: when `harness run` looks for work."""

    every: Operator[str] = "1m"
    """Time between two looks, such as 30s, 5m, 1h. Unused when `cron` is set."""
    cron: Operator[str] = ""
    """A cron expression of five fields, such as "*/10 * * * *"."""
    high_labels: Project[tuple[str, ...]] = ("priority: high",)
    """Issues with one of these labels come first."""
    low_labels: Project[tuple[str, ...]] = ("priority: low",)
    """Issues with one of these labels come last."""
    idle: Operator[str] = "5m"
    """Longest time between two looks at a forge on another machine when nothing changes there."""
    lease_s: Operator[Seconds] = 600.0
    """How long after this machine died another one may go on with an issue it worked on."""


class CommitSettings(Section):
    """[commit]: how commits look."""

    name: Operator[str] = "harness"
    """Author's name."""
    email: Operator[str] = "harness@localhost"
    """Author's address."""
    sign_off: Operator[bool] = False
    """Whether a Signed-off-by line in your name is added: you answer for the change."""
    style: Project[Literal["auto", "plain", "conventional"]] = "auto"
    """`conventional` puts fix:, feat: and so on before the subject, `plain` nothing; `auto` does as
    the repository's configuration or its last commits do."""


class ReportSettings(Section):
    """[report]: what is written when a run is over."""

    html: Operator[bool] = True
    """Whether REPORT.html is written beside REPORT.md."""
    language: Operator[Annotated[str, LanguageName(also=("",))]] = ""
    """Language of reports and of comments on the forge; empty means `language`."""
