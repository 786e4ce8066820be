"""A chat from its start to its end, with a real homeserver and a real client."""

import asyncio
import unittest
from contextlib import asynccontextmanager
from urllib.parse import quote

import nio

from agent import Agent
from house import House
from patience import eventually
from synapse import NAME


@asynccontextmanager
async def chat(settings=""):
    """A customer and an agent in one room."""
    async with House(["ann"], settings) as house, Agent(house.synapse, "ann") as ann:
        jane = house.customer("Jane Doe")
        await jane.asks(ProblemDescription="My laptop is on fire")
        status, room = await jane.started()
        assert status == "queued", status
        await ann.joins(room)
        await jane.is_shown("Ann")
        yield house, jane, ann, room


class Stories(unittest.IsolatedAsyncioTestCase):
    maxDiff = None

    async def asyncSetUp(self):
        # Slow steps are no news here.
        asyncio.get_running_loop().set_debug(False)

    async def test_a_start_makes_one_room_that_tells_the_agent_everything(self):
        async with House(["ann", "nobody-of-that-name"]) as house, Agent(house.synapse, "ann") as ann:
            jane = house.customer("Jane Doe")
            await jane.asks(
                ProblemDescription="My laptop is on fire",
                Transcript=[{"role": "user", "text": "hello"}, {"role": "bot", "name": "Contoso Agent", "text": "How can I help?"}],
                OrderNumber=4711,
            )
            status, room = await jane.started()
            self.assertEqual(status, "queued")
            await ann.joins(room)
            shown = ann.client.rooms[room]
            self.assertEqual(shown.name, "Jane Doe: My laptop is on fire")
            self.assertEqual(shown.topic, "My laptop is on fire")
            self.assertFalse(shown.encrypted)
            history = await ann.history(room)
            [before] = [event.body for event in history if isinstance(event, nio.RoomMessageNotice) and "asks for" in event.body]
            self.assertEqual(
                before.splitlines(),
                [
                    "Jane Doe asks for a person (directline).",
                    "locale: en-US",
                    "problem: My laptop is on fire",
                    "OrderNumber: 4711",
                    "— Said before —",
                    "Jane Doe: hello",
                    "Contoso Agent: How can I help?",
                ],
            )
            await jane.is_shown("Ann")
            # The same customer, asked twice: the running session, not a second room.
            await jane.asks()
            rooms = house.synapse.ask("SELECT room_id FROM rooms")
            self.assertEqual(rooms, [(room,)])

    async def test_messages_go_both_ways_in_order(self):
        async with chat() as (house, jane, ann, room):
            for nth in range(1, 11):
                await jane.says(f"customer {nth}")
                await ann.says(room, f"agent {nth}")
            await ann.hears(room, "customer 10")
            await jane.is_shown("agent 10")
            self.assertEqual([event.body for event in ann.heard(room)], [f"customer {nth}" for nth in range(1, 11)])
            said = [text.split(": ", 1)[1] for text in jane.shown() if "agent " in text]
            self.assertEqual(said, [f"agent {nth}" for nth in range(1, 11)])
            # Nothing of what the ghost says comes back.
            self.assertFalse([text for text in jane.shown() if "customer " in text])

    async def test_what_clients_send_arrives_as_it_was_meant(self):
        async with chat() as (house, jane, ann, room):
            html = {"format": "org.matrix.custom.html", "formatted_body": "Turn it <strong>off</strong>"}
            event = await ann.says(room, "Turn it **off**", **html)
            self.assertIn("off", (await jane.is_shown("Turn it"))["text"])
            await ann.sends(room, {"msgtype": "m.emote", "body": "waves"})
            await jane.is_shown("* ann waves")
            await ann.sends(room, {"msgtype": "m.notice", "body": "We close at five"})
            await jane.is_shown("We close at five")
            await ann.says(room, "> <@x:y> old\n\nas I said", **{"m.relates_to": {"m.in_reply_to": {"event_id": event}}})
            self.assertNotIn("old", (await jane.is_shown("as I said"))["text"])
            await ann.says(
                room, "* Turn it on", **{
                    "m.new_content": {"msgtype": "m.text", "body": "Turn it on"},
                    "m.relates_to": {"rel_type": "m.replace", "event_id": event},
                }
            )  # fmt: skip
            await jane.is_shown("Turn it on")
            await ann.client.room_redact(room, event)
            strange = "זה עובד? \U0001f469\u200d\U0001f467 e\u0301 <b> & \\ \" \u202e"
            await ann.says(room, strange)
            await jane.is_shown("e\u0301")
            await jane.says(strange)
            await ann.hears(room, strange)
            long = "wörter \U0001f642 " * 3_000
            await jane.says(long)
            # The host cuts it where words end, and white space there is dropped.
            await eventually("all of it", lambda: " ".join(event.body for event in ann.heard(room)[1:]).split() == long.split())
            self.assertTrue(all(len(event.body.encode("utf-16-le")) <= 2 * 8_000 for event in ann.heard(room)))

    async def test_typing_and_reading_are_told_both_ways(self):
        async with chat() as (house, jane, ann, room):
            await ann.client.room_typing(room, True)
            await jane.gets("typing", lambda activity: activity["type"] == "typing")
            await jane.types()
            await eventually("the customer's typing", lambda: any(r == room and any("_handover_" in user for user in users) for r, users in ann.typing))
            await jane.says("hello?")
            heard = await ann.hears(room, "hello?")
            await ann.client.update_receipt_marker(room, heard.event_id)
            read = lambda name: [  # noqa: E731
                event for event in house.wire.passing("m.receipt", name) if ann.id in event["content"].get(heard.event_id, {}).get("m.read", {})
            ]
            await eventually("the receipt passes", lambda: read("ephemeral"))
            # Synapse speaks both dialects where the registration asks for both, and says the same in them.
            self.assertEqual(read("ephemeral"), read("de.sorunome.msc2409.ephemeral"))
            self.assertEqual(house.wire.passing("m.typing"), house.wire.passing("m.typing", "de.sorunome.msc2409.ephemeral"))
            self.assertTrue(all(status == 200 for _, _, status in house.wire.transactions))

    async def test_who_leaves_ends_the_chat(self):
        async with chat() as (house, jane, ann, room):
            await jane.says("hello?")
            await ann.hears(room, "hello?")
            await ann.says(room, "Goodbye")
            await ann.client.room_leave(room)
            await eventually("control returns", jane.returned)
            self.assertTrue([text for text in jane.shown() if "Goodbye" in text], "what was said before the end is shown before it")

    async def test_a_word_of_the_agent_ends_the_chat(self):
        async with chat() as (house, jane, ann, room):
            await jane.says("hello?")
            await ann.hears(room, "hello?")
            await ann.says(room, "!end")
            await eventually("control returns", jane.returned)
            self.assertFalse([text for text in jane.shown() if "!end" in text])

    async def test_a_customer_who_leaves_is_seen_to_leave(self):
        async with chat("kick_agents = true\n") as (house, jane, ann, room):
            await jane.says("hello?")
            await ann.hears(room, "hello?")
            await jane.leaves(room)
            await eventually("the last word", lambda: "The customer has ended the chat." in ann.notices(room))
            await self.is_gone(house, room)
            # nio keeps rooms that it was removed from; the homeserver is asked.
            async def removed():
                return room not in (await ann.client.joined_rooms()).rooms

            await eventually("the agent is removed", removed)
            self.assertLessEqual(jane.returned(), 1)
            # Coming again, Jane gets another room and is the same person.
            await jane.asks()
            await eventually("a second room", lambda: len(ann.client.invited_rooms) == 1)
            ghosts = house.synapse.ask("SELECT name FROM users WHERE name LIKE '@_handover_directline%'")
            self.assertEqual(len(ghosts), 1)

    async def is_gone(self, house, room):
        def look():
            members = house.synapse.ask(
                "SELECT membership FROM local_current_membership WHERE room_id = ? AND user_id LIKE '@_handover_%'", room
            )
            return members == [("leave",)]

        await eventually("the ghost has left", look)

    async def test_the_homeservers_questions_are_answered(self):
        async with chat() as (house, jane, ann, room):
            [(ghost,)] = house.synapse.ask("SELECT name FROM users WHERE name LIKE '@_handover_directline%'")
            self.assertEqual(await house.called("GET", f"users/{quote(ghost)}"), (200, {}))
            for path in (f"users/{quote('@stranger:' + NAME)}", f"users/{quote('@_handover_x:elsewhere.test')}", f"rooms/{quote('#_handover_x:' + NAME)}"):
                status, said = await house.called("GET", path)
                self.assertEqual((status, said["errcode"]), (404, "M_NOT_FOUND"), path)
            status, said = await house.called("GET", "thirdparty/protocol/irc")
            self.assertEqual((status, said["errcode"]), (404, "M_UNRECOGNIZED"))
            # By the homeserver itself: it calls, with its token, and is answered.
            status, said = await house.ask("POST", "client/v1/appservice/handover/ping", {"transaction_id": "x"})
            self.assertEqual((status, list(said)), (200, ["duration_ms"]))
            # Who does not know the token is nobody.
            for token in ("wrong", house.token("as_token")):
                status, _ = await house.called("PUT", "transactions/999", token=token, body={"events": []})
                self.assertEqual(status, 401)
            # An event for a room that nobody knows does not hold the homeserver up.
            unknown = {"type": "m.room.message", "event_id": "$1", "room_id": "!x:y", "sender": ann.id, "content": {"msgtype": "m.text", "body": "x"}}
            self.assertEqual(await house.called("PUT", "transactions/998", body={"events": [unknown, 7, {}]}), (200, {}))


if __name__ == "__main__":
    unittest.main()
