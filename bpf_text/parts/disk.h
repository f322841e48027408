/* disk: the name of a request's disk. */
struct disk_part {
	char name[32];	/* DISK_NAME_LEN; after its end may be anything */
};

#ifndef __cplusplus
static inline void disk_at_completion(struct request *req, int error, struct disk_part *part) {
	struct gendisk *disk = disk_of(req);

	READ(part->name, disk->disk_name);
}
#endif
