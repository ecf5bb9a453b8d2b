// SPDX-License-Identifier: GPL-2.0-only
/* Tests of frag.c. */
#include "qnet_test.h"

/* What one fragment should do to a packet. */
struct frag_step {
	u32 off;
	u32 len;
	bool last;
	enum qnet_frag_verdict verdict;
	u32 from;
	u32 to;
};

#define STEPS	6

/* A step of nothing at all that would be NEW ends a list early. */
struct frag_script {
	const char *what;
	struct frag_step s[STEPS];
	bool complete;
	u32 hole;
};

#define NEW(o, l, e, f, t)	{ o, l, e, QNET_FRAG_NEW, f, t }
#define DUP(o, l, e)		{ o, l, e, QNET_FRAG_DUP, 0, 0 }
#define BAD(o, l, e)		{ o, l, e, QNET_FRAG_BAD, 0, 0 }

static const struct frag_script frag_scripts[] = {
	{ "one fragment", { NEW(0, 100, 1, 0, 100) }, true, 100 },
	{ "in order", {
		NEW(0, 100, 0, 0, 100), NEW(100, 100, 0, 100, 200),
		NEW(200, 50, 1, 200, 250) }, true, 250 },
	{ "last first", {
		NEW(200, 50, 1, 200, 250), NEW(100, 100, 0, 100, 200),
		NEW(0, 100, 0, 0, 100) }, true, 250 },
	{ "the middle comes last", {
		NEW(0, 100, 0, 0, 100), NEW(200, 50, 1, 200, 250),
		NEW(100, 100, 0, 100, 200) }, true, 250 },
	{ "no end yet", {
		NEW(0, 100, 0, 0, 100), NEW(100, 100, 0, 100, 200) },
		false, 200 },
	{ "hole at the beginning", {
		NEW(100, 100, 1, 100, 200) }, false, 0 },
	{ "hole in the middle", {
		NEW(0, 100, 0, 0, 100), NEW(150, 50, 1, 150, 200) },
		false, 100 },
	{ "repeated", {
		NEW(0, 100, 0, 0, 100), DUP(0, 100, 0),
		NEW(100, 100, 1, 100, 200), DUP(100, 100, 1), DUP(0, 100, 0) },
		true, 200 },
	{ "a part of what came", {
		NEW(0, 100, 0, 0, 100), DUP(0, 1, 0), DUP(99, 1, 0),
		DUP(10, 80, 0) }, false, 100 },
	{ "overlaps what is before", {
		NEW(0, 100, 0, 0, 100), NEW(50, 100, 0, 100, 150) },
		false, 150 },
	{ "overlaps what is behind", {
		NEW(50, 100, 0, 50, 150), NEW(0, 100, 0, 0, 50) },
		false, 150 },
	{ "overlaps both sides", {
		NEW(0, 60, 0, 0, 60), NEW(100, 60, 0, 100, 160),
		NEW(50, 60, 0, 60, 100) }, false, 160 },
	{ "covers a piece: the first part is taken", {
		NEW(50, 10, 0, 50, 60), NEW(0, 100, 0, 0, 50),
		NEW(0, 100, 0, 60, 100), DUP(0, 100, 0) }, false, 100 },
	{ "covers two pieces from the first one on", {
		NEW(0, 10, 0, 0, 10), NEW(20, 10, 0, 20, 30),
		NEW(0, 40, 0, 10, 20), NEW(0, 40, 0, 30, 40) }, false, 40 },
	{ "an end that overlaps a hole", {
		NEW(10, 10, 0, 10, 20), NEW(5, 25, 1, 5, 10),
		NEW(5, 25, 1, 20, 30), NEW(0, 5, 0, 0, 5) }, true, 30 },
	{ "a packet of nothing", { NEW(0, 0, 1, 0, 0), DUP(0, 0, 1) },
		true, 0 },
	{ "nothing, then something", {
		NEW(0, 0, 1, 0, 0), BAD(0, 1, 0), BAD(0, 1, 1) }, true, 0 },
	{ "something, then nothing", {
		NEW(0, 10, 0, 0, 10), BAD(0, 0, 1) }, false, 10 },
	{ "nothing that is not all", { BAD(0, 0, 0), BAD(8, 0, 1) },
		false, 0 },
	{ "two ends, the second beyond", {
		NEW(0, 10, 1, 0, 10), BAD(5, 10, 1), BAD(10, 10, 1) },
		true, 10 },
	{ "two ends, the second before", {
		NEW(90, 10, 1, 90, 100), BAD(0, 50, 1) }, false, 0 },
	{ "beyond the end", {
		NEW(90, 10, 1, 90, 100), BAD(95, 10, 0), BAD(100, 1, 0),
		BAD(QNET_PKT_MAX, 0, 1) }, false, 0 },
	{ "reaches the end without saying so", {
		NEW(90, 10, 1, 90, 100), BAD(80, 20, 0), NEW(80, 10, 0, 80, 90)
		}, false, 0 },
	{ "an end before what came", {
		NEW(90, 10, 0, 90, 100), BAD(0, 50, 1), BAD(90, 10, 1),
		NEW(100, 1, 1, 100, 101) }, false, 0 },
	{ "the largest packet", {
		NEW(0, QNET_PKT_MAX, 1, 0, QNET_PKT_MAX) }, true,
		QNET_PKT_MAX },
	{ "too large", {
		BAD(0, QNET_PKT_MAX + 1, 1), BAD(1, QNET_PKT_MAX, 1),
		BAD(QNET_PKT_MAX, 1, 1), BAD(U32_MAX, 2, 1), BAD(2, U32_MAX, 1),
		BAD(U32_MAX, U32_MAX, 0) }, false, 0 },
};

static void frag_script_desc(const struct frag_script *s, char *desc)
{
	strscpy(desc, s->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(frag_script, frag_scripts, frag_script_desc);

static bool step_is_end(const struct frag_script *s, int i)
{
	const struct frag_step *e = &s->s[i];

	return i && !e->off && !e->len && !e->last && !e->verdict;
}

static void frag_scripted(struct kunit *test)
{
	const struct frag_script *s = test->param_value;
	struct qnet_frag f, old;
	u32 from, to;
	int i;

	qnet_frag_init(&f);
	for (i = 0; i < STEPS && !step_is_end(s, i); i++) {
		const struct frag_step *e = &s->s[i];

		old = f;
		KUNIT_ASSERT_EQ_MSG(test, (u32)e->verdict,
				    (u32)qnet_frag_add(&f, e->off, e->len,
						       e->last, &from, &to),
				    "step %d", i);
		if (e->verdict == QNET_FRAG_NEW) {
			KUNIT_EXPECT_EQ_MSG(test, e->from, from, "step %d", i);
			KUNIT_EXPECT_EQ_MSG(test, e->to, to, "step %d", i);
		} else if (e->verdict == QNET_FRAG_BAD) {
			KUNIT_EXPECT_EQ(test, f.n, old.n);
			KUNIT_EXPECT_EQ(test, f.total, old.total);
			KUNIT_EXPECT_EQ(test, f.last, old.last);
		}
	}
	KUNIT_EXPECT_EQ(test, s->complete, qnet_frag_complete(&f));
	KUNIT_EXPECT_EQ(test, s->hole, qnet_frag_hole(&f));
}

static void frag_mss(struct kunit *test)
{
	u32 mtu;

	KUNIT_EXPECT_EQ(test, qnet_frag_mss(0), 0);
	KUNIT_EXPECT_EQ(test, qnet_frag_mss(67), 0);
	KUNIT_EXPECT_EQ(test, qnet_frag_mss(68), 24);
	KUNIT_EXPECT_EQ(test, qnet_frag_mss(1500), 1456);
	KUNIT_EXPECT_EQ(test, qnet_frag_mss(9000), 8960);
	for (mtu = 68; mtu < 3000; mtu++) {
		u32 mss = qnet_frag_mss(mtu);

		KUNIT_EXPECT_EQ(test, mss % 8, 0);
		KUNIT_EXPECT_LE(test, mss + QNET_PAD + QNET_HDR_LEN, mtu);
		KUNIT_EXPECT_LE(test, mtu,
				mss + QNET_PAD + QNET_HDR_LEN + 7);
	}
}

static void frag_fresh(struct kunit *test)
{
	struct qnet_frag f;

	memset(&f, 0xff, sizeof(f));
	qnet_frag_init(&f);
	KUNIT_EXPECT_FALSE(test, qnet_frag_complete(&f));
	KUNIT_EXPECT_EQ(test, qnet_frag_hole(&f), 0);
}

/* Every second piece of 8 bytes, as many as there is room for. */
static void frag_fill(struct kunit *test, struct qnet_frag *f)
{
	u32 i, from, to;

	qnet_frag_init(f);
	for (i = 0; i < QNET_FRAG_HOLES; i++)
		KUNIT_ASSERT_EQ(test, (u32)qnet_frag_add(f, 8 + 16 * i, 8,
							 false, &from, &to),
				(u32)QNET_FRAG_NEW);
}

static void frag_full(struct kunit *test)
{
	const u32 end = 16 * QNET_FRAG_HOLES;
	struct qnet_frag f, old;
	u32 from, to;

	frag_fill(test, &f);
	old = f;
	KUNIT_EXPECT_EQ(test, (u32)qnet_frag_add(&f, end + 8, 8, true,
						 &from, &to),
			(u32)QNET_FRAG_FULL);
	KUNIT_EXPECT_EQ(test, (u32)qnet_frag_add(&f, 0, 4, false, &from, &to),
			(u32)QNET_FRAG_FULL);
	KUNIT_EXPECT_EQ(test, memcmp(&f, &old, sizeof(f)), 0);

	/* What touches an interval needs no room. */
	KUNIT_EXPECT_EQ(test, (u32)qnet_frag_add(&f, end, 8, true, &from, &to),
			(u32)QNET_FRAG_NEW);
	KUNIT_EXPECT_EQ(test, (u32)qnet_frag_add(&f, 0, 8, false, &from, &to),
			(u32)QNET_FRAG_NEW);
	KUNIT_EXPECT_EQ(test, f.n, QNET_FRAG_HOLES);
	KUNIT_EXPECT_EQ(test, f.total, end + 8);
}

static void frag_full_joins(struct kunit *test)
{
	u32 i, from, to, n;
	struct qnet_frag f;

	frag_fill(test, &f);
	for (i = 1; i < QNET_FRAG_HOLES; i++) {
		n = f.n;
		KUNIT_ASSERT_EQ(test, (u32)qnet_frag_add(&f, 16 * i, 8, false,
							 &from, &to),
				(u32)QNET_FRAG_NEW);
		KUNIT_EXPECT_EQ(test, f.n, n - 1);
	}
	KUNIT_EXPECT_EQ(test, f.n, 1);
	KUNIT_EXPECT_EQ(test, f.iv[0].from, 8);
	KUNIT_EXPECT_EQ(test, f.iv[0].to, 16 * QNET_FRAG_HOLES);
}

/* The oracle: one byte per byte. */
#define ORACLE	256

struct oracle {
	u8 have[ORACLE];
	u32 total;
	bool last;
};

static u32 oracle_top(const struct oracle *o)
{
	u32 i;

	for (i = ORACLE; i; i--)
		if (o->have[i - 1])
			break;
	return i;
}

static bool oracle_bad(const struct oracle *o, u32 off, u32 len, bool last)
{
	u32 end = off + len;

	if (!len && (off || !last))
		return true;
	if (o->last)
		return last ? end != o->total : end >= o->total;
	return last && end <= oracle_top(o) && oracle_top(o);
}

static u32 oracle_runs(const struct oracle *o)
{
	u32 i, runs = 0;

	for (i = 0; i < ORACLE; i++)
		if (o->have[i] && (!i || !o->have[i - 1]))
			runs++;
	return runs;
}

/* What qnet_frag_add() should say; the first new run is put into the oracle. */
static u32 oracle_add(struct oracle *o, u32 off, u32 len, bool last,
		      u32 *from, u32 *to)
{
	u32 end = off + len;
	struct oracle old;

	if (oracle_bad(o, off, len, last))
		return QNET_FRAG_BAD;
	for (*from = off; *from < end && o->have[*from]; (*from)++)
		;
	for (*to = *from; *to < end && !o->have[*to]; (*to)++)
		;
	if (*from == *to && (len || o->last))
		return QNET_FRAG_DUP;

	old = *o;
	memset(o->have + *from, 1, *to - *from);
	if (oracle_runs(o) > QNET_FRAG_HOLES) {
		*o = old;
		return QNET_FRAG_FULL;
	}
	if (last) {
		o->last = true;
		o->total = end;
	}
	return QNET_FRAG_NEW;
}

static void oracle_compare(struct kunit *test, const struct oracle *o,
			   const struct qnet_frag *f)
{
	u32 hole, i, j, bytes = 0, all = 0;

	for (hole = 0; hole < ORACLE && o->have[hole]; hole++)
		;
	KUNIT_EXPECT_EQ(test, qnet_frag_hole(f), hole);
	KUNIT_EXPECT_EQ(test, qnet_frag_complete(f),
			o->last && hole == o->total);
	KUNIT_EXPECT_EQ(test, f->n, oracle_runs(o));
	for (i = 0; i < ORACLE; i++)
		all += o->have[i];
	for (i = 0; i < f->n; i++)
		for (j = f->iv[i].from; j < f->iv[i].to; j++)
			bytes += o->have[j];
	KUNIT_EXPECT_EQ(test, bytes, all);
}

static void frag_against_oracle(struct kunit *test, u32 *seed, u32 max)
{
	struct oracle *o = kunit_kzalloc(test, sizeof(*o), GFP_KERNEL);
	u32 i, from = 0, to = 0, from2 = 0, to2 = 0;
	struct qnet_frag f;

	KUNIT_ASSERT_NOT_NULL(test, o);
	qnet_frag_init(&f);
	for (i = 0; i < 200; i++) {
		u32 off = test_random(seed) % ORACLE;
		u32 len = test_random(seed) % min(max, ORACLE - off + 1);
		bool last = !(test_random(seed) % 8);
		u32 want = oracle_add(o, off, len, last, &from, &to);
		u32 got = qnet_frag_add(&f, off, len, last, &from2, &to2);

		KUNIT_ASSERT_EQ_MSG(test, got, want, "add %u+%u%s", off, len,
				    last ? " last" : "");
		if (got == QNET_FRAG_NEW) {
			KUNIT_ASSERT_EQ(test, from2, from);
			KUNIT_ASSERT_EQ(test, to2, to);
		}
	}
	oracle_compare(test, o, &f);
}

static void frag_oracle(struct kunit *test)
{
	u32 i, seed = 0x51e7;

	for (i = 0; i < 100; i++)
		frag_against_oracle(test, &seed, 1 + test_random(&seed) % 40);
}

/* Cut at random, shuffled, some of it twice: it must come out whole. */
static void frag_shuffled(struct kunit *test)
{
	u32 i, j, from, to, n, seed = 77, size = 24 * 1456;
	struct qnet_frag f;
	u32 order[24];

	for (n = 0; n < 100; n++) {
		qnet_frag_init(&f);
		for (i = 0; i < ARRAY_SIZE(order); i++)
			order[i] = i;
		for (i = ARRAY_SIZE(order) - 1; i; i--) {
			j = test_random(&seed) % (i + 1);
			swap(order[i], order[j]);
		}
		for (i = 0; i < ARRAY_SIZE(order); i++) {
			u32 off = order[i] * 1456;

			KUNIT_EXPECT_FALSE(test, qnet_frag_complete(&f));
			qnet_frag_add(&f, off, 1456, off + 1456 == size, &from,
				      &to);
			KUNIT_EXPECT_EQ(test, from, off);
			KUNIT_EXPECT_EQ(test, to, off + 1456);
		}
		KUNIT_EXPECT_TRUE(test, qnet_frag_complete(&f));
		KUNIT_EXPECT_EQ(test, f.total, size);
	}
}

static struct kunit_case qnet_frag_cases[] = {
	KUNIT_CASE(frag_mss),
	KUNIT_CASE(frag_fresh),
	KUNIT_CASE_PARAM(frag_scripted, frag_script_gen_params),
	KUNIT_CASE(frag_full),
	KUNIT_CASE(frag_full_joins),
	KUNIT_CASE(frag_shuffled),
	KUNIT_CASE(frag_oracle),
	{}
};

struct kunit_suite qnet_frag_suite = {
	.name = "qnet_frag",
	.test_cases = qnet_frag_cases,
};
