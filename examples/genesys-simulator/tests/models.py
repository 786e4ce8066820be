#!/usr/bin/env python3
"""Writes src/models.json: the fields, types and enumerations of Genesys' own Python SDK.

    pip download --no-deps PureCloudPlatformClientV2==269.0.0 && unzip *.whl -d sdk
    python3 tests/models.py sdk > src/models.json
"""
import json
import pathlib
import re
import sys

MODELS = """
OpenInboundNormalizedMessage OpenInboundMessageMessagingChannel OpenMessagingFromRecipient OpenMessagingToRecipient
OpenInboundMessageContent OpenContentAttachment OpenContentThumbnail OpenInboundNormalizedEvent
OpenInboundMessagingChannel OpenEvent OpenInboundNormalizedReceipt OpenInboundMessagingReceiptChannel
ConversationReason OpenInboundStructuredResponseMessage ContentButtonResponse MediaParticipantRequest
OpenMessageNormalizedMessage OpenEventNormalizedMessage OpenReceiptNormalizedMessage OpenMessagingChannel
OpenMessageContent OpenMessageEvent ConversationEventTyping ConversationContentAttachment
MessageConversation MessageMediaParticipant MessageDetails DomainEntityRef TextMessageListing MessageData
ConversationNormalizedMessage ConversationMessagingChannel ErrorBody
""".split()


def model(source):
    types, rest = source.split("self.attribute_map", 1)
    types = dict(re.findall(r"'(\w+)': '([^']+)'", types.split("swagger_types", 1)[1]))
    names = dict(re.findall(r"'(\w+)': '([^']+)'", rest.split("}", 1)[0]))
    fields = {}
    for field, kind in types.items():
        setter = source.split(f"@{field}.setter", 1)[-1].split("@property", 1)[0]
        allowed = re.search(r"allowed_values = (\[.*?\])", setter)
        fields[names[field]] = {"type": kind} | ({"enum": json.loads(allowed[1])} if allowed else {})
    return fields


folder = pathlib.Path(sys.argv[1]) / "PureCloudPlatformClientV2" / "models"
found = {}
for path in folder.glob("*.py"):
    source = path.read_text()
    name = re.search(r"^class (\w+)\(", source, re.M)
    if name and name[1] in MODELS:
        found[name[1]] = model(source)
missing = set(MODELS) - set(found)
assert not missing, missing
json.dump({name: found[name] for name in MODELS}, sys.stdout, indent=1)
print()
