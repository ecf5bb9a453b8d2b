/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two ends and what lies between them: each has a sender and a receiver of
 * l4.c and drives them as node.c does; frames wait on the wire until the test
 * lets them come.
 */
#ifndef _QNET_TESTS_L4_LINK_H
#define _QNET_TESTS_L4_LINK_H

#include "qnet_test.h"
#include "l4_clock.h"

/* Bytes of memory a receiver may hold */
#define LINK_RX_MAX	(4U << 20)
#define LINK_PKTS	4352	/* that one end may send in a test */
#define LINK_MTU	1500

struct l4_end;

/**
 * struct l4_item - a packet as its sender knows it
 * @end:      sender
 * @seq:      its number
 * @off:      its bytes in the pattern that all packets are cut from
 * @len:      all of its bytes
 * @layer:    of it
 * @may_fail: it may be given up, an empty one comes instead
 * @referred: it has something to release
 * @released: how often that was done
 * @data:     what is referred to until then
 */
struct l4_item {
	struct l4_end	*end;
	u32		seq;
	u32		off;
	u32		len;
	u8		layer;
	bool		may_fail;
	bool		referred;
	u32		released;
	u8		*data;
};

/**
 * struct l4_end - one of two
 * @link:    both
 * @other:   the other one
 * @tx:      what it sends
 * @rx:      what it receives
 * @route:   where to
 * @in:      frames on their way to it
 * @item:    what it has sent, LINK_PKTS
 * @put:     how many
 * @first:   sequence number of the first
 * @got:     packets that came
 * @fillers: of these, empty ones in the place of others
 * @deaf:    what came stays where it is
 * @frames:  of data, sent
 * @again:   of these, once more
 * @acks:    sent
 * @nacks:   likewise
 * @verdict: on the last frame that came
 */
struct l4_end {
	struct l4_link		*link;
	struct l4_end		*other;
	struct qnet_l4_tx	tx;
	struct qnet_l4_rx	rx;
	struct qnet_l4_route	route;
	struct sk_buff_head	in;
	struct l4_item		*item;
	u32			put;
	u32			first;
	u32			got;
	u32			fillers;
	bool			deaf;
	u32			frames;
	u32			again;
	u32			acks;
	u32			nacks;
	unsigned int		verdict;
};

/**
 * struct l4_wire - how bad it is; numbers are out of 1000
 * @loss:   frames lost
 * @twice:  frames that come twice
 * @swap:   frames that overtake all others
 * @delay:  jiffies that a frame takes
 * @jitter: and so many more, or less
 */
struct l4_wire {
	u16	loss;
	u16	twice;
	u16	swap;
	u8	delay;
	u8	jitter;
};

/**
 * struct l4_link - a test
 * @test:   itself
 * @dev:    where frames go
 * @mtu:    of it
 * @a:      one end
 * @b:      the other one
 * @wire:   between them
 * @seed:   of all that happens by chance
 * @room:   a packet is put here to be looked at
 * @inside: a call of l4.c that is made under a lock is under way
 * @ending: whatever is left is dropped
 * @faults: what must not happen, and did
 * @fault:  the first of it
 */
struct l4_link {
	struct kunit		*test;
	struct net_device	*dev;
	u32			mtu;
	struct l4_end		a;
	struct l4_end		b;
	struct l4_wire		wire;
	u32			seed;
	u8			*room;
	bool			inside;
	bool			ending;
	u32			faults;
	const char		*fault;
};

/**
 * struct l4_want - a packet to be sent
 * @hlen:     bytes of the first part
 * @len:      of the second
 * @trailer:  behind them
 * @layer:    of it
 * @lane:     which way
 * @refer:    have the second part released, however short it is
 * @may_fail: it may be given up
 */
struct l4_want {
	u32	hlen;
	u32	len;
	u32	trailer;
	u8	layer;
	u8	lane;
	bool	refer;
	bool	may_fail;
};

/* For struct kunit_suite */
int link_suite_init(struct kunit_suite *suite);
void link_suite_exit(struct kunit_suite *suite);
int link_init(struct kunit *test);
void link_exit(struct kunit *test);

/* Before anything is sent */
void link_plain(struct l4_link *l);
void link_mtu(struct l4_link *l, u32 mtu);
void link_start(struct l4_link *l, u32 s0);

/* Sending */
struct l4_item *link_put(struct l4_end *e, const struct l4_want *w);
struct l4_item *link_send(struct l4_end *e, u32 len);
void link_push(struct l4_end *e);

/* Frames on their way to an end: @n counts from the oldest. */
bool link_look(struct l4_end *e, u32 n, struct qnet_hdr *h);
void link_drop(struct l4_end *e, u32 n);
void link_take(struct l4_end *e, u32 n);
void link_take_all(struct l4_end *e);
void link_flow(struct l4_link *l);
void link_up(struct l4_end *e);

/* What nobody sent */
unsigned int link_raw(struct l4_end *e, const struct qnet_hdr *h,
		      const u8 *bytes, u32 room);
bool link_ack(struct l4_end *e, u32 seq);
bool link_ack_short(struct l4_end *e, u32 ack);
u32 link_nack(struct l4_end *e, u32 seq, u32 off, u32 size);
void link_reroute(struct l4_end *e);

/* Time */
void link_tick(struct l4_end *e);
void link_turn(struct l4_link *l);
u32 link_settle(struct l4_link *l, u32 most);
bool link_idle(const struct l4_link *l);

#endif /* _QNET_TESTS_L4_LINK_H */
