// What the connector is, and what it asks for. Read once, when the file is dropped in.

#include "text.h"

#define D(name) EXPORTS_DESCRIPTOR_##name

// JSON Schema of what the operator may set; `context.settings` has been checked against it.
static const char *SETTINGS =
    "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"type\":\"object\",\"additionalProperties\":false,"
    "\"properties\":{\"agent_name\":{\"type\":\"string\",\"minLength\":1,\"default\":\"Contoso Support\","
    "\"description\":\"Who a message is from where the live chat names no sender\"}}}";

static exports_descriptor_credential_t credential(const char *name, uint8_t kind, const char *help) {
  exports_descriptor_list_credential_kind_t kinds = ONE(exports_descriptor_list_credential_kind_t, kind);
  return (exports_descriptor_credential_t){.name = own(name), .kinds = kinds, .required = false, .help = own(help)};
}

void exports_descriptor_describe(exports_descriptor_description_t *ret) {
  exports_descriptor_credential_t credentials[] = {
      credential("api", D(CREDENTIAL_KIND_BEARER), "The live chat's API key, where it has one"),
      credential("webhook", D(CREDENTIAL_KIND_KEY), "The live chat's webhook secret, where it has one"),
  };
  exports_descriptor_upstream_t upstream = {
      .name = own("api"),
      .default_base_url = some(own("http://127.0.0.1:5000")),
      .credential = some(own("api")), // The gateway adds it to each request; this code never sees it.
      .help = own("The address of the Contoso live chat"),
  };
  // The gateway checks the signature before `map` is called. The operator may say that there is none.
  exports_descriptor_verification_t verification[] = {
      {.tag = D(VERIFICATION_HMAC),
       .val.hmac = {.credential = own("webhook"),
                    .digest = D(DIGEST_SHA256),
                    .encoding = D(ENCODING_HEX),
                    .header = own("x-contoso-signature"),
                    .prefix = own("sha256="),
                    .content = D(SIGNED_CONTENT_TIMESTAMP_AND_BODY),
                    .timestamp_header = some(own("x-contoso-timestamp")),
                    .opening = own(""),
                    .separator = own("."),
                    .tolerance = 300}},
      {.tag = D(VERIFICATION_NONE)},
  };
  text post = own("POST");
  exports_descriptor_callback_route_t route = {
      .path = own(""),
      .methods = ONE(contoso_list_string_t, post),
      .verification = {memcpy(malloc(sizeof verification), verification, sizeof verification), 2},
  };
  uint8_t formats[] = {TYPES_TEXT_FORMAT_MARKDOWN, TYPES_TEXT_FORMAT_PLAIN};
  *ret = (exports_descriptor_description_t){
      .name = own("contoso"),
      .version = own("1.0.0"),
      .vendor = own("Contoso Live Chat"),
      .config_schema = own(SETTINGS),
      .credentials = {memcpy(malloc(sizeof credentials), credentials, sizeof credentials), 2},
      .upstreams = ONE(exports_descriptor_list_upstream_t, upstream),
      .callbacks = ONE(exports_descriptor_list_callback_route_t, route),
      .limits = {.text_unit = D(TEXT_UNIT_CHARACTERS),
                 .text_formats = {memcpy(malloc(sizeof formats), formats, sizeof formats), 2},
                 .attachments = D(ATTACHMENT_MODE_BY_URL)},
      .state_schema = 1,
  };
}
