/*
 * process_end: forgets a wanted process that is gone, as its number may be another's then.
 * TASK_PID, TASK_TGID: where in struct task_struct the numbers of a thread and of its process
 * are.
 */
#ifndef __cplusplus
/* sched_process_free(task): of a process the first thread is the last one. */
int trace_process_free(struct bpf_raw_tracepoint_args *ctx) {
	char *task = AS(task_struct, ctx->args[0]);
	u32 pid = 0, tgid = 0;
	u8 *place;

	READ(pid, *(u32 *)(task + TASK_PID));
	READ(tgid, *(u32 *)(task + TASK_TGID));
	if (pid != tgid)
		return 0;
#ifndef NAMESPACE_INODE
	place = place_of(tgid, ASKED_FOR);
	if (place)
		*place = 0;
#endif
#ifdef CHILDREN
	place = place_of(tgid, CHILDREN_OF_THEM);
	if (place)
		*place = 0;
#endif
	return 0;
}
#endif
