"""Rule sets for other people's secrets: detect-secrets' detectors and gitleaks's rules. Loaded at
the first scan, not before: a command that sends nothing does not pay for them.

Of detect-secrets only the detectors of one service's own form are used: `keyword`, the entropy
ones, `basic_auth` and `ip_public` find words that are none in ordinary source, and our own shapes
know a password in an address.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any, Final

from harness.guard.gitleaks import RuleSet, in_time, parse_rules
from harness.guard.secrets import is_example

DETECTORS: Final[tuple[str, ...]] = (
    "artifactory:ArtifactoryDetector",
    "aws:AWSKeyDetector",
    "azure_storage_key:AzureStorageKeyDetector",
    "cloudant:CloudantDetector",
    "discord:DiscordBotTokenDetector",
    "github_token:GitHubTokenDetector",
    "gitlab_token:GitLabTokenDetector",
    "ibm_cloud_iam:IbmCloudIamDetector",
    "ibm_cos_hmac:IbmCosHmacDetector",
    "jwt:JwtTokenDetector",
    "mailchimp:MailchimpDetector",
    "npm:NpmDetector",
    "openai:OpenAIDetector",
    "private_key:PrivateKeyDetector",
    "pypi_token:PypiTokenDetector",
    "sendgrid:SendGridDetector",
    "slack:SlackDetector",
    "softlayer:SoftlayerDetector",
    "square_oauth:SquareOAuthDetector",
    "stripe:StripeDetector",
    "telegram_token:TelegramBotTokenDetector",
    "twilio:TwilioKeyDetector",
)
WINDOW: Final = 4000
OVERLAP: Final = 500
"""A longer line is looked at in pieces: these expressions backtrack."""


class Scanner:
    """Every rule set over one text. `own`: gitleaks files of the operator, whose allowlists count;
    ValueError with the reason for one that cannot be read."""

    def __init__(self, own: Sequence[str] = ()) -> None:
        self._sets = tuple(parse_rules(text, allowlists=True) for text in own)
        self._detectors: tuple[Any, ...] = ()

    @property
    def skipped_rules(self) -> tuple[str, ...]:
        """Ids of rules that do not compile."""
        return tuple(name for one in self._sets for name in one.skipped)

    @property
    def count(self) -> int:
        """Rules of the operator's files that are in use."""
        return sum(len(one.rules) for one in self._sets)

    def find(
        self, path: str, text: str, project: str = "", until: float | None = None
    ) -> Iterator[tuple[str, int]]:
        """(what it looks like, line) of each secret. `project`: the gitleaks file of the project,
        which only adds. `until`: on the monotonic clock; TimeoutError when it is past."""
        sets = (*self._sets, *((of_project(project),) if project else ()))
        yield from self._detect(text, until)
        for rules in sets:
            yield from rules.find(path, text, until)

    @property
    def detectors(self) -> tuple[Any, ...]:
        """Loaded at the first use."""
        if not self._detectors:
            self._detectors = tuple(map(_detector, DETECTORS))
        return self._detectors

    def _detect(self, text: str, until: float | None) -> Iterator[tuple[str, int]]:
        detectors = self.detectors
        for number, line in enumerate(text.split("\n"), 1):
            if number % 1000 == 0:
                in_time(until)
            for count, piece in enumerate(_pieces(line) if line.strip() else ()):
                if count % 100 == 99:
                    in_time(until)
                for detector in detectors:
                    if any(not is_example(one) for one in detector.analyze_string(piece)):
                        yield str(detector.secret_type), number


@lru_cache(maxsize=8)
def of_project(text: str) -> RuleSet:
    """A project's own gitleaks file; ValueError with the reason."""
    return parse_rules(text, allowlists=False)


def _detector(name: str) -> Any:
    module, kind = name.split(":")
    return getattr(import_module(f"detect_secrets.plugins.{module}"), kind)()


def _pieces(line: str) -> Iterator[str]:
    if len(line) <= WINDOW:
        yield line
        return
    for at in range(0, len(line), WINDOW - OVERLAP):
        yield line[at : at + WINDOW]
