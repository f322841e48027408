/* disk: the name of a request's disk. */
struct disk_part {
	char name[32];	/* DISK_NAME_LEN; after its end may be anything */
};

#ifndef __cplusplus
static inline void disk_at_completion(struct request *req, int error, struct disk_part *part) {
	read_disk_name((u64 *)part->name, disk_of(req));
}
#endif
