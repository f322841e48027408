/*
 * process_filter: whether a request is of a process that was asked for. Who submitted it is
 * known where it is allocated: of the others nothing is kept there (parts/submitter.h), so
 * that whose submitter is not found at the issue is not wanted.
 *
 * PROCESSES, COMMS: where some are asked for by number, or by name. NAMESPACE_DEVICE,
 * NAMESPACE_INODE: the pid namespace of these numbers, where it is not the first one.
 * CHILDREN: with what they fork.
 */
#ifndef __cplusplus
struct process_comm_t {
	char name[16];
};
/* By the numbers that were asked for; and those of the first namespace of what they fork. */
BPF_HASH(processes, u32, u8, 1024);
BPF_HASH(children, u32, u8, 65536);
BPF_HASH(comms, struct process_comm_t, u8, 1024);

static inline int is_process(u32 pid) {
#ifdef NAMESPACE_INODE
	u32 ids[2] = {};	/* struct bpf_pidns_info: of the thread, of the process */

	if (bpf_get_ns_current_pid_tgid(NAMESPACE_DEVICE, NAMESPACE_INODE, (void *)ids,
					sizeof(ids)) == 0 && processes.lookup(&ids[1]))
		return 1;
#else
	if (processes.lookup(&pid))
		return 1;
#endif
#ifdef CHILDREN
	return children.lookup(&pid) != 0;
#else
	return 0;
#endif
}

/* Whether who runs now is one. */
static inline int is_wanted_process(void) {
#ifdef PROCESSES
	if (!is_process(bpf_get_current_pid_tgid() >> 32))
		return 0;
#endif
#ifdef COMMS
	struct process_comm_t name = {};

	bpf_get_current_comm(&name, sizeof(name));
	if (!comms.lookup(&name))
		return 0;
#endif
	return 1;
}
#endif
