/* What printf does with the formats that are used most. */
#include "config.h"

#include "core/format.h"
#include "core/text.h"

struct output {
	char *at;
	char *end;
};

static bool put(struct output *o, const char *s, size_t n)
{
	if ((size_t)(o->end - o->at) < n)
		return false;
	memcpy(o->at, s, n);
	o->at += n;
	return true;
}

static bool put_number(struct output *o, uint64_t n)
{
	char digits[DECIMAL_MAX];

	return put(o, digits, (size_t)(decimal_put(n, digits) - digits));
}

static bool put_int(struct output *o, int n)
{
	if (n >= 0)
		return put_number(o, (uint64_t)n);
	return put(o, "-", 1) && put_number(o, (uint64_t) - (int64_t)n);
}

/* What may have to be rounded to even is left to printf. */
#define TENTHS_MAX 1e9
#define DOUBT 1e-3

static bool put_tenths(struct output *o, double value)
{
	uint64_t tenths;
	double rest;
	char digit[2] = ".";

	if (!(value >= 0 && value < TENTHS_MAX))
		return false;
	tenths = (uint64_t)(value * 10);
	rest = value * 10 - (double)tenths;
	if (rest > 0.5 - DOUBT && rest < 0.5 + DOUBT)
		return false;
	tenths += rest > 0.5;
	digit[1] = (char)('0' + tenths % 10);
	return put_number(o, tenths / 10) && put(o, digit, 2);
}

static bool put_text(struct output *o, const char *s)
{
	return s && put(o, s, strlen(s));
}

/* One conversion, which follows its '%'. */
static bool put_next(struct output *o, const char **format, va_list *args)
{
	char c = *(*format)++;

	switch (c) {
	case 's':
		return put_text(o, va_arg(*args, const char *));
	case 'c':
		c = (char)va_arg(*args, int);
		return put(o, &c, 1);
	case 'd':
		return put_int(o, va_arg(*args, int));
	case 'u':
		return put_number(o, va_arg(*args, unsigned));
	case 'z':
		return *(*format)++ == 'u' &&
		       put_number(o, va_arg(*args, size_t));
	case '.':
		return *(*format)++ == '1' && *(*format)++ == 'f' &&
		       put_tenths(o, va_arg(*args, double));
	default:
		return c == '%' && put(o, "%", 1);
	}
}

bool format_plainly(struct slice *out, char *to, size_t room,
		    const char *format, va_list args)
{
	struct output o = {to, to + room};
	va_list rest;
	bool ok = true;

	va_copy(rest, args);
	while (ok) {
		size_t run = strcspn(format, "%");

		ok = put(&o, format, run);
		format += run;
		if (!*format)
			break;
		format++;
		ok = ok && put_next(&o, &format, &rest);
	}
	va_end(rest);
	if (ok)
		*out = slice_of(to, (size_t)(o.at - to));
	return ok;
}
