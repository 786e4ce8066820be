"""From the bot to Acme."""

import json
from typing import Any
from urllib.parse import quote, urlencode

from componentize_py_types import Err
from wit_world.exports.handoff import (
    NewSession,
    Progress,
    Sent,
    Started,
    StartOutcome,
    StartOutcome_Continue,
    StartOutcome_Started,
)
from wit_world.imports import http
from wit_world.imports.types import (
    Attribute,
    Event_Queued,
    FailureReason_Misconfigured,
    FailureReason_NoAgents,
    FailureReason_Rejected,
    Message,
    QueueStatus,
    Session,
    Update,
)

from failure import NEVER, failed, of_no_response, of_status

UNCHANGED = Update(state=None, tokens=None)
"""Nothing to remember."""


def start(session: NewSession) -> StartOutcome:
    """First the visitor, then the chat."""
    if session.progress is None:
        customer = session.customer
        fields = {"external_id": customer.id, "name": customer.name or "Customer"}
        visitor = _text(_begun(_post("/visitors", fields)), "visitor")
        # Stored; `start` is called again with it.
        return StartOutcome_Continue(Progress(state=json.dumps({"visitor": visitor}), tokens=None))
    visitor = json.loads(session.progress)["visitor"]
    fields = {"visitor": visitor, "topic": session.problem or "Chat", "request_id": session.id}
    chat = _begun(_post("/chats", fields))
    place = chat.get("position")
    queued = QueueStatus(position=place if isinstance(place, int) else None, wait_seconds=None, text=None)
    return StartOutcome_Started(
        Started(
            lookup_keys=[_text(chat, "chat")],
            state="",
            tokens=None,
            events=[Event_Queued(queued)],
            problem_told=session.problem is not None,  # It is the topic: no message is needed for it.
        )
    )


def _begun(response: http.Response) -> dict[str, Any]:
    """What a step of the start has made."""
    body = _json(response)
    if _ok(response):
        return body
    if body.get("error") == "desk_closed":
        raise failed(FailureReason_NoAgents(), NEVER, "the desk is closed")
    if response.status in (404, 410):
        # There is no chat yet that could be gone: the address is wrong.
        raise failed(FailureReason_Misconfigured("upstreams.api.base_url"), NEVER, f"status {response.status}")
    raise of_status(response)


def _text(body: dict[str, Any], name: str) -> str:
    """An id of Acme's."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise failed(FailureReason_Rejected(), NEVER, "a success with an unexpected body")
    return value


def send(session: Session, message: Message) -> Sent:
    # `request_id` is the same on each attempt: Acme shows the message once.
    response = _post(f"{_path(session)}/messages", {"text": message.text, "request_id": message.id})
    if not _ok(response):
        raise of_status(response)
    id = _json(response).get("message")
    return Sent(vendor_message_id=id if isinstance(id, str) else None, update=UNCHANGED)


def end(session: Session) -> Update:
    response = _post(f"{_path(session)}/close", {})
    # Closed already, or gone: it has ended.
    if _ok(response) or response.status in (404, 409, 410):
        return UNCHANGED
    raise of_status(response)


def _path(session: Session) -> str:
    """An id is data: it must not become another path."""
    return f"/chats/{quote(session.lookup_keys[0] if session.lookup_keys else '', safe='')}"


def _post(path: str, fields: dict[str, str]) -> http.Response:
    """A form goes, JSON comes."""
    request = http.Request(
        method=http.Method.POST,
        path=path,
        host=None,
        headers=[Attribute("content-type", "application/x-www-form-urlencoded")],
        body=urlencode(fields).encode(),
        timeout=None,
    )
    try:
        return http.send("api", request)
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
