"""From Acme to the bot: one request, many events."""

import json
import re
from typing import Any

from componentize_py_types import Err
from wit_world.exports.callback import Answer, Mapped, MappedEvent, Refusal, Refusal_Malformed, Request
from wit_world.imports.types import (
    AgentMessage,
    Ended,
    EndReason,
    Event,
    Event_Ended,
    Event_Ignored,
    Event_Joined,
    Event_Message,
    Participant,
    TextFormat,
)


def map(request: Request) -> Mapped:
    events = _read(request.body).get("events")
    if not isinstance(events, list):
        raise _malformed("`events` is no list")
    return Mapped(
        events=[mapped for one in events if (mapped := _mapped(one))],
        answer=None,
        # "What is not answered with 2xx is sent again": 410 would have it sent for ever.
        answer_when_closed=Answer(status=200, headers=[], body=b""),
    )


def _mapped(one: Any) -> MappedEvent | None:
    """None for what belongs to no chat: it must not hold back the others."""
    chat = _text(one, "chat")
    if not chat:
        return None
    # Acme's id of the event: the same when it comes again.
    return MappedEvent(lookup_key=chat, dedupe_id=_text(one, "id") or None, time=None, event=_event(one))


def _event(one: dict[str, Any]) -> Event:
    if one.get("by") == "visitor":
        return Event_Ignored("the customer's own")  # An echo.
    agent = Participant(id=None, name=_text(one, "name"), role="agent", avatar_url=None)
    match one.get("type"):
        case "joined":
            return Event_Joined(agent)
        case "message":
            text = _text(one, "text")
            if text is None or not text.strip():
                return Event_Ignored("a message without a text")
            return Event_Message(
                AgentMessage(
                    id=_text(one, "message"),
                    author=agent,
                    text=text,
                    format=TextFormat.PLAIN,
                    attachments=[],
                    reply_to=None,
                )
            )
        case "closed":
            return Event_Ended(Ended(by=EndReason.LIVE_AGENT, detail=_text(one, "reason")))
        case _:
            # `unmapped` would hold back the whole request, with all that is known in it.
            return Event_Ignored("an event of a kind that is not known")


STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


def _read(body: bytes) -> dict[str, Any]:
    # A few thousand brackets inside each other would be the end of the stack, and of the call.
    bare = STRING.sub(b"", body)
    depth = deepest = 0
    for byte in bare:
        depth += (byte in b"{[") - (byte in b"}]")
        deepest = max(deepest, depth)
    if deepest > 50:
        raise _malformed("lists and objects too deep")
    try:
        value = json.loads(body.decode())
    except (ValueError, RecursionError):
        raise _malformed("no JSON") from None
    if not isinstance(value, dict):
        raise _malformed("no JSON object")
    return value


def _text(body: Any, name: str) -> str | None:
    """A string. JSON can spell half a character (`"\\ud800"`), which Python takes and WIT does not."""
    value = body.get(name) if isinstance(body, dict) else None
    if not isinstance(value, str) or any("\ud800" <= c <= "\udfff" for c in value):
        return None
    return value


def _malformed(why: str) -> Err[Refusal]:
    """Answered with 400. The sentence goes to whoever sent it, so it repeats no value."""
    return Err(Refusal_Malformed(why))
