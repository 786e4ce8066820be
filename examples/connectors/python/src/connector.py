"""The Contoso connector in Python: what the gateway calls, one class per interface of wit/contoso.wit.

A connector keeps nothing between calls: what has to be remembered is returned as `state` and comes back with the next
call as `session.state`; Contoso needs none.

`wit_world` is made from the WIT by componentize-py (`make bindings` writes it out, for editors and for mypy): records are
dataclasses, an `option` is a value or None, each case of a `variant` is a class, and a `result` is returned, or raised
as `Err`.
"""

from wit_world import exports
from wit_world.exports.callback import Mapped, Request
from wit_world.exports.descriptor import Description
from wit_world.exports.handoff import NewSession, Sent, StartOutcome
from wit_world.exports.signals import Receipt
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
        return to_vendor.end(session, reason)


class Callback(exports.Callback):
    def map(self, context: Context, request: Request) -> Mapped:
        return from_vendor.map(context, request)


class Signals(exports.Signals):
    def typing(self, context: Context, session: Session, on: bool) -> None:
        to_vendor.typing(session, on)

    def report(self, context: Context, session: Session, receipt: Receipt) -> None:
        to_vendor.report(session, receipt)
