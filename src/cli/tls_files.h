/*
 * What TLS is decrypted with, as the user gives it (--keylog, --rsa-key) and
 * as captures bring it along.  No secret is ever shown.
 */
#ifndef CLI_TLS_FILES_H
#define CLI_TLS_FILES_H

#include "capture/set.h"
#include "cli/options.h"
#include "net/tls_secrets.h"

/* Reads all files of the options, but not the key logs where capturing goes on:
 * these grow (cli/key_watch.h).  False after a message when one cannot be read
 * or holds no key; lines that are wrong are only warned of. */
bool tls_files_read(struct tls_secrets *to, const struct options *options);

/* Secrets inside a capture named `path`; complaints unless `quiet`. */
void tls_files_embedded(struct tls_secrets *to, const char *path,
			struct slice secrets, bool quiet);

#endif /* CLI_TLS_FILES_H */
