// Texts of the contract: bytes with a length, UTF-8, no zero at their end.
//
// What is handed to the gateway it frees after it has read it, so it must lie on the heap: `own` copies. What a call
// allocates besides is never freed here: the gateway throws the whole memory away after the call.
#pragma once

#include <stdlib.h>
#include <string.h>

#include "contoso.h"

typedef contoso_string_t text;
typedef contoso_option_string_t maybe_text;

#define NONE ((maybe_text){.is_some = false})

// A list of one, on the heap, from a value of its type.
#define ONE(list, value) ((list){.ptr = memcpy(malloc(sizeof(value)), &(value), sizeof(value)), .len = 1})

static inline text own(const char *from) {
  text copy;
  contoso_string_dup(&copy, from);
  return copy;
}

static inline text own_n(const uint8_t *from, size_t len) {
  text copy;
  contoso_string_dup_n(&copy, (const char *)from, len);
  return copy;
}

static inline text copy(text from) { return own_n(from.ptr, from.len); }

static inline maybe_text some(text value) { return (maybe_text){.is_some = true, .val = value}; }

static inline bool is(text value, const char *word) {
  return value.len == strlen(word) && memcmp(value.ptr, word, value.len) == 0;
}
