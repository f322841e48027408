/* disk: the name of a request's disk. */
struct disk_part {
	char name[32];	/* DISK_NAME_LEN; after its end may be anything */
};

#ifndef __cplusplus
#ifdef BIOS
/* A bio may be handed on to other devices until it is done. */
static inline void disk_at_issue(void *ctx, struct issued_t *issued, struct disk_part *part) {
	read_disk_name((u64 *)part->name, DISK_OF(issued));
}
#else
static inline void disk_at_completion(struct request *req, int error, struct disk_part *part) {
	read_disk_name((u64 *)part->name, disk_of(req));
}
#endif
#endif
