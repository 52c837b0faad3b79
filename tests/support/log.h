/* What a reader makes of logs. */
#ifndef TESTS_SUPPORT_LOG_H
#define TESTS_SUPPORT_LOG_H

#include "core/record.h"
#include "tests/support/capture.h"

struct t_log {
	struct t_frames frames;
	struct record records[T_FRAMES_MAX];
};

/* The texts of the records are in the frames. */
void t_read_log(struct slice file, struct t_log *got);
/* The same of a file that was written last at that time. */
void t_read_log_of(struct slice file, nanoseconds modified, struct t_log *got);
/* For t_failing_walk(): is this text read to its end, and has so many records
 * then? */
struct t_log_need {
	struct slice text;
	uint64_t records;
	bool by_more; /* it is not known by its front, to which a lack of memory
		       * keeps who looks */
};
bool t_log_reads(void *need);
/* "192.0.2.1:5060" */
void t_is_end(const struct endpoint *e, const char *want);
/* "2015-02-03T09:07:12.045000000Z" */
void t_is_time(const struct frame *frame, const char *want);

#endif /* TESTS_SUPPORT_LOG_H */
