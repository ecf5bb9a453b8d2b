// SPDX-License-Identifier: GPL-2.0-only
/*
 * Build and parse LWL4 packets, as pure functions of bytes: see
 * include/linux/qnet_wire.h, which also has the layouts.
 *
 * Everything read here was written by a stranger.  Each parser first proves
 * that the bytes are there, then reads them, then checks what they say.
 */
#include <linux/build_bug.h>
#include <linux/crc32.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/signal_types.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/swab.h>
#include <linux/qnet_wire.h>
#include <asm/byteorder.h>

static_assert(sizeof(struct qnet_w_hdr) == QNET_HDR_LEN);
static_assert(sizeof(struct qnet_w_tcs) == QNET_TCS_HDR_LEN);
static_assert(sizeof(struct qnet_w_cap) == 26);
static_assert(sizeof(struct qnet_w_lr) == QNET_LR_HDR_LEN);
static_assert(sizeof(struct qnet_w_lr_addr) == 16);
static_assert(sizeof(struct qnet_w_nr) == 8);
static_assert(sizeof(struct qnet_w_nm) == 16);
static_assert(sizeof(struct qnet_w_cred) == 44);
static_assert(sizeof(struct qnet_w_connect) == 24);
static_assert(sizeof(struct qnet_w_success) == 24);
static_assert(sizeof(struct qnet_w_fail) == 16);
static_assert(sizeof(struct qnet_w_unblock) == 16);
static_assert(sizeof(struct qnet_w_msgsend) == 48);
static_assert(sizeof(struct qnet_w_msgread) == 20);
static_assert(sizeof(struct qnet_w_xfer) == 20);
static_assert(sizeof(struct qnet_w_event) == 24);
static_assert(sizeof(struct qnet_w_pulse) == 64);
static_assert(sizeof(struct qnet_w_signal) == 28);
static_assert(sizeof(struct qnet_w_id) == 8);
static_assert(sizeof(struct qnet_w_watch) == 8);
static_assert(sizeof(struct qnet_w_watch_set) == 24);
static_assert(sizeof(struct qnet_w_watch_vc) == 24);

/* ------------------------------------------------------------ byte order */

struct raw16 {
	__le16 v;
} __packed;

struct raw32 {
	__le32 v;
} __packed;

struct raw64 {
	__le64 v;
} __packed;

static u16 get16(const void *p, bool big)
{
	u16 v = le16_to_cpu(((const struct raw16 *)p)->v);

	return big ? swab16(v) : v;
}

static u32 get32(const void *p, bool big)
{
	u32 v = le32_to_cpu(((const struct raw32 *)p)->v);

	return big ? swab32(v) : v;
}

static u64 get64(const void *p, bool big)
{
	u64 v = le64_to_cpu(((const struct raw64 *)p)->v);

	return big ? swab64(v) : v;
}

static void put16(void *p, u16 v)
{
	((struct raw16 *)p)->v = cpu_to_le16(v);
}

static void put32(void *p, u32 v)
{
	((struct raw32 *)p)->v = cpu_to_le32(v);
}

/* @len is a multiple of 2 (4), from big-endian fields to little-endian ones. */
static void flip16(u8 *dst, const u8 *src, u32 len)
{
	u32 i;

	for (i = 0; i < len; i += 2)
		put16(dst + i, get16(src + i, true));
}

static void flip32(u8 *dst, const u8 *src, u32 len)
{
	u32 i;

	for (i = 0; i < len; i += 4)
		put32(dst + i, get32(src + i, true));
}

/* ---------------------------------------------------------------- header */

/* Little-endian senders are the rule: only the others pay for turning. */
static void hdr_flip(struct qnet_w_hdr *w, const u8 *p)
{
	u8 *dst = (u8 *)w;

	memcpy(dst, p, 4);
	flip16(dst + 4, p + 4, 4);
	flip32(dst + 8, p + 8, 12);
	flip16(dst + 20, p + 20, 4);
	flip32(dst + 24, p + 24, 12);
}

static void hdr_get(struct qnet_hdr *h, const struct qnet_w_hdr *w)
{
	h->type = w->type;
	h->flags = w->flags;
	h->layer = w->layer;
	h->src_nd = le16_to_cpu(w->src_nd);
	h->dst_nd = le16_to_cpu(w->dst_nd);
	h->sconn = le32_to_cpu(w->sconn);
	h->dconn = le32_to_cpu(w->dconn);
	h->seq = le32_to_cpu(w->seq);
	h->qos = le16_to_cpu(w->qos);
	h->qidx = le16_to_cpu(w->qidx);
	h->offset = le32_to_cpu(w->offset);
	h->length = le32_to_cpu(w->length);
	h->hole = 0;
	h->crc = le32_to_cpu(w->crc);
}

/* A packet that is never cut. */
static int hdr_check_whole(const struct qnet_hdr *h)
{
	const u8 both = QNET_F_FIRST | QNET_F_LAST;

	if ((h->flags & both) != both || h->offset)
		return QNET_BAD_OFFSET;
	return QNET_BAD_NONE;
}

/* One that is cut where a frame is too narrow for it. */
static int hdr_check_part(const struct qnet_hdr *h)
{
	bool first = h->flags & QNET_F_FIRST;

	return first == !h->offset ? QNET_BAD_NONE : QNET_BAD_OFFSET;
}

static int hdr_check_user(const struct qnet_hdr *h)
{
	switch (h->layer) {
	case QNET_L_KIF:
	case QNET_L_NR:
	case QNET_L_SEQ:
	case QNET_L_WATCH:
	case QNET_L_NAME:
		return hdr_check_part(h);
	default:
		return QNET_BAD_LAYER;
	}
}

/* Of answers only the header is known.  A length without payload in a NACK is
 * taken as the size of the hole; left in place, somebody would read that far.
 */
static int hdr_check_answer(struct qnet_hdr *h)
{
	if (h->layer != QNET_L_KIF)
		return QNET_BAD_LAYER;
	if (h->length > QNET_PKT_MAX || h->offset > QNET_PKT_MAX - h->length)
		return QNET_BAD_OFFSET;
	if (h->type == QNET_T_NACK) {
		h->hole = h->length;
		h->length = 0;
	}
	return QNET_BAD_NONE;
}

static int hdr_check_type(struct qnet_hdr *h)
{
	switch (h->type) {
	case QNET_T_USER_DATA:
	case QNET_T_USER:
		return hdr_check_user(h);
	case QNET_T_TCS_INIT:
		return hdr_check_part(h);
	case QNET_T_TCS_REM_UP:
	case QNET_T_TCS_UP:
	case QNET_T_TCS_DOWN:
	case QNET_T_TCS_REM_DOWN:
		return hdr_check_whole(h);
	case QNET_T_ACK:
	case QNET_T_NACK:
		return hdr_check_answer(h);
	case QNET_T_LRES:
		if (h->layer != QNET_L_LR)
			return QNET_BAD_LAYER;
		return hdr_check_part(h);
	default:
		return QNET_BAD_TYPE;
	}
}

/* @room: bytes behind the header */
static int hdr_check(struct qnet_hdr *h, u32 room)
{
	int bad;

	bad = hdr_check_type(h);
	if (bad)
		return bad;
	if (h->length > QNET_PKT_MAX || h->offset > QNET_PKT_MAX - h->length)
		return QNET_BAD_OFFSET;
	return h->length <= room ? QNET_BAD_NONE : QNET_BAD_LENGTH;
}

/* Apart, so that the others need not have a copy on the stack. */
static noinline void hdr_get_big(struct qnet_hdr *h, const u8 *p)
{
	struct qnet_w_hdr le;

	hdr_flip(&le, p);
	hdr_get(h, &le);
}

int qnet_hdr_parse(struct qnet_hdr *h, const u8 *p, u32 avail)
{
	if (avail < QNET_HDR_LEN)
		return QNET_BAD_SHORT;
	if (p[0] != QNET_VER_LE && p[0] != QNET_VER_BE)
		return QNET_BAD_VERSION;

	h->big = p[0] == QNET_VER_BE;
	if (h->big)
		hdr_get_big(h, p);
	else
		hdr_get(h, (const struct qnet_w_hdr *)p);
	return hdr_check(h, avail - QNET_HDR_LEN);
}

void qnet_hdr_build(u8 *p, const struct qnet_hdr *h)
{
	struct qnet_w_hdr *w = (struct qnet_w_hdr *)p;

	w->version = QNET_VER_LE;
	w->type = h->type;
	w->flags = h->flags;
	w->layer = h->layer;
	w->src_nd = cpu_to_le16(h->src_nd);
	w->dst_nd = cpu_to_le16(h->dst_nd);
	w->sconn = cpu_to_le32(h->sconn);
	w->dconn = cpu_to_le32(h->dconn);
	w->seq = cpu_to_le32(h->seq);
	w->qos = cpu_to_le16(h->qos);
	w->qidx = cpu_to_le16(h->qidx);
	w->offset = cpu_to_le32(h->offset);
	w->length = cpu_to_le32(h->length);
	w->crc = cpu_to_le32(h->crc);
}

u32 qnet_crc_hdr(const u8 *hdr)
{
	struct qnet_w_hdr w;

	/* One pass over a copy costs less than two over the parts. */
	memcpy(&w, hdr, QNET_HDR_LEN);
	w.crc = 0;
	return crc32_be(0, (const u8 *)&w, QNET_HDR_LEN);
}

u32 qnet_crc_add(u32 crc, const u8 *p, u32 len)
{
	return crc32_be(crc, p, len);
}

void qnet_crc_set(u8 *hdr, u32 crc)
{
	put32(hdr + offsetof(struct qnet_w_hdr, crc), crc);
}

int qnet_crc_check(const struct qnet_hdr *h, u32 crc, bool must)
{
	if (!(h->flags & QNET_F_CRC))
		return must ? QNET_BAD_CRC : QNET_BAD_NONE;
	return crc == h->crc ? QNET_BAD_NONE : QNET_BAD_CRC;
}

/* ------------------------------------------------------------------- TCS */

/* The string at @off, and how far the strings go up to now. */
static bool tcs_string(const char **s, u32 *end, const u8 *area, u32 room,
		       u32 off)
{
	const u8 *nul;

	if (off >= room)
		return false;
	nul = memchr(area + off, 0, room - off);
	if (!nul)
		return false;
	*s = (const char *)area + off;
	*end = max_t(u32, *end, nul - area + 1);
	return true;
}

/* Only our own nodes put something here, and only in this form: anything else
 * is a plain peer with a habit that is no business of ours.
 */
static void tcs_tail(struct qnet_tcs *t, const u8 *p, u32 len)
{
	const struct qnet_w_cap *w = (const struct qnet_w_cap *)p;

	t->caps = 0;
	memset(t->boot_id, 0, sizeof(t->boot_id));

	if (len < sizeof(*w) || memcmp(w->magic, QNET_CAP_MAGIC, 4))
		return;
	if (w->version < QNET_CAP_VERSION || w->length < sizeof(*w) ||
	    w->length > len)
		return;
	t->caps = le32_to_cpu(w->caps);
	memcpy(t->boot_id, w->boot_id, sizeof(t->boot_id));
}

int qnet_tcs_parse(struct qnet_tcs *t, const u8 *p, u32 len, bool big)
{
	const u8 *area = p + QNET_TCS_HDR_LEN;
	u32 room, end = 0;

	if (len < QNET_TCS_HDR_LEN)
		return QNET_BAD_TCS;
	room = len - QNET_TCS_HDR_LEN;
	if (!tcs_string(&t->src, &end, area, room, get16(p, big)) ||
	    !tcs_string(&t->src_dom, &end, area, room, get16(p + 2, big)) ||
	    !tcs_string(&t->dst, &end, area, room, get16(p + 4, big)) ||
	    !tcs_string(&t->dst_dom, &end, area, room, get16(p + 6, big)))
		return QNET_BAD_TCS;
	tcs_tail(t, area + end, room - end);
	return QNET_BAD_NONE;
}

static void tcs_put_tail(struct qnet_w_cap *w, const struct qnet_tcs *t)
{
	memcpy(w->magic, QNET_CAP_MAGIC, sizeof(w->magic));
	w->version = QNET_CAP_VERSION;
	w->length = sizeof(*w);
	w->caps = cpu_to_le32(t->caps);
	memcpy(w->boot_id, t->boot_id, sizeof(w->boot_id));
}

u32 qnet_tcs_build(u8 *p, u32 room, const struct qnet_tcs *t)
{
	const char *s[4] = { t->src, t->src_dom, t->dst, t->dst_dom };
	u32 i, len, at = QNET_TCS_HDR_LEN;

	if (room < QNET_TCS_HDR_LEN)
		return 0;
	for (i = 0; i < ARRAY_SIZE(s); i++) {
		len = strlen(s[i]) + 1;
		if (len > room - at || at - QNET_TCS_HDR_LEN > U16_MAX)
			return 0;
		put16(p + 2 * i, at - QNET_TCS_HDR_LEN);
		memcpy(p + at, s[i], len);
		at += len;
	}
	if (room - at < sizeof(struct qnet_w_cap))
		return 0;
	tcs_put_tail((struct qnet_w_cap *)(p + at), t);
	return at + sizeof(struct qnet_w_cap);
}

/* -------------------------------------------------------------------- LR */

/* Names may come with a NUL, or several, or none.  One inside would end the
 * name for whoever prints it and not for whoever compares it.
 */
static bool name_strip(const char *s, u32 *len)
{
	while (*len && !s[*len - 1])
		(*len)--;
	return !memchr(s, 0, *len);
}

/* Where in @area is @item?  At least @least bytes must be there. */
static bool lr_item(const u8 **at, u32 *len, const struct qnet_w_item *item,
		    const u8 *area, u32 room, u32 least, bool big)
{
	u32 off = get32(&item->off, big);

	*len = get32(&item->len, big);
	if (*len > room || off > room - *len)
		return false;
	if (least > room || off > room - least)
		return false;
	*at = area + off;
	return true;
}

static bool lr_name(const char **s, u32 *len, const struct qnet_w_item *item,
		    const u8 *area, u32 room, bool big)
{
	const u8 *at;

	if (!lr_item(&at, len, item, area, room, 0, big))
		return false;
	*s = (const char *)at;
	return name_strip(*s, len);
}

/* Length and family of an address are read by some even if it is absent, so
 * they have to be there.  Addresses of other families are of no use here.
 */
static bool lr_mac(const u8 **mac, const struct qnet_w_item *item,
		   const u8 *area, u32 room, bool big)
{
	const struct qnet_w_lr_addr *w;
	const u8 *at;
	u32 len;

	*mac = NULL;
	if (!lr_item(&at, &len, item, area, room, 2, big))
		return false;
	if (!len)
		return true;
	if (len < QNET_LR_ADDR_MIN)
		return false;
	w = (const struct qnet_w_lr_addr *)at;
	if (w->family == QNET_LR_FAMILY_MAC)
		*mac = w->mac;
	return true;
}

static bool lr_check(const struct qnet_w_lr *w, u32 len, bool big)
{
	u32 total;

	if (len < sizeof(*w) || w->version != QNET_LR_VERSION)
		return false;
	total = get32(&w->total, big);
	if (total < sizeof(*w) || total > len)
		return false;
	return w->type == QNET_LR_REQUEST || w->type == QNET_LR_REPLY;
}

int qnet_lr_parse(struct qnet_lr *r, const u8 *p, u32 len, bool big)
{
	const struct qnet_w_lr *w = (const struct qnet_w_lr *)p;
	const u8 *area = p + sizeof(*w);
	u32 room;

	if (!lr_check(w, len, big))
		return QNET_BAD_LR;
	r->type = w->type;
	room = get32(&w->total, big) - sizeof(*w);

	if (!lr_name(&r->src, &r->src_len, &w->src, area, room, big) ||
	    !lr_name(&r->src_dom, &r->src_dom_len, &w->src_dom, area, room,
		     big) ||
	    !lr_mac(&r->src_mac, &w->src_addr, area, room, big) ||
	    !lr_name(&r->dst, &r->dst_len, &w->dst, area, room, big) ||
	    !lr_name(&r->dst_dom, &r->dst_dom_len, &w->dst_dom, area, room,
		     big) ||
	    !lr_mac(&r->dst_mac, &w->dst_addr, area, room, big))
		return QNET_BAD_LR;
	return QNET_BAD_NONE;
}

/**
 * struct lr_out - an LR packet being written
 * @w:    its header
 * @room: bytes of the data area
 * @at:   bytes of it used
 * @full: something did not fit
 */
struct lr_out {
	struct qnet_w_lr *w;
	u32 room;
	u32 at;
	bool full;
};

/* Put @used bytes, as an item of @len, and zeros to the next multiple of 8. */
static void lr_put(struct lr_out *o, struct qnet_w_item *item, const void *s,
		   u32 used, u32 len)
{
	u8 *to = (u8 *)(o->w + 1) + o->at;
	u32 size = ALIGN(len, 8);

	if (used > o->room || size > o->room - o->at) {
		o->full = true;
		return;
	}
	memcpy(to, s, used);
	memset(to + used, 0, size - used);
	item->off = cpu_to_le32(o->at);
	item->len = cpu_to_le32(len);
	o->at += size;
}

/* The NUL counts.  A name of no length is a NUL. */
static void lr_put_name(struct lr_out *o, struct qnet_w_item *item,
			const char *s, u32 len)
{
	lr_put(o, item, len ? s : "", len, len + 1);
}

static void lr_put_mac(struct lr_out *o, struct qnet_w_item *item,
		       const u8 *mac)
{
	struct qnet_w_lr_addr w = {
		.len = sizeof(w),
		.family = QNET_LR_FAMILY_MAC,
	};

	item->off = 0;
	item->len = 0;
	if (!mac)
		return;
	memcpy(w.mac, mac, sizeof(w.mac));
	lr_put(o, item, &w, sizeof(w), sizeof(w));
}

u32 qnet_lr_build(u8 *p, u32 room, const struct qnet_lr *r)
{
	struct qnet_w_lr *w = (struct qnet_w_lr *)p;
	struct lr_out o = { .w = w };

	if (room < sizeof(*w))
		return 0;
	o.room = room - sizeof(*w);
	lr_put_name(&o, &w->src, r->src, r->src_len);
	lr_put_name(&o, &w->src_dom, r->src_dom, r->src_dom_len);
	lr_put_mac(&o, &w->src_addr, r->src_mac);
	lr_put_name(&o, &w->dst, r->dst, r->dst_len);
	lr_put_name(&o, &w->dst_dom, r->dst_dom, r->dst_dom_len);
	lr_put_mac(&o, &w->dst_addr, r->dst_mac);
	if (o.full)
		return 0;

	w->version = QNET_LR_VERSION;
	w->pad0 = 0;
	w->type = r->type;
	w->pad1 = 0;
	w->total = cpu_to_le32(sizeof(*w) + o.at);
	return sizeof(*w) + o.at;
}

/* -------------------------------------------------------------------- NR */

static bool nr_name(struct qnet_nr *n, const struct qnet_w_nr *w, u32 len)
{
	if (w->name_len > len - QNET_NR_NAME_OFF)
		return false;
	n->name = (const char *)w + QNET_NR_NAME_OFF;
	n->name_len = w->name_len;
	/* What could not be asked again, with its NUL, is no name. */
	return name_strip(n->name, &n->name_len) && n->name_len &&
	       n->name_len < U8_MAX;
}

int qnet_nr_parse(struct qnet_nr *n, const u8 *p, u32 len, bool big)
{
	const struct qnet_w_nr *w = (const struct qnet_w_nr *)p;

	if (!len || w->type > QNET_NR_ERROR)
		return QNET_BAD_NR;
	n->type = w->type;
	if (n->type == QNET_NR_PING || n->type == QNET_NR_PONG)
		return QNET_BAD_NONE;

	if (len < QNET_NR_NAME_OFF)
		return QNET_BAD_NR;
	n->id = get16(&w->id, big);
	if (n->type == QNET_NR_ASK)
		return nr_name(n, w, len) ? QNET_BAD_NONE : QNET_BAD_NR;

	if (len < sizeof(*w))
		return QNET_BAD_NR;
	n->nd = get32(&w->value, big);
	return QNET_BAD_NONE;
}

/* 0 if there is no such packet. */
static u32 nr_size(const struct qnet_nr *n)
{
	switch (n->type) {
	case QNET_NR_PING:
	case QNET_NR_PONG:
		return 1;
	case QNET_NR_ASK:
		if (!n->name_len || n->name_len >= U8_MAX)
			return 0;
		return QNET_NR_NAME_OFF + n->name_len + 1;
	case QNET_NR_ANSWER:
	case QNET_NR_ERROR:
		return sizeof(struct qnet_w_nr);
	default:
		return 0;
	}
}

u32 qnet_nr_build(u8 *p, u32 room, const struct qnet_nr *n)
{
	struct qnet_w_nr *w = (struct qnet_w_nr *)p;
	u32 size = nr_size(n);

	if (!size || size > room)
		return 0;
	w->type = n->type;
	if (size == 1)
		return size;

	w->name_len = 0;
	w->id = cpu_to_le16(n->id);
	if (n->type != QNET_NR_ASK) {
		w->value = cpu_to_le32(n->nd);
		return size;
	}
	w->name_len = n->name_len + 1;
	memcpy(p + QNET_NR_NAME_OFF, n->name, n->name_len);
	p[QNET_NR_NAME_OFF + n->name_len] = 0;
	return size;
}

/* ------------------------------------------------------------- KIF: rules */

#define KIF_CRED	0x01	/* credentials may follow the structure */
#define KIF_DATA	0x02	/* nbytes of data follow */
#define KIF_INNER	0x04	/* another structure follows */
#define KIF_OFFSET	0x08	/* it is about a piece of a message */

#define KIF_XFER	(KIF_DATA | KIF_OFFSET)

static const struct kif_rule {
	u8 size;
	u8 flags;
} kif_rules[] = {
	[QNET_K_CONNECT]	 = { 24, KIF_CRED },
	[QNET_K_CONNECT_MSGSEND] = { 24, KIF_CRED | KIF_INNER },
	[QNET_K_CONNECT_SUCCESS] = { 24, 0 },
	[QNET_K_CONNECT_FAIL]	 = { 16, 0 },
	[QNET_K_UNBLOCK]	 = { 16, 0 },
	[QNET_K_MSGSEND]	 = { 48, KIF_CRED | KIF_DATA },
	[QNET_K_MSGREAD]	 = { 20, KIF_OFFSET },
	[QNET_K_MSGREAD_XFER]	 = { 20, KIF_XFER },
	[QNET_K_MSGWRITE]	 = { 20, KIF_XFER },
	[QNET_K_MSGREPLY]	 = { 20, KIF_XFER },
	[QNET_K_MSGERROR]	 = { 20, KIF_XFER },
	[QNET_K_EVENT]		 = { 24, 0 },
	[QNET_K_PULSE]		 = { 64, KIF_CRED },
	[QNET_K_SIGNAL]		 = { 28, KIF_CRED },
	[QNET_K_DISCONNECT]	 = { 8, 0 },
	[QNET_K_CONNECT_DEATH]	 = { 8, 0 },
	[QNET_K_MSGREAD_ERROR]	 = { 20, KIF_XFER },
	[QNET_K_CONNECT_PULSE]	 = { 24, KIF_CRED | KIF_INNER },
};

/* The longest of them, credentials apart. */
#define KIF_SIZE_MAX	sizeof(struct qnet_w_pulse)

/* ------------------------------------------------------------- KIF: parse */

/* A structure is made of 32-bit fields, with one exception in each of two. */
static void kif_flip(u8 *dst, const u8 *src, u8 type, u32 size)
{
	const u32 halves = offsetof(struct qnet_w_event, code);
	const u32 bytes = offsetof(struct qnet_w_pulse, code);

	flip32(dst, src, size);
	if (type == QNET_K_EVENT)
		flip16(dst + halves, src + halves, 4);
	else if (type == QNET_K_PULSE)
		memcpy(dst + bytes, src + bytes, 4);
}

static void vinfo_get(struct qnet_vinfo *v, const struct qnet_w_vinfo *w)
{
	v->tid = le32_to_cpu(w->tid);
	v->coid = le32_to_cpu(w->coid);
	v->prio = le32_to_cpu(w->prio);
	v->srcmsglen = le32_to_cpu(w->srcmsglen);
	v->keydata = le32_to_cpu(w->keydata);
	v->srcnd = le32_to_cpu(w->srcnd);
	v->dstmsglen = le32_to_cpu(w->dstmsglen);
}

static void connect_get(struct qnet_kif *k, const struct qnet_w_connect *w)
{
	k->version = le32_to_cpu(w->version);
	k->server_pid = le32_to_cpu(w->server_pid);
	k->server_chid = le32_to_cpu(w->server_chid);
	k->client_id = le32_to_cpu(w->client_id);
	k->client_pid = le32_to_cpu(w->client_pid);
}

static void success_get(struct qnet_kif *k, const struct qnet_w_success *w)
{
	k->version = le32_to_cpu(w->version);
	k->client_id = le32_to_cpu(w->client_id);
	k->server_id = le32_to_cpu(w->server_id);
	k->scoid = le32_to_cpu(w->scoid);
	k->nbytes = le32_to_cpu(w->nbytes);
}

static void fail_get(struct qnet_kif *k, const struct qnet_w_fail *w)
{
	k->version = le32_to_cpu(w->version);
	k->client_id = le32_to_cpu(w->client_id);
	k->status = le32_to_cpu(w->status);
}

static void unblock_get(struct qnet_kif *k, const struct qnet_w_unblock *w)
{
	k->server_id = le32_to_cpu(w->server_id);
	k->handle = le32_to_cpu(w->handle);
	k->tid = le32_to_cpu(w->tid);
}

static void msgsend_get(struct qnet_kif *k, const struct qnet_w_msgsend *w)
{
	k->server_id = le32_to_cpu(w->server_id);
	k->handle = le32_to_cpu(w->handle);
	vinfo_get(&k->vinfo, &w->vinfo);
	k->nbytes = le32_to_cpu(w->nbytes);
}

static void msgread_get(struct qnet_kif *k, const struct qnet_w_msgread *w)
{
	k->rd_handle = le32_to_cpu(w->rd_handle);
	k->handle = le32_to_cpu(w->handle);
	k->offset = le32_to_cpu(w->offset);
	k->nbytes = le32_to_cpu(w->nbytes);
}

static void xfer_get(struct qnet_kif *k, const struct qnet_w_xfer *w)
{
	k->status = le32_to_cpu(w->status);
	k->handle = le32_to_cpu(w->handle);
	k->offset = le32_to_cpu(w->offset);
	k->nbytes = le32_to_cpu(w->nbytes);
}

static void event_get(struct qnet_kif *k, const struct qnet_w_event *w)
{
	k->handle = le32_to_cpu(w->handle);
	k->notify = le32_to_cpu(w->notify);
	k->union1 = le32_to_cpu(w->union1);
	k->evalue = le32_to_cpu(w->value);
	k->ecode = le16_to_cpu(w->code);
	k->eprio = le16_to_cpu(w->prio);
}

static void pulse_get(struct qnet_kif *k, const struct qnet_w_pulse *w)
{
	k->server_id = le32_to_cpu(w->server_id);
	k->handle = le32_to_cpu(w->handle);
	vinfo_get(&k->vinfo, &w->vinfo);
	k->code = w->code;
	k->value = le32_to_cpu(w->value);
	k->scoid = le32_to_cpu(w->scoid);
	k->prio = le32_to_cpu(w->prio);
}

static void signal_get(struct qnet_kif *k, const struct qnet_w_signal *w)
{
	k->handle = le32_to_cpu(w->handle);
	k->pid = le32_to_cpu(w->pid);
	k->tid = le32_to_cpu(w->tid);
	k->signo = le32_to_cpu(w->signo);
	k->code = le32_to_cpu(w->code);
	k->value = le32_to_cpu(w->value);
}

static void kif_get(struct qnet_kif *k, const void *p)
{
	const struct qnet_w_id *w = p;

	switch (k->type) {
	case QNET_K_CONNECT:
	case QNET_K_CONNECT_MSGSEND:
	case QNET_K_CONNECT_PULSE:
		connect_get(k, p);
		break;
	case QNET_K_CONNECT_SUCCESS:
		success_get(k, p);
		break;
	case QNET_K_CONNECT_FAIL:
		fail_get(k, p);
		break;
	case QNET_K_UNBLOCK:
		unblock_get(k, p);
		break;
	case QNET_K_MSGSEND:
		msgsend_get(k, p);
		break;
	case QNET_K_MSGREAD:
		msgread_get(k, p);
		break;
	case QNET_K_EVENT:
		event_get(k, p);
		break;
	case QNET_K_PULSE:
		pulse_get(k, p);
		break;
	case QNET_K_SIGNAL:
		signal_get(k, p);
		break;
	case QNET_K_DISCONNECT:
		k->server_id = le32_to_cpu(w->id);
		break;
	case QNET_K_CONNECT_DEATH:
		k->client_id = le32_to_cpu(w->id);
		break;
	default:
		xfer_get(k, p);
	}
}

/* Credentials at @p, where @room bytes are.  Return: their size, 0 if bad. */
static u32 cred_get(struct qnet_kcred *c, const u8 *p, u32 room, bool big)
{
	const struct qnet_w_cred *w = (const struct qnet_w_cred *)p;
	u32 i, n;

	if (room < sizeof(*w))
		return 0;
	n = get32(&w->ngroups, big);
	if (n > QNET_K_CRED_GROUPS || room - sizeof(*w) < n * sizeof(u32))
		return 0;

	c->nd = get32(&w->nd, big);
	c->pid = get32(&w->pid, big);
	c->sid = get32(&w->sid, big);
	c->flags = get32(&w->flags, big);
	c->ruid = get32(&w->ruid, big);
	c->euid = get32(&w->euid, big);
	c->suid = get32(&w->suid, big);
	c->rgid = get32(&w->rgid, big);
	c->egid = get32(&w->egid, big);
	c->sgid = get32(&w->sgid, big);
	c->ngroups = n;
	for (i = 0; i < n; i++)
		c->groups[i] = get32(&w->groups[i], big);
	return sizeof(*w) + n * sizeof(u32);
}

/* The first word: which structure is it, and is there what it needs? */
static int kif_head(struct qnet_kif *k, u32 *size, const u8 *p, u32 lin,
		    bool big)
{
	u16 word;

	if (lin < sizeof(struct qnet_w_kif))
		return QNET_BAD_KIF_SHORT;
	*size = get16(p + offsetof(struct qnet_w_kif, size), big);
	word = get16(p, big) ^ (big ? QNET_W_K_BIG : 0);
	k->has_cred = word & QNET_W_K_CRED;
	word &= ~QNET_W_K_CRED;
	if (word >= ARRAY_SIZE(kif_rules))
		return QNET_BAD_KIF_TYPE;

	k->type = word;
	k->hlen = kif_rules[word].size;
	if (lin < k->hlen || *size < k->hlen)
		return QNET_BAD_KIF_SHORT;
	return QNET_BAD_NONE;
}

static noinline void kif_body_big(struct qnet_kif *k, const u8 *p)
{
	u8 le[KIF_SIZE_MAX];

	kif_flip(le, p, k->type, k->hlen);
	kif_get(k, le);
}

/* Credentials behind the structure, or behind the data. */
static bool kif_cred(struct qnet_kif *k, u32 *len, const u8 *p, u32 lin,
		     u32 at, bool big)
{
	if (!(kif_rules[k->type].flags & KIF_CRED) || at > lin)
		return false;
	*len = cred_get(&k->cred, p + at, lin - at, big);
	return *len;
}

/* Is the length of what follows the structure right?  Nobody can tell for the
 * types that are not documented to the end.
 */
static int kif_rest(const struct qnet_kif *k, u32 rest)
{
	u8 flags = kif_rules[k->type].flags;

	if ((flags & KIF_OFFSET) && k->nbytes > U32_MAX - k->offset)
		return QNET_BAD_KIF_DATA;
	if (flags & KIF_DATA)
		return k->nbytes == rest ? QNET_BAD_NONE : QNET_BAD_KIF_DATA;
	if (flags & KIF_INNER)
		return QNET_BAD_NONE;
	return rest ? QNET_BAD_KIF_SIZE : QNET_BAD_NONE;
}

/* A size that leaves the credentials of a MSGSEND out means that they stand
 * behind the message: the sources disagree, so both are taken.
 */
static int kif_msgsend_cred(struct qnet_kif *k, const u8 *p, u32 lin, u32 rest,
			    bool big)
{
	u32 len;

	if (k->nbytes > rest)
		return QNET_BAD_KIF_DATA;
	if (!kif_cred(k, &len, p, lin, k->hlen + k->nbytes, big))
		return QNET_BAD_CRED;
	return kif_rest(k, rest - len);
}

int qnet_kif_parse(struct qnet_kif *k, const u8 *p, u32 lin, u32 len, bool big)
{
	u32 size, clen = 0;
	int bad;

	lin = min(lin, len);
	bad = kif_head(k, &size, p, lin, big);
	if (bad)
		return bad;
	if (big)
		kif_body_big(k, p);
	else
		kif_get(k, p);

	if (k->type == QNET_K_MSGSEND && k->has_cred && size == k->hlen)
		return kif_msgsend_cred(k, p, lin, len - k->hlen, big);
	if (k->has_cred && !kif_cred(k, &clen, p, lin, k->hlen, big))
		return QNET_BAD_CRED;
	k->hlen += clen;
	if (size != k->hlen)
		return QNET_BAD_KIF_SIZE;
	return kif_rest(k, len - k->hlen);
}

s32 qnet_kif_success_id(const struct qnet_kif *k, s32 want)
{
	return k->server_id == want ? k->client_id : k->server_id;
}

/* ------------------------------------------------------------- KIF: build */

static void vinfo_put(struct qnet_w_vinfo *w, const struct qnet_vinfo *v)
{
	w->tid = cpu_to_le32(v->tid);
	w->coid = cpu_to_le32(v->coid);
	w->prio = cpu_to_le32(v->prio);
	w->srcmsglen = cpu_to_le32(v->srcmsglen);
	w->keydata = cpu_to_le32(v->keydata);
	w->srcnd = cpu_to_le32(v->srcnd);
	w->dstmsglen = cpu_to_le32(v->dstmsglen);
	w->zero = 0;
}

static void connect_put(struct qnet_w_connect *w, const struct qnet_kif *k)
{
	w->version = cpu_to_le32(k->version);
	w->server_pid = cpu_to_le32(k->server_pid);
	w->server_chid = cpu_to_le32(k->server_chid);
	w->client_id = cpu_to_le32(k->client_id);
	w->client_pid = cpu_to_le32(k->client_pid);
}

static void success_put(struct qnet_w_success *w, const struct qnet_kif *k)
{
	w->version = cpu_to_le32(k->version);
	w->client_id = cpu_to_le32(k->client_id);
	w->server_id = cpu_to_le32(k->server_id);
	w->scoid = cpu_to_le32(k->scoid);
	w->nbytes = cpu_to_le32(k->nbytes);
}

static void fail_put(struct qnet_w_fail *w, const struct qnet_kif *k)
{
	w->version = cpu_to_le32(k->version);
	w->client_id = cpu_to_le32(k->client_id);
	w->status = cpu_to_le32(k->status);
}

static void unblock_put(struct qnet_w_unblock *w, const struct qnet_kif *k)
{
	w->server_id = cpu_to_le32(k->server_id);
	w->handle = cpu_to_le32(k->handle);
	w->tid = cpu_to_le32(k->tid);
}

static void msgsend_put(struct qnet_w_msgsend *w, const struct qnet_kif *k)
{
	w->server_id = cpu_to_le32(k->server_id);
	w->handle = cpu_to_le32(k->handle);
	vinfo_put(&w->vinfo, &k->vinfo);
	w->nbytes = cpu_to_le32(k->nbytes);
}

static void msgread_put(struct qnet_w_msgread *w, const struct qnet_kif *k)
{
	w->rd_handle = cpu_to_le32(k->rd_handle);
	w->handle = cpu_to_le32(k->handle);
	w->offset = cpu_to_le32(k->offset);
	w->nbytes = cpu_to_le32(k->nbytes);
}

static void xfer_put(struct qnet_w_xfer *w, const struct qnet_kif *k)
{
	w->status = cpu_to_le32(k->status);
	w->handle = cpu_to_le32(k->handle);
	w->offset = cpu_to_le32(k->offset);
	w->nbytes = cpu_to_le32(k->nbytes);
}

static void event_put(struct qnet_w_event *w, const struct qnet_kif *k)
{
	w->handle = cpu_to_le32(k->handle);
	w->notify = cpu_to_le32(k->notify);
	w->union1 = cpu_to_le32(k->union1);
	w->value = cpu_to_le32(k->evalue);
	w->code = cpu_to_le16(k->ecode);
	w->prio = cpu_to_le16(k->eprio);
}

static void pulse_put(struct qnet_w_pulse *w, const struct qnet_kif *k)
{
	w->server_id = cpu_to_le32(k->server_id);
	w->handle = cpu_to_le32(k->handle);
	vinfo_put(&w->vinfo, &k->vinfo);
	w->ptype = 0;
	w->psubtype = 0;
	w->code = k->code;
	memset(w->zero, 0, sizeof(w->zero));
	w->value = cpu_to_le32(k->value);
	w->scoid = cpu_to_le32(k->scoid);
	w->prio = cpu_to_le32(k->prio);
}

static void signal_put(struct qnet_w_signal *w, const struct qnet_kif *k)
{
	w->handle = cpu_to_le32(k->handle);
	w->pid = cpu_to_le32(k->pid);
	w->tid = cpu_to_le32(k->tid);
	w->signo = cpu_to_le32(k->signo);
	w->code = cpu_to_le32(k->code);
	w->value = cpu_to_le32(k->value);
}

static void kif_put(void *p, const struct qnet_kif *k)
{
	struct qnet_w_id *w = p;

	switch (k->type) {
	case QNET_K_CONNECT:
	case QNET_K_CONNECT_MSGSEND:
	case QNET_K_CONNECT_PULSE:
		connect_put(p, k);
		break;
	case QNET_K_CONNECT_SUCCESS:
		success_put(p, k);
		break;
	case QNET_K_CONNECT_FAIL:
		fail_put(p, k);
		break;
	case QNET_K_UNBLOCK:
		unblock_put(p, k);
		break;
	case QNET_K_MSGSEND:
		msgsend_put(p, k);
		break;
	case QNET_K_MSGREAD:
		msgread_put(p, k);
		break;
	case QNET_K_EVENT:
		event_put(p, k);
		break;
	case QNET_K_PULSE:
		pulse_put(p, k);
		break;
	case QNET_K_SIGNAL:
		signal_put(p, k);
		break;
	case QNET_K_DISCONNECT:
		w->id = cpu_to_le32(k->server_id);
		break;
	case QNET_K_CONNECT_DEATH:
		w->id = cpu_to_le32(k->client_id);
		break;
	default:
		xfer_put(p, k);
	}
}

static void cred_put(struct qnet_w_cred *w, const struct qnet_kcred *c)
{
	u32 i;

	w->nd = cpu_to_le32(c->nd);
	w->pid = cpu_to_le32(c->pid);
	w->sid = cpu_to_le32(c->sid);
	w->flags = cpu_to_le32(c->flags);
	w->ruid = cpu_to_le32(c->ruid);
	w->euid = cpu_to_le32(c->euid);
	w->suid = cpu_to_le32(c->suid);
	w->rgid = cpu_to_le32(c->rgid);
	w->egid = cpu_to_le32(c->egid);
	w->sgid = cpu_to_le32(c->sgid);
	w->ngroups = cpu_to_le32(c->ngroups);
	for (i = 0; i < c->ngroups; i++)
		w->groups[i] = cpu_to_le32(c->groups[i]);
}

/* 0 if there is no such structure. */
static u32 kif_size(const struct qnet_kif *k)
{
	u32 size;

	if (k->type >= ARRAY_SIZE(kif_rules))
		return 0;
	size = kif_rules[k->type].size;
	if (!k->has_cred)
		return size;
	/* Nobody knows where those of a MSGSEND belong. */
	if (!(kif_rules[k->type].flags & KIF_CRED) ||
	    k->type == QNET_K_MSGSEND || k->cred.ngroups > QNET_K_CRED_GROUPS)
		return 0;
	return size + sizeof(struct qnet_w_cred) +
	       k->cred.ngroups * sizeof(u32);
}

u32 qnet_kif_build(u8 *p, u32 room, const struct qnet_kif *k)
{
	struct qnet_w_kif *w = (struct qnet_w_kif *)p;
	u16 flag = k->has_cred ? QNET_W_K_CRED : 0;
	u32 size = kif_size(k);

	if (!size || size > room)
		return 0;
	w->type = cpu_to_le16(k->type | flag);
	w->size = cpu_to_le16(size);
	kif_put(p, k);
	if (k->has_cred)
		cred_put((struct qnet_w_cred *)(p + kif_rules[k->type].size),
			 &k->cred);
	return size;
}

/* The largest fixed part of an IO message, and their numbers. */
#define IO_FIXED_MAX	88
#define IO_FIRST	0x100
#define IO_LAST		0x11a

u32 qnet_kif_trailer(const u8 *data, u32 nbytes)
{
	u16 type;

	if (nbytes >= IO_FIXED_MAX)
		return 0;
	if (nbytes >= sizeof(type)) {
		type = get16(data, false);
		if (type < IO_FIRST || type > IO_LAST)
			return 0;
	}
	return IO_FIXED_MAX - nbytes;
}

/* ----------------------------------------------------------------- errno */

/* The numbers up to here are the same everywhere. */
#define ERRNO_COMMON	34
#define ERRNO_UNKNOWN	EIO

#define PAIR(name, qnx)	{ E##name, qnx }

static const struct errno_pair {
	u16 here;
	u16 qnx;
} errno_pairs[] = {
	PAIR(DEADLK, 45),
	PAIR(CANCELED, 47),
	PAIR(OPNOTSUPP, 48),
	PAIR(TIME, 62),
	PAIR(PROTO, 71),
	PAIR(BADMSG, 77),
	PAIR(NAMETOOLONG, 78),
	PAIR(OVERFLOW, 79),
	PAIR(ILSEQ, 88),
	PAIR(NOSYS, 89),
	PAIR(LOOP, 90),
	PAIR(RESTART, 91),
	PAIR(NOTEMPTY, 93),
	PAIR(INPROGRESS, 236),
	PAIR(ALREADY, 237),
	PAIR(NOTSOCK, 238),
	PAIR(DESTADDRREQ, 239),
	PAIR(MSGSIZE, 240),
	PAIR(PROTOTYPE, 241),
	PAIR(NOPROTOOPT, 242),
	PAIR(PROTONOSUPPORT, 243),
	PAIR(ADDRINUSE, 248),
	PAIR(ADDRNOTAVAIL, 249),
	PAIR(NETDOWN, 250),
	PAIR(NETUNREACH, 251),
	PAIR(NETRESET, 252),
	PAIR(CONNABORTED, 253),
	PAIR(CONNRESET, 254),
	PAIR(NOBUFS, 255),
	PAIR(ISCONN, 256),
	PAIR(NOTCONN, 257),
	PAIR(SHUTDOWN, 258),
	PAIR(TIMEDOUT, 260),
	PAIR(CONNREFUSED, 261),
	PAIR(HOSTDOWN, 264),
	PAIR(HOSTUNREACH, 265),
	/* QNET_ENOREMOTE, QNET_ESRVRFAULT, QNET_EENDIAN of the uapi */
	{ 600, 300 },
	{ 612, 312 },
	{ 613, 313 },
};

int qnet_errno_to_wire(int linux_errno)
{
	u32 i;

	if (linux_errno > 0 && linux_errno <= ERRNO_COMMON)
		return linux_errno;
	for (i = 0; i < ARRAY_SIZE(errno_pairs); i++)
		if (errno_pairs[i].here == linux_errno)
			return errno_pairs[i].qnx;
	return ERRNO_UNKNOWN;
}

int qnet_errno_from_wire(int qnx_errno)
{
	u32 i;

	if (qnx_errno > 0 && qnx_errno <= ERRNO_COMMON)
		return qnx_errno;
	for (i = 0; i < ARRAY_SIZE(errno_pairs); i++)
		if (errno_pairs[i].qnx == qnx_errno)
			return errno_pairs[i].here;
	return ERRNO_UNKNOWN;
}

/* ---------------------------------------------------------------- signals */

#define SIGNO_MAX	64
/* 32 and 33 belong to the C library; realtime signals of programs follow. */
#define SIGNO_RT	34
#define SIGNO_RT_QNX	41
#define SIGNO_PRIVATE	256

/* By Linux's number; 0: QNX has none. */
static const u8 signo_qnx[SIGNO_RT] = {
	[SIGHUP] = 1, [SIGINT] = 2, [SIGQUIT] = 3, [SIGILL] = 4,
	[SIGTRAP] = 5, [SIGABRT] = 6, [SIGFPE] = 8, [SIGKILL] = 9,
	[SIGBUS] = 10, [SIGSEGV] = 11, [SIGSYS] = 12, [SIGPIPE] = 13,
	[SIGALRM] = 14, [SIGTERM] = 15, [SIGUSR1] = 16, [SIGUSR2] = 17,
	[SIGCHLD] = 18, [SIGPWR] = 19, [SIGWINCH] = 20, [SIGURG] = 21,
	[SIGPOLL] = 22, [SIGSTOP] = 23, [SIGTSTP] = 24, [SIGCONT] = 25,
	[SIGTTIN] = 26, [SIGTTOU] = 27, [SIGVTALRM] = 28, [SIGPROF] = 29,
	[SIGXCPU] = 30, [SIGXFSZ] = 31,
};

int qnet_signo_to_wire(int signo)
{
	int qnx;

	if (signo <= 0 || signo > SIGNO_MAX)
		return 0;
	if (signo < SIGNO_RT)
		qnx = signo_qnx[signo];
	else
		qnx = signo - SIGNO_RT + SIGNO_RT_QNX;
	return qnx && qnx <= SIGNO_MAX ? qnx : SIGNO_PRIVATE + signo;
}

int qnet_signo_from_wire(int qnx_signo)
{
	int i;

	for (i = 1; i <= SIGNO_MAX; i++)
		if (qnet_signo_to_wire(i) == qnx_signo)
			return i;
	return 0;
}

/* ------------------------------------------------- private layer: names */

static bool nm_name(struct qnet_nm *n, const struct qnet_w_nm *w, u32 len,
		    bool big)
{
	n->name = (const char *)w + QNET_NM_NAME_OFF;
	n->name_len = get16(&w->name_len, big);
	if (!n->name_len || n->name_len > QNET_NM_NAME_MAX ||
	    n->name_len > len - QNET_NM_NAME_OFF)
		return false;
	return !memchr(n->name, 0, n->name_len);
}

int qnet_nm_parse(struct qnet_nm *n, const u8 *p, u32 len, bool big)
{
	const struct qnet_w_nm *w = (const struct qnet_w_nm *)p;

	if (len < QNET_NM_NAME_OFF || w->version != QNET_NM_VERSION)
		return QNET_BAD_NAME;
	n->op = w->op;
	n->id = get32(&w->id, big);
	switch (n->op) {
	case QNET_NM_LOOKUP:
		return nm_name(n, w, len, big) ? QNET_BAD_NONE : QNET_BAD_NAME;
	case QNET_NM_FOUND:
		if (len < sizeof(*w))
			return QNET_BAD_NAME;
		n->pid = get32(&w->value, big);
		n->chid = get32(&w->chid, big);
		return QNET_BAD_NONE;
	case QNET_NM_ERROR:
		if (len < offsetofend(struct qnet_w_nm, value))
			return QNET_BAD_NAME;
		n->status = get32(&w->value, big);
		return QNET_BAD_NONE;
	default:
		return QNET_BAD_NAME;
	}
}

/* 0 if there is no such packet. */
static u32 nm_size(const struct qnet_nm *n)
{
	switch (n->op) {
	case QNET_NM_LOOKUP:
		if (!n->name_len || n->name_len > QNET_NM_NAME_MAX)
			return 0;
		return QNET_NM_NAME_OFF + n->name_len;
	case QNET_NM_FOUND:
		return sizeof(struct qnet_w_nm);
	case QNET_NM_ERROR:
		return offsetofend(struct qnet_w_nm, value);
	default:
		return 0;
	}
}

u32 qnet_nm_build(u8 *p, u32 room, const struct qnet_nm *n)
{
	struct qnet_w_nm *w = (struct qnet_w_nm *)p;
	u32 size = nm_size(n);

	if (!size || size > room)
		return 0;
	w->op = n->op;
	w->version = QNET_NM_VERSION;
	w->name_len = 0;
	w->id = cpu_to_le32(n->id);
	if (n->op == QNET_NM_LOOKUP) {
		w->name_len = cpu_to_le16(n->name_len);
		memcpy(p + QNET_NM_NAME_OFF, n->name, n->name_len);
	} else if (n->op == QNET_NM_FOUND) {
		w->value = cpu_to_le32(n->pid);
		w->chid = cpu_to_le32(n->chid);
	} else {
		w->value = cpu_to_le32(n->status);
	}
	return size;
}

/* --------------------------------- private layer: integrity of circuits */

/* The finalizer of splitmix64. */
u64 qnet_watch_hash(u32 client_id, u32 client_pid)
{
	u64 h = (u64)client_id << 32 | client_pid;

	h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9ULL;
	h = (h ^ h >> 27) * 0x94d049bb133111ebULL;
	return h ^ h >> 31;
}

/* Bytes behind the head; U32_MAX if there is no such packet. */
static u32 watch_size(u8 op, u32 count)
{
	switch (op) {
	case QNET_WATCH_POLL:
	case QNET_WATCH_STATUS:
		if (!count || count > QNET_WATCH_VCS)
			return U32_MAX;
		return count * QNET_WATCH_VC_LEN;
	case QNET_WATCH_SET:
	case QNET_WATCH_SET_ANSWER:
		return sizeof(struct qnet_w_watch_set);
	case QNET_WATCH_PARTS:
		return QNET_WATCH_NPARTS * QNET_WATCH_PART_LEN;
	default:
		return U32_MAX;
	}
}

int qnet_watch_parse(struct qnet_watch *w, const u8 *p, u32 len, bool big)
{
	const struct qnet_w_watch *h = (const struct qnet_w_watch *)p;
	const struct qnet_w_watch_set *set = (const void *)(h + 1);
	u32 i;

	if (len < sizeof(*h) || h->version != QNET_WATCH_VERSION)
		return QNET_BAD_WATCH;
	w->op = h->op;
	w->count = get16(&h->count, big);
	w->id = get32(&h->id, big);
	w->more = p + sizeof(*h);
	if (len - sizeof(*h) != watch_size(w->op, w->count))
		return QNET_BAD_WATCH;
	if (w->op != QNET_WATCH_SET && w->op != QNET_WATCH_SET_ANSWER)
		return QNET_BAD_NONE;
	for (i = 0; i < QNET_WATCH_SIDES; i++) {
		w->n[i] = get32(&set->n[i], big);
		w->sum[i] = get64(&set->sum[i], big);
	}
	return QNET_BAD_NONE;
}

void qnet_watch_vc_get(struct qnet_watch_vc *v, const struct qnet_watch *w,
		       u32 i, bool big)
{
	const struct qnet_w_watch_vc *e = (const void *)w->more;

	e += i;
	v->server_id = get32(&e->server_id, big);
	v->client_id = get32(&e->client_id, big);
	v->client_pid = get32(&e->client_pid, big);
	v->state = get16(&e->state, big);
	v->mine = get16(&e->flags, big) & QNET_W_WATCH_MINE;
}

u32 qnet_watch_part_get(const struct qnet_watch *w, u32 i, u32 side, bool big)
{
	const struct qnet_w_watch_part *part = (const void *)w->more;

	return get32(&part[i].sum[side], big);
}

u32 qnet_watch_build(u8 *p, u32 room, const struct qnet_watch *w)
{
	struct qnet_w_watch *h = (struct qnet_w_watch *)p;
	struct qnet_w_watch_set *set = (struct qnet_w_watch_set *)(h + 1);
	u32 size = sizeof(*h), i;

	if (w->op == QNET_WATCH_SET || w->op == QNET_WATCH_SET_ANSWER)
		size += sizeof(*set);
	if (size > room)
		return 0;
	h->op = w->op;
	h->version = QNET_WATCH_VERSION;
	h->count = cpu_to_le16(w->count);
	h->id = cpu_to_le32(w->id);
	if (size == sizeof(*h))
		return size;
	for (i = 0; i < QNET_WATCH_SIDES; i++) {
		set->n[i] = cpu_to_le32(w->n[i]);
		set->sum[i] = cpu_to_le64(w->sum[i]);
	}
	return size;
}

u32 qnet_watch_vc_put(u8 *p, const struct qnet_watch_vc *v)
{
	struct qnet_w_watch_vc *e = (struct qnet_w_watch_vc *)p;

	memset(e, 0, sizeof(*e));
	e->server_id = cpu_to_le32(v->server_id);
	e->client_id = cpu_to_le32(v->client_id);
	e->client_pid = cpu_to_le32(v->client_pid);
	e->state = cpu_to_le16(v->state);
	e->flags = cpu_to_le16(v->mine ? QNET_W_WATCH_MINE : 0);
	return QNET_WATCH_VC_LEN;
}

u32 qnet_watch_part_put(u8 *p, const u32 *sum)
{
	struct qnet_w_watch_part *part = (struct qnet_w_watch_part *)p;
	u32 i;

	for (i = 0; i < QNET_WATCH_SIDES; i++)
		part->sum[i] = cpu_to_le32(sum[i]);
	return QNET_WATCH_PART_LEN;
}
