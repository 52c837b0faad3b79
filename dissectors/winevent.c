/* Windows events as XML (spec "capture-formats" 5). */
#include "config.h"

#include "core/xml.h"
#include "dissectors/winevent.h"

#define DIGITS_NS 9u

/* "<Event" and no longer name. */
static bool find_start(struct slice s, size_t *at)
{
	size_t from = 0, found;

	while (slice_search(slice_from(s, from), SLICE("<Event"), &found)) {
		struct slice rest;

		*at = from + found;
		rest = slice_from(s, *at + 6);
		if (rest.n && (rest.p[0] == ' ' || rest.p[0] == '>' ||
			       rest.p[0] == '\t' || rest.p[0] == '\r' ||
			       rest.p[0] == '\n'))
			return true;
		from = *at + 6;
	}
	return false;
}

bool winevent_next(struct slice *rest, struct slice *element)
{
	size_t start, end;

	if (!find_start(*rest, &start))
		return false;
	*rest = slice_from(*rest, start);
	if (!slice_search(*rest, SLICE("</Event>"), &end)) {
		*element = *rest;
		*rest = (struct slice){0};
		return true;
	}
	*element = slice_first(*rest, end + 8);
	*rest = slice_from(*rest, end + 8);
	return true;
}

static bool number(struct slice *s, size_t digits, int *out)
{
	uint64_t n;

	if (s->n < digits ||
	    slice_number(slice_first(*s, digits), 9999, &n) != STATUS_OK)
		return false;
	*out = (int)n;
	*s = slice_from(*s, digits);
	return true;
}

static bool mark(struct slice *s, char c)
{
	bool is = s->n && s->p[0] == (uint8_t)c;

	*s = slice_from(*s, is);
	return is;
}

/* 2016-07-08T18:12:51.681640600Z, with 0 to 9 digits behind the point. */
static nanoseconds read_time(struct slice s)
{
	struct civil_time c = {0};
	nanoseconds time, unit = NS_PER_S;

	if (!number(&s, 4, &c.year) || !mark(&s, '-') ||
	    !number(&s, 2, &c.month) || !mark(&s, '-') ||
	    !number(&s, 2, &c.day) || !mark(&s, 'T') ||
	    !number(&s, 2, &c.hour) || !mark(&s, ':') ||
	    !number(&s, 2, &c.minute) || !mark(&s, ':') ||
	    !number(&s, 2, &c.second) || clock_of_civil(&c, &time) != STATUS_OK)
		return 0;
	if (!mark(&s, '.') || time > CLOCK_LAST)
		return time;
	for (size_t i = 0;
	     i < DIGITS_NS && i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++) {
		unit /= 10;
		time += unit * (s.p[i] - '0');
	}
	return time;
}

static bool read_id(const struct xml_element *system, struct winevent *out)
{
	const struct xml_element *e = xml_child(system, "EventID");
	uint64_t id;

	if (!e || slice_number(e->text, UINT32_MAX, &id) != STATUS_OK)
		return false;
	/* The upper half may have been left in. */
	out->id = (uint32_t)(id & 0xFFFF);
	return true;
}

static struct slice text_of(const struct xml_element *of, const char *name)
{
	const struct xml_element *e = xml_child(of, name);

	return e ? e->text : (struct slice){0};
}

static void read_system(const struct xml_element *system, struct winevent *out)
{
	uint64_t n;

	out->provider =
		xml_attribute_value(xml_child(system, "Provider"), "Name");
	out->computer = text_of(system, "Computer");
	out->channel = text_of(system, "Channel");
	out->time = read_time(xml_attribute_value(
		xml_child(system, "TimeCreated"), "SystemTime"));
	if (slice_number(text_of(system, "Level"), 255, &n) == STATUS_OK)
		out->level = (unsigned)n;
	if (slice_number(text_of(system, "EventRecordID"), UINT64_MAX, &n) ==
	    STATUS_OK)
		out->record = n;
}

/* Values in the order of the document, whatever they are called. */
static void read_data(const struct xml_element *of, struct winevent *out,
		      unsigned depth)
{
	for (const struct xml_element *e = of ? of->first : NULL; e;
	     e = e->next) {
		if (e->first && depth < 4)
			read_data(e, out, depth + 1);
		else if (e->text.n && out->data_count < WINEVENT_DATA_MAX)
			out->data[out->data_count++] = e->text;
	}
}

enum status winevent_read(struct slice element, struct arena *arena,
			  struct winevent *out)
{
	const struct xml_element *root, *system;
	struct winevent event = {.id = 0};
	enum status status = xml_parse(element, arena, &root);

	if (status != STATUS_OK)
		return status;
	system = xml_child(root, "System");
	if (!system || !read_id(system, &event))
		return STATUS_BAD;
	read_system(system, &event);
	read_data(xml_child(root, "EventData"), &event, 0);
	read_data(xml_child(root, "UserData"), &event, 0);
	event.message = text_of(xml_child(root, "RenderingInfo"), "Message");
	*out = event;
	return STATUS_OK;
}
