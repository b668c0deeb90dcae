"""Catalogue: one sentence for each kind of recorded fact (`Job.tell`). Facts in braces."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "event.run_opened": (
        'Work began on "{title}", asked for by {by}.',
        '{by}의 요청으로 "{title}" 작업을 시작함.',
    ),
    "event.hidden_removed": (
        "{count} hidden characters were removed from the text.",
        "본문에서 숨은 문자 {count}개를 제거함.",
    ),
    "event.instructions": (
        "Agents follow the project's own instructions as they were when work began: {files}.",
        "에이전트는 작업 시작 시점의 프로젝트 자체 지침을 따름: {files}.",
    ),
    "event.instructions_hidden": (
        "{count} hidden characters were removed from {files}.",
        "{files}에서 숨은 문자 {count}개를 제거함.",
    ),
    "event.egress_not_allowed": (
        "Not let out: {target}, which is not on the list of allowed hosts ({times} time(s)).",
        "차단함: {target} (허용 목록에 없는 호스트, {times}회).",
    ),
    "event.egress_plain_http": (
        "Not let out: {target} over plain HTTP; only TLS is let through ({times} time(s)).",
        "차단함: {target} (암호화되지 않은 HTTP, TLS만 허용, {times}회).",
    ),
    "event.egress_unreadable": (
        "Not let out: a request that could not be read, {target} ({times} time(s)).",
        "차단함: 해석할 수 없는 요청 {target} ({times}회).",
    ),
    "event.egress_not_resolved": (
        "Not let out: {target}, whose name has no address here ({times} time(s)).",
        "차단함: {target} (이름에 해당하는 주소가 없음, {times}회).",
    ),
    "event.egress_closed_address": (
        "Not let out: {target} leads into a private or reserved network ({times} time(s)).",
        "차단함: {target} (사설망이나 예약된 주소로 연결됨, {times}회).",
    ),
    "event.egress_not_tls": (
        "Not let out: what was sent to {target} is not TLS ({times} time(s)).",
        "차단함: {target}에 보낸 내용이 TLS가 아님 ({times}회).",
    ),
    "event.egress_other_name": (
        "Not let out: a connection to {target} whose TLS asks for another host ({times} time(s)).",
        "차단함: {target} 연결의 TLS가 다른 호스트를 요청함 ({times}회).",
    ),
    "event.egress_budget": (
        "Not let out: {target}, since the sandbox used up what it may move or connect "
        "({times} time(s)).",
        "차단함: {target} (샌드박스의 전송량 또는 연결 수 한도 소진, {times}회).",
    ),
    "event.egress_unreachable": (
        "{target} is allowed and could not be reached ({times} time(s)).",
        "{target}은(는) 허용된 호스트지만 연결할 수 없음 ({times}회).",
    ),
    "event.egress_more": (
        "Not let out: {times} more, to other targets.",
        "차단함: 그 밖의 대상으로 {times}회 더.",
    ),
    "event.left_out": (
        "Comments by people whose words do not count here: {count}. No agent is shown them.",
        "권한이 없는 사람의 댓글 {count}개는 에이전트에 보여 주지 않음.",
    ),
    "event.word_ignored": (
        '{by} said "{word}", but may not steer the work.',
        '{by}의 "{word}" 명령은 권한이 없어 무시함.',
    ),
    "event.triaged": (
        "Read and judged: {kind}, {difficulty}, risk {risk}. {reason}",
        "검토 결과: {kind}, 난이도 {difficulty}, 위험 {risk}. {reason}",
    ),
    "event.question_asked": ("The reporter was asked: {question}", "작성자에게 물음: {question}"),
    "event.answer_given": ("{by} answered: {text}", "{by}의 답변: {text}"),
    "event.answered": ("The question was answered.", "질문에 답변함."),
    "event.no_change": ("No change is needed: {text}", "변경이 필요 없음: {text}"),
    "event.duplicate": ("Closed as a duplicate of #{text}.", "#{text}의 중복으로 닫음."),
    "event.reproduced": (
        "The failure was shown on the unchanged code: `{command}` ended with {exit_code} ({tests}).",
        "변경 전 코드에서 실패를 확인함: `{command}` 종료 코드 {exit_code} ({tests}).",
    ),
    "event.already_fixed": (
        "Already fixed: {tests} fails on {commit} and passes now.",
        "이미 고쳐짐: {tests}은(는) {commit}에서 실패하지만 지금은 통과함.",
    ),
    "event.not_reproduced": ("Could not be reproduced: {reason}", "재현하지 못함: {reason}"),
    "event.planned": (
        "Plan version {version} ({hash}), {tasks} task(s): {summary}",
        "계획 {version}판 ({hash}), 작업 {tasks}개: {summary}",
    ),
    "event.plan_approved": (
        "Plan {hash} was approved by {by}.",
        "{by}이(가) 계획 {hash}을(를) 승인함.",
    ),
    "event.plan_edited": (
        "Plan version {version} was written by {by}.",
        "{by}이(가) 계획 {version}판을 작성함.",
    ),
    "event.approved": ("{by} approved {subject}.", "{by}이(가) {subject}을(를) 승인함."),
    "event.rejected": ("{by} rejected it: {text}", "{by}이(가) 거절함: {text}"),
    "event.delegated": ("Given to sub-agents: {tasks}.", "하위 에이전트에 맡김: {tasks}."),
    "event.task_done": (
        'A sub-agent finished "{task}": {summary}',
        '하위 에이전트가 "{task}"을(를) 끝냄: {summary}',
    ),
    "event.task_failed": (
        'A sub-agent failed at "{task}": {summary}',
        '하위 에이전트가 "{task}"에 실패함: {summary}',
    ),
    "event.tasks_merged": ("Put together: {tasks}.", "합침: {tasks}."),
    "event.conflict": ("Changes met in {files}.", "{files}에서 변경이 충돌함."),
    "event.implemented": ("Attempt {attempt}: {summary}", "{attempt}번째 시도: {summary}"),
    "event.criterion_met": ("Met: {text}", "충족: {text}"),
    "event.criterion_unmet": ("Not met: {text}", "미충족: {text}"),
    "event.no_test_command": (
        "The project has no test command; the check rests on the reproduction and the criteria.",
        "프로젝트에 테스트 명령이 없어 재현 테스트와 수용 기준으로만 검증함.",
    ),
    "event.tests_broken": (
        "The test command `{command}` cannot be started (exit code {exit_code}); the check rests on "
        "the reproduction and the criteria.",
        "테스트 명령 `{command}`을(를) 실행할 수 없어(종료 코드 {exit_code}) 재현 테스트와 수용 "
        "기준으로만 검증함.",
    ),
    "event.flaky": (
        "Unsteady tests, not held against the change: {tests}.",
        "불안정한 테스트라 문제 삼지 않음: {tests}.",
    ),
    "event.verified": (
        "Checked from outside, in fresh sandboxes: {checks} runs, tree {tree}.",
        "외부의 새 샌드박스에서 검증함: 실행 {checks}건, 트리 {tree}.",
    ),
    "event.verify_failed": (
        "The check found {count} fault(s): {findings}",
        "검증에서 문제 {count}건 발견: {findings}",
    ),
    "event.weakened": (
        "{count} test(s) got weaker: {findings}",
        "테스트 {count}건이 약해짐: {findings}",
    ),
    "event.reviewed": (
        "The reviewer for {view} found nothing to hold against it.",
        "{view} 리뷰어가 문제를 찾지 못함.",
    ),
    "event.review_findings": (
        "The reviewer for {view} found {count} thing(s): {findings}",
        "{view} 리뷰어의 지적 {count}건: {findings}",
    ),
    "event.published": (
        "Pull request #{pr} from {branch} at {commit}.",
        "{branch}의 {commit}(으)로 풀 리퀘스트 #{pr}을(를) 올림.",
    ),
    "event.pr_ready": (
        "Pull request #{pr} is ready for review.",
        "풀 리퀘스트 #{pr} 검토 준비 완료.",
    ),
    "event.review_requests": ("People asked for changes: {what}", "사람들이 변경을 요청함: {what}"),
    "event.strangers": (
        "{count} open review thread(s) of people who have no say here were left alone.",
        "권한이 없는 사람이 연 리뷰 스레드 {count}개는 다루지 않음.",
    ),
    "event.review_asked": (
        "{by} was asked to review pull request #{pr}.",
        "{by}에게 풀 리퀘스트 #{pr}의 리뷰를 요청함.",
    ),
    "event.review_not_asked": (
        "{by} could not be asked for a review: {why}",
        "{by}에게 리뷰를 요청하지 못함: {why}",
    ),
    "event.ci_green": (
        "All {count} check(s) of {commit} pass.",
        "{commit}의 검사 {count}개가 모두 통과함.",
    ),
    "event.ci_none": (
        "No check was reported on {commit}: what harness ran itself is all there is.",
        "{commit}에 보고된 검사가 없어 harness가 직접 실행한 결과만 있음.",
    ),
    "event.ci_red": (
        "Checks fail on {commit}, and the change is mended: {checks}.",
        "{commit}에서 검사가 실패하여 변경을 고침: {checks}.",
    ),
    "event.ci_rerun": (
        "Rerun {count} of at most {most} on this head: {why}.",
        "이 커밋에서 재실행 {count}회째 (최대 {most}회): {why}.",
    ),
    "event.ci_flaky": (
        "Unsteady, shown by two results on one head: {checks}.",
        "같은 커밋에서 결과가 달라 불안정한 것으로 확인됨: {checks}.",
    ),
    "event.adopted": (
        "A person's commits up to {commit} were taken over ({files}); all is checked again.",
        "사람이 올린 커밋({commit}까지)을 이어받아 다시 검증함 ({files}).",
    ),
    "event.reopened": (
        "Pull request #{pr} was opened again.",
        "풀 리퀘스트 #{pr}이(가) 다시 열림.",
    ),
    "event.enqueued": (
        "Left to the forge's own queue: pull request #{pr} at {commit}.",
        "포지의 자체 대기열에 맡김: 풀 리퀘스트 #{pr} ({commit}).",
    ),
    "event.branch_kept": (
        "The branch {branch} was kept: somebody went on there.",
        "누군가 이어서 작업하여 {branch} 브랜치를 남겨 둠.",
    ),
    "event.rebased": (
        "Carried over to the moved default branch ({base}).",
        "바뀐 기본 브랜치({base}) 위로 옮김.",
    ),
    "event.merged": (
        "Merged pull request #{pr} as {commit}.",
        "풀 리퀘스트 #{pr}을(를) {commit}(으)로 병합함.",
    ),
    "event.closed": ("Over: {why}", "끝남: {why}"),
    "event.held": ("Held for a person: {why}", "사람을 기다리며 보류함: {why}"),
    "event.waiting": ("Waiting: {why}", "대기 중: {why}"),
    "event.paused": ("Paused by {by}.", "{by}이(가) 일시 중지함."),
    "event.resumed": ("Resumed by {by}.", "{by}이(가) 다시 시작함."),
    "event.cancelled": ("Cancelled by {by}.", "{by}이(가) 취소함."),
    "event.retried": ("Tried again, asked for by {by}.", "{by}의 요청으로 다시 시도함."),
    "event.reverted": (
        "{by} asked to take it back: pull request #{pr}.",
        "{by}의 요청으로 되돌림: 풀 리퀘스트 #{pr}.",
    ),
    "event.withheld": (
        "A comment on the forge was replaced by a fixed sentence: it may have held a secret.",
        "포지에 남길 댓글에 비밀 값이 있을 수 있어 정해진 문장으로 바꿈.",
    ),
    "event.write_refused": ("Nothing was written: {why}", "쓰지 않음: {why}"),
    "event.fault": ("A fault stopped a stage: {error}", "오류로 단계가 중단됨: {error}"),
}
