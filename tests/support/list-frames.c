/*
 * list-frames [-f FILTER] FILE...: the frames of captures as tab-separated
 * number, time, length on the wire and captured length; what is wrong with the
 * files on standard error.  For comparing with
 *
 *	tshark -T fields -e frame.number -e frame.time_epoch -e frame.len \
 *		-e frame.cap_len
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "capture/set.h"

static void print_frame(const struct frame *frame)
{
	nanoseconds seconds = frame->time / NS_PER_S;
	nanoseconds ns = frame->time % NS_PER_S;
	const char *sign = "";

	if (!frame->has_time) {
		printf("%" PRIu64 "\t\t%" PRIu32 "\t%zu\n", frame->number,
		       frame->wire_length, frame->bytes.n);
		return;
	}
	if (frame->time < 0) {
		sign = "-";
		seconds = -seconds;
		ns = -ns;
	}
	printf("%" PRIu64 "\t%s%" PRId64 ".%09" PRId64 "\t%" PRIu32 "\t%zu\n",
	       frame->number, sign, seconds, ns, frame->wire_length,
	       frame->bytes.n);
}

static void print_fault(const char *path, const char *what,
			const struct fault *fault)
{
	if (!fault->set)
		return;
	fprintf(stderr, "%s: %s: %s", path, what, fault->text);
	if (fault->offset != UINT64_MAX)
		fprintf(stderr, " at byte %" PRIu64, fault->offset);
	fputc('\n', stderr);
}

static void print_files(const struct capture_set *set)
{
	for (size_t i = 0; i < capture_set_count(set); i++) {
		const struct capture_file *file = capture_set_file(set, i);

		fprintf(stderr,
			"%s: %s%s%s: %s, %" PRIu64 " frames, %" PRIu64
			" bytes, %" PRIu64 " warnings\n",
			file->path,
			file->info.format ? file->info.format : "unknown",
			file->info.compression ? " in " : "",
			file->info.compression ? file->info.compression : "",
			status_name(file->status), file->info.frames,
			file->info.bytes, file->info.warnings);
		print_fault(file->path, "fault", &file->fault);
		print_fault(file->path, "damage", &file->info.damage);
		print_fault(file->path, "warning", &file->info.warning);
	}
}

static bool add_all(struct capture_set *set, int count, char **paths)
{
	struct fault fault;

	for (int i = 0; i < count; i++) {
		enum status status = capture_set_add(set, paths[i], &fault);

		print_fault(paths[i], status_name(status), &fault);
		if (status != STATUS_OK)
			return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	struct capture_set *set = capture_set_new();
	struct fault fault = {0};
	struct frame frame;
	int first = 1;

	if (!set)
		return EXIT_FAILURE;
	if (argc > 2 && strcmp(argv[1], "-f") == 0) {
		if (capture_set_filter(set, argv[2], &fault) != STATUS_OK)
			print_fault(argv[2], "filter", &fault);
		first = 3;
	}
	if (!fault.set && add_all(set, argc - first, argv + first))
		while (capture_set_next(set, &frame) == STATUS_OK)
			print_frame(&frame);
	print_files(set);
	capture_set_free(set);
	return fault.set ? EXIT_FAILURE : EXIT_SUCCESS;
}
