"""From the live chat to the bot: reads its webhook.

The same request must always give the same events, so nothing here looks at a clock or rolls dice.
"""

import json
import re
from typing import Any

from componentize_py_types import Err
from wit_world.exports.callback import (
    Answer,
    Mapped,
    MappedEvent,
    Refusal,
    Refusal_Malformed,
    Refusal_Unmapped,
    Request,
)
from wit_world.imports.types import (
    AgentMessage,
    Attribute,
    Context,
    Ended,
    EndReason,
    Event,
    Event_Ended,
    Event_Joined,
    Event_Left,
    Event_Message,
    Event_Typing,
    Participant,
    TextFormat,
    Typing,
)

from times import rfc3339


def map(context: Context, request: Request) -> Mapped:
    settings = json.loads(context.settings)
    body = _read(request.body)
    conversation = _text(body, "conversationid")
    if not conversation:
        raise _malformed("`conversationId` is missing or empty")
    # An empty id names nothing: as a name it would make every message after the first a duplicate.
    id = _text(body, "id") or None
    sender = _text(body, "sender") or settings.get("agent_name", "Contoso Support")
    kind = _text(body, "type")
    kind = "message" if kind is None else kind
    event = _event(kind.lower(), id, sender, body)
    # What has no id is told apart by its time; what has neither cannot be told apart at all.
    time = _text(body, "timestamp")
    by_time = _named_by(conversation, kind, time, _text(body, "message") or "") if time else None
    answer = {
        "message": "Message received successfully",
        "timestamp": rfc3339(context.now),
        "receivedFrom": sender,
    }
    headers = [Attribute("content-type", "application/json")]
    return Mapped(
        events=[MappedEvent(lookup_key=conversation, dedupe_id=id or by_time, time=None, event=event)],
        answer=Answer(status=200, headers=headers, body=json.dumps(answer).encode()),
        answer_when_closed=None,
    )


def _named_by(*parts: str) -> str:
    """A name made of all that tells something apart, short however long that is: the gateway takes 512 bytes.

    FNV-1a, 64 bits. `hash` differs from run to run, and `hashlib` wants more of its machine than a connector is given.
    """
    value = 0xCBF29CE484222325
    for byte in json.dumps(parts).encode():
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def _event(kind: str, id: str | None, sender: str, body: dict[str, Any]) -> Event:
    agent = Participant(id=None, name=sender, role="agent", avatar_url=None)
    match kind:
        case "message":
            text = _text(body, "message")
            if text is None or not text.strip():
                raise _malformed("`message` is missing or empty")
            return Event_Message(
                AgentMessage(
                    id=id, author=agent, text=text, format=TextFormat.MARKDOWN, attachments=[], reply_to=None
                )
            )
        case "joined":
            return Event_Joined(agent)
        case "left":
            return Event_Left(agent)
        case "typing":
            on = body.get("typing")
            if on is not None and not isinstance(on, bool):
                raise _malformed("`typing` is neither true nor false")
            return Event_Typing(Typing(author=agent, on=on is not False))
        case "ended":
            return Event_Ended(Ended(by=EndReason.LIVE_AGENT, detail=_text(body, "reason")))
        case _:
            # Kept, and mapped again by the next version of this connector.
            raise Err[Refusal](Refusal_Unmapped(f"events of type {json.dumps(kind)} are not known"))


STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
BRACKETS = re.compile(rb"[\[\]{}]")


def _read(body: bytes) -> dict[str, Any]:
    """The members of a JSON object, their names in lower case.

    The live chat writes `ConversationId`, its documentation `conversationId`.
    """
    # A few thousand brackets inside each other would be the end of the stack, and of the call.
    depth = 0
    for bracket in BRACKETS.findall(STRING.sub(b"", body)):
        depth += 1 if bracket in b"{[" else -1
        if depth > 100:
            raise _malformed("too many lists and objects inside each other")
    try:
        value = json.loads(body.decode())
    except (ValueError, RecursionError):
        raise _malformed("no JSON") from None
    if not isinstance(value, dict):
        raise _malformed("no JSON object")
    return {name.lower(): member for name, member in value.items()}


def _text(body: dict[str, Any], name: str) -> str | None:
    """A string; absent and null are the same."""
    value = body.get(name)
    if value is None:
        return None
    # JSON can spell half a character (`"\\ud800"`), which Python takes and WIT does not.
    if not isinstance(value, str) or any("\ud800" <= c <= "\udfff" for c in value):
        raise _malformed(f"`{name}` is no text")
    return value


def _malformed(why: str) -> Err[Refusal]:
    """Answered with 400. The sentence goes to whoever sent it, so it repeats no value."""
    return Err(Refusal_Malformed(why))
