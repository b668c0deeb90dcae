"""Catalogue: daemon."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "daemon.word": (
        "A person said: {verb}.",
        "사람이 {verb} 명령을 내렸습니다.",
    ),
    "daemon.resume": (
        "It was in the middle of work and goes on there.",
        "하던 일이 남아 있어 그 자리에서 이어 갑니다.",
    ),
    "daemon.changed": (
        "The issue or its pull request changed.",
        "이슈나 풀 리퀘스트가 바뀌었습니다.",
    ),
    "daemon.timer": (
        "The time it was waiting for has come.",
        "기다리던 시각이 되었습니다.",
    ),
    "daemon.crash_loop": (
        "It broke off {times} times in a row without getting any further. `harness logs` shows "
        "where; `harness retry` tries again.",
        "진전 없이 {times}번 연달아 중단되었습니다. 어디서인지는 `harness logs`에서 볼 수 있고, "
        "`harness retry`로 다시 시도합니다.",
    ),
    "daemon.timer_loop": (
        "It looked {times} times in a row and nothing had changed. `harness retry` looks again.",
        "{times}번 연달아 확인했지만 달라진 것이 없었습니다. `harness retry`로 다시 확인합니다.",
    ),
    "daemon.depends": (
        "It starts when {issues} is closed.",
        "{issues}이(가) 닫히면 시작합니다.",
    ),
    "daemon.queued": (
        "It may start and waits for a free place (number {place} in line).",
        "시작할 수 있으며 빈자리를 기다립니다(대기 순서 {place}번).",
    ),
    "daemon.queued_later": (
        "It may start and waits for a free place; many are before it.",
        "시작할 수 있으며 빈자리를 기다립니다. 앞에 많은 이슈가 있습니다.",
    ),
    "daemon.project_unknown": (
        "There is no project {project} here.",
        "여기에는 프로젝트 {project}이(가) 없습니다.",
    ),
    "daemon.will_start": (
        "Issue #{issue} starts as soon as there is a place.",
        "이슈 #{issue}은(는) 자리가 나는 대로 시작합니다.",
    ),
    "daemon.may_not_start": (
        "Issue #{issue} may not start yet; `harness why {issue}` says why.",
        "이슈 #{issue}은(는) 아직 시작할 수 없습니다. 이유는 `harness why {issue}`에서 볼 수 "
        "있습니다.",
    ),
    "daemon.activation_failed": (
        "Issue #{issue} of {project} broke off.",
        "{project}의 이슈 #{issue} 작업이 중단되었습니다.",
    ),
    "daemon.act_failed": (
        "Going on with issue #{issue} of {project} failed.",
        "{project}의 이슈 #{issue}을(를) 이어 가지 못했습니다.",
    ),
    "daemon.look_failed": (
        "Looking at {project} failed; it is looked at again at the next tick.",
        "{project}을(를) 확인하지 못했습니다. 다음 차례에 다시 확인합니다.",
    ),
    "daemon.tick_failed": (
        "This tick broke off ({kind}: {why}). The next one tries again.",
        "이번 차례가 중단되었습니다({kind}: {why}). 다음 차례에 다시 시도합니다.",
    ),
    "daemon.bad_schedule": (
        "The schedule {text} is not understood: {why}. Use five cron fields such as */10 * * * "
        "*, or an interval such as 30s, 5m, 2h.",
        "일정 {text}을(를) 이해할 수 없습니다: {why}. */10 * * * * 같은 cron 다섯 칸이나 30s, "
        "5m, 2h 같은 간격으로 써 주세요.",
    ),
    "daemon.stopping": (
        "Stopping: steps under way may end, the rest goes on at the next start.",
        "멈추는 중입니다. 진행 중인 단계는 마무리하고 나머지는 다음 시작 때 이어집니다.",
    ),
    "daemon.lease_other": (
        "Another daemon ({holder}) works on issue #{issue} until {until}; it is asked for again "
        "then.",
        "다른 데몬({holder})이 {until}까지 이슈 #{issue}을(를) 맡고 있습니다. 그때 다시 "
        "확인합니다.",
    ),
    "daemon.lease_between": (
        "Issue #{issue} was in another daemon's hands meanwhile; it goes on from what the forge "
        "shows at {until}.",
        "그사이 이슈 #{issue}이(가) 다른 데몬의 손에 있었습니다. {until}에 포지에 보이는 상태에서 "
        "이어 갑니다.",
    ),
    "daemon.done_elsewhere": (
        "Issue #{issue} was closed while another daemon worked on it; nothing is left to do.",
        "다른 데몬이 맡은 사이 이슈 #{issue}이(가) 닫혔습니다. 남은 일이 없습니다.",
    ),
    "daemon.worked_elsewhere": (
        "Another daemon has worked on issue #{issue} and is done with it (its comment is there). "
        "`harness retry {issue}` starts it here; it is looked at again at {until}.",
        "다른 데몬이 이슈 #{issue}을(를) 이미 처리했습니다(댓글이 남아 있습니다). 여기서 시작하려면 "
        "`harness retry {issue}`을(를) 쓰세요. {until}에 다시 확인합니다.",
    ),
    "daemon.stalled": (
        "The stage {stage} did not end within {hours} hours and was stopped.",
        "{stage} 단계가 {hours}시간 안에 끝나지 않아 멈췄습니다.",
    ),
    "daemon.held": (
        "Somebody asked harness to work on this issue. It does not start:",
        "누군가 harness에 이 이슈의 작업을 요청했지만 시작하지 않습니다:",
    ),
    "daemon.free": (
        "What held this issue back is gone; harness works on it.",
        "이 이슈를 막던 것이 사라져 harness가 작업합니다.",
    ),
    "daemon.hidden": (
        "Its text has {count} hidden characters; they are removed before anybody works with it.",
        "본문에 숨은 문자가 {count}개 있으며, 작업에 쓰기 전에 제거합니다.",
    ),
    "daemon.working": (
        "Issue #{issue} is worked on now ({stage}).",
        "이슈 #{issue}을(를) 지금 작업하고 있습니다({stage}).",
    ),
    "daemon.no_plan_block": (
        "A plan is given as a fenced block marked `plan`, in the form of the plan page.",
        "계획은 계획 페이지와 같은 형식으로 `plan` 표시를 한 코드 블록에 적어 주세요.",
    ),
    "daemon.word_unknown": (
        "`{said}` is not known here. Known words: {known}.",
        "`{said}`은(는) 알 수 없는 명령입니다. 쓸 수 있는 명령: {known}.",
    ),
}
