"""Holds recorded requests against Zendesk's own client: first it must bite, then all of them must be as it says."""

import collections
import json
import sys

from operations import OPERATIONS

# A file behind an address that Zendesk gave: no operation of the API.
FILES = "media"

TEXT = {"type": "text", "text": "Hi"}
USER = {"type": "user", "userId": "u"}

# What must be refused, at least one for each operation: its name, the body, the query.
WRONG = [
    ("CreateUser", {"externalId": 5}, []),
    ("CreateUser", {"profile": {"givenName": "x" * 129}}, []),
    ("CreateUser", {"profile": {"nickname": "J"}}, []),
    ("GetUser", None, [["name", "J"]]),
    ("CreateConversation", {"participants": []}, []),
    ("CreateConversation", {"type": "group"}, []),
    ("CreateConversation", {"type": "personal", "participants": [{"name": "J"}]}, []),
    ("ListConversations", None, []),
    ("ListConversations", None, [["filter[user]", "u"]]),
    ("ListConversations", None, [["filter[userId]", "u"], ["page[size]", "101"]]),
    ("PostMessage", {"content": TEXT}, []),
    ("PostMessage", {"author": USER}, []),
    ("PostMessage", {"author": {"type": "robot"}, "content": TEXT}, []),
    ("PostMessage", {"author": USER, "content": {"text": "no type"}}, []),
    ("PostMessage", {"author": USER, "content": {"type": "text", "text": "x" * 4097}}, []),
    ("PostMessage", {"author": USER, "content": {"type": "file", "altText": "no address"}}, []),
    ("PostMessage", {"author": USER, "content": TEXT, "meta": {}}, []),
    ("ListMessages", None, [["page[after]", "no id"]]),
    ("ListMessages", None, [["limit", "5"]]),
    ("PassControl", {"metadata": {}}, []),
    ("PassControl", {"switchboardIntegration": "next", "reason": "none"}, []),
    ("OfferControl", {"switchboardIntegration": 5}, []),
    ("OfferControl", {}, []),
    ("ReleaseControl", {"metadata": "text"}, []),
    ("ReleaseControl", {"switchboardIntegration": "next"}, []),
    ("UploadAttachment", None, [["for", "message"]]),
    ("UploadAttachment", None, [["access", "public"], ["conversation", "c"]]),
]


def main(path):
    by_name = {operation.name: operation for operation in OPERATIONS}
    failures = [f"takes what is wrong: {name} {body} {query}" for name, body, query in WRONG if takes(by_name[name], body, query)]
    failures += [f"nothing wrong was tried: {name}" for name in by_name if not any(one[0] == name for one in WRONG)]

    counts, files = collections.Counter(), 0
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            request = json.loads(line)
            if request["operation"] == FILES:
                files += 1
                continue
            operation = next((one for one in OPERATIONS if one.is_of(request)), None)
            if operation is None:
                failures.append(f"no operation: {request['method']} {request['path']}")
                continue
            counts[operation.name] += 1
            try:
                operation.check(request)
            except Exception as error:  # noqa: BLE001 -- the client raises what it likes; all of it is a refusal
                failures.append(f"{operation.name} in {request['cell']!r}: {error}")
    failures += [f"never made: {name}" for name in by_name if not counts[name]]

    told = ", ".join(f"{name} {counts[name]}" for name in sorted(counts))
    print(f"{sum(counts.values())} requests held against Zendesk's client: {told}")
    print(f"besides {files} of files, which are no operations of it; {len(WRONG)} wrong ones were tried")
    for failure in failures[:50]:
        print(f"FAILED  {failure}")
    if failures:
        print(f"{len(failures)} failures")
    return 1 if failures else 0


def takes(operation, body, query):
    try:
        operation.check({"body": body, "query": query})
    except Exception:  # noqa: BLE001 -- see above
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
