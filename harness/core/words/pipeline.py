"""Catalogue: what a run does, why it rests, and what a person's word did to it."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    # ---- how a run ends
    "pipeline.merged": (
        "merged as pull request #{pr} ({commit})",
        "풀 리퀘스트 #{pr}(으)로 병합됨 ({commit})",
    ),
    "pipeline.merged_before": (
        "pull request #{pr} for this issue was merged before",
        "이 이슈의 풀 리퀘스트 #{pr}은(는) 이미 병합되어 있음",
    ),
    "pipeline.answered": ("the question was answered", "질문에 답변함"),
    "pipeline.already_fixed": (
        "already fixed: fails on {commit}, passes on the default branch",
        "이미 고쳐짐: {commit}에서는 실패하고 기본 브랜치에서는 통과함",
    ),
    "pipeline.no_change": ("no change needed: {reason}", "변경이 필요 없음: {reason}"),
    "pipeline.closed_meanwhile": (
        "the issue was closed before work began",
        "작업을 시작하기 전에 이슈가 닫힘",
    ),
    "pipeline.pr_closed": (
        "pull request #{pr} was closed by a person",
        "사람이 풀 리퀘스트 #{pr}을(를) 닫음",
    ),
    "pipeline.duplicate_text": (
        "the same text as issue #{issue}, so it was closed as a duplicate",
        "이슈 #{issue}과(와) 내용이 같아 중복으로 닫음",
    ),
    "pipeline.cancelled": ("cancelled by {by}", "{by}이(가) 취소함"),
    "pipeline.over": ("this run is over", "이 실행은 끝났음"),
    # ---- why a run rests
    "pipeline.question_asked": (
        "the issue is unclear; the reporter was asked: {question}",
        "이슈가 불분명하여 작성자에게 물음: {question}",
    ),
    "pipeline.not_reproduced": (
        "could not be reproduced ({reason}); the reporter was asked for more",
        "재현하지 못함({reason}); 작성자에게 추가 정보를 요청함",
    ),
    "pipeline.no_change_claimed": (
        "the agent says nothing needs changing ({reason}), which nothing proves; a person decides",
        "에이전트는 바꿀 것이 없다고 하지만({reason}) 증거가 없어 사람이 결정해야 함",
    ),
    "pipeline.blocked": (
        "the agent cannot go on: {reason}",
        "에이전트가 더 진행할 수 없음: {reason}",
    ),
    "pipeline.duplicate": (
        "the agent takes this for a duplicate of #{issue}; a person decides",
        "에이전트가 #{issue}의 중복으로 판단함; 사람이 결정해야 함",
    ),
    "pipeline.plan_waits": (
        "plan {hash} waits for approval: {reason}",
        "계획 {hash}이(가) 승인을 기다림: {reason}",
    ),
    "pipeline.approve_always": (
        "the policy wants every plan approved",
        "정책상 모든 계획에 승인이 필요함",
    ),
    "pipeline.approve_protected": (
        "it names protected paths: {paths}",
        "보호된 경로를 건드림: {paths}",
    ),
    "pipeline.approve_tests": (
        "it changes what existing tests expect: {tests}",
        "기존 테스트의 기대값을 바꿈: {tests}",
    ),
    "pipeline.approve_risky": (
        "it is risky or large (difficulty {difficulty})",
        "위험하거나 큰 변경임 (난이도 {difficulty})",
    ),
    "pipeline.attempts_used": (
        "{attempts} attempts did not pass the checks; last: {why}",
        "{attempts}번 시도했지만 검증을 통과하지 못함; 마지막 이유: {why}",
    ),
    "pipeline.no_verdict": (
        "the agent stopped at {stage} without a verdict",
        "에이전트가 {stage} 단계에서 결론 없이 멈춤",
    ),
    "pipeline.paused": ("paused by a person", "사람이 일시 중지함"),
    "pipeline.task_failed": ("a sub-agent failed: {why}", "하위 에이전트가 실패함: {why}"),
    "pipeline.weakened": (
        "tests got weaker, a person must look: {what}",
        "테스트가 약해져 사람이 확인해야 함: {what}",
    ),
    "pipeline.review_blocks": (
        "reviewers still object: {what}",
        "리뷰어가 여전히 반대함: {what}",
    ),
    "pipeline.policy_holds": (
        "the publishing policy holds it: {what}",
        "공개 정책이 막음: {what}",
    ),
    "pipeline.text_lint": (
        "the pull request's text is not fit to publish: {what}",
        "풀 리퀘스트 설명을 공개할 수 없음: {what}",
    ),
    "pipeline.text_drifted": (
        "the text of issue #{issue} was changed after the work began; approve to publish what was "
        "made for the text as it was then, or cancel and ask again",
        "작업을 시작한 뒤 이슈 #{issue}의 본문이 바뀜; 당시 본문대로 만든 결과를 공개하려면 승인하고, "
        "아니면 취소한 뒤 다시 요청하세요",
    ),
    "pipeline.branch_moved": (
        "somebody else moved our branch: {why}",
        "다른 사람이 작업 브랜치를 옮김: {why}",
    ),
    "pipeline.head_differs": (
        "pull request #{pr} does not show the commit that was pushed",
        "풀 리퀘스트 #{pr}에 올린 커밋이 보이지 않음",
    ),
    "pipeline.foreign_push": (
        "a person pushed {short} to the branch of pull request #{pr}; it is left alone until they "
        "say retry, which takes their commits over",
        "사람이 풀 리퀘스트 #{pr}의 브랜치에 {short}을(를) 푸시함; retry라고 하면 그 커밋을 이어받고, "
        "그때까지 손대지 않음",
    ),
    "pipeline.merge_never": (
        "pull request #{pr} is ready; the policy leaves merging to people",
        "풀 리퀘스트 #{pr} 준비 완료; 정책상 병합은 사람이 함",
    ),
    "pipeline.merge_ask": (
        "pull request #{pr} is ready; the policy asks a person before merging",
        "풀 리퀘스트 #{pr} 준비 완료; 정책상 병합 전에 사람에게 물음",
    ),
    "pipeline.merge_no_tests": (
        "pull request #{pr} is ready, but the project has no test command, so a person decides",
        "풀 리퀘스트 #{pr} 준비 완료; 테스트 명령이 없어 사람이 결정해야 함",
    ),
    "pipeline.merge_tests_broken": (
        "pull request #{pr} is ready, but the project's test command cannot be started, so a "
        "person decides",
        "풀 리퀘스트 #{pr} 준비 완료; 프로젝트의 테스트 명령을 실행할 수 없어 사람이 결정해야 함",
    ),
    "pipeline.merge_refused": ("the merge was refused: {why}", "병합이 거부됨: {why}"),
    "pipeline.base_restless": (
        "the default branch keeps moving; trying again",
        "기본 브랜치가 계속 바뀌어 다시 시도함",
    ),
    "pipeline.our_mistake": (
        "a mistake of harness itself stopped this run ({error}); the log has the details",
        "harness 자체의 오류로 중단됨({error}); 자세한 내용은 로그를 보세요",
    ),
    "pipeline.stopped_after": (
        "stopped after {stage}, as asked",
        "요청대로 {stage} 단계까지만 진행함",
    ),
    # ---- what a check holds against a change
    "pipeline.verify_failed": ("the checks failed:\n{what}", "검증 실패:\n{what}"),
    "pipeline.outside_plan": (
        "{path} was changed, which no task of the plan covers",
        "계획에 없는 {path}이(가) 변경됨",
    ),
    "pipeline.conflict_marks": (
        "{path} still holds conflict marks",
        "{path}에 충돌 표시가 남아 있음",
    ),
    "pipeline.nothing_changed": ("nothing was changed", "변경된 것이 없음"),
    "pipeline.frozen_changed": (
        "{path} belongs to the frozen reproduction and was changed",
        "고정된 재현 파일 {path}이(가) 변경됨",
    ),
    "pipeline.still_red": (
        "the reproduction still fails: {why}",
        "재현 테스트가 여전히 실패함: {why}",
    ),
    "pipeline.no_report": (
        "the tests wrote no report (exit code {exit_code}), though they do on the base",
        "기준 커밋과 달리 테스트 보고서가 없음 (종료 코드 {exit_code})",
    ),
    "pipeline.tests_lost": (
        "tests that ran on the base no longer run: {tests}",
        "기준 커밋에서 실행되던 테스트가 사라짐: {tests}",
    ),
    "pipeline.tests_silenced": (
        "tests that ran on the base are skipped now: {tests}",
        "기준 커밋에서 실행되던 테스트를 이제 건너뜀: {tests}",
    ),
    "pipeline.tests_fail": (
        "tests fail that pass on the base: {tests}",
        "기준 커밋에서 통과하던 테스트가 실패함: {tests}",
    ),
    "pipeline.tests_exit": (
        "the test command failed (exit code {exit_code})",
        "테스트 명령이 실패함 (종료 코드 {exit_code})",
    ),
    "pipeline.criterion_unmet": (
        "not met: {text} (its check ended with {exit})",
        "충족되지 않음: {text} (확인 명령 종료 코드 {exit})",
    ),
    "pipeline.reviewer_says": ("reviewer ({view}): {text}", "리뷰어({view}): {text}"),
    "pipeline.review_findings": ("reviewers found:\n{what}", "리뷰어의 지적:\n{what}"),
    "pipeline.people_ask": ("people ask for changes:\n{what}", "사람들이 변경을 요청함:\n{what}"),
    "pipeline.base_conflict": (
        "the default branch moved; both changes are in the work tree now, with conflict marks in: "
        "{files}",
        "기본 브랜치가 바뀌어 충돌함: {files}",
    ),
    # ---- depth
    "pipeline.depth_split": (
        "{tasks} tasks of a {difficulty} change are worth sub-agents; {reviewers} reviewer(s)",
        "{difficulty} 난이도, 작업 {tasks}개로 하위 에이전트에 나눔; 리뷰어 {reviewers}명",
    ),
    "pipeline.depth_single": (
        "a {difficulty} change with {tasks} task(s) is one agent's work; {reviewers} reviewer(s)",
        "{difficulty} 난이도, 작업 {tasks}개라 에이전트 하나가 처리함; 리뷰어 {reviewers}명",
    ),
    # ---- what a person's word did
    "pipeline.did_approve": (
        "Approved {subject} for issue #{issue}.",
        "이슈 #{issue}: {subject} 승인함.",
    ),
    "pipeline.approve_other": (
        "Not approved: you named {named}, but what waits is {subject}.",
        "승인하지 않음: {named}을(를) 지정했지만 대기 중인 것은 {subject}임.",
    ),
    "pipeline.did_reject_plan": (
        "Rejected the plan of issue #{issue}; another one is asked for.",
        "이슈 #{issue}의 계획을 거절함; 새 계획을 요청함.",
    ),
    "pipeline.did_refuse_call": (
        "The agent on issue #{issue} will hear that it may not do this.",
        "이슈 #{issue}의 에이전트에게 하면 안 된다고 알리겠습니다.",
    ),
    "pipeline.did_send_back": (
        "Sent the change for issue #{issue} back to be mended.",
        "이슈 #{issue}의 변경을 돌려보내 고치게 함.",
    ),
    "pipeline.did_plan": (
        "Plan version {version} ({hash}) is kept; it is approved like any other.",
        "계획 {version}판({hash})을 저장함; 다른 계획과 마찬가지로 승인이 필요함.",
    ),
    "pipeline.plan_order": ("The plan cannot be followed: {why}.", "계획을 따를 수 없음: {why}."),
    "pipeline.did_answer": ("Answered issue #{issue}.", "이슈 #{issue}에 답변함."),
    "pipeline.did_pause": (
        "Issue #{issue} pauses at its next safe point.",
        "이슈 #{issue}은(는) 다음 안전한 지점에서 멈춤.",
    ),
    "pipeline.did_resume": ("Issue #{issue} goes on.", "이슈 #{issue}을(를) 계속함."),
    "pipeline.did_cancel": ("Issue #{issue} is cancelled.", "이슈 #{issue}을(를) 취소함."),
    "pipeline.did_retry": ("Issue #{issue} is tried again.", "이슈 #{issue}을(를) 다시 시도함."),
    "pipeline.did_undo": (
        "Opened pull request #{pr}, which takes back issue #{issue}. Look at it and merge it.",
        "이슈 #{issue}을(를) 되돌리는 풀 리퀘스트 #{pr}을(를) 열었음. 확인하고 병합하세요.",
    ),
    "pipeline.empty_answer": ("An answer needs some text.", "답변 내용을 적어 주세요."),
    "pipeline.no_reason": ("no reason given", "이유 없음"),
    "pipeline.no_run": (
        "Issue #{issue} has no run yet.",
        "이슈 #{issue}에 대한 실행이 아직 없음.",
    ),
    "pipeline.nothing_to_do": (
        "Nothing to {verb}: issue #{issue} is {state}.",
        "{verb}할 것이 없음: 이슈 #{issue}의 상태는 {state}.",
    ),
    "pipeline.unknown_verb": ("Unknown word: {verb}.", "알 수 없는 명령: {verb}."),
    # ---- previews and probes
    "pipeline.would_start": ("would start", "시작할 예정"),
    "pipeline.would_comment": ("one progress comment on the issue", "이슈에 진행 상황 댓글 하나"),
    "pipeline.would_branch": (
        "branch {branch} and a pull request from it",
        "{branch} 브랜치와 풀 리퀘스트",
    ),
    "pipeline.would_merge": (
        "a merge into {branch} when every gate is passed",
        "모든 검증을 통과하면 {branch}에 병합",
    ),
    "pipeline.probe_sandbox": (
        "sandbox ({kind}) opens and runs a command",
        "샌드박스({kind})가 열리고 명령을 실행함",
    ),
    "pipeline.probe_forge": (
        "issues and git of {project} can be read",
        "{project}의 이슈와 git을 읽을 수 있음",
    ),
    "pipeline.probe_tests": (
        "set-up and test command of {project} start inside the sandbox",
        "{project}의 준비와 테스트 명령이 샌드박스 안에서 시작됨",
    ),
    "pipeline.probe_no_tests": (
        "no test command was found; set [test] command in harness.toml",
        "테스트 명령을 찾지 못함; harness.toml의 [test] command를 설정하세요",
    ),
    "pipeline.probe_failing": (
        "{command} starts, but ends with {code} on the default branch: {said}",
        "{command}이(가) 시작되지만 기본 브랜치에서 종료 코드 {code}(으)로 끝남: {said}",
    ),
    "pipeline.probe_not_found": (
        "{command} cannot be started inside the sandbox: {said}",
        "{command}을(를) 샌드박스 안에서 시작할 수 없음: {said}",
    ),
    "pipeline.probe_key": ("key {variable}, from", "키 {variable}, 출처"),
    "pipeline.probe_model": (
        "a model is set and its key is there",
        "모델이 설정되어 있고 키가 있음",
    ),
    "pipeline.probe_prices": (
        "what models cost is known",
        "모델의 가격을 알고 있음",
    ),
    "pipeline.probe_no_price": (
        "No price is known for {models}: caps in dollars do not hold there, those in tokens and "
        "tool calls do. Set price_in and price_out of the model; 0 when it costs nothing.",
        "{models}의 가격을 모릅니다. 그래서 달러 한도는 지켜지지 않고 토큰과 도구 호출 한도만 "
        "지켜집니다. 모델의 price_in과 price_out을 정하세요. 비용이 없으면 0입니다.",
    ),
    "pipeline.agent_moved": (
        "your files changed while the agent worked, so nothing was taken over",
        "에이전트가 일하는 동안 파일이 바뀌어 반영하지 않음",
    ),
    # ---- undo
    "pipeline.undo_unmerged": (
        "Nothing to undo: issue #{issue} was not merged.",
        "되돌릴 것이 없음: 이슈 #{issue}은(는) 병합되지 않음.",
    ),
    "pipeline.undo_conflict": (
        "Cannot be undone by itself: later work touches the same lines in {files}.",
        "자동으로 되돌릴 수 없음: 이후 작업이 {files}의 같은 줄을 고침.",
    ),
    "pipeline.undo_again": (
        "The branch {branch} is there already with another commit.",
        "{branch} 브랜치가 이미 다른 커밋으로 있음.",
    ),
    "pipeline.undo_body": (
        "Takes back pull request #{pr} (commit {commit}), asked for by {by}: {why}",
        "{by}의 요청으로 풀 리퀘스트 #{pr}(커밋 {commit})을(를) 되돌림: {why}",
    ),
    # ---- on the forge
    "pipeline.check_summary": (
        "Verified by harness in fresh sandboxes: tree {tree}.",
        "harness가 새 샌드박스에서 검증함: 트리 {tree}.",
    ),
    "pipeline.too_many_steps": (
        "Run {run} took {steps} steps in one go; it was stopped.",
        "실행 {run}이(가) 한 번에 {steps}단계를 넘어 중단함.",
    ),
}
