// SPDX-License-Identifier: Apache-2.0
// XDP programs on interfaces, held there by links.
#include <errno.h>

#include <linux/if_link.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "shim.h"

int xlvs_link_create(int program, int interface, __u32 mode)
{
	LIBBPF_OPTS(bpf_link_create_opts, options);
	int link;

	options.flags = mode == XLVS_NATIVE ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE;
	link = bpf_link_create(program, interface, BPF_XDP, &options);
	return link < 0 ? -errno : link;
}

int xlvs_link_update(int link, int program)
{
	return bpf_link_update(link, program, NULL) ? -errno : 0;
}

int xlvs_link_detach(int link)
{
	return bpf_link_detach(link) ? -errno : 0;
}

int xlvs_link_read(int link, struct xlvs_link *found)
{
	struct bpf_link_info info = {};
	__u32 length = sizeof(info);

	if (bpf_obj_get_info_by_fd(link, &info, &length))
		return -errno;
	if (info.type != BPF_LINK_TYPE_XDP)
		return -EINVAL;
	found->interface = info.xdp.ifindex;
	found->program = info.prog_id;
	return 0;
}

int xlvs_interface_program(int interface, struct xlvs_carried *found)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);
	int error = bpf_xdp_query(interface, 0, &query);

	if (error)
		return error;
	found->program = query.prog_id;
	found->mode = query.attach_mode == XDP_ATTACHED_SKB ? XLVS_GENERIC : XLVS_NATIVE;
	return 0;
}
