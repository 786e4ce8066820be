"""Failures with the right advice.

It decides whether the gateway tries again, and whether a customer's message may arrive twice or never: the most
important lines of a connector.
"""

from componentize_py_types import Err
from wit_world.imports import http
from wit_world.imports.types import (
    Failure,
    FailureReason,
    FailureReason_ConversationGone,
    FailureReason_Misconfigured,
    FailureReason_RateLimited,
    FailureReason_Rejected,
    FailureReason_TooLarge,
    FailureReason_Unavailable,
    RetryAdvice,
    RetryAdvice_Never,
    RetryAdvice_Safe,
    RetryAdvice_UnknownOutcome,
)

NEVER = RetryAdvice_Never()
"""It will fail again."""

UNKNOWN = RetryAdvice_UnknownOutcome()
"""It may have happened at the vendor."""


def failed(reason: FailureReason, retry: RetryAdvice, detail: str) -> Err[Failure]:
    """What to raise. The detail is for the operator: neither a message text nor a secret."""
    return Err(Failure(reason, retry, detail))


def of_status(response: http.Response) -> Err[Failure]:
    """A response that is no success, by what its status means."""
    status, after = response.status, _retry_after(response)
    detail = f"the vendor answered {status}"
    if status in (401, 403):
        return failed(FailureReason_Misconfigured("credential"), NEVER, detail)
    if status in (404, 410):
        return failed(FailureReason_ConversationGone(), NEVER, detail)
    if status == 413:
        return failed(FailureReason_TooLarge(), NEVER, detail)
    if status == 429:
        return failed(FailureReason_RateLimited(), RetryAdvice_Safe(after), detail)
    if status == 503 and after is not None:
        # A vendor that says when to come back has not done it.
        return failed(FailureReason_Unavailable(), RetryAdvice_Safe(after), detail)
    if status >= 500:
        # It may have failed after the work was done.
        return failed(FailureReason_Unavailable(), UNKNOWN, detail)
    return failed(FailureReason_Rejected(), NEVER, detail)


def of_no_response(error: http.Error) -> Err[Failure]:
    """There is no response."""
    if isinstance(error, http.Error_Denied):
        return failed(FailureReason_Misconfigured("upstreams"), NEVER, error.value)
    if isinstance(error, http.Error_Unreachable):
        return failed(FailureReason_Unavailable(), RetryAdvice_Safe(None), error.value)
    if isinstance(error, http.Error_TooLarge):
        return failed(FailureReason_TooLarge(), NEVER, error.value)
    # No answer in time, or half of one: the vendor may have done it.
    return failed(FailureReason_Unavailable(), UNKNOWN, error.value)


def _retry_after(response: http.Response) -> int | None:
    """Milliseconds; None where the vendor does not say, or says it as a date."""
    for header in response.headers:
        value = header.value.strip()
        if header.name.lower() == "retry-after" and value.isascii() and value.isdigit() and len(value) < 10:
            return int(value) * 1000
    return None
