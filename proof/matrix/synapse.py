"""A Synapse of its own: configured, started, killed, started again."""

import hashlib
import hmac
import json
import sqlite3
import subprocess
import sys

import aiohttp

from patience import eventually, free_port, tail

NAME = "handover.test"

CONFIG = {
    "server_name": NAME,
    "report_stats": False,
    "trusted_key_servers": [],
    "suppress_key_server_warning": True,
    "registration_shared_secret": "of the proof alone",
    "macaroon_secret_key": "of the proof alone as well",
    "enable_registration": False,
    "presence": {"enabled": True},
    # The agents write as fast as they can.
    **{
        limit: {"per_second": 10_000, "burst_count": 10_000}
        for limit in ("rc_message", "rc_registration", "rc_admin_redaction", "rc_room_creation", "rc_presence")
    },
    "rc_login": {kind: {"per_second": 1_000, "burst_count": 1_000} for kind in ("address", "account", "failed_attempts")},
    "rc_joins": {kind: {"per_second": 1_000, "burst_count": 1_000} for kind in ("local", "remote")},
    "rc_invites": {kind: {"per_second": 1_000, "burst_count": 1_000} for kind in ("per_room", "per_user", "per_issuer")},
}

LOGGING = """
version: 1
formatters: {plain: {format: '%(asctime)s %(name)s %(levelname)s %(message)s'}}
handlers: {console: {class: logging.StreamHandler, formatter: plain}}
root: {level: WARNING, handlers: [console]}
loggers: {synapse.storage.SQL: {level: WARNING}}
"""


class Synapse:
    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "synapse.log"
        self.process = None

    def configure(self, registration):
        """Writes its configuration, with this application service."""
        config = {
            **CONFIG,
            "pid_file": str(self.folder / "pid"),
            "signing_key_path": str(self.folder / "signing.key"),
            "media_store_path": str(self.folder / "media"),
            "log_config": str(self.folder / "logging.yaml"),
            "database": {"name": "sqlite3", "args": {"database": str(self.folder / "homeserver.db")}},
            "app_service_config_files": [str(registration)],
            "listeners": [
                {
                    "port": self.port,
                    "bind_addresses": ["127.0.0.1"],
                    "type": "http",
                    "resources": [{"names": ["client", "media"]}],
                }
            ],
        }
        (self.folder / "logging.yaml").write_text(LOGGING)
        # JSON is YAML.
        (self.folder / "homeserver.yaml").write_text(json.dumps(config, indent=1))
        subprocess.run([*self.command(), "--generate-keys"], cwd=self.folder, check=True, capture_output=True)

    def command(self):
        return [sys.executable, "-m", "synapse.app.homeserver", "--config-path", str(self.folder / "homeserver.yaml")]

    async def start(self):
        """It serves when this returns."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command(), cwd=self.folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        async with aiohttp.ClientSession() as http:

            async def serves():
                if self.process.poll() is not None:
                    raise AssertionError(f"Synapse ended by itself:\n{tail(self.log)}")
                try:
                    async with http.get(f"{self.url}/_matrix/client/versions") as answer:
                        return answer.status == 200
                except aiohttp.ClientError:
                    return False

            await eventually("Synapse serves", serves)

    def kill(self):
        """As `kill -9` does: it gets to do nothing any more."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    async def register(self, user, password):
        """By the admin API; the user's id."""
        path = f"{self.url}/_synapse/admin/v1/register"
        async with aiohttp.ClientSession() as http:
            async with http.get(path) as answer:
                nonce = (await answer.json())["nonce"]
            said = b"\x00".join([nonce.encode(), user.encode(), password.encode(), b"notadmin"])
            mac = hmac.new(CONFIG["registration_shared_secret"].encode(), said, hashlib.sha1).hexdigest()
            body = {"nonce": nonce, "username": user, "password": password, "admin": False, "mac": mac, "displayname": user.title()}
            async with http.post(path, json=body) as answer:
                assert answer.status == 200, await answer.text()
                return (await answer.json())["user_id"]

    def ask(self, query, *values):
        """Rows of its database."""
        with sqlite3.connect(f"file:{self.folder}/homeserver.db?mode=ro", uri=True) as database:
            return database.execute(query, values).fetchall()
