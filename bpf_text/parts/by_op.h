/* by_op: a line of a summary stands for an operation, whatever its flags. */
struct by_op_part {
	unsigned long long operation;
};

#ifndef __cplusplus
static inline void by_op_key(struct request *req, struct entry_t *entry, struct by_op_part *key) {
	key->operation = entry->start.cmd_flags & 0xff;
}
#endif
