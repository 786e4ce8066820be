// JSON: written by hand, read with jsmn (src/jsmn).
#pragma once

#include "text.h"

// A text that grows.
typedef struct {
  text text;
  size_t room;
} buffer;

// Appends as it stands.
void put(buffer *to, const char *raw);
void put_text(buffer *to, text raw);
// Appends a JSON string; `null` where there is none.
void put_string(buffer *to, text value);
void put_maybe(buffer *to, maybe_text value);
// Appends a number of so many digits at least.
void put_number(buffer *to, uint64_t number, int digits);
// Appends milliseconds since 1970 as e.g. `2026-11-22T21:24:05.120Z`, without quotes.
void put_time(buffer *to, uint64_t ms);

// A JSON object.
typedef struct {
  const char *source;
  const void *tokens; // jsmn's
  int count;
} object;

// False where it is none.
bool read_object(const uint8_t *bytes, size_t len, object *into);
// A member's string, names without regard to case; none where it is absent or null. False where it is something else.
bool read_string(const object *from, const char *name, maybe_text *into);
// The same for true and false; untouched where it is absent or null.
bool read_flag(const object *from, const char *name, bool *into);
