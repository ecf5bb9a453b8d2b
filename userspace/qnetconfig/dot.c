// SPDX-License-Identifier: GPL-2.0-only
/* The topology as Graphviz source: each bearer is an Ethernet segment. */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"

/* Every colour goes with a word, for eyes that cannot tell them apart. */
static const char *fill(enum color color)
{
	switch (color) {
	case COLOR_GOOD:
		return "#d5f0d5";
	case COLOR_BAD:
		return "#f6d0d0";
	case COLOR_WAIT:
		return "#fbf0c4";
	default:
		return "#eeeeee";
	}
}

static const char *line(bool up)
{
	return up ? "color=\"#207020\"" : "color=\"#b02020\" style=dashed";
}

/* Within quotes. */
static void put(const char *text)
{
	mbstate_t in = { 0 }, out = { 0 };
	char bytes[16];
	int width;
	wchar_t c;

	while (*text) {
		text += text_next(text, &in, &c, &width);
		if (c == L'"' || c == L'\\')
			putchar('\\');
		fwrite(bytes, 1, wcrtomb(bytes, c, &out), stdout);
	}
}

static void put_node_id(struct json_object *rec)
{
	printf("\"node %s\"", rec_str(rec, "nd"));
}

static void put_bearer_id(const char *dev)
{
	printf("\"bearer ");
	put(dev);
	putchar('"');
}

static void put_node(struct json_object *node)
{
	const char *state = rec_str(node, "state");
	char vcs[40];

	putchar('\t');
	put_node_id(node);
	printf(" [label=\"");
	put(rec_name(node, "name"));
	if (rec_bool(node, "self"))
		printf("\\nthis node\" fillcolor=\"#cfe2f3\" penwidth=2");
	else
		printf("\\n%s, watchdog %s\\n%s\" fillcolor=\"%s\"", state,
		       rec_str(node, "watchdog"),
		       some(vcs, sizeof(vcs), rec_num(node, "vcs"), "circuit"),
		       fill(color_of(state)));
	puts("];");
}

/* The bearer, and this node at it. */
static void put_bearer(struct json_object *bearer, struct json_object *self)
{
	const char *dev = rec_str(bearer, "dev");
	bool up = rec_bool(bearer, "up");

	putchar('\t');
	put_bearer_id(dev);
	printf(" [shape=box style=filled height=0.2 fillcolor=\"%s\" label=\"Ethernet ",
	       fill(up ? COLOR_GOOD : COLOR_BAD));
	put(dev);
	printf(", %s\"];\n\t", up ? "up" : "down");
	put_node_id(self);
	printf(" -- ");
	put_bearer_id(dev);
	printf(" [%s];\n", line(up));
}

static void put_links(struct json_object *node)
{
	struct json_object *links = json_object_object_get(node, "links");
	struct json_object *link;
	char rtt[32], loss[32];
	size_t i;

	for (i = 0; i < json_object_array_length(links); i++) {
		link = json_object_array_get_idx(links, i);
		putchar('\t');
		put_bearer_id(rec_str(link, "bearer"));
		printf(" -- ");
		put_node_id(node);
		printf(" [label=\"  %s\\l  rtt %s\\l  loss %s\\l\" %s];\n",
		       link_state(link), link_rtt(link, rtt, sizeof(rtt)),
		       link_loss(link, loss, sizeof(loss)),
		       line(rec_num(link, "active")));
	}
}

static struct json_object *find_self(struct json_object *nodes)
{
	struct json_object *node = NULL;
	size_t i;

	for (i = 0; i < json_object_array_length(nodes); i++) {
		node = json_object_array_get_idx(nodes, i);
		if (rec_bool(node, "self"))
			break;
	}
	return node;
}

void dot_print(struct json_object *rec)
{
	struct json_object *bearers = json_object_object_get(rec, "bearers");
	struct json_object *nodes = json_object_object_get(rec, "nodes");
	struct json_object *self = find_self(nodes);
	size_t i;

	printf("graph qnet {\n\tlabel=\"Qnet as ");
	put(rec_str(rec, "self_name"));
	puts(" sees it\";\n\tcharset=\"UTF-8\";\n\toverlap=false;\n"
	     "\tfontname=\"sans-serif\";\n"
	     "\tnode [shape=box style=\"rounded,filled\" fontname=\"sans-serif\"];\n"
	     "\tedge [fontname=\"sans-serif\" fontsize=10];");
	for (i = 0; i < json_object_array_length(nodes); i++)
		put_node(json_object_array_get_idx(nodes, i));
	for (i = 0; i < json_object_array_length(bearers); i++)
		put_bearer(json_object_array_get_idx(bearers, i), self);
	for (i = 0; i < json_object_array_length(nodes); i++)
		put_links(json_object_array_get_idx(nodes, i));
	puts("}");
}
