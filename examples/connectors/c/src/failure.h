// Failures with the right advice. It decides whether the gateway tries again, and whether a customer's message may
// arrive twice or never: the most important lines of a connector.
#pragma once

#include "text.h"

// The detail is for the operator: neither a message text nor a secret.
types_failure_t failed(uint8_t reason, uint8_t retry, text detail);
// The operator's configuration does not work; the key at fault.
types_failure_t misconfigured(const char *key, text detail);
// A response that is no success, by what its status means.
types_failure_t of_status(const http_response_t *response);
// There is no response.
types_failure_t of_no_response(const http_error_t *error);
