"""What the operator and the project allow a run: plain values made from the settings."""

from __future__ import annotations

from typing import Literal

from harness.core.base import Value
from harness.core.trust_types import Ordering
from harness.core.types import BoxLimits, MergeMethod


class RunPolicy(Value):
    """Bounds and choices for every run of one project."""

    project: str
    repository: str = ""
    """Its name on the forge; "" is not compared."""
    repository_id: int = 0
    """Its id there, as `harness init` wrote it down; 0: the first that is seen."""
    default_branch: str = "main"
    language: str = "en"
    spoken: str = ""
    """Language that agents write to people in; "": that of the issue's author."""
    merge: Literal["auto", "ask", "never"] = "auto"
    merge_method: MergeMethod = "squash"
    approval: Literal["never", "risky", "always"] = "risky"
    protected: tuple[str, ...] = ()
    """Globs; a change there needs a plan that a person approved."""
    test_command: str = ""
    """Empty: detected from the base tree; still empty then: there is none."""
    reporter: str = ""
    branch_prefix: str = "agent/issue-"
    stage_s: float = 21_600.0
    """Longest life of one stage; then it is stopped and a person asked."""
    attempts: int = 3
    """Tries at implement before a person is asked."""
    review_rounds: int = 2
    reviewers: int = 1
    """0: no review."""
    proof: Literal["off", "observe", "note", "hold"] = "off"
    """What comes of parts of a change that nothing proves; see `policy.proof`."""
    independent: Literal["off", "note", "hold"] = "off"
    """What comes of a test that was written from the issue alone; see `policy.independent`."""
    probes: bool = False
    """Reviewers may have commands run on base and change."""
    lessons: Literal["propose", "record", "off"] = "record"
    """What becomes of what runs teach; see `policy.lessons`."""
    lessons_open: int = 1
    lessons_week: int = 2
    quiet_s: float = 0.0
    """How long a pull request is left alone before its checks are taken for none, and before it
    is merged."""
    checks_s: float = 10_800.0
    queue_s: float = 21_600.0
    ci_fixes: int = 3
    people_rounds: int = 3
    resolve_threads: bool = False
    open_prs: int = 0
    """0: no limit; the same below."""
    open_prs_per_reviewer: int = 0
    people: tuple[str, ...] = ()
    """Logins whose review is asked for in turn."""
    split_from: int = 2
    """Smallest number of disjoint tasks that earns sub-agents."""
    commit_style: Literal["auto", "plain", "conventional"] = "auto"
    sign_off: bool = False
    """The operator signs off what harness commits in their name."""
    report_html: bool = True
    """REPORT.html is written beside REPORT.md."""
    box: BoxLimits = BoxLimits()
    retry_s: float = 60.0
    """First pause after a fault outside; doubles, at most 5 minutes."""
    models: dict[str, str] = {}
    """Session kind (worker, subagent, reviewer) -> name of the configured model."""
    agents: dict[str, str] = {}
    """Session kind -> the project's agent file that such sessions go by; "": none."""
    references: bool = False
    """Agents may look things up."""
    sandbox_warning: bool = False
    """True: Boxes do not isolate; every report says so."""
    bisect_runs: int = 8
    close_answered_days: int = 0
    """After so many days an answered question is closed; 0: never by itself."""
    ordering: Ordering = Ordering()
    """Which issues come first."""
