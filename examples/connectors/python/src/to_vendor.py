"""From the bot to the live chat: start, send, end, and small signs."""

import json
from typing import Any

from componentize_py_types import Err
from wit_world.exports.handoff import NewSession, Sent, Started, StartOutcome, StartOutcome_Started
from wit_world.exports.signals import Outcome_Delivered, Outcome_NotDelivered, Receipt
from wit_world.imports import http
from wit_world.imports.types import (
    Attribute,
    AuthorKind,
    EndReason,
    Event,
    Event_Queued,
    FailureReason_Misconfigured,
    FailureReason_NoAgents,
    FailureReason_Rejected,
    Message,
    QueueStatus,
    Session,
    Update,
)

from description import API
from failure import NEVER, failed, of_no_response, of_status
from times import rfc3339

UNCHANGED = Update(state=None, tokens=None)
"""Nothing to remember."""

ROLES = {
    AuthorKind.CUSTOMER: "customer",
    AuthorKind.BOT: "bot",
    AuthorKind.LIVE_AGENT: "agent",
    AuthorKind.SYSTEM: "system",
}

REASONS = {
    EndReason.CUSTOMER: "customer",
    EndReason.LIVE_AGENT: "agent",
    EndReason.CUSTOMER_INACTIVITY: "customer-inactivity",
    EndReason.AGENT_INACTIVITY: "agent-inactivity",
    EndReason.QUEUE_TIMEOUT: "queue-timeout",
    EndReason.VENDOR_FAILURE: "failure",
    EndReason.OPERATOR: "operator",
    EndReason.BOT: "bot",
}


def start(session: NewSession) -> StartOutcome:
    customer = session.customer
    response = _post(
        "/api/chat/start",
        {
            "sessionId": session.id,  # Contoso starts one conversation per id, however often it is asked.
            "customer": {
                "id": customer.id,
                "name": customer.name,
                "email": customer.email,
                "locale": customer.locale,
            },
            "channel": session.channel,
            "locale": customer.locale,
            "problem": session.problem,
            "transcript": [
                {
                    "role": ROLES[turn.author],
                    "name": turn.name,
                    "text": turn.text,
                    "time": None if turn.time is None else rfc3339(turn.time),
                }
                for turn in session.transcript
            ],
            "attributes": {a.name: a.value for a in session.attributes + session.routing},
        },
    )
    answer = _json(response)
    if not _ok(response):
        if answer.get("code") == "no-agents":
            raise failed(FailureReason_NoAgents(), NEVER, "the live chat is closed")
        if response.status in (404, 410):
            # There is no conversation yet that could be gone: the address is wrong.
            reason = FailureReason_Misconfigured("upstreams.api.base_url")
            raise failed(reason, NEVER, f"the vendor answered {response.status}")
        raise of_status(response)
    conversation = answer.get("conversationId")
    if not isinstance(conversation, str):
        raise failed(FailureReason_Rejected(), NEVER, f"status {response.status} with an unexpected body")
    queued = Event_Queued(QueueStatus(position=None, wait_seconds=None, text=None))
    events: list[Event] = [queued] if answer.get("status") == "waiting" else []
    started = Started(
        lookup_keys=[conversation],  # Callbacks will name the conversation so.
        state="",
        tokens=None,
        events=events,
        problem_told=answer.get("problemShown") is True,  # Else the gateway delivers the problem as a message.
    )
    return StartOutcome_Started(started)


def send(session: Session, message: Message) -> Sent:
    links = "".join(f"\n[{file.name}]({file.url})" for file in message.attachments)
    sender = message.author if message.author is not None else session.customer.name
    response = _post(
        "/api/chat/receive",
        {
            "conversationId": _conversation(session),
            "message": (message.text + links).strip(),
            "sender": "unknown-user" if sender is None else sender,
            "id": message.id,  # The same on every attempt, so that Contoso shows the message once.
            "timestamp": rfc3339(message.time),
        },
    )
    if not _ok(response):
        raise of_status(response)
    # The message was taken, whatever the answer looks like.
    taken = _json(response).get("messageId")
    return Sent(vendor_message_id=taken if isinstance(taken, str) else None, update=UNCHANGED)


def end(session: Session, reason: EndReason) -> Update:
    response = _post("/api/chat/end", {"conversationId": _conversation(session), "reason": REASONS[reason]})
    # A conversation that is gone has ended: ending is done again where its outcome was lost.
    if _ok(response) or response.status in (404, 410):
        return UNCHANGED
    raise of_status(response)


def typing(session: Session, on: bool) -> None:
    body = {"conversationId": _conversation(session), "typing": on, "sender": session.customer.name}
    _signal("/api/chat/typing", body)


def report(session: Session, receipt: Receipt) -> None:
    why = None
    if isinstance(receipt.outcome, Outcome_NotDelivered):
        status, why = "not-delivered", receipt.outcome.value
    else:
        status = "delivered" if isinstance(receipt.outcome, Outcome_Delivered) else "read"
    body = {"conversationId": _conversation(session), "messageId": receipt.message_id}
    _signal("/api/chat/receipt", body | {"status": status, "reason": why})


def _signal(path: str, body: dict[str, Any]) -> None:
    """Microsoft's own live chat has no such routes: it cannot show them, and that is no fault."""
    response = _post(path, body)
    if not _ok(response) and response.status not in (404, 405, 410):
        raise of_status(response)


def _conversation(session: Session) -> str:
    return session.lookup_keys[0] if session.lookup_keys else ""


def _post(path: str, body: dict[str, Any]) -> http.Response:
    """Posts JSON. The gateway knows the address of the upstream and adds the credential."""
    request = http.Request(
        method=http.Method.POST,
        path=path,
        host=None,
        headers=[Attribute("content-type", "application/json")],
        body=json.dumps(body).encode(),
        timeout=None,  # As long as the call may take.
    )
    try:
        return http.send(API, request)
    except Err as error:
        raise of_no_response(error.value) from None


def _ok(response: http.Response) -> bool:
    return 200 <= response.status < 300


def _json(response: http.Response) -> dict[str, Any]:
    """The body's members; none where it is no JSON object."""
    try:
        value = json.loads(response.body.decode())
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
