"""Makes vectors.json: signed requests, signed by the vendors' own packages or by Python's, never by this project."""

import base64
import datetime
import hashlib
import hmac
import json
import pathlib
import urllib.parse

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from sns_message_validator import SNSMessageValidator
from standardwebhooks.webhooks import Webhook
from twilio.request_validator import RequestValidator

vectors = []
NOW = 1_795_408_200  # 2026-11-23T04:30:00Z
STAMP = "2026-11-23T04:30:00Z"
BODY = '{"event":"message_created","text":"Grüße, how can I help?"}'
SECRET = "made-up-secret-for-tests-only"


def add(name, by, scheme, keys, headers, body, url="https://handover.example/api/callbacks/x", now_s=NOW, key=0):
    body = body if isinstance(body, bytes) else body.encode()
    vectors.append({
        "name": name, "by": by, "scheme": scheme, "keys": keys, "url": url, "headers": headers,
        "body": base64.b64encode(body).decode(), "now_ms": now_s * 1000, "key": key,
    })


# --- keyed hashes ---------------------------------------------------------------------------------------------------
def mac(digest, key, content):
    return hmac.new(key.encode(), content, digest).digest()


def hmac_scheme(digest, encoding, header, prefix="", stamp=None, form="rfc3339", opening="", separator=""):
    content = "body"
    if stamp:
        content = {"header": stamp, "format": form, "opening": opening, "separator": separator}
    return {"kind": "hmac", "digest": digest, "encoding": encoding, "header": header, "prefix": prefix,
            "content": content}


raw = BODY.encode()
b64 = lambda data: base64.b64encode(data).decode()
add("github", "published: GitHub Docs, Validating webhook deliveries",
    hmac_scheme("sha256", "hex", "X-Hub-Signature-256", "sha256="), ["It's a Secret to Everybody"],
    [["X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"]],
    "Hello, World!")
slack_body = (
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
    "&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
    "&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c")
add("opening-before-the-timestamp", "published: Slack, Verifying requests (Zoom's rule is the same)",
    hmac_scheme("sha256", "hex", "X-Slack-Signature", "v0=", "X-Slack-Request-Timestamp", "seconds", "v0:", ":"),
    ["8f742231b10e8888abcd99yyyzzz85a5"],
    [["X-Slack-Signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"],
     ["X-Slack-Request-Timestamp", "1531420618"]], slack_body, now_s=1531420618)
add("genesys", "python hmac", hmac_scheme("sha256", "base64", "X-Hub-Signature-256", "sha256="), [SECRET],
    [["X-Hub-Signature-256", "sha256=" + b64(mac("sha256", SECRET, raw))]], raw)
add("intercom", "python hmac", hmac_scheme("sha1", "hex", "X-Hub-Signature", "sha1="), [SECRET],
    [["x-hub-signature", "sha1=" + mac("sha1", SECRET, raw).hex()]], raw)
add("liveperson", "python hmac", hmac_scheme("sha1", "base64", "x-liveperson-signature", "sha1="), [SECRET],
    [["X-LivePerson-Signature", "sha1=" + b64(mac("sha1", SECRET, raw))]], raw)
add("sha512-upper-case-hex", "python hmac", hmac_scheme("sha512", "hex", "X-Signature"), [SECRET],
    [["X-Signature", mac("sha512", SECRET, raw).hex().upper()]], raw)
odd = bytes(range(256)) * 3
add("any-bytes-url-safe-unpadded", "python hmac", hmac_scheme("sha256", "base64", "X-Signature"), [SECRET],
    [["X-Signature", base64.urlsafe_b64encode(mac("sha256", SECRET, odd)).decode().rstrip("=")]], odd)
add("second-key", "python hmac", hmac_scheme("sha256", "hex", "X-Signature"), ["made-up-new-secret", SECRET],
    [["X-Signature", mac("sha256", SECRET, raw).hex()]], raw, key=1)
for name, body in [("zendesk", raw), ("zendesk-without-body", b"")]:
    add(name, "python hmac", hmac_scheme("sha256", "base64", "X-Zendesk-Webhook-Signature", "",
                                         "X-Zendesk-Webhook-Signature-Timestamp"), [SECRET],
        [["X-Zendesk-Webhook-Signature", b64(mac("sha256", SECRET, STAMP.encode() + body))],
         ["X-Zendesk-Webhook-Signature-Timestamp", STAMP]], body)
for name, form, stamp in [("chatwoot", "seconds", NOW), ("milliseconds", "milliseconds", NOW * 1000 + 250),
                          ("any-seconds", "any", NOW), ("any-milliseconds", "any", NOW * 1000),
                          ("any-rfc3339", "any", "2026-11-23T05:30:00.5+01:00")]:
    add(name, "python hmac",
        hmac_scheme("sha256", "hex", "X-Chatwoot-Signature", "sha256=", "X-Chatwoot-Timestamp", form, "", "."),
        [SECRET],
        [["X-Chatwoot-Signature", "sha256=" + mac("sha256", SECRET, f"{stamp}.".encode() + raw).hex()],
         ["X-Chatwoot-Timestamp", str(stamp)]], raw)

# --- Twilio ---------------------------------------------------------------------------------------------------------
class Fields(dict):
    """As web frameworks hand over a form whose fields repeat."""

    def getall(self, name):
        return self[name] if isinstance(self[name], list) else [self[name]]


def twilio(name, url, fields, token=SECRET, signed_url=None, by="twilio.RequestValidator", given=None, digest="sha1"):
    body = urllib.parse.urlencode(fields, doseq=True)
    algorithm = "HMAC_" + digest.upper()
    signature = given or RequestValidator(token).compute_signature(signed_url or url, Fields(fields), algorithm)
    scheme = hmac_scheme(digest, "base64", "X-Twilio-Signature")
    scheme["content"] = "url-and-form"
    add(name, by, scheme, [token], [["X-Twilio-Signature", signature]], body, url)


call = {"CallSid": "CA1234567890ABCDE", "Caller": "+14158675310", "Digits": "1234", "From": "+14158675310",
        "To": "+18005551212"}
twilio("twilio", "https://example.com/myapp.php?foo=1&bar=2", call, "12345",
       by="published: Twilio, Security, Validating requests", given="L/OH5YylLD5NRKLltdqwSvS0BnU=")
url = "https://handover.example/api/callbacks/twilio"
said = {"Body": "Straße & 50 % + 😀 = ok", "ConversationSid": "CHxx", "Empty": "", "a": "lower", "Z": "upper"}
twilio("twilio-any-text", url, said)
twilio("twilio-repeated-fields", url, {"Media": ["b", "a", "b"], "X": "1"})
twilio("twilio-no-fields", url, {})
twilio("twilio-sha256", url, said, digest="sha256")
twilio("twilio-signs-with-port", url, said, signed_url=url.replace(".example", ".example:443"))
twilio("twilio-signs-without-port", url.replace(".example", ".example:8443"), said, signed_url=url)
json_url = url + "?x=1&bodySHA256=" + hashlib.sha256(raw).hexdigest()
validator = RequestValidator(SECRET)
signature = validator.compute_signature(json_url, {})
assert validator.validate(json_url, BODY, signature)
scheme = hmac_scheme("sha1", "base64", "X-Twilio-Signature")
scheme["content"] = "url-and-form"
add("twilio-json", "twilio.RequestValidator", scheme, [SECRET], [["X-Twilio-Signature", signature]], raw, json_url)

# --- Standard Webhooks ----------------------------------------------------------------------------------------------
def standard(name, secrets, signers, key=0, by="standardwebhooks.Webhook", stamp=NOW, given=None, body=BODY, extra=""):
    at = datetime.datetime.fromtimestamp(stamp, datetime.timezone.utc)
    signed = given or extra + " ".join(Webhook(signer).sign("msg_made_up", at, body) for signer in signers)
    ident = "msg_p5jXN8AQM9LWM0D4loKWxJek" if given else "msg_made_up"
    headers = {"webhook-id": ident, "webhook-timestamp": str(stamp), "webhook-signature": signed}
    if not given and not signed.startswith("v1a"):
        for signer in signers:
            class Then(datetime.datetime):
                @classmethod
                def now(cls, tz=None):
                    return at
            real, module = datetime.datetime, __import__("standardwebhooks.webhooks").webhooks
            module.datetime = Then
            assert Webhook(signer).verify(body, headers)
            module.datetime = real
    add(name, by, {"kind": "standard-webhooks"}, secrets, [[k, v] for k, v in headers.items()], body, now_s=stamp,
        key=key)


old = "whsec_" + b64(b"made up for tests: the old one..")
new = "whsec_" + b64(b"made up for tests: the new one..")
standard("standard-webhooks", ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], [], stamp=1614265330,
         by="published: standardwebhooks' and svix' test suites", given="v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
         body='{"test": 2432232314}')
standard("standard-webhooks-two-signatures", [new], [old, new])
standard("standard-webhooks-second-key", [new, old], [old], key=1)
standard("standard-webhooks-bare-secret", [new.removeprefix("whsec_")], [new])
standard("standard-webhooks-other-version-too", [new], [new], extra="v1a,bm90IGxvb2tlZCBhdA== ")

# --- RSA ------------------------------------------------------------------------------------------------------------
KEYS = [rsa.generate_private_key(65537, 2048) for _ in range(2)]
HASHES = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256(), "sha512": hashes.SHA512()}


def public(key, form=serialization.PublicFormat.SubjectPublicKeyInfo):
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def certificate(key, start, end):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "made up for tests")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(start).not_valid_after(end)
    return made.sign(key, hashes.SHA256())


pem = lambda cert: cert.public_bytes(serialization.Encoding.PEM).decode()
DAY = datetime.datetime
CERT = certificate(KEYS[0], DAY(2026, 1, 1), DAY(2036, 1, 1))
EXPIRED = certificate(KEYS[0], DAY(2016, 1, 1), DAY(2026, 1, 1))
spki, pkcs1 = public(KEYS[0]), public(KEYS[0], serialization.PublicFormat.PKCS1)
inner = "".join(spki.splitlines()[1:-1])


def freshchat(name, keys, digest="sha256", encoding="base64", key=0):
    signature = KEYS[0].sign(raw, padding.PKCS1v15(), HASHES[digest])
    written = b64(signature) if encoding == "base64" else signature.hex()
    scheme = {"kind": "rsa", "digest": digest, "encoding": encoding, "header": "X-Freshchat-Signature"}
    add(name, "python cryptography", scheme, keys, [["X-Freshchat-Signature", written]], raw, key=key)


freshchat("rsa", [spki])
freshchat("rsa-pkcs1-key", [pkcs1])
freshchat("rsa-key-under-the-wrong-label", [spki.replace("PUBLIC", "RSA PUBLIC")])
freshchat("rsa-key-on-one-line", [spki.replace("\n", "\\n")])
freshchat("rsa-bare-key", [inner])
freshchat("rsa-certificate", [pem(CERT)])
freshchat("rsa-second-key", [public(KEYS[1]), spki], key=1)
freshchat("rsa-sha1", [spki], "sha1")
freshchat("rsa-sha512-hex", [spki], "sha512", "hex")

# --- Amazon SNS -----------------------------------------------------------------------------------------------------
TOPIC = "arn:aws:sns:eu-central-1:123456789012:made-up"


def sns(name, version, message):
    message = {
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324", "TopicArn": TOPIC, "Timestamp": "2026-11-23T04:29:58.250Z",
        "SignatureVersion": version,
        "SigningCertURL": "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
        **message,
    }
    oracle = SNSMessageValidator(signature_version=version)
    oracle.validate_message_type(message["Type"])
    oracle._validate_cert_url(message)
    plain = oracle._get_plaintext_to_sign(message).encode()
    digest = HASHES["sha1" if version == "1" else "sha256"]
    message["Signature"] = b64(KEYS[0].sign(plain, padding.PKCS1v15(), digest))
    add(name, "sns_message_validator, python cryptography", {"kind": "aws-sns", "topics": [TOPIC]}, [pem(CERT)],
        [["x-amz-sns-message-type", message["Type"]]], json.dumps(message))


note = {"Type": "Notification", "Message": "line one\nGrüße \"quoted\" \U0001F600", "UnsubscribeURL": "https://x"}
sns("sns-notification", "1", note)
sns("sns-notification-2", "2", note)
sns("sns-notification-with-subject", "2", {**note, "Subject": "a subject"})
for kind in ("SubscriptionConfirmation", "UnsubscribeConfirmation"):
    sns("sns-" + kind, "2", {"Type": kind, "Message": "You have chosen to …", "Token": "made-up-token",
                             "SubscribeURL": "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription"})

# --- secrets as they are --------------------------------------------------------------------------------------------
add("shared-secret", "by hand", {"kind": "shared-secret", "header": "X-API-Key"}, [SECRET],
    [["x-api-key", SECRET]], raw)
add("basic", "published: RFC 7617, section 2", {"kind": "basic"}, ["Aladdin:open sesame"],
    [["Authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="]], raw)
fingerprint = CERT.fingerprint(hashes.SHA256())
add("client-certificate", "python cryptography", {"kind": "client-certificate", "header": "X-Client-Fingerprint"},
    [fingerprint.hex()], [["X-Client-Fingerprint", ":".join(f"{byte:02X}" for byte in fingerprint)]], raw)
add("nothing", "by hand", {"kind": "nothing"}, [], [], raw, key=None)

keys = {
    "other": public(KEYS[1]), "expired": pem(EXPIRED), "small": public(rsa.generate_private_key(65537, 1024)),
    "elliptic": public(ec.generate_private_key(ec.SECP256R1())),
}
path = pathlib.Path(__file__).with_name("vectors.json")
path.write_text(json.dumps({"vectors": vectors, "keys": keys}, indent=1, ensure_ascii=False) + "\n")
print(len(vectors), "vectors")
