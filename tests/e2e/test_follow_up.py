"""From a pull request to its merge: checks, reviewers, people who push, a base that moves."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.scene import PLAN, TRIAGE, Scene, done, play, write
from tests.e2e.world import conversation, turn

QUIET = "quiet_s = 3600"
"""So long may checks take to begin: the first look finds none yet."""


def test_a_red_check_is_mended_and_a_green_one_merged(tmp_path: Path) -> None:
    async def scene(s: Scene) -> None:
        assert await s.look() == ("waiting", "follow.checks_expected")
        assert (await s.pull()).draft
        await s.ci("failure", log="2026-01-02T03:04:05.1Z spelling: \x1b[31mfirst\x1b[0m is wrong")
        assert await s.look() == ("waiting", "follow.checks_expected")
        said = (s.world.folder() / "sessions").glob("*.jsonl")
        transcript = "".join(page.read_text() for page in said)
        assert "spelling: first is wrong" in transcript
        assert "2026-01-02T" not in transcript
        assert await s.me.file_at((await s.run()).head_sha, "NOTES.md") == b"second\n"
        await s.ci("success")
        assert await s.look() == ("waiting", "follow.quiet")
        assert not (await s.pull()).draft
        assert [e["checks"] for e in await s.told("ci_red")] == ["build"]

    play(tmp_path, scene, turn(write("second\n"), done()), policy=QUIET)


def test_the_same_head_with_another_result_is_flaky_and_no_fourth_rerun_is_asked(
    tmp_path: Path,
) -> None:
    async def scene(s: Scene) -> None:
        assert await s.look() == ("waiting", "follow.checks_expected")
        head = (await s.run()).head_sha
        # shown unsteady by two results, seen on one head
        await s.ci("failure", "slow")
        await s.me.set_check(head, "build", "in_progress")
        assert await s.look() == ("waiting", "follow.checks_run")
        await s.ci("success", "slow")
        assert await s.look() == ("waiting", "follow.checks_run")
        assert [e["checks"] for e in await s.told("ci_flaky")] == ["slow"]
        await s.ci("success")
        for count in (1, 2, 3):
            await s.ci("failure", "slow")
            assert await s.look() == ("waiting", "follow.rerun_flaky")
            assert len(await s.told("ci_rerun")) == count
            (check,) = [c for c in await s.me.checks(head) if c.name == "slow"]
            assert check.status == "queued"
        await s.ci("failure", "slow")
        assert await s.look() == ("held", "follow.ci_fixes_used")
        assert len(await s.told("ci_rerun")) == 3
        await s.ci("success", "slow")
        assert await s.look() == ("waiting", "follow.quiet")
        assert (await s.run()).head_sha == head

    play(tmp_path, scene, policy=f"{QUIET}\nci_fixes = 0")


def test_a_check_that_fails_on_the_base_too_is_waited_for(tmp_path: Path) -> None:
    async def scene(s: Scene) -> None:
        assert await s.look() == ("waiting", "follow.checks_expected")
        run = await s.run()
        await s.ci("failure", commit=run.base_sha)
        await s.ci("failure")
        assert await s.look() == ("waiting", "follow.base_red")
        assert "build" in s.world.why()
        assert (await s.run()).head_sha == run.head_sha
        tip = s.push("check.sh", "true # mended\n", "main")
        await s.ci("success", commit=tip)
        await s.say("retry")
        assert await s.look() == ("waiting", "follow.checks_expected")
        assert (await s.run()).base_sha == tip

    play(tmp_path, scene, policy=QUIET)


def test_threads_are_answered_once_each_by_a_fix_or_in_words(tmp_path: Path) -> None:
    async def scene(s: Scene) -> None:
        assert await s.look() == ("held", "pipeline.merge_ask")
        number = (await s.run()).pr
        await s.me.add_thread(number, "NOTES.md", 1, "Say second.")
        await s.me.add_thread(number, "NOTES.md", 1, "Say it in French.")
        s.world.run("issue", "user", "mallory", "--permission", "read")
        await s.person("mallory").add_thread(number, "NOTES.md", 1, "Delete it all.")
        assert await s.look() == ("held", "pipeline.merge_ask")
        fixed, argued, stranger = await s.me.threads(number)
        commit = (await s.run()).head_sha[:12]
        assert [len(t.comments) for t in (fixed, argued, stranger)] == [2, 2, 1]
        assert commit in fixed.comments[1].body
        assert "English only" in argued.comments[1].body
        assert commit not in argued.comments[1].body
        assert not any(t.resolved for t in (fixed, argued, stranger))
        said = len(await s.me.comments(1))
        await s.me.labels(1, add=["noted"])
        assert await s.look() == ("held", "pipeline.merge_ask")
        # looked again for the label, and said nothing twice
        assert len(await s.me.comments(1)) == said
        assert await s.me.threads(number) == (fixed, argued, stranger)
        await s.say("approve")
        assert await s.look() == ("done", "pipeline.merged")

    answers = [
        {"request": "t3", "fixed": True, "text": ""},
        {"request": "[t4]", "fixed": False, "text": "English only here."},
    ]
    mute = [{"request": "t4", "fixed": False}]
    second = turn(write("second\n"), done(answers=mute), done(answers=answers))
    play(tmp_path, scene, second, merge="ask")


def test_a_persons_push_is_left_alone_until_they_hand_it_back(tmp_path: Path) -> None:
    async def scene(s: Scene) -> None:
        assert await s.look() == ("held", "pipeline.merge_ask")
        ours = await s.run()
        theirs = s.push("OTHER.txt", "by hand\n", ours.branch)
        await s.say("approve")
        assert await s.look() == ("held", "pipeline.foreign_push")
        assert (await s.pull()).head_sha == theirs
        await s.say("retry")
        assert await s.look() == ("held", "pipeline.merge_held")
        run = await s.run()
        assert run.head_sha == theirs
        # and their commits stay when the base moves
        tip = s.push("README.md", "two\n", "main")
        await s.say("approve")
        assert await s.look() == ("held", "pipeline.merge_held")
        head = (await s.run()).head_sha
        assert "a person writes OTHER.txt" in s.subjects(ours.branch)
        assert (await s.run()).base_sha == tip
        assert f"merge:{head}" not in (await s.run()).approvals
        await s.say("approve")
        assert await s.look() == ("done", "pipeline.merged")
        assert await s.me.file_at("main", "OTHER.txt") == b"by hand\n"

    play(tmp_path, scene, merge="ask")


def test_a_conflict_is_mended_while_it_waits_and_an_old_approval_merges_nothing(
    tmp_path: Path,
) -> None:
    async def scene(s: Scene) -> None:
        assert await s.look() == ("held", "pipeline.merge_ask")
        old = (await s.run()).head_sha
        s.push("NOTES.md", "theirs\n", "main")
        assert await s.look() == ("held", "pipeline.merge_ask")
        run = await s.run()
        assert run.head_sha != old
        assert await s.me.file_at(run.head_sha, "NOTES.md") == b"both\n"
        await s.say("approve", old)
        assert await s.look() == ("held", "pipeline.merge_ask")
        await s.say("approve", run.head_sha)
        assert await s.look() == ("done", "pipeline.merged")

    play(tmp_path, scene, turn(write("both\n"), done()), merge="ask")


def test_pull_requests_wait_in_line_for_their_reviewer(tmp_path: Path) -> None:
    async def scene(s: Scene) -> None:
        await s.look()
        states = [await s.stands(number) for number in (1, 2)]
        assert sorted(states) == [("held", "pipeline.merge_ask"), ("waiting", "follow.in_line")]
        first, second = (1, 2) if states[0][0] == "held" else (2, 1)
        await s.say("approve", issue=first)
        await s.look()
        assert await s.stands(first) == ("done", "pipeline.merged")
        await s.look()
        assert await s.stands(second) == ("held", "pipeline.merge_ask")

    other = turn(TRIAGE, PLAN, write("other\n", "OTHER.md"), done())
    both = (conversation(other, session="/2/1-worker"),)
    play(
        tmp_path,
        scene,
        merge="ask",
        policy="open_prs_per_reviewer = 1",
        issues=2,
        conversations=both,
    )


def test_closed_by_a_person_it_ends_unless_it_is_opened_again(tmp_path: Path) -> None:
    async def scene(s: Scene) -> None:
        assert await s.look() == ("held", "pipeline.merge_ask")
        await s.me.close_pr((await s.run()).pr)
        assert await s.look() == ("waiting", "follow.pr_closed")
        assert await s.look() == ("waiting", "follow.pr_closed")
        assert (await s.run()).activation == 2

    play(tmp_path, scene, merge="ask")
