// SPDX-License-Identifier: LGPL-2.1-or-later
/* Names and numbers of nodes. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/netmgr.h>

#include "internal.h"

#define NET_DIR		"/net/"
#define QOS_DEFAULT	"loadbalance"

/* Without the module there is no Qnet: that is ENOTSUP to QNX programs. */
static int node_err(int err)
{
	return err == -ENOSYS ? -ENOTSUP : err;
}

static size_t name_span(const char *s)
{
	size_t n = 0;

	while (isalnum((unsigned char)s[n]) || s[n] == '-' || s[n] == '_' ||
	       s[n] == '.')
		n++;
	return n;
}

/* The node @nd with the policy at *s, if there is one; *s is moved behind it. */
static int qos_parse(int nd, const char **s)
{
	struct qnet_qos_req req = { .nd = (__u32)nd };
	size_t n;
	int ret;

	if (nd < 0 || **s != '~')
		return nd;
	(*s)++;
	n = strcspn(*s, "/");
	if (!n || n >= sizeof(req.name))
		return -EINVAL;
	memcpy(req.name, *s, n);
	*s += n;
	ret = qnet_node_ioctl(QNET_IOC_NODE_QOS, &req);
	return ret ? node_err(ret) : (int)req.nd;
}

static int node_lookup(const char *name, size_t len)
{
	struct qnet_node_req req = { 0 };
	int ret;

	if (!len || name[0] == '.')
		return -EINVAL;
	if (len >= sizeof(req.name))
		return -ENAMETOOLONG;
	memcpy(req.name, name, len);
	ret = qnet_node_ioctl(QNET_IOC_NODE_LOOKUP, &req);
	if (ret == -ENOENT)
		ret = -EHOSTUNREACH;
	return ret ? node_err(ret) : (int)req.nd;
}

/* As netmgr_strtond(), with the negative errno. */
int qnet_strtond(const char *name, const char **end)
{
	size_t len;

	if (!strncmp(name, NET_DIR, strlen(NET_DIR)))
		name += strlen(NET_DIR);
	len = name_span(name);
	*end = name + len;
	return qos_parse(node_lookup(name, len), end);
}

int netmgr_strtond(const char *nodename, char **endstr)
{
	const char *end;
	int nd;

	if (!nodename)
		return (int)qnet_ret(-EINVAL);
	nd = qnet_strtond(nodename, &end);
	if (nd >= 0 && endstr)
		*endstr = (char *)end;
	return (int)qnet_ret(nd);
}

/* --- number to name ---------------------------------------------------- */

static bool part_shown(unsigned int flags, unsigned int hide, bool usual)
{
	if (flags & hide)
		return false;
	return usual || flags & (hide << 1);
}

static bool flags_clash(unsigned int flags)
{
	unsigned int hides = ND2S_DIR_HIDE | ND2S_NAME_HIDE |
			     ND2S_DOMAIN_HIDE | ND2S_QOS_HIDE;

	return (flags & hides) & (flags >> 1);
}

/* Append to a buffer of any size; counts on behind its end. */
static size_t put(char *buf, size_t max, size_t at, const char *sep,
		  const char *s)
{
	size_t room = at < max ? max - at : 0;

	return at + (size_t)snprintf(room ? buf + at : NULL, room, "%s%s",
				     sep, s);
}

/* The domain of this node need not be told on this node. */
static bool domain_usual(unsigned int flags, const char *domain)
{
	struct qnet_node_req own = { 0 };

	if (!domain[0])
		return false;
	if (!(flags & ND2S_LOCAL_STR))
		return true;
	return qnet_node_ioctl(QNET_IOC_NODE_NAME, &own) ||
	       strcmp(own.domain, domain);
}

static int node_print(unsigned int flags, const struct qnet_node_req *req,
		      const char *policy, char *buf, size_t max)
{
	bool force = flags & ND2S_SEP_FORCE;
	bool dir = part_shown(flags, ND2S_DIR_HIDE, false);
	bool name = part_shown(flags, ND2S_NAME_HIDE, true);
	bool domain = part_shown(flags, ND2S_DOMAIN_HIDE,
				 domain_usual(flags, req->domain));
	bool qos = part_shown(flags, ND2S_QOS_HIDE,
			      strcmp(policy, QOS_DEFAULT));
	size_t n = 0;

	buf[0] = '\0';
	if (dir)
		n = put(buf, max, n, "", name || domain || force ? "/net/" :
								    "/net");
	if (name)
		n = put(buf, max, n, "", req->name);
	if (domain && req->domain[0])
		n = put(buf, max, n, name || force ? "." : "", req->domain);
	if (qos)
		n = put(buf, max, n, name || domain || force ? "~" : "",
			policy);
	if (dir && (name || domain))
		n = put(buf, max, n, "", "/");
	return (int)n;
}

static int ndtostr(unsigned int flags, int nd, char *buf, size_t max)
{
	struct qnet_node_req req = { .nd = (__u32)nd };
	struct qnet_qos_req qos = { .nd = (__u32)nd };
	int ret;

	if (!buf || !max || flags_clash(flags))
		return -EINVAL;
	ret = node_err(qnet_node_ioctl(QNET_IOC_NODE_NAME, &req));
	if (!ret)
		ret = node_err(qnet_node_ioctl(QNET_IOC_NODE_QOS, &qos));
	if (ret == -ENOTSUP && !nd && flags & ND2S_DIR_SHOW)
		return snprintf(buf, max, "/");
	if (ret)
		return ret;
	req.name[sizeof(req.name) - 1] = '\0';
	req.domain[sizeof(req.domain) - 1] = '\0';
	qos.name[sizeof(qos.name) - 1] = '\0';
	return node_print(flags, &req, qos.name, buf, max);
}

int netmgr_ndtostr(unsigned int flags, int nd, char *buf, size_t maxbuf)
{
	return (int)qnet_ret(ndtostr(flags, nd, buf, maxbuf));
}

int netmgr_remote_nd(int remote_nd, int local_nd)
{
	struct qnet_node_req req = {
		.nd = (__u32)local_nd,
		.of = (__u32)remote_nd,
	};
	int ret;

	if (!ND_NODE_CMP(remote_nd, ND_LOCAL_NODE))
		return local_nd;
	ret = node_err(qnet_node_ioctl(QNET_IOC_NODE_REMOTE, &req));
	return (int)qnet_ret(ret ? ret : (int)req.nd);
}

int netmgr_path(const char *netname, const char *suffix, char *path,
		size_t maxbuf)
{
	int nd = netmgr_strtond(netname, NULL);
	int n;

	if (nd < 0)
		return -1;
	n = ndtostr(ND2S_DIR_SHOW, nd, path, maxbuf);
	if (n < 0 || !suffix)
		return (int)qnet_ret(n);
	while (*suffix == '/')
		suffix++;
	return (int)put(path, maxbuf, (size_t)n, "", suffix);
}
