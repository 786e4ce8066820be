// From the live chat to the bot: reads its webhook. The same request must always give the same events, so nothing here
// looks at a clock or rolls dice.

#include <strings.h>

#include "json.h"

// Answered with 400. The sentence goes to whoever sent it, so it repeats no value.
static bool malformed(exports_callback_refusal_t *err, const char *why) {
  *err = (exports_callback_refusal_t){EXPORTS_CALLBACK_REFUSAL_MALFORMED, {.malformed = own(why)}};
  return false;
}

static bool is_word(text value, const char *word) {
  return value.len == strlen(word) && strncasecmp((const char *)value.ptr, word, value.len) == 0;
}

static bool is_blank(text value) {
  for (size_t i = 0; i < value.len; i++)
    if (!value.ptr[i] || !strchr(" \t\r\n", value.ptr[i])) return false;
  return true;
}

// What is returned is freed piece by piece: every text in it must be a copy of its own.
static maybe_text copied(maybe_text value) { return value.is_some ? some(copy(value.val)) : NONE; }

// A name made of all that tells something apart (FNV-1a, 64 bits), short however long that is: the gateway takes 512
// bytes.
static text named_by(const text *parts, size_t count) {
  uint64_t hash = 0xcbf29ce484222325;
  for (size_t part = 0; part < count; part++) {
    for (size_t i = 0; i < parts[part].len; i++) hash = (hash ^ parts[part].ptr[i]) * 0x100000001b3;
    hash = (hash ^ 0xff) * 0x100000001b3; // No UTF-8 has this byte: it keeps the parts apart.
  }
  char name[17] = {0};
  for (int i = 0; i < 16; i++) name[i] = "0123456789abcdef"[hash >> (60 - 4 * i) & 15];
  return own(name);
}

// What the webhook answers to the live chat.
static exports_callback_option_answer_t answer(uint64_t now, text sender) {
  buffer body = {0};
  put(&body, "{\"message\":\"Message received successfully\",\"timestamp\":\""), put_time(&body, now);
  put(&body, "\",\"receivedFrom\":"), put_string(&body, sender), put(&body, "}");
  types_attribute_t type = {own("content-type"), own("application/json")};
  return (exports_callback_option_answer_t){
      .is_some = true,
      .val = {200, ONE(exports_callback_list_attribute_t, type), {body.text.ptr, body.text.len}},
  };
}

bool exports_callback_map(exports_callback_context_t *context, exports_callback_request_t *request,
                          exports_callback_mapped_t *ret, exports_callback_refusal_t *err) {
  object body, settings;
  maybe_text id, conversation, kind, message, sender, time, reason, name = NONE;
  bool on = true;
  if (!read_object(request->body.ptr, request->body.len, &body)) return malformed(err, "no JSON object");
  if (!read_string(&body, "conversationId", &conversation) || !read_string(&body, "id", &id) ||
      !read_string(&body, "type", &kind) || !read_string(&body, "message", &message) ||
      !read_string(&body, "sender", &sender) || !read_string(&body, "timestamp", &time) ||
      !read_string(&body, "reason", &reason) || !read_flag(&body, "typing", &on))
    return malformed(err, "a member has the wrong type");
  if (!conversation.is_some || !conversation.val.len) return malformed(err, "`conversationId` is missing or empty");
  // An empty id names nothing: as a name it would make every message after the first a duplicate.
  if (id.is_some && !id.val.len) id = NONE;
  if (!kind.is_some) kind = some(own("message"));
  if (!sender.is_some || !sender.val.len) {
    if (read_object(context->settings.ptr, context->settings.len, &settings)) read_string(&settings, "agent_name", &name);
    sender = some(name.is_some ? name.val : own("Contoso Support"));
  }

  types_event_t event;
  types_participant_t agent = {.name = copied(sender), .role = some(own("agent"))};
  if (is_word(kind.val, "message")) {
    if (!message.is_some || is_blank(message.val)) return malformed(err, "`message` is missing or empty");
    types_agent_message_t said = {
        .id = copied(id), .author = agent, .text = copy(message.val), .format = TYPES_TEXT_FORMAT_MARKDOWN};
    event = (types_event_t){TYPES_EVENT_MESSAGE, {.message = said}};
  } else if (is_word(kind.val, "joined")) {
    event = (types_event_t){TYPES_EVENT_JOINED, {.joined = agent}};
  } else if (is_word(kind.val, "left")) {
    event = (types_event_t){TYPES_EVENT_LEFT, {.left = agent}};
  } else if (is_word(kind.val, "typing")) {
    event = (types_event_t){TYPES_EVENT_TYPING, {.typing = {{true, agent}, on}}};
  } else if (is_word(kind.val, "ended")) {
    event = (types_event_t){TYPES_EVENT_ENDED, {.ended = {TYPES_END_REASON_LIVE_AGENT, copied(reason)}}};
  } else {
    // Kept, and mapped again by the next version of this connector.
    buffer why = {0};
    put(&why, "events of type "), put_string(&why, kind.val), put(&why, " are not known");
    *err = (exports_callback_refusal_t){EXPORTS_CALLBACK_REFUSAL_UNMAPPED, {.unmapped = why.text}};
    return false;
  }

  // What has no id is told apart by its time; what has neither cannot be told apart at all.
  maybe_text dedupe_id = copied(id);
  if (!id.is_some && time.is_some && time.val.len) {
    text parts[] = {conversation.val, kind.val, time.val, message.is_some ? message.val : (text){0}};
    dedupe_id = some(named_by(parts, sizeof(parts) / sizeof(*parts)));
  }
  exports_callback_mapped_event_t mapped = {
      .lookup_key = copy(conversation.val), .dedupe_id = dedupe_id, .event = event};
  *ret = (exports_callback_mapped_t){
      .events = ONE(exports_callback_list_mapped_event_t, mapped),
      .answer = answer(context->now, sender.val),
  };
  return true;
}
