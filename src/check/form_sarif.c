/*
 * SARIF 2.1.0: findings and failed expectations as results.  What is accepted
 * is there too, suppressed with its reason (3.27.23), so that a viewer can
 * tell what a team knows.
 */
#include "config.h"

#include "check/forms.h"

#define RULE_EXPECTATION "check/expectation"
#define URI_MAX ((size_t)1 << 16)

struct sarif {
	json_t *rules, *results;
	json_t *indexes; /* of rules, by id */
};

static json_t *text_object(const char *text)
{
	json_t *out = json_object();

	(void)tree_set(out, "text", text ? text : "");
	return out;
}

/* RFC 3986: what may not stand in a path is written as %XX; RFC 8089: of a file
 * with its whole path (a relative reference must not begin so, 3.4.4). */
static void put_uri(const char *path, struct text *to)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "-._~/!$&'()*+,;=@";

	if (path[0] == '/')
		text_puts(to, "file://");
	for (; *path; path++) {
		if (strchr(plain, *path))
			text_putc(to, *path);
		else
			text_printf(to, "%%%02X", (unsigned char)*path);
	}
}

static json_t *location_of(const char *path, double line)
{
	json_t *location = json_object(), *physical = json_object();
	json_t *artifact = json_object(), *region;
	struct text uri = text_new(URI_MAX);

	put_uri(path, &uri);
	(void)tree_set_slice(artifact, "uri", text_slice(&uri));
	text_free(&uri);
	(void)json_object_set_new(physical, "artifactLocation", artifact);
	if (line > 0) {
		region = json_object();
		(void)json_object_set_new(region, "startLine",
					  json_integer((json_int_t)line));
		(void)json_object_set_new(physical, "region", region);
	}
	(void)json_object_set_new(location, "physicalLocation", physical);
	return location;
}

static const char *level_of(const char *severity)
{
	if (severity && strcmp(severity, "info") == 0)
		return "note";
	return severity ? severity : "error";
}

/* The index of a rule; its row is added when it is new. */
static json_int_t rule_index(struct sarif *s, const char *id,
			     const json_t *finding)
{
	json_t *known = json_object_get(s->indexes, id), *rule, *level;
	const char *source = tree_text(finding, "source");
	const char *remedy = tree_text(finding, "remedy");

	if (known)
		return json_integer_value(known);
	rule = json_object();
	level = json_object();
	known = json_integer((json_int_t)json_array_size(s->rules));
	(void)tree_set(rule, "id", id);
	(void)json_object_set_new(
		rule, "shortDescription",
		text_object(finding ? id : "What is expected of a capture"));
	if (remedy)
		(void)json_object_set_new(rule, "help", text_object(remedy));
	if (source)
		(void)json_object_set_new(rule, "fullDescription",
					  text_object(source));
	(void)tree_set(level, "level",
		       level_of(tree_text(finding, "severity")));
	(void)json_object_set_new(rule, "defaultConfiguration", level);
	(void)json_array_append_new(s->rules, rule);
	(void)json_object_set(s->indexes, id, known);
	json_decref(known);
	return (json_int_t)json_array_size(s->rules) - 1;
}

static json_t *begin(struct sarif *s, const char *rule, const json_t *finding,
		     const char *message)
{
	json_t *out = json_object();

	(void)tree_set(out, "ruleId", rule);
	(void)json_object_set_new(out, "ruleIndex",
				  json_integer(rule_index(s, rule, finding)));
	(void)tree_set(out, "level", level_of(tree_text(finding, "severity")));
	(void)json_object_set_new(out, "message", text_object(message));
	return out;
}

static void put_fingerprint(json_t *out, const char *one, const char *two)
{
	struct text text = text_new(URI_MAX);
	json_t *prints = json_object();

	text_puts(&text, one ? one : "");
	text_putc(&text, '|');
	text_puts(&text, two ? two : "");
	(void)tree_set_slice(prints, "mrascopeKey/v1", text_slice(&text));
	(void)json_object_set_new(out, "partialFingerprints", prints);
	text_free(&text);
}

static void put_location(json_t *out, const char *path, double line)
{
	json_t *list = json_array();

	if (path)
		(void)json_array_append_new(list, location_of(path, line));
	(void)json_object_set_new(out, "locations", list);
}

static const char *capture_of(const json_t *result)
{
	return json_string_value(
		json_array_get(json_object_get(result, "captures"), 0));
}

static void add_finding(struct sarif *s, const json_t *result,
			const json_t *finding)
{
	const char *accepted = tree_text(finding, "accepted");
	json_t *out = begin(s, tree_text(finding, "rule"), finding,
			    tree_text(finding, "message"));
	json_t *properties = json_object(), *list;

	put_location(out, capture_of(result), 0);
	put_fingerprint(out, tree_text(result, "name"),
			tree_text(finding, "key"));
	(void)json_object_set(properties, "frames",
			      json_object_get(finding, "frames"));
	(void)json_object_set(properties, "call",
			      json_object_get(finding, "call"));
	(void)json_object_set_new(out, "properties", properties);
	if (accepted) {
		json_t *suppression = json_object();

		list = json_array();
		(void)tree_set(suppression, "kind", "external");
		(void)tree_set(suppression, "justification", accepted);
		(void)json_array_append_new(list, suppression);
		(void)json_object_set_new(out, "suppressions", list);
	}
	(void)json_array_append_new(s->results, out);
}

static void add_check(struct sarif *s, const json_t *result,
		      const json_t *check)
{
	struct text message = text_new(URI_MAX);
	const char *file = tree_text(result, "file");
	json_t *out;

	/* A finding that was not expected stands there already. */
	if (tree_true(check, "passed") || json_object_get(check, "finding"))
		return;
	text_printf(&message, "%s: %s", tree_text(check, "name"),
		    tree_text(check, "message"));
	text_putc(&message, '\0');
	out = begin(s, RULE_EXPECTATION, NULL,
		    message.failed == STATUS_OK ? message.p : "?");
	text_free(&message);
	put_location(out, file ? file : capture_of(result),
		     file ? tree_number(check, "line") : 0);
	put_fingerprint(out, tree_text(result, "name"),
			tree_text(check, "name"));
	if (!outcome_is_bad(result)) {
		json_t *list = json_array(), *one = json_object();

		(void)tree_set(one, "kind", "external");
		(void)tree_set(one, "justification",
			       tree_text(result, "reason"));
		(void)json_array_append_new(list, one);
		(void)json_object_set_new(out, "suppressions", list);
	}
	(void)json_array_append_new(s->results, out);
}

static json_t *run_of(const struct sarif *s, const char *version)
{
	json_t *run = json_object(), *tool = json_object();
	json_t *driver = json_object();

	(void)tree_set(driver, "name", "mrascope");
	(void)tree_set(driver, "version", version);
	(void)json_object_set(driver, "rules", s->rules);
	(void)json_object_set_new(tool, "driver", driver);
	(void)json_object_set_new(run, "tool", tool);
	(void)json_object_set(run, "results", s->results);
	(void)tree_set(run, "columnKind", "utf16CodeUnits");
	return run;
}

void form_sarif(const json_t *results, const struct form_options *o,
		struct text *to)
{
	struct sarif s = {json_array(), json_array(), json_object()};
	json_t *out = json_object(), *runs = json_array();

	for (size_t i = 0; i < json_array_size(results); i++) {
		const json_t *result = json_array_get(results, i);
		const json_t *findings = json_object_get(result, "findings");
		const json_t *checks = json_object_get(result, "checks");

		for (size_t k = 0; k < json_array_size(checks); k++)
			add_check(&s, result, json_array_get(checks, k));
		for (size_t k = 0; k < json_array_size(findings); k++)
			add_finding(&s, result, json_array_get(findings, k));
	}
	(void)tree_set(out, "$schema",
		       "https://json.schemastore.org/sarif-2.1.0.json");
	(void)tree_set(out, "version", "2.1.0");
	(void)json_array_append_new(runs, run_of(&s, o->version));
	(void)json_object_set_new(out, "runs", runs);
	tree_write(out, to);
	json_decref(out);
	json_decref(s.rules);
	json_decref(s.results);
	json_decref(s.indexes);
}
