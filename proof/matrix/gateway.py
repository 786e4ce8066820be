"""The gateway as a process, with the Matrix connector dropped in."""

import os
import shutil
import subprocess
from pathlib import Path

from patience import eventually, free_port, tail

CONFIG = """
[routing]
default = "matrix"

[timing]
fresh_seconds = 600

[limits]
caller_per_second = 1000000
connector_per_second = 1000000
conversation_per_10_seconds = 1000000

[connectors.matrix.upstreams.homeserver]
base_url = "{homeserver}"

[connectors.matrix.credentials]
as_token = {{ kind = "bearer", token = "file:{tokens}/as_token" }}
hs_token = {{ kind = "key", value = "file:{tokens}/hs_token" }}

[connectors.matrix.settings]
server_name = "{server_name}"
"""


class Gateway:
    def __init__(self, folder):
        self.folder = folder
        (folder / "connectors").mkdir(parents=True)
        self.port, self.admin = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.mount = f"{self.url}/api/callbacks/matrix"
        self.log = folder / "gateway.log"
        self.process = None

    def configure(self, homeserver, server_name, tokens, settings=""):
        component = Path(os.environ["HANDOVER_CONNECTORS"]) / "matrix.wasm"
        shutil.copy(component, self.folder / "connectors")
        config = CONFIG.format(homeserver=homeserver, server_name=server_name, tokens=tokens)
        (self.folder / "handover.toml").write_text(config + settings)
        # Compiled once for all runs.
        compiled = Path(os.environ["HANDOVER_COMPILED"])
        if compiled.is_dir():
            shutil.copytree(compiled, self.folder / "data" / "compiled")

    async def start(self):
        command = [
            os.environ["HANDOVER_BIN"], "serve", "--local", "--config", "handover.toml", "--data", "data",
            "--connectors", "connectors", "--listen", f"127.0.0.1:{self.port}", "--admin-addr", f"127.0.0.1:{self.admin}",
        ]  # fmt: skip
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env={**os.environ, "NO_COLOR": "1"}
            )

        def serves():
            if self.process.poll() is not None:
                raise AssertionError(f"the gateway ended by itself:\n{tail(self.log)}")
            said = self.log.read_text(errors="replace")
            if "rejected" in said:
                raise AssertionError(f"the gateway takes no connector:\n{tail(self.log)}")
            return " listens on " in said

        await eventually("the gateway serves", serves)
        compiled, ours = Path(os.environ["HANDOVER_COMPILED"]), self.folder / "data" / "compiled"
        if ours.is_dir():
            # Another component than the last time's is added.
            shutil.copytree(ours, compiled, dirs_exist_ok=True)

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
