// From the bot to the live chat: start, send, end, and small signs. Each function returns true where it succeeds.

#include "failure.h"
#include "json.h"

// Posts JSON. The gateway knows the address of the upstream `api` and adds the credential.
static bool post(const char *path, buffer body, http_response_t *response, types_failure_t *err) {
  text upstream, type_name, type;
  contoso_string_set(&upstream, "api");
  contoso_string_set(&type_name, "content-type");
  contoso_string_set(&type, "application/json");
  types_attribute_t header = {type_name, type};
  http_request_t request = {.method = HTTP_METHOD_POST, .headers = {&header, 1}, .body = {body.text.ptr, body.text.len}};
  contoso_string_set(&request.path, path);
  http_error_t error;
  if (http_send(&upstream, &request, response, &error)) return true;
  *err = of_no_response(&error);
  return false;
}

static bool ok(const http_response_t *response) { return response->status >= 200 && response->status < 300; }

static bool gone(const http_response_t *response) { return response->status == 404 || response->status == 410; }

// One string of the response's JSON; none where there is none.
static maybe_text answered(const http_response_t *response, const char *name) {
  object answer;
  maybe_text value = NONE;
  if (read_object(response->body.ptr, response->body.len, &answer) && !read_string(&answer, name, &value)) value = NONE;
  return value;
}

// One flag of it; false where there is none.
static bool answered_yes(const http_response_t *response, const char *name) {
  object answer;
  bool value = false;
  return read_object(response->body.ptr, response->body.len, &answer) && read_flag(&answer, name, &value) && value;
}

static void put_conversation(buffer *body, const types_session_t *session) {
  put(body, "{\"conversationId\":");
  put_string(body, session->lookup_keys.len ? session->lookup_keys.ptr[0] : (text){0});
}

static void put_attributes(buffer *body, const types_list_attribute_t *attributes, bool *first) {
  for (size_t i = 0; i < attributes->len; i++, *first = false) {
    if (!*first) put(body, ",");
    put_string(body, attributes->ptr[i].name), put(body, ":"), put_string(body, attributes->ptr[i].value);
  }
}

static const char *role(types_author_kind_t author) {
  static const char *const roles[] = {"\"customer\"", "\"bot\"", "\"agent\"", "\"system\""};
  return roles[author];
}

bool exports_handoff_start(exports_handoff_context_t *context, exports_handoff_new_session_t *session,
                           exports_handoff_start_outcome_t *ret, exports_handoff_failure_t *err) {
  (void)context;
  const types_customer_t *customer = &session->customer;
  buffer body = {0};
  // Contoso starts one conversation per session id, however often it is asked.
  put(&body, "{\"sessionId\":"), put_string(&body, session->id);
  put(&body, ",\"customer\":{\"id\":"), put_string(&body, customer->id);
  put(&body, ",\"name\":"), put_maybe(&body, customer->name);
  put(&body, ",\"email\":"), put_maybe(&body, customer->email);
  put(&body, ",\"locale\":"), put_maybe(&body, customer->locale);
  put(&body, "},\"channel\":"), put_string(&body, session->channel);
  put(&body, ",\"locale\":"), put_maybe(&body, customer->locale);
  put(&body, ",\"problem\":"), put_maybe(&body, session->problem);
  put(&body, ",\"transcript\":[");
  for (size_t i = 0; i < session->transcript.len; i++) {
    const types_turn_t *turn = &session->transcript.ptr[i];
    put(&body, i ? ",{\"role\":" : "{\"role\":"), put(&body, role(turn->author));
    put(&body, ",\"name\":"), put_maybe(&body, turn->name);
    put(&body, ",\"text\":"), put_string(&body, turn->text);
    put(&body, ",\"time\":");
    if (turn->time.is_some) put(&body, "\""), put_time(&body, turn->time.val), put(&body, "\"");
    else put(&body, "null");
    put(&body, "}");
  }
  put(&body, "],\"attributes\":{");
  bool first = true;
  put_attributes(&body, (const types_list_attribute_t *)&session->attributes, &first);
  put_attributes(&body, (const types_list_attribute_t *)&session->routing, &first);
  put(&body, "}}");

  http_response_t response;
  if (!post("/api/chat/start", body, &response, err)) return false;
  if (!ok(&response)) {
    maybe_text code = answered(&response, "code");
    *err = of_status(&response);
    if (code.is_some && is(code.val, "no-agents"))
      *err = failed(TYPES_FAILURE_REASON_NO_AGENTS, TYPES_RETRY_ADVICE_NEVER, own("the live chat is closed"));
    else if (gone(&response)) // There is no conversation yet that could be gone: the address is wrong.
      *err = misconfigured("upstreams.api.base_url", err->detail);
    return false;
  }
  maybe_text id = answered(&response, "conversationId"), status = answered(&response, "status");
  if (!id.is_some) {
    *err = failed(TYPES_FAILURE_REASON_REJECTED, TYPES_RETRY_ADVICE_NEVER, own("a success with an unexpected body"));
    return false;
  }
  exports_handoff_started_t started = {
      .lookup_keys = ONE(contoso_list_string_t, id.val), // Callbacks will name the conversation so.
      .state = own(""),
      .problem_told = answered_yes(&response, "problemShown"), // Else the gateway delivers the problem as a message.
  };
  types_event_t queued = {.tag = TYPES_EVENT_QUEUED};
  if (status.is_some && is(status.val, "waiting")) started.events = ONE(exports_handoff_list_event_t, queued);
  *ret = (exports_handoff_start_outcome_t){EXPORTS_HANDOFF_START_OUTCOME_STARTED, {.started = started}};
  return true;
}

// Without blanks at its ends, as the live chat stores it.
static text trimmed(text value) {
  while (value.len && strchr(" \t\r\n", value.ptr[value.len - 1]) && value.ptr[value.len - 1]) value.len--;
  while (value.len && strchr(" \t\r\n", value.ptr[0]) && value.ptr[0]) value.ptr++, value.len--;
  return value;
}

bool exports_handoff_send(exports_handoff_context_t *context, exports_handoff_session_t *session,
                          exports_handoff_message_t *message, exports_handoff_sent_t *ret,
                          exports_handoff_failure_t *err) {
  (void)context;
  buffer said = {0}, body = {0};
  put_text(&said, message->text);
  for (size_t i = 0; i < message->attachments.len; i++) {
    const types_attachment_t *file = &message->attachments.ptr[i];
    put(&said, "\n["), put_text(&said, file->name), put(&said, "]("), put_text(&said, file->url), put(&said, ")");
  }
  maybe_text sender = message->author.is_some ? message->author : session->customer.name;
  put_conversation(&body, session);
  put(&body, ",\"message\":"), put_string(&body, trimmed(said.text));
  put(&body, ",\"sender\":"), put_string(&body, sender.is_some ? sender.val : own("unknown-user"));
  // The same id on every attempt, so that Contoso shows the message once.
  put(&body, ",\"id\":"), put_string(&body, message->id);
  put(&body, ",\"timestamp\":\""), put_time(&body, message->time), put(&body, "\"}");
  http_response_t response;
  if (!post("/api/chat/receive", body, &response, err)) return false;
  if (!ok(&response)) return *err = of_status(&response), false;
  // The message was taken, whatever the answer looks like.
  *ret = (exports_handoff_sent_t){.vendor_message_id = answered(&response, "messageId")};
  return true;
}

bool exports_handoff_end(exports_handoff_context_t *context, exports_handoff_session_t *session,
                         exports_handoff_end_reason_t reason, exports_handoff_update_t *ret,
                         exports_handoff_failure_t *err) {
  (void)context;
  static const char *const words[] = {"customer",      "agent",   "customer-inactivity", "agent-inactivity",
                                      "queue-timeout", "failure", "operator",            "bot"};
  buffer body = {0};
  put_conversation(&body, session);
  put(&body, ",\"reason\":\""), put(&body, words[reason]), put(&body, "\"}");
  http_response_t response;
  if (!post("/api/chat/end", body, &response, err)) return false;
  // A conversation that is gone has ended: ending is done again where its outcome was lost.
  if (!ok(&response) && !gone(&response)) return *err = of_status(&response), false;
  *ret = (types_update_t){0}; // Nothing to remember.
  return true;
}

// Microsoft's own live chat has no such routes: it cannot show them, and that is no fault.
static bool signal(const char *path, buffer body, types_failure_t *err) {
  http_response_t response;
  if (!post(path, body, &response, err)) return false;
  if (ok(&response) || gone(&response) || response.status == 405) return true;
  *err = of_status(&response);
  return false;
}

bool exports_signals_typing(exports_signals_context_t *context, exports_signals_session_t *session, bool on,
                            exports_signals_failure_t *err) {
  (void)context;
  buffer body = {0};
  put_conversation(&body, session);
  put(&body, on ? ",\"typing\":true" : ",\"typing\":false");
  put(&body, ",\"sender\":"), put_maybe(&body, session->customer.name), put(&body, "}");
  return signal("/api/chat/typing", body, err);
}

bool exports_signals_report(exports_signals_context_t *context, exports_signals_session_t *session,
                            exports_signals_receipt_t *receipt, exports_signals_failure_t *err) {
  (void)context;
  static const char *const words[] = {"delivered", "read", "not-delivered"};
  bool failed = receipt->outcome.tag == EXPORTS_SIGNALS_OUTCOME_NOT_DELIVERED;
  buffer body = {0};
  put_conversation(&body, session);
  put(&body, ",\"messageId\":"), put_string(&body, receipt->message_id);
  put(&body, ",\"status\":\""), put(&body, words[receipt->outcome.tag]), put(&body, "\",\"reason\":");
  put_maybe(&body, failed ? some(receipt->outcome.val.not_delivered) : NONE), put(&body, "}");
  return signal("/api/chat/receipt", body, err);
}
