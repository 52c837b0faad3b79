/* What the readers of all formats share. */
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "capture/reader.h"

#define REASON_SIZE 80
#define ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

static void say(struct fault *fault, uint64_t offset, const char *format,
		va_list args) PRINTF_LIKE(3, 0);

static void say(struct fault *fault, uint64_t offset, const char *format,
		va_list args)
{
	fault->set = true;
	fault->offset = offset;
	vsnprintf(fault->text, sizeof(fault->text), format, args);
}

void fault_say(struct fault *fault, uint64_t offset, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(fault, offset, format, args);
	va_end(args);
}

/* The system's word for an error. */
static void describe(int error, char reason[REASON_SIZE])
{
	if (strerror_r(error, reason, REASON_SIZE) != 0)
		snprintf(reason, REASON_SIZE, "error %d", error);
}

enum status fault_errno(struct fault *fault, int error)
{
	char reason[REASON_SIZE];

	describe(error, reason);
	fault_say(fault, UINT64_MAX, "%s", reason);
	return error == ENOMEM ? STATUS_NOMEM : STATUS_IO;
}

void source_warn(struct source *self, uint64_t offset, const char *format, ...)
{
	va_list args;

	self->info.warnings++;
	if (self->info.warning.set)
		return;
	va_start(args, format);
	say(&self->info.warning, offset, format, args);
	va_end(args);
}

void source_damage(struct source *self, uint64_t offset, const char *format,
		   ...)
{
	struct source_info *info = &self->info;
	struct fault *fault = &info->damage;
	va_list args;

	if (fault->set) {
		info->warnings++;
		fault = &info->warning;
		if (fault->set)
			return;
	}
	va_start(args, format);
	say(fault, offset, format, args);
	va_end(args);
}

/* Why a source gave no more bytes, other than that they ended. */
static void say_failure(struct fault *fault, const struct block *block,
			enum status status)
{
	const char *why = block->bytes->why;
	char reason[REASON_SIZE];

	if (status == STATUS_IO) {
		describe(block->error, reason);
		fault_say(fault, block->end, "cannot be read: %s", reason);
	} else if (status == STATUS_NOMEM) {
		fault_say(fault, block->end, "out of memory");
	} else {
		fault_say(fault, block->end, "%s",
			  why ? why : status_name(status));
	}
}

enum status source_stop(struct source *self, const struct block *block,
			enum status status, const char *what, size_t want)
{
	struct fault fault = {0};

	if (status == STATUS_END)
		return self->info.damage.set ? STATUS_BAD : STATUS_END;
	if (status == STATUS_SHORT) {
		source_damage(self, block_offset(block),
			      "the file is cut off: %zu of %zu bytes of %s",
			      block->left, want, what);
		return STATUS_BAD;
	}
	say_failure(&fault, block, status);
	source_damage(self, fault.offset, "%s", fault.text);
	return status;
}

enum status open_stop(const struct block *block, enum status status,
		      const char *what, size_t want, struct fault *fault)
{
	if (status == STATUS_END || status == STATUS_SHORT) {
		fault_say(fault, block_offset(block),
			  "the file is cut off: %zu of %zu bytes of %s",
			  block->left, want, what);
		return STATUS_SHORT;
	}
	say_failure(fault, block, status);
	return status;
}

void source_link_type(struct source *self, uint32_t link_type)
{
	struct source_info *info = &self->info;

	for (size_t i = 0; i < info->link_type_count; i++)
		if (info->link_types[i] == link_type)
			return;
	if (info->link_type_count < ELEMENTS(info->link_types))
		info->link_types[info->link_type_count++] = link_type;
}
