// SPDX-License-Identifier: GPL-2.0
/*
 * splat: a module that does wrong, to prove that the lab sees it.
 */

#include <linux/bug.h>
#include <linux/module.h>
#include <linux/slab.h>

static bool leak;
module_param(leak, bool, 0444);
MODULE_PARM_DESC(leak, "lose memory instead of warning");

static void *volatile lost;

static int __init splat_init(void)
{
	if (!leak) {
		WARN_ON(1);
		return 0;
	}
	lost = kmalloc(100, GFP_KERNEL);
	lost = NULL;
	return 0;
}

static void __exit splat_exit(void)
{
}

module_init(splat_init);
module_exit(splat_exit);
MODULE_DESCRIPTION("Does wrong, for the tests of the lab");
MODULE_LICENSE("GPL");
