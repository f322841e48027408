/*
 * children: what wanted processes fork from now on is wanted too. TASK_TGID: where in struct
 * task_struct its process's number is.
 */
#ifndef __cplusplus
/* sched_process_fork(parent, child), which runs in the parent */
int trace_fork(struct bpf_raw_tracepoint_args *ctx) {
	u32 parent = bpf_get_current_pid_tgid() >> 32, child = 0;
	u8 *place;
	char *task = AS(task_struct, ctx->args[1]);

	READ(child, *(u32 *)(task + TASK_TGID));
	if (child == parent || !is_process(parent))
		return 0;
	place = place_of(child, CHILDREN_OF_THEM);
	if (place)
		*place = 1;
	return 0;
}
#endif
