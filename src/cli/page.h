/*
 * The report as a page, with the messages as they were sent.
 */
#ifndef CLI_PAGE_H
#define CLI_PAGE_H

#include "cli/options.h"

/* Analyses and writes the page; returns the exit status. */
int page_write(const struct options *options);

#endif /* CLI_PAGE_H */
