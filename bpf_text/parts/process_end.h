/*
 * process_end: forgets a wanted process that is gone, as its number may be another's then.
 * TASK_PID, TASK_TGID: where in struct task_struct the numbers of a thread and of its process
 * are.
 */
#ifndef __cplusplus
/* sched_process_free(task): of a process the first thread is the last one. */
int trace_process_free(struct bpf_raw_tracepoint_args *ctx) {
	char *task = (char *)ctx->args[0];
	u32 pid = 0, tgid = 0;

	bpf_probe_read(&pid, sizeof(pid), task + TASK_PID);
	bpf_probe_read(&tgid, sizeof(tgid), task + TASK_TGID);
	if (pid != tgid)
		return 0;
#ifndef NAMESPACE_INODE
	processes.delete(&tgid);
#endif
	children.delete(&tgid);
	return 0;
}
#endif
