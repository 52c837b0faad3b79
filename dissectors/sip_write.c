/*
 * Writing SIP messages: for the engine, the prober and the tests.  The caller
 * gives text that holds no line ends; nothing is escaped here.
 */
#include "config.h"

#include "core/text.h"
#include "dissectors/sip.h"

void sip_write_request(struct text *to, struct slice method, struct slice uri)
{
	text_put(to, method);
	text_putc(to, ' ');
	text_put(to, uri);
	text_puts(to, " SIP/2.0\r\n");
}

void sip_write_response(struct text *to, unsigned status, struct slice reason)
{
	text_printf(to, "SIP/2.0 %03u ", status);
	text_put(to, reason);
	text_puts(to, "\r\n");
}

void sip_write_header(struct text *to, struct slice name, struct slice value)
{
	text_put(to, name);
	text_puts(to, ": ");
	text_put(to, value);
	text_puts(to, "\r\n");
}

void sip_write_end(struct text *to, struct slice body)
{
	text_puts(to, "Content-Length: ");
	text_number(to, body.n);
	text_puts(to, "\r\n\r\n");
	text_put(to, body);
}
