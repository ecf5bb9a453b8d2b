// SPDX-License-Identifier: GPL-2.0-only
/* l4.c once more, under other names: see l4_clock.h. */
#include <linux/etherdevice.h>
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/slab.h>

#include "../compat.h"
#include "l4_clock.h"

unsigned long clock_now;
bool (*clock_no_memory)(void);

static bool none(void)
{
	return clock_no_memory && clock_no_memory();
}

static void *clock_kmalloc(size_t size, gfp_t gfp)
{
	return none() ? NULL : kmalloc(size, gfp);
}

static void *clock_cache_alloc(struct kmem_cache *cache, gfp_t gfp)
{
	return none() ? NULL : kmem_cache_alloc(cache, gfp);
}

static struct sk_buff *clock_skb(unsigned int size, gfp_t gfp)
{
	return none() ? NULL : alloc_skb(size, gfp);
}

static void *clock_frag(unsigned int size)
{
	return none() ? NULL : napi_alloc_frag(size);
}

/* All that l4.c includes has been read: this is for itself alone. */
#undef jiffies
#define jiffies			clock_now
#undef kmalloc
#define kmalloc			clock_kmalloc
#undef kmem_cache_alloc
#define kmem_cache_alloc	clock_cache_alloc
#undef alloc_skb
#define alloc_skb		clock_skb
#define napi_alloc_frag		clock_frag

#include "../l4.c"

/**
 * clock_numbers() - what l4.c keeps to itself
 * @n: receives it
 */
void clock_numbers(struct clock_numbers *n)
{
	*n = (struct clock_numbers) {
		.rto_min	= L4_RTO_MIN,
		.rto_limit	= L4_RTO_LIMIT,
		.gap		= L4_GAP,
		.gap_plain	= L4_GAP_PLAIN,
		.gap_idle	= L4_GAP_IDLE,
		.reorder	= L4_REORDER,
		.nacks		= L4_NACKS,
		.ack_delay	= L4_ACK_DELAY,
		.ack_pkts	= L4_ACK_PKTS,
		.ack_bytes	= L4_ACK_BYTES,
		.recover	= L4_RECOVER,
		.spare		= L4_SPARE,
	};
}

/**
 * clock_open() - as qnet_l4_init(), which is gone by the time the tests run
 *
 * Return: 0 or -ENOMEM.
 */
int clock_open(void)
{
	l4_out_cache = kmem_cache_create("qnet_l4_out_test",
					 sizeof(struct qnet_l4_out), 0, 0,
					 NULL);
	return l4_out_cache ? 0 : -ENOMEM;
}

/**
 * clock_close() - the end of clock_open(): says so if a packet is left
 */
void clock_close(void)
{
	qnet_l4_exit();
	l4_out_cache = NULL;
}
