"""The bot's side: a customer's turns as the bot hands them on, and the Bot Connector that takes what comes back."""

import asyncio
import uuid

import aiohttp
from aiohttp import web

from patience import eventually


class Bot:
    """Takes every activity, in the order of its coming."""

    def __init__(self):
        self.taken = []
        # What the customer has attached, by name: media type and content.
        self.files = {}

    async def __aenter__(self):
        app = web.Application()
        for path in ("", "/{activity}"):
            app.router.add_post("/bot/v3/conversations/{conversation}/activities" + path, self.take)
        app.router.add_get("/files/{name}", self.give)
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        port = self.runner.addresses[0][1]
        self.host = f"http://127.0.0.1:{port}"
        self.service_url = f"{self.host}/bot/"
        self.http = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_):
        await self.http.close()
        await self.runner.cleanup()

    async def take(self, request):
        self.taken.append((request.match_info["conversation"], await request.json()))
        return web.json_response({"id": str(uuid.uuid4())}, status=201)

    async def give(self, request):
        kind, body = self.files[request.match_info["name"]]
        return web.Response(body=body, content_type=kind)

    def file(self, name):
        return f"{self.host}/files/{name}"

    def about(self, conversation):
        return [activity for known, activity in self.taken if known == conversation]


class Customer:
    def __init__(self, bot, gateway, name):
        self.bot, self.gateway, self.name = bot, gateway, name
        self.conversation = f"c-{uuid.uuid4()}"

    def activity(self, kind, **more):
        return {
            "type": kind,
            "id": str(uuid.uuid4()),
            "channelId": "directline",
            "serviceUrl": self.bot.service_url,
            "conversation": {"id": self.conversation},
            "from": {"id": f"dl_{self.name}-1A", "name": self.name, "role": "user"},
            "recipient": {"id": "28:agent-app", "name": "Contoso Agent", "role": "bot"},
            "locale": "en-US",
            **more,
        }

    async def post(self, activity):
        """Until it is taken: the same activity, however often."""
        while True:
            try:
                async with self.bot.http.post(f"{self.gateway.url}/api/messages", json=activity) as answer:
                    if answer.status < 300:
                        return
                    assert answer.status in (429, 503), f"{answer.status}: {await answer.text()}"
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.05)

    async def asks(self, **inputs):
        """Asks for a person."""
        await self.post(self.activity("event", name="startConversation", value=inputs))

    async def started(self):
        """The result of the start: the status, and the room's id."""
        result = await self.gets("the start's result", lambda a: a["type"] == "endOfConversation" and a.get("name") == "startConversation")
        return result["value"]["Status"], result["value"].get("LiveChatConversationId")

    async def says(self, text, **more):
        await self.post(self.activity("message", text=text, **more))

    async def types(self):
        await self.post(self.activity("typing"))

    async def leaves(self, live):
        await self.post(self.activity("event", name="endConversation", value={"LiveChatConversationId": live}))

    def shown(self):
        """All texts, in their order."""
        return [activity.get("text", "") for activity in self.bot.about(self.conversation) if activity["type"] == "message"]

    def returned(self):
        """How often control came back to the bot."""
        ends = [a for a in self.bot.about(self.conversation) if a["type"] == "endOfConversation"]
        return len([end for end in ends if end.get("name") == "sendMessage"])

    async def gets(self, what, holds):
        def look():
            return next((activity for activity in self.bot.about(self.conversation) if holds(activity)), None)

        try:
            return await eventually(what, look)
        except AssertionError as error:
            raise AssertionError(f"{error}; so far: {[(a['type'], a.get('text')) for a in self.bot.about(self.conversation)]}") from None

    async def is_shown(self, text):
        return await self.gets(f"the customer is shown {text!r}", lambda a: a["type"] == "message" and text in a.get("text", ""))
