/*
 * What a set of many files wants from the bytes of a file beside what
 * capture/source.h says.
 */
#ifndef CAPTURE_BYTES_H
#define CAPTURE_BYTES_H

#include "core/byte_source.h"

/*
 * Gives the descriptor of a source made by bytes_open_file back until the next
 * read, which opens the file again (STATUS_IO with ESTALE when it is another
 * one by then).  False when it has none or it cannot be got again: standard
 * input, a pipe.
 */
bool bytes_park(struct byte_source *file);

/*
 * Sets *watcher to NULL when this source, made by bytes_open_file, is closed
 * by whoever owns it by then.
 */
void bytes_watch(struct byte_source *file, struct byte_source **watcher);

#endif /* CAPTURE_BYTES_H */
