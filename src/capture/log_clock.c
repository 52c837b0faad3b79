/* Years and days of times that leave them out. */
#include "config.h"

#include "capture/log_clock.h"

#define DAY (86400 * NS_PER_S)

void log_clock_set_year(const struct log_clock *clock, struct log_time *time)
{
	if (!time->yearless || !clock->year)
		return;
	time->time = log_time_in_year(time->time, clock->year);
	time->swapped = time->time;
	time->yearless = false;
}

void log_clock_note(struct log_clock *clock, nanoseconds time)
{
	if (time < 0 || time >= CLOCK_LAST)
		return;
	clock->last_clock = time % DAY;
	clock->day = time - clock->last_clock;
	clock->days = 0;
}

void log_clock_set_day(struct log_clock *clock, struct log_time *time)
{
	if (clock->last_clock - time->time > DAY / 2)
		clock->days++;
	clock->last_clock = time->time;
	time->time += clock->day + clock->days * DAY;
	clock->undated |= clock->day == 0;
}
