// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * MsgKeyData(): data that goes from one server to another through a client, who
 * must not change it or pass on what another client was given.
 *
 * The key that both servers know is the secret; the data and the client's process
 * id are what HalfSipHash-2-4 (public domain) digests with it.
 */
#include "internal.h"

#define KEYDATA_PARTS	524288

struct digest {
	uint32_t v0, v1, v2, v3;
	uint32_t word;
	uint64_t len;
};

static inline uint32_t rotl(uint32_t x, int n)
{
	return x << n | x >> (32 - n);
}

static void rounds(struct digest *d, int n)
{
	while (n--) {
		d->v0 += d->v1;
		d->v1 = rotl(d->v1, 5) ^ d->v0;
		d->v0 = rotl(d->v0, 16);
		d->v2 += d->v3;
		d->v3 = rotl(d->v3, 8) ^ d->v2;
		d->v0 += d->v3;
		d->v3 = rotl(d->v3, 7) ^ d->v0;
		d->v2 += d->v1;
		d->v1 = rotl(d->v1, 13) ^ d->v2;
		d->v2 = rotl(d->v2, 16);
	}
}

static void digest_word(struct digest *d, uint32_t w)
{
	d->v3 ^= w;
	rounds(d, 2);
	d->v0 ^= w;
}

/* Words are made of the bytes whatever the parts are: little endian. */
static void digest_bytes(struct digest *d, const void *data, size_t n)
{
	const unsigned char *p = data;

	while (n--) {
		d->word |= (uint32_t)*p++ << 8 * (d->len % 4);
		if (++d->len % 4 == 0) {
			digest_word(d, d->word);
			d->word = 0;
		}
	}
}

static uint32_t digest_end(struct digest *d)
{
	digest_word(d, d->word | (uint32_t)d->len << 24);
	d->v2 ^= 0xff;
	rounds(d, 4);
	return d->v1 ^ d->v3;
}

static uint32_t digest(uint32_t key, uint32_t pid, const iov_t *iov, int parts)
{
	struct digest d = { key, pid, 0x6c796765 ^ key, 0x74656462 ^ pid,
			    0, 0 };
	int i;

	for (i = 0; i < parts; i++)
		digest_bytes(&d, GETIOVBASE(&iov[i]), GETIOVLEN(&iov[i]));
	return digest_end(&d);
}

int MsgKeyData_r(int rcvid, int op, _Uint32t key, _Uint32t *newkey,
		 const iov_t *iov, int parts)
{
	struct qnet_info i = { .rcvid = rcvid };
	uint32_t sum;
	int ret;

	if (!newkey || (parts && !iov))
		return -EFAULT;
	if (parts < 0 || parts > KEYDATA_PARTS ||
	    (op != _NTO_KEYDATA_CALCULATE && op != _NTO_KEYDATA_VERIFY))
		return -EINVAL;
	ret = qnet_rcvid_ioctl(QNET_IOC_INFO, &i);
	if (ret)
		return ret;
	sum = digest(key, (uint32_t)i.info.pid, iov, parts);
	*newkey = op == _NTO_KEYDATA_CALCULATE ? sum : *newkey ^ sum;
	return 0;
}

int MsgKeyData(int rcvid, int op, _Uint32t key, _Uint32t *newkey,
	       const iov_t *iov, int parts)
{
	return (int)qnet_ret(MsgKeyData_r(rcvid, op, key, newkey, iov, parts));
}
