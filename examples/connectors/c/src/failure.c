// Failures with the right advice.

#include "failure.h"

#include <strings.h>

#include "json.h"

enum { NEVER = TYPES_RETRY_ADVICE_NEVER, SAFE = TYPES_RETRY_ADVICE_SAFE, UNKNOWN = TYPES_RETRY_ADVICE_UNKNOWN_OUTCOME };

types_failure_t failed(uint8_t reason, uint8_t retry, text detail) {
  return (types_failure_t){.reason.tag = reason, .retry.tag = retry, .detail = detail};
}

types_failure_t misconfigured(const char *key, text detail) {
  types_failure_t failure = failed(TYPES_FAILURE_REASON_MISCONFIGURED, NEVER, detail);
  failure.reason.val.misconfigured = own(key);
  return failure;
}

// Milliseconds; none where the vendor does not say, or says it as a date.
static contoso_option_u64_t retry_after(const http_response_t *response) {
  for (size_t i = 0; i < response->headers.len; i++) {
    text name = response->headers.ptr[i].name, value = response->headers.ptr[i].value;
    if (name.len != 11 || strncasecmp((const char *)name.ptr, "retry-after", 11) != 0) continue;
    uint64_t seconds = 0;
    size_t at = 0;
    for (; at < value.len && value.ptr[at] >= '0' && value.ptr[at] <= '9'; at++) seconds = seconds * 10 + value.ptr[at] - '0';
    if (at == value.len && at > 0 && at < 10) return (contoso_option_u64_t){true, seconds * 1000};
  }
  return (contoso_option_u64_t){.is_some = false};
}

types_failure_t of_status(const http_response_t *response) {
  buffer detail = {0};
  put(&detail, "the vendor answered ");
  put_number(&detail, response->status, 3);
  types_failure_t failure = failed(TYPES_FAILURE_REASON_REJECTED, NEVER, detail.text);
  contoso_option_u64_t after = retry_after(response);
  switch (response->status) {
  case 401:
  case 403:
    return misconfigured("credential", detail.text);
  case 404:
  case 410:
    failure.reason.tag = TYPES_FAILURE_REASON_CONVERSATION_GONE;
    return failure;
  case 413:
    failure.reason.tag = TYPES_FAILURE_REASON_TOO_LARGE;
    return failure;
  case 429:
    failure.reason.tag = TYPES_FAILURE_REASON_RATE_LIMITED;
    failure.retry = (types_retry_advice_t){.tag = SAFE, .val.safe = after};
    return failure;
  }
  if (response->status >= 500) {
    failure.reason.tag = TYPES_FAILURE_REASON_UNAVAILABLE;
    // It may have failed after the work was done; but a vendor that says when to come back has not done it.
    failure.retry.tag = UNKNOWN;
    if (response->status == 503 && after.is_some) failure.retry = (types_retry_advice_t){.tag = SAFE, .val.safe = after};
  }
  return failure;
}

types_failure_t of_no_response(const http_error_t *error) {
  text why = copy(error->val.denied); // Every case is a text.
  switch (error->tag) {
  case HTTP_ERROR_DENIED:
    return misconfigured("upstreams", why);
  case HTTP_ERROR_UNREACHABLE:
    return failed(TYPES_FAILURE_REASON_UNAVAILABLE, SAFE, why);
  case HTTP_ERROR_TOO_LARGE:
    return failed(TYPES_FAILURE_REASON_TOO_LARGE, NEVER, why);
  default: // No answer in time, or half of one: the vendor may have done it.
    return failed(TYPES_FAILURE_REASON_UNAVAILABLE, UNKNOWN, why);
  }
}
