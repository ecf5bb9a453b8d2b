/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/qnet.yaml */
/* YNL-GEN uapi header */

#ifndef _UAPI_LINUX_QNET_NETLINK_H
#define _UAPI_LINUX_QNET_NETLINK_H

#define QNET_FAMILY_NAME	"qnet"
#define QNET_FAMILY_VERSION	1

/**
 * enum qnet_netlink_node_state - Whether packets can be exchanged with a node.
 * @QNET_NODE_STATE_DOWN: Nothing was sent yet, or the node was given up.
 * @QNET_NODE_STATE_RESOLVING: The LAN resolver asks for its address.
 * @QNET_NODE_STATE_OPENING: A connection is being opened.
 * @QNET_NODE_STATE_UP: A connection is open.
 */
enum qnet_netlink_node_state {
	QNET_NODE_STATE_DOWN,
	QNET_NODE_STATE_RESOLVING,
	QNET_NODE_STATE_OPENING,
	QNET_NODE_STATE_UP,
};

/**
 * enum qnet_netlink_node_cap - Extensions of the protocol that a node
 *   announced.
 * @QNET_NODE_CAP_NAMES: Names of services can be looked up there.
 * @QNET_NODE_CAP_WATCH: Integrity of circuits by digest.
 * @QNET_NODE_CAP_ACKS: Cumulative and delayed acknowledgements.
 * @QNET_NODE_CAP_CONN_SEND: A circuit's set-up and its first message in one
 *   frame.
 * @QNET_NODE_CAP_EVENTS: Events for a client after the reply; signals with an
 *   answer.
 */
enum qnet_netlink_node_cap {
	QNET_NODE_CAP_NAMES = 1,
	QNET_NODE_CAP_WATCH = 2,
	QNET_NODE_CAP_ACKS = 4,
	QNET_NODE_CAP_CONN_SEND = 8,
	QNET_NODE_CAP_EVENTS = 16,
};

/**
 * enum qnet_netlink_watchdog_state - What the watchdog of a node thinks of it.
 * @QNET_WATCHDOG_STATE_OFF: There is no connection to watch.
 * @QNET_WATCHDOG_STATE_UP: The node answers.
 * @QNET_WATCHDOG_STATE_PROBING: It was polled and has not answered yet.
 * @QNET_WATCHDOG_STATE_SUSPECT: At least one poll was not answered in time.
 * @QNET_WATCHDOG_STATE_DEAD: None was, and it was given up.
 */
enum qnet_netlink_watchdog_state {
	QNET_WATCHDOG_STATE_OFF,
	QNET_WATCHDOG_STATE_UP,
	QNET_WATCHDOG_STATE_PROBING,
	QNET_WATCHDOG_STATE_SUSPECT,
	QNET_WATCHDOG_STATE_DEAD,
};

/**
 * enum qnet_netlink_watchdog_own - Which parameters of a watchdog were set for
 *   its node alone.
 * @QNET_WATCHDOG_OWN_POLL_PERIOD: How often it is polled.
 * @QNET_WATCHDOG_OWN_IDLE_TIME: After which silence.
 * @QNET_WATCHDOG_OWN_MAX_IDLE_TIME: How long a circuit may lie idle.
 * @QNET_WATCHDOG_OWN_NUM_POLLS: After how many polls it is given up.
 * @QNET_WATCHDOG_OWN_NUM_QPKTS: How many packets it is sent at one time.
 */
enum qnet_netlink_watchdog_own {
	QNET_WATCHDOG_OWN_POLL_PERIOD = 1,
	QNET_WATCHDOG_OWN_IDLE_TIME = 2,
	QNET_WATCHDOG_OWN_MAX_IDLE_TIME = 4,
	QNET_WATCHDOG_OWN_NUM_POLLS = 8,
	QNET_WATCHDOG_OWN_NUM_QPKTS = 16,
};

/**
 * enum qnet_netlink_vc_side - Which end of a circuit this node has.
 * @QNET_VC_SIDE_LOCAL: Both.
 * @QNET_VC_SIDE_CLIENT: A local process sends.
 * @QNET_VC_SIDE_SERVER: A local process receives.
 */
enum qnet_netlink_vc_side {
	QNET_VC_SIDE_LOCAL,
	QNET_VC_SIDE_CLIENT,
	QNET_VC_SIDE_SERVER,
};

/**
 * enum qnet_netlink_vc_state - State of one end of a circuit.
 * @QNET_VC_STATE_NEW: Nothing was sent yet, or it was refused for now; the
 *   next call asks.
 * @QNET_VC_STATE_CONNECTING: The other end has been asked.
 * @QNET_VC_STATE_UP: Both ends know it.
 * @QNET_VC_STATE_DEAD: It has ended, and is there only until its owner lets
 *   go.
 */
enum qnet_netlink_vc_state {
	QNET_VC_STATE_NEW,
	QNET_VC_STATE_CONNECTING,
	QNET_VC_STATE_UP,
	QNET_VC_STATE_DEAD,
};

/**
 * enum qnet_netlink_channel_flag - How a channel was made; the bits are those
 *   of ChannelCreate().
 * @QNET_CHANNEL_FLAG_FIXED_PRIORITY: Its receivers keep their priority.
 * @QNET_CHANNEL_FLAG_UNBLOCK: Its server is asked before a received call is
 *   given up.
 * @QNET_CHANNEL_FLAG_THREAD_DEATH: It hears of threads of its process that
 *   end.
 * @QNET_CHANNEL_FLAG_DISCONNECT: It hears of clients that are gone.
 * @QNET_CHANNEL_FLAG_UNUSED: Never set.
 * @QNET_CHANNEL_FLAG_SENDER_LEN: Its server is told how long messages are.
 * @QNET_CHANNEL_FLAG_COID_DISCONNECT: It hears of connections of its process
 *   that have died.
 * @QNET_CHANNEL_FLAG_REPLY_LEN: Its server is told how long replies may be.
 */
enum qnet_netlink_channel_flag {
	QNET_CHANNEL_FLAG_FIXED_PRIORITY = 1,
	QNET_CHANNEL_FLAG_UNBLOCK = 2,
	QNET_CHANNEL_FLAG_THREAD_DEATH = 4,
	QNET_CHANNEL_FLAG_DISCONNECT = 8,
	QNET_CHANNEL_FLAG_UNUSED = 16,
	QNET_CHANNEL_FLAG_SENDER_LEN = 32,
	QNET_CHANNEL_FLAG_COID_DISCONNECT = 64,
	QNET_CHANNEL_FLAG_REPLY_LEN = 128,
};

/**
 * enum qnet_netlink_trust - Who becomes a peer.
 * @QNET_TRUST_CLOSED: Whom peer-new names, and nobody else.
 * @QNET_TRUST_QNX: Every node of the LAN that tells its name, as on QNX; its
 *   users are here who it says they are, root included.
 */
enum qnet_netlink_trust {
	QNET_TRUST_CLOSED,
	QNET_TRUST_QNX,
};

enum {
	QNET_A_DOMAIN_FAMILY = 1,
	QNET_A_DOMAIN_NAME,
	QNET_A_DOMAIN_SELF_NAME,
	QNET_A_DOMAIN_BOOT_ID,
	QNET_A_DOMAIN_BUDGET,
	QNET_A_DOMAIN_UNPRIVILEGED,
	QNET_A_DOMAIN_TRUST,

	__QNET_A_DOMAIN_MAX,
	QNET_A_DOMAIN_MAX = (__QNET_A_DOMAIN_MAX - 1)
};

enum {
	QNET_A_BEARER_IFINDEX = 1,
	QNET_A_BEARER_IFNAME,
	QNET_A_BEARER_CRC,
	QNET_A_BEARER_MTU,
	QNET_A_BEARER_LLADDR,
	QNET_A_BEARER_UP,

	__QNET_A_BEARER_MAX,
	QNET_A_BEARER_MAX = (__QNET_A_BEARER_MAX - 1)
};

enum {
	QNET_A_NODE_ND = 1,
	QNET_A_NODE_NAME,
	QNET_A_NODE_DOMAIN,
	QNET_A_NODE_SELF,
	QNET_A_NODE_STATE,
	QNET_A_NODE_LLADDR,
	QNET_A_NODE_IFINDEX,
	QNET_A_NODE_VCS,
	QNET_A_NODE_CAPS,
	QNET_A_NODE_BOOT_ID,
	QNET_A_NODE_LAST_SEEN_MS,
	QNET_A_NODE_PAD,
	QNET_A_NODE_ANSWERS,
	QNET_A_NODE_BUDGET,
	QNET_A_NODE_RX_BYTES,
	QNET_A_NODE_TX_BYTES,
	QNET_A_NODE_RX_LATER,
	QNET_A_NODE_RX_REFUSED,
	QNET_A_NODE_RX_NOMEM,
	QNET_A_NODE_TX_FULL,
	QNET_A_NODE_WATCHDOG,
	QNET_A_NODE_UNANSWERED,

	__QNET_A_NODE_MAX,
	QNET_A_NODE_MAX = (__QNET_A_NODE_MAX - 1)
};

enum {
	QNET_A_PEER_NAME = 1,
	QNET_A_PEER_DOMAIN,
	QNET_A_PEER_LLADDR,
	QNET_A_PEER_ANY_LLADDR,
	QNET_A_PEER_IFINDEX,
	QNET_A_PEER_IFNAME,
	QNET_A_PEER_ND,
	QNET_A_PEER_BUDGET,
	QNET_A_PEER_QOS,
	QNET_A_PEER_MAPROOT_UID,
	QNET_A_PEER_MAPROOT_GID,
	QNET_A_PEER_MAPANY_UID,
	QNET_A_PEER_MAPANY_GID,
	QNET_A_PEER_MIN_UID,
	QNET_A_PEER_MAX_VCS,
	QNET_A_PEER_VC_RATE,
	QNET_A_PEER_AUTO,

	__QNET_A_PEER_MAX,
	QNET_A_PEER_MAX = (__QNET_A_PEER_MAX - 1)
};

enum {
	QNET_A_VC_ID = 1,
	QNET_A_VC_ND,
	QNET_A_VC_NODE,
	QNET_A_VC_LOCAL_PID,
	QNET_A_VC_REMOTE_PID,
	QNET_A_VC_CHID,
	QNET_A_VC_SCOID,
	QNET_A_VC_SIDE,
	QNET_A_VC_STATE,
	QNET_A_VC_UID,
	QNET_A_VC_IDLE_MS,
	QNET_A_VC_TX_MSGS,
	QNET_A_VC_RX_MSGS,
	QNET_A_VC_PAD,
	QNET_A_VC_QUIET,
	QNET_A_VC_SHARES,
	QNET_A_VC_BUFFER,

	__QNET_A_VC_MAX,
	QNET_A_VC_MAX = (__QNET_A_VC_MAX - 1)
};

enum {
	QNET_A_STATS_NAME = 1,
	QNET_A_STATS_VALUE,
	QNET_A_STATS_PAD,

	__QNET_A_STATS_MAX,
	QNET_A_STATS_MAX = (__QNET_A_STATS_MAX - 1)
};

enum {
	QNET_A_LINK_ND = 1,
	QNET_A_LINK_NODE,
	QNET_A_LINK_IFINDEX,
	QNET_A_LINK_LLADDR,
	QNET_A_LINK_ACTIVE,
	QNET_A_LINK_RTT_US,
	QNET_A_LINK_WINDOW,
	QNET_A_LINK_FLIGHT,
	QNET_A_LINK_FAILURES,
	QNET_A_LINK_TX_FRAMES,
	QNET_A_LINK_TX_RETRANS,
	QNET_A_LINK_RX_FRAMES,
	QNET_A_LINK_PAD,
	QNET_A_LINK_ANSWERS,
	QNET_A_LINK_LAST_RTT_US,

	__QNET_A_LINK_MAX,
	QNET_A_LINK_MAX = (__QNET_A_LINK_MAX - 1)
};

enum {
	QNET_A_WATCHDOG_NAME = 1,
	QNET_A_WATCHDOG_DOMAIN,
	QNET_A_WATCHDOG_ND,
	QNET_A_WATCHDOG_POLL_PERIOD,
	QNET_A_WATCHDOG_IDLE_TIME,
	QNET_A_WATCHDOG_MAX_IDLE_TIME,
	QNET_A_WATCHDOG_NUM_POLLS,
	QNET_A_WATCHDOG_NUM_QPKTS,
	QNET_A_WATCHDOG_OWN,
	QNET_A_WATCHDOG_WORST,
	QNET_A_WATCHDOG_INHERIT,

	__QNET_A_WATCHDOG_MAX,
	QNET_A_WATCHDOG_MAX = (__QNET_A_WATCHDOG_MAX - 1)
};

enum {
	QNET_A_CHANNEL_PID = 1,
	QNET_A_CHANNEL_CHID,
	QNET_A_CHANNEL_UID,
	QNET_A_CHANNEL_FLAGS,
	QNET_A_CHANNEL_PULSES,
	QNET_A_CHANNEL_INODE,
	QNET_A_CHANNEL_PAD,

	__QNET_A_CHANNEL_MAX,
	QNET_A_CHANNEL_MAX = (__QNET_A_CHANNEL_MAX - 1)
};

enum {
	QNET_A_NAME_NAME = 1,
	QNET_A_NAME_PID,
	QNET_A_NAME_CHID,
	QNET_A_NAME_UID,

	__QNET_A_NAME_MAX,
	QNET_A_NAME_MAX = (__QNET_A_NAME_MAX - 1)
};

enum {
	QNET_CMD_DOMAIN_GET = 1,
	QNET_CMD_DOMAIN_NTF,
	QNET_CMD_BEARER_GET,
	QNET_CMD_BEARER_NEW,
	QNET_CMD_BEARER_DEL,
	QNET_CMD_BEARER_NTF,
	QNET_CMD_BEARER_DEL_NTF,
	QNET_CMD_NODE_GET,
	QNET_CMD_NODE_SET_SELF,
	QNET_CMD_NODE_RESOLVE,
	QNET_CMD_NODE_NTF,
	QNET_CMD_PEER_GET,
	QNET_CMD_PEER_NEW,
	QNET_CMD_PEER_DEL,
	QNET_CMD_PEER_NTF,
	QNET_CMD_PEER_DEL_NTF,
	QNET_CMD_VC_GET,
	QNET_CMD_STATS_GET,
	QNET_CMD_LINK_GET,
	QNET_CMD_DOMAIN_SET,
	QNET_CMD_PEER_SET,
	QNET_CMD_WATCHDOG_GET,
	QNET_CMD_WATCHDOG_SET,
	QNET_CMD_WATCHDOG_NTF,
	QNET_CMD_VC_DEL,
	QNET_CMD_LINK_NTF,
	QNET_CMD_VC_NTF,
	QNET_CMD_NODE_PING,
	QNET_CMD_CHANNEL_GET,
	QNET_CMD_NAME_GET,
	QNET_CMD_NAME_NTF,
	QNET_CMD_NAME_DEL_NTF,

	__QNET_CMD_MAX,
	QNET_CMD_MAX = (__QNET_CMD_MAX - 1)
};

#define QNET_MCGRP_CONFIG	"config"
#define QNET_MCGRP_NODE		"node"
#define QNET_MCGRP_LINK		"link"
#define QNET_MCGRP_VC		"vc"
#define QNET_MCGRP_NAME		"name"

#endif /* _UAPI_LINUX_QNET_NETLINK_H */
