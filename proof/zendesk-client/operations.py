"""The operations of the Conversations API that the connector uses, each with what Zendesk's client says of its request."""

import re

from pydantic import ConfigDict, StrictStr, create_model
from sunshine_conversations_client.model.conversation_create_body import ConversationCreateBody
from sunshine_conversations_client.model.conversation_list_filter import ConversationListFilter
from sunshine_conversations_client.model.message_post import MessagePost
from sunshine_conversations_client.model.offer_control_body import OfferControlBody
from sunshine_conversations_client.model.page import Page
from sunshine_conversations_client.model.pass_control_body import PassControlBody
from sunshine_conversations_client.model.release_control_body import ReleaseControlBody
from sunshine_conversations_client.model.user_create_body import UserCreateBody

# `AttachmentsApi.upload_attachment` takes them one by one; its form is the simulator's to check.
UploadQuery = create_model(
    "UploadQuery",
    __config__=ConfigDict(extra="forbid"),
    access=(StrictStr, ...),
    **{"for": (StrictStr, None), "conversationId": (StrictStr, None)},
)


class Wrong(Exception):
    """A request is not as the client has it."""


class Operation:
    """One operation: `body` is the model of its body, `query` are those of its parameters `name[member]`, and `plain`
    is the model of all others."""

    def __init__(self, name, method, path, body=None, query=None, plain=None, form=False):
        self.name, self.method = name, method
        self.path = re.compile(".*/v2/apps/[^/]+" + re.sub(r"{\w+}", "[^/]+", path))
        self.body, self.query, self.plain, self.form = body, query or {}, plain, form

    def is_of(self, request):
        return request["method"] == self.method and self.path.fullmatch(request["path"])

    def check(self, request):
        """Raises where something is wrong with it."""
        self._check_query(request["query"])
        if self.form:
            return
        if self.body:
            same(self.body, request["body"] if request["body"] is not None else {})
        elif request["body"] is not None:
            raise Wrong("there is a body")

    def _check_query(self, pairs):
        objects, plain = {}, {}
        for name, value in pairs:
            member = re.fullmatch(r"(\w+)\[(\w+)\]", name)
            if member and member[1] in self.query:
                number = (member[1], member[2]) == ("page", "size") and value.isdigit()
                objects.setdefault(member[1], {})[member[2]] = int(value) if number else value
            elif self.plain:
                plain[name] = value
            else:
                raise Wrong(f"there is no parameter {name}")
        for name, value in objects.items():
            same(self.query[name], value)
        if self.query.get("filter") and "filter" not in objects:
            raise Wrong("filter is missing")
        if self.plain:
            self.plain.model_validate(plain)


def same(model, value):
    """Reads it by the model, strictly; what the model does not know would be missing when it writes it again."""
    read = model.from_dict(value)
    if read is None:
        raise Wrong(f"{model.__name__} reads nothing")
    written = without_nulls(read.to_dict())
    if written != without_nulls(value):
        raise Wrong(f"{model.__name__} has it otherwise: {written}")


def without_nulls(value):
    """What is null is as good as not there."""
    if isinstance(value, dict):
        return {name: without_nulls(inner) for name, inner in value.items() if inner is not None}
    return [without_nulls(inner) for inner in value] if isinstance(value, list) else value


CONVERSATION = "/conversations/{conversationId}"

OPERATIONS = [
    Operation("CreateUser", "POST", "/users", body=UserCreateBody),
    Operation("GetUser", "GET", "/users/{userIdOrExternalId}"),
    Operation("CreateConversation", "POST", "/conversations", body=ConversationCreateBody),
    Operation(
        "ListConversations", "GET", "/conversations", query={"page": Page, "filter": ConversationListFilter}
    ),
    Operation("PostMessage", "POST", CONVERSATION + "/messages", body=MessagePost),
    Operation("ListMessages", "GET", CONVERSATION + "/messages", query={"page": Page}),
    Operation("PassControl", "POST", CONVERSATION + "/passControl", body=PassControlBody),
    Operation("OfferControl", "POST", CONVERSATION + "/offerControl", body=OfferControlBody),
    Operation("ReleaseControl", "POST", CONVERSATION + "/releaseControl", body=ReleaseControlBody),
    Operation("UploadAttachment", "POST", "/attachments", plain=UploadQuery, form=True),
]
