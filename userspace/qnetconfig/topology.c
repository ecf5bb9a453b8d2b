// SPDX-License-Identifier: GPL-2.0-only
/* qnetconfig topology: the network as this node sees it, drawn. */
#include <json-c/json.h>
#include <linux/qnet_netlink.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "cmd.h"

/*
 * Two peers beside each other, and between them the line that stands for this
 * node, at SPINE.  A box takes BOX columns; behind it begins the wire.
 */
enum {
	COLS	= 79,
	SPINE	= 39,
	BOX	= 22,
	SELF	= 36,
	LINK_ROWS = 4,		/* of a link, and of a node without any */
	LINKS	= 8,		/* more than any node has */
	ROWS	= LINK_ROWS * LINKS + 2,
};

enum glyph { H, V, CROSS, LEFT, RIGHT, UPWARD, DOWNWARD, TOP_LEFT, TOP_RIGHT,
	     BOTTOM_LEFT, BOTTOM_RIGHT, BROKEN };

/* "-|+++..." for terminals without more */
static const wchar_t ascii[] = L"-|+++++++++.";
static const wchar_t lines[] = L"─│┼┤├┴┬┌┐└┘╌";

/**
 * struct canvas - some rows of the drawing
 * @c:     characters; 0 behind one of two columns
 * @color: their colours
 * @rows:  how many are in use
 */
struct canvas {
	wchar_t	c[ROWS][COLS];
	u8	color[ROWS][COLS];
	int	rows;
};

/* ------------------------------------------------------------- drawing */

static void clear(struct canvas *cv, int rows)
{
	int row, col;

	cv->rows = rows < ROWS ? rows : ROWS;
	memset(cv->color, COLOR_NONE, sizeof(cv->color));
	for (row = 0; row < cv->rows; row++)
		for (col = 0; col < COLS; col++)
			cv->c[row][col] = L' ';
}

static void glyph(struct canvas *cv, int row, int col, enum glyph g)
{
	cv->c[row][col] = text_is_utf8() ? lines[g] : ascii[g];
}

static void across(struct canvas *cv, int row, int from, int to, enum glyph g)
{
	for (; from <= to; from++)
		glyph(cv, row, from, g);
}

/* A text of at most so many columns. */
static void put(struct canvas *cv, int row, int col, int columns,
		enum color color, const char *text)
{
	mbstate_t state = { 0 };
	char fit[512];
	const char *p;
	int width;
	wchar_t c;

	for (p = text_fit(fit, sizeof(fit), text, columns); *p; col += width) {
		p += text_next(p, &state, &c, &width);
		cv->c[row][col] = c;
		cv->color[row][col] = color;
		if (width > 1)
			cv->c[row][col + 1] = 0;
	}
}

static void box(struct canvas *cv, int col, int columns, int rows)
{
	int last = col + columns - 1;
	int row;

	across(cv, 0, col, last, H);
	across(cv, rows - 1, col, last, H);
	for (row = 1; row < rows - 1; row++) {
		glyph(cv, row, col, V);
		glyph(cv, row, last, V);
	}
	glyph(cv, 0, col, TOP_LEFT);
	glyph(cv, 0, last, TOP_RIGHT);
	glyph(cv, rows - 1, col, BOTTOM_LEFT);
	glyph(cv, rows - 1, last, BOTTOM_RIGHT);
}

static void print_char(wchar_t c)
{
	char bytes[16];
	mbstate_t state = { 0 };
	size_t len = wcrtomb(bytes, c, &state);

	if (len != (size_t)-1)
		fwrite(bytes, 1, len, stdout);
}

static void print_row(const struct canvas *cv, int row)
{
	enum color color = COLOR_NONE;
	int end = COLS, col;

	while (end && cv->c[row][end - 1] == L' ')
		end--;
	for (col = 0; col < end; col++) {
		if (cv->color[row][col] != color) {
			fputs(color_off(color), stdout);
			color = cv->color[row][col];
			fputs(color_on(color), stdout);
		}
		if (cv->c[row][col])
			print_char(cv->c[row][col]);
	}
	printf("%s\n", color_off(color));
}

static void print(const struct canvas *cv)
{
	int row;

	for (row = 0; row < cv->rows; row++)
		print_row(cv, row);
}

/* --------------------------------------------------------------- nodes */

static struct json_object *links_of(struct json_object *node)
{
	return json_object_object_get(node, "links");
}

static int nr_links(struct json_object *node)
{
	int n = node ? json_object_array_length(links_of(node)) : 0;

	return n < LINKS ? n : LINKS;
}

const char *link_state(struct json_object *link)
{
	return rec_num(link, "active") ? "up" : "down";
}

const char *link_rtt(struct json_object *link, char *buf, size_t size)
{
	if (rec_has(link, "rtt_us"))
		return text_us(buf, size, rec_num(link, "rtt_us"));
	snprintf(buf, size, "-");
	return buf;
}

const char *link_loss(struct json_object *link, char *buf, size_t size)
{
	return text_share(buf, size, rec_num(link, "tx_retrans"),
			  rec_num(link, "tx_frames"));
}

const char *some(char *buf, size_t size, u64 n, const char *what)
{
	snprintf(buf, size, "%llu %s%s", (unsigned long long)n, what,
		 n == 1 ? "" : "s");
	return buf;
}

/* Rows of a peer's box, without its edges; that of nobody has none. */
static int box_rows(struct json_object *node)
{
	int n = nr_links(node);

	return !node ? 0 : LINK_ROWS * (n ? n : 1);
}

static void draw_node(struct canvas *cv, struct json_object *node, int col)
{
	int width = BOX - 4;
	char text[80];

	box(cv, col, BOX, box_rows(node) + 2);
	col += 2;
	put(cv, 1, col, width, COLOR_NONE, rec_name(node, "name"));
	put(cv, 2, col, width, color_of(rec_str(node, "state")),
	    rec_str(node, "state"));
	snprintf(text, sizeof(text), "watchdog %s", rec_str(node, "watchdog"));
	put(cv, 3, col, width, color_of(rec_str(node, "watchdog")), text);
	put(cv, 4, col, width, COLOR_NONE,
	    some(text, sizeof(text), rec_num(node, "vcs"), "circuit"));
}

/* Which row the wire of a link has. */
static int wire_row(int link)
{
	return LINK_ROWS * link + 2;
}

/* The wire from a box to the spine, and what is known of it. */
static void draw_link(struct canvas *cv, struct json_object *link, int row,
		      int from, int to)
{
	bool up = rec_num(link, "active");
	char text[80], value[32];
	int width = to - from - 1;

	across(cv, row, from, to, up ? H : BROKEN);
	snprintf(text, sizeof(text), "%s %s", rec_str(link, "bearer"),
		 link_state(link));
	/* Rather the device is cut short than the state. */
	if (strlen(text) > (size_t)width)
		snprintf(text, sizeof(text), "%.*s~ %s", width - 6,
			 rec_str(link, "bearer"), link_state(link));
	put(cv, row - 1, from + 1, width, up ? COLOR_GOOD : COLOR_BAD, text);
	snprintf(text, sizeof(text), "rtt %s",
		 link_rtt(link, value, sizeof(value)));
	put(cv, row + 1, from + 1, width, COLOR_NONE, text);
	snprintf(text, sizeof(text), "loss %s",
		 link_loss(link, value, sizeof(value)));
	put(cv, row + 2, from + 1, width, COLOR_NONE, text);
}

static void draw_left(struct canvas *cv, struct json_object *node)
{
	int i;

	draw_node(cv, node, 0);
	for (i = 0; i < nr_links(node); i++) {
		draw_link(cv, json_object_array_get_idx(links_of(node), i),
			  wire_row(i), BOX, SPINE - 1);
		glyph(cv, wire_row(i), BOX - 1, RIGHT);
	}
}

static void draw_right(struct canvas *cv, struct json_object *node)
{
	int col = COLS - BOX;
	int i;

	draw_node(cv, node, col);
	for (i = 0; i < nr_links(node); i++) {
		draw_link(cv, json_object_array_get_idx(links_of(node), i),
			  wire_row(i), SPINE + 1, col - 1);
		glyph(cv, wire_row(i), col, LEFT);
	}
}

/* The line down from this node; @last: its last row */
static void draw_spine(struct canvas *cv, int left, int right, int last,
		       bool ends)
{
	static const enum glyph joints[] = { V, LEFT, RIGHT, CROSS };
	static const enum glyph ending[] = { V, BOTTOM_RIGHT, BOTTOM_LEFT,
					     UPWARD };
	int row, i, sides;

	for (row = 0; row <= last; row++)
		glyph(cv, row, SPINE, V);
	for (i = 0; i < left || i < right; i++) {
		sides = (i < left) + 2 * (i < right);
		row = wire_row(i);
		glyph(cv, row, SPINE, ends && row == last ? ending[sides] :
		      joints[sides]);
	}
}

/* @more: wires follow underneath */
static void draw_pair(struct json_object *left, struct json_object *right,
		      bool more)
{
	int l = nr_links(left), r = nr_links(right);
	int wires = l > r ? l : r;
	struct canvas cv;
	int rows;

	rows = box_rows(left) > box_rows(right) ? box_rows(left) :
	       box_rows(right);
	clear(&cv, rows + 2);
	draw_left(&cv, left);
	if (right)
		draw_right(&cv, right);
	if (more)
		draw_spine(&cv, l, r, cv.rows - 1, false);
	else if (wires)
		draw_spine(&cv, l, r, wire_row(wires - 1), true);
	print(&cv);
}

/* ---------------------------------------------------------- everything */

/* All but this node; their circuits; how many are up. */
struct census {
	int	nodes;
	int	up;
	u64	vcs;
	bool	links;
};

static void count(struct json_object *nodes, struct census *c)
{
	struct json_object *node;
	size_t i;

	memset(c, 0, sizeof(*c));
	for (i = 0; i < json_object_array_length(nodes); i++) {
		node = json_object_array_get_idx(nodes, i);
		c->nodes++;
		c->up += !strcmp(rec_str(node, "state"), "up");
		if (rec_bool(node, "self"))
			continue;
		c->vcs += rec_num(node, "vcs");
		c->links |= nr_links(node) > 0;
	}
}

static void draw_bearer(struct canvas *cv, int row, int col,
			struct json_object *bearer)
{
	const char *state = rec_bool(bearer, "up") ? "up" : "down";
	char text[128];

	snprintf(text, sizeof(text), "%s %s %s", rec_str(bearer, "dev"), state,
		 rec_str(bearer, "lladdr"));
	put(cv, row, col, SELF - 4, color_of(state), text);
}

static void draw_self(struct json_object *rec, const struct census *c)
{
	struct json_object *bearers = json_object_object_get(rec, "bearers");
	int all = json_object_array_length(bearers);
	int n = all < ROWS - 4 ? all : ROWS - 4;
	int col = SPINE - SELF / 2;
	struct canvas cv;
	char text[40];
	int i;

	clear(&cv, n + 4);
	box(&cv, col, SELF, cv.rows);
	col += 2;
	put(&cv, 1, col, SELF - 4, COLOR_NONE, rec_str(rec, "self_name"));
	snprintf(text, sizeof(text), n < all ? "this node, the first of %d bearers" :
		 n ? "this node" : "this node, without a bearer", all);
	put(&cv, 2, col, SELF - 4, COLOR_NONE, text);
	for (i = 0; i < n; i++)
		draw_bearer(&cv, i + 3, col,
			    json_object_array_get_idx(bearers, i));
	if (c->links)
		glyph(&cv, cv.rows - 1, SPINE, DOWNWARD);
	print(&cv);
}

static void draw_title(struct json_object *rec, const struct census *c)
{
	char nodes[40], vcs[40], domain[60];

	if (rec_has(rec, "name") && strcmp(rec_str(rec, "name"), "-"))
		printf("domain %s: ", text_fit(domain, sizeof(domain),
					       rec_str(rec, "name"),
					       strlen(rec_str(rec, "name")) < 30 ?
					       strlen(rec_str(rec, "name")) : 30));
	printf("%s, %d up, %s\n",
	       some(nodes, sizeof(nodes), c->nodes, "node"), c->up,
	       some(vcs, sizeof(vcs), c->vcs, "circuit"));
}

/* The next node from @i on that is not this one, or NULL. */
static struct json_object *next_peer(struct json_object *nodes, size_t *i)
{
	struct json_object *node;

	while (*i < json_object_array_length(nodes)) {
		node = json_object_array_get_idx(nodes, (*i)++);
		if (!rec_bool(node, "self"))
			return node;
	}
	return NULL;
}

/* Behind the last node that has a link. */
static size_t end_of_links(struct json_object *nodes)
{
	size_t n = json_object_array_length(nodes);

	while (n && !nr_links(json_object_array_get_idx(nodes, n - 1)))
		n--;
	return n;
}

static void draw(struct json_object *rec)
{
	struct json_object *nodes = json_object_object_get(rec, "nodes");
	size_t i = 0, end = end_of_links(nodes);
	struct json_object *left, *right;
	struct census c;

	count(nodes, &c);
	draw_title(rec, &c);
	draw_self(rec, &c);
	for (;;) {
		left = next_peer(nodes, &i);
		if (!left)
			break;
		right = next_peer(nodes, &i);
		draw_pair(left, right, i < end);
	}
}

/* A line for each link, and for each node without any. */
static void list(struct json_object *rec)
{
	struct json_object *nodes = json_object_object_get(rec, "nodes");
	struct json_object *node, *link;
	char rtt[32], loss[32];
	size_t i = 0;
	int n;

	while ((node = next_peer(nodes, &i))) {
		n = 0;
		do {
			printf("%s: state %s watchdog %s vcs %s",
			       rec_name(node, "name"), rec_str(node, "state"),
			       rec_str(node, "watchdog"), rec_str(node, "vcs"));
			link = json_object_array_get_idx(links_of(node), n);
			if (link)
				printf(" bearer %s link %s rtt %s loss %s",
				       rec_str(link, "bearer"),
				       link_state(link),
				       link_rtt(link, rtt, sizeof(rtt)),
				       link_loss(link, loss, sizeof(loss)));
			putchar('\n');
		} while (++n < nr_links(node));
	}
}

static void text(struct json_object *rec)
{
	if (opt.oneline)
		list(rec);
	else
		draw(rec);
}

static const struct view topology_view = { NULL, NULL, text };

/* Domain, bearers, nodes and their links in one object. */
static int load(struct json_object **rec)
{
	struct json_object *bearers = NULL, *nodes = NULL;
	int status;

	status = qnl_load_one(QNET_CMD_DOMAIN_GET, &domain_view, rec);
	if (!status)
		status = qnl_load(QNET_CMD_BEARER_GET, &bearer_view, &bearers);
	if (!status)
		status = qnl_load_nodes(&nodes);
	if (!status) {
		json_object_object_add(*rec, "bearers", bearers);
		json_object_object_add(*rec, "nodes", nodes);
		return 0;
	}
	json_object_put(*rec);
	json_object_put(bearers);
	json_object_put(nodes);
	return status;
}

static int show(const char *const *v)
{
	struct json_object *rec;
	int status = load(&rec);

	(void)v;
	if (status)
		return status;
	out_begin(&topology_view);
	out_record(rec);
	out_end();
	return 0;
}

static int dot(const char *const *v)
{
	struct json_object *rec;
	int status;

	(void)v;
	if (opt.json)
		return usage_error("dot is no JSON; type: qnetconfig topology dot");
	status = load(&rec);
	if (status)
		return status;
	dot_print(rec);
	json_object_put(rec);
	return 0;
}

static const struct param no_params[] = { { } };

static const struct command commands[] = {
	{ "show", "a drawing of the nodes and the links to them", no_params,
	  show },
	{ "dot", "the same for Graphviz: qnetconfig topology dot | dot -Tpng >net.png",
	  no_params, dot },
	{ }
};

const struct object topology_object = {
	"topology", "a drawing of the network as this node sees it", commands
};
