"""Files, both ways, through the homeserver's media repository."""

import asyncio
import base64
import unittest

import nio

from patience import eventually
from test_stories import chat

PICTURE = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


class Files(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        # Slow steps are no news here.
        asyncio.get_running_loop().set_debug(False)

    async def test_a_file_of_the_agent_reaches_the_customer(self):
        async with chat() as (house, jane, ann, room):
            manual = b"Turn it off and on again.\n" * 100_000
            await ann.uploads(room, "manual.txt", "text/plain", manual)
            shown = await jane.gets("a file", lambda activity: activity.get("attachments"))
            [file] = shown["attachments"]
            self.assertEqual((file["name"], file["contentType"]), ("manual.txt", "text/plain"))
            async with house.bot.http.get(file["contentUrl"]) as answer:
                self.assertEqual(answer.status, 200)
                self.assertTrue(await answer.read() == manual, "byte by byte")

    async def test_a_file_of_the_customer_reaches_the_agent(self):
        async with chat() as (house, jane, ann, room):
            house.bot.files["picture.png"] = ("image/png", PICTURE)
            file = {"name": "picture.png", "contentType": "image/png", "contentUrl": house.bot.file("picture.png")}
            await jane.says("Look", attachments=[file])

            def look():
                return next((event for event in ann.seen.get(room, []) if isinstance(event, nio.RoomMessageImage)), None)

            shown = await eventually("a picture", look)
            self.assertEqual(shown.body, "picture.png")
            got = await ann.client.download(mxc=shown.url)
            self.assertEqual((got.body, got.content_type), (PICTURE, "image/png"))

    async def test_a_file_that_is_too_large_holds_nothing_up(self):
        async with chat() as (house, jane, ann, room):
            # Beyond what passes through a connector in one request.
            house.bot.files["film.bin"] = ("application/octet-stream", bytes(5 << 20))
            file = {"name": "film.bin", "contentType": "application/octet-stream", "contentUrl": house.bot.file("film.bin")}
            await jane.says("Look", attachments=[file])
            await jane.is_shown("film.bin")
            await jane.says("Well, then not")
            await ann.hears(room, "Well, then not")
            self.assertEqual([event.body for event in ann.heard(room)], ["Look", "Well, then not"])
            self.assertFalse([event for event in ann.seen[room] if isinstance(event, nio.RoomMessageMedia)])
