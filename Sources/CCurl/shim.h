#ifndef HALLEY_CCURL_SHIM_H
#define HALLEY_CCURL_SHIM_H

// The checks are macros around the variadic functions, which are not imported anyway.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <stdbool.h>

// Variadic functions do not come across: one per kind of argument.

static inline bool halley_curl_set_long(CURL *transfer, CURLoption option, long value) {
    return curl_easy_setopt(transfer, option, value) == CURLE_OK;
}

static inline bool halley_curl_set_text(CURL *transfer, CURLoption option, const char *value) {
    return curl_easy_setopt(transfer, option, value) == CURLE_OK;
}

static inline bool halley_curl_set_headers(CURL *transfer, struct curl_slist *list) {
    return curl_easy_setopt(transfer, CURLOPT_HTTPHEADER, list) == CURLE_OK;
}

// libcurl copies the bytes.
static inline bool halley_curl_set_body(CURL *transfer, const void *bytes, long count) {
    return curl_easy_setopt(transfer, CURLOPT_POSTFIELDSIZE, count) == CURLE_OK
        && curl_easy_setopt(transfer, CURLOPT_COPYPOSTFIELDS, (const char *)bytes) == CURLE_OK;
}

// Both callbacks get `context`; what is received, header or body, goes to `receive`.
static inline bool halley_curl_set_callbacks(
    CURL *transfer, curl_write_callback receive, curl_opensocket_callback open, void *context
) {
    return curl_easy_setopt(transfer, CURLOPT_WRITEFUNCTION, receive) == CURLE_OK
        && curl_easy_setopt(transfer, CURLOPT_WRITEDATA, context) == CURLE_OK
        && curl_easy_setopt(transfer, CURLOPT_HEADERFUNCTION, receive) == CURLE_OK
        && curl_easy_setopt(transfer, CURLOPT_HEADERDATA, context) == CURLE_OK
        && curl_easy_setopt(transfer, CURLOPT_OPENSOCKETFUNCTION, open) == CURLE_OK
        && curl_easy_setopt(transfer, CURLOPT_OPENSOCKETDATA, context) == CURLE_OK
        && curl_easy_setopt(transfer, CURLOPT_PRIVATE, context) == CURLE_OK;
}

static inline long halley_curl_status(CURL *transfer) {
    long status = 0;
    curl_easy_getinfo(transfer, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static inline void halley_curl_set_multi(CURLM *transfers, CURLMoption option, long value) {
    curl_multi_setopt(transfers, option, value);
}

// The next transfer that is done, or NULL.
static inline CURL *halley_curl_next_done(CURLM *transfers, CURLcode *result) {
    int left = 0;
    CURLMsg *message;
    while ((message = curl_multi_info_read(transfers, &left)) != NULL) {
        if (message->msg == CURLMSG_DONE) {
            *result = message->data.result;
            return message->easy_handle;
        }
    }
    return NULL;
}

#endif
