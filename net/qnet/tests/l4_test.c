// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of l4.c, step by step: what is sent for what, what is kept, and what
 * must not be believed.  What all of it does on a bad wire: l4_sim_test.c.
 */
#include <linux/netdevice.h>
#include <linux/slab.h>

#include "l4_link.h"

#define WHOLE	(QNET_F_FIRST | QNET_F_LAST)
#define MSS	1456	/* of LINK_MTU */
#define LONG	100000	/* jiffies: longer than anything takes */

static struct clock_numbers k;

static int l4_suite_init(struct kunit_suite *suite)
{
	clock_numbers(&k);
	return link_suite_init(suite);
}

/* Let all come and be acknowledged; then nothing may be left. */
static void expect_over(struct kunit *test)
{
	struct l4_link *l = test->priv;

	KUNIT_EXPECT_LT(test, link_settle(l, LONG), LONG);
	KUNIT_EXPECT_EQ(test, l->b.got, l->a.put);
	KUNIT_EXPECT_EQ(test, l->a.got, l->b.put);
	KUNIT_EXPECT_EQ(test, l->a.tx.bytes, 0);
	KUNIT_EXPECT_EQ(test, l->a.tx.flight, 0);
	KUNIT_EXPECT_EQ(test, l->a.tx.frames, 0);
	KUNIT_EXPECT_EQ(test, l->b.rx.held, 0);
	KUNIT_EXPECT_EQ(test, l->b.rx.nslots, 0);
	KUNIT_EXPECT_EQ(test, l->b.rx.ready_bytes, 0);
}

static void expect_frame(struct kunit *test, struct l4_end *to, u32 n,
			 u8 type, u32 seq, u32 off)
{
	struct qnet_hdr h;

	KUNIT_ASSERT_TRUE_MSG(test, link_look(to, n, &h), "frame %u", n);
	KUNIT_EXPECT_EQ_MSG(test, h.type, type, "frame %u", n);
	KUNIT_EXPECT_EQ_MSG(test, h.seq, seq, "frame %u", n);
	KUNIT_EXPECT_EQ_MSG(test, h.offset, off, "frame %u", n);
}

static void send_many(struct l4_end *e, u32 n, u32 len)
{
	while (n--)
		link_send(e, len);
}

/* Let time come up to @due, and do at this end what is due then. */
static void tick_at(struct l4_end *e, unsigned long due)
{
	clock_now = due;
	link_tick(e);
}

/* ---------------------------------------------------------------- delivery */

static const u32 mtus[] = { 68, 576, 1500, 9000 };

static void mtu_desc(const u32 *mtu, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "MTU %u", *mtu);
}

KUNIT_ARRAY_PARAM(mtu, mtus, mtu_desc);

static void arrives_as_sent(struct kunit *test)
{
	u32 mss = qnet_frag_mss(*(const u32 *)test->param_value);
	const u32 sizes[] = {
		0, 1, mss - 1, mss, mss + 1, 2 * mss, 5 * mss + 3,
		QNET_L4_PKT_FRAMES * mss,
	};
	struct l4_link *l = test->priv;
	u32 i, frames;

	link_mtu(l, *(const u32 *)test->param_value);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		frames = l->a.frames;
		KUNIT_ASSERT_NOT_NULL(test, link_send(&l->a, sizes[i]));
		KUNIT_EXPECT_EQ(test, l->a.frames - frames,
				max(DIV_ROUND_UP(sizes[i], mss), 1U));
		link_flow(l);
		KUNIT_EXPECT_EQ(test, l->b.verdict, QNET_L4_READY);
		KUNIT_EXPECT_EQ(test, l->b.got, i + 1);
	}
	expect_over(test);
	KUNIT_EXPECT_EQ(test, l->a.again, 0);
	KUNIT_EXPECT_EQ(test, l->b.nacks, 0);
}

static void largest_packet_arrives(struct kunit *test)
{
	struct l4_want w = {
		.hlen = QNET_L4_INLINE,
		.len = QNET_PKT_MAX - QNET_L4_INLINE,
	};
	struct l4_link *l = test->priv;

	link_mtu(l, 9000);
	KUNIT_ASSERT_NOT_NULL(test, link_put(&l->a, &w));
	link_flow(l);
	KUNIT_EXPECT_EQ(test, l->b.got, 1);
	expect_over(test);
}

static void cut_anywhere_between_parts(struct kunit *test)
{
	struct l4_link *l = test->priv;
	struct l4_want w = {};

	link_mtu(l, 68);
	for (w.hlen = 0; w.hlen <= 50; w.hlen++) {
		w.len = 50 - w.hlen;
		w.refer = w.hlen & 1;
		link_put(&l->a, &w);
	}
	link_flow(l);
	KUNIT_EXPECT_EQ(test, l->b.got, 51);
	expect_over(test);
}

static void layer_goes_with_it(struct kunit *test)
{
	static const u8 layers[] = {
		QNET_L_KIF, QNET_L_NR, QNET_L_SEQ, QNET_L_WATCH, QNET_L_NAME
	};
	struct l4_link *l = test->priv;
	struct l4_want w = { .hlen = 20 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(layers); i++) {
		w.layer = layers[i];
		w.len = i & 1 ? 4000 : 0;
		link_put(&l->a, &w);
	}
	expect_over(test);
}

/* It makes the frame longer, as far as that goes, and the packet not. */
static void trailer_stays_outside(struct kunit *test)
{
	struct l4_want w = { .hlen = 200, .trailer = 500 };
	struct l4_link *l = test->priv;

	link_put(&l->a, &w);
	KUNIT_EXPECT_EQ(test, skb_peek_tail(&l->b.in)->len,
			ETH_HLEN + QNET_PAD + QNET_HDR_LEN + 700);
	w.len = MSS - 300;
	w.refer = true;
	link_put(&l->a, &w);
	KUNIT_EXPECT_EQ(test, skb_peek_tail(&l->b.in)->len,
			ETH_HLEN + QNET_PAD + QNET_HDR_LEN + MSS);
	w.len = MSS;
	link_put(&l->a, &w);
	KUNIT_EXPECT_EQ(test, skb_peek_tail(&l->b.in)->len,
			ETH_HLEN + QNET_PAD + QNET_HDR_LEN + 200);
	expect_over(test);
}

static void any_order_is_put_right(struct kunit *test)
{
	struct l4_link *l = test->priv;

	send_many(&l->a, 3, 3 * MSS);
	send_many(&l->a, 4, 10);
	while (skb_queue_len(&l->b.in) > 1) {
		link_take(&l->b, skb_queue_len(&l->b.in) - 1);
		KUNIT_EXPECT_EQ(test, l->b.got, 0);
	}
	KUNIT_EXPECT_EQ(test, l->b.rx.nslots, 7);
	link_take(&l->b, 0);
	KUNIT_EXPECT_EQ(test, l->b.got, 7);
	KUNIT_EXPECT_EQ(test, l->b.rx.held, 0);
	expect_over(test);
}

static void what_comes_twice_is_taken_once(struct kunit *test)
{
	struct l4_link *l = test->priv;

	l->wire.twice = 1000;
	link_send(&l->a, 10);
	link_send(&l->a, 3 * MSS);
	link_send(&l->a, 10);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&l->b.in), 10);
	link_take(&l->b, 0);
	KUNIT_EXPECT_EQ(test, l->b.verdict & 0xff, QNET_L4_READY);
	link_take(&l->b, 0);
	KUNIT_EXPECT_EQ(test, l->b.verdict & 0xff, QNET_L4_DUP);
	link_take(&l->b, 0);
	KUNIT_EXPECT_EQ(test, l->b.verdict & 0xff, QNET_L4_KEPT);
	link_take(&l->b, 0);
	KUNIT_EXPECT_EQ(test, l->b.verdict & 0xff, QNET_L4_DUP);
	expect_over(test);
	KUNIT_EXPECT_EQ(test, l->a.again, 0);
}

/* What is asked for again goes as the way is then. */
static void way_becomes_narrow_or_wide(struct kunit *test)
{
	static const u32 to[] = { 68, 576, 9000 };
	struct l4_link *l = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(to); i++) {
		link_mtu(l, 1500);
		link_send(&l->a, 6 * MSS + 100);
		link_drop(&l->b, 5);
		link_drop(&l->b, 3);
		link_drop(&l->b, 0);
		link_take_all(&l->b);
		link_mtu(l, to[i]);
		KUNIT_EXPECT_LT(test, link_settle(l, LONG), LONG);
		KUNIT_EXPECT_EQ(test, l->b.got, i + 1);
	}
	expect_over(test);
}

/* ----------------------------------------------------------------- release */

static void released_when_acknowledged(struct kunit *test)
{
	struct l4_link *l = test->priv;
	struct l4_item *it;

	link_plain(l);
	it = link_send(&l->a, 3 * MSS);
	KUNIT_EXPECT_EQ(test, it->released, 0);
	link_take_all(&l->b);
	KUNIT_EXPECT_EQ(test, l->b.got, 1);
	KUNIT_EXPECT_EQ(test, it->released, 0);
	link_take_all(&l->a);
	KUNIT_EXPECT_EQ(test, it->released, 1);
	KUNIT_EXPECT_FALSE(test, link_ack(&l->a, it->seq));
	KUNIT_EXPECT_EQ(test, it->released, 1);
	expect_over(test);
}

static void short_one_is_released_too(struct kunit *test)
{
	struct l4_want w = { .hlen = 8, .len = 8, .refer = true };
	struct l4_link *l = test->priv;
	struct l4_item *it;

	it = link_put(&l->a, &w);
	KUNIT_EXPECT_EQ(test, it->released, 0);
	expect_over(test);
	KUNIT_EXPECT_EQ(test, it->released, 1);
}

static void purge_releases_all(struct kunit *test)
{
	struct l4_link *l = test->priv;
	struct l4_item *it[3];
	u32 i;

	link_plain(l);
	l->a.tx.win_pkts = 2;
	for (i = 0; i < 3; i++)
		it[i] = link_send(&l->a, 2000);
	link_take_all(&l->b);
	link_take(&l->a, 0);
	KUNIT_EXPECT_EQ(test, it[0]->released, 1);
	link_exit(test);
	test->priv = NULL;
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, it[i]->released, 1);
}

/* --------------------------------------------------------- acknowledgments */

static void plain_peer_gets_one_each(struct kunit *test)
{
	struct l4_link *l = test->priv;
	u32 i;

	link_plain(l);
	for (i = 0; i < 10; i++)
		link_send(&l->a, 100 + i);
	link_take_all(&l->b);
	KUNIT_EXPECT_EQ(test, l->b.acks, 10);
	for (i = 0; i < 10; i++)
		expect_frame(test, &l->a, i, QNET_T_ACK, i + 1, 100 + i);
	expect_over(test);
	KUNIT_EXPECT_EQ(test, l->b.acks, 10);
}

static void one_stands_for_many(struct kunit *test)
{
	struct l4_link *l = test->priv;

	send_many(&l->a, k.ack_pkts - 1, 10);
	link_take_all(&l->b);
	KUNIT_EXPECT_EQ(test, l->b.acks, 0);
	link_send(&l->a, 11);
	link_take_all(&l->b);
	KUNIT_EXPECT_EQ(test, l->b.acks, 1);
	expect_frame(test, &l->a, 0, QNET_T_ACK, k.ack_pkts, 11);
	expect_over(test);
	KUNIT_EXPECT_EQ(test, l->b.acks, 1);
	/* Of their structs a few are kept. */
	KUNIT_EXPECT_EQ(test, l->a.tx.nspare, k.spare);
}

static void many_bytes_are_acknowledged_soon(struct kunit *test)
{
	struct l4_link *l = test->priv;

	link_mtu(l, 9000);
	link_send(&l->a, k.ack_bytes - 1);
	link_take_all(&l->b);
	KUNIT_EXPECT_EQ(test, l->b.acks, 0);
	link_send(&l->a, 1);
	link_take_all(&l->b);
	KUNIT_EXPECT_EQ(test, l->b.acks, 1);
	expect_over(test);
}

static void an_ack_waits_so_long(struct kunit *test)
{
	struct l4_link *l = test->priv;
	unsigned long at = clock_now;

	link_send(&l->a, 10);
	link_take_all(&l->b);
	tick_at(&l->b, at + k.ack_delay - 1);
	link_send(&l->a, 10);
	link_take_all(&l->b);
	KUNIT_EXPECT_EQ(test, l->b.acks, 0);
	tick_at(&l->b, at + k.ack_delay);
	expect_frame(test, &l->a, 0, QNET_T_ACK, 2, 10);
	expect_over(test);
	KUNIT_EXPECT_EQ(test, l->b.acks, 1);
}

static void data_carries_acks(struct kunit *test)
{
	struct l4_link *l = test->priv;
	struct qnet_hdr h;

	send_many(&l->a, 3, 10);
	link_take_all(&l->b);
	link_send(&l->b, 2 * MSS);
	KUNIT_EXPECT_EQ(test, l->b.rx.unacked, 0);
	KUNIT_ASSERT_TRUE(test, link_look(&l->a, 1, &h));
	KUNIT_EXPECT_EQ(test, h.qidx, QNET_ACK_VALID | 3 |
			(l->a.tx.id & QNET_ACK_GEN_MASK) << QNET_ACK_GEN_SHIFT);
	link_take(&l->a, 0);
	KUNIT_EXPECT_TRUE(test, qnet_l4_tx_idle(&l->a.tx));
	expect_over(test);
	KUNIT_EXPECT_EQ(test, l->b.acks, 0);
}

/* It may be old when it comes. */
static void what_goes_again_carries_none(struct kunit *test)
{
	struct l4_link *l = test->priv;
	struct qnet_hdr h;

	link_send(&l->a, 10);
	link_take_all(&l->b);
	link_send(&l->b, 10);
	link_drop(&l->a, 0);
	tick_at(&l->b, qnet_l4_tx_due(&l->b.tx));
	KUNIT_ASSERT_TRUE(test, link_look(&l->a, 0, &h));
	KUNIT_EXPECT_EQ(test, h.type, QNET_T_USER);
	KUNIT_EXPECT_EQ(test, h.qidx, 0);
	expect_over(test);
}

/* A frame that comes thousands of packets late brings an old one. */
static void short_ack_of_long_ago(struct kunit *test)
{
	struct l4_link *l = test->priv;
	u32 gen = (l->a.tx.id & QNET_ACK_GEN_MASK) << QNET_ACK_GEN_SHIFT;
	u32 i;

	for (i = 0; i < 4000 / 100; i++) {
		send_many(&l->a, 100, 10);
		link_take_all(&l->b);
		link_take_all(&l->a);
	}
	tick_at(&l->b, l->b.rx.ack_due);
	link_take_all(&l->a);
	KUNIT_EXPECT_EQ(test, l->a.tx.una, 4001);
	send_many(&l->a, 150, 10);
	/* It was the first packet that had come then. */
	KUNIT_EXPECT_FALSE(test, link_ack_short(&l->a, QNET_ACK_VALID | gen |
						1));
	KUNIT_EXPECT_EQ(test, l->a.tx.una, 4001);
	link_take_all(&l->b);
	expect_over(test);
}

static void short_ack_is_of_this_life(struct kunit *test)
{
	struct l4_link *l = test->priv;
	u16 gen = l->a.tx.id & QNET_ACK_GEN_MASK;
	u16 other = gen ^ 1;

	send_many(&l->a, 5, 10);
	gen <<= QNET_ACK_GEN_SHIFT;
	other <<= QNET_ACK_GEN_SHIFT;
	KUNIT_EXPECT_FALSE(test, link_ack_short(&l->a, QNET_ACK_VALID | gen));
	KUNIT_EXPECT_FALSE(test, link_ack_short(&l->a, QNET_ACK_VALID | other |
						3));
	KUNIT_EXPECT_FALSE(test, link_ack_short(&l->a, QNET_ACK_VALID | gen |
						6));
	KUNIT_EXPECT_FALSE(test, link_ack_short(&l->a, QNET_ACK_VALID | gen |
						QNET_ACK_SEQ_MASK));
	KUNIT_EXPECT_EQ(test, l->a.tx.una, 1);
	KUNIT_EXPECT_TRUE(test, link_ack_short(&l->a, QNET_ACK_VALID | gen |
					       3));
	KUNIT_EXPECT_EQ(test, l->a.tx.una, 4);
	KUNIT_EXPECT_FALSE(test, link_ack_short(&l->a, QNET_ACK_VALID | gen |
						3));
	KUNIT_EXPECT_FALSE(test, link_ack_short(&l->a, QNET_ACK_VALID | gen |
						2));
	expect_over(test);
}

/* The acknowledgment was lost: what comes again brings it again. */
static void plain_peer_is_told_again(struct kunit *test)
{
	struct l4_link *l = test->priv;

	link_plain(l);
	link_send(&l->a, 2 * MSS);
	link_take_all(&l->b);
	link_drop(&l->a, 0);
	tick_at(&l->a, qnet_l4_tx_due(&l->a.tx));
	KUNIT_EXPECT_EQ(test, skb_queue_len(&l->b.in), 1);
	link_take_all(&l->b);
	expect_frame(test, &l->a, 0, QNET_T_ACK, 1, 2 * MSS);
	/* Once per packet, and by its last frame. */
	link_nack(&l->a, 1, 0, 2 * MSS);
	link_take_all(&l->b);
	KUNIT_EXPECT_EQ(test, l->b.acks, 3);
	expect_over(test);
}

static void old_frames_are_answered_once(struct kunit *test)
{
	struct qnet_hdr h = { .type = QNET_T_USER, .flags = WHOLE, .seq = 1 };
	struct l4_link *l = test->priv;
	u32 i;

	link_send(&l->a, 10);
	expect_over(test);
	clock_now++;
	i = l->b.acks;
	for (h.length = 10; h.length < 20; h.length++)
		KUNIT_EXPECT_EQ(test, link_raw(&l->b, &h, NULL, 0) & 0xff,
				QNET_L4_DUP);
	KUNIT_EXPECT_EQ(test, l->b.acks, i + 1);
	clock_now++;
	link_raw(&l->b, &h, NULL, 0);
	KUNIT_EXPECT_EQ(test, l->b.acks, i + 2);
	KUNIT_EXPECT_EQ(test, l->b.got, 1);
}

/* ------------------------------------------------------------------ window */

static void so_many_packets_at_once(struct kunit *test)
{
	static const u32 win[] = { QNET_L4_WIN_PLAIN, QNET_L4_WIN_PKTS };
	struct l4_link *l = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(win); i++) {
		l->a.tx.win_pkts = win[i];
		l->a.tx.cwnd = QNET_L4_CWND_MAX;
		send_many(&l->a, win[i] + 10, 10);
		KUNIT_EXPECT_EQ(test, skb_queue_len(&l->b.in), win[i]);
		link_take(&l->b, 0);
		link_ack(&l->a, l->b.rx.done);
		KUNIT_EXPECT_EQ(test, skb_queue_len(&l->b.in), win[i]);
		expect_over(test);
	}
}

static void so_many_bytes_at_once(struct kunit *test)
{
	struct l4_link *l = test->priv;

	link_mtu(l, 9000);
	l->a.tx.cwnd = QNET_L4_CWND_MAX;
	send_many(&l->a, 3, QNET_L4_WIN_BYTES / 2);
	KUNIT_EXPECT_EQ(test, l->a.tx.flight, QNET_L4_WIN_BYTES);
	KUNIT_EXPECT_EQ(test, l->a.tx.nxt, 3);
	link_ack(&l->a, 1);
	KUNIT_EXPECT_EQ(test, l->a.tx.nxt, 4);
	expect_over(test);
}

static void so_many_frames_at_once(struct kunit *test)
{
	struct l4_link *l = test->priv;

	send_many(&l->a, 3, QNET_L4_CWND_INIT * MSS / 2);
	KUNIT_EXPECT_EQ(test, l->a.tx.frames, QNET_L4_CWND_INIT);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&l->b.in), QNET_L4_CWND_INIT);
	KUNIT_EXPECT_EQ(test, l->a.tx.nxt, 3);
	expect_over(test);
}

/* However wide it is; but only alone. */
static void one_packet_always_goes(struct kunit *test)
{
	struct l4_link *l = test->priv;

	l->a.tx.cwnd = QNET_L4_CWND_MIN;
	l->a.tx.ssthresh = QNET_L4_CWND_MIN;
	link_send(&l->a, 20 * MSS);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&l->b.in), 20);
	link_send(&l->a, 1);
	link_send(&l->a, 20 * MSS);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&l->b.in), 20);
	link_take_all(&l->b);
	link_ack(&l->a, 1);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&l->b.in), 1);
	link_take_all(&l->b);
	link_ack(&l->a, 2);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&l->b.in), 20);
	expect_over(test);
}

static void grows_only_while_it_limits(struct kunit *test)
{
	struct l4_link *l = test->priv;
	u32 i;

	for (i = 0; i < 3; i++) {
		send_many(&l->a, QNET_L4_CWND_INIT, 10);
		expect_over(test);
		KUNIT_EXPECT_EQ(test, l->a.tx.cwnd, QNET_L4_CWND_INIT);
	}
}

/* One round trip of a window that limits. */
static void round_trip(struct kunit *test)
{
	struct l4_link *l = test->priv;

	send_many(&l->a, 2 * l->a.tx.cwnd + 1 - (l->a.tx.next - l->a.tx.nxt),
		  10);
	KUNIT_ASSERT_EQ(test, l->a.tx.frames, l->a.tx.cwnd);
	link_take_all(&l->b);
	link_take_all(&l->a);
}

static void doubles_per_round_trip(struct kunit *test)
{
	struct l4_link *l = test->priv;

	l->a.tx.cwnd = 16;
	round_trip(test);
	KUNIT_EXPECT_EQ(test, l->a.tx.cwnd, 32);
	round_trip(test);
	KUNIT_EXPECT_EQ(test, l->a.tx.cwnd, 64);
	round_trip(test);
	KUNIT_EXPECT_EQ(test, l->a.tx.cwnd, 128);
	expect_over(test);
}

static void grows_by_one_above_the_threshold(struct kunit *test)
{
	struct l4_link *l = test->priv;

	l->a.tx.cwnd = 32;
	l->a.tx.ssthresh = 32;
	round_trip(test);
	KUNIT_EXPECT_EQ(test, l->a.tx.cwnd, 33);
	expect_over(test);
}

static void grows_up_to_a_limit(struct kunit *test)
{
	struct l4_link *l = test->priv;

	link_mtu(l, 9000);
	l->a.tx.cwnd = QNET_L4_CWND_MAX - 1;
	l->a.tx.full = true;
	send_many(&l->a, k.ack_pkts, 10);
	expect_over(test);
	KUNIT_EXPECT_EQ(test, l->a.tx.cwnd, QNET_L4_CWND_MAX);
}

static void halves_once_per_round_trip(struct kunit *test)
{
	struct l4_link *l = test->priv;

	send_many(&l->a, 64, 10);
	KUNIT_EXPECT_EQ(test, link_nack(&l->a, 3, 0, 10), 1);
	KUNIT_EXPECT_EQ(test, l->a.tx.cwnd, 32);
	KUNIT_EXPECT_EQ(test, l->a.tx.ssthresh, 32);
	link_nack(&l->a, 10, 0, 10);
	link_ack(&l->a, 20);
	link_nack(&l->a, 30, 0, 10);
	KUNIT_EXPECT_EQ(test, l->a.tx.cwnd, 32);
	link_ack(&l->a, 64);
	send_many(&l->a, 8, 10);
	link_nack(&l->a, 65, 0, 10);
	KUNIT_EXPECT_EQ(test, l->a.tx.cwnd, 16);
	link_ack(&l->a, 72);
	send_many(&l->a, 1, 10);
	link_nack(&l->a, 73, 0, 10);
	link_ack(&l->a, 73);
	send_many(&l->a, 1, 10);
	link_nack(&l->a, 74, 0, 10);
	KUNIT_EXPECT_EQ(test, l->a.tx.cwnd, QNET_L4_CWND_MIN);
	expect_over(test);
}

/* What was lost before says nothing about what goes now. */
static void does_not_grow_while_it_recovers(struct kunit *test)
{
	struct l4_link *l = test->priv;

	send_many(&l->a, 200, 10);
	link_nack(&l->a, 1, 0, 10);
	KUNIT_EXPECT_EQ(test, l->a.tx.cwnd, 32);
	link_ack(&l->a, 40);
	KUNIT_EXPECT_EQ(test, l->a.tx.cwnd, 32);
	link_ack(&l->a, 64);
	KUNIT_EXPECT_GT(test, l->a.tx.nxt, 64);
	link_ack(&l->a, l->a.tx.nxt - 1);
	KUNIT_EXPECT_GT(test, l->a.tx.cwnd, 32);
	expect_over(test);
}

/* -------------------------------------------------------------------- time */

static void expiries_become_rare(struct kunit *test)
{
	struct l4_link *l = test->priv;
	struct qnet_l4_tx *tx = &l->a.tx;
	u32 rto = tx->rto, wait = rto, i;
	unsigned long at;

	link_send(&l->a, 3 * MSS);
	for (i = 0; i < 10; i++) {
		__skb_queue_purge(&l->b.in);
		at = clock_now;
		KUNIT_EXPECT_EQ(test, qnet_l4_tx_due(tx) - at, wait);
		tick_at(&l->a, at + wait - 1);
		KUNIT_EXPECT_EQ(test, skb_queue_len(&l->b.in), 0);
		tick_at(&l->a, at + wait);
		/* First its end, to hear what is missing; then all of it. */
		KUNIT_EXPECT_EQ(test, skb_queue_len(&l->b.in), i ? 3 : 1);
		expect_frame(test, &l->b, 0, QNET_T_USER, 1, i ? 0 : 2 * MSS);
		wait = min(wait * 2, max(rto, k.rto_limit));
	}
	KUNIT_EXPECT_EQ(test, wait, max(rto, k.rto_limit));
	/* Progress, of unknown pace */
	send_many(&l->a, 2, 10);
	KUNIT_EXPECT_NE(test, tx->since, clock_now);
	link_ack(&l->a, 1);
	KUNIT_EXPECT_EQ(test, tx->since, clock_now);
	KUNIT_EXPECT_EQ(test, qnet_l4_tx_due(tx) - clock_now, 2 * rto);
	expect_over(test);
}

static void silence_shrinks_the_window(struct kunit *test)
{
	struct l4_link *l = test->priv;

	send_many(&l->a, 64, 10);
	tick_at(&l->a, qnet_l4_tx_due(&l->a.tx));
	KUNIT_EXPECT_EQ(test, l->a.tx.cwnd, QNET_L4_CWND_INIT / 2);
	tick_at(&l->a, qnet_l4_tx_due(&l->a.tx));
	KUNIT_EXPECT_EQ(test, l->a.tx.cwnd, QNET_L4_CWND_MIN);
	KUNIT_EXPECT_EQ(test, l->a.tx.ssthresh, QNET_L4_CWND_INIT / 2);
	expect_over(test);
}

/* There and back in @rtt jiffies, at once acknowledged. */
static void ping(struct l4_link *l, u32 rtt)
{
	link_send(&l->a, 10);
	clock_now += rtt;
	link_flow(l);
}

static void expiry_follows_the_round_trip(struct kunit *test)
{
	struct l4_link *l = test->priv;
	u32 i;

	link_plain(l);
	ping(l, 40);
	KUNIT_EXPECT_EQ(test, l->a.tx.rto, 40 + 2 * 40);
	for (i = 0; i < 40; i++)
		ping(l, 40);
	KUNIT_EXPECT_EQ(test, l->a.tx.srtt >> 3, 40);
	KUNIT_EXPECT_EQ(test, l->a.tx.rto, 40 + k.rto_min);
	for (i = 0; i < 80; i++)
		ping(l, 0);
	KUNIT_EXPECT_EQ(test, l->a.tx.rto, k.rto_min);
	expect_over(test);
}

/* Which of the two was acknowledged, nobody can say. */
static void what_goes_twice_is_not_measured(struct kunit *test)
{
	struct l4_link *l = test->priv;
	u32 srtt;

	link_plain(l);
	ping(l, 3);
	srtt = l->a.tx.srtt;
	link_send(&l->a, 10);
	kfree_skb(__skb_dequeue(&l->b.in));
	link_send(&l->a, 10);
	tick_at(&l->a, qnet_l4_tx_due(&l->a.tx));
	link_flow(l);
	KUNIT_EXPECT_EQ(test, l->a.tx.una, 4);
	KUNIT_EXPECT_EQ(test, l->a.tx.srtt, srtt);
	ping(l, 5);
	KUNIT_EXPECT_NE(test, l->a.tx.srtt, srtt);
	expect_over(test);
}

/* Unless the other one is acknowledged, too. */
static void what_goes_twice_in_vain_is_measured(struct kunit *test)
{
	struct l4_link *l = test->priv;

	link_plain(l);
	ping(l, 3);
	l->wire.delay = k.rto_min;
	link_send(&l->a, 10);
	link_settle(l, LONG);
	KUNIT_EXPECT_EQ(test, l->a.again, 1);
	KUNIT_EXPECT_EQ(test, l->a.tx.srtt >> 3, 2 * k.rto_min);
	KUNIT_EXPECT_FALSE(test, l->a.tx.expired);
	expect_over(test);
}

/* The first was lost, and so was what it was asked for with: its copy arrived.  One
 * behind it had, and was sent again all the same: that it is acknowledged once
 * more says nothing of the first.
 */
static void other_copies_are_not_measured(struct kunit *test)
{
	struct l4_link *l = test->priv;
	u32 i, rto;

	for (i = 0; i < 80; i++)
		ping(l, 0);
	send_many(&l->a, 2, 10);
	link_drop(&l->b, 0);
	link_take_all(&l->b);
	__skb_queue_purge(&l->a.in);
	tick_at(&l->a, qnet_l4_tx_due(&l->a.tx));
	KUNIT_EXPECT_TRUE(test, l->a.tx.expired);
	rto = l->a.tx.rto;
	link_ack(&l->a, l->a.tx.una);
	KUNIT_EXPECT_EQ(test, l->a.tx.una + 1, l->a.tx.nxt);
	KUNIT_EXPECT_EQ(test, l->a.again, 2);
	clock_now++;
	link_ack(&l->a, l->a.tx.una);
	link_ack(&l->a, l->a.tx.una - 1);
	KUNIT_EXPECT_LE(test, l->a.tx.rto, 2 * rto);
	link_flow(l);
	KUNIT_EXPECT_LE(test, l->a.tx.rto, 2 * rto);
}

/* A node that stood still answers all at once: its way is as fast as before. */
static void what_stood_still_is_not_slow(struct kunit *test)
{
	struct l4_link *l = test->priv;
	u32 i;

	for (i = 0; i < 80; i++)
		ping(l, 0);
	link_send(&l->a, 10);
	for (i = 0; i < 10 * k.rto_limit; i++) {
		clock_now++;
		link_tick(&l->a);
	}
	KUNIT_EXPECT_GT(test, l->a.again, 4);
	link_take_all(&l->b);
	__skb_queue_purge(&l->a.in);
	for (i = 0; i < 3; i++)
		link_ack(&l->a, l->a.tx.nxt - 1);
	KUNIT_EXPECT_EQ(test, l->a.tx.una, l->a.tx.nxt);
	KUNIT_EXPECT_LE(test, l->a.tx.rto, k.rto_limit);
	for (i = 0; i < 4; i++)
		ping(l, 0);
	KUNIT_EXPECT_LE(test, l->a.tx.rto, 2 * k.rto_min);
}

/* @turns jiffies of @most packets under way all the time.  Return: frames that
 * were sent again.
 */
static u32 keep_sending(struct l4_link *l, u32 turns, u32 most)
{
	u32 before = l->a.again;

	while (turns--) {
		if (l->a.tx.next - l->a.tx.una < most)
			link_send(&l->a, 10);
		link_turn(l);
	}
	return l->a.again - before;
}

/* Nothing is lost, but all takes longer than was thought, so that all goes twice
 * and nothing can be measured: that must come to an end.
 */
static void is_learned(struct kunit *test, u32 delay, u32 most)
{
	struct l4_link *l = test->priv;

	l->wire.delay = delay;
	KUNIT_EXPECT_GT(test, keep_sending(l, 14 * delay, most), 0);
	KUNIT_EXPECT_EQ(test, keep_sending(l, 27 * delay, most), 0);
	KUNIT_EXPECT_GT(test, l->a.tx.rto, 2 * delay);
	link_settle(l, LONG);
	expect_over(test);
}

static void a_slow_way_is_learned(struct kunit *test)
{
	struct l4_link *l = test->priv;
	u32 i;

	for (i = 0; i < 80; i++)
		ping(l, 0);
	KUNIT_EXPECT_EQ(test, l->a.tx.rto, k.rto_min);
	is_learned(test, 3 * k.rto_min, 4);
}

/* Slower than the longest expiry that losses alone lead to, and one at a time. */
static void a_very_slow_way_is_learned(struct kunit *test)
{
	is_learned(test, 3 * k.rto_limit / 2, 1);
}

/* What the wire sends twice without an expiry says nothing about the time. */
static void copies_of_the_wire_are_not_late(struct kunit *test)
{
	struct l4_link *l = test->priv;
	u32 i;

	for (i = 0; i < 80; i++)
		ping(l, 0);
	for (i = 0; i < 4; i++) {
		ping(l, 0);
		link_ack(&l->a, l->a.tx.una - 1);
	}
	KUNIT_EXPECT_EQ(test, l->a.tx.rto, k.rto_min);
}

/* Of two that are acknowledged together the second was sent once. */
static void what_was_measured_is_not_doubled(struct kunit *test)
{
	struct l4_link *l = test->priv;
	u32 i;

	for (i = 0; i < 80; i++)
		ping(l, 0);
	send_many(&l->a, 1, 10);
	tick_at(&l->a, qnet_l4_tx_due(&l->a.tx));
	KUNIT_EXPECT_EQ(test, l->a.tx.retries, 1);
	send_many(&l->a, 1, 10);
	__skb_queue_purge(&l->b.in);
	link_ack(&l->a, l->a.tx.nxt - 1);
	KUNIT_EXPECT_EQ(test, l->a.tx.una, l->a.tx.nxt);
	KUNIT_EXPECT_EQ(test, l->a.tx.retries, 0);
	KUNIT_EXPECT_EQ(test, l->a.tx.rto, k.rto_min);
}

/* A whole window was lost: its frames come by the clock of the acks. */
static void recovers_without_more_expiries(struct kunit *test)
{
	struct l4_link *l = test->priv;
	u32 i;

	send_many(&l->a, 20, 10);
	__skb_queue_purge(&l->b.in);
	tick_at(&l->a, qnet_l4_tx_due(&l->a.tx));
	link_take_all(&l->b);
	link_ack(&l->a, 1);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&l->b.in), k.recover);
	for (i = 0; i < k.recover; i++)
		expect_frame(test, &l->b, i, QNET_T_USER, 2 + i, 0);
	for (i = 0; i < LONG && !link_idle(l); i++) {
		link_turn(l);
		KUNIT_EXPECT_EQ(test, l->a.tx.retries, 0);
	}
	expect_over(test);
	KUNIT_EXPECT_EQ(test, l->a.again, 20);
}

/* Of what has arrived in the meantime, nothing. */
static void recovers_what_is_not_there(struct kunit *test)
{
	struct l4_link *l = test->priv;
	struct qnet_hdr h;

	send_many(&l->a, 20, 10);
	__skb_queue_purge(&l->b.in);
	tick_at(&l->a, qnet_l4_tx_due(&l->a.tx));
	__skb_queue_purge(&l->b.in);
	link_ack(&l->a, 10);
	expect_frame(test, &l->b, 0, QNET_T_USER, 11, 0);
	__skb_queue_purge(&l->b.in);
	link_ack(&l->a, 20);
	KUNIT_EXPECT_FALSE(test, link_look(&l->b, 0, &h));
	KUNIT_EXPECT_TRUE(test, qnet_l4_tx_idle(&l->a.tx));
}

/* ------------------------------------------------------------- what lacks */

/* Lose frames 3, 4 and 7 of ten. */
static void lose_some(struct l4_link *l)
{
	link_send(&l->a, 10 * MSS);
	link_drop(&l->b, 7);
	link_drop(&l->b, 4);
	link_drop(&l->b, 3);
	link_take_all(&l->b);
}

static void holes_are_asked_for(struct kunit *test)
{
	struct l4_link *l = test->priv;
	struct qnet_hdr h;

	lose_some(l);
	KUNIT_EXPECT_EQ(test, l->b.nacks, 0);
	KUNIT_ASSERT_TRUE(test, l->b.rx.gap);
	tick_at(&l->b, l->b.rx.gap_due);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&l->a.in), 2);
	expect_frame(test, &l->a, 0, QNET_T_NACK, 1, 3 * MSS);
	expect_frame(test, &l->a, 1, QNET_T_NACK, 1, 7 * MSS);
	KUNIT_ASSERT_TRUE(test, link_look(&l->a, 0, &h));
	KUNIT_EXPECT_EQ(test, h.qidx, 2 * MSS / QNET_NACK_UNIT);
	link_take_all(&l->a);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&l->b.in), 3);
	expect_frame(test, &l->b, 0, QNET_T_USER, 1, 3 * MSS);
	expect_frame(test, &l->b, 1, QNET_T_USER, 1, 4 * MSS);
	expect_frame(test, &l->b, 2, QNET_T_USER, 1, 7 * MSS);
	link_take_all(&l->b);
	KUNIT_EXPECT_EQ(test, l->b.got, 1);
	expect_over(test);
	KUNIT_EXPECT_EQ(test, l->a.again, 3);
}

/* It says no sizes; but when a hole is filled the next is asked for. */
static void plain_peer_is_asked_hole_by_hole(struct kunit *test)
{
	struct l4_link *l = test->priv;
	struct qnet_hdr h;

	link_plain(l);
	lose_some(l);
	tick_at(&l->b, l->b.rx.gap_due);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&l->a.in), 1);
	KUNIT_ASSERT_TRUE(test, link_look(&l->a, 0, &h));
	KUNIT_EXPECT_EQ(test, h.offset, 3 * MSS);
	KUNIT_EXPECT_EQ(test, h.qidx, 0);
	link_flow(l);
	KUNIT_EXPECT_EQ(test, l->b.got, 1);
	KUNIT_EXPECT_EQ(test, l->b.nacks, 3);
	KUNIT_EXPECT_EQ(test, l->a.again, 3);
	expect_over(test);
}

static void packets_are_asked_for(struct kunit *test)
{
	struct l4_link *l = test->priv;
	struct qnet_hdr h;

	send_many(&l->a, 3, 3 * MSS);
	link_take(&l->b, 8);
	KUNIT_EXPECT_EQ(test, l->b.rx.high, 4);
	__skb_queue_purge(&l->b.in);
	tick_at(&l->b, l->b.rx.gap_due);
	expect_frame(test, &l->a, 0, QNET_T_NACK, 1, 0);
	expect_frame(test, &l->a, 1, QNET_T_NACK, 2, 0);
	expect_frame(test, &l->a, 2, QNET_T_NACK, 3, 0);
	KUNIT_EXPECT_FALSE(test, link_look(&l->a, 3, &h));
	link_take_all(&l->a);
	KUNIT_EXPECT_EQ(test, l->a.again, 8);
	expect_over(test);
	KUNIT_EXPECT_EQ(test, l->a.again, 8);
}

/* Of the end of a packet nobody knows whether it was sent yet. */
static void the_end_is_asked_for_when_quiet(struct kunit *test)
{
	struct l4_link *l = test->priv;
	unsigned long at = clock_now;

	link_send(&l->a, 4 * MSS);
	link_take(&l->b, 1);
	clock_now = at + k.gap - 1;
	link_take(&l->b, 1);
	__skb_queue_purge(&l->b.in);
	tick_at(&l->b, at + k.gap);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&l->a.in), 1);
	expect_frame(test, &l->a, 0, QNET_T_NACK, 1, 0);
	__skb_queue_purge(&l->a.in);
	tick_at(&l->b, l->b.rx.gap_due);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&l->a.in), 2);
	expect_frame(test, &l->a, 1, QNET_T_NACK, 1, 3 * MSS);
	expect_over(test);
}

static void so_many_behind_a_hole_are_a_loss(struct kunit *test)
{
	struct l4_link *l = test->priv;
	u32 i;

	send_many(&l->a, k.reorder + 1, 10);
	link_drop(&l->b, 0);
	for (i = 1; i < k.reorder; i++) {
		link_take(&l->b, 0);
		KUNIT_EXPECT_EQ(test, l->b.nacks, 0);
	}
	link_take(&l->b, 0);
	KUNIT_EXPECT_EQ(test, l->b.nacks, 1);
	expect_frame(test, &l->a, 0, QNET_T_NACK, 1, 0);
	expect_over(test);
	KUNIT_EXPECT_EQ(test, l->a.again, 1);
}

static void so_many_behind_a_hole_in_one(struct kunit *test)
{
	struct l4_link *l = test->priv;
	u32 i;

	link_send(&l->a, (k.reorder + 4) * MSS);
	link_take(&l->b, 0);
	link_take(&l->b, 0);
	KUNIT_EXPECT_EQ(test, l->b.rx.beyond, 0);
	link_drop(&l->b, 0);
	for (i = 1; i < k.reorder; i++)
		link_take(&l->b, 0);
	KUNIT_EXPECT_EQ(test, l->b.nacks, 0);
	link_take(&l->b, 0);
	KUNIT_EXPECT_EQ(test, l->b.nacks, 1);
	expect_frame(test, &l->a, 0, QNET_T_NACK, 1, 2 * MSS);
	expect_over(test);
	KUNIT_EXPECT_EQ(test, l->a.again, 1);
}

/* However many follow: not in the same jiffy, and not for one more. */
static void a_loss_is_asked_for_once(struct kunit *test)
{
	struct l4_link *l = test->priv;
	u32 i;

	send_many(&l->a, 4 * k.reorder, 10);
	link_drop(&l->b, 0);
	for (i = 0; i < 3 * k.reorder; i++)
		link_take(&l->b, 0);
	KUNIT_EXPECT_EQ(test, l->b.nacks, 1);
	tick_at(&l->b, l->b.rx.gap_due);
	KUNIT_EXPECT_EQ(test, l->b.nacks, 2);
	clock_now++;
	link_take(&l->b, 0);
	KUNIT_EXPECT_EQ(test, l->b.nacks, 2);
	expect_over(test);
}

static void another_order_is_no_loss(struct kunit *test)
{
	struct l4_link *l = test->priv;
	u32 i;

	for (i = 0; i < 2 * k.reorder; i++) {
		send_many(&l->a, 2, 10);
		link_take(&l->b, 1);
		link_take(&l->b, 0);
		KUNIT_EXPECT_EQ(test, l->b.rx.beyond, 0);
	}
	KUNIT_EXPECT_EQ(test, l->b.nacks, 0);
	expect_over(test);
}

/* Of its packets nobody knows in which order they come, and how fast. */
static void plain_peer_is_asked_later(struct kunit *test)
{
	struct l4_link *l = test->priv;
	unsigned long at = clock_now;

	link_plain(l);
	link_send(&l->a, 4 * MSS);
	send_many(&l->a, 2 * k.reorder, 10);
	link_drop(&l->b, 0);
	while (skb_queue_len(&l->b.in) > 1)
		link_take(&l->b, 1);
	KUNIT_EXPECT_EQ(test, l->b.nacks, 0);
	KUNIT_EXPECT_EQ(test, l->b.rx.gap_due, at + k.gap_plain);
	/* Nor while some of it is still coming. */
	clock_now = at + k.gap_plain - 1;
	link_take(&l->b, 0);
	tick_at(&l->b, l->b.rx.gap_due);
	KUNIT_EXPECT_EQ(test, l->b.nacks, 0);
	tick_at(&l->b, l->b.rx.gap_due);
	KUNIT_EXPECT_EQ(test, l->b.nacks, 1);
	expect_over(test);
}

/* Whoever brings more than that asks for more than he can get. */
static void not_too_much_is_asked_for(struct kunit *test)
{
	struct l4_link *l = test->priv;
	u32 i;

	send_many(&l->a, 2 * k.nacks, 10);
	link_take(&l->b, 2 * k.nacks - 1);
	__skb_queue_purge(&l->b.in);
	tick_at(&l->b, l->b.rx.gap_due);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&l->a.in), k.nacks);
	for (i = 0; i < k.nacks; i++)
		expect_frame(test, &l->a, i, QNET_T_NACK, 1 + i, 0);
	expect_over(test);
}

static void a_deaf_sender_is_asked_rarely(struct kunit *test)
{
	struct l4_link *l = test->priv;
	u32 i, wait = k.gap;

	send_many(&l->a, 2, 10);
	link_take(&l->b, 1);
	for (i = 0; i < 10; i++) {
		KUNIT_EXPECT_EQ(test, l->b.rx.gap_due - clock_now, wait);
		tick_at(&l->b, l->b.rx.gap_due);
		wait = k.gap << min(i + 1, k.gap_idle);
	}
	KUNIT_EXPECT_EQ(test, l->b.nacks, 10);
	/* It speaks: as at first. */
	link_send(&l->a, 10);
	link_take(&l->b, 1);
	tick_at(&l->b, l->b.rx.gap_due);
	KUNIT_EXPECT_EQ(test, l->b.rx.gap_due - clock_now, 2 * k.gap);
	expect_over(test);
}

static void a_hole_is_a_range(struct kunit *test)
{
	struct l4_link *l = test->priv;

	link_send(&l->a, 10 * MSS - 1);
	__skb_queue_purge(&l->b.in);
	/* One byte is a frame, whose end may lie in the next. */
	KUNIT_EXPECT_EQ(test, link_nack(&l->a, 1, MSS + 1, 0), 1);
	expect_frame(test, &l->b, 0, QNET_T_USER, 1, MSS);
	KUNIT_EXPECT_EQ(test, link_nack(&l->a, 1, 2 * MSS - 1, 2), 2);
	expect_frame(test, &l->b, 1, QNET_T_USER, 1, MSS);
	expect_frame(test, &l->b, 2, QNET_T_USER, 1, 2 * MSS);
	KUNIT_EXPECT_EQ(test, link_nack(&l->a, 1, 9 * MSS, QNET_PKT_MAX), 1);
	expect_frame(test, &l->b, 3, QNET_T_USER, 1, 9 * MSS);
	KUNIT_EXPECT_EQ(test, link_nack(&l->a, 1, 10 * MSS - 2, 1), 1);
	expect_frame(test, &l->b, 4, QNET_T_USER, 1, 9 * MSS);
	expect_over(test);
}

struct senseless {
	const char *what;
	u32 seq, off, size;
};

/* Of packets 1 to 5, the first two are acknowledged and 5 is not sent. */
static const struct senseless senseless_nacks[] = {
	{ "acknowledged", 2, 0, 10 },
	{ "long acknowledged", 0, 0, 10 },
	{ "very long acknowledged", 0x80000003, 0, 10 },
	{ "not sent", 5, 0, 10 },
	{ "never queued", 6, 0, 10 },
	{ "far ahead", 0x7fffffff, 0, 10 },
	{ "behind its end", 3, 2 * MSS, 10 },
	{ "far behind its end", 3, U32_MAX, 10 },
	{ "too large", 3, 0, QNET_PKT_MAX + 1 },
	{ "much too large", 3, 8, U32_MAX },
};

static void senseless_desc(const struct senseless *s, char *desc)
{
	strscpy(desc, s->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(senseless, senseless_nacks, senseless_desc);

/* It is there and hears us. */
static void a_nack_puts_the_expiry_off(struct kunit *test)
{
	struct l4_link *l = test->priv;

	link_send(&l->a, 10);
	clock_now += l->a.tx.rto - 1;
	link_nack(&l->a, 1, 0, 10);
	KUNIT_EXPECT_EQ(test, qnet_l4_tx_due(&l->a.tx),
			clock_now + l->a.tx.rto);
	expect_over(test);
}

static void senseless_nack_changes_nothing(struct kunit *test)
{
	const struct senseless *s = test->param_value;
	struct l4_link *l = test->priv;
	struct qnet_l4_tx old;

	l->a.tx.win_pkts = 2;
	send_many(&l->a, 5, 2 * MSS);
	link_ack(&l->a, 2);
	clock_now++;
	old = l->a.tx;
	KUNIT_EXPECT_EQ(test, link_nack(&l->a, s->seq, s->off, s->size), 0);
	KUNIT_EXPECT_EQ(test, memcmp(&l->a.tx, &old, sizeof(old)), 0);
	KUNIT_EXPECT_EQ(test, l->a.again, 0);
	expect_over(test);
}

/* Who asks and asks gets it twice in a round trip, not more. */
static void nacks_do_not_multiply(struct kunit *test)
{
	struct l4_link *l = test->priv;
	u32 i;

	link_plain(l);
	ping(l, 10);
	link_send(&l->a, 10 * MSS);
	for (i = 0; i < 100; i++)
		link_nack(&l->a, 2, 0, 10 * MSS);
	KUNIT_EXPECT_EQ(test, l->a.again, 20);
	clock_now += 11;
	link_nack(&l->a, 2, 0, 10 * MSS);
	KUNIT_EXPECT_EQ(test, l->a.again, 30);
	expect_over(test);
}

/* A struct that is used again knows nothing of what it was. */
static void requests_are_counted_anew(struct kunit *test)
{
	struct l4_link *l = test->priv;
	u32 i;

	link_plain(l);
	link_send(&l->a, 10);
	for (i = 0; i < 5; i++)
		link_nack(&l->a, 1, 0, 10);
	link_flow(l);
	KUNIT_EXPECT_EQ(test, l->a.tx.nspare, 1);
	link_send(&l->a, 10);
	KUNIT_EXPECT_EQ(test, l->a.tx.nspare, 0);
	tick_at(&l->a, qnet_l4_tx_due(&l->a.tx));
	KUNIT_EXPECT_EQ(test, link_nack(&l->a, 2, 0, 10), 1);
	expect_over(test);
}

/* --------------------------------------------------- what is not believed */

static void senseless_ack_changes_nothing(struct kunit *test)
{
	static const u32 seqs[] = {
		0, 1, 2, 5, 6, 100, 0x7fffffff, 0x80000000, 0x80000003, U32_MAX
	};
	struct l4_link *l = test->priv;
	struct qnet_l4_tx old;
	u32 i;

	/* 3 and 4 are under way, 5 is not sent. */
	l->a.tx.win_pkts = 2;
	send_many(&l->a, 5, 2 * MSS);
	link_ack(&l->a, 2);
	clock_now++;
	old = l->a.tx;
	for (i = 0; i < ARRAY_SIZE(seqs); i++)
		KUNIT_EXPECT_FALSE_MSG(test, link_ack(&l->a, seqs[i]), "%u",
				       seqs[i]);
	KUNIT_EXPECT_EQ(test, memcmp(&l->a.tx, &old, sizeof(old)), 0);
	expect_over(test);
}

static struct qnet_hdr frame_of(u32 seq, u32 off, u32 len, bool last)
{
	return (struct qnet_hdr) {
		.type	= QNET_T_USER,
		.flags	= (off ? 0 : QNET_F_FIRST) | (last ? QNET_F_LAST : 0),
		.seq	= seq,
		.offset	= off,
		.length	= len,
	};
}

/* A frame of zeros, in @room bytes of memory */
static unsigned int forge(struct l4_end *e, u32 seq, u32 off, u32 len,
			  bool last, u32 room)
{
	struct qnet_hdr h = frame_of(seq, off, len, last);

	return link_raw(e, &h, NULL, room) & 0xff;
}

static void beyond_the_window_is_refused(struct kunit *test)
{
	static const u32 ahead[] = {
		QNET_L4_WIN_PKTS, QNET_L4_WIN_PKTS + 1, 100000, 0x7fffffff
	};
	static const u32 back[] = { 1, 2, 3, QNET_L4_WIN_PKTS, 0x7fffffff };
	struct l4_link *l = test->priv;
	u32 i;

	send_many(&l->a, 3, 10);
	expect_over(test);
	for (i = 0; i < ARRAY_SIZE(ahead); i++)
		KUNIT_EXPECT_EQ(test, forge(&l->b, 4 + ahead[i], 0, 10, true,
					    0), QNET_L4_BAD);
	for (i = 0; i < ARRAY_SIZE(back); i++)
		KUNIT_EXPECT_EQ(test, forge(&l->b, 4 - back[i], 0, 10, true,
					    0), QNET_L4_DUP);
	KUNIT_EXPECT_EQ(test, l->b.rx.nslots, 0);
	KUNIT_EXPECT_EQ(test, l->b.rx.next, 4);
	KUNIT_EXPECT_EQ(test, l->b.rx.high, 4);
	KUNIT_EXPECT_FALSE(test, l->b.rx.gap);
	KUNIT_EXPECT_EQ(test, forge(&l->b, 3 + QNET_L4_WIN_PKTS, 0, 10, true,
				    0), QNET_L4_KEPT);
	KUNIT_EXPECT_EQ(test, l->b.rx.nslots, 1);
}

/* What came first holds; the rest is as if it had not come. */
static void contradictions_are_refused(struct kunit *test)
{
	struct l4_link *l = test->priv;
	u32 held;

	link_send(&l->a, 4 * MSS);
	link_take(&l->b, 3);
	link_take(&l->b, 1);
	held = l->b.rx.held;
	/* Another end, before and behind; bytes behind it; no end at it. */
	KUNIT_EXPECT_EQ(test, forge(&l->b, 1, 2 * MSS, MSS, true, 0),
			QNET_L4_BAD);
	KUNIT_EXPECT_EQ(test, forge(&l->b, 1, 4 * MSS, MSS, true, 0),
			QNET_L4_BAD);
	KUNIT_EXPECT_EQ(test, forge(&l->b, 1, 4 * MSS, 8, false, 0),
			QNET_L4_BAD);
	KUNIT_EXPECT_EQ(test, forge(&l->b, 1, 3 * MSS, MSS, false, 0),
			QNET_L4_BAD);
	KUNIT_EXPECT_EQ(test, forge(&l->b, 1, 0, 0, true, 0), QNET_L4_BAD);
	KUNIT_EXPECT_EQ(test, forge(&l->b, 1, 8, 0, true, 0), QNET_L4_BAD);
	KUNIT_EXPECT_EQ(test, forge(&l->b, 1, QNET_PKT_MAX, 8, false, 0),
			QNET_L4_BAD);
	/* Zeros instead of bytes that have come. */
	KUNIT_EXPECT_EQ(test, forge(&l->b, 1, MSS, MSS, false, 0),
			QNET_L4_DUP);
	KUNIT_EXPECT_EQ(test, forge(&l->b, 1, MSS + 8, 16, false, 0),
			QNET_L4_DUP);
	KUNIT_EXPECT_EQ(test, l->b.rx.held, held);
	expect_over(test);
}

/* The first one says what the packet is, whatever the others say. */
static void first_frame_says_the_layer(struct kunit *test)
{
	struct qnet_hdr h = frame_of(1, MSS, MSS, false);
	struct l4_link *l = test->priv;
	struct sk_buff *skb;

	l->b.deaf = true;
	link_send(&l->a, 3 * MSS);
	link_drop(&l->b, 1);
	link_take_all(&l->b);
	h.layer = QNET_L_NAME;
	h.big = true;
	KUNIT_EXPECT_EQ(test, link_raw(&l->b, &h, NULL, 0), QNET_L4_READY);
	skb = qnet_l4_rx_next(&l->b.rx);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_EQ(test, QNET_RXCB(skb)->layer, QNET_L_KIF);
	KUNIT_EXPECT_FALSE(test, QNET_RXCB(skb)->big);
	kfree_skb(skb);
}

/* A fragment is refused that begins nothing: no slot remains. */
static void refused_alone_leaves_no_slot(struct kunit *test)
{
	struct l4_link *l = test->priv;

	KUNIT_EXPECT_EQ(test, forge(&l->b, 1, QNET_PKT_MAX, 8, true, 0),
			QNET_L4_BAD);
	KUNIT_EXPECT_EQ(test, forge(&l->b, 2, 8, 0, true, 0), QNET_L4_BAD);
	KUNIT_EXPECT_EQ(test, forge(&l->b, 2, 0, 0, false, 0), QNET_L4_BAD);
	KUNIT_EXPECT_EQ(test, l->b.rx.nslots, 0);
	KUNIT_EXPECT_FALSE(test, l->b.rx.gap);
	send_many(&l->a, 3, 10);
	expect_over(test);
}

/* Cut otherwise the second time: each byte is taken once, and its own. */
static void overlaps_are_cut(struct kunit *test)
{
	struct l4_link *l = test->priv;
	u32 i, n;

	link_send(&l->a, 6 * MSS);
	link_drop(&l->b, 4);
	link_drop(&l->b, 2);
	link_drop(&l->b, 0);
	link_take_all(&l->b);
	link_mtu(l, 9000);
	/* Each of these covers what came, and fills one hole. */
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, l->b.got, 0);
		n = skb_queue_len(&l->b.in);
		clock_now += 1000;
		link_nack(&l->a, 1, 0, 6 * MSS);
		KUNIT_EXPECT_EQ(test, skb_queue_len(&l->b.in), n + 1);
		link_take_all(&l->b);
	}
	KUNIT_EXPECT_EQ(test, l->b.got, 1);
	expect_over(test);
}

/* Frames with much memory and few bytes, of packets out of turn. */
static void memory_out_of_turn_is_bounded(struct kunit *test)
{
	struct l4_link *l = test->priv;
	u32 i, kept = 0;

	for (i = 0; i < 200; i++)
		kept += forge(&l->b, 2 + i, 0, 10, i & 1, 60000) ==
			QNET_L4_KEPT;
	KUNIT_EXPECT_LT(test, kept, 200);
	KUNIT_EXPECT_GT(test, kept, 20);
	KUNIT_EXPECT_EQ(test, l->b.rx.nslots, kept);
	KUNIT_EXPECT_LE(test, l->b.rx.held, LINK_RX_MAX);
	KUNIT_EXPECT_EQ(test, forge(&l->b, 100, 0, 10, true, 60000),
			QNET_L4_NOMEM);
	/* The one that all wait for finds room, in pieces, too. */
	KUNIT_EXPECT_EQ(test, forge(&l->b, 1, 8, 2, true, 60000),
			QNET_L4_KEPT);
	KUNIT_EXPECT_EQ(test, forge(&l->b, 1, 0, 8, false, 60000),
			QNET_L4_READY);
	KUNIT_EXPECT_EQ(test, l->b.rx.next, 2);
	/* None of that was ever sent. */
	l->faults = 0;
}

/* The same, of the packet that is next. */
static void memory_of_the_next_is_bounded(struct kunit *test)
{
	struct l4_link *l = test->priv;
	unsigned int v = QNET_L4_KEPT;
	u32 i;

	for (i = 0; i < 200 && v == QNET_L4_KEPT; i++)
		v = forge(&l->b, 1, 8 + 8 * i, 8, false, 60000);
	KUNIT_EXPECT_EQ(test, v, QNET_L4_NOMEM);
	KUNIT_EXPECT_GT(test, i, 20);
	KUNIT_EXPECT_LE(test, l->b.rx.held, LINK_RX_MAX);
	KUNIT_EXPECT_EQ(test, l->b.rx.nslots, 1);
}

/* Nobody takes what has come. */
static void memory_of_the_ready_is_bounded(struct kunit *test)
{
	struct l4_link *l = test->priv;
	unsigned int v = QNET_L4_READY;
	u32 i;

	l->b.deaf = true;
	for (i = 0; i < 200 && v == QNET_L4_READY; i++)
		v = forge(&l->b, 1 + i, 0, 10, true, 60000);
	KUNIT_EXPECT_EQ(test, v, QNET_L4_NOMEM);
	KUNIT_EXPECT_GT(test, i, 20);
	KUNIT_EXPECT_LE(test, l->b.rx.ready_bytes,
			LINK_RX_MAX + 2 * 65536);
	KUNIT_EXPECT_EQ(test, l->b.rx.nslots, 0);
	/* Now it does, and there is room again. */
	link_up(&l->b);
	KUNIT_EXPECT_EQ(test, l->b.rx.ready_bytes, 0);
	KUNIT_EXPECT_EQ(test, forge(&l->b, i, 0, 10, true, 0),
			QNET_L4_READY);
	l->faults = 0;
}

static void too_many_holes_are_no_harm(struct kunit *test)
{
	struct l4_link *l = test->priv;
	u32 i;

	link_send(&l->a, 2 * (QNET_FRAG_HOLES + 5) * MSS);
	for (i = 0; i < QNET_FRAG_HOLES + 5; i++)
		link_drop(&l->b, i);
	for (i = 0; i < QNET_FRAG_HOLES; i++)
		link_take(&l->b, 0);
	KUNIT_EXPECT_EQ(test, l->b.verdict & 0xff, QNET_L4_KEPT);
	link_take(&l->b, 0);
	KUNIT_EXPECT_EQ(test, l->b.verdict & 0xff, QNET_L4_NOMEM);
	expect_over(test);
}

/* Some peers call their first packet as they called their opening. */
static void may_begin_with_the_initial_number(struct kunit *test)
{
	struct l4_link *l = test->priv;

	link_plain(l);
	qnet_l4_rx_open(&l->b.rx, l->a.tx.peer, l->a.tx.id, 1);
	KUNIT_EXPECT_EQ(test, l->b.rx.next, 2);
	send_many(&l->a, 3, 3 * MSS);
	expect_over(test);
}

/* Once that one is there the number is an old one, handed up or not. */
static void the_initial_number_comes_once(struct kunit *test)
{
	struct l4_link *l = test->priv;

	link_plain(l);
	qnet_l4_rx_open(&l->b.rx, l->a.tx.peer, l->a.tx.id, 1);
	l->b.deaf = true;
	l->wire.twice = 1000;
	link_send(&l->a, 10);
	link_take_all(&l->b);
	KUNIT_EXPECT_EQ(test, l->b.verdict & 0xff, QNET_L4_DUP);
	l->b.deaf = false;
	link_up(&l->b);
	link_nack(&l->a, 1, 0, 0);
	link_take_all(&l->b);
	KUNIT_EXPECT_EQ(test, l->b.verdict & 0xff, QNET_L4_DUP);
	expect_over(test);
}

/* But only at the beginning. */
static void the_initial_number_is_old_later(struct kunit *test)
{
	struct l4_link *l = test->priv;

	link_send(&l->a, 10);
	l->b.deaf = true;
	link_take_all(&l->b);
	KUNIT_EXPECT_EQ(test, forge(&l->b, 0, 0, 10, true, 0), QNET_L4_DUP);
	l->b.deaf = false;
	link_up(&l->b);
	KUNIT_EXPECT_EQ(test, forge(&l->b, 0, 0, 10, true, 0), QNET_L4_DUP);
	expect_over(test);
}

/* Nor when another one has begun. */
static void the_initial_number_is_the_first(struct kunit *test)
{
	struct l4_link *l = test->priv;

	link_send(&l->a, 2 * MSS);
	link_take(&l->b, 0);
	KUNIT_EXPECT_EQ(test, forge(&l->b, 0, 0, 10, true, 0), QNET_L4_DUP);
	expect_over(test);
}

/* -------------------------------------------------------------------- ways */

#define ONE	(QNET_L4_ONLY + 1)	/* lanes that want way 1 */
#define RATHER	(QNET_L4_PREFER + 1)

static void close_way_1(struct l4_end *e)
{
	e->route.lane[ONE] = QNET_L4_NOWHERE;
	link_reroute(e);
}

static void each_lane_has_its_way(struct kunit *test)
{
	struct l4_link *l = test->priv;
	struct l4_want w = { .hlen = 10 };

	KUNIT_EXPECT_EQ(test, qnet_l4_tx_way(&l->a.tx), QNET_L4_NOWHERE);
	w.lane = ONE;
	link_put(&l->a, &w);
	w.lane = RATHER;
	link_put(&l->a, &w);
	w.lane = 0;
	w.len = 2 * MSS;
	link_put(&l->a, &w);
	KUNIT_EXPECT_EQ(test, l->a.route.sent[0], 3);
	KUNIT_EXPECT_EQ(test, l->a.route.sent[1], 2);
	KUNIT_EXPECT_EQ(test, qnet_l4_tx_way(&l->a.tx), 1);
	l->a.route.lane[RATHER] = 0;
	link_nack(&l->a, 2, 0, 10);
	KUNIT_EXPECT_EQ(test, l->a.route.sent[0], 4);
	KUNIT_EXPECT_EQ(test, l->a.route.again[0], 1);
	KUNIT_EXPECT_EQ(test, l->a.route.again[1], 0);
	link_ack(&l->a, 1);
	KUNIT_EXPECT_EQ(test, qnet_l4_tx_way(&l->a.tx), 0);
	expect_over(test);
	/* What was not sent went no way. */
	l->a.route.lane[0] = QNET_L4_NOWHERE;
	link_put(&l->a, &w);
	KUNIT_EXPECT_EQ(test, qnet_l4_tx_way(&l->a.tx), QNET_L4_NOWHERE);
	l->a.route.lane[0] = 0;
	expect_over(test);
}

/* In its place in the sequence comes an empty one. */
static void given_up_before_it_was_sent(struct kunit *test)
{
	struct l4_want w = { .hlen = 48, .len = 5 * MSS, .lane = ONE,
			     .may_fail = true };
	struct l4_link *l = test->priv;
	struct l4_item *it;
	u32 bytes;

	l->a.tx.win_pkts = 1;
	link_send(&l->a, 10);
	it = link_put(&l->a, &w);
	link_send(&l->a, 20);
	bytes = l->a.tx.bytes;
	close_way_1(&l->a);
	KUNIT_EXPECT_EQ(test, l->a.tx.bytes, bytes - it->len);
	KUNIT_EXPECT_EQ(test, it->released, 0);
	expect_over(test);
	KUNIT_EXPECT_EQ(test, it->released, 1);
	KUNIT_EXPECT_EQ(test, l->b.fillers, 1);
	KUNIT_EXPECT_EQ(test, l->a.again, 0);
}

static void given_up_with_some_of_it_there(struct kunit *test)
{
	struct l4_want w = { .hlen = 48, .len = 5 * MSS, .lane = ONE,
			     .may_fail = true };
	struct l4_link *l = test->priv;
	struct sk_buff *late;
	u32 flight;

	link_put(&l->a, &w);
	link_send(&l->a, 10);
	flight = l->a.tx.flight;
	link_take(&l->b, 1);
	link_take(&l->b, 1);
	late = __skb_dequeue_tail(&l->b.in);
	__skb_queue_purge(&l->b.in);
	close_way_1(&l->a);
	KUNIT_EXPECT_EQ(test, l->a.tx.flight, flight - 48 - 5 * MSS);
	KUNIT_EXPECT_EQ(test, l->a.tx.frames, 2);
	expect_over(test);
	KUNIT_EXPECT_EQ(test, l->b.fillers, 1);
	/* What is left of it comes too late. */
	__skb_queue_tail(&l->b.in, late);
	link_flow(l);
	KUNIT_EXPECT_EQ(test, l->b.verdict & 0xff, QNET_L4_DUP);
	expect_over(test);
}

/* Its last frame and the empty one in its place overtake the others. */
static void given_up_and_late(struct kunit *test)
{
	struct l4_want w = { .hlen = 48, .len = 3 * MSS, .lane = ONE,
			     .may_fail = true };
	struct l4_link *l = test->priv;

	link_send(&l->a, 10);
	link_put(&l->a, &w);
	link_take(&l->b, 2);
	close_way_1(&l->a);
	link_nack(&l->a, 2, 0, 0);
	link_take(&l->b, skb_queue_len(&l->b.in) - 1);
	KUNIT_EXPECT_EQ(test, l->b.verdict & 0xff, QNET_L4_KEPT);
	link_take(&l->b, 1);
	KUNIT_EXPECT_EQ(test, l->b.verdict & 0xff, QNET_L4_DUP);
	link_take(&l->b, 0);
	KUNIT_EXPECT_EQ(test, l->b.got, 2);
	KUNIT_EXPECT_EQ(test, l->b.fillers, 1);
	expect_over(test);
}

/* The receiver had it whole: that is what it hands up. */
static void given_up_in_vain(struct kunit *test)
{
	struct l4_want w = { .hlen = 48, .len = 3 * MSS, .lane = ONE,
			     .may_fail = true };
	struct l4_link *l = test->priv;

	link_send(&l->a, 10);
	link_put(&l->a, &w);
	link_drop(&l->b, 0);
	link_take_all(&l->b);
	close_way_1(&l->a);
	link_nack(&l->a, 2, 0, 0);
	expect_over(test);
	KUNIT_EXPECT_EQ(test, l->b.fillers, 0);
}

static void others_wait_for_a_way(struct kunit *test)
{
	struct l4_want w = { .hlen = 48, .len = MSS };
	struct l4_link *l = test->priv;

	link_send(&l->a, 10);
	__skb_queue_purge(&l->b.in);
	memset(l->a.route.lane, QNET_L4_NOWHERE, sizeof(l->a.route.lane));
	link_put(&l->a, &w);
	w.lane = RATHER;
	link_put(&l->a, &w);
	link_reroute(&l->a);
	tick_at(&l->a, qnet_l4_tx_due(&l->a.tx));
	link_nack(&l->a, 1, 0, 10);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&l->b.in), 0);
	KUNIT_EXPECT_EQ(test, l->a.again, 0);
	KUNIT_EXPECT_EQ(test, l->a.tx.nxt, 2);
	memset(l->a.route.lane, 2, sizeof(l->a.route.lane));
	link_push(&l->a);
	KUNIT_EXPECT_EQ(test, l->a.route.sent[2], 4);
	expect_over(test);
	KUNIT_EXPECT_EQ(test, l->b.fillers, 0);
}

/* ------------------------------------------------------------------ memory */

/* Which allocation from now on fails: one, or all from there on */
static u32 mem_left;
static bool mem_all;

static bool mem_fails(void)
{
	if (!mem_left)
		return mem_all;
	return !--mem_left;
}

/* 1 = the next one */
static void mem_fail(u32 n, bool all)
{
	mem_left = n;
	mem_all = all;
	clock_no_memory = mem_fails;
}

static void no_memory_for_a_packet(struct kunit *test)
{
	struct l4_want w = { .hlen = 10, .len = 4000 };
	struct l4_link *l = test->priv;

	mem_fail(1, true);
	KUNIT_EXPECT_NULL(test, link_put(&l->a, &w));
	KUNIT_EXPECT_EQ(test, l->a.tx.next, 1);
	KUNIT_EXPECT_EQ(test, l->a.tx.bytes, 0);
	mem_fail(0, false);
	KUNIT_EXPECT_NOT_NULL(test, link_put(&l->a, &w));
	expect_over(test);
}

/* A frame that was not made is one that was lost. */
static void no_memory_for_a_frame(struct kunit *test)
{
	struct l4_link *l = test->priv;
	u32 i;

	for (i = 1; i <= 4; i++) {
		mem_fail(1 + i, true);
		link_send(&l->a, 4 * MSS);
		KUNIT_EXPECT_EQ(test, skb_queue_len(&l->b.in), i - 1);
		KUNIT_EXPECT_FALSE(test, qnet_l4_tx_idle(&l->a.tx));
		mem_fail(0, false);
		expect_over(test);
	}
}

/* Whatever fails while a packet is put together, it will come again. */
static void no_memory_for_what_came(struct kunit *test)
{
	struct l4_link *l = test->priv;
	u32 i;

	for (i = 1; i <= 3; i++) {
		send_many(&l->a, 2, 3 * MSS);
		link_drop(&l->b, 0);
		mem_fail(i, false);
		link_take_all(&l->b);
		mem_fail(0, false);
		expect_over(test);
	}
}

static void no_memory_for_answers(struct kunit *test)
{
	struct l4_link *l = test->priv;

	link_plain(l);
	send_many(&l->a, 3, 10);
	mem_fail(1, true);
	link_take_all(&l->b);
	KUNIT_EXPECT_EQ(test, l->b.got, 3);
	KUNIT_EXPECT_EQ(test, l->b.acks, 0);
	mem_fail(0, false);
	expect_over(test);
}

/* ----------------------------------------------------------- 32 bits or so */

static void numbers_begin_anew(struct kunit *test)
{
	struct l4_link *l = test->priv;
	u32 i;

	link_start(l, U32_MAX - 20);
	for (i = 0; i < 40; i++)
		link_send(&l->a, i & 3 ? 10 : 2 * MSS);
	KUNIT_EXPECT_EQ(test, l->a.tx.nxt, 20);
	KUNIT_EXPECT_FALSE(test, link_ack(&l->a, 20));
	KUNIT_EXPECT_FALSE(test, link_ack(&l->a, U32_MAX - 20));
	/* Backwards, but for the first: all wait on both sides of zero. */
	while (skb_queue_len(&l->b.in) > 1)
		link_take(&l->b, skb_queue_len(&l->b.in) - 1);
	KUNIT_EXPECT_EQ(test, l->b.got, 0);
	KUNIT_EXPECT_EQ(test, l->b.rx.high, 20);
	link_take_all(&l->b);
	KUNIT_EXPECT_EQ(test, l->b.rx.next, 20);
	expect_over(test);
	KUNIT_EXPECT_EQ(test, l->a.tx.una, 20);
	KUNIT_EXPECT_FALSE(test, link_ack(&l->a, U32_MAX));
}

static void losses_around_zero(struct kunit *test)
{
	struct l4_link *l = test->priv;
	u32 i;

	link_start(l, U32_MAX - 20);
	send_many(&l->a, 40, 2 * MSS);
	for (i = 0; i < 20; i++)
		link_drop(&l->b, i);
	expect_over(test);
	/* Marks of that time do not hold anything up later. */
	KUNIT_EXPECT_EQ(test, l->a.tx.cut, l->a.tx.una);
	KUNIT_EXPECT_EQ(test, l->a.tx.karn, l->a.tx.una);
	KUNIT_EXPECT_EQ(test, l->a.tx.recover, l->a.tx.una);
}

static struct kunit_case qnet_l4_cases[] = {
	KUNIT_CASE_PARAM(arrives_as_sent, mtu_gen_params),
	KUNIT_CASE(largest_packet_arrives),
	KUNIT_CASE(cut_anywhere_between_parts),
	KUNIT_CASE(layer_goes_with_it),
	KUNIT_CASE(trailer_stays_outside),
	KUNIT_CASE(any_order_is_put_right),
	KUNIT_CASE(what_comes_twice_is_taken_once),
	KUNIT_CASE(way_becomes_narrow_or_wide),
	KUNIT_CASE(released_when_acknowledged),
	KUNIT_CASE(short_one_is_released_too),
	KUNIT_CASE(purge_releases_all),
	KUNIT_CASE(plain_peer_gets_one_each),
	KUNIT_CASE(one_stands_for_many),
	KUNIT_CASE(many_bytes_are_acknowledged_soon),
	KUNIT_CASE(an_ack_waits_so_long),
	KUNIT_CASE(data_carries_acks),
	KUNIT_CASE(what_goes_again_carries_none),
	KUNIT_CASE(short_ack_of_long_ago),
	KUNIT_CASE(short_ack_is_of_this_life),
	KUNIT_CASE(plain_peer_is_told_again),
	KUNIT_CASE(old_frames_are_answered_once),
	KUNIT_CASE(so_many_packets_at_once),
	KUNIT_CASE(so_many_bytes_at_once),
	KUNIT_CASE(so_many_frames_at_once),
	KUNIT_CASE(one_packet_always_goes),
	KUNIT_CASE(grows_only_while_it_limits),
	KUNIT_CASE(doubles_per_round_trip),
	KUNIT_CASE(grows_by_one_above_the_threshold),
	KUNIT_CASE(grows_up_to_a_limit),
	KUNIT_CASE(halves_once_per_round_trip),
	KUNIT_CASE(does_not_grow_while_it_recovers),
	KUNIT_CASE(expiries_become_rare),
	KUNIT_CASE(silence_shrinks_the_window),
	KUNIT_CASE(expiry_follows_the_round_trip),
	KUNIT_CASE(what_goes_twice_is_not_measured),
	KUNIT_CASE(what_goes_twice_in_vain_is_measured),
	KUNIT_CASE(other_copies_are_not_measured),
	KUNIT_CASE(what_stood_still_is_not_slow),
	KUNIT_CASE(a_slow_way_is_learned),
	KUNIT_CASE(a_very_slow_way_is_learned),
	KUNIT_CASE(copies_of_the_wire_are_not_late),
	KUNIT_CASE(what_was_measured_is_not_doubled),
	KUNIT_CASE(recovers_without_more_expiries),
	KUNIT_CASE(recovers_what_is_not_there),
	KUNIT_CASE(holes_are_asked_for),
	KUNIT_CASE(plain_peer_is_asked_hole_by_hole),
	KUNIT_CASE(packets_are_asked_for),
	KUNIT_CASE(the_end_is_asked_for_when_quiet),
	KUNIT_CASE(so_many_behind_a_hole_are_a_loss),
	KUNIT_CASE(so_many_behind_a_hole_in_one),
	KUNIT_CASE(a_loss_is_asked_for_once),
	KUNIT_CASE(another_order_is_no_loss),
	KUNIT_CASE(plain_peer_is_asked_later),
	KUNIT_CASE(not_too_much_is_asked_for),
	KUNIT_CASE(a_deaf_sender_is_asked_rarely),
	KUNIT_CASE(a_hole_is_a_range),
	KUNIT_CASE(a_nack_puts_the_expiry_off),
	KUNIT_CASE_PARAM(senseless_nack_changes_nothing, senseless_gen_params),
	KUNIT_CASE(nacks_do_not_multiply),
	KUNIT_CASE(requests_are_counted_anew),
	KUNIT_CASE(senseless_ack_changes_nothing),
	KUNIT_CASE(beyond_the_window_is_refused),
	KUNIT_CASE(contradictions_are_refused),
	KUNIT_CASE(first_frame_says_the_layer),
	KUNIT_CASE(refused_alone_leaves_no_slot),
	KUNIT_CASE(overlaps_are_cut),
	KUNIT_CASE(memory_out_of_turn_is_bounded),
	KUNIT_CASE(memory_of_the_next_is_bounded),
	KUNIT_CASE(memory_of_the_ready_is_bounded),
	KUNIT_CASE(too_many_holes_are_no_harm),
	KUNIT_CASE(may_begin_with_the_initial_number),
	KUNIT_CASE(the_initial_number_comes_once),
	KUNIT_CASE(the_initial_number_is_old_later),
	KUNIT_CASE(the_initial_number_is_the_first),
	KUNIT_CASE(each_lane_has_its_way),
	KUNIT_CASE(given_up_before_it_was_sent),
	KUNIT_CASE(given_up_with_some_of_it_there),
	KUNIT_CASE(given_up_and_late),
	KUNIT_CASE(given_up_in_vain),
	KUNIT_CASE(others_wait_for_a_way),
	KUNIT_CASE(no_memory_for_a_packet),
	KUNIT_CASE(no_memory_for_a_frame),
	KUNIT_CASE(no_memory_for_what_came),
	KUNIT_CASE(no_memory_for_answers),
	KUNIT_CASE(numbers_begin_anew),
	KUNIT_CASE(losses_around_zero),
	{}
};

static struct kunit_suite qnet_l4_suite = {
	.name = "qnet_l4",
	.suite_init = l4_suite_init,
	.suite_exit = link_suite_exit,
	.init = link_init,
	.exit = link_exit,
	.test_cases = qnet_l4_cases,
};

kunit_test_suites(&qnet_l4_suite);
