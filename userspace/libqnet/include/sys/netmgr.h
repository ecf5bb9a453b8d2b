/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names and numbers of nodes.
 *
 * A node descriptor (nd) is a small number for a node, 0 for this one.  It
 * means something on the node that made it only, and only for a while: look
 * it up again rather than keep it.
 */
#ifndef _SYS_NETMGR_H
#define _SYS_NETMGR_H

#include <sys/qnet_types.h>

#define ND_LOCAL_NODE	0

/**
 * ND_NODE_CMP() - do two node descriptors mean the same node?
 * @a: node descriptor
 * @b: node descriptor
 *
 * Descriptors of one node may differ in quality of service, hence no ==.
 * Return: below, equal to or above 0, like strcmp().  Manual page: ND_NODE_CMP.
 */
#define ND_NODE_CMP(a, b) \
	((int)((unsigned int)(a) & QNET_ND_MASK) - \
	 (int)((unsigned int)(b) & QNET_ND_MASK))

/* netmgr_ndtostr(): never put a part in, or always. */
#define ND2S_DIR_HIDE		0x0001
#define ND2S_DIR_SHOW		0x0002
#define ND2S_NAME_HIDE		0x0004
#define ND2S_NAME_SHOW		0x0008
#define ND2S_DOMAIN_HIDE	0x0010
#define ND2S_DOMAIN_SHOW	0x0020
#define ND2S_QOS_HIDE		0x0040
#define ND2S_QOS_SHOW		0x0080
#define ND2S_SEP_FORCE		0x0100	/* separators even before nothing */
#define ND2S_LOCAL_STR		0x0200	/* the shortest form good on this node */

__QNET_BEGIN_DECLS

/**
 * netmgr_strtond() - the descriptor of a named node
 * @nodename: "node", "node.domain" or "/net/node...", and perhaps which links
 *            are to be taken there: "~loadbalance" all that work,
 *            "~preferred:DEV" that one while it works, "~exclusive:DEV" no
 *            other, DEV being a bearer of this node; if it does not say,
 *            what the administrator said of the node.  Letters, digits, '-'
 *            and '_' make a name, '.' starts the domain.
 * @endstr:   out: what stands behind the name; may be NULL
 *
 * Return: the descriptor, 0 for this node; or -1 and errno:
 *   ENOTSUP       Qnet is not running: no kernel module
 *   EHOSTUNREACH  no such node
 *   ENOTUNIQ      several nodes have that name, in different domains
 *   EINVAL        no name, or none of these policies
 *   ENODEV        no such bearer
 *   ENAMETOOLONG  longer than QNET_NODE_NAME_MAX - 1 bytes
 *   EINTR, EMFILE, ENFILE, ENOMEM
 * That the node is up is not implied.  Does not block: the nodes are those that
 * the administrator has added.  Thread-safe.  Manual page: netmgr_strtond.
 */
int netmgr_strtond(const char *nodename, char **endstr);

/**
 * netmgr_ndtostr() - the name of a node
 * @flags:  ND2S_* bits, 0: name and domain, and the quality of service where
 *          it is not ~loadbalance
 * @nd:     node descriptor, 0: this node
 * @buf:    out: the NUL-terminated name
 * @maxbuf: bytes of @buf; a longer name is cut off
 *
 * With ND2S_DIR_SHOW the result is the node's root directory, "/net/NAME/";
 * of this node while Qnet is not running, "/".
 *
 * Return: bytes of the whole name without its NUL; or -1 and errno:
 *   ENOTSUP  Qnet is not running
 *   EINVAL   a part is to be both shown and hidden, or no buffer
 *   ENOENT   no such node
 *   EINTR, EMFILE, ENFILE, ENOMEM
 * Does not block.  Thread-safe.  Manual page: netmgr_ndtostr.
 */
int netmgr_ndtostr(unsigned int flags, int nd, char *buf, size_t maxbuf);

/**
 * netmgr_remote_nd() - how another node calls a node
 * @remote_nd: the node that is asked, 0: this one
 * @local_nd:  the node asked about, as this node numbers it
 *
 * Only this makes a node descriptor fit to be put into a message.
 *
 * Return: the descriptor good on @remote_nd; or -1 and errno:
 *   ENOTSUP      Qnet is not running
 *   ENOENT       either node is not known, here or there
 *   EHOSTUNREACH, EHOSTDOWN  @remote_nd does not answer
 *   EINTR, EMFILE, ENFILE, ENOMEM
 * Blocks while the other node is asked.  Thread-safe.
 * Manual page: netmgr_remote_nd.
 */
int netmgr_remote_nd(int remote_nd, int local_nd);

/**
 * netmgr_path() - the path of something on another node
 * @netname: the node, as in netmgr_strtond()
 * @suffix:  a path on that node, may be NULL or start with '/'
 * @path:    out: "/net/node.domain/suffix", NUL-terminated
 * @maxbuf:  bytes of @path
 *
 * Return: bytes of the whole path without its NUL; or -1 and errno as
 * netmgr_strtond() and netmgr_ndtostr().  Thread-safe.
 */
int netmgr_path(const char *netname, const char *suffix, char *path,
		size_t maxbuf);

__QNET_END_DECLS

#endif /* _SYS_NETMGR_H */
