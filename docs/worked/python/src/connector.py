"""The Acme connector: what the gateway calls, one class per interface of wit/acme.wit.

Acme shows no typing and no receipts: no `Signals`.
"""

from wit_world import exports
from wit_world.exports.callback import Mapped, Request
from wit_world.exports.descriptor import Description
from wit_world.exports.handoff import NewSession, Sent, StartOutcome
from wit_world.imports.types import Context, EndReason, Message, Session, Update

import description
import from_vendor
import to_vendor


class Descriptor(exports.Descriptor):
    def describe(self) -> Description:
        return description.describe()


class Handoff(exports.Handoff):
    def start(self, context: Context, session: NewSession) -> StartOutcome:
        return to_vendor.start(session)

    def send(self, context: Context, session: Session, message: Message) -> Sent:
        return to_vendor.send(session, message)

    def end(self, context: Context, session: Session, reason: EndReason) -> Update:
        return to_vendor.end(session)


class Callback(exports.Callback):
    def map(self, context: Context, request: Request) -> Mapped:
        return from_vendor.map(request)
