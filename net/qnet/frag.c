// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which bytes of a packet have come.  The fragments of a packet arrive in any
 * order, cut anywhere and more than once, from a peer that need not mean well:
 * the state has a fixed size, and no byte is ever taken twice.
 */
#include <linux/string.h>
#include <linux/qnet_wire.h>

/* An MTU below that of IP leaves no room for anything useful. */
#define FRAG_MTU_MIN	68

u32 qnet_frag_mss(u32 mtu)
{
	if (mtu < FRAG_MTU_MIN)
		return 0;
	return (mtu - QNET_PAD - QNET_HDR_LEN) & ~7U;
}

void qnet_frag_init(struct qnet_frag *f)
{
	f->n = 0;
	f->total = 0;
	f->last = false;
}

/* The end of the highest byte that came. */
static u32 frag_top(const struct qnet_frag *f)
{
	return f->n ? f->iv[f->n - 1].to : 0;
}

/* Every packet has one end, and the fragment that reaches it says so.  What
 * came before must agree, or two packets are being mixed under one number.
 */
static bool frag_fits(const struct qnet_frag *f, u32 off, u32 len, bool last)
{
	u32 end;

	if (len > QNET_PKT_MAX || off > QNET_PKT_MAX - len)
		return false;
	if (!len && (off || !last))
		return false;

	end = off + len;
	if (f->last)
		return last ? end == f->total : end < f->total;
	return !last || !f->n || end > frag_top(f);
}

/* The first interval that reaches @off; mostly there is one, or none. */
static u32 frag_find(const struct qnet_frag *f, u32 off)
{
	u32 i;

	for (i = 0; i < f->n; i++)
		if (f->iv[i].to >= off)
			break;
	return i;
}

static bool frag_insert(struct qnet_frag *f, u32 at, u32 from, u32 to)
{
	if (f->n == QNET_FRAG_HOLES)
		return false;
	memmove(&f->iv[at + 1], &f->iv[at], (f->n - at) * sizeof(f->iv[0]));
	f->iv[at].from = from;
	f->iv[at].to = to;
	f->n++;
	return true;
}

/* The piece filled the gap between @at and the next one: join the two. */
static void frag_join(struct qnet_frag *f, u32 at)
{
	f->iv[at].to = f->iv[at + 1].to;
	f->n--;
	memmove(&f->iv[at + 1], &f->iv[at + 2],
		(f->n - at - 1) * sizeof(f->iv[0]));
}

/* Put [@from, @to) before interval @next, which it does not overlap; @left
 * tells that the interval before @next ends at @from.
 */
static bool frag_put(struct qnet_frag *f, u32 next, bool left, u32 from, u32 to)
{
	bool right = next < f->n && f->iv[next].from == to;

	if (left && right)
		frag_join(f, next - 1);
	else if (left)
		f->iv[next - 1].to = to;
	else if (right)
		f->iv[next].from = from;
	else
		return frag_insert(f, next, from, to);
	return true;
}

static enum qnet_frag_verdict frag_empty(struct qnet_frag *f, u32 *from,
					 u32 *to)
{
	if (f->last)
		return QNET_FRAG_DUP;
	f->last = true;
	*from = 0;
	*to = 0;
	return QNET_FRAG_NEW;
}

enum qnet_frag_verdict qnet_frag_add(struct qnet_frag *f, u32 off, u32 len,
				     bool last, u32 *from, u32 *to)
{
	u32 next, begin = off, end = off + len;
	bool left;

	if (!frag_fits(f, off, len, last))
		return QNET_FRAG_BAD;
	if (!len)
		return frag_empty(f, from, to);

	next = frag_find(f, off);
	left = next < f->n && f->iv[next].from <= off;
	if (left)
		begin = f->iv[next++].to;
	if (next < f->n && f->iv[next].from < end)
		end = f->iv[next].from;
	if (begin >= end)
		return QNET_FRAG_DUP;
	if (!frag_put(f, next, left, begin, end))
		return QNET_FRAG_FULL;

	if (last) {
		f->last = true;
		f->total = off + len;
	}
	*from = begin;
	*to = end;
	return QNET_FRAG_NEW;
}

bool qnet_frag_complete(const struct qnet_frag *f)
{
	return f->last && qnet_frag_hole(f) == f->total;
}

u32 qnet_frag_hole(const struct qnet_frag *f)
{
	return f->n && !f->iv[0].from ? f->iv[0].to : 0;
}
