/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * qnetconfig top: what its files share.
 *
 * rates.c asks the kernel and makes rates of counters; top.c has the command
 * and makes lines; screen.c puts them on a terminal.
 */
#ifndef QNETCONFIG_TOP_H
#define QNETCONFIG_TOP_H

#include "cmd.h"

/* Which of the counters of a thing, and of the rates; a rate not known yet is -1. */
enum { NODE_TX, NODE_AGAIN, NODE_RX };
enum { VC_TX, VC_RX };
enum { ALL_MSGS, ALL_FRAMES, ALL_AGAIN };
#define COUNTERS	3

struct top_node {
	u32		nd;
	char		*name;
	char		state[16];
	char		watchdog[16];
	u32		vcs;
	u32		rtt_us;		/* of its fastest link that works; 0: unknown */
	u64		counter[COUNTERS];
	double		rate[COUNTERS];
};

struct top_vc {
	struct json_object	*rec;	/* as vc show has it */
	double			rate[COUNTERS];
};

/* What order nodes are in. */
enum top_order { BY_RATE, BY_NAME, BY_CIRCUITS };

struct count;

/**
 * struct past - counters of this sample and of the one before
 * @now:      of this one, in no order
 * @old:      of the one before, by key
 * @nr_now:   how many are in @now
 * @nr_old:   how many are in @old
 * @room_now: for how many there is room
 * @room_old: for how many there is room
 */
struct past {
	struct count	*now, *old;
	size_t		nr_now, nr_old;
	size_t		room_now, room_old;
};

/**
 * struct top - what is shown
 * @self:     name of this node
 * @domain:   and its domain
 * @node:     all others, in @order
 * @nr_nodes: how many
 * @up:       how many of them can be talked with
 * @rate:     of all nodes together
 * @vc:       the busiest circuits, the busiest first
 * @nr_vcs:   how many are in @vc
 * @vcs_max:  room in @vc
 * @vcs:      how many circuits there are
 * @seconds:  since the sample before; 0 if there was none
 * @stamp:    when this one was taken, in seconds of the monotonic clock
 * @order:    what the user wants
 * @past_*:   what is kept for the next rates
 */
struct top {
	char		*self;
	char		*domain;
	struct top_node	*node;
	size_t		nr_nodes;
	size_t		up;
	double		rate[COUNTERS];
	struct top_vc	*vc;
	size_t		nr_vcs;
	size_t		vcs_max;
	u64		vcs;
	double		seconds;
	double		stamp;
	enum top_order	order;
	struct past	past_nodes, past_vcs, past_all;
};

/* Takes a sample; returns an exit status after an error message. */
int top_sample(struct top *t);
void top_sort(struct top *t);
void top_free(struct top *t);

enum { TOP_COLUMNS = 79 };	/* of a line, at most */

/* How a line is meant. */
enum top_line { TOP_TITLE, TOP_HEAD, TOP_ROW };

/* Gets each line, which fits TOP_COLUMNS. */
typedef void (*top_line_t)(enum top_line kind, const char *line, void *arg);

/* Makes at most so many lines. */
void top_lines(struct top *t, int rows, top_line_t fn, void *arg);

/**
 * top_screen() - the live screen
 * @t:     with nothing sampled
 * @ms:    from one sample to the next
 * @count: ends after so many; 0: when the user does
 *
 * Return: exit status, after an error message.
 */
int top_screen(struct top *t, u32 ms, u32 count);

#endif /* QNETCONFIG_TOP_H */
