/* gendisk: the disk of a request. HAVE_RQ_DISK: before 5.17. */
#ifndef __cplusplus
static inline struct gendisk *disk_of(struct request *req) {
	struct gendisk *disk = 0;

#ifdef HAVE_RQ_DISK
	READ(disk, req->rq_disk);
#else
	struct request_queue *q = 0;
	READ(q, req->q);
	READ(disk, q->disk);
#endif
	return disk;
}
#endif
