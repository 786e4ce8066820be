"""What the connector is, and what it asks for. Read once, when the file is dropped in."""

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
    Verification_None_,
)
from wit_world.imports.types import TextFormat

API = "api"
"""The upstream that requests go to; the operator's configuration says where it is."""

WEBHOOK = "webhook"
"""The key that the live chat signs its webhook with. Its value stays in the gateway."""

SETTINGS = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "agent_name": {
            "type": "string",
            "minLength": 1,
            "description": "Who a message is from where the live chat names no sender",
            "default": "Contoso Support",
        }
    },
}
"""JSON Schema of what the operator may set; `context.settings` has been checked against it."""

SIGNATURE = HmacSignature(
    credential=WEBHOOK,
    digest=Digest.SHA256,
    encoding=Encoding.HEX,
    header="x-contoso-signature",
    prefix="sha256=",
    content=SignedContent.TIMESTAMP_AND_BODY,
    timestamp_header="x-contoso-timestamp",
    opening="",
    separator=".",
    tolerance=300,
)


def describe() -> Description:
    return Description(
        name="contoso",
        version="1.0.0",
        vendor="Contoso Live Chat",
        config_schema=json.dumps(SETTINGS),
        credentials=[
            Credential(API, [CredentialKind.BEARER], False, "The live chat's API key, where it has one"),
            Credential(WEBHOOK, [CredentialKind.KEY], False, "The live chat's webhook secret, where it has one"),
        ],
        upstreams=[
            Upstream(
                name=API,
                default_base_url="http://127.0.0.1:5000",
                further_hosts=[],
                credential=API,  # The gateway adds it to each request; this code never sees it.
                help="The address of the Contoso live chat",
            )
        ],
        callbacks=[
            CallbackRoute(
                path="",
                methods=["POST"],
                # The gateway checks the signature before `map` is called. The operator may say that there is none.
                verification=[Verification_Hmac(SIGNATURE), Verification_None_()],
            )
        ],
        limits=Limits(
            text_length=None,
            text_unit=TextUnit.CHARACTERS,
            text_formats=[TextFormat.MARKDOWN, TextFormat.PLAIN],
            attachments=AttachmentMode.BY_URL,
            attachment_size=None,
            attachment_types=[],
        ),
        state_schema=1,
    )
