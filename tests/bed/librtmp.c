/* Nettle's base64 (RFC 4648), and a zero behind it that Debian's librtmp takes for granted. */
#include <stddef.h>
#include <stdint.h>

void nettle_base64_encode_raw(char *out, size_t length, const uint8_t *in) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t at = 0; at < length; at += 3) {
        size_t left = length - at;
        uint32_t bits = (uint32_t)in[at] << 16 | (left > 1 ? in[at + 1] << 8 : 0) | (left > 2 ? in[at + 2] : 0);
        *out++ = digits[bits >> 18];
        *out++ = digits[bits >> 12 & 63];
        *out++ = left > 1 ? digits[bits >> 6 & 63] : '=';
        *out++ = left > 2 ? digits[bits & 63] : '=';
    }
    *out = 0;
}
