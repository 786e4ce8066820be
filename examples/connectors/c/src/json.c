// JSON: written by hand, read with jsmn (src/jsmn). jsmn finds where values begin and end; it does not judge everything
// (it overlooks a missing comma), which does no harm here: what is wanted of a text is looked at again.

#include "json.h"

#include <strings.h>
#include <time.h>

#define JSMN_STRICT
#define JSMN_PARENT_LINKS // Else deep nesting takes time that grows with its square.
#define JSMN_STATIC
#include "jsmn/jsmn.h"

static void append(buffer *to, const void *bytes, size_t len) {
  if (to->text.len + len > to->room) {
    to->room = (to->text.len + len) * 2;
    to->text.ptr = realloc(to->text.ptr, to->room);
    if (!to->text.ptr) abort(); // No memory left: the call fails, and the gateway says why.
  }
  memcpy(to->text.ptr + to->text.len, bytes, len);
  to->text.len += len;
}

void put(buffer *to, const char *raw) { append(to, raw, strlen(raw)); }

void put_text(buffer *to, text raw) { append(to, raw.ptr, raw.len); }

void put_string(buffer *to, text value) {
  put(to, "\"");
  for (size_t i = 0; i < value.len; i++) {
    uint8_t c = value.ptr[i];
    if (c == '"' || c == '\\') {
      append(to, (uint8_t[]){'\\', c}, 2);
    } else if (c < 0x20) {
      const char *hex = "0123456789abcdef";
      append(to, (char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
    } else {
      append(to, &c, 1);
    }
  }
  put(to, "\"");
}

void put_maybe(buffer *to, maybe_text value) {
  if (value.is_some) put_string(to, value.val);
  else put(to, "null");
}

void put_number(buffer *to, uint64_t number, int digits) {
  char reversed[20];
  int len = 0;
  do reversed[len++] = '0' + number % 10;
  while ((number /= 10) || len < digits);
  while (len) append(to, &reversed[--len], 1);
}

void put_time(buffer *to, uint64_t ms) {
  time_t seconds = ms / 1000;
  struct tm t;
  gmtime_r(&seconds, &t);
  put_number(to, t.tm_year + 1900, 4), put(to, "-");
  put_number(to, t.tm_mon + 1, 2), put(to, "-");
  put_number(to, t.tm_mday, 2), put(to, "T");
  put_number(to, t.tm_hour, 2), put(to, ":");
  put_number(to, t.tm_min, 2), put(to, ":");
  put_number(to, t.tm_sec, 2), put(to, ".");
  put_number(to, ms % 1000, 3), put(to, "Z");
}

// Whether it is UTF-8 (RFC 3629): a text that is not must not reach the gateway.
static bool is_utf8(const uint8_t *s, size_t len) {
  for (size_t i = 0; i < len;) {
    uint8_t c = s[i++];
    if (c < 0x80) continue;
    int more = c >= 0xc2 && c <= 0xdf ? 1 : (c & 0xf0) == 0xe0 ? 2 : c >= 0xf0 && c <= 0xf4 ? 3 : 0;
    if (more == 0 || i + more > len) return false;
    uint8_t lowest = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
    uint8_t highest = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    for (; more--; lowest = 0x80, highest = 0xbf)
      if (s[i] < lowest || s[i++] > highest) return false;
  }
  return true;
}

bool read_object(const uint8_t *bytes, size_t len, object *into) {
  jsmn_parser parser;
  jsmn_init(&parser);
  const char *source = (const char *)bytes;
  int count = is_utf8(bytes, len) ? jsmn_parse(&parser, source, len, NULL, 0) : 0;
  if (count <= 0) return false;
  jsmntok_t *tokens = calloc(count, sizeof *tokens);
  if (!tokens) abort();
  jsmn_init(&parser);
  *into = (object){source, tokens, jsmn_parse(&parser, source, len, tokens, count)};
  // Nothing may follow it.
  return into->count > 0 && tokens[0].type == JSMN_OBJECT &&
         (into->count == 1 || tokens[into->count - 1].end <= tokens[0].end);
}

// The last member of that name, or NULL.
static const jsmntok_t *member(const object *from, const char *name) {
  const jsmntok_t *found = NULL, *first = from->tokens, *end = first + from->count;
  for (const jsmntok_t *key = first + 1; key + 1 < end;) {
    const jsmntok_t *value = key + 1;
    size_t len = key->end - key->start;
    if (key->type == JSMN_STRING && key->size == 1 && len == strlen(name) &&
        strncasecmp(from->source + key->start, name, len) == 0)
      found = value;
    // What lies inside the value is not a member.
    for (key = value + 1; key < end && key->start < value->end;) key++;
  }
  bool null = found && found->type == JSMN_PRIMITIVE && from->source[found->start] == 'n';
  return null ? NULL : found;
}

static bool hex4(const char *s, const char *end, uint32_t *into) {
  *into = 0;
  for (int i = 0; i < 4; i++, s++) {
    if (s >= end) return false;
    int digit = *s >= '0' && *s <= '9' ? *s - '0' : (*s | 32) >= 'a' && (*s | 32) <= 'f' ? (*s | 32) - 'a' + 10 : -1;
    if (digit < 0) return false;
    *into = *into << 4 | (uint32_t)digit;
  }
  return true;
}

static uint8_t *put_utf8(uint8_t *to, uint32_t c) {
  if (c < 0x80) return *to++ = c, to;
  if (c < 0x800) return *to++ = 0xc0 | c >> 6, *to++ = 0x80 | (c & 63), to;
  if (c < 0x10000) return *to++ = 0xe0 | c >> 12, *to++ = 0x80 | (c >> 6 & 63), *to++ = 0x80 | (c & 63), to;
  *to++ = 0xf0 | c >> 18, *to++ = 0x80 | (c >> 12 & 63), *to++ = 0x80 | (c >> 6 & 63), *to++ = 0x80 | (c & 63);
  return to;
}

bool read_string(const object *from, const char *name, maybe_text *into) {
  *into = NONE;
  const jsmntok_t *value = member(from, name);
  if (!value) return true;
  if (value->type != JSMN_STRING) return false;
  const char *s = from->source + value->start, *end = from->source + value->end;
  uint8_t *start = malloc(end - s + 1), *to = start; // An escape is never shorter than what it stands for.
  if (!start) abort();
  while (s < end) {
    if ((uint8_t)*s < 0x20) return false;
    if (*s != '\\') {
      *to++ = *s++;
      continue;
    }
    const char *escapes = "\"\\/bfnrt", *meanings = "\"\\/\b\f\n\r\t", *at;
    s++;
    if (s < end && *s != 'u' && *s && (at = strchr(escapes, *s))) {
      *to++ = meanings[at - escapes], s++;
      continue;
    }
    uint32_t c, low;
    if (s >= end || *s != 'u' || !hex4(s + 1, end, &c)) return false;
    s += 5;
    if (c >= 0xd800 && c <= 0xdbff) { // Half a character; the other half must follow.
      if (end - s < 6 || s[0] != '\\' || s[1] != 'u' || !hex4(s + 2, end, &low)) return false;
      if (low < 0xdc00 || low > 0xdfff) return false;
      c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00), s += 6;
    } else if (c >= 0xdc00 && c <= 0xdfff) {
      return false;
    }
    to = put_utf8(to, c);
  }
  *into = some((text){start, to - start});
  return true;
}

bool read_flag(const object *from, const char *name, bool *into) {
  const jsmntok_t *value = member(from, name);
  if (!value) return true;
  char first = from->source[value->start];
  if (value->type != JSMN_PRIMITIVE || (first != 't' && first != 'f')) return false;
  *into = first == 't';
  return true;
}
