/* What the client of MRAS asks: the requests, signed. */
#include "config.h"

#include "dissectors/mras.h"
#include "dissectors/sip_identity.h"
#include "engine/mras_client_state.h"

#define REQUESTS_MAX 6u /* of a step: three legs of NTLM, and once anew */
#define MRAS_TYPE "application/msrtc-media-relay-auth+xml"
#define PROVISION_TYPE "application/vnd-microsoft-roaming-provisioning-v2+xml"
#define PROVISION_EVENT "vnd-microsoft-provisioning-v2"
#define PROVISION_GROUP                                                     \
	"<provisioningGroupList xmlns=\"http://schemas.microsoft.com/2006/" \
	"09/sip/provisioninggrouplist\"><provisioningGroup "                \
	"name=\"ServerConfiguration\"/></provisioningGroupList>"

/* ---- what each step has of its own ---- */

static void write_token_body(struct mras_client *c)
{
	struct mras_credentials asked = {
		.id = slice_of_text(c->id),
		.identity = c->config.identity,
		.location = c->config.location,
		.duration_min = c->config.duration_min,
	};
	struct mras request = {
		.kind = MRAS_REQUEST,
		.request_id = slice_of_text(c->id),
		.version = slice_of_text(c->version),
		.from = c->config.identity,
		.to = slice_of_text(c->report.uri),
		.credentials = &asked,
		.count = 1,
	};

	mras_write(&request, &c->body);
}

static void write_provision_body(struct mras_client *c)
{
	text_puts(&c->body, PROVISION_GROUP);
}

static void line(struct mras_client *c, const char *name, const char *value)
{
	sip_write_header(&c->out, slice_of_text(name), slice_of_text(value));
}

/* Where the server reaches us: over this connection, whatever stands there. */
static void put_contact(struct mras_client *c)
{
	struct text *to = &c->out;

	text_puts(to, "Contact: <sip:");
	endpoint_text(&c->config.local, to);
	text_printf(to, ";transport=%s>;proxy=replace",
		    c->config.tls ? "tls" : "tcp");
}

static void put_instance(struct mras_client *c)
{
	char instance[SIP_UUID_TEXT + 1];

	sip_instance_of_epid(slice_of_text(c->epid), instance);
	put_contact(c);
	text_printf(&c->out,
		    ";methods=\"BENOTIFY, NOTIFY\""
		    ";+sip.instance=\"<urn:uuid:%s>\"\r\n",
		    instance);
}

static void register_headers(struct mras_client *c)
{
	put_instance(c);
	line(c, "Supported", "gruu-10, msrtc-event-categories");
	line(c, "Event", "registration");
	line(c, "ms-keep-alive", "UAC;hop-hop=yes");
}

static void leave_headers(struct mras_client *c)
{
	put_instance(c);
}

static void provision_headers(struct mras_client *c)
{
	put_contact(c);
	text_puts(&c->out, "\r\n");
	line(c, "Event", PROVISION_EVENT);
	line(c, "Accept", PROVISION_TYPE);
	line(c, "Supported", "ms-benotify, ms-piggyback-first-notify");
	line(c, "Proxy-Require", "ms-benotify");
}

static void no_headers(struct mras_client *c)
{
	(void)c;
}

struct step {
	const char *method;
	const char *expires, *type; /* or NULL */
	void (*headers)(struct mras_client *c);
	void (*body)(struct mras_client *c); /* or NULL */
};

static const struct step steps[MRAS_STEPS] = {
	[MRAS_REGISTERS] = {"REGISTER", NULL, NULL, register_headers, NULL},
	[MRAS_PROVISIONS] = {"SUBSCRIBE", "0", PROVISION_TYPE,
			     provision_headers, write_provision_body},
	[MRAS_ASKS] = {"SERVICE", NULL, MRAS_TYPE, no_headers,
		       write_token_body},
	[MRAS_LEAVES] = {"REGISTER", "0", NULL, leave_headers, NULL},
};

const char *mras_step_text(enum mras_step step)
{
	return step < MRAS_STEPS ? steps[step].method : "";
}

struct mras_dialog *mras_client_dialog(struct mras_client *c)
{
	return &c->dialogs[c->step == MRAS_LEAVES ? MRAS_REGISTERS : c->step];
}

/* ---- the request ---- */

/* To whom: a registrar is asked as a domain, about a user. */
static void uris_of(const struct mras_client *c, struct text *request,
		    struct slice *to)
{
	struct slice host = c->config.identity;

	*to = c->config.identity;
	if (c->step == MRAS_ASKS) {
		*to = slice_of_text(c->report.uri);
		text_put(request, *to);
	} else if (c->step == MRAS_PROVISIONS) {
		text_put(request, *to);
	} else {
		(void)slice_split(&host, '@');
		text_puts(request, "sip:");
		text_put(request, host);
	}
}

static void write_headers(struct mras_client *c, struct slice to)
{
	const struct mras_dialog *d = mras_client_dialog(c);
	struct text *out = &c->out;
	char branch[WORD];

	signer_random_hex(&c->signer, branch, WORD - 1);
	text_printf(out, "Via: SIP/2.0/%s ", c->config.tls ? "TLS" : "TCP");
	endpoint_text(&c->config.local, out);
	text_printf(out, ";branch=z9hG4bK%s\r\nMax-Forwards: 70\r\nFrom: <",
		    branch);
	text_put(out, c->config.identity);
	text_printf(out, ">;tag=%s%s%s\r\nTo: <", d->tag,
		    c->config.registers ? ";epid=" : "",
		    c->config.registers ? c->epid : "");
	text_put(out, to);
	text_printf(out, ">\r\nCall-ID: %s\r\nCSeq: %u %s\r\n", d->call_id,
		    d->cseq, steps[c->step].method);
	sip_write_header(out, SLICE("User-Agent"), c->config.agent);
}

static void sign(struct mras_client *c, struct slice uri, struct slice to)
{
	const struct mras_dialog *d = mras_client_dialog(c);
	struct association_text what = {
		.call_id = slice_of_text(d->call_id),
		.cseq = d->cseq,
		.method = slice_of_text(steps[c->step].method),
		.from_uri = c->config.identity,
		.from_tag = slice_of_text(d->tag),
		.to_uri = to,
	};

	if (steps[c->step].expires)
		what.expires = slice_of_text(steps[c->step].expires);
	signer_write(&c->signer, &what, uri, text_slice(&c->body), &c->out);
}

static void write_request(struct mras_client *c)
{
	const struct step *step = &steps[c->step];
	struct text uri = text_new(ANSWER_MAX);
	struct slice to;

	text_clear(&c->body);
	text_clear(&c->out);
	if (step->body)
		step->body(c);
	uris_of(c, &uri, &to);
	sip_write_request(&c->out, slice_of_text(step->method),
			  text_slice(&uri));
	write_headers(c, to);
	step->headers(c);
	if (step->expires)
		line(c, "Expires", step->expires);
	sign(c, text_slice(&uri), to);
	if (step->type)
		line(c, "Content-Type", step->type);
	sip_write_end(&c->out, text_slice(&c->body));
	text_free(&uri);
}

bool mras_client_ask(struct mras_client *c, nanoseconds now)
{
	if (++c->asked > REQUESTS_MAX)
		return false;
	c->report.requests++;
	mras_client_dialog(c)->cseq++;
	signer_random_hex(&c->signer, c->id, WORD - 1);
	write_request(c);
	c->gives_up = c->config.patience ? now + c->config.patience : INT64_MAX;
	if (c->out.failed != STATUS_OK || c->body.failed != STATUS_OK)
		return false;
	c->provider.send(c->provider.context, text_slice(&c->out));
	return true;
}

/* ---- what the server asks ---- */

void mras_client_confirm(struct mras_client *c, const struct sip_message *m)
{
	static const enum sip_header_name kept[] = {SIP_VIA, SIP_FROM, SIP_TO,
						    SIP_CALL_ID, SIP_CSEQ};

	text_clear(&c->out);
	sip_write_response(&c->out, 200, SLICE("OK"));
	for (size_t i = 0; i < m->header_count; i++)
		for (size_t k = 0; k < sizeof(kept) / sizeof(kept[0]); k++)
			if (m->headers[i].id == kept[k])
				sip_write_header(
					&c->out,
					slice_of_text(sip_header_text(kept[k])),
					m->headers[i].value);
	sip_write_end(&c->out, SLICE(""));
	if (c->out.failed == STATUS_OK)
		c->provider.send(c->provider.context, text_slice(&c->out));
}
