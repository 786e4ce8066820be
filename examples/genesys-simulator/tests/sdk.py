#!/usr/bin/env python3
"""Drives a running simulator with Genesys' own Python SDK: a third reading of the documentation.

    pip install PureCloudPlatformClientV2==269.0.0
    genesys-simulator --webhook-url "" &
    python3 tests/sdk.py http://127.0.0.1:5040
"""
import base64
import datetime
import json
import sys
import urllib.request

import PureCloudPlatformClientV2 as genesys

INTEGRATION = "4b8fbf37-1c5e-4e7b-9f10-6d2a1f0c3e55"
CLIENT = b"8d1c7e52-58a4-4f0c-9c8e-000000000001:simulated-client-secret"

base = sys.argv[1]
# The SDK's own call goes to `login.REGION`, which a simulator on one address cannot be.
request = urllib.request.Request(
    base + "/oauth/token",
    data=b"grant_type=client_credentials",
    headers={"Authorization": "Basic " + base64.b64encode(CLIENT).decode()},
)
genesys.configuration.host = base
genesys.configuration.access_token = json.load(urllib.request.urlopen(request))["access_token"]
api = genesys.ConversationsApi()

customer = genesys.OpenMessagingFromRecipient()
customer.id, customer.id_type, customer.nickname = "sdk", "Opaque", "Jane"
message = genesys.OpenInboundNormalizedMessage()
message.channel = genesys.OpenInboundMessageMessagingChannel()
message.channel.pcFrom, message.channel.message_id = customer, "sdk-1"
message.channel.time = datetime.datetime.now(datetime.timezone.utc)
message.text = "Hello from the SDK"
sent = api.post_conversations_message_inbound_open_message(INTEGRATION, message, prefetch_conversation_id=True)
assert (sent.type, sent.text, sent.channel.pcFrom.id) == ("Text", message.text, "sdk"), sent

people = api.get_conversations_message(sent.conversation_id).participants
assert [one.purpose for one in people] == ["customer", "workflow", "acd"], people
ids = [one.message_id for one in people[0].messages]
listing = api.post_conversations_message_messages_bulk(sent.conversation_id, body=ids)
assert listing.entities[0].normalized_message.channel.message_id == "sdk-1", listing

typing = genesys.OpenInboundNormalizedEvent()
typing.channel = genesys.OpenInboundMessagingChannel()
typing.channel.pcFrom, typing.channel.time = customer, message.channel.time
typing.events = [genesys.OpenEvent()]
typing.events[0].event_type = "Typing"
assert api.post_conversations_message_inbound_open_event(INTEGRATION, typing).type == "Event"

gone = genesys.MediaParticipantRequest()
gone.state = "disconnected"
api.patch_conversations_message_participant(sent.conversation_id, people[0].id, body=gone)
people = api.get_conversations_message(sent.conversation_id).participants
assert {one.state for one in people} == {"disconnected"}, people
print("the SDK and the simulator understand each other")
