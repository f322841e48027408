/*
 * process_filter: whether a request is of a process that was asked for. Who submitted it is
 * known where it is allocated: of the others nothing is kept there (parts/submitter.h), so
 * that whose submitter is not found at the issue is not wanted.
 *
 * PROCESSES: where some are asked for by number. NAMESPACE_DEVICE, NAMESPACE_INODE: the pid
 * namespace of these numbers, where it is not the first one. CHILDREN: with what they fork.
 * COMM_WANTED: where some are asked for by name, a condition on its words.
 */
#define PIDS_EACH 4096
#define PID_PAGES 1024	/* as many as there can be processes (PID_MAX_LIMIT) */

struct pids_t {
	unsigned char wanted[PIDS_EACH];	/* 0: not */
};

#ifndef __cplusplus
#ifdef PROCESSES
/* By the numbers that were asked for; behind them, by the numbers of the first namespace, what
 * such processes fork. */
enum pids_of_t { ASKED_FOR, CHILDREN_OF_THEM };
#ifdef CHILDREN
BPF_ARRAY(processes, struct pids_t, 2 * PID_PAGES);
#else
BPF_ARRAY(processes, struct pids_t, PID_PAGES);
#endif

static inline u8 *place_of(u32 pid, u32 of) {
	u32 page = of * PID_PAGES + pid / PIDS_EACH;
	struct pids_t *pids = processes.lookup(&page);

	return pids ? &pids->wanted[pid % PIDS_EACH] : 0;
}
#endif

/* Whether who runs now is one, whose number in the first namespace this is. */
static inline int is_process(u32 pid) {
#ifdef PROCESSES
	u8 *place;
#ifdef NAMESPACE_INODE
	u32 ids[2] = {};	/* struct bpf_pidns_info: of the thread, of the process */

	if (bpf_get_ns_current_pid_tgid(NAMESPACE_DEVICE, NAMESPACE_INODE, (void *)ids,
					sizeof(ids)))
		ids[1] = 0;	/* it has none there */
	place = place_of(ids[1], ASKED_FOR);
#else
	place = place_of(pid, ASKED_FOR);
#endif
	if (place && *place)
		return 1;
#endif
#ifdef CHILDREN
	place = place_of(pid, CHILDREN_OF_THEM);
	return place && *place;
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
#ifdef COMM_WANTED
	u64 name[2];

	current_comm(name);
	if (!(COMM_WANTED))
		return 0;
#endif
	return 1;
}
#endif
