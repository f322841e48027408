/* gendisk: the disk of a request. HAVE_RQ_DISK: before 5.17. */
#ifndef __cplusplus
#ifdef HAVE_RQ_DISK
/* What all requests of a disk lead to, and no other's do. */
static inline void *disk_owner(struct request *req) {
	struct gendisk *disk = 0;

	READ(disk, req->rq_disk);
	return disk;
}

static inline struct gendisk *disk_of(struct request *req) {
	return disk_owner(req);
}
#else
static inline void *disk_owner(struct request *req) {
	struct request_queue *q = 0;

	READ(q, req->q);
	return q;
}

static inline struct gendisk *disk_of(struct request *req) {
	struct request_queue *q = disk_owner(req);
	struct gendisk *disk = 0;

	READ(disk, q->disk);
	return disk;
}
#endif

#ifndef BIOS
#define DISK_OF(issued) disk_of((issued)->req)
#endif

#define DISK_NAME_WORDS 4	/* DISK_NAME_LEN bytes */

static inline void read_disk_name(u64 *words, struct gendisk *disk) {
#ifdef TYPED
	for (int i = 0; i < DISK_NAME_WORDS; i++)
		READ(words[i], ((u64 *)disk->disk_name)[i]);
#else
	bpf_probe_read(words, DISK_NAME_WORDS * sizeof(u64), disk->disk_name);
#endif
}
#endif
