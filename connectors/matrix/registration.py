#!/usr/bin/env python3
"""Writes the registration file that makes this connector an application service of a homeserver.

Needs nothing but Python. The two tokens are made here, and written beside the registration for the gateway to read:

    python3 registration.py --url https://handover.example/api/callbacks/matrix --out /etc/matrix-synapse/handover
"""

import argparse
import json
import os
import re
import secrets
from pathlib import Path


def registration(url, prefix, name, as_token, hs_token):
    """The file as a mapping. Every string is written as JSON, which is YAML as well."""
    return {
        "id": name,
        "url": url.rstrip("/"),
        "as_token": as_token,
        "hs_token": hs_token,
        "sender_localpart": f"{prefix}bot",
        "rate_limited": False,
        "namespaces": {
            "users": [{"exclusive": True, "regex": f"@{re.escape(prefix)}.*"}],
            "aliases": [{"exclusive": True, "regex": f"#{re.escape(prefix)}.*"}],
            "rooms": [],
        },
        # Typing and receipts; older homeservers know the second name only.
        "receive_ephemeral": True,
        "de.sorunome.msc2409.push_ephemeral": True,
        # Ghosts have devices, so that the homeserver knows a repeated message again after its own restart.
        "io.element.msc4190": True,
    }


def yaml(mapping):
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in mapping.items())


def write(path, text):
    """Only the owner may read it; the homeserver's user needs leave as well."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True, help="the connector's callback mount, as the homeserver reaches it")
    parser.add_argument("--out", type=Path, default=Path("."), help="the folder to write to (default: here)")
    parser.add_argument("--id", default="handover", help="the application service's name (default: handover)")
    parser.add_argument("--prefix", default="_handover_", help="the setting `prefix` (default: _handover_)")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    as_token, hs_token = secrets.token_urlsafe(48), secrets.token_urlsafe(48)
    made = registration(options.url, options.prefix, options.id, as_token, hs_token)
    write(options.out / "registration.yaml", yaml(made))
    write(options.out / "as_token", as_token)
    write(options.out / "hs_token", hs_token)
    print(f"wrote registration.yaml, as_token and hs_token to {options.out}")


if __name__ == "__main__":
    main()
