"""Every GraphQL document that is sent to GitHub: only what REST cannot tell or do."""

from __future__ import annotations

from typing import Final

VIEWER: Final = """
query Viewer { viewer { login } }
"""

EDITED: Final = """
query Edited($ids: [ID!]!) {
  nodes(ids: $ids) {
    __typename
    ... on Issue {
      id
      lastEditedAt
      timelineItems(itemTypes: [RENAMED_TITLE_EVENT], last: 1) {
        nodes { ... on RenamedTitleEvent { createdAt } }
      }
    }
    ... on IssueComment { id lastEditedAt }
  }
}
"""
"""When texts were last changed, at most 100 at once."""

_COMMENTS: Final = """
        pageInfo { hasNextPage endCursor }
        nodes {
          databaseId
          body
          createdAt
          lastEditedAt
          author {
            __typename
            login
            ... on User { databaseId }
            ... on Bot { databaseId }
            ... on Mannequin { databaseId }
          }
        }
"""

THREADS: Final = (
    """
query Threads($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      reviewThreads(first: 50, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes {
          id
          path
          line
          originalLine
          subjectType
          isResolved
          comments(first: 100) {"""
    + _COMMENTS
    + """          }
        }
      }
    }
  }
}
"""
)

THREAD: Final = (
    """
query Thread($id: ID!, $after: String) {
  node(id: $id) {
    ... on PullRequestReviewThread {
      comments(first: 100, after: $after) {"""
    + _COMMENTS
    + """      }
    }
  }
}
"""
)
"""The further comments of a long thread."""

QUEUED: Final = """
query Queued($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) { isInMergeQueue }
  }
}
"""

READY: Final = """
mutation Ready($pull: ID!) {
  markPullRequestReadyForReview(input: {pullRequestId: $pull}) {
    pullRequest { isDraft }
  }
}
"""

RESOLVE: Final = """
mutation Resolve($thread: ID!) {
  resolveReviewThread(input: {threadId: $thread}) {
    thread { isResolved }
  }
}
"""

ENQUEUE: Final = """
mutation Enqueue($pull: ID!, $head: GitObjectID!) {
  enqueuePullRequest(input: {pullRequestId: $pull, expectedHeadOid: $head}) {
    mergeQueueEntry { id }
  }
}
"""

AUTO_MERGE: Final = """
mutation AutoMerge($pull: ID!, $head: GitObjectID!, $method: PullRequestMergeMethod!) {
  enablePullRequestAutoMerge(
    input: {pullRequestId: $pull, expectedHeadOid: $head, mergeMethod: $method}
  ) {
    pullRequest { isDraft }
  }
}
"""
