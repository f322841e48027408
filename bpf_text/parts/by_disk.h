/* by_disk: a line of a summary stands for a disk. */
struct by_disk_part {
	char name[32];	/* DISK_NAME_LEN */
};

#ifndef __cplusplus
static inline void by_disk_key(struct request *req, struct entry_t *entry, struct by_disk_part *key) {
	read_disk_name((u64 *)key->name, disk_of(req));
}
#endif
