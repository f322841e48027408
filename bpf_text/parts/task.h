/*
 * task: who runs now. TASK_COMM: where in struct task_struct its name is, 16 bytes (TASK_COMM_LEN),
 * after whose end the kernel has zeros since 5.17 (__set_task_comm() in fs/exec.c).
 */
#ifndef __cplusplus
static inline void current_comm(u64 *words) {
#ifdef TYPED
	char *task = AS(task_struct, bpf_get_current_task());

	READ(words[0], *(u64 *)(task + TASK_COMM));
	READ(words[1], *(u64 *)(task + TASK_COMM + 8));
#else
	bpf_get_current_comm(words, 16);
#endif
}
#endif
