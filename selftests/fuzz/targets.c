// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the fuzzers call.  Inputs are parsed in memory of just their size, so
 * that the sanitizer sees each byte read too many.  What is accepted must lie
 * inside its input, and must be the same when built and read again.
 */
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/qnet_wire.h>

#include "fuzz.h"

static u8 *copy(const u8 *p, u32 len)
{
	u8 *q = malloc(len ? len : 1);

	FUZZ_CHECK(q);
	if (len)
		memcpy(q, p, len);
	return q;
}

/* Is a string that was found part of what was parsed? */
static bool inside(const void *s, u32 n, const u8 *p, u32 len)
{
	const u8 *q = s;

	return q >= p && q <= p + len && n <= p + len - q;
}

static bool same(const char *a, u32 alen, const char *b, u32 blen)
{
	return alen == blen && (!alen || !memcmp(a, b, alen));
}

/* ------------------------------------------------------------------- KIF */

static u32 cred_size(const struct qnet_kif *k)
{
	return k->has_cred ? 44 + 4 * k->cred.ngroups : 0;
}

/* Built from what was read, it reads the same and builds the same. */
static void kif_again(struct qnet_kif *k)
{
	u8 a[QNET_KIF_MAX], b[QNET_KIF_MAX];
	struct qnet_kif again = {};
	u32 n, more = 0;

	/* The one thing that is taken and not sent. */
	if (k->type == QNET_K_MSGSEND)
		k->has_cred = false;
	n = qnet_kif_build(a, sizeof(a), k);
	FUZZ_CHECK(n);
	if (k->type == QNET_K_MSGSEND || k->type == QNET_K_MSGREAD_ERROR ||
	    (k->type >= QNET_K_MSGREAD_XFER && k->type <= QNET_K_MSGERROR))
		more = k->nbytes;
	FUZZ_CHECK(!qnet_kif_parse(&again, a, n, n + more, false));
	FUZZ_CHECK(again.hlen == n);
	FUZZ_CHECK(qnet_kif_build(b, sizeof(b), &again) == n);
	FUZZ_CHECK(!memcmp(a, b, n));
}

static void kif_accepted(struct qnet_kif *k, const u8 *p, u32 len, bool big)
{
	struct qnet_kif inner;

	FUZZ_CHECK(k->type <= QNET_K_CONNECT_PULSE);
	FUZZ_CHECK(k->hlen >= 8 && k->hlen <= len);
	FUZZ_CHECK(!k->has_cred || k->cred.ngroups <= QNET_K_CRED_GROUPS);
	if (k->type == QNET_K_MSGSEND)
		FUZZ_CHECK(k->nbytes <= len - 48 - cred_size(k));
	if (k->type == QNET_K_CONNECT_MSGSEND) {
		memset(&inner, 0, sizeof(inner));
		if (!qnet_kif_parse(&inner, p + k->hlen, len - k->hlen,
				    len - k->hlen, big))
			kif_again(&inner);
	}
	kif_again(k);
}

static void fuzz_kif(const u8 *p, u32 len, bool big)
{
	struct qnet_kif k = {}, part = {};
	int bad = qnet_kif_parse(&k, p, len, len, big);
	u32 lin = len ? p[len - 1] % (len + 1) : 0;
	u8 *q = copy(p, lin);

	/* With less of it linear it is the same, or refused. */
	if (!qnet_kif_parse(&part, q, lin, len, big)) {
		FUZZ_CHECK(!bad);
		FUZZ_CHECK(!memcmp(&k, &part, sizeof(k)));
	}
	free(q);
	FUZZ_CHECK(bad >= 0 && bad < QNET_BAD_MAX);
	if (!bad)
		kif_accepted(&k, p, len, big);
}

/* -------------------------------------------------------------------- LR */

static bool same_mac(const u8 *a, const u8 *b)
{
	return !a || !b ? a == b : !memcmp(a, b, 6);
}

static void lr_again(const struct qnet_lr *r, u32 len)
{
	u32 room = 56 + 4 * (len + 8) + 2 * 16;
	u8 *p = malloc(room);
	struct qnet_lr again;
	u32 n;

	n = qnet_lr_build(p, room, r);
	FUZZ_CHECK(n);
	FUZZ_CHECK(!qnet_lr_parse(&again, p, n, false));
	FUZZ_CHECK(again.type == r->type);
	FUZZ_CHECK(same(again.src, again.src_len, r->src, r->src_len));
	FUZZ_CHECK(same(again.src_dom, again.src_dom_len, r->src_dom,
			r->src_dom_len));
	FUZZ_CHECK(same(again.dst, again.dst_len, r->dst, r->dst_len));
	FUZZ_CHECK(same(again.dst_dom, again.dst_dom_len, r->dst_dom,
			r->dst_dom_len));
	FUZZ_CHECK(same_mac(again.src_mac, r->src_mac));
	FUZZ_CHECK(same_mac(again.dst_mac, r->dst_mac));
	free(p);
}

static void fuzz_lr(const u8 *p, u32 len, bool big)
{
	struct qnet_lr r;

	if (qnet_lr_parse(&r, p, len, big))
		return;
	FUZZ_CHECK(inside(r.src, r.src_len, p, len));
	FUZZ_CHECK(inside(r.src_dom, r.src_dom_len, p, len));
	FUZZ_CHECK(inside(r.dst, r.dst_len, p, len));
	FUZZ_CHECK(inside(r.dst_dom, r.dst_dom_len, p, len));
	FUZZ_CHECK(!r.src_mac || inside(r.src_mac, 6, p, len));
	FUZZ_CHECK(!r.dst_mac || inside(r.dst_mac, 6, p, len));
	lr_again(&r, len);
}

/* -------------------------------------------------------------------- NR */

static void fuzz_nr(const u8 *p, u32 len, bool big)
{
	struct qnet_nr n = {}, again = {};
	u8 out[260];
	u32 size;

	if (qnet_nr_parse(&n, p, len, big))
		return;
	FUZZ_CHECK(n.type <= QNET_NR_ERROR);
	FUZZ_CHECK(!n.name || inside(n.name, n.name_len, p, len));
	size = qnet_nr_build(out, sizeof(out), &n);
	FUZZ_CHECK(size);
	FUZZ_CHECK(!qnet_nr_parse(&again, out, size, false));
	FUZZ_CHECK(again.type == n.type && again.id == n.id &&
		   again.nd == n.nd);
	FUZZ_CHECK(same(again.name, again.name_len, n.name, n.name_len));
}

/* ------------------------------------------------------------------- TCS */

static bool terminated(const char *s, const u8 *p, u32 len)
{
	return inside(s, 1, p, len) && memchr(s, 0, p + len - (const u8 *)s);
}

static void fuzz_tcs(const u8 *p, u32 len, bool big)
{
	struct qnet_tcs t, again;
	u32 room = 4 * len + 64;
	u8 *out;
	u32 size;

	if (qnet_tcs_parse(&t, p, len, big))
		return;
	FUZZ_CHECK(terminated(t.src, p, len));
	FUZZ_CHECK(terminated(t.src_dom, p, len));
	FUZZ_CHECK(terminated(t.dst, p, len));
	FUZZ_CHECK(terminated(t.dst_dom, p, len));
	out = malloc(room);
	size = qnet_tcs_build(out, room, &t);
	if (!size) {	/* only offsets of 16 bits can be the reason */
		FUZZ_CHECK(len > 0x5000);
		free(out);
		return;
	}
	FUZZ_CHECK(!qnet_tcs_parse(&again, out, size, false));
	FUZZ_CHECK(!strcmp(t.src, again.src));
	FUZZ_CHECK(!strcmp(t.src_dom, again.src_dom));
	FUZZ_CHECK(!strcmp(t.dst, again.dst));
	FUZZ_CHECK(!strcmp(t.dst_dom, again.dst_dom));
	FUZZ_CHECK(t.caps == again.caps);
	FUZZ_CHECK(!memcmp(t.boot_id, again.boot_id, sizeof(t.boot_id)));
	free(out);
}

/* ----------------------------------------------------------------- names */

static void fuzz_nm(const u8 *p, u32 len, bool big)
{
	struct qnet_nm n = {}, again = {};
	u8 out[264];
	u32 size;

	if (qnet_nm_parse(&n, p, len, big))
		return;
	FUZZ_CHECK(!n.name || inside(n.name, n.name_len, p, len));
	size = qnet_nm_build(out, sizeof(out), &n);
	FUZZ_CHECK(size);
	FUZZ_CHECK(!qnet_nm_parse(&again, out, size, false));
	FUZZ_CHECK(again.op == n.op && again.id == n.id && again.pid == n.pid);
	FUZZ_CHECK(again.chid == n.chid && again.status == n.status);
	FUZZ_CHECK(same(again.name, again.name_len, n.name, n.name_len));
}

/* ------------------------------------------------------------- watchdogs */

static void fuzz_watch(const u8 *p, u32 len, bool big)
{
	struct qnet_watch w = {}, again = {};
	u8 out[QNET_WATCH_MAX];
	struct qnet_watch_vc v, v2;
	u32 size, i, sum[2];

	if (qnet_watch_parse(&w, p, len, big))
		return;
	size = qnet_watch_build(out, sizeof(out), &w);
	FUZZ_CHECK(size);
	for (i = 0; w.op <= QNET_WATCH_STATUS && i < w.count; i++) {
		qnet_watch_vc_get(&v, &w, i, big);
		size += qnet_watch_vc_put(out + size, &v);
	}
	for (i = 0; w.op == QNET_WATCH_PARTS && i < QNET_WATCH_NPARTS; i++) {
		sum[0] = qnet_watch_part_get(&w, i, 0, big);
		sum[1] = qnet_watch_part_get(&w, i, 1, big);
		size += qnet_watch_part_put(out + size, sum);
	}
	FUZZ_CHECK(size == len);
	FUZZ_CHECK(!qnet_watch_parse(&again, out, size, false));
	FUZZ_CHECK(again.op == w.op && again.id == w.id &&
		   again.count == w.count);
	FUZZ_CHECK(!memcmp(again.n, w.n, sizeof(w.n)));
	FUZZ_CHECK(!memcmp(again.sum, w.sum, sizeof(w.sum)));
	for (i = 0; w.op <= QNET_WATCH_STATUS && i < w.count; i++) {
		qnet_watch_vc_get(&v, &w, i, big);
		qnet_watch_vc_get(&v2, &again, i, false);
		FUZZ_CHECK(v.server_id == v2.server_id &&
			   v.client_id == v2.client_id &&
			   v.client_pid == v2.client_pid &&
			   v.state == v2.state && v.mine == v2.mine);
	}
}

/* ---------------------------------------------------------------- frames */

static void hdr_accepted(const struct qnet_hdr *h, u32 len)
{
	struct qnet_hdr again;
	u8 out[QNET_HDR_LEN];

	FUZZ_CHECK(h->length <= len - QNET_HDR_LEN);
	FUZZ_CHECK(h->length <= QNET_PKT_MAX);
	FUZZ_CHECK(h->offset <= QNET_PKT_MAX - h->length);
	FUZZ_CHECK(!h->hole || h->type == QNET_T_NACK);
	qnet_hdr_build(out, h);
	if (h->length)
		return;
	FUZZ_CHECK(!qnet_hdr_parse(&again, out, QNET_HDR_LEN));
	FUZZ_CHECK(again.seq == h->seq && again.sconn == h->sconn &&
		   again.dconn == h->dconn && again.src_nd == h->src_nd &&
		   again.dst_nd == h->dst_nd && again.crc == h->crc);
}

static void fuzz_frame(const u8 *p, u32 len)
{
	struct qnet_hdr h = {};
	u32 crc = 0;
	u8 *q;

	if (qnet_hdr_parse(&h, p, len))
		return;
	hdr_accepted(&h, len);
	crc = qnet_crc_add(qnet_crc_hdr(p), p + QNET_HDR_LEN, h.length);
	q = copy(p + QNET_HDR_LEN, h.length);
	if (h.type == QNET_T_TCS_INIT)
		fuzz_tcs(q, h.length, h.big);
	else if (h.type == QNET_T_LRES)
		fuzz_lr(q, h.length, h.big);
	else if (h.type == QNET_T_USER && h.layer == QNET_L_KIF)
		fuzz_kif(q, h.length, h.big);
	else if (h.type == QNET_T_USER && h.layer == QNET_L_NR)
		fuzz_nr(q, h.length, h.big);
	else if (h.type == QNET_T_USER && h.layer == QNET_L_NAME)
		fuzz_nm(q, h.length, h.big);
	else if (h.type == QNET_T_USER && h.layer == QNET_L_WATCH)
		fuzz_watch(q, h.length, h.big);
	free(q);
	/* keeps the compiler from leaving the sum out */
	FUZZ_CHECK(crc == qnet_crc_add(crc, p, 0));
}

/* ------------------------------------------------------------- fragments */

#define ORACLE	256

/* A packet as whoever does not care for speed would keep it. */
struct oracle {
	u8 have[ORACLE];
	u32 top;
	u32 total;
	bool last;
};

static bool oracle_bad(const struct oracle *o, u32 off, u32 len, bool last)
{
	u32 end = off + len;

	if (!len)
		return off || !last || o->top || (o->last && o->total);
	if (o->last)
		return last ? end != o->total : end >= o->total;
	return last && end <= o->top;
}

/* The first run of bytes in the fragment that are not there yet. */
static void oracle_piece(const struct oracle *o, u32 off, u32 end, u32 *from,
			 u32 *to)
{
	for (*from = off; *from < end && o->have[*from]; (*from)++)
		;
	for (*to = *from; *to < end && !o->have[*to]; (*to)++)
		;
}

static u32 oracle_runs(const struct oracle *o)
{
	u32 i, runs = 0;

	for (i = 0; i < ORACLE; i++)
		runs += o->have[i] && (!i || !o->have[i - 1]);
	return runs;
}

static u32 oracle_add(struct oracle *o, u32 off, u32 len, bool last, u32 *from,
		      u32 *to)
{
	u32 end = off + len;
	u32 was;

	if (oracle_bad(o, off, len, last))
		return QNET_FRAG_BAD;
	oracle_piece(o, off, end, from, to);
	if (*from == *to && (len || o->last))
		return QNET_FRAG_DUP;
	was = oracle_runs(o);
	memset(o->have + *from, 1, *to - *from);
	if (was == QNET_FRAG_HOLES && oracle_runs(o) > was) {
		memset(o->have + *from, 0, *to - *from);
		return QNET_FRAG_FULL;
	}
	o->top = max(o->top, *to);
	if (last) {
		o->last = true;
		o->total = end;
	}
	return QNET_FRAG_NEW;
}

static void frag_compare(const struct qnet_frag *f, const struct oracle *o)
{
	u32 hole, i;

	for (hole = 0; hole < ORACLE && o->have[hole]; hole++)
		;
	FUZZ_CHECK(f->n <= QNET_FRAG_HOLES && f->n == oracle_runs(o));
	FUZZ_CHECK(qnet_frag_hole(f) == hole);
	FUZZ_CHECK(f->last == o->last && f->total == o->total);
	FUZZ_CHECK(qnet_frag_complete(f) == (o->last && hole == o->total));
	for (i = 0; i < f->n; i++) {
		FUZZ_CHECK(f->iv[i].from < f->iv[i].to);
		FUZZ_CHECK(!i || f->iv[i - 1].to < f->iv[i].from);
	}
}

static void frag_step(struct qnet_frag *f, struct oracle *o, const u8 *p)
{
	u32 off = (p[0] | p[1] << 8) % (ORACLE + 1);
	u32 len = (p[2] | p[3] << 8) % (ORACLE - off + 1);
	u32 from = 0, to = 0, from2 = 0, to2 = 0, want, got;
	bool last = !(p[4] & 7);

	if (p[4] & 8)	/* small ones make the holes */
		len %= 9;
	want = oracle_add(o, off, len, last, &from, &to);
	got = qnet_frag_add(f, off, len, last, &from2, &to2);
	FUZZ_CHECK(got == want);
	if (got == QNET_FRAG_NEW)
		FUZZ_CHECK(from == from2 && to == to2);
	/* No such packet: refused whatever the state. */
	if (p[4] & 16)
		FUZZ_CHECK(qnet_frag_add(f, U32_MAX - off, len + off + 1, last,
					 &from2, &to2) == QNET_FRAG_BAD);
}

static void fuzz_frag(const u8 *p, u32 len)
{
	static struct oracle o;
	struct qnet_frag f;
	u32 i;

	memset(&o, 0, sizeof(o));
	qnet_frag_init(&f);
	len = min(len, 5 * 200U);
	for (i = 0; i + 5 <= len; i += 5) {
		frag_step(&f, &o, p + i);
		frag_compare(&f, &o);
	}
}

void fuzz_one(const u8 *data, size_t size)
{
	bool big;
	u8 *p;

	if (!size || size > 70000)
		return;
	big = data[0] & FUZZ_BIG;
	p = copy(data + 1, size - 1);
	switch (data[0] & FUZZ_TARGET) {
	case FUZZ_FRAME:
		fuzz_frame(p, size - 1);
		break;
	case FUZZ_KIF:
		fuzz_kif(p, size - 1, big);
		break;
	case FUZZ_LR:
		fuzz_lr(p, size - 1, big);
		break;
	case FUZZ_NR:
		fuzz_nr(p, size - 1, big);
		break;
	case FUZZ_TCS:
		fuzz_tcs(p, size - 1, big);
		break;
	case FUZZ_NM:
		fuzz_nm(p, size - 1, big);
		break;
	case FUZZ_WATCH:
		fuzz_watch(p, size - 1, big);
		break;
	case FUZZ_FRAG:
		fuzz_frag(p, size - 1);
		break;
	}
	free(p);
}
