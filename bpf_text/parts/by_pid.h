/* by_pid: a line of a summary stands for the process that submitted. */
struct by_pid_part {
	unsigned int is_known;
	unsigned int pid;
};

#ifndef __cplusplus
static inline void by_pid_key(struct request *req, struct entry_t *entry, struct by_pid_part *key) {
	if (!entry->submitter.is_known)
		return;
	key->is_known = 1;
	key->pid = entry->submitter.pid;
}
#endif
