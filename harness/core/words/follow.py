"""Catalogue: what a pull request waits for after it is published."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    # ---- checks
    "follow.checks_run": (
        "checks are still running: {checks}",
        "검사가 아직 진행 중임: {checks}",
    ),
    "follow.checks_expected": (
        "checks may still begin on the new version",
        "새 버전에 대한 검사가 곧 시작될 수 있음",
    ),
    "follow.checks_late": (
        "checks were not done in time: {checks}",
        "검사가 제때 끝나지 않음: {checks}",
    ),
    "follow.checks_cancelled": (
        "checks were cancelled, also when run again: {checks}",
        "재실행해도 검사가 취소됨: {checks}",
    ),
    "follow.checks_pass": ("all checks pass", "모든 검사가 통과함"),
    "follow.no_checks": ("no check was reported", "보고된 검사가 없음"),
    "follow.base_red": (
        "checks fail on the default branch too, so not because of this change: {checks}",
        "기본 브랜치에서도 실패하므로 이 변경 때문이 아님: {checks}",
    ),
    "follow.rerun_flaky": (
        "run again, for it passed on this very head before: {checks}",
        "같은 커밋에서 통과한 적이 있어 다시 실행함: {checks}",
    ),
    "follow.rerun_cancelled": (
        "run again, for it was cancelled: {checks}",
        "취소되어 다시 실행함: {checks}",
    ),
    "follow.rerun_passes_here": (
        "run again, for the tests that failed there pass in a fresh sandbox here: {checks}",
        "그곳에서 실패한 테스트가 여기 새 샌드박스에서는 통과하여 다시 실행함: {checks}",
    ),
    "follow.ci_failed": (
        "checks of the pull request fail: {checks}",
        "풀 리퀘스트의 검사가 실패함: {checks}",
    ),
    "follow.ci_fixes_used": (
        "checks still fail after {times} round(s) of mending: {checks}",
        "{times}번 고친 뒤에도 검사가 실패함: {checks}",
    ),
    "follow.argued": (
        "the agent would change nothing more on the open pull request: {reason}",
        "에이전트는 열린 풀 리퀘스트를 더 바꿀 것이 없다고 함: {reason}",
    ),
    # ---- people
    "follow.rounds_used": (
        "{times} rounds of review requests were answered and more are asked for: {what}",
        "리뷰 요청에 {times}번 응했지만 추가 요청이 있음: {what}",
    ),
    "follow.objections": (
        "these reviewers still ask for changes: {people}",
        "아직 변경을 요청하는 리뷰어: {people}",
    ),
    "follow.approvals_missing": (
        "the branch asks for {needs} approving review(s), and there are {has}",
        "브랜치에 승인 리뷰 {needs}건이 필요하지만 {has}건뿐임",
    ),
    "follow.threads_open": (
        "the branch asks for every review thread to be resolved, and {count} are not",
        "모든 리뷰 스레드를 해결해야 하지만 {count}개가 남아 있음",
    ),
    "follow.quiet": (
        "left alone for a while after the last push or comment, then merged",
        "마지막 푸시나 댓글 이후 잠시 기다린 뒤 병합함",
    ),
    "follow.drafted": (
        "a person made pull request #{pr} a draft again",
        "사람이 풀 리퀘스트 #{pr}을(를) 다시 초안으로 바꿈",
    ),
    "follow.pr_closed": (
        "a person closed pull request #{pr}; the run ends in a day unless it is opened again",
        "사람이 풀 리퀘스트 #{pr}을(를) 닫음; 하루 안에 다시 열지 않으면 실행이 끝남",
    ),
    "follow.rewritten": (
        "a person rewrote the branch of pull request #{pr} (now {short}), so it cannot be taken "
        "over; merge it, close it, or cancel the run",
        "사람이 풀 리퀘스트 #{pr}의 브랜치를 다시 작성하여(현재 {short}) 이어받을 수 없음; 병합하거나 "
        "닫거나 실행을 취소하세요",
    ),
    # ---- order
    "follow.in_line": (
        "{open} pull request(s) of harness are open; place {place} in line for the next",
        "harness의 풀 리퀘스트 {open}개가 열려 있음; 다음 차례까지 {place}번째",
    ),
    "follow.conflicting": (
        "the forge says pull request #{pr} conflicts with its base; looking again soon",
        "포지가 풀 리퀘스트 #{pr}이(가) 기준 브랜치와 충돌한다고 함; 곧 다시 확인함",
    ),
    "follow.in_queue": (
        "pull request #{pr} stands in the forge's own merge queue",
        "풀 리퀘스트 #{pr}이(가) 포지의 병합 대기열에 있음",
    ),
    "follow.queue_late": (
        "the forge's own merge queue did not merge pull request #{pr} in time",
        "포지의 병합 대기열이 풀 리퀘스트 #{pr}을(를) 제때 병합하지 않음",
    ),
    "follow.queue_drops": (
        "the forge's own merge queue dropped pull request #{pr} again",
        "포지의 병합 대기열이 풀 리퀘스트 #{pr}을(를) 다시 제외함",
    ),
}
