"""Everything together: Synapse, the gateway with the connector, the bot's side."""

import importlib.util
import shutil
import sys
import tempfile
from contextlib import AsyncExitStack, redirect_stdout
from pathlib import Path

from bot import Bot, Customer
from gateway import Gateway
from patience import free_port, tail
from synapse import NAME, Synapse
from wire import Wire

CONNECTOR = Path(__file__).parents[2] / "connectors" / "matrix"


def registration(folder, url):
    """By the very script that integrators use."""
    spec = importlib.util.spec_from_file_location("registration", CONNECTOR / "registration.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    arguments, sys.argv = sys.argv, ["registration.py", "--url", url, "--out", str(folder)]
    try:
        with redirect_stdout(None):
            script.main()
    finally:
        sys.argv = arguments
    return folder / "registration.yaml"


class House:
    """`agents` are invited to each room; `settings` are further lines of the connector's."""

    def __init__(self, agents, settings=""):
        self.agents, self.settings = agents, settings

    async def __aenter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="handover-matrix-"))
        self.synapse = Synapse(self.folder / "synapse")
        self.gateway = Gateway(self.folder / "gateway")
        self.stack = AsyncExitStack()
        try:
            self.wire = await self.stack.enter_async_context(Wire(self.gateway, free_port()))
            file = registration(self.folder / "tokens", self.wire.url)
            self.synapse.configure(file)
            invited = ", ".join(f'"@{name}:{NAME}"' for name in self.agents)
            self.gateway.configure(
                self.synapse.url, NAME, self.folder / "tokens", f"agents = [{invited}]\n{self.settings}"
            )
            self.bot = await self.stack.enter_async_context(Bot())
            await self.synapse.start()
            await self.gateway.start()
        except BaseException as error:
            await self.__aexit__(type(error), error, None)
            raise
        return self

    async def __aexit__(self, kind, *_):
        await self.stack.aclose()
        self.gateway.kill()
        self.synapse.kill()
        if kind is not None:
            print(f"\n--- the gateway's last words\n{tail(self.gateway.log)}\n--- Synapse's\n{tail(self.synapse.log, 15)}\n---")
        shutil.rmtree(self.folder, ignore_errors=True)

    def customer(self, name):
        return Customer(self.bot, self.gateway, name)

    def token(self, name):
        return (self.folder / "tokens" / name).read_text()

    async def ask(self, method, path, body=None, token=None):
        """A request to the homeserver, as the application service or as whose token it is: status and answer."""
        headers = {"authorization": f"Bearer {token or self.token('as_token')}"}
        async with self.bot.http.request(method, f"{self.synapse.url}/_matrix/{path}", json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def called(self, method, path, token=None, body=None):
        """A request to the gateway as the homeserver makes it: status and answer."""
        headers = {"authorization": f"Bearer {token or self.token('hs_token')}"}
        async with self.bot.http.request(method, f"{self.gateway.mount}/_matrix/app/v1/{path}", json=body, headers=headers) as answer:
            return answer.status, await answer.json()
