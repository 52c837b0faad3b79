/*
 * Text as Windows programs store it: UTF-16LE, and Rich Text Format (RTF 1.9)
 * of which only the words are kept.
 *
 * Both append UTF-8 to a growing text, whose limit bounds what they produce.
 * What is not well formed becomes U+FFFD; nothing here fails.
 */
#ifndef CAPTURE_WINTEXT_H
#define CAPTURE_WINTEXT_H

#include "core/text.h"

/* Up to the first NUL or the end; an odd last byte is dropped. */
void wintext_utf16(struct slice s, struct text *to);

/*
 * The words of an RTF document up to its first NUL: paragraphs end in a line
 * feed, font and colour tables and unknown destinations are dropped.  Bytes
 * that are not RTF are taken for Windows-1252 and kept.
 */
void wintext_rtf(struct slice s, struct text *to);

#endif /* CAPTURE_WINTEXT_H */
