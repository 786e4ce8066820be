"""A live agent at a Matrix client: matrix-nio, which nobody here wrote."""

import asyncio
import io
import logging
import uuid

import nio

from patience import eventually
from synapse import NAME

# It never gives up: what was not answered is sent again, under the same transaction id.
CONFIG = nio.AsyncClientConfig(max_timeouts=None, max_timeout_retry_wait_time=0.3, request_timeout=15)


# That the homeserver does not answer while it is dead is no news.
logging.getLogger("nio").setLevel(logging.ERROR)


class Agent:
    def __init__(self, synapse, name):
        self.synapse, self.name = synapse, name
        self.id = f"@{name}:{NAME}"
        self.client = nio.AsyncClient(synapse.url, self.id, config=CONFIG)
        # What the client was told, by room, in the order of its telling.
        self.seen = {}
        self.typing, self.receipts = [], []
        self.client.add_event_callback(self.see, nio.Event)
        self.client.add_ephemeral_callback(lambda room, event: self.typing.append((room.room_id, event.users)), nio.TypingNoticeEvent)
        self.client.add_ephemeral_callback(lambda room, event: self.receipts.extend((room.room_id, r.event_id, r.user_id) for r in event.receipts), nio.ReceiptEvent)

    async def __aenter__(self):
        await self.synapse.register(self.name, "a password")
        answer = await self.client.login("a password")
        assert isinstance(answer, nio.LoginResponse), answer
        self.syncing = asyncio.create_task(self.client.sync_forever(timeout=3_000, full_state=True, loop_sleep_time=20))
        return self

    async def __aexit__(self, *_):
        self.syncing.cancel()
        await asyncio.gather(self.syncing, return_exceptions=True)
        await self.client.close()

    def see(self, room, event):
        self.seen.setdefault(room.room_id, []).append(event)

    async def is_invited(self, room):
        await eventually(f"{self.name} is invited", lambda: room in self.client.invited_rooms)

    async def joins(self, room):
        await self.is_invited(room)
        answer = await self.client.join(room)
        assert isinstance(answer, nio.JoinResponse), answer
        await eventually("the room is there", lambda: room in self.client.rooms)

    async def says(self, room, text, **more):
        """Says it once, whatever happens to the homeserver meanwhile; the event's id."""
        return await self.sends(room, {"msgtype": "m.text", "body": text, **more})

    async def sends(self, room, content):
        answer = await self.client.room_send(room, "m.room.message", content, tx_id=str(uuid.uuid4()))
        assert isinstance(answer, nio.RoomSendResponse), answer
        return answer.event_id

    async def uploads(self, room, name, kind, body):
        """A file into the room, as clients do it."""
        kept, _ = await self.client.upload(lambda *_: io.BytesIO(body), content_type=kind, filename=name, filesize=len(body))
        assert isinstance(kept, nio.UploadResponse), kept
        info = {"mimetype": kind, "size": len(body)}
        return await self.sends(room, {"msgtype": "m.file", "body": name, "filename": name, "url": kept.content_uri, "info": info})

    def heard(self, room):
        """What the customer said, as the client was told."""
        return [event for event in self.seen.get(room, []) if isinstance(event, nio.RoomMessageText) and "_handover_" in event.sender]

    def notices(self, room):
        return [event.body for event in self.seen.get(room, []) if isinstance(event, nio.RoomMessageNotice)]

    async def hears(self, room, text):
        def look():
            return next((event for event in self.heard(room) if event.body == text), None)

        return await eventually(f"{self.name} hears {text!r}; so far {[event.body for event in self.heard(room)]}", look)

    async def history(self, room):
        """The whole timeline as the homeserver has it, oldest first."""
        events, start = [], ""
        while True:
            page = await self.client.room_messages(room, start, limit=200, direction=nio.MessageDirection.front)
            assert isinstance(page, nio.RoomMessagesResponse), page
            events.extend(page.chunk)
            if not page.chunk or not page.end:
                return events
            start = page.end
