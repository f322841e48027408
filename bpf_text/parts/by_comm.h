/* by_comm: a line of a summary stands for the name of who submitted. */
struct by_comm_part {
	unsigned long long is_known;
	char comm[16];
};

#ifndef __cplusplus
static inline void by_comm_key(struct request *req, struct entry_t *entry, struct by_comm_part *key) {
	u64 *to = (u64 *)key->comm, *from = (u64 *)entry->submitter.comm;

	if (!entry->submitter.is_known)
		return;
	key->is_known = 1;
	to[0] = from[0];
	to[1] = from[1];
}
#endif
