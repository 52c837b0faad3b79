/*
 * A document of JSON in pieces: the rows of its lists one by one, so that one
 * of many calls need not be a tree as a whole.
 */
#ifndef CHECK_PIECES_H
#define CHECK_PIECES_H

#include "check/tree.h"
#include "core/status.h"

/* A value of the document, or a row of one. */
struct piece {
	const char *member; /* of the document */
	const char *name;   /* of a row of an object, else NULL */
	bool row;
	size_t number; /* of a row, from 0 */
	struct slice text;
	uint64_t at; /* of the text in the file */
};

/* False: no more is wanted.  Nothing of the piece may be kept. */
typedef bool pieces_fn(void *context, const struct piece *piece);

/*
 * Reads from where the file stands.  Lists of objects come as rows, and with
 * `by_name` objects, too; all else comes whole.  STATUS_BAD: the file cannot be
 * read, or is no object of JSON (what is in a piece is not looked at);
 * STATUS_LIMIT: a piece is larger than PIECE_MAX, or no more was wanted.
 */
#define PIECE_MAX ((size_t)64 << 20)
MUST_CHECK enum status pieces_read(FILE *file, bool by_name, pieces_fn *fn,
				   void *context);

/* A text in a piece: at which depth, of what member, both as JSON writes them
 * (with quotation marks). */
typedef void pieces_text_fn(void *context, unsigned depth, struct slice member,
			    struct slice value);

/* All of them in order; those in lists have the member that the list has. */
void pieces_texts(struct slice piece, pieces_text_fn *fn, void *context);

/* What JSON writes so, ended by a zero byte, in place of what was in `to`;
 * false: it is no text. */
bool pieces_decode(struct slice quoted, struct text *to);

#endif /* CHECK_PIECES_H */
