/* The passwords of a call, for who asked for them (--show-secrets). */
#include "config.h"

#include "report/secrets.h"
#include "report/text_parts.h"

#define HANGING 6
#define SECRET_MAX 1024u

/* A line "    WHO NAME: PASSWORD", under a heading the first time. */
struct secrets {
	struct printer *p;
	bool any;
};

static void print_secret(struct secrets *s, const char *who, struct slice name,
			 struct slice password)
{
	struct printer *p = s->p;
	struct text text = text_new(SECRET_MAX);

	if (!s->any)
		printer_heading(p, "Passwords");
	s->any = true;
	key_put_username(name, &text);
	printer_printf(p, "    %s ", who);
	text_escaped(&p->line, text_slice(&text));
	text_clear(&text);
	secret_put(password, true, &text);
	printer_puts(p, ": ");
	text_escaped(&p->line, text_slice(&text));
	printer_end(p, HANGING);
	text_free(&text);
}

static void print_description(struct secrets *s, const struct description *d)
{
	if (d->ufrag && d->pwd)
		print_secret(s, "ICE user fragment",
			     text_slice_at(s->p->model, d->ufrag),
			     text_slice_at(s->p->model, d->pwd));
}

void text_secrets(struct printer *p, const struct call *call)
{
	const struct token *tokens = p->model->tokens.rows;
	const struct dialog *dialogs = p->model->dialogs.rows;
	struct secrets s = {.p = p};

	if (!p->options->show_secrets)
		return;
	for (uint32_t i = 0; i < call->tokens.count; i++) {
		const struct token *t = &tokens[call->tokens.list[i]];

		if (t->password.n)
			print_secret(&s, "relay user", t->username,
				     t->password);
	}
	if (call->dialog != LIST_NONE) {
		print_description(&s, &dialogs[call->dialog].offer);
		print_description(&s, &dialogs[call->dialog].reply);
	}
}
