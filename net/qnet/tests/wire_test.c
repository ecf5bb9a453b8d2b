// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of wire.c: the golden frames in both byte orders, each rule of each
 * layout, and what the end of the memory does to them.
 */
#include <linux/crc32.h>
#include <linux/errno.h>
#include <linux/signal_types.h>
#include <linux/stddef.h>
#include <linux/swab.h>

#include "qnet_test.h"
#include "golden.h"

#define FIRST	QNET_F_FIRST
#define LAST	QNET_F_LAST
#define WHOLE	(QNET_F_FIRST | QNET_F_LAST)

/* ------------------------------------------- the other byte order, by hand */

/* One letter per field: b byte, h 16 bits, i 32 bits. */
#define VINFO	"iiiiiiii"

static const char * const kif_layouts[] = {
	[QNET_K_CONNECT]	 = "hhiiiii",
	[QNET_K_CONNECT_MSGSEND] = "hhiiiii",
	[QNET_K_CONNECT_SUCCESS] = "hhiiiii",
	[QNET_K_CONNECT_FAIL]	 = "hhiii",
	[QNET_K_UNBLOCK]	 = "hhiii",
	[QNET_K_MSGSEND]	 = "hhii" VINFO "i",
	[QNET_K_MSGREAD]	 = "hhiiii",
	[QNET_K_MSGREAD_XFER]	 = "hhiiii",
	[QNET_K_MSGWRITE]	 = "hhiiii",
	[QNET_K_MSGREPLY]	 = "hhiiii",
	[QNET_K_MSGERROR]	 = "hhiiii",
	[QNET_K_EVENT]		 = "hhiiiihh",
	[QNET_K_PULSE]		 = "hhii" VINFO "hhbbbbiii",
	[QNET_K_SIGNAL]		 = "hhiiiiii",
	[QNET_K_DISCONNECT]	 = "hhi",
	[QNET_K_CONNECT_DEATH]	 = "hhi",
	[QNET_K_MSGREAD_ERROR]	 = "hhiiii",
	[QNET_K_CONNECT_PULSE]	 = "hhiiiii",
};

#define HDR_LAYOUT	"bbbbhhiiihhiii"
#define LR_LAYOUT	"bbbbiiiiiiiiiiiii"
#define CRED_LAYOUT	"iiiiiiiiiii"

/* Reverse each field of @layout as far as @end; return what is behind. */
static u8 *turn(u8 *p, const u8 *end, const char *layout)
{
	for (; *layout; layout++) {
		u32 i, n = *layout == 'b' ? 1 : *layout == 'h' ? 2 : 4;

		if (end - p < n)
			return (u8 *)end;
		for (i = 0; i < n / 2; i++)
			swap(p[i], p[n - 1 - i]);
		p += n;
	}
	return p;
}

static u32 peek32(const u8 *p, bool big)
{
	if (big)
		return (u32)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
	return (u32)p[3] << 24 | p[2] << 16 | p[1] << 8 | p[0];
}

static void poke32(u8 *p, u32 v, bool big)
{
	int i;

	for (i = 0; i < 4; i++)
		p[i] = v >> 8 * (big ? 3 - i : i);
}

static u8 *turn_cred(u8 *p, const u8 *end, bool big)
{
	u32 i, n;

	if (end - p < 44)
		return (u8 *)end;
	n = min(peek32(p + 40, big), 16U);
	p = turn(p, end, CRED_LAYOUT);
	for (i = 0; i < n; i++)
		p = turn(p, end, "i");
	return p;
}

static void turn_kif(u8 *p, const u8 *end, bool big)
{
	u8 type = p[big] & 0x7f;
	bool cred = p[!big] & 1;
	u8 *more;

	p[0] ^= 0x80;
	p[1] ^= 0x80;
	if (type >= ARRAY_SIZE(kif_layouts)) {
		turn(p, end, "hh");
		return;
	}
	if (cred && type == QNET_K_MSGSEND && p[2 + big] == 48)
		turn_cred(p + 48 + peek32(p + 44, big), end, big);
	else if (cred && type == QNET_K_MSGSEND)
		turn_cred(p + 48, end, big);
	more = turn(p, end, kif_layouts[type]);
	if (cred && type != QNET_K_MSGSEND)
		more = turn_cred(more, end, big);
	if (type == QNET_K_CONNECT_MSGSEND && more != end)
		turn_kif(more, end, big);
}

static void turn_payload(u8 *p, u32 len, u8 type, u8 layer, bool big)
{
	const u8 *end = p + len;

	if (type == QNET_T_TCS_INIT)
		turn(p, end, "hhhh");
	else if (type != QNET_T_USER && type != QNET_T_LRES &&
		 type != QNET_T_USER_DATA)
		return;
	else if (layer == QNET_L_LR)
		turn(p, end, LR_LAYOUT);
	else if (layer == QNET_L_NR && len >= 4)
		turn(p, end, p[0] == QNET_NR_ASK ? "bbh" : "bbhi");
	else if (layer == QNET_L_KIF && len >= 4)
		turn_kif(p, end, big);
}

/* Bit by bit, so that it shares nothing with the code under test. */
static u32 slow_crc(const u8 *p, u32 len)
{
	u32 i, crc = 0;
	int bit;

	for (i = 0; i < len; i++) {
		crc ^= (u32)(i >= 32 && i < 36 ? 0 : p[i]) << 24;
		for (bit = 0; bit < 8; bit++)
			crc = crc << 1 ^ (crc & 0x80000000 ? 0x04c11db7 : 0);
	}
	return crc;
}

/* Make the packet at @p the one that a sender of the other order sends. */
static void turn_packet(u8 *p, u32 avail)
{
	bool big = p[0] & 0x80;
	u32 len = min(peek32(p + 28, big), avail - QNET_HDR_LEN);

	/* Only the first fragment has a structure in it. */
	if (p[2] & FIRST)
		turn_payload(p + QNET_HDR_LEN, len, p[1], p[3], big);
	turn(p, p + QNET_HDR_LEN, HDR_LAYOUT);
	p[0] ^= 0x80;
	if (p[2] & QNET_F_CRC)
		poke32(p + 32, slow_crc(p, QNET_HDR_LEN + len), !big);
}

/* ------------------------------------------------------- decode any packet */

struct decoded {
	struct qnet_hdr h;
	struct qnet_tcs tcs;
	struct qnet_lr lr;
	struct qnet_nr nr;
	struct qnet_nm nm;
	struct qnet_kif kif[2];
	const u8 *data;
	u32 data_len;
};

static int decode_kif(struct decoded *d, const u8 *p, u32 len)
{
	bool big = d->h.big;
	int bad;

	bad = qnet_kif_parse(&d->kif[0], p, len, len, big);
	if (bad)
		return bad;
	p += d->kif[0].hlen;
	len -= d->kif[0].hlen;
	if (d->kif[0].type == QNET_K_CONNECT_MSGSEND) {
		bad = qnet_kif_parse(&d->kif[1], p, len, len, big);
		if (bad)
			return bad;
		p += d->kif[1].hlen;
		len -= d->kif[1].hlen;
	}
	d->data = p;
	d->data_len = len;
	return QNET_BAD_NONE;
}

static int decode_payload(struct decoded *d, const u8 *p)
{
	const struct qnet_hdr *h = &d->h;

	if (h->type == QNET_T_TCS_INIT)
		return qnet_tcs_parse(&d->tcs, p, h->length, h->big);
	if (h->type == QNET_T_LRES)
		return qnet_lr_parse(&d->lr, p, h->length, h->big);
	if (h->type != QNET_T_USER && h->type != QNET_T_USER_DATA)
		return QNET_BAD_NONE;
	if (h->layer == QNET_L_NR)
		return qnet_nr_parse(&d->nr, p, h->length, h->big);
	if (h->layer == QNET_L_NAME)
		return qnet_nm_parse(&d->nm, p, h->length, h->big);
	if (h->layer == QNET_L_KIF)
		return decode_kif(d, p, h->length);
	return QNET_BAD_NONE;
}

/* @p: the header; a fragment is not looked into, it has its own tests. */
static int decode(struct decoded *d, const u8 *p, u32 avail)
{
	u32 crc;
	int bad;

	memset(d, 0, sizeof(*d));
	bad = qnet_hdr_parse(&d->h, p, avail);
	if (bad)
		return bad;
	if (d->h.flags & QNET_F_CRC) {
		crc = qnet_crc_add(qnet_crc_hdr(p), p + QNET_HDR_LEN,
				   d->h.length);
		if (crc != d->h.crc)
			return QNET_BAD_CRC;
	}
	if ((d->h.flags & WHOLE) != WHOLE)
		return QNET_BAD_NONE;
	return decode_payload(d, p + QNET_HDR_LEN);
}

/* The packet of a golden frame, from its header to the end of the frame. */
static u32 golden_len(const struct golden *g)
{
	return g->len - g->pad - QNET_PAD;
}

static u8 *golden_copy(struct kunit *test, const struct golden *g)
{
	return test_copy(test, g->frame + g->pad + QNET_PAD, golden_len(g));
}

/* ----------------------------------------------------- golden: the samples */

static void golden_desc(const struct golden *g, char *desc)
{
	strscpy(desc, g->note, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(sample, golden_samples, golden_desc);

/* All are good, but for two that a later protocol could have. */
static int sample_verdict(const struct golden *g)
{
	switch (g - golden_samples + 1) {
	case 94:	/* KIF type 18 */
		return QNET_BAD_KIF_TYPE;
	case 103:	/* NR type 5 */
		return QNET_BAD_NR;
	default:
		return QNET_BAD_NONE;
	}
}

static void sample_parses(struct kunit *test)
{
	const struct golden *g = test->param_value;
	struct decoded *d = kunit_kzalloc(test, sizeof(*d), GFP_KERNEL);
	u8 *p = golden_copy(test, g);

	KUNIT_ASSERT_NOT_NULL(test, d);
	KUNIT_EXPECT_EQ(test, decode(d, p, golden_len(g)), sample_verdict(g));
	KUNIT_EXPECT_EQ(test, d->h.big, p[0] == 0xaa);
}

static bool same_string(const char *a, u32 alen, const char *b, u32 blen)
{
	return alen == blen && (!alen || !memcmp(a, b, alen));
}

static bool same_mac(const u8 *a, const u8 *b)
{
	return !a || !b ? a == b : !memcmp(a, b, 6);
}

static bool same_tcs(const struct qnet_tcs *a, const struct qnet_tcs *b)
{
	return !strcmp(a->src, b->src) && !strcmp(a->src_dom, b->src_dom) &&
	       !strcmp(a->dst, b->dst) && !strcmp(a->dst_dom, b->dst_dom) &&
	       a->caps == b->caps && !memcmp(a->boot_id, b->boot_id, 16);
}

static bool same_lr(const struct qnet_lr *a, const struct qnet_lr *b)
{
	return a->type == b->type &&
	       same_string(a->src, a->src_len, b->src, b->src_len) &&
	       same_string(a->src_dom, a->src_dom_len, b->src_dom,
			   b->src_dom_len) &&
	       same_string(a->dst, a->dst_len, b->dst, b->dst_len) &&
	       same_string(a->dst_dom, a->dst_dom_len, b->dst_dom,
			   b->dst_dom_len) &&
	       same_mac(a->src_mac, b->src_mac) &&
	       same_mac(a->dst_mac, b->dst_mac);
}

static bool same_nr(const struct qnet_nr *a, const struct qnet_nr *b)
{
	return a->type == b->type && a->id == b->id && a->nd == b->nd &&
	       same_string(a->name, a->name_len, b->name, b->name_len);
}

/* Order and checksum are what they differ in. */
static bool same_hdr(const struct qnet_hdr *a, const struct qnet_hdr *b)
{
	struct qnet_hdr c = *b;

	c.big = a->big;
	c.crc = a->crc;
	return !memcmp(a, &c, sizeof(c));
}

static bool same_packet(const struct decoded *a, const struct decoded *b)
{
	if (!same_hdr(&a->h, &b->h) || memcmp(a->kif, b->kif, sizeof(a->kif)))
		return false;
	if (a->tcs.src && !same_tcs(&a->tcs, &b->tcs))
		return false;
	if (a->lr.src && !same_lr(&a->lr, &b->lr))
		return false;
	return same_nr(&a->nr, &b->nr) &&
	       same_string((const char *)a->data, a->data_len,
			   (const char *)b->data, b->data_len);
}

/* The same frame from a sender of the other order means the same. */
static void sample_in_other_order(struct kunit *test)
{
	const struct golden *g = test->param_value;
	struct decoded *d = kunit_kzalloc(test, 2 * sizeof(*d), GFP_KERNEL);
	u8 *p = golden_copy(test, g);
	u8 *q = golden_copy(test, g);

	KUNIT_ASSERT_NOT_NULL(test, d);
	turn_packet(q, golden_len(g));
	KUNIT_EXPECT_EQ(test, decode(&d[0], p, golden_len(g)),
			sample_verdict(g));
	KUNIT_EXPECT_EQ(test, decode(&d[1], q, golden_len(g)),
			sample_verdict(g));
	KUNIT_EXPECT_NE(test, d[0].h.big, d[1].h.big);
	if (!sample_verdict(g))
		KUNIT_EXPECT_TRUE(test, same_packet(&d[0], &d[1]));
}

static u32 build_kif(u8 *out, u32 room, const struct decoded *d)
{
	u32 len = qnet_kif_build(out, room, &d->kif[0]);

	if (d->kif[0].type == QNET_K_CONNECT_MSGSEND)
		len += qnet_kif_build(out + len, room - len, &d->kif[1]);
	if (d->data_len)
		memcpy(out + len, d->data, d->data_len);
	return len + d->data_len;
}

static u32 build_payload(u8 *out, u32 room, const struct decoded *d)
{
	if (d->tcs.src)
		return qnet_tcs_build(out, room, &d->tcs);
	if (d->lr.src)
		return qnet_lr_build(out, room, &d->lr);
	if (d->h.type != QNET_T_USER && d->h.type != QNET_T_USER_DATA)
		return 0;
	if (d->h.layer == QNET_L_NR)
		return qnet_nr_build(out, room, &d->nr);
	if (d->h.layer == QNET_L_KIF)
		return build_kif(out, room, d);
	return 0;
}

/* Built again from what was read, a frame has the bytes of its little-endian
 * form.  TCS_INIT has our tail behind the strings, which replaces an old one.
 */
static void sample_rebuilds(struct kunit *test)
{
	const struct golden *g = test->param_value;
	struct decoded *d = kunit_kzalloc(test, sizeof(*d), GFP_KERNEL);
	u8 *out = test_buf(test, 2048), *p = golden_copy(test, g);
	u32 len, want, room = 2048 - QNET_HDR_LEN;

	KUNIT_ASSERT_NOT_NULL(test, d);
	if (p[0] == QNET_VER_BE)
		turn_packet(p, golden_len(g));
	KUNIT_ASSERT_EQ(test, decode(d, p, golden_len(g)), sample_verdict(g));
	if (d->h.type == QNET_T_NACK)
		d->h.length = d->h.hole;
	qnet_hdr_build(out, &d->h);
	KUNIT_EXPECT_EQ(test, memcmp(out, p, QNET_HDR_LEN), 0);
	if (sample_verdict(g) || (d->h.flags & WHOLE) != WHOLE)
		return;

	want = d->h.length;
	len = build_payload(out + QNET_HDR_LEN, room, d);
	if (d->tcs.src) {
		KUNIT_ASSERT_TRUE(test, len > sizeof(struct qnet_w_cap));
		len -= sizeof(struct qnet_w_cap);
		want = min(want, len);
	} else if (!len) {
		return;
	}
	KUNIT_EXPECT_EQ(test, len, want);
	KUNIT_EXPECT_EQ(test, memcmp(out + QNET_HDR_LEN, p + QNET_HDR_LEN,
				     want), 0);
}

/* Cut anywhere, at the very end of the memory it is in, a frame is refused or
 * only padding is missing; a wrong byte anywhere harms nobody.
 */
static void sample_survives(struct kunit *test)
{
	const struct golden *g = test->param_value;
	struct decoded *d = kunit_kzalloc(test, sizeof(*d), GFP_KERNEL);
	const u8 *from = g->frame + g->pad + QNET_PAD;
	u32 i, need, len = golden_len(g);
	u8 *p = test_buf(test, len);

	KUNIT_ASSERT_NOT_NULL(test, d);
	memcpy(p, from, len);
	KUNIT_EXPECT_EQ(test, decode(d, p, len), sample_verdict(g));
	need = QNET_HDR_LEN + d->h.length;
	for (i = 0; i < len; i++) {
		memcpy(p + len - i, from, i);
		if (i < need)
			KUNIT_EXPECT_NE(test, decode(d, p + len - i, i), 0);
		else
			KUNIT_EXPECT_EQ(test, decode(d, p + len - i, i),
					sample_verdict(g));
	}
	memcpy(p, from, len);
	p[2] &= ~QNET_F_CRC;
	for (i = 0; i < min(len, 300U); i++) {
		static const u8 xor[] = { 0x01, 0x80, 0xff };
		u32 j;

		for (j = 0; j < ARRAY_SIZE(xor); j++) {
			p[i] ^= xor[j];
			KUNIT_EXPECT_TRUE(test, decode(d, p, len) <
					  QNET_BAD_MAX);
			p[i] ^= xor[j];
		}
	}
}

/* -------------------------------------------- golden: those that are flagged */

/* Frames that upset the stock dissector, or nearly do.  Thirteen are refused,
 * each for its reason; one of them (16) for want of a checksum where one is
 * due, which a plain peer may leave out.  Nine are taken: it is the
 * dissector that reads further than the packet goes (1 to 5, 7, 19), or the
 * sources disagree and both readings are taken (13, 14).  Frame 7 is sample 107
 * on a wire that pads.
 */
struct flagged {
	u8 number;
	enum qnet_bad bad;
	bool due;	/* from a node that fills in the CRC */
};

static const struct flagged flagged[] = {
	{  1, QNET_BAD_NONE },		/* MSGSEND of nothing, no trailer */
	{  2, QNET_BAD_NONE },		/* MSGSEND of one byte */
	{  3, QNET_BAD_NONE },		/* looks like _IO_READ */
	{  4, QNET_BAD_NONE },		/* _IO_NOTIFY of 28 bytes */
	{  5, QNET_BAD_NONE },		/* _IO_CONNECT link */
	{  6, QNET_BAD_KIF_SHORT },	/* CONNECT of 8 bytes */
	{  7, QNET_BAD_NONE },		/* NACK with the size of the hole */
	{  8, QNET_BAD_LAYER },		/* ACK of layer 1 */
	{  9, QNET_BAD_TCS },		/* string without NUL */
	{ 10, QNET_BAD_LR },		/* name longer than the area */
	{ 11, QNET_BAD_LR },		/* no address, at the end of the area */
	{ 12, QNET_BAD_KIF_DATA },	/* MSGREPLY that lies about nbytes */
	{ 13, QNET_BAD_NONE },		/* MSGSEND, credentials behind data */
	{ 14, QNET_BAD_NONE },		/* MSGSEND, credentials before data */
	{ 15, QNET_BAD_CRED },		/* nine groups */
	{ 16, QNET_BAD_CRC, true },	/* none where one is due */
	{ 17, QNET_BAD_LR },		/* name that ends outside */
	{ 18, QNET_BAD_LR },		/* LR type 3 */
	{ 19, QNET_BAD_NONE },		/* combine bit, one byte left */
	{ 20, QNET_BAD_KIF_SHORT },	/* MSGREAD of 12 bytes */
	{ 21, QNET_BAD_SHORT },		/* 30 bytes behind the EtherType */
	{ 22, QNET_BAD_TYPE },		/* LWL4 type 12 */
};

static void flagged_desc(const struct flagged *f, char *desc)
{
	strscpy(desc, golden_flagged[f->number - 1].note,
		KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(flagged, flagged, flagged_desc);

static int flagged_decode(struct decoded *d, const u8 *p, u32 len, bool due)
{
	int bad = decode(d, p, len);
	u32 crc;

	if (bad)
		return bad;
	crc = qnet_crc_add(qnet_crc_hdr(p), p + QNET_HDR_LEN, d->h.length);
	return qnet_crc_check(&d->h, crc, due);
}

static void flagged_verdict(struct kunit *test)
{
	const struct flagged *f = test->param_value;
	const struct golden *g = &golden_flagged[f->number - 1];
	struct decoded *d = kunit_kzalloc(test, sizeof(*d), GFP_KERNEL);
	u32 len = golden_len(g);
	u8 *p = golden_copy(test, g);

	KUNIT_ASSERT_NOT_NULL(test, d);
	KUNIT_EXPECT_EQ(test, flagged_decode(d, p, len, f->due), (int)f->bad);
	if (len < QNET_HDR_LEN)
		return;
	/* Turned, its bytes no longer have the CRC they had. */
	turn_packet(p, len);
	KUNIT_EXPECT_EQ(test, decode(d, p, len),
			f->due ? QNET_BAD_NONE : (int)f->bad);
	KUNIT_EXPECT_TRUE(test, d->h.big);
}

static void flagged_all(struct kunit *test)
{
	u32 i, refused = 0;

	KUNIT_ASSERT_EQ(test, ARRAY_SIZE(flagged), ARRAY_SIZE(golden_flagged));
	for (i = 0; i < ARRAY_SIZE(flagged); i++) {
		KUNIT_EXPECT_EQ(test, flagged[i].number, i + 1);
		refused += flagged[i].bad != QNET_BAD_NONE;
	}
	KUNIT_EXPECT_EQ(test, refused, 13);
}

/* --------------------------------------------- golden: cut into fragments */

struct packet {
	const char *what;
	u8 first;	/* number of its first sample */
	u8 frames;
	u32 size;
	u32 nbytes;
};

static const struct packet packets[] = {
	{ "MSGSEND", 60, 6, 48 + 8192, 8192 },
	{ "MSGREAD_XFER", 68, 9, 20 + 11808, 11808 },
	{ "MSGREPLY", 80, 3, 20 + 3000, 3000 },
};

static void packet_desc(const struct packet *p, char *desc)
{
	strscpy(desc, p->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(packet, packets, packet_desc);

static void sample_joins(struct kunit *test)
{
	const struct packet *pk = test->param_value;
	u8 *buf = test_buf(test, pk->size);
	struct qnet_kif k = {};
	struct qnet_frag f;
	struct qnet_hdr h;
	u32 i, from, to;

	qnet_frag_init(&f);
	/* Backwards, as the worst of networks would have it. */
	for (i = pk->frames; i; i--) {
		const struct golden *g = &golden_samples[pk->first + i - 2];
		const u8 *p = g->frame + g->pad + QNET_PAD;

		KUNIT_ASSERT_EQ(test, qnet_hdr_parse(&h, p, golden_len(g)), 0);
		KUNIT_ASSERT_EQ(test, (u32)qnet_frag_add(&f, h.offset, h.length,
							 h.flags & LAST, &from,
							 &to),
				(u32)QNET_FRAG_NEW);
		memcpy(buf + from, p + QNET_HDR_LEN + from - h.offset,
		       to - from);
	}
	KUNIT_ASSERT_TRUE(test, qnet_frag_complete(&f));
	KUNIT_ASSERT_EQ(test, f.total, pk->size);
	KUNIT_EXPECT_EQ(test, qnet_kif_parse(&k, buf, 48, pk->size, false), 0);
	KUNIT_EXPECT_EQ(test, k.nbytes, pk->nbytes);
	KUNIT_EXPECT_EQ(test, buf[pk->size - 1],
			pk->first == 80 ? 0 : (k.offset + k.nbytes - 17) & 255);
}

/* ---------------------------------------------------------------- header */

static const struct qnet_hdr some_hdr = {
	.type = QNET_T_USER, .flags = WHOLE, .layer = QNET_L_KIF,
	.src_nd = 0x0102, .dst_nd = 0x0304, .sconn = 0x05060708,
	.dconn = 0x090a0b0c, .seq = 0x0d0e0f10, .qos = 0x1112, .qidx = 0x1314,
	.crc = 0x191a1b1c,
};

static int parse_built(struct kunit *test, struct qnet_hdr *out,
		       const struct qnet_hdr *in, u32 room, bool big)
{
	u8 *p = test_buf(test, QNET_HDR_LEN + room);

	qnet_hdr_build(p, in);
	if (big) {
		turn(p, p + QNET_HDR_LEN, HDR_LAYOUT);
		p[0] ^= 0x80;
	}
	return qnet_hdr_parse(out, p, QNET_HDR_LEN + room);
}

/* The verdict in either order. */
static int hdr_verdict(struct kunit *test, const struct qnet_hdr *h, u32 room)
{
	struct qnet_hdr got;
	int bad;

	bad = parse_built(test, &got, h, room, false);
	KUNIT_EXPECT_EQ(test, parse_built(test, &got, h, room, true), bad);
	return bad;
}

static void hdr_bytes(struct kunit *test)
{
	static const u8 want[QNET_HDR_LEN] = {
		0x2a, 8, 3, 0, 0x02, 0x01, 0x04, 0x03, 0x08, 0x07, 0x06, 0x05,
		0x0c, 0x0b, 0x0a, 0x09, 0x10, 0x0f, 0x0e, 0x0d,
		0x12, 0x11, 0x14, 0x13, 0x18, 0x17, 0x16, 0x15,
		0x24, 0x23, 0x22, 0x21, 0x1c, 0x1b, 0x1a, 0x19,
	};
	struct qnet_hdr h = some_hdr;
	u8 *p = test_buf(test, QNET_HDR_LEN);

	h.big = true;
	h.offset = 0x15161718;
	h.length = 0x21222324;
	qnet_hdr_build(p, &h);
	KUNIT_EXPECT_EQ(test, memcmp(p, want, sizeof(want)), 0);
}

static void hdr_round_trip(struct kunit *test)
{
	struct qnet_hdr h = some_hdr, got;

	h.length = 7;
	memset(&got, 0xff, sizeof(got));
	KUNIT_EXPECT_EQ(test, parse_built(test, &got, &h, 7, false), 0);
	KUNIT_EXPECT_FALSE(test, got.big);
	KUNIT_EXPECT_TRUE(test, same_hdr(&h, &got));
	KUNIT_EXPECT_EQ(test, got.crc, h.crc);

	memset(&got, 0xff, sizeof(got));
	KUNIT_EXPECT_EQ(test, parse_built(test, &got, &h, 7, true), 0);
	KUNIT_EXPECT_TRUE(test, got.big);
	KUNIT_EXPECT_TRUE(test, same_hdr(&h, &got));
	KUNIT_EXPECT_EQ(test, got.crc, h.crc);
}

static void hdr_short(struct kunit *test)
{
	struct qnet_hdr h;
	u32 i;

	for (i = 0; i < QNET_HDR_LEN; i++) {
		u8 *p = test_buf(test, i);

		if (i)
			p[0] = QNET_VER_LE;
		KUNIT_EXPECT_EQ(test, qnet_hdr_parse(&h, p, i),
				QNET_BAD_SHORT);
	}
}

static void hdr_version(struct kunit *test)
{
	u8 *p = test_buf(test, QNET_HDR_LEN);
	struct qnet_hdr h;
	u32 i;

	qnet_hdr_build(p, &some_hdr);
	for (i = 0; i < 256; i++) {
		p[0] = i;
		KUNIT_EXPECT_EQ(test, qnet_hdr_parse(&h, p, QNET_HDR_LEN),
				i == 0x2a || i == 0xaa ? QNET_BAD_NONE :
							 QNET_BAD_VERSION);
	}
}

static bool type_known(u32 type)
{
	return type <= QNET_T_TCS_REM_DOWN ||
	       (type >= QNET_T_USER && type <= QNET_T_LRES);
}

static void hdr_types(struct kunit *test)
{
	struct qnet_hdr h = some_hdr;
	u32 i;

	for (i = 0; i < 256; i++) {
		h.type = i;
		h.layer = i == QNET_T_LRES ? QNET_L_LR : QNET_L_KIF;
		KUNIT_EXPECT_EQ(test, hdr_verdict(test, &h, 0),
				type_known(i) ? QNET_BAD_NONE : QNET_BAD_TYPE);
	}
}

static bool layer_goes(u8 type, u8 layer)
{
	switch (type) {
	case QNET_T_USER:
	case QNET_T_USER_DATA:
		return layer == QNET_L_KIF || layer == QNET_L_NR ||
		       layer == QNET_L_SEQ || layer == QNET_L_WATCH ||
		       layer == QNET_L_NAME;
	case QNET_T_ACK:
	case QNET_T_NACK:
		return layer == QNET_L_KIF;
	case QNET_T_LRES:
		return layer == QNET_L_LR;
	default:
		return true;
	}
}

static void hdr_layers(struct kunit *test)
{
	struct qnet_hdr h = some_hdr;
	u32 i;

	for (i = 0; i < 256 * 12; i++) {
		h.type = i >> 8;
		h.layer = i;
		if (!type_known(h.type))
			continue;
		KUNIT_EXPECT_EQ(test, hdr_verdict(test, &h, 0),
				layer_goes(h.type, h.layer) ? QNET_BAD_NONE :
							      QNET_BAD_LAYER);
	}
}

struct flags_rule {
	u8 type;
	u8 layer;
	u8 flags;
	u32 offset;
	enum qnet_bad bad;
};

static const struct flags_rule flags_rules[] = {
	{ QNET_T_USER, QNET_L_KIF, WHOLE, 0, QNET_BAD_NONE },
	{ QNET_T_USER, QNET_L_KIF, WHOLE, 8, QNET_BAD_OFFSET },
	{ QNET_T_USER, QNET_L_KIF, FIRST, 0, QNET_BAD_NONE },
	{ QNET_T_USER, QNET_L_KIF, FIRST, 1, QNET_BAD_OFFSET },
	{ QNET_T_USER, QNET_L_KIF, LAST, 0, QNET_BAD_OFFSET },
	{ QNET_T_USER, QNET_L_KIF, LAST, 1, QNET_BAD_NONE },
	{ QNET_T_USER, QNET_L_KIF, 0, 0, QNET_BAD_OFFSET },
	{ QNET_T_USER, QNET_L_KIF, 0, 1456, QNET_BAD_NONE },
	{ QNET_T_USER, QNET_L_NAME, LAST | QNET_F_CRC, 1, QNET_BAD_NONE },
	{ QNET_T_USER_DATA, QNET_L_KIF, 0, 0, QNET_BAD_OFFSET },
	{ QNET_T_TCS_INIT, 0, WHOLE, 0, QNET_BAD_NONE },
	{ QNET_T_TCS_INIT, 0, FIRST, 0, QNET_BAD_NONE },
	{ QNET_T_TCS_INIT, 0, LAST, 0, QNET_BAD_OFFSET },
	{ QNET_T_TCS_INIT, 0, LAST, 24, QNET_BAD_NONE },
	{ QNET_T_TCS_REM_UP, 0, LAST, 0, QNET_BAD_OFFSET },
	{ QNET_T_TCS_UP, 0, LAST, 8, QNET_BAD_OFFSET },
	{ QNET_T_TCS_DOWN, 0, 0, 0, QNET_BAD_OFFSET },
	{ QNET_T_TCS_REM_DOWN, 0, WHOLE, 1, QNET_BAD_OFFSET },
	{ QNET_T_LRES, QNET_L_LR, WHOLE, 0, QNET_BAD_NONE },
	{ QNET_T_LRES, QNET_L_LR, FIRST, 0, QNET_BAD_NONE },
	{ QNET_T_LRES, QNET_L_LR, 0, 24, QNET_BAD_NONE },
	{ QNET_T_LRES, QNET_L_LR, WHOLE, 8, QNET_BAD_OFFSET },
	{ QNET_T_ACK, 0, WHOLE, 20000, QNET_BAD_NONE },
	{ QNET_T_ACK, 0, 0, 0, QNET_BAD_NONE },
	{ QNET_T_NACK, 0, WHOLE, 1456, QNET_BAD_NONE },
	{ QNET_T_NACK, 0, FIRST, 1456, QNET_BAD_NONE },
};

static void hdr_flags(struct kunit *test)
{
	struct qnet_hdr h = some_hdr;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(flags_rules); i++) {
		const struct flags_rule *r = &flags_rules[i];

		h.type = r->type;
		h.layer = r->layer;
		h.flags = r->flags;
		h.offset = r->offset;
		KUNIT_EXPECT_EQ_MSG(test, hdr_verdict(test, &h, 0),
				    (int)r->bad, "rule %u", i);
	}
}

struct span {
	u32 offset;
	u32 length;
	enum qnet_bad bad;
};

static const struct span spans[] = {
	{ 8, 0, QNET_BAD_NONE },
	{ 8, 64, QNET_BAD_NONE },
	{ 8, 65, QNET_BAD_LENGTH },
	{ 8, QNET_PKT_MAX - 8, QNET_BAD_LENGTH },
	{ 8, QNET_PKT_MAX - 7, QNET_BAD_OFFSET },
	{ QNET_PKT_MAX, 0, QNET_BAD_NONE },
	{ QNET_PKT_MAX - 64, 64, QNET_BAD_NONE },
	{ QNET_PKT_MAX - 63, 64, QNET_BAD_OFFSET },
	{ QNET_PKT_MAX + 1, 0, QNET_BAD_OFFSET },
	{ 0xffffffff, 1, QNET_BAD_OFFSET },
	{ 0xffffffc0, 64, QNET_BAD_OFFSET },
	{ 1, 0xffffffff, QNET_BAD_OFFSET },
	{ 0xffffffff, 0xffffffff, QNET_BAD_OFFSET },
	{ 0x80000000, 0x80000000, QNET_BAD_OFFSET },
};

static void hdr_spans(struct kunit *test)
{
	struct qnet_hdr h = some_hdr;
	u32 i;

	h.flags = LAST;
	for (i = 0; i < ARRAY_SIZE(spans); i++) {
		h.offset = spans[i].offset;
		h.length = spans[i].length;
		KUNIT_EXPECT_EQ_MSG(test, hdr_verdict(test, &h, 64),
				    (int)spans[i].bad, "span %u", i);
	}
	/* The largest packet there can be is only too long for this frame. */
	h.flags = WHOLE;
	h.offset = 0;
	h.length = QNET_PKT_MAX;
	KUNIT_EXPECT_EQ(test, hdr_verdict(test, &h, 64), QNET_BAD_LENGTH);
	h.length = QNET_PKT_MAX + 1;
	KUNIT_EXPECT_EQ(test, hdr_verdict(test, &h, 64), QNET_BAD_OFFSET);
}

/* Room for length bytes is what a header without BAD vouches for. */
static void hdr_vouches(struct kunit *test)
{
	u8 *p = test_buf(test, QNET_HDR_LEN + 100);
	u32 i, j, seed = 4711, good = 0;
	struct qnet_hdr h;

	for (i = 0; i < 20000; i++) {
		qnet_hdr_build(p, &some_hdr);
		for (j = 1 + test_random(&seed) % 4; j; j--)
			p[test_random(&seed) % QNET_HDR_LEN] =
				test_random(&seed);
		p[28] = test_random(&seed) % 128;
		if (qnet_hdr_parse(&h, p, QNET_HDR_LEN + 100))
			continue;
		good++;
		KUNIT_EXPECT_LE(test, h.length, 100);
		KUNIT_EXPECT_LE(test, h.offset, QNET_PKT_MAX - h.length);
	}
	KUNIT_EXPECT_TRUE(test, good > 100);
}

static void hdr_ack(struct kunit *test)
{
	struct qnet_hdr h = some_hdr, got;

	h.type = QNET_T_ACK;
	h.offset = QNET_PKT_MAX;
	KUNIT_EXPECT_EQ(test, parse_built(test, &got, &h, 8, false), 0);
	KUNIT_EXPECT_EQ(test, got.offset, QNET_PKT_MAX);
	KUNIT_EXPECT_EQ(test, got.length, 0);
	h.offset = QNET_PKT_MAX + 1;
	KUNIT_EXPECT_EQ(test, hdr_verdict(test, &h, 8), QNET_BAD_OFFSET);
	h.offset = 0;
	h.length = 9;
	KUNIT_EXPECT_EQ(test, hdr_verdict(test, &h, 8), QNET_BAD_LENGTH);
}

/* Its length is no length: nothing of it may be read. */
static void hdr_nack(struct kunit *test)
{
	struct qnet_hdr h = some_hdr, got;

	h.type = QNET_T_NACK;
	h.offset = 1456;
	h.length = 2912;
	KUNIT_EXPECT_EQ(test, parse_built(test, &got, &h, 0, true), 0);
	KUNIT_EXPECT_EQ(test, got.offset, 1456);
	KUNIT_EXPECT_EQ(test, got.hole, 2912);
	KUNIT_EXPECT_EQ(test, got.length, 0);
	h.length = QNET_PKT_MAX - 1455;
	KUNIT_EXPECT_EQ(test, hdr_verdict(test, &h, 0), QNET_BAD_OFFSET);
	h.length = 0xffffffff;
	KUNIT_EXPECT_EQ(test, hdr_verdict(test, &h, 0), QNET_BAD_OFFSET);
}

/* ------------------------------------------------------------------- CRC */

/* The figure that Wireshark printed in 2009 for a frame of a real node. */
static void crc_known(struct kunit *test)
{
	const u8 *real = golden_samples[148].frame + 16;
	const u8 *first = golden_samples[0].frame + 16;

	KUNIT_EXPECT_EQ(test, qnet_crc_add(qnet_crc_hdr(real), real + 36, 65),
			0x40adc3a4);
	KUNIT_EXPECT_EQ(test, qnet_crc_add(qnet_crc_hdr(first), first + 36,
					   120),
			0x2678567f);
}

static void crc_parts(struct kunit *test)
{
	u8 *p = test_buf(test, QNET_HDR_LEN + 200);
	u32 i, crc, seed = 3;

	for (i = 0; i < QNET_HDR_LEN + 200; i++)
		p[i] = test_random(&seed);
	for (i = 0; i <= 200; i++) {
		crc = qnet_crc_add(qnet_crc_hdr(p), p + QNET_HDR_LEN, i);
		crc = qnet_crc_add(crc, p + QNET_HDR_LEN + i, 200 - i);
		KUNIT_EXPECT_EQ(test, crc, slow_crc(p, QNET_HDR_LEN + 200));
	}
}

static void crc_stored(struct kunit *test)
{
	u8 *p = test_buf(test, QNET_HDR_LEN);
	struct qnet_hdr h = some_hdr;
	u32 crc;

	qnet_hdr_build(p, &h);
	crc = qnet_crc_hdr(p);
	qnet_crc_set(p, crc);
	KUNIT_EXPECT_EQ(test, qnet_crc_hdr(p), crc);
	KUNIT_ASSERT_EQ(test, qnet_hdr_parse(&h, p, QNET_HDR_LEN), 0);
	KUNIT_EXPECT_EQ(test, h.crc, crc);
}

static void crc_finds_bits(struct kunit *test)
{
	const struct golden *g = &golden_samples[16];	/* CONNECT */
	u8 *p = golden_copy(test, g);
	u32 i, crc, len = golden_len(g) - QNET_HDR_LEN;

	crc = qnet_crc_add(qnet_crc_hdr(p), p + QNET_HDR_LEN, len);
	for (i = 0; i < 8 * (QNET_HDR_LEN + len); i++) {
		if (i / 32 == 8)	/* the CRC itself */
			continue;
		p[i / 8] ^= 1 << i % 8;
		KUNIT_EXPECT_NE(test, crc,
				qnet_crc_add(qnet_crc_hdr(p),
					     p + QNET_HDR_LEN, len));
		p[i / 8] ^= 1 << i % 8;
	}
}

/* ------------------------------------------------------------------- TCS */

static const struct qnet_tcs some_tcs = {
	.src = "alpha", .src_dom = "lab.example",
	.dst = "beta", .dst_dom = "lab.example",
	.caps = QNET_CAP_NAMES | 0x80000000,
	.boot_id = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 },
};

#define TCS_STRINGS	(6 + 12 + 5 + 12)
#define TCS_LEN		(QNET_TCS_HDR_LEN + TCS_STRINGS)
#define CAP_LEN		((u32)sizeof(struct qnet_w_cap))

/* Built, with @more bytes of room behind. */
static u8 *tcs_packet(struct kunit *test, const struct qnet_tcs *t, u32 more)
{
	u8 *p = test_buf(test, TCS_LEN + CAP_LEN + more);

	KUNIT_ASSERT_EQ(test, qnet_tcs_build(p, TCS_LEN + CAP_LEN, t),
			TCS_LEN + CAP_LEN);
	return p;
}

static void tcs_round_trip(struct kunit *test)
{
	u8 *p = tcs_packet(test, &some_tcs, 0);
	u32 len = TCS_LEN + CAP_LEN;
	struct qnet_tcs t;

	KUNIT_EXPECT_EQ(test, qnet_tcs_parse(&t, p, len, false), 0);
	KUNIT_EXPECT_TRUE(test, same_tcs(&t, &some_tcs));

	/* The tail is little endian even there. */
	turn(p, p + len, "hhhh");
	memset(&t, 0xff, sizeof(t));
	KUNIT_EXPECT_EQ(test, qnet_tcs_parse(&t, p, len, true), 0);
	KUNIT_EXPECT_TRUE(test, same_tcs(&t, &some_tcs));
}

static void tcs_tail_bytes(struct kunit *test)
{
	static const u8 want[] = {
		0, 'q', 'n', 'l', 1, 26, 1, 0, 0, 0x80,
		1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
	};
	u8 *p = tcs_packet(test, &some_tcs, 0);

	KUNIT_ASSERT_EQ(test, sizeof(want), CAP_LEN);
	KUNIT_EXPECT_EQ(test, memcmp(p + TCS_LEN, want, sizeof(want)), 0);
}

static void tcs_no_room(struct kunit *test)
{
	u8 *p = test_buf(test, TCS_LEN + CAP_LEN);
	u32 i;

	for (i = 0; i < TCS_LEN + CAP_LEN; i++)
		KUNIT_EXPECT_EQ(test, qnet_tcs_build(p + TCS_LEN + CAP_LEN - i,
						     i, &some_tcs), 0);
}

static void tcs_cut(struct kunit *test)
{
	u8 *p = tcs_packet(test, &some_tcs, 0);
	struct qnet_tcs t;
	u32 i;

	for (i = 0; i < TCS_LEN; i++)
		KUNIT_EXPECT_EQ(test, qnet_tcs_parse(&t, test_copy(test, p, i),
						     i, false), QNET_BAD_TCS);
	for (; i < TCS_LEN + CAP_LEN; i++) {
		t.caps = 1;
		t.boot_id[0] = 1;
		KUNIT_EXPECT_EQ(test, qnet_tcs_parse(&t, test_copy(test, p, i),
						     i, false), 0);
		KUNIT_EXPECT_EQ(test, t.caps, 0);
		KUNIT_EXPECT_EQ(test, t.boot_id[0], 0);
	}
}

static void tcs_offsets(struct kunit *test)
{
	u8 *p = tcs_packet(test, &some_tcs, 0);
	struct qnet_tcs t;
	u32 i;

	for (i = 0; i < 4; i++) {
		u8 lo = p[2 * i], hi = p[2 * i + 1];

		p[2 * i] = TCS_STRINGS;
		KUNIT_EXPECT_EQ(test, qnet_tcs_parse(&t, p, TCS_LEN, false),
				QNET_BAD_TCS);
		p[2 * i] = 0xff;
		p[2 * i + 1] = 0xff;
		KUNIT_EXPECT_EQ(test, qnet_tcs_parse(&t, p, TCS_LEN, false),
				QNET_BAD_TCS);
		p[2 * i] = lo;
		p[2 * i + 1] = hi;
	}
}

/* In any order, shared, one inside the other: offsets are all that counts. */
static void tcs_shared_strings(struct kunit *test)
{
	static const u8 p[] = { 5, 0, 0, 0, 2, 0, 0, 0,
				'a', 'b', 'c', 'd', 0, 'n', 0 };
	struct qnet_tcs t;
	u8 *q = test_copy(test, p, sizeof(p));

	KUNIT_ASSERT_EQ(test, qnet_tcs_parse(&t, q, sizeof(p), false), 0);
	KUNIT_EXPECT_STREQ(test, t.src, "n");
	KUNIT_EXPECT_STREQ(test, t.src_dom, "abcd");
	KUNIT_EXPECT_STREQ(test, t.dst, "cd");
	KUNIT_EXPECT_STREQ(test, t.dst_dom, "abcd");
}

static void tcs_empty_strings(struct kunit *test)
{
	struct qnet_tcs t = { .src = "", .src_dom = "", .dst = "",
			      .dst_dom = "", .caps = 5 };
	u8 *p = test_buf(test, 12 + CAP_LEN);

	KUNIT_ASSERT_EQ(test, qnet_tcs_build(p, 12 + CAP_LEN, &t),
			12 + CAP_LEN);
	memset(&t, 0, sizeof(t));
	KUNIT_ASSERT_EQ(test, qnet_tcs_parse(&t, p, 12 + CAP_LEN, false), 0);
	KUNIT_EXPECT_STREQ(test, t.dst_dom, "");
	KUNIT_EXPECT_EQ(test, t.caps, 5);
}

/* What stands behind the strings of a plain peer means nothing. */
static void tcs_plain_tails(struct kunit *test)
{
	static const char * const tails[] = {
		"", "\0vcw1\0", "xyz", "\0qn", "\0qnm\1\32",
		"\0qnl\1\32 this is long enough to be one",
	};
	static const u8 lens[] = { 0, 6, 3, 3, 6, 25 };
	struct qnet_tcs t;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(tails); i++) {
		u8 *p = tcs_packet(test, &some_tcs, 0);
		u8 *q = test_buf(test, TCS_LEN + lens[i]);

		memcpy(q, p, TCS_LEN);
		memcpy(q + TCS_LEN, tails[i], lens[i]);
		memset(&t, 0xff, sizeof(t));
		KUNIT_EXPECT_EQ(test, qnet_tcs_parse(&t, q, TCS_LEN + lens[i],
						     false), 0);
		KUNIT_EXPECT_STREQ(test, t.dst, "beta");
		KUNIT_EXPECT_EQ(test, t.caps, 0);
		KUNIT_EXPECT_EQ(test, t.boot_id[15], 0);
	}
}

static u32 tcs_caps(struct kunit *test, const u8 *p, u32 len)
{
	struct qnet_tcs t;

	KUNIT_EXPECT_EQ(test, qnet_tcs_parse(&t, test_copy(test, p, len), len,
					     false), 0);
	return t.caps;
}

static void tcs_later_tails(struct kunit *test)
{
	u8 *p = tcs_packet(test, &some_tcs, 10);
	u32 len = TCS_LEN + CAP_LEN;
	u8 *version = p + TCS_LEN + 4, *size = p + TCS_LEN + 5;

	/* Of a version to come, what is known is read. */
	*version = 9;
	*size = CAP_LEN + 10;
	KUNIT_EXPECT_EQ(test, tcs_caps(test, p, len + 10), some_tcs.caps);
	/* There may be something behind it. */
	*size = CAP_LEN;
	KUNIT_EXPECT_EQ(test, tcs_caps(test, p, len + 10), some_tcs.caps);
	/* It must be all there, and not shorter than the first one. */
	*size = CAP_LEN + 11;
	KUNIT_EXPECT_EQ(test, tcs_caps(test, p, len + 10), 0);
	*size = CAP_LEN - 1;
	KUNIT_EXPECT_EQ(test, tcs_caps(test, p, len + 10), 0);
	*size = CAP_LEN;
	*version = 0;
	KUNIT_EXPECT_EQ(test, tcs_caps(test, p, len), 0);
	*version = 1;
	KUNIT_EXPECT_EQ(test, tcs_caps(test, p, len), some_tcs.caps);
}

static void tcs_far_offset(struct kunit *test)
{
	u32 room = 0x20000;
	char *s = (char *)test_buf(test, 0x10001);
	u8 *p = test_buf(test, room);
	struct qnet_tcs t = some_tcs;

	memset(s, 'a', 0x10000);
	t.src = s;
	KUNIT_EXPECT_EQ(test, qnet_tcs_build(p, room, &t), 0);
	/* The last one may be as long as it likes, and begin at 0xffff. */
	t.src = "a";
	t.dst_dom = s;
	KUNIT_EXPECT_NE(test, qnet_tcs_build(p, room, &t), 0);
	s[0xffff - 18] = 0;
	t.src = s;
	t.dst_dom = "lab.example";
	KUNIT_EXPECT_NE(test, qnet_tcs_build(p, room, &t), 0);
	s[0xffff - 18] = 'a';
	s[0xffff - 17] = 0;
	KUNIT_EXPECT_EQ(test, qnet_tcs_build(p, room, &t), 0);
}

/* -------------------------------------------------------------------- LR */

static const u8 mac_a[6] = { 2, 0, 0, 0, 0, 10 };
static const u8 mac_b[6] = { 2, 0, 0, 0, 0, 11 };

static const struct qnet_lr some_lr = {
	.type = QNET_LR_REPLY,
	.src = "beta", .src_len = 4, .src_dom = "lab.example",
	.src_dom_len = 11, .src_mac = mac_b,
	.dst = "alpha", .dst_len = 5, .dst_dom = "lab.example",
	.dst_dom_len = 11, .dst_mac = mac_a,
};

#define LR_LEN	(56 + 8 + 16 + 16 + 8 + 16 + 16)

static u8 *lr_packet(struct kunit *test, const struct qnet_lr *r, u32 len)
{
	u8 *p = test_buf(test, len);

	KUNIT_ASSERT_EQ(test, qnet_lr_build(p, len, r), len);
	return p;
}

static void lr_round_trip(struct kunit *test)
{
	u8 *p = lr_packet(test, &some_lr, LR_LEN);
	struct qnet_lr r;

	KUNIT_ASSERT_EQ(test, qnet_lr_parse(&r, p, LR_LEN, false), 0);
	KUNIT_EXPECT_TRUE(test, same_lr(&r, &some_lr));
	turn(p, p + LR_LEN, LR_LAYOUT);
	memset(&r, 0, sizeof(r));
	KUNIT_ASSERT_EQ(test, qnet_lr_parse(&r, p, LR_LEN, true), 0);
	KUNIT_EXPECT_TRUE(test, same_lr(&r, &some_lr));
}

static void lr_absent(struct kunit *test)
{
	struct qnet_lr r = { .type = QNET_LR_REQUEST }, got;
	u8 *p = lr_packet(test, &r, 56 + 4 * 8);

	memset(&got, 0xff, sizeof(got));
	KUNIT_ASSERT_EQ(test, qnet_lr_parse(&got, p, 56 + 4 * 8, false), 0);
	KUNIT_EXPECT_EQ(test, got.src_len + got.src_dom_len + got.dst_len +
			      got.dst_dom_len, 0);
	KUNIT_EXPECT_TRUE(test, !got.src_mac && !got.dst_mac);
}

static void lr_no_room(struct kunit *test)
{
	u8 *p = test_buf(test, LR_LEN);
	u32 i;

	for (i = 0; i < LR_LEN; i++)
		KUNIT_EXPECT_EQ(test, qnet_lr_build(p + LR_LEN - i, i,
						    &some_lr), 0);
}

static void lr_huge_name(struct kunit *test)
{
	struct qnet_lr r = some_lr;
	u8 *p = test_buf(test, LR_LEN);

	r.dst_len = U32_MAX;
	KUNIT_EXPECT_EQ(test, qnet_lr_build(p, LR_LEN, &r), 0);
	r.dst_len = U32_MAX - 7;
	KUNIT_EXPECT_EQ(test, qnet_lr_build(p, LR_LEN, &r), 0);
}

static void lr_cut(struct kunit *test)
{
	u8 *p = lr_packet(test, &some_lr, LR_LEN);
	struct qnet_lr r;
	u32 i;

	/* With the total that it has, and with one that fits. */
	for (i = 0; i < LR_LEN; i++) {
		u8 *q = test_copy(test, p, i);

		KUNIT_EXPECT_EQ(test, qnet_lr_parse(&r, q, i, false),
				QNET_BAD_LR);
		if (i < 8)
			continue;
		poke32(q + 4, i, false);
		KUNIT_EXPECT_EQ(test, qnet_lr_parse(&r, q, i, false),
				QNET_BAD_LR);
	}
}

static int lr_with_byte(struct kunit *test, u32 at, u8 v)
{
	u8 *p = lr_packet(test, &some_lr, LR_LEN);
	struct qnet_lr r;

	p[at] = v;
	return qnet_lr_parse(&r, p, LR_LEN, false);
}

static void lr_header(struct kunit *test)
{
	u32 i;

	for (i = 0; i < 256; i++) {
		KUNIT_EXPECT_EQ(test, lr_with_byte(test, 0, i),
				i == 1 ? 0 : QNET_BAD_LR);
		KUNIT_EXPECT_EQ(test, lr_with_byte(test, 2, i),
				i == 1 || i == 2 ? 0 : QNET_BAD_LR);
		KUNIT_EXPECT_EQ(test, lr_with_byte(test, 4, i),
				i == LR_LEN ? 0 : QNET_BAD_LR);
	}
	/* What the padding is has never been said. */
	KUNIT_EXPECT_EQ(test, lr_with_byte(test, 1, 0xff), 0);
	KUNIT_EXPECT_EQ(test, lr_with_byte(test, 3, 0xff), 0);
	KUNIT_EXPECT_EQ(test, lr_with_byte(test, 7, 0xff), QNET_BAD_LR);
}

static int lr_with_item(struct kunit *test, u32 item, u32 off, u32 len,
			struct qnet_lr *r)
{
	u8 *p = lr_packet(test, &some_lr, LR_LEN);

	poke32(p + 8 + 8 * item, off, false);
	poke32(p + 12 + 8 * item, len, false);
	return qnet_lr_parse(r, p, LR_LEN, false);
}

static void lr_items(struct kunit *test)
{
	const u32 area = LR_LEN - 56;
	struct qnet_lr r;
	u32 i;

	for (i = 0; i < 6; i++) {
		bool mac = i == 2 || i == 5;

		KUNIT_EXPECT_EQ(test, lr_with_item(test, i, 0, area + 1, &r),
				QNET_BAD_LR);
		KUNIT_EXPECT_EQ(test, lr_with_item(test, i, area + 1, 0, &r),
				QNET_BAD_LR);
		KUNIT_EXPECT_EQ(test, lr_with_item(test, i, area, 1, &r),
				QNET_BAD_LR);
		KUNIT_EXPECT_EQ(test, lr_with_item(test, i, U32_MAX, 8, &r),
				QNET_BAD_LR);
		KUNIT_EXPECT_EQ(test, lr_with_item(test, i, 8, U32_MAX, &r),
				QNET_BAD_LR);
		/* Nothing, at the end: an address is looked at even then. */
		KUNIT_EXPECT_EQ(test, lr_with_item(test, i, area, 0, &r),
				mac ? QNET_BAD_LR : 0);
		KUNIT_EXPECT_EQ(test, lr_with_item(test, i, area - 1, 0, &r),
				mac ? QNET_BAD_LR : 0);
		KUNIT_EXPECT_EQ(test, lr_with_item(test, i, area - 2, 0, &r),
				0);
	}
}

static void lr_names(struct kunit *test)
{
	u8 *p = lr_packet(test, &some_lr, LR_LEN);
	struct qnet_lr r;

	/* "beta\0\0\0\0": with all its NULs, and with none */
	KUNIT_ASSERT_EQ(test, lr_with_item(test, 0, 0, 8, &r), 0);
	KUNIT_EXPECT_EQ(test, r.src_len, 4);
	KUNIT_ASSERT_EQ(test, lr_with_item(test, 0, 0, 4, &r), 0);
	KUNIT_EXPECT_EQ(test, r.src_len, 4);
	KUNIT_ASSERT_EQ(test, lr_with_item(test, 0, 4, 4, &r), 0);
	KUNIT_EXPECT_EQ(test, r.src_len, 0);
	/* one inside */
	KUNIT_EXPECT_EQ(test, lr_with_item(test, 0, 0, 9, &r), QNET_BAD_LR);
	/* a name may well share its bytes with another */
	poke32(p + 32, 0, false);
	poke32(p + 36, 4, false);
	KUNIT_ASSERT_EQ(test, qnet_lr_parse(&r, p, LR_LEN, false), 0);
	KUNIT_EXPECT_TRUE(test, same_string(r.src, r.src_len, r.dst,
					    r.dst_len));
}

/* All names are one, and it is all there is. */
static void lr_one_name(struct kunit *test)
{
	u8 *p = test_buf(test, 56 + 4);
	struct qnet_lr r;
	u32 i;

	p[0] = 1;
	p[2] = QNET_LR_REQUEST;
	p[4] = 56 + 4;
	for (i = 8; i < 56; i += 8)
		p[i + 4] = i == 24 || i == 48 ? 0 : 4;
	memcpy(p + 56, "beta", 4);
	KUNIT_ASSERT_EQ(test, qnet_lr_parse(&r, p, 56 + 4, false), 0);
	KUNIT_EXPECT_TRUE(test, same_string(r.dst_dom, r.dst_dom_len, "beta",
					    4));
	p[36] = 5;
	KUNIT_EXPECT_EQ(test, qnet_lr_parse(&r, p, 56 + 4, false),
			QNET_BAD_LR);
}

static void lr_addresses(struct kunit *test)
{
	struct qnet_lr r;
	u32 i;

	for (i = 1; i < 8; i++)
		KUNIT_EXPECT_EQ(test, lr_with_item(test, 2, 24, i, &r),
				QNET_BAD_LR);
	KUNIT_ASSERT_EQ(test, lr_with_item(test, 2, 24, 8, &r), 0);
	KUNIT_EXPECT_TRUE(test, same_mac(r.src_mac, mac_b));
	/* at any place */
	KUNIT_ASSERT_EQ(test, lr_with_item(test, 5, 24, 9, &r), 0);
	KUNIT_EXPECT_TRUE(test, same_mac(r.dst_mac, mac_b));
	/* the name of an interface, and no family at all */
	KUNIT_EXPECT_EQ(test, lr_with_byte(test, 56 + 25, 2), 0);
	KUNIT_ASSERT_EQ(test, lr_with_item(test, 2, 32, 8, &r), 0);
	KUNIT_EXPECT_TRUE(test, !r.src_mac);
}

static void lr_no_area(struct kunit *test)
{
	u8 *p = test_buf(test, 58);
	struct qnet_lr r;
	u32 i;

	p[0] = 1;
	p[2] = QNET_LR_REQUEST;
	for (i = 56; i <= 58; i++) {
		u8 *q = test_copy(test, p, i);

		q[4] = i;
		KUNIT_EXPECT_EQ(test, qnet_lr_parse(&r, q, i, false),
				i < 58 ? QNET_BAD_LR : 0);
	}
}

/* -------------------------------------------------------------------- NR */

static const struct qnet_nr some_nrs[] = {
	{ .type = QNET_NR_PING },
	{ .type = QNET_NR_PONG },
	{ .type = QNET_NR_ASK, .id = 0x1234, .name = "gamma.lab.example",
	  .name_len = 17 },
	{ .type = QNET_NR_ANSWER, .id = 0x1234, .nd = 0x89abcdef },
	{ .type = QNET_NR_ERROR, .id = 0xfedc, .nd = 265 },
};

static const u8 nr_lens[] = { 1, 1, 22, 8, 8 };

static void nr_round_trip(struct kunit *test)
{
	struct qnet_nr n;
	u32 i, len;

	for (i = 0; i < ARRAY_SIZE(some_nrs); i++) {
		u8 *p = test_buf(test, nr_lens[i]);

		len = qnet_nr_build(p, nr_lens[i], &some_nrs[i]);
		KUNIT_ASSERT_EQ(test, len, nr_lens[i]);
		memset(&n, 0, sizeof(n));
		KUNIT_ASSERT_EQ(test, qnet_nr_parse(&n, p, len, false), 0);
		KUNIT_EXPECT_TRUE(test, same_nr(&n, &some_nrs[i]));

		turn_payload(p, len, QNET_T_USER, QNET_L_NR, false);
		memset(&n, 0, sizeof(n));
		KUNIT_ASSERT_EQ(test, qnet_nr_parse(&n, p, len, true), 0);
		KUNIT_EXPECT_TRUE(test, same_nr(&n, &some_nrs[i]));
	}
}

static void nr_ends(struct kunit *test)
{
	u8 *p = test_buf(test, 32);
	struct qnet_nr n;
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(some_nrs); i++) {
		for (j = 0; j < nr_lens[i]; j++)
			KUNIT_EXPECT_EQ(test, qnet_nr_build(p + 32 - j, j,
							    &some_nrs[i]), 0);
		qnet_nr_build(p, nr_lens[i], &some_nrs[i]);
		for (j = 0; j < nr_lens[i]; j++)
			KUNIT_EXPECT_EQ(test, qnet_nr_parse(&n,
							    test_copy(test, p,
								      j),
							    j, false),
					QNET_BAD_NR);
	}
}

static void nr_types(struct kunit *test)
{
	static const u8 name[8] = { 0, 2, 0, 0, 'a', 0 };
	u8 *p = test_copy(test, name, sizeof(name));
	struct qnet_nr n = some_nrs[2];
	u32 i;

	for (i = 0; i < 256; i++) {
		p[0] = i;
		KUNIT_EXPECT_EQ(test, qnet_nr_parse(&n, p, 8, false),
				i > QNET_NR_ERROR ? QNET_BAD_NR : 0);
	}
	for (i = QNET_NR_ERROR + 1; i < 256; i++) {
		n.type = i;
		KUNIT_EXPECT_EQ(test, qnet_nr_build(p, 8, &n), 0);
	}
}

static int nr_name_verdict(struct kunit *test, u8 name_len, const char *s,
			   u32 len, struct qnet_nr *n)
{
	u8 *p = test_buf(test, 4 + len);

	p[0] = QNET_NR_ASK;
	p[1] = name_len;
	memcpy(p + 4, s, len);
	return qnet_nr_parse(n, p, 4 + len, false);
}

static void nr_names(struct kunit *test)
{
	struct qnet_nr n;

	KUNIT_EXPECT_EQ(test, nr_name_verdict(test, 3, "abc", 3, &n), 0);
	KUNIT_EXPECT_EQ(test, n.name_len, 3);
	KUNIT_EXPECT_EQ(test, nr_name_verdict(test, 5, "abc\0", 5, &n), 0);
	KUNIT_EXPECT_EQ(test, n.name_len, 3);
	KUNIT_EXPECT_EQ(test, nr_name_verdict(test, 2, "abc", 3, &n), 0);
	KUNIT_EXPECT_EQ(test, n.name_len, 2);
	KUNIT_EXPECT_EQ(test, nr_name_verdict(test, 4, "abc", 3, &n),
			QNET_BAD_NR);
	KUNIT_EXPECT_EQ(test, nr_name_verdict(test, 0, "abc", 3, &n),
			QNET_BAD_NR);
	KUNIT_EXPECT_EQ(test, nr_name_verdict(test, 3, "a\0c", 3, &n),
			QNET_BAD_NR);
	KUNIT_EXPECT_EQ(test, nr_name_verdict(test, 2, "\0", 2, &n),
			QNET_BAD_NR);
	KUNIT_EXPECT_EQ(test, nr_name_verdict(test, 255, "", 0, &n),
			QNET_BAD_NR);
}

static void nr_long_names(struct kunit *test)
{
	struct qnet_nr n = some_nrs[2], got;
	u8 *p = test_buf(test, 512);
	char *s = (char *)test_buf(test, 300);

	memset(s, 'x', 300);
	n.name = s;
	n.name_len = 0;
	KUNIT_EXPECT_EQ(test, qnet_nr_build(p, 512, &n), 0);
	n.name_len = 255;
	KUNIT_EXPECT_EQ(test, qnet_nr_build(p, 512, &n), 0);
	n.name_len = 256;
	KUNIT_EXPECT_EQ(test, qnet_nr_build(p, 512, &n), 0);
	n.name_len = 254;
	KUNIT_EXPECT_EQ(test, qnet_nr_build(p, 512, &n), 259);
	KUNIT_EXPECT_EQ(test, qnet_nr_parse(&got, p, 259, false), 0);
	KUNIT_EXPECT_EQ(test, got.name_len, 254);
	p[258] = 'x';
	KUNIT_EXPECT_EQ(test, qnet_nr_parse(&got, p, 259, false), QNET_BAD_NR);
}

/* ------------------------------------------------------------------- KIF */

/* Each number in a byte of its own, so that no two fields can be confused. */
static const struct qnet_kif some_kif = {
	.version = 0x01020304, .server_pid = 0x05060708,
	.server_chid = 0x090a0b0c, .client_id = 0x0d0e0f10,
	.client_pid = 0x11121314, .server_id = 0x15161718,
	.scoid = 0x191a1b1c, .handle = 0x1d1e1f20, .rd_handle = 0x21222324,
	.status = -0x25262728, .offset = 0x292a2b2c, .tid = 0x2d2e2f30,
	.vinfo = { 0x31323334, 0x35363738, -10, 0x39303a3b, 0x3c3d3e3f,
		   0x40414243, 0x44454647 },
	.code = -33, .value = -0x48494a4b, .prio = 0x4c4d4e4f,
	.pid = -0x50515253, .signo = 0x54555657, .notify = 0x58595a5b,
	.union1 = 0x5c5d5e5f, .evalue = 0x80616263, .ecode = -0x6465,
	.eprio = 0x6667,
	.cred = { 0x68696a6b, 0x6c6d6e6f, -2, 0x85, 1, 2, 3, 4, 5, 6, 3,
		  { 7, 0x80000000, 9 } },
};

static const u8 kif_sizes[] = {
	24, 24, 24, 16, 16, 48, 20, 20, 20, 20, 20, 24, 64, 28, 8, 8, 20, 24,
};

static bool kif_takes_cred(u8 type)
{
	return type == QNET_K_CONNECT || type == QNET_K_CONNECT_MSGSEND ||
	       type == QNET_K_CONNECT_PULSE || type == QNET_K_PULSE ||
	       type == QNET_K_SIGNAL;
}

static bool kif_has_data(u8 type)
{
	return type == QNET_K_MSGSEND || type == QNET_K_MSGREAD_XFER ||
	       type == QNET_K_MSGREAD_ERROR ||
	       (type >= QNET_K_MSGWRITE && type <= QNET_K_MSGERROR);
}

static bool kif_is_open(u8 type)
{
	return type == QNET_K_CONNECT_MSGSEND || type == QNET_K_CONNECT_PULSE;
}

struct kif_kind {
	u8 type;
	bool cred;
};

static const struct kif_kind kif_kinds[] = {
	{ 0 }, { 1 }, { 2 }, { 3 }, { 4 }, { 5 }, { 6 }, { 7 }, { 8 }, { 9 },
	{ 10 }, { 11 }, { 12 }, { 13 }, { 14 }, { 15 }, { 16 }, { 17 },
	{ 0, true }, { 1, true }, { 12, true }, { 13, true }, { 17, true },
};

static void kif_kind_desc(const struct kif_kind *k, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "type %u%s", k->type,
		 k->cred ? " with credentials" : "");
}

KUNIT_ARRAY_PARAM(kif_kind, kif_kinds, kif_kind_desc);

#define DATA	5

/* A packet of this kind, with DATA bytes behind it if it takes any. */
static u8 *kif_packet(struct kunit *test, const struct kif_kind *kind,
		      u32 *len, u32 *size)
{
	struct qnet_kif k = some_kif;
	u8 *p = test_buf(test, QNET_KIF_MAX + DATA);

	k.type = kind->type;
	k.has_cred = kind->cred;
	k.nbytes = DATA;
	*size = qnet_kif_build(p, QNET_KIF_MAX, &k);
	*len = *size + (kif_has_data(kind->type) ? DATA : 0);
	return p;
}

/* Only what its type has is read, so only that can come out the same. */
static void kif_round_trip(struct kunit *test)
{
	const struct kif_kind *kind = test->param_value;
	struct qnet_kif *k = kunit_kzalloc(test, sizeof(*k), GFP_KERNEL);
	u8 *q = test_buf(test, QNET_KIF_MAX);
	u32 len, size, big;
	u8 *p = kif_packet(test, kind, &len, &size);

	KUNIT_ASSERT_NOT_NULL(test, k);
	KUNIT_ASSERT_EQ(test, size, kif_sizes[kind->type] +
				    (kind->cred ? 44 + 3 * 4 : 0));
	memcpy(q, p, size);
	for (big = 0; big < 2; big++) {
		u8 *r = test_buf(test, QNET_KIF_MAX);

		KUNIT_ASSERT_EQ(test, qnet_kif_parse(k, test_copy(test, p, len),
						     size, len, big), 0);
		KUNIT_EXPECT_EQ(test, k->type, kind->type);
		KUNIT_EXPECT_EQ(test, k->has_cred, kind->cred);
		KUNIT_EXPECT_EQ(test, k->hlen, size);
		KUNIT_EXPECT_EQ(test, qnet_kif_build(r, QNET_KIF_MAX, k), size);
		KUNIT_EXPECT_EQ(test, memcmp(r, q, size), 0);
		memset(k, 0, sizeof(*k));
		turn_kif(p, p + len, false);
	}
}

static void kif_cut(struct kunit *test)
{
	const struct kif_kind *kind = test->param_value;
	u32 i, len, size, fixed = kif_sizes[kind->type];
	u8 *p = kif_packet(test, kind, &len, &size);
	struct qnet_kif k;

	for (i = 0; i < size; i++) {
		u8 *q = test_copy(test, p, i);
		int want = i < fixed ? QNET_BAD_KIF_SHORT : QNET_BAD_CRED;

		/* the packet ends there; the linear part ends there */
		KUNIT_EXPECT_EQ(test, qnet_kif_parse(&k, q, i, i, false), want);
		KUNIT_EXPECT_EQ(test, qnet_kif_parse(&k, q, i, len, false),
				want);
	}
}

static void kif_wrong_size(struct kunit *test)
{
	const struct kif_kind *kind = test->param_value;
	u32 i, len, size, fixed = kif_sizes[kind->type];
	u8 *p = kif_packet(test, kind, &len, &size);
	struct qnet_kif k;

	for (i = 0; i < 65536; i += i < 256 ? 1 : 1009) {
		int want = QNET_BAD_KIF_SIZE;

		if (i < fixed)
			want = QNET_BAD_KIF_SHORT;
		else if (i == size)
			want = QNET_BAD_NONE;
		p[2] = i;
		p[3] = i >> 8;
		KUNIT_EXPECT_EQ(test, qnet_kif_parse(&k, p, len, len, false),
				want);
	}
}

/* One byte more, one less. */
static void kif_wrong_length(struct kunit *test)
{
	const struct kif_kind *kind = test->param_value;
	struct qnet_kif k;
	u32 len, size;
	u8 *p = kif_packet(test, kind, &len, &size);
	bool data = kif_has_data(kind->type);
	int more = data ? QNET_BAD_KIF_DATA : QNET_BAD_KIF_SIZE;

	if (kif_is_open(kind->type))
		more = QNET_BAD_NONE;
	KUNIT_EXPECT_EQ(test, qnet_kif_parse(&k, p, size, len + 1, false),
			more);
	KUNIT_EXPECT_EQ(test, qnet_kif_parse(&k, p, size, len + 100000, false),
			more);
	if (data)
		KUNIT_EXPECT_EQ(test, qnet_kif_parse(&k, p, size, len - 1,
						     false),
				QNET_BAD_KIF_DATA);
}

static void kif_no_room(struct kunit *test)
{
	const struct kif_kind *kind = test->param_value;
	u8 *p = test_buf(test, QNET_KIF_MAX);
	struct qnet_kif k = some_kif;
	u32 i, size;

	k.type = kind->type;
	k.has_cred = kind->cred;
	size = qnet_kif_build(p, QNET_KIF_MAX, &k);
	for (i = 0; i < size; i++)
		KUNIT_EXPECT_EQ(test, qnet_kif_build(p + QNET_KIF_MAX - i, i,
						     &k), 0);
}

/* Credentials where there can be none. */
static void kif_stray_cred(struct kunit *test)
{
	const struct kif_kind *kind = test->param_value;
	struct qnet_kif k = some_kif;
	u32 len, size;
	u8 *p = kif_packet(test, kind, &len, &size);

	if (kif_takes_cred(kind->type) || kind->type == QNET_K_MSGSEND)
		return;
	p[1] |= 1;
	KUNIT_EXPECT_EQ(test, qnet_kif_parse(&k, p, len, len, false),
			QNET_BAD_CRED);
	k.type = kind->type;
	k.has_cred = true;
	KUNIT_EXPECT_EQ(test, qnet_kif_build(p, QNET_KIF_MAX, &k), 0);
}

static void kif_types(struct kunit *test)
{
	u8 *p = test_buf(test, 64);
	struct qnet_kif k = some_kif;
	u32 i;

	for (i = 0; i < 65536; i++) {
		p[0] = i;
		p[1] = i >> 8;
		if ((i & ~QNET_W_K_CRED) <= QNET_K_CONNECT_PULSE)
			continue;
		KUNIT_EXPECT_EQ(test, qnet_kif_parse(&k, p, 64, 64, false),
				QNET_BAD_KIF_TYPE);
	}
	k.type = QNET_K_CONNECT_PULSE + 1;
	KUNIT_EXPECT_EQ(test, qnet_kif_build(p, 64, &k), 0);
	k.type = 255;
	KUNIT_EXPECT_EQ(test, qnet_kif_build(p, 64, &k), 0);
}

/* A structure says its byte order, too, and must agree with its header. */
static void kif_order_mark(struct kunit *test)
{
	static const struct kif_kind kind = { QNET_K_DISCONNECT };
	struct qnet_kif k;
	u32 len, size;
	u8 *p = kif_packet(test, &kind, &len, &size);

	KUNIT_EXPECT_EQ(test, qnet_kif_parse(&k, p, len, len, true),
			QNET_BAD_KIF_TYPE);
	p[0] ^= 0x80;
	KUNIT_EXPECT_EQ(test, qnet_kif_parse(&k, p, len, len, false),
			QNET_BAD_KIF_TYPE);
	p[1] ^= 0x80;
	KUNIT_EXPECT_EQ(test, qnet_kif_parse(&k, p, len, len, false),
			QNET_BAD_KIF_TYPE);
	turn(p, p + len, "hhi");
	KUNIT_EXPECT_EQ(test, qnet_kif_parse(&k, p, len, len, true), 0);
	p[1] ^= 0x80;
	KUNIT_EXPECT_EQ(test, qnet_kif_parse(&k, p, len, len, true),
			QNET_BAD_KIF_TYPE);
}

/* The fields that are not 32 bits wide, byte by byte. */
static void kif_event_bytes(struct kunit *test)
{
	static const u8 big[] = {
		0x80, 0x8b, 0, 24, 0, 0, 1, 22, 0, 0, 0, 4, 0x40, 0, 0, 2,
		0, 0, 0, 99, 0xff, 0xfe, 0, 10,
	};
	static const u8 little[] = {
		11, 0, 24, 0, 22, 1, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0x40,
		99, 0, 0, 0, 0xfe, 0xff, 10, 0,
	};
	struct qnet_kif k;
	int i;

	for (i = 0; i < 2; i++) {
		KUNIT_ASSERT_EQ(test, qnet_kif_parse(&k, i ? big : little, 24,
						     24, i), 0);
		KUNIT_EXPECT_EQ(test, k.handle, 278);
		KUNIT_EXPECT_EQ(test, k.notify, 4);
		KUNIT_EXPECT_EQ(test, k.union1, 0x40000002);
		KUNIT_EXPECT_EQ(test, k.evalue, 99);
		KUNIT_EXPECT_EQ(test, k.ecode, -2);
		KUNIT_EXPECT_EQ(test, k.eprio, 10);
	}
}

static void kif_pulse_bytes(struct kunit *test)
{
	static const struct kif_kind kind = { QNET_K_PULSE };
	struct qnet_kif k;
	u32 len, size, i;
	u8 *p = kif_packet(test, &kind, &len, &size);

	/* type, subtype and the rest of the code are zero when sent ... */
	KUNIT_EXPECT_EQ(test, peek32(p + 44, false), 0);
	KUNIT_EXPECT_EQ(test, peek32(p + 48, false), (u8)-33);
	/* ... and not looked at */
	memset(p + 44, 0xff, 4);
	memset(p + 49, 0xff, 3);
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, qnet_kif_parse(&k, p, len, len, i), 0);
		KUNIT_EXPECT_EQ(test, k.code, -33);
		KUNIT_EXPECT_EQ(test, k.prio, some_kif.prio);
		turn_kif(p, p + len, false);
	}
	k.code = 127;
	qnet_kif_build(p, 64, &k);
	KUNIT_EXPECT_EQ(test, qnet_kif_parse(&k, p, 64, 64, false), 0);
	KUNIT_EXPECT_EQ(test, k.code, 127);
}

/* The same in memory of any size: the linear part cannot exceed the packet. */
static void kif_linear(struct kunit *test)
{
	static const struct kif_kind kind = { QNET_K_MSGSEND };
	struct qnet_kif k;
	u32 len, size;
	u8 *p = kif_packet(test, &kind, &len, &size);

	KUNIT_EXPECT_EQ(test, qnet_kif_parse(&k, p, len, len, false), 0);
	KUNIT_EXPECT_EQ(test, qnet_kif_parse(&k, p, 48, len, false), 0);
	KUNIT_EXPECT_EQ(test, qnet_kif_parse(&k, p, len + 100, len, false), 0);
	KUNIT_EXPECT_EQ(test, qnet_kif_parse(&k, p, len, 47, false),
			QNET_BAD_KIF_SHORT);
	KUNIT_EXPECT_EQ(test, qnet_kif_parse(&k, p, len, 3, false),
			QNET_BAD_KIF_SHORT);
}

static void kif_groups(struct kunit *test)
{
	struct qnet_kif *k = kunit_kzalloc(test, 2 * sizeof(*k), GFP_KERNEL);
	u8 *p = test_buf(test, QNET_KIF_MAX);
	u32 n, len;

	KUNIT_ASSERT_NOT_NULL(test, k);
	k[0] = some_kif;
	k[0].type = QNET_K_SIGNAL;
	k[0].has_cred = true;
	for (n = 0; n <= QNET_K_CRED_GROUPS; n++) {
		k[0].cred.ngroups = n;
		k[0].cred.groups[QNET_K_CRED_GROUPS - 1] = 0x7f;
		len = qnet_kif_build(p, QNET_KIF_MAX, &k[0]);
		KUNIT_ASSERT_EQ(test, len, 28 + 44 + 4 * n);
		KUNIT_ASSERT_EQ(test, qnet_kif_parse(&k[1], p, len, len, false),
				0);
		KUNIT_EXPECT_EQ(test, memcmp(&k[0].cred, &k[1].cred,
					     offsetof(struct qnet_kcred,
						      groups[n])), 0);
	}
	k[0].cred.ngroups = 9;
	KUNIT_EXPECT_EQ(test, qnet_kif_build(p, QNET_KIF_MAX, &k[0]), 0);
	k[0].cred.ngroups = 0x40000001;
	KUNIT_EXPECT_EQ(test, qnet_kif_build(p, QNET_KIF_MAX, &k[0]), 0);
}

static void kif_bad_groups(struct kunit *test)
{
	static const u32 bad[] = { 4, 8, 9, 16, 0x40000000, 0x40000003,
				   0x80000000, 0xffffffff };
	static const struct kif_kind kind = { QNET_K_CONNECT, true };
	struct qnet_kif k;
	u32 i, len, size;
	u8 *p = kif_packet(test, &kind, &len, &size);

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		poke32(p + 24 + 40, bad[i], false);
		KUNIT_EXPECT_EQ(test, qnet_kif_parse(&k, test_copy(test, p,
								   len),
						     len, len, false),
				QNET_BAD_CRED);
	}
	/* fewer than there are: then the size is wrong */
	poke32(p + 24 + 40, 2, false);
	KUNIT_EXPECT_EQ(test, qnet_kif_parse(&k, p, len, len, false),
			QNET_BAD_KIF_SIZE);
}

/* Where a piece goes must be sayable in 32 bits. */
static void kif_offsets(struct kunit *test)
{
	struct qnet_kif k = some_kif, got;
	u8 *p = test_buf(test, 32);
	u32 type;

	k.nbytes = 8;
	for (type = QNET_K_MSGREAD; type <= QNET_K_MSGERROR; type++) {
		u32 len = type == QNET_K_MSGREAD ? 20 : 28;

		k.type = type;
		k.offset = U32_MAX - 8;
		KUNIT_ASSERT_EQ(test, qnet_kif_build(p, 32, &k), 20);
		KUNIT_EXPECT_EQ(test, qnet_kif_parse(&got, p, 20, len, false),
				0);
		k.offset = U32_MAX - 7;
		qnet_kif_build(p, 32, &k);
		KUNIT_EXPECT_EQ(test, qnet_kif_parse(&got, p, 20, len, false),
				QNET_BAD_KIF_DATA);
	}
}

static void kif_huge_nbytes(struct kunit *test)
{
	struct qnet_kif k = some_kif, got;
	u8 *p = test_buf(test, 64);
	u32 i;

	for (i = 1; i; i <<= 1) {
		k.type = QNET_K_MSGSEND;
		k.nbytes = i;
		qnet_kif_build(p, 64, &k);
		KUNIT_EXPECT_EQ(test, qnet_kif_parse(&got, p, 48, 48, false),
				QNET_BAD_KIF_DATA);
		/* with credentials that would be behind it */
		p[1] = 1;
		KUNIT_EXPECT_NE(test, qnet_kif_parse(&got, p, 48, 48, false),
				0);
		KUNIT_EXPECT_NE(test, qnet_kif_parse(&got, p, 48, U32_MAX,
						     false), 0);
	}
}

/* MSGSEND of DATA bytes with credentials before or behind them. */
static u8 *msgsend_cred(struct kunit *test, bool behind, u32 *len)
{
	static const struct kif_kind signal = { QNET_K_SIGNAL, true };
	static const struct kif_kind send = { QNET_K_MSGSEND };
	u32 slen, ssize, clen, csize;
	u8 *s = kif_packet(test, &send, &slen, &ssize);
	u8 *c = kif_packet(test, &signal, &clen, &csize);
	u32 n = csize - 28;
	u8 *p = test_buf(test, slen + n);

	s[1] |= 1;
	s[2] = behind ? ssize : ssize + n;
	memset(s + ssize, 0xd1, DATA);
	memcpy(p, s, ssize);
	memcpy(p + ssize + (behind ? 0 : n), s + ssize, DATA);
	memcpy(p + ssize + (behind ? DATA : 0), c + 28, n);
	*len = slen + n;
	return p;
}

static void kif_msgsend_cred(struct kunit *test)
{
	struct qnet_kif *k = kunit_kzalloc(test, sizeof(*k), GFP_KERNEL);
	u32 i, len;

	KUNIT_ASSERT_NOT_NULL(test, k);
	for (i = 0; i < 4; i++) {
		bool behind = i & 1, big = i & 2;
		u8 *p = msgsend_cred(test, behind, &len);

		memset(k, 0, sizeof(*k));
		if (big)
			turn_kif(p, p + len, false);
		KUNIT_ASSERT_EQ(test, qnet_kif_parse(k, p, len, len, big), 0);
		KUNIT_EXPECT_TRUE(test, k->has_cred);
		KUNIT_EXPECT_EQ(test, k->nbytes, DATA);
		KUNIT_EXPECT_EQ(test, k->hlen, behind ? 48 : len - DATA);
		KUNIT_EXPECT_EQ(test, p[k->hlen], 0xd1);
		KUNIT_EXPECT_EQ(test, memcmp(&k->cred, &some_kif.cred,
					     sizeof(k->cred)), 0);
	}
}

static void kif_msgsend_cred_cut(struct kunit *test)
{
	struct qnet_kif k = some_kif;
	u32 i, len;
	u8 *p;

	p = msgsend_cred(test, true, &len);
	for (i = 48; i < len; i++) {
		u8 *q = test_copy(test, p, i);
		int bad = i < 48 + DATA ? QNET_BAD_KIF_DATA : QNET_BAD_CRED;

		KUNIT_EXPECT_EQ(test, qnet_kif_parse(&k, q, i, i, false), bad);
		KUNIT_EXPECT_EQ(test, qnet_kif_parse(&k, q, i, len, false),
				QNET_BAD_CRED);
	}
	KUNIT_EXPECT_EQ(test, qnet_kif_parse(&k, p, len, len + 1, false),
			QNET_BAD_KIF_DATA);
	p[44]--;
	KUNIT_EXPECT_NE(test, qnet_kif_parse(&k, p, len, len, false), 0);

	p = msgsend_cred(test, false, &len);
	for (i = 48; i < len - DATA; i++)
		KUNIT_EXPECT_EQ(test, qnet_kif_parse(&k, p, i, len, false),
				QNET_BAD_CRED);
	KUNIT_EXPECT_EQ(test, qnet_kif_parse(&k, p, i, len, false), 0);
	KUNIT_EXPECT_EQ(test, qnet_kif_parse(&k, p, i, len - 1, false),
			QNET_BAD_KIF_DATA);
	k.type = QNET_K_MSGSEND;
	k.has_cred = true;
	KUNIT_EXPECT_EQ(test, qnet_kif_build(p, QNET_KIF_MAX, &k), 0);
}

/* The longest thing there is; the second structure by a second call. */
static void kif_connect_msgsend(struct kunit *test)
{
	struct qnet_kif *k = kunit_kzalloc(test, sizeof(*k), GFP_KERNEL);
	u8 *p = test_buf(test, QNET_KIF_MAX);
	u32 at;

	KUNIT_ASSERT_NOT_NULL(test, k);
	*k = some_kif;
	k->type = QNET_K_CONNECT_MSGSEND;
	k->has_cred = true;
	k->cred.ngroups = QNET_K_CRED_GROUPS;
	at = qnet_kif_build(p, QNET_KIF_MAX, k);
	KUNIT_ASSERT_EQ(test, at, 24 + 76);
	k->type = QNET_K_MSGSEND;
	k->has_cred = false;
	k->server_id = -1;
	k->nbytes = 0;
	KUNIT_ASSERT_EQ(test, qnet_kif_build(p + at, QNET_KIF_MAX - at, k), 48);

	memset(k, 0, sizeof(*k));
	KUNIT_ASSERT_EQ(test, qnet_kif_parse(k, p, QNET_KIF_MAX, QNET_KIF_MAX,
					     false), 0);
	KUNIT_ASSERT_EQ(test, k->hlen, at);
	KUNIT_EXPECT_EQ(test, k->client_id, some_kif.client_id);
	KUNIT_ASSERT_EQ(test, qnet_kif_parse(k, p + at, QNET_KIF_MAX - at,
					     QNET_KIF_MAX - at, false), 0);
	KUNIT_EXPECT_EQ(test, k->type, QNET_K_MSGSEND);
	KUNIT_EXPECT_EQ(test, k->server_id, -1);
}

static void kif_success_ids(struct kunit *test)
{
	struct qnet_kif k = { .type = QNET_K_CONNECT_SUCCESS };

	k.client_id = 0x50000007;
	k.server_id = 0x40000267;
	KUNIT_EXPECT_EQ(test, qnet_kif_success_id(&k, 0x50000007), 0x40000267);
	k.client_id = 0x40000267;
	k.server_id = 0x50000007;
	KUNIT_EXPECT_EQ(test, qnet_kif_success_id(&k, 0x50000007), 0x40000267);
	k.client_id = 0x50000007;
	KUNIT_EXPECT_EQ(test, qnet_kif_success_id(&k, 0x50000007), 0x50000007);
}

static void kif_trailers(struct kunit *test)
{
	u8 *p = test_buf(test, 200);
	u32 i, type;

	for (type = 0; type < 65536; type += type < 0x300 ? 1 : 251) {
		bool io = type >= 0x100 && type <= 0x11a;

		p[0] = type;
		p[1] = type >> 8;
		KUNIT_EXPECT_EQ(test, qnet_kif_trailer(p, 2), io ? 86 : 0);
		KUNIT_EXPECT_EQ(test, qnet_kif_trailer(p, 87), io ? 1 : 0);
		KUNIT_EXPECT_EQ(test, qnet_kif_trailer(p, 88), 0);
		KUNIT_EXPECT_EQ(test, qnet_kif_trailer(p, 8192), 0);
	}
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, qnet_kif_trailer(test_buf(test, i), i),
				88 - i);
}

/* ----------------------------------------------------------------- errno */

static void errno_table(struct kunit *test)
{
	static const struct {
		int here, qnx;
	} pairs[] = {
		{ EPERM, 1 }, { ESRCH, 3 }, { EINTR, 4 }, { EIO, 5 },
		{ EFAULT, 14 }, { ERANGE, 34 },
		{ EDEADLK, 45 }, { ECANCELED, 47 }, { EOPNOTSUPP, 48 },
		{ ETIME, 62 }, { EPROTO, 71 }, { EBADMSG, 77 },
		{ ENAMETOOLONG, 78 }, { EOVERFLOW, 79 }, { EILSEQ, 88 },
		{ 38, 89 }, { ELOOP, 90 }, { 85, 91 }, { ENOTEMPTY, 93 },
		{ EINPROGRESS, 236 }, { EMSGSIZE, 240 }, { EADDRINUSE, 248 },
		{ ECONNRESET, 254 }, { ENOBUFS, 255 }, { EISCONN, 256 },
		{ ENOTCONN, 257 }, { ETIMEDOUT, 260 }, { ECONNREFUSED, 261 },
		{ EHOSTDOWN, 264 }, { EHOSTUNREACH, 265 },
		{ 600, 300 }, { 612, 312 }, { 613, 313 },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		KUNIT_EXPECT_EQ(test, qnet_errno_to_wire(pairs[i].here),
				pairs[i].qnx);
		KUNIT_EXPECT_EQ(test, qnet_errno_from_wire(pairs[i].qnx),
				pairs[i].here);
	}
}

static void errno_any(struct kunit *test)
{
	int i, there, back;

	for (i = -10; i < 70000; i++) {
		there = qnet_errno_to_wire(i);
		back = qnet_errno_from_wire(there);
		KUNIT_EXPECT_TRUE(test, there > 0 && there <= 313);
		KUNIT_EXPECT_EQ(test, back, there == 5 ? EIO : i);
		KUNIT_EXPECT_TRUE(test, qnet_errno_from_wire(i) > 0);
		KUNIT_EXPECT_TRUE(test, qnet_errno_from_wire(i) <= 613);
	}
	KUNIT_EXPECT_EQ(test, qnet_errno_to_wire(0), EIO);
	KUNIT_EXPECT_EQ(test, qnet_errno_from_wire(0), EIO);
	KUNIT_EXPECT_EQ(test, qnet_errno_from_wire(-0x7fffffff - 1), EIO);
	KUNIT_EXPECT_EQ(test, qnet_errno_to_wire(0x7fffffff), EIO);
}

/* --------------------------------------------------------------- signals */

static void signo_table(struct kunit *test)
{
	static const struct {
		int here, qnx;
	} pairs[] = {
		{ SIGHUP, 1 }, { SIGINT, 2 }, { SIGQUIT, 3 }, { SIGILL, 4 },
		{ SIGTRAP, 5 }, { SIGABRT, 6 }, { SIGFPE, 8 }, { SIGKILL, 9 },
		{ SIGBUS, 10 }, { SIGSEGV, 11 }, { SIGSYS, 12 },
		{ SIGPIPE, 13 }, { SIGALRM, 14 }, { SIGTERM, 15 },
		{ SIGUSR1, 16 }, { SIGUSR2, 17 }, { SIGCHLD, 18 },
		{ SIGPWR, 19 }, { SIGWINCH, 20 }, { SIGURG, 21 },
		{ SIGPOLL, 22 }, { SIGSTOP, 23 }, { SIGTSTP, 24 },
		{ SIGCONT, 25 }, { SIGTTIN, 26 }, { SIGTTOU, 27 },
		{ SIGVTALRM, 28 }, { SIGPROF, 29 }, { SIGXCPU, 30 },
		{ SIGXFSZ, 31 }, { 34, 41 }, { 35, 42 }, { 57, 64 },
		{ 58, 314 }, { 64, 320 }, { 33, 289 },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		KUNIT_EXPECT_EQ(test, qnet_signo_to_wire(pairs[i].here),
				pairs[i].qnx);
		KUNIT_EXPECT_EQ(test, qnet_signo_from_wire(pairs[i].qnx),
				pairs[i].here);
	}
	/* SIGEMT, and those that no program uses */
	KUNIT_EXPECT_EQ(test, qnet_signo_from_wire(7), 0);
	KUNIT_EXPECT_EQ(test, qnet_signo_from_wire(32), 0);
	KUNIT_EXPECT_EQ(test, qnet_signo_from_wire(40), 0);
}

static void signo_any(struct kunit *test)
{
	int i, there;

	for (i = -10; i < 1000; i++) {
		there = qnet_signo_to_wire(i);
		KUNIT_EXPECT_EQ(test, there > 0, i >= 1 && i <= 64);
		if (there)
			KUNIT_EXPECT_EQ(test, qnet_signo_from_wire(there), i);
		KUNIT_EXPECT_TRUE(test, qnet_signo_from_wire(i) >= 0);
		KUNIT_EXPECT_TRUE(test, qnet_signo_from_wire(i) <= 64);
	}
	KUNIT_EXPECT_EQ(test, qnet_signo_to_wire(-0x7fffffff - 1), 0);
	KUNIT_EXPECT_EQ(test, qnet_signo_to_wire(0x7fffffff), 0);
	KUNIT_EXPECT_EQ(test, qnet_signo_from_wire(-0x7fffffff - 1), 0);
	KUNIT_EXPECT_EQ(test, qnet_signo_from_wire(0x7fffffff), 0);
}

/* ----------------------------------------------------------------- names */

static const struct qnet_nm some_nms[] = {
	{ .op = QNET_NM_LOOKUP, .id = 0x01020304, .name = "printer",
	  .name_len = 7 },
	{ .op = QNET_NM_FOUND, .id = 0x81828384, .pid = -5, .chid = 0x40000001
	},
	{ .op = QNET_NM_ERROR, .id = 1, .status = 2 },
};

static const u8 nm_lens[] = { 15, 16, 12 };

static const char * const nm_layouts[] = { "bbhi", "bbhiii", "bbhii" };

static bool same_nm(const struct qnet_nm *a, const struct qnet_nm *b)
{
	return a->op == b->op && a->id == b->id && a->pid == b->pid &&
	       a->chid == b->chid && a->status == b->status &&
	       same_string(a->name, a->name_len, b->name, b->name_len);
}

static void nm_round_trip(struct kunit *test)
{
	struct qnet_nm n;
	u32 i, len;

	for (i = 0; i < ARRAY_SIZE(some_nms); i++) {
		u8 *p = test_buf(test, nm_lens[i]);

		len = qnet_nm_build(p, nm_lens[i], &some_nms[i]);
		KUNIT_ASSERT_EQ(test, len, nm_lens[i]);
		memset(&n, 0, sizeof(n));
		KUNIT_ASSERT_EQ(test, qnet_nm_parse(&n, p, len, false), 0);
		KUNIT_EXPECT_TRUE(test, same_nm(&n, &some_nms[i]));

		turn(p, p + len, nm_layouts[i]);
		memset(&n, 0, sizeof(n));
		KUNIT_ASSERT_EQ(test, qnet_nm_parse(&n, p, len, true), 0);
		KUNIT_EXPECT_TRUE(test, same_nm(&n, &some_nms[i]));
	}
}

static void nm_ends(struct kunit *test)
{
	u8 *p = test_buf(test, 16);
	struct qnet_nm n;
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(some_nms); i++) {
		for (j = 0; j < nm_lens[i]; j++)
			KUNIT_EXPECT_EQ(test, qnet_nm_build(p + 16 - j, j,
							    &some_nms[i]), 0);
		qnet_nm_build(p, nm_lens[i], &some_nms[i]);
		for (j = 0; j < nm_lens[i]; j++)
			KUNIT_EXPECT_EQ(test, qnet_nm_parse(&n,
							    test_copy(test, p,
								      j),
							    j, false),
					QNET_BAD_NAME);
	}
}

static void nm_head(struct kunit *test)
{
	u8 *p = test_buf(test, 16);
	struct qnet_nm n = some_nms[1];
	u32 i;

	qnet_nm_build(p, 16, &some_nms[1]);
	for (i = 0; i < 256; i++) {
		p[1] = i;
		KUNIT_EXPECT_EQ(test, qnet_nm_parse(&n, p, 16, false),
				i == QNET_NM_VERSION ? 0 : QNET_BAD_NAME);
	}
	p[1] = QNET_NM_VERSION;
	for (i = 0; i < 256; i++) {
		p[0] = i;
		if (i == QNET_NM_LOOKUP || i == QNET_NM_FOUND ||
		    i == QNET_NM_ERROR)
			continue;
		KUNIT_EXPECT_EQ(test, qnet_nm_parse(&n, p, 16, false),
				QNET_BAD_NAME);
		n.op = i;
		KUNIT_EXPECT_EQ(test, qnet_nm_build(p, 16, &n), 0);
	}
}

static int nm_name_verdict(struct kunit *test, const char *s, u32 len,
			   u32 says)
{
	u8 *p = test_buf(test, 8 + len);
	struct qnet_nm n;

	p[0] = QNET_NM_LOOKUP;
	p[1] = QNET_NM_VERSION;
	p[2] = says;
	p[3] = says >> 8;
	memcpy(p + 8, s, len);
	return qnet_nm_parse(&n, p, 8 + len, false);
}

static void nm_names(struct kunit *test)
{
	char *s = (char *)test_buf(test, 300);
	u8 *p = test_buf(test, 300);
	struct qnet_nm n = some_nms[0];

	memset(s, 'x', 300);
	KUNIT_EXPECT_EQ(test, nm_name_verdict(test, s, 1, 1), 0);
	KUNIT_EXPECT_EQ(test, nm_name_verdict(test, s, 255, 255), 0);
	KUNIT_EXPECT_EQ(test, nm_name_verdict(test, s, 256, 256),
			QNET_BAD_NAME);
	KUNIT_EXPECT_EQ(test, nm_name_verdict(test, s, 5, 0), QNET_BAD_NAME);
	KUNIT_EXPECT_EQ(test, nm_name_verdict(test, s, 5, 6), QNET_BAD_NAME);
	KUNIT_EXPECT_EQ(test, nm_name_verdict(test, s, 0, 0xffff),
			QNET_BAD_NAME);
	KUNIT_EXPECT_EQ(test, nm_name_verdict(test, "a\0c", 3, 3),
			QNET_BAD_NAME);
	KUNIT_EXPECT_EQ(test, nm_name_verdict(test, "ab", 3, 3),
			QNET_BAD_NAME);
	n.name = s;
	n.name_len = 0;
	KUNIT_EXPECT_EQ(test, qnet_nm_build(p, 300, &n), 0);
	n.name_len = 256;
	KUNIT_EXPECT_EQ(test, qnet_nm_build(p, 300, &n), 0);
	n.name_len = 255;
	KUNIT_EXPECT_EQ(test, qnet_nm_build(p, 300, &n), 263);
}

static struct kunit_case qnet_wire_cases[] = {
	KUNIT_CASE_PARAM(sample_parses, sample_gen_params),
	KUNIT_CASE_PARAM(sample_in_other_order, sample_gen_params),
	KUNIT_CASE_PARAM(sample_rebuilds, sample_gen_params),
	KUNIT_CASE_PARAM(sample_survives, sample_gen_params),
	KUNIT_CASE_PARAM(sample_joins, packet_gen_params),
	KUNIT_CASE_PARAM(flagged_verdict, flagged_gen_params),
	KUNIT_CASE(flagged_all),
	KUNIT_CASE(hdr_bytes),
	KUNIT_CASE(hdr_round_trip),
	KUNIT_CASE(hdr_short),
	KUNIT_CASE(hdr_version),
	KUNIT_CASE(hdr_types),
	KUNIT_CASE(hdr_layers),
	KUNIT_CASE(hdr_flags),
	KUNIT_CASE(hdr_spans),
	KUNIT_CASE(hdr_vouches),
	KUNIT_CASE(hdr_ack),
	KUNIT_CASE(hdr_nack),
	KUNIT_CASE(crc_known),
	KUNIT_CASE(crc_parts),
	KUNIT_CASE(crc_stored),
	KUNIT_CASE(crc_finds_bits),
	KUNIT_CASE(tcs_round_trip),
	KUNIT_CASE(tcs_tail_bytes),
	KUNIT_CASE(tcs_no_room),
	KUNIT_CASE(tcs_cut),
	KUNIT_CASE(tcs_offsets),
	KUNIT_CASE(tcs_shared_strings),
	KUNIT_CASE(tcs_empty_strings),
	KUNIT_CASE(tcs_plain_tails),
	KUNIT_CASE(tcs_later_tails),
	KUNIT_CASE(tcs_far_offset),
	KUNIT_CASE(lr_round_trip),
	KUNIT_CASE(lr_absent),
	KUNIT_CASE(lr_no_room),
	KUNIT_CASE(lr_huge_name),
	KUNIT_CASE(lr_cut),
	KUNIT_CASE(lr_header),
	KUNIT_CASE(lr_items),
	KUNIT_CASE(lr_names),
	KUNIT_CASE(lr_one_name),
	KUNIT_CASE(lr_addresses),
	KUNIT_CASE(lr_no_area),
	KUNIT_CASE(nr_round_trip),
	KUNIT_CASE(nr_ends),
	KUNIT_CASE(nr_types),
	KUNIT_CASE(nr_names),
	KUNIT_CASE(nr_long_names),
	KUNIT_CASE_PARAM(kif_round_trip, kif_kind_gen_params),
	KUNIT_CASE_PARAM(kif_cut, kif_kind_gen_params),
	KUNIT_CASE_PARAM(kif_wrong_size, kif_kind_gen_params),
	KUNIT_CASE_PARAM(kif_wrong_length, kif_kind_gen_params),
	KUNIT_CASE_PARAM(kif_no_room, kif_kind_gen_params),
	KUNIT_CASE_PARAM(kif_stray_cred, kif_kind_gen_params),
	KUNIT_CASE(kif_types),
	KUNIT_CASE(kif_order_mark),
	KUNIT_CASE(kif_event_bytes),
	KUNIT_CASE(kif_pulse_bytes),
	KUNIT_CASE(kif_linear),
	KUNIT_CASE(kif_groups),
	KUNIT_CASE(kif_bad_groups),
	KUNIT_CASE(kif_offsets),
	KUNIT_CASE(kif_huge_nbytes),
	KUNIT_CASE(kif_msgsend_cred),
	KUNIT_CASE(kif_msgsend_cred_cut),
	KUNIT_CASE(kif_connect_msgsend),
	KUNIT_CASE(kif_success_ids),
	KUNIT_CASE(kif_trailers),
	KUNIT_CASE(errno_table),
	KUNIT_CASE(errno_any),
	KUNIT_CASE(signo_table),
	KUNIT_CASE(signo_any),
	KUNIT_CASE(nm_round_trip),
	KUNIT_CASE(nm_ends),
	KUNIT_CASE(nm_head),
	KUNIT_CASE(nm_names),
	{}
};

static struct kunit_suite qnet_wire_suite = {
	.name = "qnet_wire",
	.test_cases = qnet_wire_cases,
};

kunit_test_suites(&qnet_wire_suite, &qnet_frag_suite, &qnet_watch_suite);
