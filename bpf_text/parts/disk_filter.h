/*
 * disk_filter: whether a request is for the disk that was asked for. DISK_WANTED is
 * a condition on the words of its name.
 */
#ifndef __cplusplus
static inline int wanted_disk(struct request *req) {
	struct gendisk *disk = disk_of(req);
	u64 name[4] = {};	/* DISK_NAME_LEN bytes */

	READ(name, disk->disk_name);
	return DISK_WANTED;
}
#endif
