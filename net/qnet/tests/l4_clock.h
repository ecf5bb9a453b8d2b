/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * l4.c once more, under other names: with a clock that the tests turn, and
 * memory that runs short when they want it to.  What waits for seconds is
 * tested in none, and a run is the same on every machine.
 */
#ifndef _QNET_TESTS_L4_CLOCK_H
#define _QNET_TESTS_L4_CLOCK_H

#include <linux/types.h>

#define qnet_l4_new		clock_l4_new
#define qnet_l4_free		clock_l4_free
#define qnet_l4_ctl		clock_l4_ctl
#define qnet_l4_tx_init		clock_l4_tx_init
#define qnet_l4_tx_purge	clock_l4_tx_purge
#define qnet_l4_tx_queue	clock_l4_tx_queue
#define qnet_l4_tx_push		clock_l4_tx_push
#define qnet_l4_tx_ack		clock_l4_tx_ack
#define qnet_l4_tx_ack_short	clock_l4_tx_ack_short
#define qnet_l4_tx_recover	clock_l4_tx_recover
#define qnet_l4_tx_nack		clock_l4_tx_nack
#define qnet_l4_tx_timeout	clock_l4_tx_timeout
#define qnet_l4_tx_reroute	clock_l4_tx_reroute
#define qnet_l4_tx_way		clock_l4_tx_way
#define qnet_l4_tx_rto		clock_l4_tx_rto
#define qnet_l4_tx_due		clock_l4_tx_due
#define qnet_l4_rx_init		clock_l4_rx_init
#define qnet_l4_rx_open		clock_l4_rx_open
#define qnet_l4_rx_purge	clock_l4_rx_purge
#define qnet_l4_rx_data		clock_l4_rx_data
#define qnet_l4_rx_next		clock_l4_rx_next
#define qnet_l4_rx_done		clock_l4_rx_done
#define qnet_l4_rx_ack		clock_l4_rx_ack
#define qnet_l4_rx_short	clock_l4_rx_short
#define qnet_l4_rx_told		clock_l4_rx_told
#define qnet_l4_rx_gap		clock_l4_rx_gap
#define qnet_l4_rx_lossy	clock_l4_rx_lossy
#define qnet_l4_rx_more		clock_l4_rx_more
#define qnet_l4_init		clock_l4_init
#define qnet_l4_exit		clock_l4_exit

#include "../l4.h"

/* What l4.c calls jiffies. */
extern unsigned long clock_now;

/* Is there none this time?  NULL = there always is. */
extern bool (*clock_no_memory)(void);

/**
 * struct clock_numbers - what l4.c keeps to itself
 * @rto_min:   L4_RTO_MIN
 * @rto_limit: L4_RTO_LIMIT
 * @gap:       L4_GAP
 * @gap_plain: L4_GAP_PLAIN
 * @gap_idle:  L4_GAP_IDLE
 * @reorder:   L4_REORDER
 * @nacks:     L4_NACKS
 * @ack_delay: L4_ACK_DELAY
 * @ack_pkts:  L4_ACK_PKTS
 * @ack_bytes: L4_ACK_BYTES
 * @recover:   L4_RECOVER
 * @spare:     L4_SPARE
 */
struct clock_numbers {
	u32	rto_min;
	u32	rto_limit;
	u32	gap;
	u32	gap_plain;
	u32	gap_idle;
	u32	reorder;
	u32	nacks;
	u32	ack_delay;
	u32	ack_pkts;
	u32	ack_bytes;
	u32	recover;
	u32	spare;
};

void clock_numbers(struct clock_numbers *n);
int clock_open(void);
void clock_close(void);

#endif /* _QNET_TESTS_L4_CLOCK_H */
