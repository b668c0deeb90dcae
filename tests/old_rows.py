"""What the slots held before they had types: JSON as harness 0.1.0 wrote it, literally."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from harness.agent import slots as agent
from harness.core.change_proof import Independent, Place, Proof, ProvenPart
from harness.core.slot import Slot
from harness.core.types import Finding, LocalizedText, Reproduction, ToolCall, Waiting
from harness.daemon import slots as daemon
from harness.pipeline import slots
from harness.pipeline.agents.verdicts import Blocked, Kind, Reviewed, ReviewFinding, Triage
from harness.pipeline.verification.kinds import Settled
from harness.web import slots as web

RUN = "p/1/1"
HEAD = "3f" * 20
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
LATER = datetime(2026, 1, 2, 12, 0, 0, 500_000, tzinfo=UTC)
FOUND = (
    '{"source": "unseen", "path": "", "line": 0, "severity": "blocking",'
    ' "say": {"key": "unseen.kind", "facts": {"kind": "chore"}}}'
)
FINDING = Finding(source="unseen", say=LocalizedText(key="unseen.kind", facts={"kind": "chore"}))
WAIT = (
    '{"reason": {"key": "pipeline.merge_ask", "facts": {"pr": 7}}, "signals": ["approve"],'
    ' "until": null, "fingerprint": "f1", "subject": "merge:1", "person": true}'
)
WAITED = Waiting(
    reason=LocalizedText(key="pipeline.merge_ask", facts={"pr": 7}),
    signals=("approve",),
    fingerprint="f1",
    subject="merge:1",
    person=True,
)
FROZEN = (
    '{"command": "pytest -q", "reporter": "pytest", "tests": ["t.py::test_a"],'
    ' "files": {"t.py": "b1"}, "evidence": ["e1", "e2"], "failure": "AssertionError", "plan": 0,'
    ' "support": [], "before": []}'
)
ENTRY = (
    '{"number": 3, "title": "t", "priority": "high", "created_at": "2026-01-02T12:00:00Z",'
    ' "changed_at": "2026-01-02T12:00:00.500000Z", "depends": [1], "text": "h", "hidden": 2}'
)

Row = tuple[Slot[Any], str, str, str, str, Any]

ROWS: tuple[Row, ...] = (
    # slot, owner, scope and key as stored, the JSON as stored, what it is read as
    (
        slots.CLAIM.at("plan:0"),
        RUN,
        RUN,
        "claim:plan:0",
        '{"kind": "no_change", "data": {"reason": "as designed"}, "tree": "t1"}',
        slots.Claimed(kind="no_change", data={"reason": "as designed"}, tree="t1"),
    ),
    (
        agent.HOOK_FILES,
        "p/1/1-worker",
        "hook_files",
        "p/1/1-worker",
        '{"a.py": "b1", "gone.py": null}',
        {"a.py": "b1", "gone.py": None},
    ),
    (slots.CALL.at("c7"), RUN, RUN, "call:c7", "true", True),
    (slots.SKILL.at("write-plan"), RUN, RUN, "skill:write-plan", "true", True),
    (
        slots.TRIAGE,
        RUN,
        RUN,
        "triage",
        '{"kind": "bug", "clear": true, "difficulty": "small", "risk": "high", "reason": "r",'
        ' "question": "", "duplicate_of": 0, "answer": "", "gone": 1}',
        Triage(kind="bug", risk="high", reason="r"),
    ),
    (
        slots.KIND,
        RUN,
        RUN,
        "kind",
        '{"kind": "chore", "by": "worker", "open": true}',
        Settled(kind="chore", by="worker", open=True),
    ),
    (slots.KIND_SAID, RUN, RUN, "kind_said", '{"kind": "bug"}', Kind(kind="bug")),
    (slots.FIXED_SINCE, RUN, RUN, "fixed_since", f'"{HEAD}"', HEAD),
    (slots.FIXED_UNPROVEN, RUN, RUN, "fixed_unproven", '""', ""),
    (
        slots.FREEZE_WAITS,
        RUN,
        RUN,
        "freeze_waits",
        FROZEN,
        Reproduction(
            command="pytest -q",
            reporter="pytest",
            tests=("t.py::test_a",),
            files={"t.py": "b1"},
            evidence=("e1", "e2"),
            failure="AssertionError",
        ),
    ),
    (slots.FREEZE_WAITS, "p/2/1", "p/2/1", "freeze_waits", "null", None),
    (slots.FREEZE_GRANTED, RUN, RUN, "freeze_granted", '"ann"', "ann"),
    (
        slots.DELEGATED.at("plan-1a"),
        RUN,
        RUN,
        "delegated:plan-1a",
        '{"tree": "", "failed": "conflict in a.py"}',
        slots.MergedTasks(tree="", failed="conflict in a.py"),
    ),
    (slots.MESSAGE.at("implement:0"), RUN, RUN, "message:implement:0", '"go on"', "go on"),
    (slots.RETURN.at(2), RUN, RUN, "return:2", '"tests fail"', "tests fail"),
    (slots.RETURN_SAID.at(2), RUN, RUN, "return_said:2", '"Tests fail."', "Tests fail."),
    (
        slots.REJECTED,
        RUN,
        RUN,
        "rejected",
        '{"hash": "ab12", "text": "smaller"}',
        slots.RejectedPlan(hash="ab12", text="smaller"),
    ),
    (slots.REFUSED.at("call:c1"), RUN, RUN, "refused:call:c1", '"no"', "no"),
    (slots.ANSWERS, RUN, RUN, "answers", '["ann: yes"]', ("ann: yes",)),
    (slots.ANSWERS_USED, RUN, RUN, "answers_used", '["12", "ann: yes"]', ("12", "ann: yes")),
    (slots.ASKED_AT, RUN, RUN, "asked_at", '"2026-01-02T12:00:00+00:00"', NOON),
    (
        slots.QUESTION_ASKED.at("question-1-0"),
        RUN,
        RUN,
        "asked:question-1-0",
        '"2026-01-02T12:00:00.500000+00:00"',
        LATER,
    ),
    (
        slots.ANSWERED,
        RUN,
        RUN,
        "answered_at",
        '{"marker": "answered-1-0", "at": "2026-01-02T12:00:00+00:00"}',
        slots.PostedAnswer(marker="answered-1-0", at=NOON),
    ),
    (slots.FINDINGS_SEEN, RUN, RUN, "findings", f"[{FOUND}]", (FINDING,)),
    (
        slots.NOT_SEEN,
        RUN,
        RUN,
        "unseen",
        f'{{"tree": "t@b", "findings": [{FOUND}], "product": true}}',
        slots.NotSeen(tree="t@b", findings=(FINDING,), product=True),
    ),
    (
        slots.PROOF,
        RUN,
        RUN,
        "proof",
        '{"base": "b", "head": "", "tree": "t", "red": ["t.py::test_a"], "parts": [{"id": "p1",'
        ' "places": [{"path": "a.py", "first": 2, "last": 3}], "verdict": "unproven"}]}',
        Proof(
            base="b",
            head="",
            tree="t",
            red=("t.py::test_a",),
            parts=(
                ProvenPart(
                    id="p1", places=(Place(path="a.py", first=2, last=3),), verdict="unproven"
                ),
            ),
        ),
    ),
    (slots.PROOF_ASKED, RUN, RUN, "proof_asked", "true", True),
    (
        slots.EXPECTATION,
        RUN,
        RUN,
        "expectation",
        '{"quote": "it should give 5", "base": "b", "refused": {"c1": "no"}, "over": true}',
        slots.Expectation(quote="it should give 5", base="b", refused={"c1": "no"}, over=True),
    ),
    (slots.EXPECTATION_ASKED, RUN, RUN, "expectation_asked", '"t1:0"', "t1:0"),
    (
        slots.INDEPENDENT,
        RUN,
        RUN,
        "independent",
        '{"tree": "t", "base": "b", "verdict": "red", "tests": ["t.py::test_a"], "quote": "q",'
        ' "requests": 2, "input_bytes": 900}',
        Independent(
            tree="t",
            base="b",
            verdict="red",
            tests=("t.py::test_a",),
            quote="q",
            requests=2,
            input_bytes=900,
        ),
    ),
    (
        slots.PROBED.at("safety:t1"),
        RUN,
        RUN,
        "probed:safety:t1",
        '[{"call": "c1", "said": "On the base: ...", "base": false, "change": true}]',
        (slots.Probed(call="c1", said="On the base: ...", base=False, change=True),),
    ),
    (
        slots.REVIEW.at("safety:t1"),
        RUN,
        RUN,
        "review:safety:t1",
        '{"approve": false, "findings": [{"path": "a.py", "line": 3, "severity": "advice",'
        ' "text": "why"}]}',
        Reviewed(
            approve=False,
            findings=(ReviewFinding(path="a.py", line=3, severity="advice", text="why"),),
        ),
    ),
    (
        slots.REVIEW.at("tests:t1"),
        RUN,
        RUN,
        "review:tests:t1",
        '{"reason": "no tests", "question": ""}',
        Blocked(reason="no tests"),
    ),
    (slots.BLIND.at("tests:t1"), RUN, RUN, "blind:tests:t1", "false", False),
    (slots.REVIEWED.at("safety"), RUN, RUN, "reviewed:safety", f"[{FOUND}]", (FINDING,)),
    (
        slots.APPROVED,
        RUN,
        RUN,
        "approved_for",
        '[{"subject": "ab12", "by": "ann", "what": "the plan"}]',
        (slots.Allowed(subject="ab12", by="ann", what="the plan"),),
    ),
    (
        slots.CHECKS.at(HEAD),
        RUN,
        RUN,
        f"ci:{HEAD}",
        '{"since": "2026-01-02T12:00:00Z", "reruns": 1, "asked": {"lint":'
        ' "2026-01-02T12:00:00.500000Z"}, "failed": ["lint"], "flaky": []}',
        slots.SeenChecks(since=NOON, reruns=1, asked={"lint": LATER}, failed=("lint",)),
    ),
    (slots.CI_FIXED, RUN, RUN, "ci_fixed", f'["{HEAD}:1"]', (f"{HEAD}:1",)),
    (
        slots.REQUESTS,
        RUN,
        RUN,
        "requests",
        '[{"key": "r1", "text": "smaller", "by": "ann", "head": "h", "thread": "",'
        ' "resolvable": false}]',
        (slots.ChangeRequest(key="r1", text="smaller", by="ann", head="h"),),
    ),
    (slots.REQUESTS_DONE, RUN, RUN, "answered_requests", '["r1"]', ("r1",)),
    (slots.REQUEST_ROUNDS, RUN, RUN, "request_rounds", '["r1,c2"]', ("r1,c2",)),
    (
        slots.LEFT.at(f"{HEAD}:0"),
        RUN,
        RUN,
        f"left:{HEAD}:0",
        '{"since": "2026-01-02T12:00:00Z", "times": 2}',
        slots.Left(since=NOON, times=2),
    ),
    (slots.NOT_SHOWN.at(HEAD), RUN, RUN, f"not_shown:{HEAD}", "2", 2),
    (slots.READIED, RUN, RUN, "readied", "true", True),
    (slots.CLOSING, RUN, RUN, "closing", "true", True),
    (slots.BASE_ASKED, RUN, RUN, "base_asked", "2", 2),
    (slots.REOPEN, RUN, RUN, "reopen", "true", True),
    (
        slots.SHOWN,
        RUN,
        RUN,
        "shown",
        '{"subject": "merge:1", "comment": 12}',
        slots.Shown(subject="merge:1", comment=12),
    ),
    (slots.CLOSED_AT, RUN, RUN, "closed_at", '"2026-01-02T12:00:00+00:00"', NOON),
    (slots.CLOSED_AT, "p/2/1", "p/2/1", "closed_at", '""', None),
    (slots.ADOPT, RUN, RUN, "adopt", f'"{HEAD}"', HEAD),
    (slots.THEIRS, RUN, RUN, "adopted_paths", '["a.py"]', ("a.py",)),
    (slots.REVIEWER, RUN, RUN, "reviewer", '""', ""),
    (slots.REVIEWER_TURNS, "p", "p", "reviewer_turns", '{"ann": 2}', {"ann": 2}),
    (slots.INVITED.at("ready"), RUN, RUN, "invited:ready", "true", True),
    (
        slots.HELD_TOLD,
        RUN,
        RUN,
        "held_told",
        '{"reason": {"key": "pipeline.blocked", "facts": {"reason": "x"}}, "marker": "held-1-2"}',
        slots.HoldNotice(
            reason=LocalizedText(key="pipeline.blocked", facts={"reason": "x"}), marker="held-1-2"
        ),
    ),
    (
        slots.UNSAID,
        RUN,
        RUN,
        "unsaid",
        '[{"on": 1, "marker": "word-5", "body": "done"}]',
        (slots.Unsaid(on=1, marker="word-5", body="done"),),
    ),
    (
        slots.WAIT_BEFORE,
        RUN,
        RUN,
        "wait_before",
        f'{{"activation": 3, "wait": {WAIT}}}',
        slots.WaitBefore(activation=3, wait=WAITED),
    ),
    (slots.HEARD.at(1), "p", "p", "heard:1", "[11, 12]", (11, 12)),
    (
        slots.WORD.at(9),
        "p",
        "p",
        "word:9",
        '{"on": 1, "comment": 12}',
        slots.Place(on=1, comment=12),
    ),
    (slots.REPOSITORY, "p", "p", "repository", "4711", 4711),
    (slots.LESSONS, "p", "p", "lessons", '["run make first"]', ("run make first",)),
    (slots.NOTES, RUN, RUN, "notes", '["slow tests"]', ("slow tests",)),
    (slots.ASKED, "p/1", "daemon", "asked:p/1", "true", True),
    (slots.HOLDER, "", "daemon", "holder", '"host-01ab"', "host-01ab"),
    (
        agent.SESSION,
        "p/1/1-worker",
        "agent",
        "p/1/1-worker",
        '{"worked_s": 61.5, "context_tokens": 0}',
        agent.SessionState(worked_s=61.5),
    ),
    (
        agent.CHANGED_CALLS,
        "p/1/1-worker",
        "gate",
        "p/1/1-worker",
        '{"c1": null, "c2": {"kind": "tool_call", "id": "c2", "name": "bash", "arguments":'
        ' {"command": "ls"}}}',
        {"c1": None, "c2": ToolCall(id="c2", name="bash", arguments={"command": "ls"})},
    ),
    (
        daemon.STANDINGS,
        "",
        "daemon",
        "standings",
        '{"words": {"p/1/1": {"verb": "approve", "activation": 2}},'
        ' "streaks": {"p/1/1": {"mark": "m", "crashed": 1, "timed": 0}}}',
        daemon.Memory(
            words={RUN: daemon.Word(verb="approve", activation=2)},
            streaks={RUN: daemon.Streak(mark="m", crashed=1)},
        ),
    ),
    (daemon.DAY, "", "daemon", "day", '"2026-01-02"', "2026-01-02"),
    (
        daemon.STARTED,
        "p",
        "started",
        "p",
        '{"texts": {"1": "h"}, "times": {"1": "2026-01-02T12:00:00Z"}, "asked": [2],'
        ' "told": {"3": "m"}}',
        daemon.Started(texts={1: "h"}, times={1: NOON}, asked=(2,), told={3: "m"}),
    ),
    (
        daemon.ISSUES,
        "p",
        "issues",
        "p",
        '{"cursor": "c9", "parts": [0], "unheard": [3]}',
        daemon.BacklogHead(cursor="c9", parts=(0,), unheard=(3,)),
    ),
    (
        daemon.ISSUES_PART,
        "p#0",
        "issues",
        "p#0",
        f'{{"3": {ENTRY}}}',
        {
            3: daemon.BacklogEntry(
                number=3,
                title="t",
                priority="high",
                created_at=NOON,
                changed_at=LATER,
                depends=(1,),
                text="h",
                hidden=2,
            )
        },
    ),
    (web.DELIVERIES, "", "webhook", "deliveries", '["guid-0001"]', ("guid-0001",)),
)
