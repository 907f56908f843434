/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VLAN tags for a kernel without 8021q, at both ends of a director's cable: on the switch's port, which is a trunk to the director,
 * and on the director's interface, where they stand in for the VLAN device that its kernel would have. What XDP sends passes by
 * the director's end and must carry its tags already. A frame without the right tags is not of these VLANs and ends here.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <stdbool.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

enum {
	CUSTOMER_VLAN = 100,
	PROVIDER_VLAN = 200, /* the outer of two tags */
	VLAN_ID_MASK = 0xfff,
};

static __always_inline bool push(struct __sk_buff *skb, __u16 protocol, __u16 vlan)
{
	return bpf_skb_vlan_push(skb, bpf_htons(protocol), vlan) == 0;
}

static __always_inline bool pop(struct __sk_buff *skb, __u16 protocol, __u16 vlan)
{
	if (!skb->vlan_present || skb->vlan_proto != bpf_htons(protocol) || (skb->vlan_tci & VLAN_ID_MASK) != vlan)
		return false;
	return bpf_skb_vlan_pop(skb) == 0;
}

SEC("tag1")
int tag_once(struct __sk_buff *skb)
{
	return push(skb, ETH_P_8021Q, CUSTOMER_VLAN) ? TC_ACT_OK : TC_ACT_SHOT;
}

SEC("untag1")
int untag_once(struct __sk_buff *skb)
{
	return pop(skb, ETH_P_8021Q, CUSTOMER_VLAN) ? TC_ACT_OK : TC_ACT_SHOT;
}

SEC("tag2")
int tag_twice(struct __sk_buff *skb)
{
	if (!push(skb, ETH_P_8021Q, CUSTOMER_VLAN))
		return TC_ACT_SHOT;
	return push(skb, ETH_P_8021AD, PROVIDER_VLAN) ? TC_ACT_OK : TC_ACT_SHOT;
}

SEC("untag2")
int untag_twice(struct __sk_buff *skb)
{
	if (!pop(skb, ETH_P_8021AD, PROVIDER_VLAN))
		return TC_ACT_SHOT;
	return pop(skb, ETH_P_8021Q, CUSTOMER_VLAN) ? TC_ACT_OK : TC_ACT_SHOT;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
