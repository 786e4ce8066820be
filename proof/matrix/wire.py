"""Between the homeserver and the gateway: passes every request on as it is, and keeps a record."""

import json

import aiohttp
from aiohttp import web

from patience import eventually


class Wire:
    def __init__(self, gateway, port):
        self.gateway, self.port = gateway, port
        self.url = f"http://127.0.0.1:{port}"
        self.transactions = []

    async def __aenter__(self):
        self.http = aiohttp.ClientSession(auto_decompress=False)
        app = web.Application(client_max_size=64 << 20)
        app.router.add_route("*", "/{path:.*}", self.carry)
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", self.port).start()
        return self

    async def __aexit__(self, *_):
        await self.http.close()
        await self.runner.cleanup()

    async def carry(self, request):
        body = await request.read()
        headers = {name: value for name, value in request.headers.items() if name.lower() not in ("host", "content-length", "connection")}
        url = f"{self.gateway.mount}{request.raw_path}"
        try:
            async with self.http.request(request.method, url, data=body, headers=headers) as answer:
                status, said, kind = answer.status, await answer.read(), answer.content_type
        except aiohttp.ClientError:
            status, said, kind = 502, b"{}", "application/json"
        if "/transactions/" in request.path:
            self.transactions.append((request.path.rsplit("/", 1)[1], json.loads(body), status))
        return web.Response(status=status, body=said, content_type=kind)

    def passing(self, kind, name="ephemeral"):
        """What passed of a kind of ephemeral event, under this name of the specification's or the draft's."""
        return [event for _, body, _ in self.transactions for event in body.get(name, []) if event["type"] == kind]

    def events(self, room):
        return [event for _, body, status in self.transactions if status == 200 for event in body["events"] if event["room_id"] == room]

    async def passed(self, event):
        """Until the gateway has taken this event."""
        def look():
            return any(one["event_id"] == event for _, body, status in self.transactions if status == 200 for one in body["events"])

        await eventually(f"the gateway has taken {event}", look)
