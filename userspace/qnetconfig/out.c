// SPDX-License-Identifier: GPL-2.0-only
/* Records as text or JSON. */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"

#define BUF_SIZE	256
#define BUFS		16

static const struct view *out_view;
static unsigned int out_count;

static int json_flags(void)
{
	int flags = JSON_C_TO_STRING_NOSLASHESCAPE;

	if (opt.pretty)
		return flags | JSON_C_TO_STRING_PRETTY |
		       JSON_C_TO_STRING_SPACED;
	return flags;
}

void out_begin(const struct view *view)
{
	out_view = view;
	out_count = 0;
	if (opt.json)
		putchar('[');
}

static void out_json(struct json_object *rec)
{
	if (out_count)
		putchar(',');
	if (opt.pretty)
		putchar('\n');
	fputs(json_object_to_json_string_ext(rec, json_flags()), stdout);
}

void out_record(struct json_object *rec)
{
	if (opt.json) {
		out_json(rec);
	} else {
		if (!out_count && out_view->header)
			puts(out_view->header);
		out_view->text(rec);
	}
	out_count++;
	json_object_put(rec);
}

void out_end(void)
{
	if (opt.json)
		puts(opt.pretty && out_count ? "\n]" : "]");
	fflush(stdout);
}

static void show_one(struct json_object *rec, void *arg)
{
	(void)arg;
	out_record(rec);
}

int qnl_show(struct nl_msg *msg, const struct view *view)
{
	int status;

	out_begin(view);
	status = qnl_talk(msg, view, show_one, NULL);
	out_end();
	return status;
}

const char *out_nl(void)
{
	return opt.oneline ? "\\" : "\n";
}

static char *next_buf(void)
{
	static char bufs[BUFS][BUF_SIZE];
	static unsigned int next;

	return bufs[next++ % BUFS];
}

bool rec_has(struct json_object *rec, const char *key)
{
	return json_object_object_get_ex(rec, key, NULL);
}

bool rec_bool(struct json_object *rec, const char *key)
{
	return json_object_get_boolean(json_object_object_get(rec, key));
}

s64 rec_num(struct json_object *rec, const char *key)
{
	return json_object_get_int64(json_object_object_get(rec, key));
}

const char *rec_str(struct json_object *rec, const char *key)
{
	struct json_object *val = json_object_object_get(rec, key);
	const char *text = json_object_get_string(val);
	char *buf = next_buf();

	snprintf(buf, BUF_SIZE, "%s", text && *text ? text : "-");
	return buf;
}

const char *rec_name(struct json_object *rec, const char *key)
{
	struct json_object *domain = json_object_object_get(rec, "domain");
	const char *text = json_object_get_string(domain);
	bool has = text && *text && rec_has(rec, key);
	char *buf = next_buf();

	snprintf(buf, BUF_SIZE, "%s%s%s", rec_str(rec, key), has ? "." : "",
		 has ? text : "");
	return buf;
}

const char *rec_age(struct json_object *rec, const char *key)
{
	s64 ms = rec_num(rec, key);
	s64 s = ms / 1000;
	char *buf = next_buf();

	if (!rec_has(rec, key))
		strcpy(buf, "-");
	else if (s < 10)
		snprintf(buf, BUF_SIZE, "%.1fs", (double)ms / 1000);
	else if (s < 100)
		snprintf(buf, BUF_SIZE, "%llds", (long long)s);
	else if (s < 100 * 60)
		snprintf(buf, BUF_SIZE, "%lldm%llds", (long long)s / 60,
			 (long long)s % 60);
	else
		snprintf(buf, BUF_SIZE, "%lldh%lldm", (long long)s / 3600,
			 (long long)s / 60 % 60);
	return buf;
}

const char *rec_time(struct json_object *rec, const char *key)
{
	char *buf = next_buf();

	snprintf(buf, BUF_SIZE, "%gs", (double)rec_num(rec, key) / 1000);
	return buf;
}

const char *rec_size(struct json_object *rec, const char *key)
{
	static const char *const units[] = { "", "K", "M", "G" };
	s64 n = rec_num(rec, key);
	char *buf = next_buf();
	unsigned int i = 0;

	if (!rec_has(rec, key)) {
		strcpy(buf, "-");
		return buf;
	}
	for (; n && n % 1024 == 0 && i + 1 < ARRAY_SIZE(units); i++)
		n /= 1024;
	snprintf(buf, BUF_SIZE, "%lld%s", (long long)n, units[i]);
	return buf;
}

const char *rec_list(struct json_object *rec, const char *key)
{
	struct json_object *list = json_object_object_get(rec, key);
	char *buf = next_buf();
	struct json_object *word;
	size_t i, used = 0;

	strcpy(buf, "-");
	if (!json_object_is_type(list, json_type_array))
		return buf;
	for (i = 0; i < json_object_array_length(list); i++) {
		word = json_object_array_get_idx(list, i);
		used += snprintf(buf + used, BUF_SIZE - used, "%s%s",
				 i ? "," : "", json_object_get_string(word));
		if (used >= BUF_SIZE)
			break;
	}
	return buf;
}
