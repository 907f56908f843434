/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the switch's ports to the directors carry. A veth takes what its peer sends by XDP_TX only while it has a program of its own:
 * veth_xdp_flush wakes no receiver without one, whatever GRO says.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp.frags")
int port(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_PASS;
}
