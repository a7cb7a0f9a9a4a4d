"""What GitHub's API knows: whether there is a user, or a repository, of a name."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pangeo_forge.lint.servers.network import Servers
from pangeo_forge.lint.servers.questions import NoAnswer, Outcome, Request

_BASE = "https://api.github.com"
_TOKENS = ("GITHUB_TOKEN", "GH_TOKEN")
_HEADERS = (("Accept", "application/vnd.github+json"), ("X-GitHub-Api-Version", "2022-11-28"))
#: Enough to see that there is an answer.
_MOST_BYTES = 100


@dataclass(frozen=True, slots=True)
class GitHub:
    """GitHub's API.

    Parameters
    ----------
    base : str
        Its address, as GitHub Actions name it in ``GITHUB_API_URL``.
    token : str, optional
        What says who asks: with one, more may be asked. It is shown nowhere.
    """

    base: str = _BASE
    token: str | None = field(default=None, repr=False)

    @classmethod
    def load(cls, environ: Mapping[str, str] = os.environ) -> GitHub:
        """Read it from environment variables."""
        token = next((environ[name] for name in _TOKENS if environ.get(name)), None)
        return cls((environ.get("GITHUB_API_URL") or _BASE).rstrip("/"), token)

    def find(self, servers: Servers, paths: Sequence[str]) -> list[bool | str]:
        """Say of each path (``users/ada``, ``repos/pangeo-forge/sst``) whether it is there, or why that cannot be told."""
        authorization = (("Authorization", f"Bearer {self.token}"),) if self.token else ()
        requests = [Request(f"{self.base}/{path}", (*_HEADERS, *authorization), _MOST_BYTES) for path in paths]
        return [self._read(outcome) for outcome in servers.ask(requests)]

    def _read(self, outcome: Outcome) -> bool | str:
        if isinstance(outcome, NoAnswer):
            return outcome.reason
        if outcome.status in (200, 404):
            return outcome.status == 200
        if outcome.status == 401:
            return f"GitHub does not accept the token in {_TOKENS[0]}"
        if outcome.status == 429 or (outcome.status == 403 and _is_limited(outcome.headers)):
            return "GitHub answers no more questions for now" + ("" if self.token else f"; with a token in {_TOKENS[0]} it answers more")
        return f"GitHub answered with the status {outcome.status}"


def _is_limited(headers: Mapping[str, str]) -> bool:
    return headers.get("x-ratelimit-remaining") == "0" or "retry-after" in headers
