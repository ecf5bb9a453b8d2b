// SPDX-License-Identifier: GPL-2.0-only
/*
 * Floor 3: the ways to a node, one per bearer that both ends have.
 *
 * A circuit keeps to one way, so that what goes over it need not be sorted:
 * floor 2 gives every packet a lane, and the route says which way each lane
 * takes.  A way is left when what was sent over it is not acknowledged in time
 * or when it does not answer probes, if there is another; it is taken again
 * when it answers.  The probe is the heartbeat, TCS_UP, which the other node
 * answers where it came in.
 *
 * Nothing here outlives the node; all of it is under qnet_node.lock.
 */
#include <linux/etherdevice.h>
#include <linux/ktime.h>

#include "qnet_priv.h"

#include <trace/events/qnet.h>

#define PATH_TRIES	3	/* probes that a way may leave unanswered */
#define PATH_DEAD	15	/* the same, before what takes no other ends: 3 s */
#define PATH_PROBE	msecs_to_jiffies(200)

/* Describe way @i for floor 2.  Return: can it be gone at all? */
static bool path_describe(struct qnet_node *node, u8 i)
{
	struct qnet_l4_path *way = &node->route.way[i];
	const struct qnet_node_path *p = &node->path[i];
	u32 mss = p->b ? READ_ONCE(p->b->mss) : 0;

	memset(way, 0, sizeof(*way));
	if (!mss)
		return false;
	way->dev = p->b->dev;
	way->mss = mss;
	way->crc = p->b->crc ? QNET_F_CRC : 0;
	ether_addr_copy(way->mac, p->mac);
	way->src_nd = node->nd;
	way->dst_nd = node->their_nd;
	return true;
}

/* Circuits that take no other way do not leave it for one frame that was lost,
 * nor since a queue has built up before it: it must have been silent to many
 * probes.  Not for long, though: packets have one order for all circuits of a
 * node, so that the others wait for what is to go this way.
 */
static bool path_dead(const struct qnet_node_path *p)
{
	return !p->up && p->asked >= PATH_DEAD;
}

/* Lanes that ask for way @i. */
static void path_own_lanes(struct qnet_node *node, u8 i, bool taken, bool there)
{
	struct qnet_node_path *p = &node->path[i];
	bool works = there && !path_dead(p);
	u8 *lane = node->route.lane;

	lane[QNET_L4_PREFER + i] = taken ? i : lane[i];
	lane[QNET_L4_ONLY + i] = works ? i : QNET_L4_NOWHERE;
	if (works) {
		p->only = p->b->id;
	} else if (p->only) {
		node->lost |= QNET_BEARER_BIT(p->only);
		node->ev |= QNET_NODE_EV_WAY;
		p->only = 0;
	}
}

/**
 * qnet_path_route() - something about the ways has changed
 * @node: node
 *
 * If none seems to work, all that have a device are tried.
 */
void qnet_path_route(struct qnet_node *node)
{
	struct qnet_l4_route *r = &node->route;
	u8 taken[QNET_L4_WAYS], i, n = 0;
	u32 mss = 0, all = 0, works = 0;

	lockdep_assert_held(&node->lock);
	for (i = 0; i < QNET_L4_WAYS; i++) {
		if (!path_describe(node, i))
			continue;
		all |= BIT(i);
		if (node->path[i].up)
			works |= BIT(i);
	}
	for (i = 0; i < QNET_L4_WAYS; i++) {
		if (!((works ?: all) & BIT(i)))
			continue;
		taken[n++] = i;
		mss = mss ? min(mss, r->way[i].mss) : r->way[i].mss;
	}
	for (i = 0; i < QNET_L4_SHARED; i++)
		r->lane[i] = n ? taken[i % n] : QNET_L4_NOWHERE;
	for (i = 0; i < QNET_L4_WAYS; i++)
		path_own_lanes(node, i, (works ?: all) & BIT(i), all & BIT(i));
	WRITE_ONCE(node->mss, mss);
	if (node->ev & QNET_NODE_EV_WAY)
		qnet_l4_tx_reroute(&node->tx, r);
}

/**
 * qnet_path_of() - the way over a bearer
 * @node: node
 * @b:    bearer
 *
 * Return: the way, or NULL.
 */
struct qnet_node_path *qnet_path_of(struct qnet_node *node,
				    const struct qnet_bearer *b)
{
	u8 i;

	for (i = 0; i < QNET_L4_WAYS; i++)
		if (node->path[i].b == b)
			return &node->path[i];
	return NULL;
}

/**
 * qnet_path_from() - is that the node's address on a bearer?
 * @node: node
 * @b:    bearer
 * @src:  address
 *
 * Return: true if so.
 */
bool qnet_path_from(struct qnet_node *node, const struct qnet_bearer *b,
		    const u8 *src)
{
	const struct qnet_node_path *p = qnet_path_of(node, b);

	return p && ether_addr_equal(p->mac, src);
}

static void path_new(struct qnet_node *node, struct qnet_node_path *p,
		     struct qnet_bearer *b)
{
	u8 i = p - node->path;

	memset(p, 0, sizeof(*p));
	p->b = b;
	p->up = true;
	p->heard = jiffies;
	p->due = jiffies;
	node->route.sent[i] = 0;
	node->route.again[i] = 0;
	node->npaths++;
	qnet_gen_changed(&node->qn->gen.config);
}

/**
 * qnet_path_set() - a node was found on a bearer
 * @node: node
 * @b:    bearer
 * @mac:  its address there
 *
 * Nothing happens if there are QNET_L4_WAYS ways already.
 */
void qnet_path_set(struct qnet_node *node, struct qnet_bearer *b, const u8 *mac)
{
	struct qnet_node_path *p = qnet_path_of(node, b);
	bool is_new = !p;

	if (is_new) {
		p = qnet_path_of(node, NULL);
		if (!p)
			return;
		path_new(node, p, b);
	}
	ether_addr_copy(p->mac, mac);
	qnet_path_route(node);
	if (is_new)
		qnet_nl_link_changed(node, p - node->path);
}

/* All but what circuits must still be told of. */
static void path_forget(struct qnet_node *node, struct qnet_node_path *p)
{
	u16 only = p->only;

	if (p->up) {
		p->up = false;
		qnet_nl_link_changed(node, p - node->path);
	}
	if (p->b)
		qnet_gen_changed(&node->qn->gen.config);
	memset(p, 0, sizeof(*p));
	p->only = only;
}

/**
 * qnet_path_del() - a bearer is no longer there
 * @node: node
 * @b:    bearer
 */
void qnet_path_del(struct qnet_node *node, const struct qnet_bearer *b)
{
	struct qnet_node_path *p = qnet_path_of(node, b);

	if (!p)
		return;
	path_forget(node, p);
	node->npaths--;
	qnet_path_route(node);
}

/**
 * qnet_path_clear() - nobody knows any more where a node is
 * @node: node
 */
void qnet_path_clear(struct qnet_node *node)
{
	u8 i;

	for (i = 0; i < QNET_L4_WAYS; i++)
		path_forget(node, &node->path[i]);
	node->npaths = 0;
	qnet_path_route(node);
}

/**
 * qnet_path_any() - where to send what belongs to no circuit
 * @node: node
 *
 * Return: a way, or NULL.
 */
const struct qnet_l4_path *qnet_path_any(const struct qnet_node *node)
{
	u8 way = node->route.lane[0];

	return way == QNET_L4_NOWHERE ? NULL : &node->route.way[way];
}

/**
 * qnet_path_to() - answer over the bearer on which it was asked
 * @node: node
 * @b:    bearer
 *
 * Return: a way, or NULL.
 */
const struct qnet_l4_path *qnet_path_to(struct qnet_node *node,
					const struct qnet_bearer *b)
{
	struct qnet_node_path *p = qnet_path_of(node, b);
	const struct qnet_l4_path *way;

	if (!p)
		return NULL;
	way = &node->route.way[p - node->path];
	return way->dev ? way : NULL;
}

static int path_by_id(const struct qnet_node *node, u16 id)
{
	u8 i;

	for (i = 0; i < QNET_L4_WAYS; i++)
		if (node->path[i].b && node->path[i].b->id == id)
			return i;
	return -1;
}

/* So that of circuits made in a row each second, or fourth, or eighth, has its
 * share of all lanes as well: a program may make connections in pairs, of which
 * one is hardly used, or is to another node.
 */
static u32 path_spread(u32 flow)
{
	return (flow + (flow >> 3)) % QNET_L4_SHARED;
}

/**
 * qnet_path_lane() - the lane of a circuit
 * @node: node
 * @flow: a number that is the same for all packets of one circuit
 * @qos:  what the circuit asks for: a policy and a bearer
 *
 * Return: the lane, or QNET_L4_NOWHERE if it asks for a way that is not there.
 */
u8 qnet_path_lane(struct qnet_node *node, u32 flow, u16 qos)
{
	u8 shared = path_spread(flow);
	int i;

	if (likely((qos & QNET_QOS_POLICY) == QNET_QOS_SHARED))
		return shared;
	i = path_by_id(node, qos >> QNET_QOS_BEARER_SHIFT);
	if ((qos & QNET_QOS_POLICY) == QNET_QOS_PREFER)
		return i < 0 ? shared : QNET_L4_PREFER + i;
	if (i < 0 || node->route.lane[QNET_L4_ONLY + i] == QNET_L4_NOWHERE)
		return QNET_L4_NOWHERE;
	return QNET_L4_ONLY + i;
}

/**
 * qnet_path_qos_back() - what a circuit asks whose other end asks for a way
 * @node: node
 * @dev:  on which it was asked for; looked at as a number only
 * @qos:  QNET_QOS_T_* of the packet
 *
 * The same way while it works.  Not more, for whoever asked for that one alone
 * ends the circuit himself when it is lost, and is to hear of it till then.
 *
 * Return: a policy and a bearer.
 */
u16 qnet_path_qos_back(const struct qnet_node *node,
		       const struct net_device *dev, u8 qos)
{
	u8 i;

	if (qos != QNET_QOS_T_EXCLUSIVE && qos != QNET_QOS_T_PREFERRED)
		return QNET_QOS_SHARED;
	for (i = 0; i < QNET_L4_WAYS; i++)
		if (node->path[i].b && node->path[i].b->dev == dev)
			return QNET_QOS_PREFER |
			       node->path[i].b->id << QNET_QOS_BEARER_SHIFT;
	return QNET_QOS_SHARED;
}

static bool path_other(const struct qnet_node *node, u8 way)
{
	u8 i;

	for (i = 0; i < QNET_L4_WAYS; i++)
		if (i != way && node->path[i].up && node->route.way[i].dev)
			return true;
	return false;
}

/* A way is used, or is not any more. */
static void path_turn(struct qnet_node *node, struct qnet_node_path *p, bool up)
{
	p->up = up;
	trace_qnet_link(node->qn->net->ns.inum, node->nd,
			p->b->dev->ifindex, up);
	qnet_path_route(node);
	qnet_nl_link_changed(node, p - node->path);
	qnet_nl_node_changed(node);
}

/* Leave a way, if there is another. */
static void path_leave(struct qnet_node *node, u8 way)
{
	struct qnet_node_path *p = &node->path[way];

	if (!p->up || !path_other(node, way))
		return;
	p->failed++;
	path_turn(node, p, false);
}

/**
 * qnet_path_opened() - the node is up
 * @node: node
 *
 * Its ways may be known for so long that the time they were due is to come again.
 */
void qnet_path_opened(struct qnet_node *node)
{
	struct qnet_node_path *p;

	for (p = node->path; p < node->path + ARRAY_SIZE(node->path); p++)
		if (p->b && !p->asked)
			p->due = jiffies;
}

/**
 * qnet_path_failed() - what was sent over a way was not acknowledged in time
 * @node: node
 * @way:  the way, or QNET_L4_NOWHERE
 *
 * It is probed at once: mostly it was just one frame that was lost.
 */
void qnet_path_failed(struct qnet_node *node, u8 way)
{
	if (way == QNET_L4_NOWHERE || !node->path[way].b)
		return;
	path_leave(node, way);
	if (!node->path[way].up && !node->path[way].asked) {
		node->path[way].asked = 1;
		node->path[way].due = jiffies;
	}
}

/**
 * qnet_path_answered() - a probe was answered
 * @node: node
 * @b:    bearer on which the answer came in
 */
void qnet_path_answered(struct qnet_node *node, const struct qnet_bearer *b)
{
	struct qnet_node_path *p = qnet_path_of(node, b);
	u64 us;

	if (!p)
		return;
	/* Of several probes nobody knows which one it answers. */
	if (p->asked == 1 && p->asked_at) {
		us = div_u64(ktime_get_ns() - p->asked_at, NSEC_PER_USEC);
		us = clamp_t(u64, us, 1, USEC_PER_SEC);
		p->rtt = p->rtt ? p->rtt - (p->rtt >> 3) + us : us << 3;
		p->last = us;
		p->answers++;
	}
	p->asked = 0;
	p->heard = jiffies;
	if (!p->up)
		path_turn(node, p, true);
}

/**
 * qnet_path_ask() - a probe goes out
 * @node: node
 * @p:    way; if it has left too many unanswered it is left for another
 */
void qnet_path_ask(struct qnet_node *node, struct qnet_node_path *p)
{
	const u32 bit = BIT(p - node->path);

	/* What went over it has arrived: its answers are but slow. */
	if (p->asked && node->tx.worked & bit)
		p->asked = 1;
	node->tx.worked &= ~bit;
	if (p->asked >= PATH_TRIES)
		path_leave(node, p - node->path);
	if (p->only && path_dead(p))
		qnet_path_route(node);
	trace_qnet_probe(node->qn->net->ns.inum, node->nd,
			 p->b->dev->ifindex, p->asked);
	p->asked_at = p->asked ? 0 : ktime_get_ns();
	if (p->asked < U32_MAX)
		p->asked++;
	p->due = jiffies + PATH_PROBE;
}

/**
 * qnet_path_due() - is a way to be probed now?
 * @node:     node that is up
 * @p:        way
 * @interval: how often in good times, in jiffies; 0 = now, whatever was asked
 * @due:      when to look again; set to an earlier time if need be
 *
 * Of an only way, any word of the node is as good as an answer.  A new one is
 * asked at once: that also tells the other end of it, which else would have no
 * other way if this one were used first and failed.
 *
 * Return: true if so.
 */
bool qnet_path_due(const struct qnet_node *node, const struct qnet_node_path *p,
		   unsigned long interval, unsigned long *due)
{
	unsigned long at = p->due;
	bool now;

	if (!p->b || !node->route.way[p - node->path].dev)
		return false;
	if (!interval)
		at = jiffies;
	else if (!p->asked && p->rtt)
		at = (node->npaths > 1 ? p->heard : node->wd.heard) + interval;
	now = !time_before(jiffies, at);
	if (now)
		at = jiffies + PATH_PROBE;
	if (time_before(at, *due))
		*due = at;
	return now;
}

/* ------------------------------------------------------- policies as text */

static const char * const qos_names[] = {
	[QNET_QOS_SHARED]	= "loadbalance",
	[QNET_QOS_PREFER]	= "preferred",
	[QNET_QOS_ONLY]		= "exclusive",
};

static u16 qos_bearer_by_name(const struct qnet_net *qn, const char *name)
{
	struct qnet_bearer *b;
	u16 id = 0;

	rcu_read_lock();
	list_for_each_entry_rcu(b, &qn->bearers, list)
		if (!strcmp(b->dev->name, name))
			id = b->id;
	rcu_read_unlock();
	return id;
}

static bool qos_has_bearer(u16 qos)
{
	u16 policy = qos & QNET_QOS_POLICY;

	return policy == QNET_QOS_PREFER || policy == QNET_QOS_ONLY;
}

/* The name of a bearer's device, @dev if it is none.  Return: was it one? */
static bool qos_dev_name(const struct qnet_net *qn, u16 qos, char *dev)
{
	struct qnet_bearer *b;
	bool found = false;

	rcu_read_lock();
	list_for_each_entry_rcu(b, &qn->bearers, list) {
		if (b->id != qos >> QNET_QOS_BEARER_SHIFT)
			continue;
		strscpy(dev, b->dev->name, IFNAMSIZ);
		found = true;
	}
	rcu_read_unlock();
	return found;
}

/* @dev: NULL if @qos has none */
static void qos_text(u16 qos, const char *dev, char *buf, size_t size)
{
	if (dev)
		snprintf(buf, size, "%s:%s", qos_names[qos & QNET_QOS_POLICY],
			 dev);
	else
		strscpy_pad(buf, qos_names[QNET_QOS_SHARED], size);
}

/**
 * qnet_qos_parse() - what a circuit asks of the ways, from its text
 * @qn:  namespace
 * @s:   "loadbalance", "preferred:DEV" or "exclusive:DEV"
 * @qos: out, never 0
 *
 * Return: 0, -EINVAL if that is no policy, -ENODEV if that is no bearer.
 */
int qnet_qos_parse(struct qnet_net *qn, const char *s, u16 *qos)
{
	const char *dev = strchrnul(s, ':');
	bool shared;
	u16 policy, id;

	for (policy = 0; policy < ARRAY_SIZE(qos_names); policy++)
		if (strlen(qos_names[policy]) == dev - s &&
		    !memcmp(qos_names[policy], s, dev - s))
			break;
	shared = policy == QNET_QOS_SHARED;
	if (policy == ARRAY_SIZE(qos_names) || shared == !!*dev)
		return -EINVAL;
	*qos = QNET_QOS_SAID_SHARED;
	if (shared)
		return 0;
	id = qos_bearer_by_name(qn, dev + 1);
	if (!id)
		return -ENODEV;
	*qos = policy | id << QNET_QOS_BEARER_SHIFT;
	return 0;
}

/**
 * qnet_qos_print() - the text of what a circuit asks of the ways
 * @qn:   namespace
 * @qos:  from qnet_qos_parse(); anything else is loadbalance
 * @buf:  out
 * @size: of @buf
 */
void qnet_qos_print(struct qnet_net *qn, u16 qos, char *buf, size_t size)
{
	char dev[IFNAMSIZ];
	bool has = qos_has_bearer(qos) && qos_dev_name(qn, qos, dev);

	qos_text(qos, has ? dev : NULL, buf, size);
}

/* ------------------------------------------------ what a peer's default is */

/**
 * qnet_path_qos() - what a new circuit is to ask of the ways
 * @node: node
 * @qos:  the high half of its node descriptor
 *
 * Needs no lock.
 *
 * Return: that, or the peer's default if it says nothing.
 */
u16 qnet_path_qos(const struct qnet_node *node, u16 qos)
{
	switch (qos & QNET_QOS_POLICY) {
	case QNET_QOS_SHARED:
		return READ_ONCE(node->qos);
	case QNET_QOS_SAID_SHARED:
		return QNET_QOS_SHARED;
	default:
		return qos;
	}
}

/**
 * qnet_path_qos_set() - circuits that say nothing are to ask for this
 * @node: node
 * @qos:  from qnet_qos_parse(); its bearer is still there
 *
 * Those that there are keep what they have.
 */
void qnet_path_qos_set(struct qnet_node *node, u16 qos)
{
	lockdep_assert_held(&node->lock);
	if (!qos_has_bearer(qos))
		qos = QNET_QOS_SHARED;
	else
		qos_dev_name(node->qn, qos, node->qos_dev);
	WRITE_ONCE(node->qos, qos);
}

/**
 * qnet_path_qos_bearer() - a bearer has come or is going
 * @node:  node
 * @b:     bearer
 * @there: it has come
 *
 * The default keeps the name of its device, since the number of a bearer may
 * be another one's next.  Until there is one of that name again, new circuits
 * that take no other way fail, and those that prefer it share what there is.
 */
void qnet_path_qos_bearer(struct qnet_node *node, const struct qnet_bearer *b,
			  bool there)
{
	u16 policy = node->qos & QNET_QOS_POLICY;
	u16 id = node->qos >> QNET_QOS_BEARER_SHIFT;

	lockdep_assert_held(&node->lock);
	if (policy == QNET_QOS_SHARED)
		return;
	if (!there && id == b->id) {
		strscpy(node->qos_dev, b->dev->name, sizeof(node->qos_dev));
		WRITE_ONCE(node->qos, policy);
	} else if (there && !id && !strcmp(node->qos_dev, b->dev->name)) {
		WRITE_ONCE(node->qos, policy | b->id << QNET_QOS_BEARER_SHIFT);
	}
}

/**
 * qnet_path_qos_print() - the text of a peer's default
 * @node: node
 * @buf:  out
 * @size: of @buf
 */
void qnet_path_qos_print(const struct qnet_node *node, char *buf, size_t size)
{
	char dev[IFNAMSIZ];

	lockdep_assert_held(&node->lock);
	if (!qos_dev_name(node->qn, node->qos, dev))
		strscpy(dev, node->qos_dev, sizeof(dev));
	qos_text(node->qos, node->qos ? dev : NULL, buf, size);
}
