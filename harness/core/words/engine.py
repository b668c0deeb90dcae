"""Catalogue: engine."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "engine.newer_database": (
        "The state database has version {found}, this harness knows version {known}. Install the "
        "newer harness again, or restore a backup made before the upgrade.",
        "상태 데이터베이스의 버전은 {found}인데 이 harness는 버전 {known}까지만 압니다. 더 "
        "새로운 harness를 다시 설치하거나 업그레이드 전의 백업을 복원하세요.",
    ),
    "engine.torn": (
        "The state database {path} is damaged ({why}). Nothing was changed. Move the file away "
        "and put the newest file of the backups folder beside it in its place, then start again.",
        "상태 데이터베이스 {path}이(가) 손상되었습니다({why}). 아무것도 바꾸지 않았습니다. 이 "
        "파일을 다른 곳으로 옮기고 옆의 backups 폴더에서 가장 새로운 파일을 그 자리에 둔 뒤 다시 "
        "시작하세요.",
    ),
    "engine.disk_full": (
        "The disk of {path} is full ({why}). The last change was not stored, everything before "
        "it is safe. Free some space; work goes on by itself.",
        "{path}이(가) 있는 디스크가 가득 찼습니다({why}). 마지막 변경은 저장되지 않았고 그 전의 "
        "것은 모두 안전합니다. 공간을 비우면 작업이 저절로 이어집니다.",
    ),
    "engine.read_only": (
        "{path} cannot be written: it is read-only ({why}). Make it writable for this user.",
        "{path}은(는) 읽기 전용이라 쓸 수 없습니다({why}). 이 사용자가 쓸 수 있게 해 주세요.",
    ),
    "engine.cannot_open": (
        "The state file {path} cannot be opened ({why}). Check that its folder exists and that "
        "this user may write there.",
        "상태 파일 {path}을(를) 열 수 없습니다({why}). 폴더가 있는지, 이 사용자가 쓸 수 있는지 "
        "확인하세요.",
    ),
    "engine.cannot_write": (
        "{path} could not be written ({why}). The last change was not stored, everything before "
        "it is safe. Check the disk, then try again.",
        "{path}에 쓰지 못했습니다({why}). 마지막 변경은 저장되지 않았고 그 전의 것은 모두 "
        "안전합니다. 디스크를 확인한 뒤 다시 시도하세요.",
    ),
    "engine.busy": (
        "{path} has been locked by another program for 30 seconds ({why}). Close what holds it "
        "open, then try again.",
        "{path}이(가) 30초 동안 다른 프로그램에 잠겨 있었습니다({why}). 그 프로그램을 닫고 다시 "
        "시도하세요.",
    ),
    "engine.database": (
        "The state database {path} answered: {why}",
        "상태 데이터베이스 {path}의 답: {why}",
    ),
    "engine.locked": (
        "Another harness works on this state folder: process {pid} on {host}, since {since}. "
        "Stop it first, or let it do the work.",
        "다른 harness가 이 상태 폴더에서 일하고 있습니다: {host}의 프로세스 {pid}, {since}부터. "
        "먼저 멈추거나 그 프로세스에 맡기세요.",
    ),
    "engine.no_run": (
        "There is no run {run}.",
        "실행 {run}이(가) 없습니다.",
    ),
    "engine.journal_mismatch": (
        "Call {turn} of session {session} is recorded with another request than the one now "
        "made. The conversation is started again from what is known.",
        "세션 {session}의 호출 {turn}은(는) 지금과 다른 요청으로 기록되어 있습니다. 알려진 "
        "사실에서 대화를 다시 시작합니다.",
    ),
    "engine.not_reserved": (
        "Call {turn} of session {session} was never reserved in the budget.",
        "세션 {session}의 호출 {turn}은(는) 예산에 예약된 적이 없습니다.",
    ),
    "engine.cap_session_tokens": (
        "One session of an agent may use {cap} tokens; {spent} are used or in flight and the next "
        "call needs {needed}. Raise limits.session.tokens, or retry: a fresh session goes on.",
        "에이전트 세션 하나는 토큰 {cap}개까지 쓸 수 있습니다. 이미 {spent}개를 썼거나 쓰는 중이고 "
        "다음 호출에 {needed}개가 필요합니다. limits.session.tokens를 올리거나 다시 시도하세요. "
        "다시 시도하면 새 세션이 이어받습니다.",
    ),
    "engine.cap_session_cost": (
        "One session of an agent may cost {cap} USD; {spent} USD are spent or in flight and the "
        "next call may cost {needed} USD. Raise limits.session.cost_usd, or retry: a fresh session "
        "goes on.",
        "에이전트 세션 하나에는 {cap}달러까지 쓸 수 있습니다. 이미 {spent}달러를 썼거나 쓰는 중이고 "
        "다음 호출에 {needed}달러가 들 수 있습니다. limits.session.cost_usd를 올리거나 다시 "
        "시도하세요. 다시 시도하면 새 세션이 이어받습니다.",
    ),
    "engine.cap_session_tool_calls": (
        "One session of an agent may make {cap} tool calls; {spent} are made and at least {needed} "
        "more would follow. Raise limits.session.tool_calls, or retry: a fresh session goes on.",
        "에이전트 세션 하나는 도구를 {cap}번까지 호출할 수 있습니다. 이미 {spent}번 호출했고 적어도 "
        "{needed}번이 더 이어집니다. limits.session.tool_calls를 올리거나 다시 시도하세요. 다시 "
        "시도하면 새 세션이 이어받습니다.",
    ),
    "engine.cap_run_tokens": (
        "This run may use {cap} tokens; {spent} are used or in flight and the next call needs "
        "{needed}. Raise limits.run.tokens or start a new run.",
        "이 실행은 토큰 {cap}개까지 쓸 수 있습니다. 이미 {spent}개를 썼거나 쓰는 중이고 다음 "
        "호출에 {needed}개가 필요합니다. limits.run.tokens를 올리거나 새로 실행하세요.",
    ),
    "engine.cap_run_cost": (
        "This run may cost {cap} USD; {spent} USD are spent or in flight and the next call may "
        "cost {needed} USD. Raise limits.run.cost_usd or start a new run.",
        "이 실행에는 {cap}달러까지 쓸 수 있습니다. 이미 {spent}달러를 썼거나 쓰는 중이고 다음 "
        "호출에 {needed}달러가 들 수 있습니다. limits.run.cost_usd를 올리거나 새로 실행하세요.",
    ),
    "engine.cap_run_tool_calls": (
        "This run may make {cap} tool calls; {spent} are made and at least {needed} more would "
        "follow. Raise limits.run.tool_calls or start a new run.",
        "이 실행은 도구를 {cap}번까지 호출할 수 있습니다. 이미 {spent}번 호출했고 적어도 {needed}번이 "
        "더 이어집니다. limits.run.tool_calls를 올리거나 새로 실행하세요.",
    ),
    "engine.cap_issue_tokens": (
        "This issue may use {cap} tokens over all its runs; {spent} are used or in flight and "
        "the next call needs {needed}. Raise limits.issue.tokens to go on.",
        "이 이슈는 모든 실행을 합쳐 토큰 {cap}개까지 쓸 수 있습니다. 이미 {spent}개를 썼거나 "
        "쓰는 중이고 다음 호출에 {needed}개가 필요합니다. 계속하려면 limits.issue.tokens를 "
        "올리세요.",
    ),
    "engine.cap_issue_cost": (
        "This issue may cost {cap} USD over all its runs; {spent} USD are spent or in flight and "
        "the next call may cost {needed} USD. Raise limits.issue.cost_usd to go on.",
        "이 이슈에는 모든 실행을 합쳐 {cap}달러까지 쓸 수 있습니다. 이미 {spent}달러를 썼거나 "
        "쓰는 중이고 다음 호출에 {needed}달러가 들 수 있습니다. 계속하려면 limits.issue.cost_usd를 "
        "올리세요.",
    ),
    "engine.cap_issue_tool_calls": (
        "This issue may make {cap} tool calls over all its runs; {spent} are made and at least "
        "{needed} more would follow. Raise limits.issue.tool_calls to go on.",
        "이 이슈는 모든 실행을 합쳐 도구를 {cap}번까지 호출할 수 있습니다. 이미 {spent}번 호출했고 "
        "적어도 {needed}번이 더 이어집니다. 계속하려면 limits.issue.tool_calls를 올리세요.",
    ),
    "engine.cap_project_day_tokens": (
        "One project may use {cap} tokens a day; {spent} are used or in flight today and the next "
        "call needs {needed}. Work goes on tomorrow, or raise limits.project_day.tokens.",
        "프로젝트 하나는 하루에 토큰 {cap}개까지 쓸 수 있습니다. 오늘 이미 {spent}개를 썼거나 쓰는 "
        "중이고 다음 호출에 {needed}개가 필요합니다. 내일 이어지며, 지금 계속하려면 "
        "limits.project_day.tokens를 올리세요.",
    ),
    "engine.cap_project_day_cost": (
        "One project may cost {cap} USD a day; {spent} USD are spent or in flight today and the "
        "next call may cost {needed} USD. Work goes on tomorrow, or raise "
        "limits.project_day.cost_usd.",
        "프로젝트 하나에는 하루에 {cap}달러까지 쓸 수 있습니다. 오늘 이미 {spent}달러를 썼거나 쓰는 "
        "중이고 다음 호출에 {needed}달러가 들 수 있습니다. 내일 이어지며, 지금 계속하려면 "
        "limits.project_day.cost_usd를 올리세요.",
    ),
    "engine.cap_project_day_tool_calls": (
        "One project may make {cap} tool calls a day; {spent} are made today and at least {needed} "
        "more would follow. Work goes on tomorrow, or raise limits.project_day.tool_calls.",
        "프로젝트 하나는 하루에 도구를 {cap}번까지 호출할 수 있습니다. 오늘 이미 {spent}번 호출했고 "
        "적어도 {needed}번이 더 이어집니다. 내일 이어지며, 지금 계속하려면 "
        "limits.project_day.tool_calls를 올리세요.",
    ),
    "engine.cap_day_tokens": (
        "{cap} tokens may be used a day; {spent} are used or in flight today and the next call "
        "needs {needed}. Work goes on tomorrow, or raise limits.day.tokens.",
        "하루에 토큰 {cap}개까지 쓸 수 있습니다. 오늘 이미 {spent}개를 썼거나 쓰는 중이고 다음 "
        "호출에 {needed}개가 필요합니다. 내일 이어지며, 지금 계속하려면 limits.day.tokens를 "
        "올리세요.",
    ),
    "engine.cap_day_cost": (
        "{cap} USD may be spent a day; {spent} USD are spent or in flight today and the next "
        "call may cost {needed} USD. Work goes on tomorrow, or raise limits.day.cost_usd.",
        "하루에 {cap}달러까지 쓸 수 있습니다. 오늘 이미 {spent}달러를 썼거나 쓰는 중이고 다음 "
        "호출에 {needed}달러가 들 수 있습니다. 내일 이어지며, 지금 계속하려면 "
        "limits.day.cost_usd를 올리세요.",
    ),
    "engine.cap_day_tool_calls": (
        "{cap} tool calls may be made a day; {spent} are made today and at least {needed} more "
        "would follow. Work goes on tomorrow, or raise limits.day.tool_calls.",
        "하루에 도구를 {cap}번까지 호출할 수 있습니다. 오늘 이미 {spent}번 호출했고 적어도 "
        "{needed}번이 더 이어집니다. 내일 이어지며, 지금 계속하려면 limits.day.tool_calls를 올리세요.",
    ),
    "engine.not_json": (
        "Step {step} of {workflow} answered something that is not JSON: {why}",
        "{workflow}의 단계 {step}이(가) JSON이 아닌 것을 돌려주었습니다: {why}",
    ),
    "engine.step_in_flight": (
        "Step {step} of {workflow} was begun while step {other} was under way. Work side by side "
        "belongs in child workflows.",
        "{workflow}에서 단계 {other}이(가) 끝나기 전에 단계 {step}을(를) 시작했습니다. 나란히 "
        "하는 일은 자식 워크플로에 두어야 합니다.",
    ),
    "engine.child_in_step": (
        "{child} was started inside step {step}. Children start from the workflow's body only.",
        "단계 {step} 안에서 {child}을(를) 시작했습니다. 자식은 워크플로 본문에서만 시작합니다.",
    ),
    "engine.step_renamed": (
        "The recorded history of {workflow} does not match the code: {why}. The run enters its "
        "stage again.",
        "{workflow}의 기록이 코드와 맞지 않습니다: {why}. 실행이 그 단계에 다시 들어갑니다.",
    ),
    "engine.failed": (
        "{workflow} failed: {kind}: {why}",
        "{workflow}이(가) 실패했습니다: {kind}: {why}",
    ),
    "engine.step_failed": (
        "A step failed: {kind}: {why}",
        "단계가 실패했습니다: {kind}: {why}",
    ),
    "engine.no_workflow": (
        "There is no workflow {workflow}.",
        "워크플로 {workflow}이(가) 없습니다.",
    ),
    "engine.other_workflow": (
        "{workflow} is already another workflow than {name}.",
        "{workflow}은(는) 이미 {name}이(가) 아닌 다른 워크플로입니다.",
    ),
    "engine.cancelled": (
        "{workflow} was cancelled.",
        "{workflow}이(가) 취소되었습니다.",
    ),
    "engine.closed": (
        "The engine is closing; {workflow} goes on at the next start.",
        "엔진이 닫히는 중입니다. {workflow}은(는) 다음 시작 때 이어집니다.",
    ),
    "engine.running": (
        "Another engine runs in this process.",
        "이 프로세스에서 다른 엔진이 이미 돌고 있습니다.",
    ),
}
