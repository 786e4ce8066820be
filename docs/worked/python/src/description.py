"""What the connector is, and what it asks for."""

import json

from wit_world.exports.descriptor import (
    AttachmentMode,
    CallbackRoute,
    Credential,
    CredentialKind,
    Description,
    Digest,
    Encoding,
    HmacSignature,
    Limits,
    SignedContent,
    TextUnit,
    Upstream,
    Verification_Hmac,
)
from wit_world.imports.types import TextFormat

SIGNATURE = HmacSignature(
    credential="webhook",
    digest=Digest.SHA256,
    encoding=Encoding.BASE64,
    header="x-acme-signature",
    prefix="",
    content=SignedContent.BODY,
    timestamp_header=None,
    opening="",
    separator="",
    tolerance=0,
)
"""Base64 of the HMAC-SHA256 of the body, with no time in it."""

OAUTH = CredentialKind.OAUTH2_CLIENT_CREDENTIALS


def describe() -> Description:
    return Description(
        name="acme",
        version="1.0.0",
        vendor="Acme Desk",
        config_schema=json.dumps({"type": "object", "additionalProperties": False, "properties": {}}),
        credentials=[
            Credential("api", [OAUTH], True, "Settings, Apps, Client"),
            Credential("webhook", [CredentialKind.KEY], True, "Settings, Webhooks, Signing key"),
        ],
        upstreams=[
            Upstream(
                name="api",
                default_base_url="https://api.acme.example/v3",
                further_hosts=[],
                credential="api",  # The gateway fetches tokens and adds them.
                help="Acme's API",
            )
        ],
        callbacks=[CallbackRoute(path="", methods=["POST"], verification=[Verification_Hmac(SIGNATURE)])],
        limits=Limits(
            text_length=2000,  # Longer ones come as several messages, each with an id of its own.
            text_unit=TextUnit.CHARACTERS,
            text_formats=[TextFormat.PLAIN],
            attachments=AttachmentMode.NONE,
            attachment_size=None,
            attachment_types=[],
        ),
        state_schema=1,
    )
