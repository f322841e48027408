/* by_file: a line of a summary stands for a file, or for what else a request is of. As file_part. */
struct by_file_part {
	struct path_key key;
	unsigned long long kind;
};

#ifndef __cplusplus
#define JBD2 0x2f3264626aULL	/* "jbd2/", the thread that writes a journal */

static inline void by_file_key(struct request *req, struct entry_t *entry, struct by_file_part *key) {
	u64 comm = *(u64 *)entry->submitter.comm;

	key->key = entry->file.key;
	key->kind = entry->file.kind;
	if (key->kind == FILE_METADATA && entry->submitter.is_known && entry->start.cmd_flags & 1 &&
	    (comm & 0xffffffffffULL) == JBD2)
		key->kind = FILE_JOURNAL;
}
#endif
